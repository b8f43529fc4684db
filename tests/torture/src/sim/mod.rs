//! Deterministic simulation: the product's pure decisions in thousands of histories a second, each from its seed.

mod brought;
mod counter;
mod forms;
mod healing;
mod kiosk;
mod network;
mod oracle;
mod province;
mod rules;
mod scans;
mod service;
mod status;
mod taken_back;
mod trouble;
mod verdict;
mod withdrawals;
mod world;

pub use rules::{Mutant, Rules};
pub use world::{Config, Faults, Outcome, Poison};

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use world::World;

/// One history.
pub fn history(seed: u64, config: Config, mutant: Option<Mutant>) -> Outcome {
    World::new(seed, config, Rules(mutant)).run()
}

/// What many histories came to.
#[derive(Debug, Default, Clone)]
pub struct Campaign {
    pub seeds: u64,
    pub events: u64,
    pub receipts: u64,
    /// The first seed that broke a promise, and which.
    pub first: Option<(u64, &'static str)>,
    /// How both sides stood then.
    pub detail: String,
    /// The longest way from the healing to the last acknowledgement, simulated.
    pub slowest_ms: i64,
}

/// Seeds `from..from + count` on every core; stops at the first violation.
pub fn campaign(from: u64, count: u64, config: Config, mutant: Option<Mutant>) -> Campaign {
    let next = AtomicU64::new(from);
    let all = Mutex::new(Campaign::default());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let mut mine = Campaign::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + count {
                        break;
                    }
                    let out = history(seed, config, mutant);
                    mine.seeds += 1;
                    mine.events += out.events;
                    mine.receipts += out.receipts as u64;
                    mine.slowest_ms = mine.slowest_ms.max(out.converged_ms);
                    if let Some(violation) = out.violation {
                        mine.first = Some((seed, violation.what));
                        mine.detail = violation.detail;
                        next.fetch_max(from + count, Ordering::Relaxed);
                        break;
                    }
                }
                merge(&mut all.lock().unwrap_or_else(PoisonError::into_inner), &mine);
            });
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn merge(all: &mut Campaign, one: &Campaign) {
    all.seeds += one.seeds;
    all.events += one.events;
    all.receipts += one.receipts;
    all.slowest_ms = all.slowest_ms.max(one.slowest_ms);
    let earlier = |found: &(u64, &'static str)| all.first.is_none_or(|first| found.0 < first.0);
    if let Some(found) = one.first.filter(earlier) {
        all.first = Some(found);
        all.detail.clone_from(&one.detail);
    }
}

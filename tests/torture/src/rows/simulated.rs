//! The rows in simulated time.

use crate::row::{Plan, Row};
use crate::sim::{Campaign, Config, Faults, Mutant, campaign, history};
use anyhow::Result;

/// A mutant of safety is caught within this many seeds.
const MUTANT_SEEDS: u64 = 2000;

fn taken(row: &mut Row, campaign: &Campaign) {
    row.done = campaign.seeds;
    row.note = format!(
        "{} events, {} receipts in citizens' hands",
        campaign.events, campaign.receipts
    );
    if let Some((seed, what)) = campaign.first {
        row.breaks(format!("seed {seed}: {what}; {}", campaign.detail));
    }
}

fn mutant(row: &mut Row, plan: &Plan, config: Config, mutant: Mutant) {
    let found = campaign(plan.seed, MUTANT_SEEDS, config, Some(mutant));
    let how = match found.first {
        Some((seed, what)) => format!("{what}, after {} seeds", seed - plan.seed + 1),
        None => format!("not in {MUTANT_SEEDS} seeds"),
    };
    row.control(format!("{mutant:?}"), found.first.is_some(), how);
}

/// Kiosks, province, network, clocks, disks, backups, clones.
pub fn everything(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(100_000, 1_000_000);
    let mut row = Row::new("simulation", "histories", plan, wanted);
    taken(&mut row, &campaign(plan.seed, wanted, Config::ALL, None));
    for one in Mutant::SAFETY {
        mutant(&mut row, plan, Config::ALL, one);
    }
    Ok(row)
}

/// A bad network only: everything arrives, and soon after the network is good again.
pub fn network(plan: &Plan) -> Result<Row> {
    /// The longest wait (fifteen minutes) that began just before the healing, a call under way that fails first, and
    /// the work itself.
    const CONVERGES_WITHIN_MS: i64 = 18 * 60 * 1000;
    let wanted = plan.size(2000, 10_000);
    let mut row = Row::new("network", "schedules of 20 dossiers", plan, wanted);
    let config = Config {
        kiosks: 1,
        dossiers: 20,
        faults: Faults {
            network: true,
            ..Faults::default()
        },
        ..Config::ALL
    };
    let all = campaign(plan.seed, wanted, config, None);
    taken(&mut row, &all);
    if all.slowest_ms > CONVERGES_WITHIN_MS {
        row.breaks(format!(
            "one converged only {} s after the healing",
            all.slowest_ms / 1000
        ));
    }
    row.note += &format!(
        "; the slowest converged {} s after the healing",
        all.slowest_ms.max(0) / 1000
    );
    mutant(&mut row, plan, config, Mutant::NoDeduplication);
    Ok(row)
}

/// Clocks that stand in 2006 or in 2036 and jump in the middle of everything.
pub fn clock(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(2000, 5000);
    let mut row = Row::new("clock", "clock histories", plan, wanted);
    let config = Config {
        faults: Faults {
            clock: true,
            crash: true,
            ..Faults::default()
        },
        ..Config::ALL
    };
    taken(&mut row, &campaign(plan.seed, wanted, config, None));
    mutant(&mut row, plan, config, Mutant::ClockWindow);
    mutant(&mut row, plan, config, Mutant::NumberByClock);
    Ok(row)
}

/// One dossier among a thousand that the province refuses in words that nobody knows.
pub fn poison(plan: &Plan) -> Result<Row> {
    let config = Config {
        kiosks: 1,
        dossiers: 1000,
        sealed_within_ms: 1000,
        file_bytes: 50_000,
        faults: Faults::default(),
        poison: None,
        ..Config::ALL
    };
    let poisoned = Config {
        poison: Some(100),
        ..config
    };
    let wanted = plan.size(2, 20);
    let mut row = Row::new("poison", "queues of 1,000", plan, wanted);
    let mut worst: f64 = 0.0;
    for seed in plan.seed..plan.seed + wanted {
        let (clean, bad) = (history(seed, config, None), history(seed, poisoned, None));
        for out in [&clean, &bad] {
            if let Some(violation) = &out.violation {
                row.breaks(format!("seed {seed}: {}", violation.what));
            }
        }
        if bad.acknowledged != 999 {
            row.breaks(format!("seed {seed}: {} of 999 delivered", bad.acknowledged));
        }
        #[expect(clippy::cast_precision_loss, reason = "a ratio of milliseconds")]
        let ratio = bad.last_acknowledged_ms as f64 / clean.last_acknowledged_ms as f64;
        worst = worst.max(ratio);
        row.done += 1;
    }
    if worst > 1.05 {
        row.breaks(format!(
            "the others were held up: {worst:.3} times the time without it"
        ));
    }
    row.note = format!("the other 999 took at most {worst:.3} times as long as without it");
    let fifo = history(plan.seed, poisoned, Some(Mutant::FirstInFirstOut));
    let caught = fifo.acknowledged < 999;
    row.control(
        "FirstInFirstOut",
        caught,
        format!("{} of 999 delivered", fifo.acknowledged),
    );
    Ok(row)
}

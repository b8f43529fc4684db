//! What to do next, from facts alone: pure, no clock, no database, no randomness of its own.
//!
//! **Invariant:** nothing waits longer than [`backoff::WAIT_MAX`], whatever the local clock does, except where the
//! service itself asked for more, or answered what nobody here knows.

use crate::backoff::{self, WAIT_MAX};
use crate::failure::Failure;
use domain::delivery::{Delivery, Watermark};
use domain::ids::DossierId;
use std::time::Duration;
use store::tables::item::ItemRow;
use wire::limits::BATCH_ITEMS_MAX;

/// While dossiers wait for the province's word, it is asked this often.
const WORD_EVERY: Duration = Duration::from_secs(60);
/// While an acknowledged dossier is not durable yet; twice as long after each answer that says nothing new.
const DURABLE_EVERY: Duration = Duration::from_secs(5);
/// Between two passes of one queue, even where more is due: a bug must not become a storm.
const BREATH: Duration = Duration::from_millis(50);
/// A word is looked for eagerly for this long after the acknowledgement.
const EAGER_MS: i64 = 30 * 60 * 1000;

/// After an answer that nobody knows the machine asks again by itself within this, and not before half of it.
pub const UNKNOWN_WAIT_MAX: Duration = Duration::from_secs(60 * 60);

/// How the last pass ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkState {
    /// What ended it early, if anything.
    pub failure: Option<Failure>,
    /// Failures in a row.
    pub failures: u32,
}

/// The queue as the plan sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// When the next waiting item has its turn, by the local clock; `None` where nothing waits.
    pub next_turn_ms: Option<i64>,
    /// Something is acknowledged and not durable yet: after so long the province is asked about it again.
    pub settles: Option<Duration>,
    /// Something was acknowledged lately and has no official code yet.
    pub fresh: bool,
    /// The province asked for rest from files: what waits has no turn before that. A new form wakes the engine anyway.
    pub scans_rest: Option<Duration>,
}

/// How long until the next pass.
#[must_use]
pub fn wait(link: LinkState, queue: Queue, now_ms: i64, random: u64) -> Duration {
    match link.failure {
        Some(Failure::Server {
            retry_after: Some(asked),
        }) => asked.saturating_add(backoff::spread(asked / 4, random)),
        Some(Failure::Unknown(_)) => {
            let half = UNKNOWN_WAIT_MAX / 2;
            half.saturating_add(backoff::spread(half, random))
        }
        // Only the province can change its mind: asked seldom, never given up.
        Some(Failure::DeviceRefused | Failure::EnrolCode) => WAIT_MAX,
        Some(_) => backoff::wait(link.failures.saturating_sub(1), random),
        None => calm(queue, now_ms),
    }
}

/// After this failure nothing but its time and a person make the next pass: not a new form, not a network that came back.
#[must_use]
pub fn rests(failure: Option<Failure>) -> bool {
    matches!(
        failure,
        Some(Failure::Server { retry_after: Some(_) } | Failure::Unknown(_))
    )
}

fn calm(queue: Queue, now_ms: i64) -> Duration {
    let turn = queue.next_turn_ms.map_or(WAIT_MAX, |at| until(at, now_ms));
    let turn = turn.max(queue.scans_rest.unwrap_or_default().min(WAIT_MAX));
    let settle = queue.settles.unwrap_or(WAIT_MAX);
    let word = if queue.fresh { WORD_EVERY } else { WAIT_MAX };
    turn.min(settle).min(word).max(BREATH)
}

/// What is acknowledged and not durable yet, as it stood when the province was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsettled {
    pub dossiers: usize,
    /// The last of their acknowledgements.
    pub newest: Watermark,
    /// What the province's backup covers, as it said last.
    pub durable: Option<Watermark>,
}

/// Questions after what is durable that brought nothing new: a province whose backups fail is not asked every five seconds
/// by every kiosk for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settling {
    seen: Option<Unsettled>,
    in_vain: u32,
}

impl Settling {
    /// The province answered. Something new that is received, and a watermark that moved, begin from the start.
    pub fn asked(&mut self, now: Option<Unsettled>) {
        self.in_vain = if self.seen == now {
            self.in_vain.saturating_add(1)
        } else {
            0
        };
        self.seen = now;
    }

    /// When to ask again, where there is anything to ask about.
    #[must_use]
    pub fn wait(self) -> Option<Duration> {
        let factor = 1_u32.checked_shl(self.in_vain).unwrap_or(u32::MAX);
        self.seen
            .map(|_| DURABLE_EVERY.saturating_mul(factor).min(WAIT_MAX))
    }
}

fn until(at_ms: i64, now_ms: i64) -> Duration {
    if clock_went_back(at_ms, now_ms) {
        return Duration::ZERO;
    }
    Duration::from_millis(u64::try_from(at_ms.saturating_sub(now_ms)).unwrap_or(0))
}

/// No turn is ever put off further than this.
#[must_use]
pub fn turn_max(now_ms: i64) -> i64 {
    now_ms.saturating_add(i64::try_from(WAIT_MAX.as_millis()).unwrap_or(i64::MAX))
}

/// A turn further off than any was written by a clock that has since gone back.
#[must_use]
pub fn clock_went_back(turn_ms: i64, now_ms: i64) -> bool {
    turn_ms > turn_max(now_ms)
}

/// Was this dossier acknowledged lately, with no official code yet?
#[must_use]
pub fn is_fresh(row: &ItemRow, now_ms: i64) -> bool {
    let eager = row
        .acknowledged_ms
        .is_some_and(|at| (0..EAGER_MS).contains(&now_ms.saturating_sub(at)));
    eager && row.official_code.is_none() && row.delivery.is_acknowledged()
}

/// Of one request with forms, bytes: on the weakest link that is still one it comes through in good time.
pub const REQUEST_BYTES: usize = 64 * 1024;

/// How many of these, from the first on, go in one request; a long one goes by itself.
#[must_use]
pub fn in_one_request(lengths: impl IntoIterator<Item = usize>) -> usize {
    let mut bytes = 0_usize;
    let fit = lengths
        .into_iter()
        .take(BATCH_ITEMS_MAX)
        .take_while(|len| {
            bytes = bytes.saturating_add(*len);
            bytes <= REQUEST_BYTES
        })
        .count();
    fit.max(1)
}

/// May it share a request? What crashed or failed before goes by itself, so that it is known which one it was.
#[must_use]
pub fn is_steady(crashes: u32, failures: u32) -> bool {
    crashes == 0 && failures == 0
}

/// May this be sent at all?
#[must_use]
pub fn is_sendable(delivery: &Delivery) -> bool {
    delivery.is_waiting()
}

/// So many dossiers may go before a larger one that was there before them; then it goes first. In a commune that is about a
/// day; counted in dossiers, because no clock here can be trusted.
pub const OVERTAKEN_MAX: u32 = 50;

/// Files that are still to be sent for one dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    pub dossier: DossierId,
    pub device_seq: u64,
    pub bytes_left: u64,
    /// Attempts that failed in a row.
    pub failures: u32,
    /// By [`OVERTAKEN_MAX`] later ones.
    pub overtaken: bool,
}

/// Forms have all gone first; of the files, those of the dossier that is soonest whole, and of two alike the older. What was
/// overtaken too often goes before all, the oldest first; what failed before goes behind its like.
pub fn order(loads: &mut [Load]) {
    loads.sort_by_key(|l| {
        let bytes = if l.overtaken { 0 } else { l.bytes_left };
        (!l.overtaken, l.failures, bytes, l.device_seq)
    });
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;

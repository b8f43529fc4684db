//! What to do next, from facts alone: pure, no clock, no database, no randomness of its own.
//!
//! **Invariant:** nothing waits longer than [`backoff::WAIT_MAX`], whatever the local clock does, except where the
//! service itself asked for more, or answered what nobody here knows.

use crate::backoff::{self, WAIT_MAX};
use crate::failure::Failure;
use domain::delivery::Delivery;
use domain::ids::DossierId;
use std::time::Duration;
use store::tables::item::ItemRow;
use wire::limits::BATCH_ITEMS_MAX;

/// While dossiers wait for the province's word, it is asked this often.
const WORD_EVERY: Duration = Duration::from_secs(60);
/// While an acknowledged dossier is not durable yet.
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
    /// Something is acknowledged and not durable yet.
    pub unsettled: bool,
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
    let settle = if queue.unsettled { DURABLE_EVERY } else { WAIT_MAX };
    let word = if queue.fresh { WORD_EVERY } else { WAIT_MAX };
    turn.min(settle).min(word).max(BREATH)
}

fn until(at_ms: i64, now_ms: i64) -> Duration {
    if clock_went_back(at_ms, now_ms) {
        return Duration::ZERO;
    }
    Duration::from_millis(u64::try_from(at_ms.saturating_sub(now_ms)).unwrap_or(0))
}

/// No turn is ever put off this far: a time beyond it was written by a clock that has since gone back.
#[must_use]
pub fn clock_went_back(turn_ms: i64, now_ms: i64) -> bool {
    let most = i64::try_from(WAIT_MAX.as_millis()).unwrap_or(i64::MAX);
    turn_ms > now_ms.saturating_add(most)
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

/// Files that are still to be sent for one dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    pub dossier: DossierId,
    pub device_seq: u64,
    pub bytes_left: u64,
}

/// Forms have all gone first; of the files, the dossier that is soonest whole, and the older of two alike.
pub fn order(loads: &mut [Load]) {
    loads.sort_by_key(|l| (l.bytes_left, l.device_seq));
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::delivery::{HeldReason, UnknownAnswer};
    use proptest::prelude::*;

    const CALM: LinkState = LinkState {
        failure: None,
        failures: 0,
    };

    #[test]
    fn the_next_pass_comes_when_something_is_due() {
        let minute = 60_000;
        let table = [
            ("nothing at all", Queue::default(), WAIT_MAX),
            (
                "due long ago",
                Queue {
                    next_turn_ms: Some(0),
                    ..Queue::default()
                },
                BREATH,
            ),
            (
                "due in a minute",
                Queue {
                    next_turn_ms: Some(100 * minute + minute),
                    ..Queue::default()
                },
                Duration::from_secs(60),
            ),
            (
                "written in 2026, now 2009",
                Queue {
                    next_turn_ms: Some(i64::MAX),
                    ..Queue::default()
                },
                BREATH,
            ),
            (
                "not durable yet",
                Queue {
                    unsettled: true,
                    ..Queue::default()
                },
                DURABLE_EVERY,
            ),
            (
                "no code yet",
                Queue {
                    fresh: true,
                    ..Queue::default()
                },
                WORD_EVERY,
            ),
        ];
        for (name, queue, wanted) in table {
            assert_eq!(wait(CALM, queue, 100 * minute, 0), wanted, "{name}");
        }
    }

    #[test]
    fn a_service_that_asks_for_rest_gets_it() {
        let asked = Duration::from_secs(100);
        let link = LinkState {
            failure: Some(Failure::Server {
                retry_after: Some(asked),
            }),
            failures: 1,
        };
        let due = Queue {
            next_turn_ms: Some(0),
            ..Queue::default()
        };
        for random in [0, 7, u64::MAX] {
            assert!((asked..=asked * 5 / 4).contains(&wait(link, due, 0, random)));
        }
    }

    #[test]
    fn an_answer_that_nobody_knows_is_asked_for_again_seldom_however_often_it_came() {
        let failure = Some(Failure::Unknown(UnknownAnswer { status: 418 }));
        let due = Queue {
            next_turn_ms: Some(0),
            unsettled: true,
            fresh: true,
            ..Queue::default()
        };
        for failures in [0, 1, 40, u32::MAX] {
            for random in [0, 7, 1_800_000, u64::MAX] {
                let waited = wait(LinkState { failure, failures }, due, 0, random);
                assert!(
                    (UNKNOWN_WAIT_MAX / 2..=UNKNOWN_WAIT_MAX).contains(&waited),
                    "{waited:?}"
                );
            }
        }
        assert!(rests(failure), "a new form does not ask either");
        assert!(!rests(Some(Failure::Server { retry_after: None })) && !rests(Some(Failure::Network)));
    }

    #[test]
    fn while_files_rest_only_status_is_asked() {
        let rest = Duration::from_secs(40);
        let queue = Queue {
            next_turn_ms: Some(0),
            scans_rest: Some(rest),
            ..Queue::default()
        };
        assert_eq!(wait(CALM, queue, 0, 0), rest);
        let unsettled = Queue {
            unsettled: true,
            ..queue
        };
        assert_eq!(wait(CALM, unsettled, 0, 0), DURABLE_EVERY);
    }

    #[test]
    fn small_loads_first_then_the_older() {
        let load = |n: u8, device_seq, bytes_left| Load {
            dossier: DossierId(uuid::Uuid::from_bytes([n; 16])),
            device_seq,
            bytes_left,
        };
        let mut loads = [load(1, 1, 900), load(2, 3, 10), load(3, 2, 10)];
        order(&mut loads);
        assert_eq!(loads.map(|l| l.device_seq), [2, 3, 1]);
    }

    #[test]
    fn a_request_holds_what_a_weak_link_carries() {
        for (why, lengths, wanted) in [
            ("small ones together", vec![3000; 10], 10),
            ("not more than the province takes", vec![10; 200], BATCH_ITEMS_MAX),
            ("up to the length", vec![30_000; 10], 2),
            ("a long one alone", vec![66_000, 10], 1),
            ("a long one waits for the next", vec![10, 66_000], 1),
        ] {
            assert_eq!(in_one_request(lengths), wanted, "{why}");
        }
    }

    fn any_failure() -> impl Strategy<Value = Option<Failure>> {
        prop_oneof![
            Just(None),
            Just(Some(Failure::Network)),
            Just(Some(Failure::NotTheService)),
            Just(Some(Failure::Server { retry_after: None })),
            Just(Some(Failure::DeviceRefused)),
            Just(Some(Failure::Disk)),
            Just(Some(Failure::Held(HeldReason::Fork))),
        ]
    }

    proptest! {
        /// Whatever the clock says, no pass is put off for more than fifteen minutes.
        #[test]
        fn nothing_waits_for_ever(
            failure in any_failure(), failures: u32, turn in proptest::option::of(any::<i64>()), unsettled: bool, fresh: bool,
            rest in proptest::option::of(any::<u64>()), now: i64, random: u64,
        ) {
            let queue = Queue { next_turn_ms: turn, unsettled, fresh, scans_rest: rest.map(Duration::from_millis) };
            let waited = wait(LinkState { failure, failures }, queue, now, random);
            prop_assert!(waited <= WAIT_MAX);
        }
    }
}

//! When the next pass comes, what goes in it first, and that nothing waits for ever.

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
                settles: Some(DURABLE_EVERY),
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
        settles: Some(DURABLE_EVERY),
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
        settles: Some(DURABLE_EVERY),
        ..queue
    };
    assert_eq!(wait(CALM, unsettled, 0, 0), DURABLE_EVERY);
}

fn received(dossiers: usize, lsn: u64, durable: Option<u64>) -> Unsettled {
    let at = |lsn| Watermark { epoch: 1, lsn };
    Unsettled {
        dossiers,
        newest: at(lsn),
        durable: durable.map(at),
    }
}

#[test]
fn what_is_not_durable_is_asked_after_more_and_more_seldom_until_something_moves() {
    let mut settling = Settling::default();
    let mut seconds = |now| {
        settling.asked(now);
        settling.wait().map(|wait| wait.as_secs())
    };
    assert_eq!(seconds(None), None, "nothing to ask about");
    let stuck = Some(received(2, 9, Some(3)));
    let waits: Vec<_> = (0..10).map(|_| seconds(stuck)).collect();
    let wanted = [5, 10, 20, 40, 80, 160, 320, 640, 900, 900].map(Some);
    assert_eq!(waits, wanted);
    assert_eq!(
        seconds(Some(received(2, 9, Some(4)))),
        Some(5),
        "the watermark moved"
    );
    assert_eq!(seconds(Some(received(2, 9, Some(4)))), Some(10));
    assert_eq!(
        seconds(Some(received(3, 11, Some(4)))),
        Some(5),
        "one more is received"
    );
    assert_eq!(seconds(None), None, "all are durable");
}

fn load(n: u8, device_seq: u64, bytes_left: u64) -> Load {
    Load {
        dossier: DossierId(uuid::Uuid::from_bytes([n; 16])),
        device_seq,
        bytes_left,
        failures: 0,
        overtaken: false,
    }
}

#[test]
fn small_loads_first_then_the_older() {
    let failed = Load {
        failures: 2,
        ..load(6, 0, 1)
    };
    let overtaken = |n, seq| Load {
        overtaken: true,
        ..load(n, seq, 9_000_000)
    };
    let mut loads = [
        load(1, 6, 900),
        load(2, 8, 10),
        failed,
        overtaken(4, 5),
        load(3, 7, 10),
        overtaken(5, 4),
    ];
    order(&mut loads);
    assert_eq!(loads.map(|l| l.device_seq), [4, 5, 7, 8, 6, 0]);
}

/// The order of before: soonest whole, for ever.
fn soonest_whole(loads: &mut [Load]) {
    loads.sort_by_key(|l| (l.bytes_left, l.device_seq));
}

/// After how many others large ones went, on a line to which a new small one comes before each file is through.
fn overtaken_by(large: usize, small: &[u64], order: fn(&mut [Load])) -> Option<usize> {
    let mut waiting: Vec<Load> = (0..large).map(|n| load(0, n as u64, 20_000_000)).collect();
    let mut gone: Vec<u64> = Vec::new();
    for (n, bytes) in small.iter().enumerate() {
        waiting.push(load(1, (large + n) as u64, *bytes));
        for load in &mut waiting {
            let later = gone.iter().filter(|seq| **seq > load.device_seq).count();
            load.overtaken = later >= OVERTAKEN_MAX as usize;
        }
        order(&mut waiting);
        gone.push(waiting.remove(0).device_seq);
        if (0..large as u64).all(|seq| gone.contains(&seq)) {
            return Some(gone.len() - large);
        }
    }
    None
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
        failure in any_failure(), failures: u32, turn in proptest::option::of(any::<i64>()), vain in proptest::option::of(0_u32..80), fresh: bool,
        rest in proptest::option::of(any::<u64>()), now: i64, random: u64,
    ) {
        let mut settling = Settling::default();
        (0..vain.unwrap_or(0)).for_each(|_| settling.asked(vain.map(|_| received(1, 5, None))));
        let settles = settling.wait();
        let queue = Queue { next_turn_ms: turn, settles, fresh, scans_rest: rest.map(Duration::from_millis) };
        let waited = wait(LinkState { failure, failures }, queue, now, random);
        prop_assert!(waited <= WAIT_MAX);
    }

    /// On a line that never empties a large dossier waits for so many others and no longer; before, it waited for ever.
    #[test]
    fn a_large_dossier_does_not_wait_for_ever(
        large in 1_usize..5, small in proptest::collection::vec(1_u64..1_000_000, 60..200),
    ) {
        let others = overtaken_by(large, &small, order);
        prop_assert!(others.is_some_and(|others| others <= OVERTAKEN_MAX as usize + 1), "{others:?}");
        prop_assert_eq!(overtaken_by(large, &small, soonest_whole), None);
    }
}

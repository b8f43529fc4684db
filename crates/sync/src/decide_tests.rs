//! The decisions, each over its table.

use super::*;
use domain::delivery::UnknownAnswer;
use std::time::Duration;

fn identity(id: u8, hash: u8) -> Identity {
    Identity {
        dossier: DossierId(uuid::Uuid::from_bytes([id; 16])),
        manifest_sha256: Sha256([hash; 32]),
    }
}

#[test]
fn only_our_own_identity_is_believed() {
    let ours = identity(1, 1);
    for (name, answer, wanted) in [
        ("ours", identity(1, 1), Some(Believed::Acknowledged(7))),
        ("another dossier", identity(2, 1), None),
        ("another content", identity(1, 2), None),
    ] {
        assert_eq!(believe(&ours, &answer, Some(7), Some), wanted, "{name}");
    }
    assert_eq!(
        believe(&ours, &ours, Some(7), |_| None::<u8>),
        None,
        "not verified"
    );
    assert_eq!(
        believe(&ours, &ours, None::<u8>, Some),
        Some(Believed::Registered)
    );
}

#[test]
fn an_acknowledgement_of_a_past_epoch_is_not_taken() {
    let at = Watermark { epoch: 1, lsn: 9 };
    let seen = |epoch| Some(SeenEpoch { epoch, since_ms: 0 });
    assert!(is_current(at, None) && is_current(at, seen(1)));
    assert!(!is_current(at, seen(2)), "replayed after a restore");
}

#[test]
fn a_word_that_was_taken_back_is_believed_no_more_and_a_newer_one_is() {
    let [old, newer, restored] = [(1, 5), (1, 9), (2, 5)].map(|(epoch, lsn)| Watermark { epoch, lsn });
    let dossier = identity(1, 1).dossier;
    let mut words = WordsTakenBack::default();
    assert!(words.let_stand(&dossier, old), "nothing was taken back");
    words.take_back(dossier, old);
    for (at, stands) in [(old, false), (newer, true), (restored, true)] {
        assert_eq!(words.let_stand(&dossier, at), stands, "{at:?}");
    }
    assert!(words.let_stand(&identity(2, 1).dossier, old), "another dossier's");
    words.take_back(dossier, newer);
    words.take_back(dossier, old);
    assert!(!words.let_stand(&dossier, newer), "the page of events came again");
    for (delivery, wanted) in [
        (Delivery::Received { at: old }, WantedAgain::Offered),
        (Delivery::Durable { at: old }, WantedAgain::Offered),
        (Delivery::Received { at: newer }, WantedAgain::No),
        (Delivery::Received { at: restored }, WantedAgain::No),
        (Delivery::Purged { at: old }, WantedAgain::Papers),
        (Delivery::Purged { at: newer }, WantedAgain::No),
        (Delivery::Registered, WantedAgain::No),
    ] {
        assert_eq!(wanted_again(&delivery, old, None, None), wanted, "{delivery:?}");
    }
    let seen = |epoch| Some(SeenEpoch { epoch, since_ms: 0 });
    let gone = Delivery::Purged { at: old };
    for (seen, wanted) in [
        (None, WantedAgain::Papers),
        (seen(1), WantedAgain::No),
        (seen(2), WantedAgain::Papers),
        (seen(3), WantedAgain::Papers),
    ] {
        let of_another_epoch = wanted_again(&gone, restored, seen, None);
        assert_eq!(of_another_epoch, wanted, "{seen:?}");
    }
    let void = Some(VoidItem {
        delivery: Delivery::Sealed,
        case: CaseStatus::New,
    });
    assert_eq!(
        wanted_again(&gone, old, None, void),
        WantedAgain::No,
        "taken back"
    );
}

#[test]
fn what_was_given_up_asks_for_its_word_unless_its_owner_took_it_back() {
    let reason = QuarantineReason::FileDamaged;
    let void = Some(VoidItem {
        delivery: Delivery::Sealed,
        case: CaseStatus::New,
    });
    let given_up = Delivery::Quarantined { reason };
    assert!(asks_for_its_word(&given_up, None) && !asks_for_its_word(&given_up, void));
    let at = Watermark { epoch: 1, lsn: 5 };
    let crashed = Delivery::Quarantined {
        reason: QuarantineReason::CrashedTwice,
    };
    for other in [
        crashed,
        Delivery::Sealed,
        Delivery::Received { at },
        Delivery::Purged { at },
    ] {
        assert!(!asks_for_its_word(&other, None), "{other:?}");
    }
}

#[test]
fn what_was_refused_to_be_given_back_is_not_taken_back() {
    let at = Watermark { epoch: 1, lsn: 9 };
    let received = Delivery::Received { at };
    let void = |delivery, case| Some(VoidItem { delivery, case });
    let too_late = Delivery::Held {
        reason: HeldReason::WithdrawalTooLate,
    };
    for (why, void, wanted) in [
        ("nobody asked", None, false),
        ("asked", void(Delivery::Sealed, CaseStatus::New), true),
        ("taken", void(received, CaseStatus::New), true),
        ("too late", void(too_late, CaseStatus::New), false),
        ("refused later", void(received, CaseStatus::NotAccepted), false),
    ] {
        assert_eq!(is_taken_back(void), wanted, "{why}");
    }
}

#[test]
fn an_index_is_made_again_from_what_can_be_shown() {
    let at = Watermark { epoch: 1, lsn: 9 };
    let reason = HeldReason::ConsentWithdrawn;
    for (word, gone, withdrawn, wanted) in [
        (None, false, false, Delivery::Sealed),
        (None, false, true, Delivery::Held { reason }),
        (Some(at), false, false, Delivery::Received { at }),
        (Some(at), false, true, Delivery::Received { at }),
        (Some(at), true, false, Delivery::Purged { at }),
    ] {
        assert_eq!(made_again(word, gone, withdrawn), wanted);
    }
}

#[test]
fn what_is_surely_the_links_leaves_the_item_alone() {
    let rest = Some(Duration::from_secs(9));
    for failure in [
        Failure::NotTheService,
        Failure::Server { retry_after: rest },
        Failure::Unknown(UnknownAnswer { status: 418 }),
        Failure::Stopped,
    ] {
        assert_eq!(ended(Came::Failed(failure)), ended(Came::Untried), "{failure:?}");
    }
    let held = ended(Came::Failed(Failure::Held(HeldReason::Fork)));
    assert!(matches!(held.event, Some(Event::NeedsPerson { .. })) && !held.waits);
}

#[test]
fn what_its_own_call_broke_with_counts_and_only_progress_clears_it() {
    for failure in [
        Failure::Network,
        Failure::Slow,
        Failure::Server { retry_after: None },
    ] {
        let ended = ended(Came::Failed(failure));
        assert!(ended.waits && ended.word == Some(failure.as_str()) && ended.event.is_none());
    }
    for (came, clears) in [
        (Came::Further, true),
        (Came::Stood, false),
        (Came::Untried, false),
    ] {
        let ended = ended(came);
        assert_eq!(
            (ended.clears, ended.word, ended.waits),
            (clears, None, false),
            "{came:?}"
        );
    }
}

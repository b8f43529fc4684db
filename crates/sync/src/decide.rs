//! What an answer, a failure, a page of events, a restore or a crash means for the queue: pure.
//!
//! **Invariant:** every decision that could lose, double or misreport a dossier on the kiosk's side is made here or
//! in `domain::delivery`, from facts alone. `pass`, `delivery` and `apply` only fetch the facts and write the outcome,
//! and the simulation in `tests/torture` runs these very functions.

use crate::failure::Failure;
use domain::delivery::{Delivery, Event, HeldReason, Watermark};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use domain::withdrawal::{VoidItem, Withdrawal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wire::Sha256;

/// A program that died this often while it worked on an item leaves it alone.
pub const CRASHES_MAX: u32 = 2;

/// The province's epoch and since when (its own signed time, ms) it has been seen. Under `Name::ProvinceEpoch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenEpoch {
    pub epoch: u64,
    pub since_ms: i64,
}

/// A dossier's identity, ours or an answer's: the id together with its manifest's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub dossier: DossierId,
    pub manifest_sha256: Sha256,
}

/// What a signed answer about a dossier came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Believed<K> {
    /// The province has the manifest and wants files.
    Registered,
    /// It holds every byte; what `verify` made of the acknowledgement.
    Acknowledged(K),
}

/// Believes an answer only with our id and our hash, and an acknowledgement only where `verify` (signature, hash,
/// every file by name) takes it. `None` where it is not to be believed.
pub fn believe<A, K>(
    ours: &Identity,
    answer: &Identity,
    acknowledgement: Option<A>,
    verify: impl FnOnce(A) -> Option<K>,
) -> Option<Believed<K>> {
    if ours != answer {
        return None;
    }
    match acknowledgement {
        None => Some(Believed::Registered),
        Some(signed) => verify(signed).map(Believed::Acknowledged),
    }
}

/// Is this acknowledgement of the epoch that the province last signed for? A signed answer carries no nonce, so an old
/// one can come again from whatever stands in between; after a restore it would be believed for a dossier that the
/// province has forgotten.
#[must_use]
pub fn is_current(at: Watermark, seen: Option<SeenEpoch>) -> bool {
    seen.is_none_or(|s| s.epoch == at.epoch)
}

/// The province's acknowledgements that it took back itself, by dossier. Under `Name::WordsTakenBack`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordsTakenBack(pub BTreeMap<DossierId, Watermark>);

impl WordsTakenBack {
    /// Does an acknowledgement of this dossier still stand? One that was taken back can come again as any old answer can;
    /// the new one stands later in the province's log.
    #[must_use]
    pub fn let_stand(&self, dossier: &DossierId, at: Watermark) -> bool {
        self.0.get(dossier).is_none_or(|taken| !taken.covers(&at))
    }

    /// The later of two words for one dossier is what is remembered.
    pub fn take_back(&mut self, dossier: DossierId, at: Watermark) {
        let taken = self.0.entry(dossier).or_insert(at);
        if !taken.covers(&at) {
            *taken = at;
        }
    }
}

/// What the province's taking back of its word means for a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedAgain {
    No,
    /// Back into the queue.
    Offered,
    /// Its bytes are gone here, too: a person has to know that the papers are wanted once more.
    Papers,
}

/// The province took back its word at `at`. A newer word of its own says that the dossier has been there again since; what
/// was let go on a word of an epoch that has ended had its last one from somebody else, in the epoch that is now (`seen`). Of
/// what its owner took back nobody wants the papers.
#[must_use]
pub fn wanted_again(
    delivery: &Delivery,
    at: Watermark,
    seen: Option<SeenEpoch>,
    void: Option<VoidItem>,
) -> WantedAgain {
    let is_last = |heard: &Watermark| {
        at.covers(heard) || (heard.epoch != at.epoch && seen.is_some_and(|s| s.epoch == at.epoch))
    };
    match delivery {
        Delivery::Received { at: heard } | Delivery::Durable { at: heard } if at.covers(heard) => {
            WantedAgain::Offered
        }
        Delivery::Purged { at: heard } if is_last(heard) && !is_taken_back(void) => WantedAgain::Papers,
        Delivery::Received { .. }
        | Delivery::Durable { .. }
        | Delivery::Sealed
        | Delivery::Registered
        | Delivery::Purged { .. }
        | Delivery::Held { .. }
        | Delivery::Quarantined { .. } => WantedAgain::No,
    }
}

/// Is a dossier that was given up here to ask the province for its word, now that it is whole there? What its owner took back
/// is not.
#[must_use]
pub fn asks_for_its_word(delivery: &Delivery, void: Option<VoidItem>) -> bool {
    matches!(delivery, Delivery::Quarantined { .. }) && !is_taken_back(void)
}

/// What an attempt brought its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It got further: the province knows it now, holds more of it, or has acknowledged it.
    Further,
    /// The province answered, and has what it had.
    Stood,
    /// Its own call failed.
    Failed(Failure),
    /// The pass was over before its call was made.
    Untried,
}

impl From<Option<Failure>> for Came {
    fn from(failure: Option<Failure>) -> Self {
        failure.map_or(Self::Further, Self::Failed)
    }
}

/// What the end of an attempt does to its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub event: Option<Event>,
    /// The word that the row keeps; with one, the attempt counts as a failure of the item.
    pub word: Option<&'static str>,
    /// The item's next turn comes later; otherwise at once.
    pub waits: bool,
    /// Failures of before count no more.
    pub clears: bool,
}

/// What its own call failed with counts on the item, also where that may be the link's: its next turn comes later, and
/// behind those that did not fail. What is surely the link's leaves it as it was.
#[must_use]
pub fn ended(came: Came) -> Ended {
    let stands = Ended {
        event: None,
        word: None,
        waits: false,
        clears: false,
    };
    match came {
        Came::Further => Ended {
            clears: true,
            ..stands
        },
        Came::Stood | Came::Untried => stands,
        Came::Failed(f @ Failure::Held(reason)) => Ended {
            event: Some(Event::NeedsPerson { reason }),
            word: Some(f.as_str()),
            ..stands
        },
        Came::Failed(f @ Failure::Local(reason)) => Ended {
            event: Some(Event::Unfit { reason }),
            word: Some(f.as_str()),
            ..stands
        },
        Came::Failed(f @ (Failure::Resume | Failure::Damaged)) => Ended {
            word: Some(f.as_str()),
            waits: true,
            ..stands
        },
        Came::Failed(f) if f.may_be_the_items() => Ended {
            word: Some(f.as_str()),
            waits: true,
            ..stands
        },
        Came::Failed(
            Failure::Network
            | Failure::Slow
            | Failure::NotTheService
            | Failure::Certificate
            | Failure::Server { .. }
            | Failure::Unknown(_)
            | Failure::Session
            | Failure::DeviceRefused
            | Failure::EnrolCode
            | Failure::DiskFull
            | Failure::Disk
            | Failure::Stopped,
        ) => stands,
    }
}

/// Has this event not been applied yet?
#[must_use]
pub fn is_news(seq: u64, cursor: u64) -> bool {
    seq > cursor
}

/// The cursor behind a page, stored with the page's events in one transaction.
#[must_use]
pub fn cursor_after(cursor: u64, next_cursor: u64) -> u64 {
    cursor.max(next_cursor)
}

/// Did the province come back from a backup since it was last heard?
#[must_use]
pub fn was_restored(seen: Option<SeenEpoch>, epoch: u64) -> bool {
    seen.is_some_and(|s| s.epoch != epoch)
}

/// After a restore the province is asked about these: their bytes are still here and nothing else would send them.
#[must_use]
pub fn in_inventory(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::Received { .. } | Delivery::Durable { .. })
}

/// An acknowledgement of an epoch that has ended: no watermark will ever cover it. The dossier is offered again; where
/// the province still holds it, that costs one small answer and brings an acknowledgement of this epoch.
#[must_use]
pub fn is_void(delivery: &Delivery, epoch: u64) -> bool {
    match delivery {
        Delivery::Received { at } | Delivery::Durable { at } => at.epoch != epoch,
        Delivery::Sealed
        | Delivery::Registered
        | Delivery::Purged { .. }
        | Delivery::Held { .. }
        | Delivery::Quarantined { .. } => false,
    }
}

/// Did its owner take a dossier back by a withdrawal that still stands? One that the province refused does not: the
/// dossier is the province's to handle, and has to get there again where a restored province forgot it. What was told
/// of the dossier's own case before the restore counts no more.
#[must_use]
pub fn is_taken_back(void: Option<VoidItem>) -> bool {
    void.is_some() && Withdrawal::of(&Delivery::Sealed, CaseStatus::New, void).is_asked()
}

/// Does this end of a withdrawal's attempt tell that the province holds the dossier? Its own acknowledgement may never
/// have come here.
#[must_use]
pub fn is_not_given_back(came: Came) -> bool {
    came == Came::Failed(Failure::Held(HeldReason::WithdrawalTooLate))
}

/// The state of a row that is made again from what lies on the disk: the verified word, whether its files were let go,
/// whether a mark says that it is never to be sent.
#[must_use]
pub fn made_again(word: Option<Watermark>, gone: bool, withdrawn: bool) -> Delivery {
    let mut events = Vec::new();
    if let Some(at) = word {
        events.push(Event::Acknowledged { at });
        if gone {
            events.extend([Event::Watermark { durable: at }, Event::PurgeDue]);
        }
    }
    if withdrawn {
        let reason = HeldReason::ConsentWithdrawn;
        events.push(Event::NeedsPerson { reason });
    }
    events.into_iter().fold(Delivery::Sealed, |state, event| {
        state.step(event).unwrap_or(state)
    })
}

/// The state of what a restored province forgot: back in the queue, unless its owner has taken it back.
#[must_use]
pub fn offered_again(forgotten: Delivery, taken_back: bool) -> Delivery {
    let reason = HeldReason::ConsentWithdrawn;
    match forgotten.step(Event::NeedsPerson { reason }) {
        Ok(held) if taken_back => held,
        Ok(_) | Err(_) => forgotten,
    }
}

/// What a case counts as once a restored province is heard. Its events are read from the start; a withdrawal that it has
/// forgotten is in none of them, and would go on being told. Everything else stands until another is told.
#[must_use]
pub fn case_after_restore(told: CaseStatus) -> CaseStatus {
    match told {
        CaseStatus::Withdrawn => CaseStatus::New,
        other => other,
    }
}

/// The state that a durable watermark brings, where it brings one.
#[must_use]
pub fn covered(delivery: &Delivery, durable: Watermark) -> Option<Delivery> {
    match (delivery, delivery.step(Event::Watermark { durable })) {
        (Delivery::Received { .. }, Ok(next @ Delivery::Durable { .. })) => Some(next),
        _ => None,
    }
}

/// May the bytes of this item go? Counted in the province's own signed time, within one epoch.
#[must_use]
pub fn may_go(
    delivery: &Delivery,
    durable_ms: Option<i64>,
    seen: SeenEpoch,
    province_ms: i64,
    keep_ms: i64,
) -> bool {
    let Delivery::Durable { at } = delivery else {
        return false;
    };
    // After a restore the keeping time starts anew: the backup that forgot once can forget again.
    let since = durable_ms.map(|ms| ms.max(seen.since_ms));
    at.epoch == seen.epoch && since.is_some_and(|since| province_ms.saturating_sub(since) >= keep_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::delivery::{QuarantineReason, UnknownAnswer};
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
            (None, WantedAgain::No),
            (seen(1), WantedAgain::No),
            (seen(2), WantedAgain::Papers),
            (seen(3), WantedAgain::No),
        ] {
            let brought_by_another = wanted_again(&gone, restored, seen, None);
            assert_eq!(brought_by_another, wanted, "{seen:?}");
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
        for other in [
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
}

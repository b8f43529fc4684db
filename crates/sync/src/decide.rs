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

/// What the end of an attempt does to its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub event: Option<Event>,
    /// The word that the row keeps; with one, the attempt counts as a failure of the item.
    pub word: Option<&'static str>,
    /// The item's next turn comes later; otherwise at once.
    pub waits: bool,
}

/// A failure of the link leaves the item as it was; one of the item moves it or puts it off.
#[must_use]
pub fn ended(failure: Option<Failure>) -> Ended {
    let untouched = Ended {
        event: None,
        word: None,
        waits: false,
    };
    match failure {
        Some(f @ Failure::Held(reason)) => Ended {
            event: Some(Event::NeedsPerson { reason }),
            word: Some(f.as_str()),
            waits: false,
        },
        Some(f @ Failure::Local(reason)) => Ended {
            event: Some(Event::Unfit { reason }),
            word: Some(f.as_str()),
            waits: false,
        },
        Some(f @ (Failure::Resume | Failure::Damaged)) => Ended {
            event: None,
            word: Some(f.as_str()),
            waits: true,
        },
        Some(
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
        )
        | None => untouched,
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
pub fn is_not_given_back(failure: Option<Failure>) -> bool {
    failure == Some(Failure::Held(HeldReason::WithdrawalTooLate))
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
    use domain::delivery::UnknownAnswer;

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
    fn a_failure_of_the_link_leaves_the_item_alone() {
        for failure in [
            Failure::Network,
            Failure::Server { retry_after: None },
            Failure::Unknown(UnknownAnswer { status: 418 }),
            Failure::Stopped,
        ] {
            assert_eq!(ended(Some(failure)), ended(None), "{failure:?}");
        }
        let held = ended(Some(Failure::Held(HeldReason::Fork)));
        assert!(matches!(held.event, Some(Event::NeedsPerson { .. })) && !held.waits);
    }
}

//! What an answer, a failure, a page of events, a restore or a crash means for the queue: pure.
//!
//! **Invariant:** every decision that could lose, double or misreport a dossier on the kiosk's side is made here or
//! in `domain::delivery`, from facts alone. `pass`, `delivery` and `apply` only fetch the facts and write the outcome,
//! and the simulation in `tests/torture` runs these very functions.

use crate::failure::Failure;
use domain::delivery::{Delivery, Event, HeldReason, QuarantineReason, Watermark};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use domain::withdrawal::VoidItem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wire::Sha256;

pub use domain::withdrawal::is_taken_back;

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
    /// Its bytes are gone here, too: where the province, asked once more, has it from nobody else, a person has to know that
    /// the papers are wanted.
    Papers,
}

/// The province took back its word at `at`. A newer word of its own says that the dossier has been there again since; of
/// a word of another epoch nobody can tell whether it is newer, unless that epoch is the one that is now (`seen`). Of what
/// its owner took back nobody wants the papers.
#[must_use]
pub fn wanted_again(
    delivery: &Delivery,
    at: Watermark,
    seen: Option<SeenEpoch>,
    void: Option<VoidItem>,
) -> WantedAgain {
    let may_be_last = |heard: &Watermark| {
        at.covers(heard) || (heard.epoch != at.epoch && seen.is_none_or(|s| s.epoch != heard.epoch))
    };
    match delivery {
        Delivery::Received { at: heard } | Delivery::Durable { at: heard } if at.covers(heard) => {
            WantedAgain::Offered
        }
        Delivery::Purged { at: heard } if may_be_last(heard) && !is_taken_back(void) => WantedAgain::Papers,
        Delivery::Received { .. }
        | Delivery::Durable { .. }
        | Delivery::Sealed
        | Delivery::Registered
        | Delivery::Purged { .. }
        | Delivery::Held { .. }
        | Delivery::Quarantined { .. } => WantedAgain::No,
    }
}

/// Is a dossier that was given up here for its files to ask the province for its word, now that it may be whole there? What
/// its owner took back is not; what the program died on waits for a person.
#[must_use]
pub fn asks_for_its_word(delivery: &Delivery, void: Option<VoidItem>) -> bool {
    let reason = QuarantineReason::FileDamaged;
    *delivery == Delivery::Quarantined { reason } && !is_taken_back(void)
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
#[path = "decide_tests.rs"]
mod tests;

//! The checker: what each citizen holds against what both sides have, in the words of Jepsen's `set-full`.
//!
//! **Invariant:** it judges by identity (id and manifest hash), never by content, and knows nothing of how the two
//! sides decide.

use domain::ids::DossierId;
use std::collections::{BTreeMap, BTreeSet};
use sync::decide::Identity;
use wire::Sha256;

/// What went wrong, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub what: &'static str,
    pub dossier: Option<DossierId>,
    /// How both sides stood, for whoever looks for the reason.
    pub detail: String,
}

/// One receipt in a citizen's hand.
#[derive(Debug, Clone, Copy)]
pub struct Receipt {
    pub kiosk: usize,
    /// The kiosk's own disk lost a file to bit rot: it may end quarantined, never deleted.
    pub rotten: bool,
}

/// Everything that was promised.
#[derive(Debug, Default)]
pub struct Oracle {
    pub receipts: BTreeMap<(DossierId, Sha256), Receipt>,
    /// The printed numbers, and on which machine's receipt.
    numbers: BTreeMap<u64, usize>,
    /// What each machine's citizens took back before it went, and by which withdrawal what may have gone.
    pub kept: BTreeSet<(usize, DossierId)>,
    pub asked: BTreeMap<(usize, DossierId), DossierId>,
    /// Dossiers whose row came to stand on two disks.
    copied: BTreeSet<DossierId>,
    /// What both disks of the province lost after every kiosk had let it go: it may be lost, and has to be told.
    pub nowhere: BTreeSet<DossierId>,
    /// Where a kiosk asked whether other hands had brought it, and something that is not the province answered.
    pub in_vain: BTreeSet<(usize, DossierId)>,
    /// What the province withdrew, as its books stand.
    pub withdrawn: BTreeSet<DossierId>,
    /// The first thing that went wrong.
    pub violation: Option<Violation>,
}

impl Oracle {
    /// `copied`: the disk is one of two that were one, so that the other may have given this number, too.
    pub fn printed(&mut self, identity: &Identity, number: u64, kiosk: usize, copied: bool) {
        if self.numbers.insert(number, kiosk).is_some() && !copied {
            self.broken("a number was given out twice", Some(identity.dossier));
        }
        let receipt = Receipt { kiosk, rotten: false };
        self.receipts
            .insert((identity.dossier, identity.manifest_sha256), receipt);
    }

    pub fn copied(&mut self, dossiers: impl Iterator<Item = DossierId>) {
        self.copied.extend(dossiers);
    }

    pub fn is_copied(&self, dossier: &DossierId) -> bool {
        self.copied.contains(dossier)
    }

    pub fn rotted(&mut self, identity: &Identity) {
        if let Some(receipt) = self
            .receipts
            .get_mut(&(identity.dossier, identity.manifest_sha256))
        {
            receipt.rotten = true;
        }
    }

    pub fn is_rotten(&self, identity: &Identity) -> bool {
        self.receipts
            .get(&(identity.dossier, identity.manifest_sha256))
            .is_some_and(|r| r.rotten)
    }

    pub fn explain(&mut self, detail: String) {
        if let Some(violation) = &mut self.violation {
            violation.detail = detail;
        }
    }

    pub fn broken(&mut self, what: &'static str, dossier: Option<DossierId>) {
        if self.violation.is_none() {
            self.violation = Some(Violation {
                what,
                dossier,
                detail: String::new(),
            });
        }
    }
}

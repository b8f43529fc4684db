//! The judgement: when bytes go, and over each receipt at the end of everything.

use super::kiosk::Item;
use super::province::About;
use super::taken_back::Judged;
use super::world::World;
use domain::delivery::{Delivery, HeldReason, QuarantineReason};
use domain::province::CaseStatus;
use sync::decide::Identity;

impl World {
    /// Bytes may go only where the province holds the dossier whole now, on one of its disks.
    pub(super) fn check_purge(&mut self, identity: &Identity) {
        let held = self.province.books.rows.values().any(|row| {
            row.identity == *identity
                && row
                    .files
                    .iter()
                    .all(|f| self.province.is_safe(&identity.dossier, f))
        });
        if !held {
            self.oracle.broken(
                "purged, and the province does not hold it",
                Some(identity.dossier),
            );
        }
    }

    pub(super) fn final_check(&mut self) {
        let receipts: Vec<_> = self.oracle.receipts.iter().map(|(id, r)| (*id, *r)).collect();
        for ((dossier, manifest_sha256), receipt) in receipts {
            let identity = Identity {
                dossier,
                manifest_sha256,
            };
            let what = match self.judge_taken_back(&identity, receipt.kiosk) {
                Judged::Settled => None,
                Judged::Broken(what) => Some(what),
                Judged::AsAnyOther => self.judge(&identity, receipt.kiosk),
            };
            if let Some(what) = what {
                let item = self.kiosks[receipt.kiosk].disk.items.get(&dossier);
                let number = item.map(|item| item.manifest.number);
                let waits = what == "stuck: never arrived" || what.starts_with("unsettled");
                let poisoned = waits
                    && self
                        .config
                        .poison
                        .is_some_and(|(poison, _)| number == Some(poison));
                // What rotted before it was sent cannot arrive; its row stays, for a person.
                let told = what.contains("row")
                    || what.starts_with("dup")
                    || what.starts_with("deaf")
                    || what.starts_with("taken back");
                let rotten = receipt.rotten && !told;
                if !(rotten || poisoned) {
                    let kiosk = &self.kiosks[receipt.kiosk];
                    let detail = format!(
                        "{:?}; cursor {} seen {:?} up {}; province epoch {} durable {:?} fork {}",
                        kiosk.disk.items.get(&dossier),
                        kiosk.disk.cursor,
                        kiosk.disk.seen,
                        kiosk.up,
                        self.province.books.epoch,
                        self.province.durable,
                        self.province.books.forks.contains(&(dossier, manifest_sha256)),
                    );
                    self.oracle.broken(what, Some(dossier));
                    return self.oracle.explain(detail);
                }
            }
        }
        let published = self.province.catalogue;
        if self.kiosks.iter().any(|k| k.disk.catalogue != published) {
            self.oracle.broken("stuck: the catalogue never came", None);
        }
    }

    /// Does the province's book of today hold a word to the counter that says or shows that the dossier is whole?
    fn was_told_of(&self, item: &Item, identity: &Identity) -> bool {
        let mut words = self.province.books.feed.iter();
        let brought = words.any(|told| told.dossier == identity.dossier && told.about == About::Whole);
        brought || (item.told.0 == self.province.books.epoch && item.told.1 > 0)
    }

    /// One receipt at the end of everything.
    fn judge(&self, identity: &Identity, kiosk: usize) -> Option<&'static str> {
        let disk = &self.kiosks[kiosk].disk;
        let Some(item) = disk
            .items
            .get(&identity.dossier)
            .filter(|i| i.manifest.identity == *identity)
        else {
            return Some("lost: the counter's row is gone");
        };
        let books = &self.province.books;
        let rows: Vec<_> = books
            .rows
            .values()
            .filter(|row| row.identity.dossier == identity.dossier)
            .collect();
        let fork = books
            .forks
            .contains(&(identity.dossier, identity.manifest_sha256));
        let own: Vec<_> = rows.iter().filter(|row| row.identity == *identity).collect();
        if rows.len() > 1 {
            return Some("dup: more than one case");
        }
        let held_for_a_person = matches!(
            item.delivery,
            Delivery::Held {
                reason: HeldReason::Fork
            }
        );
        let here = item.manifest.files.iter().all(|f| disk.files.contains(&f.sha256));
        let contents = self.oracle.receipts.keys();
        let truly_forked = contents.filter(|(id, _)| *id == identity.dossier).count() > 1;
        if held_for_a_person && truly_forked && here {
            // Two contents under one id: whichever the province has after its restores, both wait for a person.
            return None;
        }
        let Some(row) = own.first() else {
            return match (fork, held_for_a_person, item.delivery.is_acknowledged()) {
                (true, true, _) => None,
                (_, _, true) => Some("lost: acknowledged, and the province does not have it"),
                (_, _, false) if here => Some("stuck: never arrived"),
                (_, _, false) => Some("lost: neither side has the files"),
            };
        };
        let whole = row
            .files
            .iter()
            .all(|f| self.province.is_safe(&identity.dossier, f));
        let garbled = row.files.iter().any(|f| {
            self.province
                .files
                .get(&(identity.dossier, f.sha256))
                .is_some_and(|f| f.garbled)
        });
        match item.delivery {
            _ if garbled => Some("lost: the bytes differ"),
            // Its papers are wanted once more, and the counter says so. Of two disks that are one device the other may have
            // brought it since; a copy is wiped.
            Delivery::Quarantined {
                reason: QuarantineReason::FileDamaged,
            } if (whole && self.oracle.is_copied(&identity.dossier))
                || self.oracle.in_vain.contains(&(kiosk, identity.dossier)) =>
            {
                None
            }
            Delivery::Quarantined {
                reason: QuarantineReason::FileDamaged,
            } if whole && row.status != CaseStatus::Withdrawn && self.was_told_of(item, identity) => {
                Some("deaf: told that it is whole there, and the counter still asks for its papers")
            }
            Delivery::Quarantined {
                reason: QuarantineReason::FileDamaged,
            } if self.oracle.nowhere.contains(&identity.dossier) => None,
            Delivery::Purged { .. } if !whole && row.status == CaseStatus::Withdrawn => None,
            Delivery::Purged { .. } if !whole => Some("lost: purged, and the province has not every file"),
            // A word of before a restore that the province has forgotten stays as it was told.
            Delivery::Purged { .. } if row.version > 0 && item.told != (books.epoch, row.version) => {
                Some("never-read: a status was skipped")
            }
            Delivery::Purged { .. } => None,
            _ => Some("unsettled: not durable and let go long after the trouble"),
        }
    }
}

//! A citizen takes a dossier back: at the counter, as `app::withdrawal` does it; at the province, as
//! `service::withdrawals`; and an index that is made again, as `sync::rebuild`.
//!
//! **Invariant:** where it stands is read and acted upon in one step, so that nothing can leave in between.

use super::kiosk::Item;
use super::province::{Key, Manifest, Province, Refused};
use super::rules::{Mutant, Rules};
use super::world::{Ev, MINUTE, World};
use domain::delivery::{Delivery, Event, HeldReason};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use domain::withdrawal::{VoidItem, Withdrawal};
use service::decide::{self as province, Asked};
use sync::decide::{self, Identity, SeenEpoch, WordsTakenBack};

const TAKEN_BACK: Event = Event::NeedsPerson {
    reason: HeldReason::ConsentWithdrawn,
};

impl World {
    /// Somebody comes back to the counter and takes back one of the dossiers that were sealed there.
    pub(super) fn take_back(&mut self, k: usize) {
        let later = self.now + MINUTE;
        let disk = &self.kiosks[k].disk;
        let ids: Vec<DossierId> = disk
            .items
            .iter()
            .filter(|(_, item)| item.manifest.takes_back.is_none())
            .map(|(id, _)| *id)
            .collect();
        if !self.kiosks[k].up || ids.is_empty() {
            return self.at(later, Ev::TakeBack(k));
        }
        let which = usize::try_from(self.rng.below(ids.len() as u64)).unwrap_or(0);
        let dossier = ids[which];
        let Some(item) = disk.items.get(&dossier) else {
            return;
        };
        let standing = Withdrawal::of(&item.delivery, item.case, self.void(k, &dossier));
        if standing != Withdrawal::None {
            return;
        }
        if self
            .rules
            .may_have_left(&item.delivery, item.attempted, item.copied)
        {
            self.seal_withdrawal(k, dossier);
        } else {
            if let Some(item) = self.item(k, &dossier) {
                item.record.withdrawn = true;
            }
            self.step(k, &dossier, TAKEN_BACK);
            self.oracle.kept.insert((k, dossier));
        }
    }

    /// The dossier stops and its withdrawal is in the queue, in one transaction.
    fn seal_withdrawal(&mut self, k: usize, dossier: DossierId) {
        let void = DossierId(uuid::Uuid::from_u64_pair(self.rng.number(), self.rng.number()));
        let manifest_sha256 = self.hash();
        let device = self.kiosks[k].device;
        let disk = &mut self.kiosks[k].disk;
        let Some(number) = disk.items.get(&dossier).map(|item| item.manifest.number) else {
            return;
        };
        disk.sealed += 1;
        let manifest = Manifest {
            identity: Identity {
                dossier: void,
                manifest_sha256,
            },
            number,
            device,
            files: Vec::new(),
            takes_back: Some(dossier),
        };
        let item = Item::sealed(manifest, disk.sealed);
        disk.items.insert(void, item);
        self.step(k, &dossier, TAKEN_BACK);
        self.oracle.asked.insert((k, dossier), void);
        if !self.dies(k) {
            self.kick(k);
        }
    }

    /// `item::withdrawal_of`, as far as it matters.
    pub(super) fn void(&self, k: usize, dossier: &DossierId) -> Option<VoidItem> {
        let items = self.kiosks[k].disk.items.values();
        items
            .filter(|item| item.manifest.takes_back == Some(*dossier))
            .min_by_key(|item| item.seq)
            .map(|item| VoidItem {
                delivery: item.delivery,
                case: item.case,
            })
    }

    /// `sync::apply::not_given_back`.
    pub(super) fn not_given_back(&mut self, k: usize, void: &DossierId) {
        let items = &self.kiosks[k].disk.items;
        if let Some(dossier) = items.get(void).and_then(|item| item.manifest.takes_back) {
            self.step(k, &dossier, Event::NotGivenBack);
            let taken_back = &self.kiosks[k].disk.taken_back;
            if let Some(at) = taken_back.0.get(&dossier).copied() {
                self.wanted_again(k, &dossier, at);
            }
            self.asks_for_its_word(k, &dossier);
        }
    }

    /// `sync::apply::restored`, one of them.
    pub(super) fn forgotten(&mut self, k: usize, id: &DossierId) {
        let (rules, void) = (self.rules, self.void(k, id));
        if let Some(item) = self.item(k, id)
            && let Ok(forgotten) = rules.step(item.delivery, Event::Forgotten)
        {
            let taken_back = rules.is_taken_back(void);
            item.delivery = decide::offered_again(forgotten, taken_back);
        }
    }

    /// `sync::rebuild::take_in`: the index is gone, and every record gets its row again.
    pub(super) fn made_again(&mut self, k: usize) {
        let rules = self.rules;
        let disk = &mut self.kiosks[k].disk;
        if rules.is(Mutant::RequestForgotten) {
            disk.items.retain(|_, item| item.manifest.takes_back.is_none());
        }
        for item in disk.items.values_mut() {
            let record = item.record;
            *item = Item {
                delivery: rules.made_again(record.word, record.gone, record.withdrawn),
                record,
                // Nothing that lies here tells whether it was ever sent.
                attempted: true,
                given_up: item.given_up,
                ..Item::sealed(item.manifest.clone(), item.seq)
            };
        }
        let taken_back: Vec<DossierId> = disk
            .items
            .values()
            .filter_map(|item| item.manifest.takes_back)
            .collect();
        disk.cursor = 0;
        disk.taken_back = WordsTakenBack::default();
        disk.seen = Some(SeenEpoch {
            epoch: 0,
            since_ms: 0,
        });
        for dossier in taken_back {
            self.step(k, &dossier, TAKEN_BACK);
        }
    }
}

impl Province {
    /// `service::withdrawals`: a row that was just stored takes back another, or was taken back before it came.
    pub(super) fn withdrawals(&mut self, rules: Rules, key: Key, manifest: &Manifest) -> Result<(), Refused> {
        let Some(dossier) = manifest.takes_back else {
            let early: Vec<u32> = self
                .books
                .rows
                .values()
                .filter(|row| row.takes_back == Some(manifest.identity.dossier))
                .map(|row| row.device)
                .collect();
            for device in early {
                if !rules.is(Mutant::EarlyRequestForgotten) {
                    // What is refused now was acknowledged before anybody could tell.
                    let _ = self.withdraw(rules, device, key);
                }
            }
            return Ok(());
        };
        for held in self.keys_of(&dossier) {
            if let Err(refused) = self.withdraw(rules, manifest.device, held) {
                // Nothing is kept of what is refused.
                self.books.rows.remove(&key);
                return Err(refused);
            }
        }
        Ok(())
    }

    fn withdraw(&mut self, rules: Rules, device: u32, key: Key) -> Result<(), Refused> {
        let Some(row) = self.books.rows.get_mut(&key) else {
            return Ok(());
        };
        let asked = Asked {
            same_counter: row.device == device,
            status: row.status,
            has_code: row.has_code,
        };
        match rules.withdrawal(asked) {
            province::Withdrawal::Take => {
                row.status = CaseStatus::Withdrawn;
                row.withdrawn += 1;
                let told = self.books.next_word(key);
                self.books.feed.extend(told);
                Ok(())
            }
            province::Withdrawal::Already => Ok(()),
            province::Withdrawal::TooLate => Err(Refused::TooLate),
            province::Withdrawal::NotThisCounters => Err(Refused::NotThisCounters),
        }
    }
}

/// Is this where a withdrawn dossier stands on the machine that took it back?
pub(super) fn is_stopped(delivery: &Delivery) -> bool {
    let reason = HeldReason::ConsentWithdrawn;
    *delivery == Delivery::Held { reason }
}

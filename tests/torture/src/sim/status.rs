//! The control and status lanes of the simulated kiosk, as `sync::status` and `sync::apply`; and what may go.

use super::kiosk::Step;
use super::province::{About, Told};
use super::rules::Mutant;
use super::world::{Ask, Page, World};
use domain::delivery::{Delivery, Event, QuarantineReason, Watermark};
use domain::ids::DossierId;
use sync::Failure;
use sync::decide::{self, Identity, SeenEpoch, WantedAgain, WordsTakenBack};

/// As in `sync::status`.
const PAGES_MAX: u32 = 100;
const RESTORES_MAX: u32 = 3;

impl World {
    pub(super) fn ask(&mut self, k: usize, restores: u32) {
        if restores >= RESTORES_MAX {
            return self.end_pass(k, Some(Failure::NotTheService));
        }
        let cursor = self.kiosks[k].disk.cursor;
        self.wait_for(k, Step::Ask { restores }, Ask::Sync { cursor });
    }

    pub(super) fn asked(&mut self, k: usize, restores: u32, page: &Page) {
        let (now, epoch) = (self.now, page.epoch);
        let kiosk = &mut self.kiosks[k];
        kiosk.floor_ms = kiosk.floor_ms.max(now);
        if self.rules.was_restored(kiosk.disk.seen, epoch) {
            let seen = SeenEpoch { epoch, since_ms: now };
            return self.take_stock(k, seen, restores);
        }
        kiosk.published = page.catalogue;
        let other = page.catalogue > kiosk.disk.catalogue;
        kiosk.catalogue_since = other.then(|| kiosk.catalogue_since.unwrap_or(now));
        if let Some(pass) = &mut kiosk.pass {
            pass.pages += 1;
            pass.more_status = page.more && pass.pages < PAGES_MAX;
            pass.asked_ms = Some(now);
        }
        self.page(k, epoch, page.durable, &page.events, page.next_cursor);
        if !self.kiosks[k].up {
            return;
        }
        if let Some(rest) = page.files_rest {
            self.leave_alone(k, rest);
        }
        self.kiosks[k].durable = Some(page.durable);
        self.next_lane(k);
    }

    /// `sync::apply::events`.
    fn page(&mut self, k: usize, epoch: u64, durable: Watermark, events: &[Told], next_cursor: u64) {
        let rules = self.rules;
        if rules.is(Mutant::CursorBeforeEvents) {
            let disk = &mut self.kiosks[k].disk;
            let before = disk.cursor;
            disk.cursor = decide::cursor_after(disk.cursor, next_cursor);
            if !events.is_empty() && self.rng.below(8) == 0 && !self.healed && self.config.faults.crash {
                self.crash(k);
                return;
            }
            self.kiosks[k].disk.cursor = before;
        }
        let now = self.now;
        let cursor = self.kiosks[k].disk.cursor;
        let news = || events.iter().filter(|e| decide::is_news(e.seq, cursor));
        for told in news() {
            match told.about {
                About::TakenBack(at) => self.wanted_again(k, &told.dossier, at),
                About::Whole | About::Case => self.asks_for_its_word(k, &told.dossier),
            }
        }
        let disk = &mut self.kiosks[k].disk;
        let mut twice = None;
        for told in news().filter(|told| told.about == About::Case) {
            if let Some(item) = disk.items.get_mut(&told.dossier) {
                if item.told.0 == epoch && told.version <= item.told.1 {
                    twice = Some(told.dossier);
                }
                (item.told, item.case) = ((epoch, told.version), told.status);
            }
        }
        for item in disk.items.values_mut() {
            if let Some(next) = rules.covered(&item.delivery, durable) {
                item.delivery = next;
                item.durable_ms = item.durable_ms.or(Some(now));
            }
        }
        disk.cursor = decide::cursor_after(disk.cursor, next_cursor);
        disk.seen = disk.seen.or(Some(SeenEpoch { epoch, since_ms: now }));
        disk.signed_ms = now;
        if let Some(id) = twice {
            self.oracle
                .broken("a status came twice or out of order", Some(id));
        }
    }

    /// `sync::apply::wanted_again`.
    pub(super) fn wanted_again(&mut self, k: usize, dossier: &DossierId, at: Watermark) {
        let (rules, void) = (self.rules, self.void(k, dossier));
        let disk = &mut self.kiosks[k].disk;
        let Some(item) = disk.items.get(dossier) else {
            return;
        };
        disk.taken_back.take_back(*dossier, at);
        match rules.wanted_again(&item.delivery, at, disk.seen, void) {
            WantedAgain::No => {}
            WantedAgain::Offered => self.offered_again(k, dossier),
            WantedAgain::Papers => {
                let reason = QuarantineReason::FileDamaged;
                self.step(k, dossier, Event::Unfit { reason });
                self.asks_for_its_word(k, dossier);
            }
        }
    }

    /// `sync::apply::whole_there`.
    pub(super) fn asks_for_its_word(&mut self, k: usize, id: &DossierId) {
        let void = self.void(k, id);
        let asks = self.kiosks[k].disk.items.get(id);
        if asks.is_some_and(|item| self.rules.asks_for_its_word(&item.delivery, void)) {
            self.step(k, id, Event::Released);
            self.starts_anew(k, id);
        }
    }

    fn offered_again(&mut self, k: usize, id: &DossierId) {
        self.forgotten(k, id);
        self.starts_anew(k, id);
    }

    /// `store::item::forget`.
    fn starts_anew(&mut self, k: usize, id: &DossierId) {
        if let Some(item) = self.item(k, id) {
            (item.durable_ms, item.acknowledged_ms, item.next_try_ms) = (None, None, 0);
        }
    }

    fn take_stock(&mut self, k: usize, seen: SeenEpoch, restores: u32) {
        let list = self.kiosks[k].disk.items.values();
        let list: Vec<Identity> = list
            .filter(|i| decide::in_inventory(&i.delivery))
            .map(|i| i.manifest.identity)
            .collect();
        self.wait_for(k, Step::Stock { seen, restores }, Ask::Inventory(list));
    }

    pub(super) fn stock_taken(&mut self, k: usize, seen: SeenEpoch, restores: u32, unknown: &[DossierId]) {
        self.restored(k, seen, unknown);
        if !self.dies(k) {
            self.ask(k, restores + 1);
        }
    }

    /// `sync::apply::restored`.
    fn restored(&mut self, k: usize, seen: SeenEpoch, unknown: &[DossierId]) {
        let rules = self.rules;
        let again: Vec<DossierId> = self.kiosks[k]
            .disk
            .items
            .iter()
            .filter(|(id, item)| unknown.contains(id) || rules.is_void(&item.delivery, seen.epoch))
            .map(|(id, _)| *id)
            .collect();
        for id in &again {
            self.offered_again(k, id);
        }
        let rest: Vec<DossierId> = self.kiosks[k].disk.items.keys().copied().collect();
        for id in &rest {
            self.asks_for_its_word(k, id);
        }
        let disk = &mut self.kiosks[k].disk;
        for item in disk.items.values_mut() {
            item.case = rules.case_after_restore(item.case);
        }
        disk.cursor = 0;
        disk.seen = Some(seen);
        disk.taken_back = WordsTakenBack::default();
    }

    /// `sync::apply::purge`: the end of a pass.
    pub(super) fn purge(&mut self, k: usize) {
        let Some(seen) = self.kiosks[k].disk.seen else {
            return self.end_pass(k, None);
        };
        let (floor, keep, rules) = (self.kiosks[k].floor_ms, self.config.keep_ms, self.rules);
        let going: Vec<Identity> = self.kiosks[k]
            .disk
            .items
            .values()
            .filter(|i| rules.may_go(&i.delivery, i.durable_ms, seen, floor, keep))
            .map(|i| i.manifest.identity)
            .collect();
        for identity in going {
            self.check_purge(&identity);
            if rules.is(Mutant::PurgeOnReceived)
                && let Some(item) = self.item(k, &identity.dossier)
                && let Delivery::Received { at } = item.delivery
            {
                item.delivery = Delivery::Purged { at };
            }
            if rules.is(Mutant::FilesBeforeRow) {
                self.delete_files(k, &identity.dossier);
                if self.dies(k) {
                    return;
                }
            }
            if let Some(item) = self.item(k, &identity.dossier)
                && let Delivery::Durable { at } = item.delivery
            {
                // What says that the files went for a reason stands on the disk before they go.
                (item.record.word, item.record.gone) = (Some(at), true);
            }
            self.step(k, &identity.dossier, Event::PurgeDue);
            if self.dies(k) {
                return;
            }
            self.delete_files(k, &identity.dossier);
        }
        self.end_pass(k, None);
    }

    fn delete_files(&mut self, k: usize, dossier: &DossierId) {
        let disk = &mut self.kiosks[k].disk;
        if let Some(item) = disk.items.get(dossier) {
            for file in &item.manifest.files {
                disk.files.remove(&file.sha256);
            }
        }
    }

    /// `sync::apply::sweep`.
    pub(super) fn sweep(&mut self, k: usize) {
        let disk = &mut self.kiosks[k].disk;
        for item in disk.items.values() {
            if matches!(item.delivery, Delivery::Purged { .. }) {
                for file in &item.manifest.files {
                    disk.files.remove(&file.sha256);
                }
            }
        }
    }

    /// A row that points at files that are not there, and does not say so.
    pub(super) fn check_dangling(&mut self, k: usize) {
        let disk = &self.kiosks[k].disk;
        let bad = disk.items.values().find(|item| {
            let waiting = !matches!(
                item.delivery,
                Delivery::Purged { .. } | Delivery::Quarantined { .. }
            );
            // Of what was let go for a reason the record says so.
            waiting
                && !item.record.gone
                && !self.oracle.is_rotten(&item.manifest.identity)
                && item
                    .manifest
                    .files
                    .iter()
                    .any(|f| !disk.files.contains(&f.sha256))
        });
        let bad = bad.map(|i| i.manifest.identity.dossier);
        if bad.is_some() && !self.rules.is(Mutant::PurgeOnReceived) {
            self.oracle.broken("dangling: a row without its files", bad);
        }
    }
}

//! What goes wrong: machines that die, disks that come back from a backup, are cloned or rot, clocks that jump; and
//! the person who presses again.

use super::kiosk::Kiosk;
use super::network::CALL_MAX;
use super::world::{Ev, MINUTE, SECOND, World};
use domain::delivery::{Delivery, Event, HeldReason, QuarantineReason};
use domain::ids::DossierId;

impl World {
    /// Does the machine die between these two transactions?
    pub(super) fn dies(&mut self, k: usize) -> bool {
        let dies = self.config.faults.crash && !self.healed && self.one_in(150);
        if dies {
            self.crash(k);
        }
        dies
    }

    pub(super) fn crash(&mut self, k: usize) {
        let (now, power) = (self.now, self.one_in(2));
        let kiosk = &mut self.kiosks[k];
        kiosk.up = false;
        kiosk.life += 1;
        let unsynced = std::mem::take(&mut kiosk.disk.unsynced);
        for (file, at) in unsynced {
            if power && now - at < CALL_MAX {
                kiosk.disk.files.remove(&file);
            }
        }
        let back = SECOND + self.up_to(3 * MINUTE);
        self.at(self.now + back, Ev::Start(k));
    }

    fn province_crash(&mut self) {
        self.province.up = false;
        self.province_life += 1;
        self.jobs.clear();
        if let Some(books) = self.undo.take() {
            self.province.books = books;
        }
        self.province.power_cut(self.now);
        let back = SECOND + self.up_to(3 * MINUTE);
        self.at(self.now + back, Ev::ProvinceStart);
    }

    pub(super) fn trouble(&mut self) {
        if self.healed {
            return;
        }
        let faults = self.config.faults;
        let k = usize::try_from(self.rng.below(self.kiosks.len() as u64)).unwrap_or(0);
        match self.rng.below(15) {
            0..=2 if faults.crash && self.kiosks[k].up => self.crash(k),
            3..=5 if faults.crash && self.province.up => self.province_crash(),
            6 if faults.restore && self.restored_times < 2 => self.restore(),
            7 if faults.clone && !self.cloned => self.clone_disk(k),
            8 | 9 if faults.clock => self.jump(k),
            10 if faults.rot && self.one_in(4) => self.rot(k),
            11 if faults.rebuild && self.kiosks[k].up => {
                self.crash(k);
                self.made_again(k);
            }
            12 if faults.rot => self.province_rots(),
            13 if faults.stick => self.copied_onto_the_stick(k),
            14 if faults.stick => self.stick_arrives(),
            _ => {}
        }
        let next = 20 * SECOND + self.up_to(3 * MINUTE);
        self.at(self.now + next, Ev::Trouble);
    }

    /// The province's disk dies and a backup comes back: one that is younger than the keeping time.
    fn restore(&mut self) {
        let youngest = self.now - self.config.keep_ms + 2 * MINUTE;
        let fit: Vec<usize> = (0..self.province.backups.len())
            .filter(|i| self.province.backups[*i].at_ms >= youngest && self.can_come_back_from(*i))
            .collect();
        if fit.is_empty() {
            return;
        }
        let which = fit[usize::try_from(self.rng.below(fit.len() as u64)).unwrap_or(0)];
        self.province_crash();
        let epoch = 2 + self.rng.below(1 << 40);
        self.restored_times += u32::from(self.province.restore(which, epoch).is_some());
        self.withdrawals_of_the_backup();
    }

    /// A technician clones the kiosk's disk for a second laptop; both go on.
    fn clone_disk(&mut self, k: usize) {
        self.cloned = true;
        let draft = self.rng.number();
        if self.one_in(2) {
            self.kiosks[k].disk.draft = Some(DossierId(uuid::Uuid::from_u64_pair(draft, 77)));
        }
        self.oracle.copied(self.kiosks[k].disk.items.keys().copied());
        let copy = Kiosk::new(self.kiosks[k].device, self.kiosks[k].disk.clone());
        self.kiosks.push(copy);
        let new = self.kiosks.len() - 1;
        self.at(self.now + SECOND, Ev::Start(new));
        self.at(self.now + 5 * MINUTE, Ev::Person(new));
        for _ in 0..2 {
            let at = self.now + self.up_to(10 * MINUTE);
            self.at(at, Ev::Seal(new));
        }
    }

    fn jump(&mut self, k: usize) {
        let year = 365 * 24 * 60 * MINUTE;
        self.kiosks[k].skew_ms = match self.rng.below(5) {
            0 => -20 * year,
            1 => 10 * year,
            2 => 60 * MINUTE,
            3 => -60 * MINUTE,
            _ => 0,
        };
    }

    /// A sealed file rots on the kiosk's disk, before it was sent.
    fn rot(&mut self, k: usize) {
        let disk = &mut self.kiosks[k].disk;
        let waiting = disk.items.values().find(|i| i.delivery.is_waiting());
        let Some(item) = waiting else { return };
        let identity = item.manifest.identity;
        if let Some(file) = item.manifest.files.first() {
            disk.files.remove(&file.sha256);
            self.oracle.rotted(&identity);
        }
    }

    /// A person at the counter: what was held or set aside is sent again, where that can help.
    pub(super) fn person(&mut self, k: usize) {
        let rules = self.rules;
        self.press(k);
        for item in self.kiosks[k].disk.items.values_mut() {
            let again = match item.delivery {
                // What the province refused to give back is asked for by telephone.
                Delivery::Held { reason } => !matches!(
                    reason,
                    HeldReason::Fork | HeldReason::WithdrawalTooLate | HeldReason::NotThisCounters
                ),
                Delivery::Quarantined { reason } => reason == QuarantineReason::CrashedTwice,
                _ => false,
            };
            if again && let Ok(next) = rules.step(item.delivery, Event::Released) {
                item.delivery = next;
                item.next_try_ms = 0;
            }
        }
        self.at(self.now + 10 * MINUTE, Ev::Person(k));
    }

    pub(super) fn heal(&mut self) {
        self.healed = true;
        for k in 0..self.kiosks.len() {
            if !self.kiosks[k].up {
                self.start(k);
            }
            // Clocks stay as wrong as they are.
            self.at(self.now + SECOND, Ev::Person(k));
        }
        self.province.up = true;
    }
}

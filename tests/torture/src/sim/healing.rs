//! Damage at the province: files rot on either of its disks, and each backup reads both and mends, as `service::mending`
//! does. What is done about a file is `service::decide::mending`'s to say.
//!
//! Where both disks lose a file that every kiosk has let go, nothing brings it back: then the counter has to say so.

use super::province::{About, Answer, Backup, Key, Province, Row, Stored, Told};
use super::rules::{Mutant, Rules};
use super::world::{MINUTE, World};
use domain::delivery::{Delivery, Watermark};
use domain::ids::DossierId;
use service::decide::{Copies, Mending};
use std::collections::BTreeSet;
use wire::Sha256;
use wire::acknowledgement::AckFile;

/// Backups kept.
const BACKUPS_MAX: usize = 12;

impl Province {
    /// Takes a backup, mends on the way, and from here on what it holds is durable. Here each backup reads everything.
    pub fn back_up(&mut self, rules: Rules, now_ms: i64) {
        let snapshot = self.books.clone();
        let last = self.backups.last().map(|backup| backup.files.clone());
        let mut files = last.unwrap_or_default();
        let named: Vec<(Key, DossierId, AckFile)> = self
            .books
            .rows
            .iter()
            .flat_map(|(key, row)| row.files.iter().map(|file| (*key, row.identity.dossier, *file)))
            .collect();
        for (key, dossier, file) in named {
            if !self.is_called_whole(rules, key, &dossier, &file) {
                continue;
            }
            let name = (dossier, file.sha256);
            let is_good = |copy: Option<&Stored>| {
                copy.is_some_and(|copy| copy.whole && (!copy.rotten || rules.is(Mutant::DamageUnnoticed)))
            };
            let copies = Copies {
                here: is_good(self.files.get(&name)),
                backup: is_good(files.get(&name)),
            };
            match service::decide::mending(copies) {
                Mending::Nothing => {}
                Mending::Copy => files.extend(self.files.get(&name).map(|copy| (name, *copy))),
                Mending::PutBack => self.files.extend(files.get(&name).map(|copy| (name, *copy))),
                Mending::AskAgain => {
                    self.files.remove(&name);
                    files.remove(&name);
                    self.take_word_back(key);
                }
            }
        }
        // A backup knows nothing of what is not whole.
        files.retain(|name, _| self.files.get(name).is_some_and(|copy| copy.whole));
        self.backups.push(Backup {
            at_ms: now_ms,
            books: snapshot.clone(),
            files,
        });
        if self.backups.len() > BACKUPS_MAX {
            self.backups.remove(0);
        }
        self.durable = Watermark {
            epoch: snapshot.epoch,
            lsn: snapshot.lsn,
        };
    }

    /// Does the database call this file whole? What an acknowledgement names was; of the others it says what lies there.
    fn is_called_whole(&self, rules: Rules, key: Key, dossier: &DossierId, file: &AckFile) -> bool {
        let row = self.books.rows.get(&key);
        let word = row.and_then(|row| row.acknowledgement.as_ref());
        // With this mutant nobody looks whether what was acknowledged is there.
        let trusts = !rules.is(Mutant::ProvinceFilesUnsynced);
        let named = word.is_some_and(|word| word.files.contains(file));
        self.is_whole(dossier, file) || (trusts && named)
    }

    /// `service::intake::take_word_back`: whoever sealed it hears, in one transaction.
    pub(super) fn take_word_back(&mut self, key: Key) {
        let Some(row) = self.books.rows.get_mut(&key) else {
            return;
        };
        let Some(word) = row.acknowledgement.take() else {
            return;
        };
        self.old_words.push(Answer {
            identity: row.identity,
            missing: Vec::new(),
            acknowledgement: Some(word.clone()),
            durable: self.durable,
        });
        self.books.seq += 1;
        self.books.feed.push(Told {
            seq: self.books.seq,
            device: row.device,
            dossier: row.identity.dossier,
            version: row.version,
            status: row.status,
            about: About::TakenBack(word.at),
        });
    }

    /// A restore compares each file with its hash, and of a dossier that lacks one it has no word any more.
    pub(super) fn leave_out_what_rotted(&mut self) {
        self.files.retain(|_, copy| !copy.rotten);
        let files = &self.files;
        let is_whole = |row: &Row| {
            let dossier = row.identity.dossier;
            let whole = |f: &AckFile| files.get(&(dossier, f.sha256)).is_some_and(|copy| copy.whole);
            row.files.iter().all(whole)
        };
        let rows = self.books.rows.iter();
        let lacking: Vec<Key> = rows
            .filter(|(_, row)| !is_whole(row))
            .map(|(key, _)| *key)
            .collect();
        for key in lacking {
            self.take_word_back(key);
        }
    }
}

impl World {
    /// A file rots on a disk of the province's: on one of two, or where its kiosk has it for a good while yet or no kiosk
    /// has it any more, wherever it is; what rots on both at once is read there at once.
    pub(super) fn province_rots(&mut self) {
        let rows = self.province.books.rows.values();
        let mut here: BTreeSet<_> = rows
            .flat_map(|row| row.files.iter().map(|f| (row.identity.dossier, f.sha256)))
            .collect();
        here.retain(|name| is_sound(self.province.files.get(name)));
        let which = usize::try_from(self.rot.below(here.len().max(1) as u64)).unwrap_or(0);
        let Some(name) = here.into_iter().nth(which) else {
            return;
        };
        let backup = self.province.backups.last();
        let in_backup = is_sound(backup.and_then(|backup| backup.files.get(&name)));
        let kept = self.is_kept_by_a_kiosk(&name.0, &name.1);
        let let_go = self.is_let_go(&name.0);
        let at_work = self.province.up && self.undo.is_none();
        let (on_disk, on_backup) = match self.rot.below(3) {
            0 if in_backup => (false, true),
            1 if in_backup && let_go && at_work => {
                self.oracle.nowhere.insert(name.0);
                (true, true)
            }
            1 if in_backup && kept && at_work => (true, true),
            _ => (in_backup || kept, false),
        };
        let files = on_disk.then_some(&mut self.province.files);
        let backup = self.province.backups.last_mut().filter(|_| on_backup);
        for files in files.into_iter().chain(backup.map(|backup| &mut backup.files)) {
            if let Some(copy) = files.get_mut(&name) {
                copy.rotten = true;
            }
        }
        if on_disk && on_backup {
            self.province.back_up(self.rules, self.now);
        }
    }

    /// Has every kiosk that had it let it go?
    fn is_let_go(&self, dossier: &DossierId) -> bool {
        let items = || {
            self.kiosks
                .iter()
                .filter_map(|kiosk| kiosk.disk.items.get(dossier))
        };
        items().next().is_some() && items().all(|item| matches!(item.delivery, Delivery::Purged { .. }))
    }

    /// The death of the province's disk is one loss; what rots in the backup before that is read there is another, unless
    /// a kiosk has it.
    pub(super) fn can_come_back_from(&self, which: usize) -> bool {
        let backup = self.province.backups.get(which);
        let rotten = backup
            .into_iter()
            .flat_map(|b| b.files.iter())
            .filter(|(_, copy)| copy.rotten);
        let mut rotten = rotten.map(|((dossier, sha256), _)| (*dossier, *sha256));
        rotten.all(|(dossier, sha256)| self.is_kept_by_a_kiosk(&dossier, &sha256))
    }

    /// Does a kiosk have it, and whoever has it hears what is asked for before it may let go?
    fn is_kept_by_a_kiosk(&self, dossier: &DossierId, file: &Sha256) -> bool {
        let mut kept = false;
        for kiosk in &self.kiosks {
            let Some(item) = kiosk.disk.items.get(dossier) else {
                continue;
            };
            let hears_first = kiosk.pass.is_none();
            let long = item.durable_ms.is_none_or(|ms| self.now - ms < MINUTE);
            match item.delivery {
                Delivery::Received { .. } | Delivery::Durable { .. } if !(long && hears_first) => {
                    return false;
                }
                Delivery::Received { .. } | Delivery::Durable { .. } | Delivery::Registered => {
                    kept |= kiosk.disk.files.contains(file);
                }
                _ => {}
            }
        }
        kept
    }
}

fn is_sound(copy: Option<&Stored>) -> bool {
    copy.is_some_and(|copy| copy.whole && !copy.rotten && !copy.garbled)
}

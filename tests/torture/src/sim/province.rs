//! The simulated province: a database whose jobs take effect at a commit, files that are written at once, backups.
//!
//! **Invariant:** what is in `Books` was committed; a crash loses exactly what waited for the commit. What the real
//! service decides is decided by [`Rules`], so by `service::decide`.

use super::rules::{Mutant, Rules};
use domain::delivery::Watermark;
use domain::ids::DossierId;
use domain::province::CaseStatus;
use service::decide::{Append, Arrival, Holding, RESTORE_LEAP, Word};
use std::collections::{BTreeMap, BTreeSet};
use sync::decide::Identity;
use wire::Sha256;
use wire::acknowledgement::{AckFile, Acknowledgement};

/// A dossier's row.
#[derive(Debug, Clone)]
pub struct Row {
    pub identity: Identity,
    pub device: u32,
    pub files: Vec<AckFile>,
    pub acknowledgement: Option<Acknowledgement>,
    pub registered_ms: i64,
    /// The case's version, raised by each word of a clerk and by a withdrawal.
    pub version: u32,
    /// A withdrawal: the dossier that it takes back.
    pub takes_back: Option<DossierId>,
    pub status: CaseStatus,
    pub has_code: bool,
    /// How often it was withdrawn.
    pub withdrawn: u32,
}

/// The key of a row. The product's is the id alone; mutants make others.
pub type Key = (DossierId, u64);

/// An event of the feed.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub seq: u64,
    pub device: u32,
    pub dossier: DossierId,
    pub version: u32,
    pub status: CaseStatus,
    pub about: About,
}

/// What an event of the feed says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// How the case stands.
    Case,
    /// The acknowledgement up to there is taken back, and the dossier asked for again.
    TakenBack(Watermark),
    /// It is whole there, by other hands.
    Whole,
}

/// One file on disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stored {
    pub held: u64,
    /// Bytes landed where they do not belong.
    pub garbled: bool,
    /// By its length.
    pub whole: bool,
    /// It was whole and has rotted since.
    pub rotten: bool,
}

/// Why a manifest is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Fork,
    TooLate,
    NotThisCounters,
}

/// Everything that is committed.
#[derive(Debug, Clone, Default)]
pub struct Books {
    pub epoch: u64,
    pub lsn: u64,
    pub seq: u64,
    pub rows: BTreeMap<Key, Row>,
    pub forks: BTreeSet<(DossierId, Sha256)>,
    pub feed: Vec<Told>,
}

impl Books {
    /// A word on a case: its next version, and the event that tells of it.
    pub fn next_word(&mut self, key: Key) -> Option<Told> {
        self.seq += 1;
        let row = self.rows.get_mut(&key)?;
        row.version += 1;
        Some(Told {
            seq: self.seq,
            device: row.device,
            dossier: row.identity.dossier,
            version: row.version,
            status: row.status,
            about: About::Case,
        })
    }
}

/// What is sent about a dossier.
#[derive(Debug, Clone)]
pub struct Answer {
    pub identity: Identity,
    pub missing: Vec<(AckFile, u64)>,
    pub acknowledgement: Option<Acknowledgement>,
    pub durable: Watermark,
}

/// A manifest that arrives.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub identity: Identity,
    pub number: u64,
    pub device: u32,
    pub files: Vec<AckFile>,
    pub takes_back: Option<DossierId>,
}

/// A backup: rows and whole files of one moment.
#[derive(Debug, Clone)]
pub struct Backup {
    pub at_ms: i64,
    pub books: Books,
    pub files: BTreeMap<(DossierId, Sha256), Stored>,
}

/// The service and its disk.
#[derive(Debug)]
pub struct Province {
    pub books: Books,
    pub files: BTreeMap<(DossierId, Sha256), Stored>,
    /// Files whose bytes are still in memory only, with the time they came (a mutant's).
    pub unsynced: Vec<((DossierId, Sha256), i64)>,
    pub backups: Vec<Backup>,
    /// Answers whose acknowledgement was taken back since.
    pub old_words: Vec<Answer>,
    pub durable: Watermark,
    pub up: bool,
    /// The version of the catalogue that is published.
    pub catalogue: u32,
    news: u64,
}

impl Province {
    pub fn new() -> Self {
        Self {
            books: Books {
                epoch: 1,
                ..Books::default()
            },
            files: BTreeMap::new(),
            unsynced: Vec::new(),
            backups: Vec::new(),
            old_words: Vec::new(),
            durable: Watermark { epoch: 1, lsn: 0 },
            up: true,
            catalogue: 0,
            news: 0,
        }
    }

    fn key(rules: Rules, manifest: &Manifest) -> Key {
        if rules.is(Mutant::ReceiptAsKey) {
            (DossierId(uuid::Uuid::nil()), manifest.number)
        } else {
            (manifest.identity.dossier, 0)
        }
    }

    /// The job of a PUT, inside the transaction.
    pub fn take(&mut self, rules: Rules, manifest: &Manifest, now_ms: i64) -> Result<Answer, Refused> {
        let mut key = Self::key(rules, manifest);
        let held = self.books.rows.get(&key);
        let age = held.map_or(0, |row| now_ms - row.registered_ms);
        let hash = held.map(|row| row.identity.manifest_sha256);
        // With the number as the key, whatever lies under it is taken for the dossier itself.
        let hash = hash.map(|h| {
            if rules.is(Mutant::ReceiptAsKey) {
                manifest.identity.manifest_sha256
            } else {
                h
            }
        });
        match rules.arrival(hash.as_ref(), &manifest.identity.manifest_sha256, age) {
            Arrival::New => {
                if held.is_some() {
                    self.news += 1;
                    key.1 += self.news << 32;
                }
                let row = Row {
                    identity: manifest.identity,
                    device: manifest.device,
                    files: manifest.files.clone(),
                    acknowledgement: None,
                    registered_ms: now_ms,
                    version: 0,
                    takes_back: manifest.takes_back,
                    status: CaseStatus::New,
                    has_code: false,
                    withdrawn: 0,
                };
                self.books.rows.insert(key, row);
                self.withdrawals(rules, key, manifest)?;
            }
            Arrival::Known if rules.is(Mutant::WithdrawsTwice) => self.withdrawals(rules, key, manifest)?,
            Arrival::Known => {}
            Arrival::Fork if rules.is(Mutant::ForkOverwrites) => {
                if let Some(row) = self.books.rows.get_mut(&key) {
                    row.identity = manifest.identity;
                    row.files.clone_from(&manifest.files);
                    row.acknowledgement = None;
                }
            }
            Arrival::Fork => {
                self.books
                    .forks
                    .insert((manifest.identity.dossier, manifest.identity.manifest_sha256));
                return Err(Refused::Fork);
            }
        }
        let mut answer = self.settle(rules, key).ok_or(Refused::Fork)?;
        if rules.is(Mutant::ReceiptAsKey) {
            answer.identity = manifest.identity;
            if let Some(ack) = &mut answer.acknowledgement {
                (ack.dossier, ack.manifest_sha256) =
                    (manifest.identity.dossier, manifest.identity.manifest_sha256);
                ack.files.clone_from(&manifest.files);
            }
        }
        Ok(answer)
    }

    /// The rows of one dossier.
    pub fn keys_of(&self, dossier: &DossierId) -> Vec<Key> {
        self.books
            .rows
            .iter()
            .filter(|(_, row)| row.identity.dossier == *dossier)
            .map(|(key, _)| *key)
            .collect()
    }

    pub fn is_whole(&self, dossier: &DossierId, file: &AckFile) -> bool {
        self.files.get(&(*dossier, file.sha256)).is_some_and(|f| f.whole)
    }

    /// Would somebody who reads it find it whole, here or in the newest backup?
    pub fn is_safe(&self, dossier: &DossierId, file: &AckFile) -> bool {
        let name = (*dossier, file.sha256);
        let backup = self.backups.last().and_then(|backup| backup.files.get(&name));
        [self.files.get(&name), backup]
            .into_iter()
            .flatten()
            .any(|copy| copy.whole && !copy.rotten)
    }

    /// Rows against disk, and what is said; inside the transaction.
    pub fn settle(&mut self, rules: Rules, key: Key) -> Option<Answer> {
        let row = self.books.rows.get(&key)?.clone();
        let id = row.identity.dossier;
        let held_of = |file: &AckFile| self.files.get(&(id, file.sha256)).map_or(0, |f| f.held);
        let missing: Vec<(AckFile, u64)> = row
            .files
            .iter()
            .filter(|file| !self.is_whole(&id, file))
            .map(|file| (*file, held_of(file)))
            .collect();
        let then = row.acknowledgement.as_ref().map(|ack| ack.at.epoch);
        let acknowledgement = match rules.word(missing.is_empty(), then, self.books.epoch) {
            Word::Wait => None,
            Word::Withdraw => {
                self.take_word_back(key);
                None
            }
            Word::Again => row.acknowledgement.clone(),
            Word::Acknowledge => {
                self.books.lsn += 1;
                let ack = Acknowledgement {
                    dossier: id,
                    manifest_sha256: row.identity.manifest_sha256,
                    files: row
                        .files
                        .iter()
                        .filter(|f| self.is_whole(&id, f))
                        .copied()
                        .collect(),
                    at: Watermark {
                        epoch: self.books.epoch,
                        lsn: self.books.lsn,
                    },
                    received_at: jiff::Timestamp::UNIX_EPOCH,
                };
                self.books.rows.get_mut(&key)?.acknowledgement = Some(ack.clone());
                Some(ack)
            }
        };
        Some(Answer {
            identity: row.identity,
            missing,
            acknowledgement,
            durable: self.durable,
        })
    }

    /// Bytes of a file arrive. `Err` is the true offset.
    pub fn append(
        &mut self,
        rules: Rules,
        (dossier, file): (DossierId, AckFile),
        offset: u64,
        arrived: u64,
        now_ms: i64,
    ) -> Result<bool, u64> {
        let stored = self.files.entry((dossier, file.sha256)).or_default();
        if stored.whole {
            return if offset == file.len {
                Ok(true)
            } else {
                Err(file.len)
            };
        }
        match service::decide::append(stored.held, offset) {
            Append::Elsewhere(_) if rules.is(Mutant::BlindAppend) => stored.garbled = true,
            Append::Elsewhere(truly) => return Err(truly),
            Append::Here => {}
        }
        stored.held = (stored.held + arrived).min(file.len);
        if stored.held == file.len {
            stored.whole = true;
            if rules.is(Mutant::ProvinceFilesUnsynced) {
                self.unsynced.push(((dossier, file.sha256), now_ms));
            }
        }
        Ok(stored.whole)
    }

    /// Is this held whole, under this hash, for this device?
    pub fn is_held(&self, rules: Rules, device: u32, asked: &Identity) -> bool {
        self.books.rows.values().any(|row| {
            row.identity.dossier == asked.dossier
                && rules.is_held(Holding {
                    same_device: row.device == device,
                    same_content: row.identity.manifest_sha256 == asked.manifest_sha256,
                    acknowledged: row.acknowledgement.is_some(),
                    every_file_whole: row.files.iter().all(|f| self.is_whole(&asked.dossier, f)),
                })
        })
    }

    /// Comes back from a backup under a new epoch: rows and files of that moment, and nothing of what came since.
    pub fn restore(&mut self, which: usize, epoch: u64) -> Option<i64> {
        let backup = self.backups.get(which)?.clone();
        self.books = backup.books;
        self.files = backup.files;
        self.unsynced.clear();
        self.books.epoch = epoch;
        self.books.lsn += RESTORE_LEAP;
        self.books.seq += RESTORE_LEAP;
        self.leave_out_what_rotted();
        self.backups.truncate(which + 1);
        // Nothing of the new epoch is in a backup yet.
        self.durable = Watermark { epoch, lsn: 0 };
        Some(backup.at_ms)
    }

    /// A power cut: what was not on disk is gone.
    pub fn power_cut(&mut self, now_ms: i64) {
        const WRITTEN_BACK_AFTER_MS: i64 = 30_000;
        for (name, at) in std::mem::take(&mut self.unsynced) {
            if now_ms - at < WRITTEN_BACK_AFTER_MS {
                self.files.remove(&name);
            }
        }
    }
}

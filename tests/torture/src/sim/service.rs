//! The province at work: requests arrive, jobs wait for the commit, a clerk writes, backups are taken.

use super::province::{Answer, Key, Manifest, Refused, Told};
use super::rules::Mutant;
use super::world::{Ask, Ev, MINUTE, Message, Page, Poison, SECOND, Said, World};
use domain::delivery::{HeldReason, UnknownAnswer};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use std::time::Duration;
use sync::Failure;
use wire::acknowledgement::AckFile;

/// Events of one page; small, so that pages follow each other.
const PAGE: usize = 3;

/// What waits for the commit.
#[derive(Debug, Clone)]
pub(super) enum Job {
    Take(Vec<Manifest>),
    Settle(Key),
    Clerk,
}

impl World {
    pub(super) fn arrives(&mut self, message: Message) {
        if !self.province.up {
            return;
        }
        let device = self.kiosks[message.kiosk].device;
        if self.rules.is(Mutant::ClockWindow) && self.kiosks[message.kiosk].skew_ms.abs() > 5 * MINUTE {
            return self.respond(&message, Said::Failed(Failure::Session));
        }
        if let Some(broke) = self.breaks(&message) {
            return self.respond(&message, Said::Failed(broke));
        }
        if let Some(refused) = self.refuses(&message) {
            return self.respond(&message, Said::Failed(refused));
        }
        match &message.ask {
            Ask::Time => self.respond(&message, Said::Time),
            Ask::Sync { cursor } => {
                let said = self.feed(device, *cursor);
                self.respond(&message, said);
            }
            Ask::Inventory(list) => {
                let unknown = list
                    .iter()
                    .filter(|asked| !self.province.is_held(self.rules, device, asked));
                let unknown = unknown.map(|asked| asked.dossier).collect();
                self.respond(&message, Said::Inventory(unknown));
            }
            Ask::Catalogue => {
                let said = Said::Catalogue(self.province.catalogue);
                self.respond(&message, said);
            }
            Ask::Put(manifests) => {
                let manifests = manifests.clone();
                self.job(Job::Take(manifests), Some(message));
            }
            Ask::Head { dossier, file } => {
                let stored = self
                    .province
                    .files
                    .get(&(*dossier, file.sha256))
                    .copied()
                    .unwrap_or_default();
                let held = if stored.whole { file.len } else { stored.held };
                self.respond(&message, Said::Offset(held));
            }
            Ask::Patch {
                dossier,
                file,
                offset,
            } => self.bytes_arrive(&message, *dossier, *file, *offset),
        }
    }

    /// What carries the poison.
    fn breaks(&mut self, message: &Message) -> Option<Failure> {
        let (number, poison) = self.config.poison?;
        let items = &self.kiosks[message.kiosk].disk.items;
        let about = |dossier: &DossierId| items.get(dossier).is_some_and(|i| i.manifest.number == number);
        let (is_about, met) = match &message.ask {
            Ask::Put(manifests) => (manifests.iter().any(|m| m.number == number), Poison::FormBreaks),
            Ask::Patch { dossier, .. } => (about(dossier), Poison::FileBreaks),
            Ask::Head { dossier, .. } => (about(dossier), Poison::FormHeld),
            Ask::Time | Ask::Sync { .. } | Ask::Inventory(_) | Ask::Catalogue => return None,
        };
        self.about_poison += u64::from(is_about);
        let is_patch = matches!(message.ask, Ask::Patch { .. });
        match poison {
            _ if !is_about => None,
            Poison::FileFails if is_patch => Some(Failure::Server { retry_after: None }),
            Poison::FormBreaks | Poison::FileBreaks if poison == met => Some(Failure::Network),
            _ => None,
        }
    }

    /// The request as a whole.
    fn refuses(&mut self, message: &Message) -> Option<Failure> {
        if !self.config.faults.refusals || self.healed || !self.one_in(30) {
            return None;
        }
        let item = matches!(message.ask, Ask::Put(_) | Ask::Patch { .. });
        Some(match self.rng.below(4) {
            3 if !item && self.one_in(4) => Failure::Unknown(UnknownAnswer { status: 418 }),
            0 if item => Failure::Held(HeldReason::UnknownAnswer),
            1 if item => Failure::Held(HeldReason::FormRefused),
            2 => Failure::Session,
            _ => Failure::Server {
                retry_after: Some(Duration::from_secs(self.rng.below(60))),
            },
        })
    }

    /// One form in it.
    fn refuses_form(&mut self, manifest: &Manifest) -> Option<Failure> {
        match self
            .config
            .poison
            .filter(|(number, _)| *number == manifest.number)
        {
            Some((_, Poison::FormHeld)) => return Some(Failure::Held(HeldReason::UnknownAnswer)),
            Some((_, Poison::FormFails)) => return Some(Failure::Server { retry_after: None }),
            Some((_, Poison::FormBreaks | Poison::FileFails | Poison::FileBreaks)) | None => {}
        }
        let refused = self.config.faults.refusals && !self.healed && self.one_in(60);
        refused.then_some(Failure::Held(HeldReason::FormRefused))
    }

    fn feed(&mut self, device: u32, cursor: u64) -> Said {
        // Doors for files are full now and then.
        let full = self.config.faults.refusals && !self.healed && self.one_in(10);
        let files_rest = full.then(|| Duration::from_secs(1 + self.rng.below(60)));
        let books = &self.province.books;
        let mut events: Vec<Told> = books
            .feed
            .iter()
            .filter(|t| t.device == device && t.seq > cursor)
            .copied()
            .collect();
        events.sort_unstable_by_key(|t| t.seq);
        let more = events.len() > PAGE;
        events.truncate(PAGE);
        Said::Sync(Page {
            epoch: books.epoch,
            durable: self.province.durable,
            next_cursor: events.last().map_or(cursor, |t| t.seq),
            events,
            more,
            catalogue: self.province.catalogue,
            files_rest,
        })
    }

    fn bytes_arrive(&mut self, message: &Message, dossier: DossierId, file: AckFile, offset: u64) {
        // A file is found only through a dossier of the asking device.
        let Some(key) = self.province.keys_of(&dossier).into_iter().next_back() else {
            return self.respond(message, Said::Failed(Failure::Resume));
        };
        let arrived = file.len.saturating_sub(offset) * message.arrives / 1000;
        match self
            .province
            .append(self.rules, (dossier, file), offset, arrived, self.now)
        {
            Err(_) => self.respond(message, Said::Failed(Failure::Resume)),
            Ok(false) => self.respond(message, Said::Failed(Failure::Network)),
            Ok(true) => {
                let message = message.clone();
                self.job(Job::Settle(key), Some(message));
            }
        }
    }

    fn job(&mut self, job: Job, message: Option<Message>) {
        if self.rules.is(Mutant::AcknowledgeBeforeCommit) {
            self.undo.get_or_insert_with(|| self.province.books.clone());
            self.do_job(job, message);
            self.jobs.push((Job::Clerk, None));
        } else {
            self.jobs.push((job, message));
        }
        if self.jobs.len() == 1 {
            // Group commit: what comes meanwhile goes into the same transaction.
            let lazily = self.rules.is(Mutant::AcknowledgeBeforeCommit);
            let wait = 5 + self.up_to(if lazily { 20 * SECOND } else { 60 });
            self.at(self.now + wait, Ev::Commit(self.province_life));
        }
    }

    pub(super) fn commit(&mut self, life: u32) {
        if life != self.province_life {
            return;
        }
        let jobs = std::mem::take(&mut self.jobs);
        if self.rules.is(Mutant::AcknowledgeBeforeCommit) {
            self.undo = None;
            return;
        }
        for (job, message) in jobs {
            self.do_job(job, message);
        }
    }

    fn do_job(&mut self, job: Job, message: Option<Message>) {
        let said = match job {
            Job::Take(manifests) => {
                Said::Dossiers(manifests.iter().map(|manifest| self.take_one(manifest)).collect())
            }
            Job::Settle(key) => match self.province.settle(self.rules, key) {
                Some(answer) => Said::Dossier(answer),
                None => Said::Failed(Failure::Held(HeldReason::Fork)),
            },
            Job::Clerk => return self.clerk_writes(),
        };
        if let Some(message) = message {
            self.respond(&message, said);
        }
    }

    fn take_one(&mut self, manifest: &Manifest) -> Result<Answer, Failure> {
        if let Some(refused) = self.refuses_form(manifest) {
            return Err(refused);
        }
        let taken = self.province.take(self.rules, manifest, self.now);
        self.watch();
        taken.map_err(|refused| {
            Failure::Held(match refused {
                Refused::Fork => HeldReason::Fork,
                Refused::TooLate => HeldReason::WithdrawalTooLate,
                Refused::NotThisCounters => HeldReason::NotThisCounters,
            })
        })
    }

    pub(super) fn clerk(&mut self) {
        if self.province.up {
            self.job(Job::Clerk, None);
            self.province.catalogue += u32::from(self.one_in(10));
        }
        let next = 20 * SECOND + self.up_to(2 * MINUTE);
        if !self.healed {
            self.at(self.now + next, Ev::Clerk);
        }
    }

    /// A clerk writes a word on an acknowledged dossier: case and event in one transaction.
    fn clerk_writes(&mut self) {
        let keys: Vec<Key> = self
            .province
            .books
            .rows
            .iter()
            .filter(|(_, row)| row.acknowledgement.is_some() && row.takes_back.is_none())
            .filter(|(_, row)| {
                row.status != CaseStatus::Withdrawn || self.rules.is(Mutant::CodeAfterWithdrawal)
            })
            .map(|(key, _)| *key)
            .collect();
        if keys.is_empty() {
            return;
        }
        let which = usize::try_from(self.rng.below(keys.len() as u64)).unwrap_or(0);
        let gives_code = self.config.faults.withdrawals && self.one_in(2);
        let books = &mut self.province.books;
        if gives_code
            && let Some(row) = books.rows.get_mut(&keys[which])
            && (row.status.may_become(CaseStatus::Accepted) || self.rules.is(Mutant::CodeAfterWithdrawal))
        {
            (row.status, row.has_code) = (CaseStatus::Accepted, true);
        }
        let Some(told) = books.next_word(keys[which]) else {
            return;
        };
        if self.rules.is(Mutant::SequenceBeforeCommit) {
            // The number is taken; its transaction shows later, perhaps after the next one's.
            self.seq_early += 1;
            let later = self.up_to(4 * MINUTE);
            self.at(self.now + later, Ev::Show(told));
        } else {
            books.feed.push(told);
        }
        self.watch();
    }

    pub(super) fn show(&mut self, told: Told) {
        self.province.books.feed.push(told);
    }

    pub(super) fn back_up(&mut self) {
        // A backup is one transaction's view: it waits for the jobs under way.
        if self.province.up && self.undo.is_none() {
            self.province.back_up(self.rules, self.now);
        }
        let next = if self.healed {
            2 * MINUTE
        } else {
            30 * SECOND + self.up_to(4 * MINUTE)
        };
        self.at(self.now + next, Ev::BackUp);
    }
}

//! Somebody else's hands: sealed dossiers are copied onto a stick and the province takes them in from there, as
//! `app::second_copy` and `service::admin::import` do it; and what a kiosk asks about a dossier whose files are gone from
//! its own disk, as `sync::delivery::read_or_ask`.

use super::forms::{Ended, Forms, Word};
use super::kiosk::Step;
use super::province::{About, Manifest, Province, Stored, Told};
use super::rules::Rules;
use super::world::{Ask, Said, World};
use domain::delivery::QuarantineReason;
use domain::ids::DossierId;
use domain::second_copy::Lying;
use std::collections::VecDeque;
use sync::Failure;
use sync::decide::Came;

pub(super) const DAMAGED: Failure = Failure::Local(QuarantineReason::FileDamaged);

/// Forms that are asked about, one by one, because their files are damaged or gone.
#[derive(Debug, Default)]
pub struct Asked {
    forms: Forms,
    /// Those that go, in any case.
    ready: Vec<DossierId>,
    unfit: VecDeque<DossierId>,
    gave_up: Vec<(DossierId, Result<Word, Failure>, Came)>,
}

/// What the province says of a dossier whose files are gone here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// Whole, by another way.
    Whole,
    No(Failure),
}

impl World {
    /// A person puts everything onto the stick that is not safe and can be read; the index notes it.
    pub(super) fn copied_onto_the_stick(&mut self, k: usize) {
        if !self.kiosks[k].up {
            return;
        }
        let ids: Vec<DossierId> = self.kiosks[k].disk.items.keys().copied().collect();
        for id in ids {
            let void = self.void(k, &id);
            let disk = &mut self.kiosks[k].disk;
            let Some(item) = disk.items.get_mut(&id) else {
                continue;
            };
            let lying = Lying {
                delivery: item.delivery,
                withdrawal: item.manifest.takes_back.is_some(),
                void,
                carried: false,
                on_stick: false,
            };
            let here = item.manifest.files.iter().all(|f| disk.files.contains(&f.sha256));
            if lying.goes_out() && here {
                item.copied = true;
                let identity = item.manifest.identity;
                let key = (identity.dossier, identity.manifest_sha256);
                self.stick.insert(key, item.manifest.clone());
            }
        }
    }

    /// The province takes in what lies on the stick, each dossier in a transaction of its own.
    pub(super) fn stick_arrives(&mut self) {
        if !self.province.up || self.undo.is_some() {
            return;
        }
        for manifest in self.stick.values() {
            self.province.bring(self.rules, manifest, self.now);
        }
        self.watch();
    }

    /// One after the other; then the rest goes.
    pub(super) fn ask_about(&mut self, k: usize, forms: Forms, ready: Vec<DossierId>, unfit: Vec<DossierId>) {
        let asked = Asked {
            forms,
            ready,
            unfit: unfit.into(),
            gave_up: Vec::new(),
        };
        self.ask_next(k, asked);
    }

    fn ask_next(&mut self, k: usize, asked: Asked) {
        if let Some(id) = asked.unfit.front() {
            let ask = self.is_it_there(k, id);
            return self.wait_for(k, Step::Asked(Box::new(asked)), ask);
        }
        if !asked.gave_up.is_empty() {
            match self.end_turns(k, asked.gave_up) {
                Ended::Died => return,
                Ended::Stopped(failure) => {
                    if !self.leave_turns(k, &asked.ready.into()) {
                        self.end_pass(k, Some(failure));
                    }
                    return;
                }
                Ended::GoesOn => {}
            }
        }
        self.put_ready(k, asked.forms, asked.ready);
    }

    pub(super) fn asked_heard(&mut self, k: usize, mut asked: Asked, said: Said) {
        let Some(id) = asked.unfit.pop_front() else {
            return self.ask_next(k, asked);
        };
        match self.elsewhere(k, &id, said) {
            Elsewhere::Whole => asked.ready.push(id),
            Elsewhere::No(failure) => asked.gave_up.push((id, Err(failure), Came::Failed(failure))),
        }
        self.ask_next(k, asked);
    }

    pub(super) fn is_it_there(&self, k: usize, id: &DossierId) -> Ask {
        let item = self.kiosks[k].disk.items.get(id);
        Ask::Inventory(item.map(|item| item.manifest.identity).into_iter().collect())
    }

    pub(super) fn elsewhere(&mut self, k: usize, id: &DossierId, said: Said) -> Elsewhere {
        match said {
            Said::Inventory(unknown) if !unknown.contains(id) => {
                if let Some(item) = self.item(k, id) {
                    item.record.gone = true;
                }
                Elsewhere::Whole
            }
            Said::Inventory(_) => Elsewhere::No(DAMAGED),
            Said::Failed(failure) if !matches!(failure, Failure::Unknown(_) | Failure::NotTheService) => {
                Elsewhere::No(failure)
            }
            _ => {
                // It is told as damaged, and whoever presses "Gửi lại" asks again.
                self.oracle.in_vain.insert((k, *id));
                Elsewhere::No(DAMAGED)
            }
        }
    }
}

impl Province {
    /// `service::admin::import`: form and files at once, and whoever sealed it hears that it is whole.
    fn bring(&mut self, rules: Rules, manifest: &Manifest, now_ms: i64) {
        let dossier = manifest.identity.dossier;
        let word = |province: &Self| {
            let rows = province.books.rows.values();
            let mut of_it = rows.filter(|row| row.identity == manifest.identity);
            of_it.find_map(|row| row.acknowledgement.as_ref().map(|word| word.at))
        };
        let before = word(self);
        if self.take(rules, manifest, now_ms).is_err() {
            return;
        }
        for file in &manifest.files {
            let stored = self.files.entry((dossier, file.sha256)).or_default();
            if !stored.whole {
                *stored = Stored {
                    held: file.len,
                    whole: true,
                    ..Stored::default()
                };
            }
        }
        let keys = self.keys_of(&dossier);
        if let Some(key) = keys.last() {
            self.settle(rules, *key);
        }
        if word(self).is_some_and(|word| Some(word) != before) {
            let Some(row) = keys.last().and_then(|key| self.books.rows.get(key)) else {
                return;
            };
            self.books.seq += 1;
            self.books.feed.push(Told {
                seq: self.books.seq,
                device: row.device,
                dossier,
                version: row.version,
                status: row.status,
                about: About::Whole,
            });
        }
    }
}

//! The forms lane of the simulated kiosk, as `sync::forms`: several forms in one request, each with its own word; and the
//! end of every attempt.

use super::kiosk::{Item, Kiosk, Step};
use super::province::{Answer, Manifest};
use super::rules::Mutant;
use super::scans::{LOADS_MAX, Waiting};
use super::world::{Ask, Said, World};
use domain::delivery::{Delivery, Event, HeldReason, Watermark};
use domain::ids::DossierId;
use std::collections::VecDeque;
use sync::decide::{self, Believed, Came};
use sync::{Failure, Scope, plan};
use wire::acknowledgement::AckFile;

/// A sealed form, bytes: about twenty share a request.
const ENVELOPE_BYTES: usize = 3000;

/// The province's word on a dossier, believed.
#[derive(Debug, Clone)]
pub enum Word {
    Wants(Vec<(AckFile, u64)>),
    Acknowledged { at: Watermark, durable: Watermark },
}

/// Forms on their way.
#[derive(Debug, Default)]
pub struct Forms {
    /// Those that may share a request, then each of the others.
    groups: VecDeque<Vec<DossierId>>,
    /// Of the group under way, not sent yet.
    ready: VecDeque<DossierId>,
    /// In the request that is waited for.
    part: Vec<DossierId>,
    /// The request as a whole was refused: what each heard by itself so far.
    alone: Option<Vec<Result<Answer, Failure>>>,
}

impl World {
    pub(super) fn put_rows(&mut self, k: usize, rows: Vec<DossierId>) {
        let items = &self.kiosks[k].disk.items;
        let (steady, shaky): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|id| items.get(id).is_some_and(Item::is_steady));
        let mut groups = VecDeque::new();
        if !steady.is_empty() {
            groups.push_back(steady);
        }
        groups.extend(shaky.into_iter().map(|id| vec![id]));
        self.put_group(
            k,
            Forms {
                groups,
                ..Forms::default()
            },
        );
    }

    fn put_group(&mut self, k: usize, mut forms: Forms) {
        let Some(group) = forms.groups.pop_front() else {
            return self.next_lane(k);
        };
        let Kiosk { disk, pass, .. } = &self.kiosks[k];
        let shaky_rest = pass.as_ref().is_some_and(|pass| pass.suspicion.shaky_rest());
        let is_steady = |id: &DossierId| disk.items.get(id).is_some_and(Item::is_steady);
        if shaky_rest && !group.iter().all(is_steady) {
            return self.put_group(k, forms);
        }
        let Some(group) = self.begin_turns(k, &group) else {
            return;
        };
        // What is not whole on disk is asked about before anything goes.
        let (ready, unfit): (Vec<_>, Vec<_>) = group.into_iter().partition(|id| self.is_fit(k, id));
        self.ask_about(k, forms, ready, unfit);
    }

    pub(super) fn put_ready(&mut self, k: usize, mut forms: Forms, ready: Vec<DossierId>) {
        forms.ready = ready.into();
        self.put_part(k, forms);
    }

    /// Files of a form that was not sent yet are read through first.
    fn is_fit(&self, k: usize, id: &DossierId) -> bool {
        let disk = &self.kiosks[k].disk;
        let Some(item) = disk.items.get(id) else {
            return false;
        };
        item.delivery != Delivery::Sealed
            || item.manifest.files.iter().all(|f| disk.files.contains(&f.sha256))
    }

    fn put_part(&mut self, k: usize, mut forms: Forms) {
        if forms.ready.is_empty() {
            return self.put_group(k, forms);
        }
        let fit = plan::in_one_request(forms.ready.iter().map(|_| ENVELOPE_BYTES));
        forms.part = forms.ready.drain(..fit.min(forms.ready.len())).collect();
        forms.alone = None;
        let ask = Ask::Put(self.manifests(k, &forms.part));
        self.wait_for(k, Step::Forms(forms), ask);
    }

    pub(super) fn manifests(&self, k: usize, of: &[DossierId]) -> Vec<Manifest> {
        let items = &self.kiosks[k].disk.items;
        of.iter()
            .filter_map(|id| items.get(id).map(|i| i.manifest.clone()))
            .collect()
    }

    pub(super) fn forms_heard(&mut self, k: usize, mut forms: Forms, said: Said) {
        let words = match said {
            Said::Dossiers(words) => Ok(words),
            Said::Failed(failure) => Err(failure),
            _ => Err(Failure::NotTheService),
        };
        if let Some(mut alone) = forms.alone.take() {
            alone.push(words.and_then(|mut w| w.pop().unwrap_or(Err(Failure::NotTheService))));
            return self.alone(k, forms, alone);
        }
        match words {
            Ok(words) => self.take_words(k, forms, words),
            Err(failure) if failure.scope() == Scope::Item && forms.part.len() > 1 => {
                self.alone(k, forms, Vec::new());
            }
            Err(failure) => {
                let words = forms.part.iter().map(|_| Err(failure)).collect();
                self.take_words(k, forms, words);
            }
        }
    }

    /// The request was refused and not a form in it: each goes alone.
    fn alone(&mut self, k: usize, mut forms: Forms, heard: Vec<Result<Answer, Failure>>) {
        match forms.part.get(heard.len()) {
            None => self.take_words(k, forms, heard),
            Some(next) => {
                let ask = Ask::Put(self.manifests(k, &[*next]));
                forms.alone = Some(heard);
                self.wait_for(k, Step::Forms(forms), ask);
            }
        }
    }

    fn take_words(&mut self, k: usize, mut forms: Forms, words: Vec<Result<Answer, Failure>>) {
        let part = std::mem::take(&mut forms.part);
        let turns: Vec<_> = part
            .iter()
            .zip(words)
            .map(|(id, answer)| {
                let word = answer.and_then(|answer| self.believe(k, id, &answer));
                let came = self.came(k, id, &word);
                (*id, word, came)
            })
            .collect();
        let loads: Vec<Waiting> = turns
            .iter()
            .filter_map(|(id, word, _)| match word {
                Ok(Word::Wants(missing)) => Some(Waiting {
                    dossier: *id,
                    missing: missing.clone(),
                }),
                _ => None,
            })
            .collect();
        let ended = self.end_turns(k, turns);
        if let (Ended::GoesOn, Some(pass)) = (ended, &mut self.kiosks[k].pass) {
            pass.loads.extend(loads);
            pass.loads.truncate(LOADS_MAX);
        }
        match ended {
            Ended::Died => {}
            Ended::GoesOn => self.put_part(k, forms),
            Ended::Stopped(failure) => {
                // What the link could not carry has still to end its attempt.
                if !self.leave_turns(k, &forms.ready) {
                    self.end_pass(k, Some(failure));
                }
            }
        }
    }

    /// `sync::forms::came`.
    fn came(&mut self, k: usize, id: &DossierId, word: &Result<Word, Failure>) -> Came {
        let item = self.kiosks[k].disk.items.get(id);
        let asked_again = item.is_some_and(|i| i.delivery == Delivery::Registered && i.failures > 0);
        match word {
            Err(failure) => Came::Failed(*failure),
            Ok(Word::Wants(missing)) if asked_again => {
                let left = missing.iter().map(|(f, at)| f.len.saturating_sub(*at)).sum();
                match self.kiosks[k].bytes_left.insert(*id, left) {
                    Some(before) if left < before => Came::Further,
                    Some(_) | None => Came::Stood,
                }
            }
            Ok(Word::Wants(_) | Word::Acknowledged { .. }) => {
                self.kiosks[k].bytes_left.remove(id);
                Came::Further
            }
        }
    }

    /// Ends attempts whose call was not made. Does the machine die on it?
    pub(super) fn leave_turns(&mut self, k: usize, of: &VecDeque<DossierId>) -> bool {
        for id in of {
            if let Some(item) = self.item(k, id) {
                (item.in_attempt, item.crashes, item.next_try_ms) = (false, 0, 0);
            }
        }
        self.dies(k)
    }

    /// On disk before anything is done with the items. Answers those whose attempt began: what was taken back since the
    /// queue was read is not among them. `None` where the machine died on it.
    pub(super) fn begin_turns(&mut self, k: usize, of: &[DossierId]) -> Option<Vec<DossierId>> {
        let mut begun = Vec::with_capacity(of.len());
        for id in of {
            if let Some(item) = self.item(k, id).filter(|item| item.delivery.is_waiting()) {
                (item.in_attempt, item.attempted) = (true, true);
                begun.push(*id);
            }
        }
        (!self.dies(k)).then_some(begun)
    }

    /// `sync::delivery::believe`.
    pub(super) fn believe(&mut self, k: usize, id: &DossierId, answer: &Answer) -> Result<Word, Failure> {
        let Some(item) = self.kiosks[k].disk.items.get(id) else {
            return Err(Failure::Stopped);
        };
        let files = item.manifest.files.iter().copied();
        let ours = item.manifest.identity;
        let heard = answer.acknowledgement.as_ref();
        let believed = self.rules.believe(&ours, &answer.identity, heard, files);
        let believed = believed.ok_or(Failure::Held(HeldReason::UnknownAnswer))?;
        self.kiosks[k].breaker.worked();
        match believed {
            Believed::Registered => Ok(Word::Wants(answer.missing.clone())),
            Believed::Acknowledged(at) if !self.stands(k, id, at) => Err(Failure::Resume),
            Believed::Acknowledged(at) => Ok(Word::Acknowledged {
                at,
                durable: answer.durable,
            }),
        }
    }

    /// Of the epoch that is now, and not taken back since.
    fn stands(&self, k: usize, id: &DossierId, at: Watermark) -> bool {
        let disk = &self.kiosks[k].disk;
        self.rules.is_current(at, disk.seen) && self.rules.let_stand(&disk.taken_back, id, at)
    }

    /// Ends the attempts of one call whatever came, in one commit.
    pub(super) fn end_turns(
        &mut self,
        k: usize,
        turns: Vec<(DossierId, Result<Word, Failure>, Came)>,
    ) -> Ended {
        let items = &self.kiosks[k].disk.items;
        let steady = turns
            .iter()
            .all(|(id, _, _)| items.get(id).is_none_or(Item::is_steady));
        let mut failures = Vec::with_capacity(turns.len());
        for (id, word, came) in turns {
            if let Some(pass) = &mut self.kiosks[k].pass {
                pass.had.insert(id);
            }
            failures.push(self.end_turn(k, id, word, came));
        }
        let stopped = self.stops(k, &failures, steady);
        match stopped {
            _ if self.dies(k) => Ended::Died,
            Some(failure) => Ended::Stopped(failure),
            None => Ended::GoesOn,
        }
    }

    /// What ends the pass.
    fn stops(&mut self, k: usize, failures: &[Option<Failure>], steady: bool) -> Option<Failure> {
        let failed = || failures.iter().flatten().copied();
        if self.rules.is(Mutant::AlwaysTheLink) {
            return failed().find(|f| f.scope() != Scope::Item);
        }
        let blocked = failed().find(|f| self.is_blocked(*f));
        let Kiosk { disk, pass, .. } = &mut self.kiosks[k];
        let pass = pass.as_mut()?;
        let stopped = pass.suspicion.heard(failures.iter().copied(), steady);
        if pass.suspicion.shaky_rest() {
            pass.loads
                .retain(|w| disk.items.get(&w.dossier).is_some_and(Item::is_steady));
        }
        blocked.or(stopped)
    }

    /// `sync::apply::turns`, one of them. Answers what failed.
    fn end_turn(
        &mut self,
        k: usize,
        id: DossierId,
        word: Result<Word, Failure>,
        came: Came,
    ) -> Option<Failure> {
        let (word, failure) = match self.mutate(k, &id, word) {
            Ok(word) => (Some(word), None),
            Err(failure) => (None, Some(failure)),
        };
        match word {
            Some(Word::Wants(_)) => self.step(k, &id, Event::Registered),
            Some(Word::Acknowledged { at, durable }) => self.acknowledged(k, &id, at, durable),
            None => {}
        }
        let nobodys = self.rules.is(Mutant::AlwaysTheLink);
        let came = match (failure, came) {
            (Some(f), _) if self.is_blocked(f) || (nobodys && f.may_be_the_items()) => Came::Untried,
            (Some(f), _) => Came::Failed(f),
            (None, Came::Failed(_)) => Came::Further,
            (None, came) => came,
        };
        let ended = decide::ended(came);
        if let Some(event) = ended.event {
            self.step(k, &id, event);
        }
        if self.rules.is_not_given_back(came) {
            self.not_given_back(k, &id);
        }
        let failures = self.item(k, &id).map_or(0, |i| i.failures);
        let next_try_ms = if ended.waits { self.later(k, failures) } else { 0 };
        if let Some(item) = self.item(k, &id) {
            (item.in_attempt, item.crashes, item.next_try_ms) = (false, 0, next_try_ms);
            item.failures = match ended.word {
                Some(_) => failures + 1,
                None if ended.clears => 0,
                None => failures,
            };
        }
        failure
    }

    fn acknowledged(&mut self, k: usize, id: &DossierId, at: Watermark, durable: Watermark) {
        self.step(k, id, Event::Acknowledged { at });
        let (local, floor, rules) = (self.local_ms(k), self.kiosks[k].floor_ms, self.rules);
        // The word is kept beside the record after the commit; a cut in between costs a question, should the index go.
        let kept = !(self.config.faults.crash && self.one_in(10));
        if let Some(item) = self.item(k, id) {
            if kept {
                item.record.word = Some(at);
            }
            item.acknowledged_ms = item.acknowledged_ms.or(Some(local));
            if let Some(next) = rules.covered(&item.delivery, durable) {
                item.delivery = next;
                item.durable_ms = item.durable_ms.or(Some(floor));
            }
        }
    }

    /// What mutants make of an attempt's end.
    fn mutate(&mut self, k: usize, id: &DossierId, word: Result<Word, Failure>) -> Result<Word, Failure> {
        let rules = self.rules;
        if rules.is(Mutant::DropRefused) && matches!(word, Err(Failure::Held(_))) {
            self.kiosks[k].disk.items.remove(id);
        }
        if rules.is(Mutant::AttachmentGivenUp)
            && word.is_err()
            && let Some(item) = self.item(k, id)
            && item.delivery == Delivery::Registered
        {
            item.given_up = true;
        }
        if rules.is(Mutant::DuplicateIsSuccess) && matches!(word, Err(Failure::Held(HeldReason::Fork))) {
            let at = Watermark { epoch: 1, lsn: 0 };
            return Ok(Word::Acknowledged { at, durable: at });
        }
        word
    }
}

/// How a step of the pass ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ended {
    GoesOn,
    /// The pass is over.
    Stopped(Failure),
    /// The machine died.
    Died,
}

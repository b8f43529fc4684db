//! The forms lane: sealed envelopes to the province, several in one request, each with its own word.
//!
//! **Invariants:** every attempt is on disk before its first byte goes and ends with its answer, all of one request in
//! one commit; a form that is refused, that this machine died on, or whose request breaks off takes none of its neighbours
//! along: what failed together goes alone the next time, which shows which one it was.

use crate::apply::{self, Turn};
use crate::backoff::system_random;
use crate::decide::Came;
use crate::delivery::{Prepared, Word};
use crate::failure::{Failure, Scope};
use crate::pass::{FORMS_MAX, Worker, until_stopped};
use crate::plan;
use crate::scans::{LOADS_MAX, Waiting};
use domain::delivery::Delivery;
use domain::ids::DossierId;
use std::collections::BTreeSet;
use store::tables::item::{self, ItemRow};
use wire::dossier::MissingBlob;

impl Worker {
    /// The oldest forms that wait.
    pub(crate) async fn send_forms(&mut self) -> Result<(), Failure> {
        let rows = self.due("sealed", FORMS_MAX).await?;
        self.put_rows(rows).await
    }

    /// Registers dossiers, or asks how far they are; what the province wants of their files comes into the loads.
    pub(crate) async fn put_rows(&mut self, rows: Vec<ItemRow>) -> Result<(), Failure> {
        let (steady, shaky): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|row| plan::is_steady(row.crashes, row.failures));
        if !steady.is_empty() {
            self.put_together(steady).await?;
        }
        for row in shaky {
            if !self.suspicion.shaky_rest() {
                self.put_together(vec![row]).await?;
            }
        }
        Ok(())
    }

    async fn put_together(&mut self, mut rows: Vec<ItemRow>) -> Result<(), Failure> {
        let begun = self.begin_turns(rows.iter().map(|r| r.dossier).collect()).await?;
        rows.retain(|row| begun.contains(&row.dossier));
        let (mut ready, mut unfit) = (Vec::new(), Vec::new());
        for row in rows {
            match self.prepare(row.clone()).await {
                Ok(prepared) => ready.push(prepared),
                Err(failure) => unfit.push((row, Err(failure), Came::Failed(failure))),
            }
        }
        let mut stopped = self.end_turns(unfit).await.err();
        while !ready.is_empty() {
            let fit = plan::in_one_request(ready.iter().map(|p| p.envelope.len()));
            let later = ready.split_off(fit.min(ready.len()));
            let part = std::mem::replace(&mut ready, later);
            let ended = match stopped {
                None => {
                    let words = self.words(&part).await;
                    self.take_words(part, words).await
                }
                // What the link could not carry has still to end its attempt: closing now is no crash.
                Some(failure) => self.leave_turns(part, failure).await,
            };
            stopped = stopped.or(ended.err());
        }
        stopped.map_or(Ok(()), Err)
    }

    /// One word for each, whatever came of the request.
    async fn words(&mut self, part: &[Prepared]) -> Vec<Result<Word, Failure>> {
        match self.answers(part).await {
            Ok(answers) => answers,
            Err(failure) if failure.scope() == Scope::Item && part.len() > 1 => {
                // The request was refused and not a form in it: each goes alone.
                let mut all = Vec::with_capacity(part.len());
                for one in part {
                    let alone = self.answers(std::slice::from_ref(one)).await;
                    all.push(alone.and_then(|mut words| words.pop().unwrap_or(Err(failure))));
                }
                all
            }
            Err(failure) => part.iter().map(|_| Err(failure)).collect(),
        }
    }

    pub(crate) async fn answers(&mut self, part: &[Prepared]) -> Result<Vec<Result<Word, Failure>>, Failure> {
        let items: Vec<_> = part.iter().map(|p| (p.row.dossier, p.envelope.clone())).collect();
        let answers = until_stopped(&mut self.stop, self.client.put_all(&items)).await?;
        let heard = self.heard().await?;
        Ok(part
            .iter()
            .zip(answers)
            .map(|(prepared, answer)| answer.and_then(|answer| self.believe(prepared, answer, &heard)))
            .collect())
    }

    async fn take_words(
        &mut self,
        part: Vec<Prepared>,
        words: Vec<Result<Word, Failure>>,
    ) -> Result<(), Failure> {
        let mut turns = Vec::with_capacity(part.len());
        let mut loads = Vec::new();
        for (mut prepared, word) in part.into_iter().zip(words) {
            let row = prepared.row.clone();
            let came = self.came(&row, &word);
            if let Ok(Word::Wants(missing)) = &word {
                if came == Came::Further {
                    prepared.row.failures = 0;
                }
                loads.push(Waiting::new(prepared, missing.clone()));
            }
            turns.push((row, word, came));
        }
        self.end_turns(turns).await?;
        self.loads.append(&mut loads);
        self.loads.truncate(LOADS_MAX);
        Ok(())
    }

    /// What an answer to a form brought it. Asked again how far it is, a dossier is no further for being known: one whose files
    /// never get through would else begin anew each time.
    fn came(&mut self, row: &ItemRow, word: &Result<Word, Failure>) -> Came {
        match word {
            Err(failure) => Came::Failed(*failure),
            Ok(Word::Wants(missing)) if row.delivery == Delivery::Registered && row.failures > 0 => {
                let left = bytes_left(missing);
                let before = self.bytes_left.insert(row.dossier, left);
                if before.is_some_and(|before| left < before) {
                    Came::Further
                } else {
                    Came::Stood
                }
            }
            Ok(Word::Wants(_) | Word::Acknowledged(_)) => {
                self.bytes_left.remove(&row.dossier);
                Came::Further
            }
        }
    }

    /// Ends attempts whose call was not made.
    async fn leave_turns(&mut self, part: Vec<Prepared>, failure: Failure) -> Result<(), Failure> {
        let rows: Vec<ItemRow> = part.into_iter().map(|p| p.row).collect();
        self.outcomes
            .extend(rows.iter().map(|row| (row.dossier, Some(failure))));
        let turns = rows.into_iter().map(|row| Turn {
            row,
            word: None,
            came: Came::Untried,
            random: 0,
        });
        let (turns, now) = (turns.collect(), self.now_ms());
        self.db.run(move |o| apply::turns(o, turns, now)).await
    }

    /// On disk before anything is done with the items: after a crash this tells which they were. Answers those whose
    /// attempt began: what was taken back since the queue was read is not among them.
    pub(crate) async fn begin_turns(&self, dossiers: Vec<DossierId>) -> Result<BTreeSet<DossierId>, Failure> {
        let begin = move |o: &mut store::Outbox| {
            o.together(|o| {
                let mut begun = BTreeSet::new();
                for dossier in dossiers {
                    if item::begin_attempt(o.db(), &dossier)? {
                        begun.insert(dossier);
                    }
                }
                Ok(begun)
            })
        };
        self.db.run(begin).await
    }

    /// Ends the attempts of one call whatever came, in one commit. The error is what ends the pass.
    pub(crate) async fn end_turns(
        &mut self,
        turns: Vec<(ItemRow, Result<Word, Failure>, Came)>,
    ) -> Result<(), Failure> {
        if turns.is_empty() {
            return Ok(());
        }
        let mut moved = Vec::with_capacity(turns.len());
        for (row, word, _) in &turns {
            let failure = word.as_ref().err().copied();
            self.outcomes.insert(row.dossier, failure);
            moved.push(row.dossier);
            if let Some(f) = failure.filter(|f| f.scope() == Scope::Item || f.may_be_the_items()) {
                tracing::info!(dossier = %row.dossier, why = f.as_str(), "an item was put aside; the others go on");
            }
        }
        let steady = turns
            .iter()
            .all(|(row, _, _)| plan::is_steady(row.crashes, row.failures));
        let came = turns.iter().map(|(_, word, _)| word.as_ref().err().copied());
        let stopped = self.suspicion.heard(came, steady);
        if self.suspicion.shaky_rest() {
            self.loads.retain(Waiting::is_steady);
        }
        let words: Vec<_> = turns
            .iter()
            .filter_map(|(row, word, _)| match word {
                Ok(Word::Acknowledged(ack)) => Some((row.dossier, ack.signed_json.clone())),
                Ok(_) | Err(_) => None,
            })
            .collect();
        let now = self.now_ms();
        let turns: Vec<Turn> = turns
            .into_iter()
            .map(|(row, word, came)| Turn {
                row,
                word: Some(word),
                came,
                random: system_random(),
            })
            .collect();
        self.db.run(move |o| apply::turns(o, turns, now)).await?;
        self.keep_words(words).await;
        self.shared.moved(&moved);
        stopped.map_or(Ok(()), Err)
    }
}

impl Worker {
    /// Beside the records: they only spare a question, should the index be lost.
    async fn keep_words(&self, words: Vec<(DossierId, String)>) {
        let records = self.options.files.records();
        let keep = move || {
            words
                .iter()
                .try_for_each(|(dossier, word)| records.keep_word(dossier, word))
        };
        if !matches!(tokio::task::spawn_blocking(keep).await, Ok(Ok(()))) {
            tracing::info!("an acknowledgement was not kept beside its record");
        }
    }
}

/// Bytes that are still to go.
pub(crate) fn bytes_left(missing: &[MissingBlob]) -> u64 {
    missing.iter().map(|m| m.len.saturating_sub(m.offset)).sum()
}

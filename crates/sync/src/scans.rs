//! The scans lane: the files of known dossiers, one after another, the dossier that is soonest whole first, and before it one
//! that was overtaken too often.
//!
//! **Invariants:** between two files every other lane is asked first; a province that has no room for files is left alone
//! with files, and with nothing else.

use crate::backoff::{spread, system_random};
use crate::client::Piece;
use crate::decide::Came;
use crate::delivery::{DAMAGED, Prepared, Word};
use crate::failure::Failure;
use crate::forms::bytes_left;
use crate::lane::{self, Due, Lane};
use crate::pass::{FORMS_MAX, ITEMS_MAX, Worker, until_stopped};
use crate::plan::{self, Load};
use crate::upload;
use domain::delivery::HeldReason;
use domain::ids::DossierId;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::tables::item;
use wire::dossier::{DossierAnswer, MissingBlob};

/// Times that one item is registered anew within a turn before it waits for its next one.
const ROUNDS_MAX: u32 = 3;

/// Dossiers kept ready at a time; the others are asked about again when these have gone.
pub(crate) const LOADS_MAX: usize = 200;

/// A dossier that waits for its files to go.
pub(crate) struct Waiting {
    prepared: Prepared,
    missing: Vec<MissingBlob>,
}

impl Waiting {
    pub(crate) fn new(prepared: Prepared, missing: Vec<MissingBlob>) -> Self {
        Self { prepared, missing }
    }

    pub(crate) fn is_steady(&self) -> bool {
        plan::is_steady(self.prepared.row.crashes, self.prepared.row.failures)
    }

    fn load(&self, overtaken: &BTreeSet<DossierId>) -> Load {
        Load {
            dossier: self.prepared.row.dossier,
            device_seq: self.prepared.row.device_seq,
            bytes_left: bytes_left(&self.missing),
            failures: self.prepared.row.failures,
            overtaken: overtaken.contains(&self.prepared.row.dossier),
        }
    }
}

impl Worker {
    pub(crate) fn scans_rest(&self) -> bool {
        self.scans_rest_until.is_some_and(|until| Instant::now() < until)
    }

    /// One step: asks how far those are that were known before this pass, or sends files of one.
    pub(crate) async fn send_scans(&mut self) -> Result<(), Failure> {
        let overtaken = self
            .db
            .run(|o| item::overtaken(o.db(), plan::OVERTAKEN_MAX))
            .await?;
        let overtaken: BTreeSet<DossierId> = overtaken.into_iter().collect();
        if !overtaken.is_empty() {
            // Known since before this pass, and not asked about in it: while others keep coming nobody would.
            let mut rows = self.due("registered", ITEMS_MAX).await?;
            rows.retain(|row| overtaken.contains(&row.dossier));
            if !rows.is_empty() {
                return self.put_rows(rows).await;
            }
        }
        let Some(mut next) = self.soonest(&overtaken) else {
            let rows = self.due("registered", FORMS_MAX).await?;
            return self.put_rows(rows).await;
        };
        let row = next.prepared.row.clone();
        if self.begin_turns(vec![row.dossier]).await?.is_empty() {
            // Taken back since the province said what it wants: nothing more of it goes.
            return Ok(());
        }
        let came = self.deliver(&mut next.prepared, next.missing).await;
        let rest = match &came {
            Err(Failure::Server {
                retry_after: Some(asked),
            }) => Some(*asked),
            _ => None,
        };
        if let Ok(Word::Wants(missing)) = &came {
            let missing = missing.clone();
            self.loads.push(Waiting { missing, ..next });
        }
        let turn = Came::from(came.as_ref().err().copied());
        let ended = self.end_turns(vec![(row, came, turn)]).await;
        match rest {
            Some(asked) => {
                self.leave_alone(asked);
                Ok(())
            }
            None => ended,
        }
    }

    /// No more files until then, spread so that not all come back at once.
    pub(crate) fn leave_alone(&mut self, asked: Duration) {
        let rest = asked.saturating_add(spread(asked / 4, system_random()));
        tracing::info!(seconds = rest.as_secs(), "the province has no room for files now");
        self.scans_rest_until = Some(Instant::now() + rest);
        self.loads.clear();
    }

    fn soonest(&mut self, overtaken: &BTreeSet<DossierId>) -> Option<Waiting> {
        let mut loads: Vec<Load> = self.loads.iter().map(|w| w.load(overtaken)).collect();
        plan::order(&mut loads);
        let first = loads.first()?.dossier;
        let at = self.loads.iter().position(|w| w.prepared.row.dossier == first)?;
        Some(self.loads.swap_remove(at))
    }

    /// To the acknowledgement: every missing file, then the province's word for the whole. What it still wants, where
    /// something else goes first.
    async fn deliver(
        &mut self,
        prepared: &mut Prepared,
        mut missing: Vec<MissingBlob>,
    ) -> Result<Word, Failure> {
        if !self.read_or_ask(prepared).await? {
            let mut words = self.answers(std::slice::from_ref(prepared)).await?;
            return match words.pop().unwrap_or(Err(Failure::NotTheService))? {
                Word::Wants(_) => Err(DAMAGED),
                done @ Word::Acknowledged(_) => Ok(done),
            };
        }
        for _ in 0..ROUNDS_MAX {
            let mut last = None;
            let mut left: u64 = missing.iter().map(|w| w.len).sum();
            let total: u64 = prepared.manifest.blobs.iter().map(|b| b.len).sum();
            for (at, blob) in missing.iter().enumerate() {
                if at > 0 && self.something_first().await? {
                    return Ok(Word::Wants(missing.split_off(at)));
                }
                last = self
                    .send_file(prepared, *blob, total.saturating_sub(left))
                    .await?;
                left = left.saturating_sub(blob.len);
            }
            let word = match last {
                Some(answer) => {
                    let heard = self.heard().await?;
                    self.believe(prepared, answer, &heard)?
                }
                None => {
                    let mut words = self.answers(std::slice::from_ref(prepared)).await?;
                    words.pop().unwrap_or(Err(Failure::NotTheService))?
                }
            };
            match word {
                Word::Wants(still) => missing = still,
                done @ Word::Acknowledged(_) => return Ok(done),
            }
        }
        Err(Failure::Resume)
    }

    /// Does something go before the files that are under way?
    async fn something_first(&self) -> Result<bool, Failure> {
        // Those files stand in no list while they are under way.
        let due = Due {
            scans: true,
            ..self.facts().await?
        };
        Ok(lane::next(due) != Some(Lane::Scans))
    }

    /// `before`: bytes of the dossier's other files that are there already.
    async fn send_file(
        &mut self,
        prepared: &Prepared,
        wanted: MissingBlob,
        before: u64,
    ) -> Result<Option<DossierAnswer>, Failure> {
        let known = prepared
            .manifest
            .blobs
            .iter()
            .find(|b| b.sha256 == wanted.sha256.0);
        let Some(blob) = known.filter(|b| b.len == wanted.len && wanted.offset <= b.len) else {
            return Err(Failure::Held(HeldReason::UnknownAnswer));
        };
        let dossier = prepared.row.dossier;
        let file = self.options.files.path(&blob.name());
        let piece = Piece {
            dossier,
            sha256: wanted.sha256,
            file: &file,
            offset: wanted.offset,
            len: blob.len,
        };
        let (db, shared) = (self.db.clone(), Arc::clone(&self.shared));
        let tell = async move |gone: u64| {
            // Progress is for the eye: a failure to note it is not a failure to send.
            let _ = db
                .run(move |o| item::set_bytes_sent(o.db(), &dossier, before + gone))
                .await;
            shared.moved(&[dossier]);
        };
        until_stopped(&mut self.stop, upload::send(&mut self.client, piece, tell)).await
    }
}

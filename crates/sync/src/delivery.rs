//! One dossier on its way: read back whole, registered, its files sent, its acknowledgement verified.
//!
//! **Invariant:** an answer moves an item only when it is signed, carries our id and our hash, and, where it
//! acknowledges, names every file of ours.

use crate::apply::{self, Acknowledged};
use crate::client::Piece;
use crate::decide::{self, Believed, Identity, SeenEpoch};
use crate::failure::Failure;
use crate::fit;
use crate::pass::{Worker, until_stopped};
use crate::upload;
use domain::delivery::{Event, HeldReason, QuarantineReason};
use domain::ids::DossierId;
use seal::manifest::Manifest;
use seal::signed::Signed;
use std::sync::Arc;
use store::tables::item::{self, ItemRow};
use store::tables::setting::{self, Name};
use wire::Sha256;
use wire::acknowledgement::Acknowledgement;
use wire::dossier::{DossierAnswer, MissingBlob};

/// Times that one item is registered anew within a pass before it waits for its next turn.
const ROUNDS_MAX: u32 = 3;

/// A dossier read back from disk and found whole.
pub(crate) struct Prepared {
    pub row: ItemRow,
    manifest: Manifest,
    envelope: Vec<u8>,
}

impl Worker {
    /// Reads the item back and checks it whole: what is sent is what was sealed.
    async fn prepare(&self, row: &ItemRow) -> Result<Prepared, Failure> {
        let damaged = Failure::Local(QuarantineReason::FileDamaged);
        let dossier = row.dossier;
        let envelope = self.db.run(move |o| item::envelope(o.db(), &dossier)).await?;
        let sealed_by = match &row.carried_from {
            Some(other) => other.parse().map_err(|_| damaged)?,
            None => self.options.link.device_key.verify_key(),
        };
        let manifest = fit::content(row, &envelope, &sealed_by).map_err(|_| damaged)?;
        let (blobs, files) = (manifest.blobs.clone(), self.options.files.clone());
        match tokio::task::spawn_blocking(move || fit::files(&blobs, &files)).await {
            Ok(Ok(true)) => Ok(Prepared {
                row: row.clone(),
                manifest,
                envelope,
            }),
            Ok(Ok(false)) => Err(damaged),
            Ok(Err(_)) | Err(_) => Err(Failure::Disk),
        }
    }

    /// PUT: the province knows it from here on. Answers what it still wants, `None` where it is acknowledged.
    pub(crate) async fn register(
        &mut self,
        row: &ItemRow,
    ) -> Result<(Prepared, Option<Vec<MissingBlob>>), Failure> {
        let prepared = self.prepare(row).await?;
        let missing = self.put(&prepared).await?;
        Ok((prepared, missing))
    }

    async fn put(&mut self, prepared: &Prepared) -> Result<Option<Vec<MissingBlob>>, Failure> {
        let call = self.client.put(&prepared.row.dossier, prepared.envelope.clone());
        let answer = until_stopped(&mut self.stop, call).await?;
        self.take(prepared, answer).await
    }

    /// Believes an answer only with our id and our hash, and an acknowledgement only with every file of ours.
    async fn take(
        &mut self,
        prepared: &Prepared,
        answer: DossierAnswer,
    ) -> Result<Option<Vec<MissingBlob>>, Failure> {
        let foreign = Failure::Held(HeldReason::UnknownAnswer);
        let dossier = prepared.row.dossier;
        let hash = Sha256(prepared.row.manifest_sha256);
        let asked = Identity {
            dossier,
            manifest_sha256: hash,
        };
        let answered = Identity {
            dossier: answer.dossier,
            manifest_sha256: answer.manifest_sha256,
        };
        let verify = |signed: Signed| {
            let key = &self.options.link.signing_key;
            let ack = Acknowledgement::verify(&signed, key, &prepared.manifest, &hash).ok()?;
            Some((signed, ack))
        };
        let believed = decide::believe(&asked, &answered, answer.acknowledgement, verify).ok_or(foreign)?;
        self.worked();
        let Believed::Acknowledged((signed, ack)) = believed else {
            self.db
                .run(move |o| o.step(&dossier, Event::Registered, |_| Ok(())))
                .await?;
            return Ok(Some(answer.missing));
        };
        let seen = self
            .db
            .run(|o| setting::get::<SeenEpoch>(o.db(), Name::ProvinceEpoch))
            .await?;
        if !decide::is_current(ack.at, seen) {
            // Restored just now, or an old answer come again: the next pass asks which.
            return Err(Failure::Resume);
        }
        let signed_json = serde_json::to_string(&signed).map_err(|_| foreign)?;
        let kept = Acknowledged {
            at: ack.at,
            signed_json: signed_json.clone(),
            durable: answer.durable,
            local_ms: self.now_ms(),
            province_ms: self.floor.ms(),
        };
        self.db
            .run(move |o| apply::acknowledged(o, &dossier, &kept))
            .await?;
        self.keep_word(dossier, signed_json).await;
        Ok(None)
    }

    /// Beside the record: it only spares a question, should the index be lost.
    async fn keep_word(&self, dossier: DossierId, signed_json: String) {
        let records = self.options.files.records();
        let kept = tokio::task::spawn_blocking(move || records.keep_word(&dossier, &signed_json)).await;
        if !matches!(kept, Ok(Ok(()))) {
            tracing::info!("an acknowledgement was not kept beside its record");
        }
    }

    /// To the acknowledgement: every missing file, then the province's word for the whole.
    pub(crate) async fn deliver(
        &mut self,
        prepared: &Prepared,
        missing: Vec<MissingBlob>,
    ) -> Result<(), Failure> {
        let mut missing = Some(missing);
        for _ in 0..ROUNDS_MAX {
            let Some(wanted) = missing else { return Ok(()) };
            let mut last = None;
            let mut left: u64 = wanted.iter().map(|w| w.len).sum();
            let total: u64 = prepared.manifest.blobs.iter().map(|b| b.len).sum();
            for blob in wanted {
                last = self.send_file(prepared, blob, total.saturating_sub(left)).await?;
                left = left.saturating_sub(blob.len);
            }
            missing = match last {
                Some(answer) => self.take(prepared, answer).await?,
                None => self.put(prepared).await?,
            };
        }
        if missing.is_none() {
            Ok(())
        } else {
            Err(Failure::Resume)
        }
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

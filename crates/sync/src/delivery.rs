//! One dossier on its way: read back whole, and what the province's answer about it means.
//!
//! **Invariant:** an answer moves an item only when it is signed, carries our id and our hash, and, where it
//! acknowledges, names every file of ours.

use crate::apply::Acknowledged;
use crate::decide::{self, Believed, Identity, SeenEpoch, WordsTakenBack};
use crate::failure::Failure;
use crate::fit;
use crate::pass::{Worker, until_stopped};
use domain::delivery::{HeldReason, QuarantineReason};
use domain::ids::DossierId;
use seal::manifest::Manifest;
use seal::signed::Signed;
use store::Outbox;
use store::tables::item::{self, ItemRow};
use store::tables::setting::{self, Name};
use wire::Sha256;
use wire::acknowledgement::Acknowledgement;
use wire::dossier::{DossierAnswer, MissingBlob};
use wire::inventory::InventoryItem;

/// A dossier read back from disk and found to be what was sealed.
pub(crate) struct Prepared {
    pub row: ItemRow,
    pub manifest: Manifest,
    pub envelope: bytes::Bytes,
    /// Its files, too, were read through in this pass.
    pub files_fit: bool,
}

/// The province's word on a dossier, believed.
pub(crate) enum Word {
    /// It knows it and wants these.
    Wants(Vec<MissingBlob>),
    Acknowledged(Acknowledged),
}

/// What the province said last of its epoch, and which of its words it took back.
pub(crate) struct Heard {
    seen: Option<SeenEpoch>,
    taken_back: WordsTakenBack,
}

pub(crate) const DAMAGED: Failure = Failure::Local(QuarantineReason::FileDamaged);

impl Worker {
    /// Reads an item back and checks it: what is sent is what was sealed. A form does not go before its files were
    /// read through, too; of what the province knows already they are read before they go. Where the province holds the
    /// dossier whole by another way, files that are damaged or gone here are no matter: its form only asks for the word.
    pub(crate) async fn prepare(&mut self, row: ItemRow) -> Result<Prepared, Failure> {
        let dossier = row.dossier;
        let envelope = self.db.run(move |o| item::envelope(o.db(), &dossier)).await?;
        let sealed_by = match &row.carried_from {
            Some(other) => other.parse().map_err(|_| DAMAGED)?,
            None => self.options.link.device_key.verify_key(),
        };
        let manifest = fit::content(&row, &envelope, &sealed_by).map_err(|_| DAMAGED)?;
        let mut prepared = Prepared {
            row,
            manifest,
            envelope: envelope.into(),
            files_fit: false,
        };
        if prepared.row.delivery == domain::delivery::Delivery::Sealed {
            self.read_or_ask(&mut prepared).await?;
        }
        Ok(prepared)
    }

    /// Reads its files through. `false` where they are damaged or gone here and the province holds this very content whole
    /// by another way. A lie costs nothing: only a signed acknowledgement counts.
    pub(crate) async fn read_or_ask(&mut self, prepared: &mut Prepared) -> Result<bool, Failure> {
        match self.read_files(prepared).await {
            Ok(()) => return Ok(true),
            Err(DAMAGED) => {}
            Err(other) => return Err(other),
        }
        let asked = InventoryItem {
            dossier: prepared.row.dossier,
            manifest_sha256: Sha256(prepared.row.manifest_sha256),
        };
        match until_stopped(&mut self.stop, self.client.inventory(vec![asked])).await {
            Ok(answer) if !answer.unknown.contains(&prepared.row.dossier) => {
                self.mark_gone(prepared.row.dossier).await?;
                Ok(false)
            }
            // What answers nonsense must not keep the others waiting for one that is damaged.
            Ok(_) | Err(Failure::Unknown(_) | Failure::NotTheService) => Err(DAMAGED),
            Err(failure) => Err(failure),
        }
    }

    /// Nobody is to be told that a copy lies here.
    async fn mark_gone(&self, dossier: DossierId) -> Result<(), Failure> {
        let records = self.options.files.records();
        match tokio::task::spawn_blocking(move || records.mark_gone(&dossier)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(e.into()),
            Err(_) => Err(Failure::Disk),
        }
    }

    /// Reads its files through, where this pass has not done so.
    pub(crate) async fn read_files(&self, prepared: &mut Prepared) -> Result<(), Failure> {
        if prepared.files_fit {
            return Ok(());
        }
        let (blobs, files) = (prepared.manifest.blobs.clone(), self.options.files.clone());
        match tokio::task::spawn_blocking(move || fit::files(&blobs, &files)).await {
            Ok(Ok(true)) => {
                prepared.files_fit = true;
                Ok(())
            }
            Ok(Ok(false)) => Err(DAMAGED),
            Ok(Err(_)) | Err(_) => Err(Failure::Disk),
        }
    }

    /// What an acknowledgement is held against.
    pub(crate) async fn heard(&self) -> Result<Heard, Failure> {
        let read = |o: &mut Outbox| {
            Ok(Heard {
                seen: setting::get(o.db(), Name::ProvinceEpoch)?,
                taken_back: setting::get(o.db(), Name::WordsTakenBack)?.unwrap_or_default(),
            })
        };
        self.db.run(read).await
    }

    /// Believes an answer only with our id and our hash, and an acknowledgement only with every file of ours.
    pub(crate) fn believe(
        &mut self,
        prepared: &Prepared,
        answer: DossierAnswer,
        heard: &Heard,
    ) -> Result<Word, Failure> {
        let foreign = Failure::Held(HeldReason::UnknownAnswer);
        let hash = Sha256(prepared.row.manifest_sha256);
        let asked = Identity {
            dossier: prepared.row.dossier,
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
            return Ok(Word::Wants(answer.missing));
        };
        let stands = heard.taken_back.let_stand(&prepared.row.dossier, ack.at);
        if !stands || !decide::is_current(ack.at, heard.seen) {
            // Restored or taken back just now, or an old answer come again: the next pass asks which.
            return Err(Failure::Resume);
        }
        Ok(Word::Acknowledged(Acknowledged {
            at: ack.at,
            signed_json: serde_json::to_string(&signed).map_err(|_| foreign)?,
            durable: answer.durable,
            local_ms: self.now_ms(),
            province_ms: self.floor.ms(),
        }))
    }
}

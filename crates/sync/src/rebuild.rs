//! The index made again from what lies on disk: every record that has no row gets one.
//!
//! **Invariants:** a row is made only from an envelope whose two signatures hold; no number is ever given out twice; what
//! a person took back stays taken back. What cannot be known from the disk is not guessed: a dossier without a verified
//! word of the province is *sealed*, and is offered under the id and hash that it always had; an acknowledged one is
//! asked about by an inventory before it is believed.

use crate::decide::{self, SeenEpoch};
use domain::delivery::{Event, HeldReason};
use domain::ids::{DossierId, ProcedureCode};
use domain::receipt_number::ReceiptNumber;
use seal::envelope::SealedDossier;
use seal::keys::VerifyKey;
use seal::manifest::Manifest;
use seal::signed::Signed;
use std::collections::BTreeSet;
use store::outbox::Chain;
use store::records::Record;
use store::tables::audit::{self, Entry};
use store::tables::item::{self, NewItem};
use store::tables::setting::{self, Name};
use store::{Outbox, SealedFiles, StoreError};
use wire::Sha256;
use wire::acknowledgement::Acknowledgement;

/// Who sealed, and whose word counts.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    pub device: VerifyKey,
    pub province: VerifyKey,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Rows that were made.
    pub dossiers: u32,
    /// Of these, with a verified word of the province.
    pub acknowledged: u32,
    /// Records that are not what was sealed: they stay where they lie.
    pub damaged: u32,
    /// Sealed files that belong to no row.
    pub strays: u32,
}

impl Rebuilt {
    /// Everything that lies there found its place.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.damaged == 0 && self.strays == 0
    }
}

/// A record whose signatures hold.
struct Verified {
    record: Record,
    manifest: Manifest,
    sha256: [u8; 32],
}

/// Gives every record without a row its row, in one transaction.
///
/// # Errors
/// Those of the store; then nothing was changed.
pub fn take_in(
    outbox: &Outbox,
    files: &SealedFiles,
    keys: &Keys,
    local_ms: i64,
) -> Result<Rebuilt, StoreError> {
    let records = files.records();
    let missing: Vec<DossierId> = {
        let rows = item::dossiers(outbox.db())?;
        records.dossiers()?.difference(&rows).copied().collect()
    };
    let mut done = Rebuilt::default();
    let mut verified = Vec::new();
    for dossier in &missing {
        match records.read(dossier)?.and_then(|record| verify(record, keys)) {
            Some(one) => verified.push(one),
            None => done.damaged += 1,
        }
    }
    // In the order of the sealing, so that what another machine sealed comes behind it.
    verified.sort_by_key(|one| (one.record.carried_from.is_some(), one.manifest.device_seq));
    let tx = outbox.db().unchecked_transaction()?;
    let mut chain = outbox.chain()?;
    for one in &verified {
        let word = one.word(&keys.province);
        one.insert(outbox, &keys.device)?;
        one.restore_state(outbox, word.as_ref(), local_ms)?;
        if one.record.carried_from.is_none() {
            chain = after(chain, one);
        }
        done.dossiers += 1;
        done.acknowledged += u32::from(word.is_some());
    }
    hold_withdrawn(outbox, files)?;
    for one in &verified {
        one.hold_what_it_takes_back(outbox)?;
    }
    if done.dossiers > 0 {
        setting::set(outbox.db(), Name::Chain, &chain)?;
        setting::set(outbox.db(), Name::EventCursor, &0_u64)?;
        // An epoch that no province has: the next answer is another one, and the inventory is asked first.
        let never = SeenEpoch {
            epoch: 0,
            since_ms: 0,
        };
        setting::set(outbox.db(), Name::ProvinceEpoch, &never)?;
        audit::append(outbox.db(), &line(&done.to_string(), local_ms))?;
    }
    tx.commit()?;
    // Counted whatever was found: where every record is gone, the files alone tell that there were dossiers.
    done.strays = strays(outbox, files)?;
    Ok(done)
}

/// An index that was put back to an older state may still want to send what was taken back since.
fn hold_withdrawn(outbox: &Outbox, files: &SealedFiles) -> Result<(), StoreError> {
    let reason = HeldReason::ConsentWithdrawn;
    for dossier in files.records().withdrawn()? {
        let Some(row) = item::get(outbox.db(), &dossier)? else {
            continue;
        };
        if let Ok(next) = row.delivery.step(Event::NeedsPerson { reason })
            && next != row.delivery
        {
            item::set_delivery(outbox.db(), &dossier, &next)?;
        }
    }
    Ok(())
}

impl std::fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            dossiers,
            acknowledged,
            damaged,
            strays,
        } = self;
        write!(
            f,
            "dossiers {dossiers}, acknowledged {acknowledged}, damaged {damaged}, stray files {strays}"
        )
    }
}

fn line(note: &str, at_ms: i64) -> Entry<'_> {
    Entry {
        at_ms,
        what: "index_rebuilt",
        dossier: None,
        who: None,
        note: Some(note),
    }
}

/// Records that cannot be read spent their numbers too: nobody gets one of them a second time.
///
/// # Errors
/// Those of the store.
pub fn skip_numbers(outbox: &Outbox, damaged: u32) -> Result<(), StoreError> {
    let chain = outbox.chain()?;
    let next = Chain {
        receipts: chain.receipts.saturating_add(damaged),
        device_seq: chain.device_seq.saturating_add(u64::from(damaged)),
        ..chain
    };
    setting::set(outbox.db(), Name::Chain, &next)
}

fn verify(record: Record, keys: &Keys) -> Option<Verified> {
    let sealed_by = match &record.carried_from {
        Some(other) => other.parse().ok()?,
        None => keys.device,
    };
    let sealed = SealedDossier::from_bytes(&record.envelope).ok()?;
    let manifest = sealed.verify(&sealed_by).ok()?;
    let sha256 = sealed.sha256();
    (manifest.dossier_id() == record.dossier).then_some(Verified {
        record,
        manifest,
        sha256,
    })
}

/// The chain behind this dossier, where it is the furthest yet.
fn after(chain: Chain, one: &Verified) -> Chain {
    let count = one
        .manifest
        .receipt_number
        .parse::<ReceiptNumber>()
        .map_or(0, |n| n.count());
    let further = one.manifest.device_seq >= chain.device_seq;
    Chain {
        receipts: chain.receipts.max(count),
        device_seq: chain.device_seq.max(one.manifest.device_seq),
        last_manifest: if further { one.sha256 } else { chain.last_manifest },
    }
}

impl Verified {
    /// The province's word, signed, about this content and every file of it.
    fn word(&self, province: &VerifyKey) -> Option<(Acknowledgement, &str)> {
        let json = self.record.word.as_deref()?;
        let signed: Signed = serde_json::from_str(json).ok()?;
        let hash = Sha256(self.sha256);
        let ack = Acknowledgement::verify(&signed, province, &self.manifest, &hash).ok()?;
        Some((ack, json))
    }

    fn insert(&self, outbox: &Outbox, own: &VerifyKey) -> Result<(), StoreError> {
        let sealed_files: Vec<_> = self.manifest.blobs.iter().map(|b| (b.name(), b.len)).collect();
        let new = NewItem {
            dossier: self.record.dossier,
            device_seq: self.manifest.device_seq,
            receipt_number: &self.manifest.receipt_number,
            procedure_code: &ProcedureCode(self.manifest.procedure_code.clone()),
            envelope: &self.record.envelope,
            manifest_sha256: self.sha256,
            sealed_files: &sealed_files,
            sealed_ms: self.manifest.captured_at.wall_ms,
            takes_back: self.manifest.takes_back(),
        };
        match &self.record.carried_from {
            Some(other) => item::insert_carried(outbox.db(), &new, other),
            // An index that was put back to an older state has given this place to another dossier.
            None if item::is_taken(outbox.db(), self.manifest.device_seq)? => {
                item::insert_carried(outbox.db(), &new, &String::from(*own))
            }
            None => item::insert(outbox.db(), &new),
        }?;
        // Nothing that lies here tells whether it was ever sent.
        item::set_attempted(outbox.db(), &self.record.dossier)
    }

    /// As far as it can be known: the word, the purge, the consent that was taken back.
    fn restore_state(
        &self,
        outbox: &Outbox,
        word: Option<&(Acknowledgement, &str)>,
        local_ms: i64,
    ) -> Result<(), StoreError> {
        let (db, dossier) = (outbox.db(), &self.record.dossier);
        if let Some((ack, json)) = word {
            let received_ms = ack.received_at.as_millisecond();
            item::set_acknowledgement(db, dossier, json, received_ms)?;
            if self.record.gone {
                // The keeping time counts from the earliest moment that can be shown.
                item::set_durable(db, dossier, received_ms)?;
            }
        }
        if self.record.withdrawn {
            let entry = Entry {
                at_ms: local_ms,
                what: "consent_withdrawn",
                dossier: Some(*dossier),
                who: None,
                note: Some("index_rebuilt"),
            };
            audit::append(db, &entry)?;
        }
        let at = word.map(|(ack, _)| ack.at);
        let state = decide::made_again(at, self.record.gone, self.record.withdrawn);
        item::set_delivery(db, dossier, &state)
    }
}

impl Verified {
    /// A withdrawal stops its dossier, here as in the seal that made it. On what ground lies sealed inside it.
    fn hold_what_it_takes_back(&self, outbox: &Outbox) -> Result<(), StoreError> {
        let Some(dossier) = self.manifest.takes_back() else {
            return Ok(());
        };
        if self.record.carried_from.is_some() || item::get(outbox.db(), &self.record.dossier)?.is_none() {
            return Ok(());
        }
        let entry = Entry {
            at_ms: self.manifest.captured_at.wall_ms,
            what: "withdrawal_asked",
            dossier: Some(dossier),
            who: None,
            note: Some("index_rebuilt"),
        };
        audit::append(outbox.db(), &entry)?;
        let reason = HeldReason::ConsentWithdrawn;
        if let Some(row) = item::get(outbox.db(), &dossier)?
            && let Ok(next) = row.delivery.step(Event::NeedsPerson { reason })
        {
            item::set_delivery(outbox.db(), &dossier, &next)?;
        }
        Ok(())
    }
}

/// Files whose dossier has no row: its record is gone or damaged.
fn strays(outbox: &Outbox, files: &SealedFiles) -> Result<u32, StoreError> {
    let known: BTreeSet<String> = item::file_names(outbox.db())?;
    let stray = files.names()?.difference(&known).count();
    Ok(u32::try_from(stray).unwrap_or(u32::MAX))
}

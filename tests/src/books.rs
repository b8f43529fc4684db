//! The checker: compares what citizens hold, what the counter has on disk and what the province has, by identity.
//!
//! **Invariant:** it reads the kiosk's files with the kiosk closed, and believes an acknowledgement only where its
//! signature, its hash and its list of files verify.

use crate::form::Sealed;
use crate::province::Province;
use anyhow::{Context, Result, ensure};
use seal::envelope::SealedDossier;
use seal::keys::VerifyKey;
use seal::manifest::Manifest;
use seal::signed::Signed;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use store::Outbox;
use store::tables::item;
use store::tables::setting::{self, Name};
use wire::Sha256;
use wire::acknowledgement::Acknowledgement;

/// Rows that a story can make.
const ROWS_MAX: u32 = 10_000;

/// One dossier as the counter has it on disk.
#[derive(Debug, Clone)]
pub struct Kept {
    pub number: String,
    pub manifest_sha256: String,
    /// Names of its files.
    pub files: Vec<String>,
    /// The acknowledgement is there and verifies.
    pub acknowledged: bool,
}

/// Both sides' books.
#[derive(Debug, Clone)]
pub struct Books {
    pub kiosk: BTreeMap<String, Kept>,
    pub province: Vec<Value>,
}

impl Books {
    /// Reads both sides. The kiosk must be closed or killed.
    ///
    /// # Errors
    /// Where a book cannot be read, or an acknowledgement does not verify.
    pub fn read(kiosk: &Path, province: &Province) -> Result<Self> {
        let outbox = Outbox::open(kiosk)?;
        let enrolment: Value =
            setting::get(outbox.db(), Name::Enrolment)?.context("the kiosk is not enrolled")?;
        let key = enrolment
            .pointer("/offer/signing_key")
            .and_then(Value::as_str)
            .context("no signing key")?;
        let key: VerifyKey = key.parse()?;
        let mut kept = BTreeMap::new();
        for row in item::newest(outbox.db(), ROWS_MAX)? {
            let sealed = SealedDossier::from_bytes(&item::envelope(outbox.db(), &row.dossier)?)?;
            let manifest = Manifest::from_bytes(&sealed.manifest)?;
            let hash = Sha256(sealed.sha256());
            if let Some(text) = &row.acknowledgement {
                let signed: Signed = serde_json::from_str(text)?;
                Acknowledgement::verify(&signed, &key, &manifest, &hash)
                    .with_context(|| format!("acknowledgement of {}", row.receipt_number))?;
            }
            let files = manifest
                .blobs
                .iter()
                .map(seal::manifest::BlobRecord::name)
                .collect();
            let one = Kept {
                number: row.receipt_number,
                manifest_sha256: hash.to_string(),
                files,
                acknowledged: row.acknowledgement.is_some(),
            };
            kept.insert(row.dossier.to_string(), one);
        }
        Ok(Self {
            kiosk: kept,
            province: province.dossiers()?,
        })
    }

    /// Every receipt in a citizen's hand is in the counter's book and, acknowledged, in the province's: once, with
    /// the same hash and every file. Nothing else is in either.
    ///
    /// # Errors
    /// Says which dossier is lost, double or different.
    pub fn balance(&self, held: &[Sealed]) -> Result<()> {
        self.arrived(held)?;
        for receipt in held {
            let kept = self.kiosk.get(&receipt.dossier);
            ensure!(
                kept.is_some_and(|kept| kept.acknowledged),
                "{} is not acknowledged",
                receipt.number
            );
        }
        ensure!(
            self.kiosk.len() == held.len(),
            "the counter has {} dossiers, citizens hold {}",
            self.kiosk.len(),
            held.len()
        );
        Ok(())
    }

    /// The same of the province alone: whatever the counter has heard of it, and holds besides.
    ///
    /// # Errors
    /// As [`Self::balance`].
    pub fn arrived(&self, held: &[Sealed]) -> Result<()> {
        for receipt in held {
            let id = &receipt.dossier;
            let kept = self
                .kiosk
                .get(id)
                .with_context(|| format!("{} is lost at the counter", receipt.number))?;
            ensure!(
                kept.number == receipt.number,
                "{id} has number {} at the counter, {} on paper",
                kept.number,
                receipt.number
            );
            let there: Vec<&Value> = self
                .province
                .iter()
                .filter(|d| d.get("id") == Some(&json!(id)))
                .collect();
            ensure!(
                there.len() == 1,
                "{} is {} times at the province",
                receipt.number,
                there.len()
            );
            for dossier in there {
                same(kept, dossier).with_context(|| format!("{} at the province", receipt.number))?;
            }
        }
        ensure!(
            self.province.len() == held.len(),
            "the province has {} dossiers, citizens hold {}",
            self.province.len(),
            held.len()
        );
        Ok(())
    }
}

fn same(kept: &Kept, dossier: &Value) -> Result<()> {
    ensure!(
        dossier.get("manifest_sha256") == Some(&json!(kept.manifest_sha256)),
        "another content: {dossier}"
    );
    ensure!(
        dossier.get("receipt_number") == Some(&json!(kept.number)),
        "another number: {dossier}"
    );
    ensure!(dossier.get("forks") == Some(&json!([])), "forks: {dossier}");
    ensure!(
        dossier.get("completed_at").is_some_and(|at| !at.is_null()),
        "acknowledged but not complete: {dossier}"
    );
    let files = dossier
        .get("files")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let held: Vec<&str> = files
        .iter()
        .filter(|f| f.get("held") == Some(&Value::Bool(true)))
        .filter_map(|f| f.get("sha256")?.as_str())
        .collect();
    ensure!(
        held == kept.files,
        "files differ: {held:?} against {:?}",
        kept.files
    );
    Ok(())
}

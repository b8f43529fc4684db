//! A word of the province that it never gave: signed with its own key, and taken in by the kiosk's own verification. For
//! controls alone.

use anyhow::{Context as _, Result};
use domain::delivery::Watermark;
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::keys::{Context, SigningKey};
use seal::manifest::Manifest;
use seal::signed::Signed;
use store::Outbox;
use store::tables::{item, setting};
use wire::Sha256;
use wire::acknowledgement::{AckFile, Acknowledgement};

/// Acknowledges a dossier; `false` where it is acknowledged already.
pub fn acknowledge(outbox: &mut Outbox, dossier: &DossierId, key: &SigningKey) -> Result<bool> {
    let sealed = SealedDossier::from_bytes(&item::envelope(outbox.db(), dossier)?)?;
    let manifest = Manifest::from_bytes(&sealed.manifest)?;
    let epoch = setting::get::<sync::decide::SeenEpoch>(outbox.db(), setting::Name::ProvinceEpoch)?
        .context("no epoch")?
        .epoch;
    let ack = Acknowledgement {
        dossier: *dossier,
        manifest_sha256: Sha256(sealed.sha256()),
        files: manifest
            .blobs
            .iter()
            .map(|b| AckFile {
                sha256: Sha256(b.sha256),
                len: b.len,
            })
            .collect(),
        at: Watermark { epoch, lsn: 1 },
        received_at: jiff::Timestamp::now(),
    };
    let signed = Signed::seal(key, Context::Acknowledgement, &ack)?;
    Ok(sync::carried::acknowledgement(
        outbox,
        &key.verify_key(),
        dossier,
        &signed,
        1,
    )?)
}

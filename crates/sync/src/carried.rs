//! An acknowledgement that came by a stick: the province's word for a dossier that another machine carried there.
//!
//! **Invariant:** it is taken exactly as one from the network is: signed, with our id, our hash and every file of ours,
//! and neither from an epoch that has ended nor taken back since. It never says more than *received*: a watermark comes by the network alone.

use crate::decide::{self, SeenEpoch, WordsTakenBack};
use domain::delivery::{Delivery, Event};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::keys::VerifyKey;
use seal::manifest::Manifest;
use seal::signed::Signed;
use store::tables::item;
use store::tables::setting::{self, Name};
use store::{Outbox, StoreError};
use wire::Sha256;
use wire::acknowledgement::Acknowledgement;

/// Takes it in where it holds; `false` where it proves nothing here, or nothing new.
///
/// # Errors
/// Those of the outbox.
pub fn acknowledgement(
    outbox: &mut Outbox,
    province: &VerifyKey,
    dossier: &DossierId,
    signed: &Signed,
    local_ms: i64,
) -> Result<bool, StoreError> {
    let Some(row) = item::get(outbox.db(), dossier)?.filter(|row| !row.delivery.is_acknowledged()) else {
        return Ok(false);
    };
    let envelope = item::envelope(outbox.db(), dossier)?;
    // What is damaged here cannot be held against the word; the other words of the stick are taken.
    let manifest =
        SealedDossier::from_bytes(&envelope).and_then(|sealed| Manifest::from_bytes(&sealed.manifest));
    let Ok(manifest) = manifest else {
        return Ok(false);
    };
    let hash = Sha256(row.manifest_sha256);
    let Ok(ack) = Acknowledgement::verify(signed, province, &manifest, &hash) else {
        return Ok(false);
    };
    let seen: Option<SeenEpoch> = setting::get(outbox.db(), Name::ProvinceEpoch)?;
    let taken_back: WordsTakenBack = setting::get(outbox.db(), Name::WordsTakenBack)?.unwrap_or_default();
    if !decide::is_current(ack.at, seen) || !taken_back.let_stand(dossier, ack.at) {
        return Ok(false);
    }
    let json = serde_json::to_string(signed)?;
    let event = Event::Acknowledged { at: ack.at };
    let next = outbox.step(dossier, event, |tx| {
        // The state decides; the row's copy of the word is only kept where the state took it.
        if row.delivery.step(event).is_ok() {
            item::set_acknowledgement(tx, dossier, &json, local_ms)?;
        }
        Ok(())
    })?;
    Ok(matches!(next, Delivery::Received { .. }))
}

#[cfg(test)]
#[path = "carried_tests.rs"]
mod tests;

//! Sealed dossiers onto a stick: which of them go, and what came of each.
//!
//! **Invariants:** a copy is noted only after it was read back, in the transaction that writes the book; nobody need be
//! signed in: sealed bytes need no key.

use crate::kiosk::{App, Enrolment};
use crate::parcels::{Outgoing, Put, Stick};
use crate::problem::Problem;
use crate::views::ParcelFault;
use domain::delivery::{Delivery, QuarantineReason};
use domain::ids::{DossierId, OperatorId};
use domain::text::Words;
use seal::certificate::DeviceClass;
use store::tables::item::{self, ItemRow};
use store::tables::{audit, copy};
use store::{Outbox, SealedFiles, StoreError};
use sync::Failure;

/// A row of the index with its envelope.
pub(crate) type Sealed = (ItemRow, Vec<u8>);

/// What came of copying.
#[derive(Debug, Default)]
pub(crate) struct Copied {
    /// Now, and read back.
    pub copied: u32,
    /// Lay there already, and were read back.
    pub there: u32,
    pub faults: Vec<ParcelFault>,
}

/// Is this a machine that is carried to homes and villages?
pub(crate) fn is_field(app: &App) -> Result<bool, Problem> {
    let enrolment = app.enrolment()?;
    Ok(enrolment.is_some_and(|e| e.certificate.class == DeviceClass::Field))
}

/// Do its files lie here whole, as far as this machine knows? Not where they went or were found damaged; what is tried again
/// after that is read through first.
pub(crate) fn lies_here(files: &SealedFiles, row: &ItemRow) -> bool {
    let damaged = QuarantineReason::FileDamaged;
    let word = Failure::Local(damaged).as_str();
    let found_damaged = row.delivery.is_waiting() && row.last_failure.as_deref() == Some(word);
    let let_go = matches!(row.delivery, Delivery::Purged { .. });
    let given_up = row.delivery == Delivery::Quarantined { reason: damaged };
    !(found_damaged || let_go || given_up || files.records().is_gone(&row.dossier))
}

/// Would a stick that holds its files help: do they not lie here, and the province wants them or may want them?
pub(crate) fn wants_its_files(files: &SealedFiles, row: &ItemRow) -> bool {
    let reason = QuarantineReason::FileDamaged;
    let given_up = row.delivery == Delivery::Quarantined { reason };
    given_up || (row.delivery.is_waiting() && !lies_here(files, row))
}

/// Everything with bytes here that the province's backup does not hold, but what was taken back.
pub(crate) fn going_out(outbox: &Outbox) -> Result<Vec<Sealed>, StoreError> {
    sealed(outbox, copy::going_out(outbox.db())?)
}

/// What has no second copy, and nothing else.
pub(crate) fn only_here(outbox: &Outbox) -> Result<Vec<Sealed>, StoreError> {
    sealed(outbox, copy::only_here(outbox.db())?)
}

fn sealed(outbox: &Outbox, which: Vec<DossierId>) -> Result<Vec<Sealed>, StoreError> {
    let mut out = Vec::with_capacity(which.len());
    for dossier in which {
        if let Some(row) = item::get(outbox.db(), &dossier)? {
            out.push((row, item::envelope(outbox.db(), &dossier)?));
        }
    }
    Ok(out)
}

/// Copies each, reads it back and writes it down.
pub(crate) fn copy_out(
    app: &App,
    enrolment: &Enrolment,
    stick: &Stick,
    who: OperatorId,
    rows: Vec<Sealed>,
) -> Result<Copied, Problem> {
    let mut came = Copied::default();
    for (row, envelope) in rows {
        let own = row.carried_from.is_none();
        let one = Outgoing {
            dossier: row.dossier,
            envelope: &envelope,
            certificate: enrolment.signed_certificate.as_ref().filter(|_| own),
        };
        let (vi, en) = match stick.put(&one, &app.files)? {
            put @ (Put::Copied | Put::There) => {
                came.copied += u32::from(put == Put::Copied);
                came.there += u32::from(put == Put::There);
                note_copy(app, &stick.id, &row, who, put)?;
                continue;
            }
            Put::Other => (
                "Trên USB có bản khác cùng mã hồ sơ. Không ghi đè. Xin gọi tỉnh.",
                "The stick holds another content under this id. It was not overwritten. Call the province.",
            ),
            Put::DamagedHere => (
                "Tệp trên máy này bị hỏng nên không chép được. Xin gọi kỹ thuật.",
                "A file on this machine is damaged and was not copied. Call support.",
            ),
        };
        came.faults.push(ParcelFault {
            dossier: row.dossier,
            receipt_number: Some(row.receipt_number),
            why: Words::new(vi, en),
        });
    }
    Ok(came)
}

fn note_copy(app: &App, stick: &str, row: &ItemRow, who: OperatorId, put: Put) -> Result<(), Problem> {
    let at_ms = app.clock.now_ms();
    let outbox = app.outbox();
    let tx = outbox.db().unchecked_transaction().map_err(StoreError::from)?;
    copy::put(&tx, &row.dossier, stick, at_ms)?;
    if put == Put::Copied {
        let line = audit::Entry {
            at_ms,
            what: "copied_to_stick",
            dossier: Some(row.dossier),
            who: Some(who),
            note: Some(stick),
        };
        audit::append(&tx, &line)?;
    }
    Ok(tx.commit().map_err(StoreError::from)?)
}

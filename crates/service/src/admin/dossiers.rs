//! Looking at dossiers from outside.

use super::Admin;
use super::views::{BlobView, CaseView, DossierView};
use crate::store::blobs;
use crate::store::cases;
use crate::store::dossiers::{self, DossierRow};
use crate::store::matters;
use crate::{Refusal, ServiceError};
use domain::ids::DossierId;
use wire::Sha256;

impl Admin {
    /// Every dossier, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn dossiers(&self) -> Result<Vec<DossierView>, ServiceError> {
        dossiers::list(&self.conn)?
            .into_iter()
            .map(|row| self.view(row))
            .collect()
    }

    /// # Errors
    /// [`Refusal::NoSuchDossier`].
    pub fn dossier(&self, id: &DossierId) -> Result<DossierView, ServiceError> {
        let row = dossiers::find(&self.conn, id)?.ok_or(Refusal::NoSuchDossier)?;
        self.view(row)
    }

    fn view(&self, row: DossierRow) -> Result<DossierView, ServiceError> {
        let case = cases::find(&self.conn, &row.id)?;
        let files = blobs::list(&self.conn, &row.id)?.into_iter();
        Ok(DossierView {
            files: files
                .map(|b| BlobView {
                    sha256: Sha256(b.record.sha256),
                    bytes: b.record.len,
                    held: b.done,
                })
                .collect(),
            forks: dossiers::forks(&self.conn, &row.id)?,
            same_matter: matters::others(&self.conn, &row.id)?,
            id: row.id,
            device: row.device,
            takes_back: row.takes_back,
            receipt_number: row.receipt_number,
            procedure_code: row.procedure_code,
            intake: row.state,
            case: CaseView {
                status: case.status,
                official_code: case.code,
                note: case.note,
            },
            registered_at: row.registered_at,
            completed_at: row.completed_at,
            low_trust: row.low_trust,
            manifest_sha256: row.manifest_sha256,
        })
    }
}

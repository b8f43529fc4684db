//! Looking at dossiers from outside.

use super::Admin;
use super::views::{BlobView, CaseView, DossierView};
use crate::store::blobs;
use crate::store::cases;
use crate::store::dossiers::{self, DossierRow};
use crate::store::matters;
use crate::{Refusal, ServiceError};
use domain::ids::DossierId;
use domain::receipt_number::ReceiptNumber;
use wire::Sha256;

/// Shown under one printed number: more than a cloned disk ever made.
const SAME_NUMBER_MAX: usize = 100;

impl Admin {
    /// Every dossier, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn dossiers(&self) -> Result<Vec<DossierView>, ServiceError> {
        self.newest_dossiers(u32::MAX)
    }

    /// The last so many that came, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn newest_dossiers(&self, max: u32) -> Result<Vec<DossierView>, ServiceError> {
        self.views(dossiers::newest(&self.conn, max)?)
    }

    /// How many there are.
    ///
    /// # Errors
    /// The database's.
    pub fn dossiers_held(&self) -> Result<u32, ServiceError> {
        dossiers::count(&self.conn)
    }

    /// What somebody means who reads a printed number over the telephone: each dossier under it, mostly one, followed by
    /// the withdrawals that name it.
    ///
    /// # Errors
    /// The database's.
    pub fn dossiers_under(&self, number: &ReceiptNumber) -> Result<Vec<DossierView>, ServiceError> {
        let mut rows = Vec::new();
        for row in dossiers::by_receipt_number(&self.conn, &number.to_string(), SAME_NUMBER_MAX)? {
            let withdrawals = dossiers::withdrawals_of(&self.conn, &row.id)?;
            rows.push(row);
            rows.extend(withdrawals);
        }
        self.views(rows)
    }

    fn views(&self, rows: Vec<DossierRow>) -> Result<Vec<DossierView>, ServiceError> {
        rows.into_iter().map(|row| self.view(row)).collect()
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

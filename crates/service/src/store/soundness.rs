//! Is the database what was written? SQLite notices a page that is no page; what stands in a cell it takes as it is.
//!
//! **Invariant:** of every dossier the sealed manifest, which carries its own hash, is held against what the columns and
//! the list of files beside it say.

use super::dossiers::DossierRow;
use crate::{Refusal, ServiceError};
use rusqlite::Connection;
use seal::envelope::SealedDossier;
use seal::manifest::Manifest;
use wire::Sha256;

/// The structure of every table and index. Indexes are not compared with their tables: a snapshot makes them anew.
///
/// # Errors
/// [`Refusal::DatabaseDamaged`].
pub fn structure(conn: &Connection) -> Result<(), ServiceError> {
    let word: Result<String, _> = conn.query_row("PRAGMA quick_check(1)", [], |r| r.get(0));
    match word {
        Ok(word) if word == "ok" => Ok(()),
        Ok(_) => Err(Refusal::DatabaseDamaged.into()),
        Err(failure) => Err(or_damaged(failure.into())),
    }
}

/// Of a stored value that does not read back, as of a page, nothing more is to be known than that it is damaged. What is
/// full, busy or not permitted stays what it is.
#[must_use]
pub fn or_damaged(failure: ServiceError) -> ServiceError {
    use rusqlite::ErrorCode as E;
    match &failure {
        ServiceError::Database(inner) => match inner.sqlite_error_code() {
            Some(E::DatabaseCorrupt | E::NotADatabase) | None => Refusal::DatabaseDamaged.into(),
            Some(_) => failure,
        },
        ServiceError::Seal(_) | ServiceError::Damaged(_) => Refusal::DatabaseDamaged.into(),
        _ => failure,
    }
}

/// Reads every dossier through; answers how many there are.
///
/// # Errors
/// [`Refusal::DatabaseDamaged`].
pub fn dossiers(conn: &Connection) -> Result<u64, ServiceError> {
    let mut count = 0;
    let look = |row: DossierRow, envelope: Vec<u8>| {
        let sealed = SealedDossier::from_bytes(&envelope)?;
        let manifest = Manifest::from_bytes(&sealed.manifest)?;
        let fits = Sha256(sealed.sha256()) == row.manifest_sha256
            && manifest.dossier_id() == row.id
            && manifest.device_id() == row.device
            && manifest.receipt_number == row.receipt_number
            && manifest.takes_back() == row.takes_back
            && lists(conn, &row, &manifest)?;
        count += 1;
        if fits {
            Ok(())
        } else {
            Err(Refusal::DatabaseDamaged.into())
        }
    };
    super::dossiers::each(conn, look).map_err(or_damaged)?;
    Ok(count)
}

/// Are the manifest's files listed, and no others? Of an acknowledged dossier each is here.
fn lists(conn: &Connection, row: &DossierRow, manifest: &Manifest) -> Result<bool, ServiceError> {
    let rows = super::blobs::list(conn, &row.id)?;
    let all = rows.iter().map(|blob| &blob.record).eq(&manifest.blobs);
    Ok(all && (row.acknowledgement.is_none() || rows.iter().all(|blob| blob.done)))
}

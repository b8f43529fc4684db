//! Is the database what was written? SQLite notices a page that is no page and an index that differs from its table; what
//! stands in a cell it takes as it is.
//!
//! **Invariant:** of every dossier the sealed manifest, which carries its own hash, is held against what the columns and
//! the list of files beside it say.

use super::audit::{self, Act, Entry};
use super::dossiers::DossierRow;
use super::immediate;
use crate::{Refusal, ServiceError};
use jiff::Timestamp;
use rusqlite::Connection;
use seal::envelope::SealedDossier;
use seal::manifest::Manifest;
use wire::Sha256;

/// The structure of every table and index, and what each index says beside its table. An index that says something else is
/// made anew, for the rows themselves are held against their manifests: through a damaged one a dossier that is here is not
/// found, and comes in a second time. Answers whether that was needed.
///
/// # Errors
/// [`Refusal::DatabaseDamaged`].
pub fn structure(conn: &mut Connection, now: Timestamp) -> Result<bool, ServiceError> {
    // First without the indexes: nothing is written into a database whose pages are not sound.
    if !says_ok(conn, "PRAGMA quick_check(1)")? {
        return Err(Refusal::DatabaseDamaged.into());
    }
    if says_ok(conn, "PRAGMA integrity_check(1)")? {
        return Ok(false);
    }
    immediate(conn, |tx| {
        // Where it is the table that is damaged the old index still tells the truth.
        dossiers(tx)?;
        tx.execute_batch("REINDEX").map_err(|e| or_damaged(e.into()))?;
        if !says_ok(tx, "PRAGMA integrity_check(1)")? {
            return Err(Refusal::DatabaseDamaged.into());
        }
        let entry = Entry {
            at: now,
            who: "service".into(),
            act: Act::MendIndexes,
            on: None,
            why: "an index said something else than its table".into(),
        };
        audit::append(tx, &entry)
    })?;
    tracing::error!(
        "an index of the database was damaged and was made anew from its table: look at this disk"
    );
    Ok(true)
}

fn says_ok(conn: &Connection, question: &str) -> Result<bool, ServiceError> {
    let word: Result<String, _> = conn.query_row(question, [], |r| r.get(0));
    word.map(|word| word == "ok").map_err(|e| or_damaged(e.into()))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A clerk's name stands in the table and in the index that finds it.
    #[test]
    fn an_index_that_differs_from_its_table_is_made_anew_and_what_it_hid_is_found() {
        const NAME: &str = "an example of a name";
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("province.db");
        let found = |conn: &Connection| -> bool {
            let sql = "SELECT EXISTS (SELECT 1 FROM clerks WHERE name = ?1)";
            conn.query_row(sql, [NAME], |r| r.get(0)).unwrap()
        };
        let mut conn = super::super::open(&path).unwrap();
        conn.execute(
            "INSERT INTO clerks (name, passphrase, added_at) VALUES (?1, 'x', 1)",
            [NAME],
        )
        .unwrap();
        assert!(
            !structure(&mut conn, Timestamp::UNIX_EPOCH).unwrap(),
            "the control: sound"
        );
        drop(conn);
        let whole = std::fs::read(&path).unwrap();
        let at: Vec<usize> = (0..whole.len() - NAME.len())
            .filter(|at| whole[*at..].starts_with(NAME.as_bytes()))
            .collect();
        let mut hidden = 0;
        for at in at {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, damaged).unwrap();
            let mut conn = super::super::open(&path).unwrap();
            let hid = !found(&conn);
            assert!(structure(&mut conn, Timestamp::UNIX_EPOCH).unwrap(), "made anew");
            assert!(!structure(&mut conn, Timestamp::UNIX_EPOCH).unwrap(), "once");
            hidden += u32::from(hid && found(&conn));
            let told = audit::verified(&conn).unwrap();
            assert_eq!(told.last().map(|e| e.act), Some(Act::MendIndexes));
            drop(conn);
            let _ = std::fs::remove_file(path.with_extension("db-wal"));
        }
        assert_eq!(hidden, 1, "the index's own copy was hit");
    }

    #[test]
    fn a_bit_of_the_epoch_is_seen_and_a_new_epoch_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = super::super::open(&dir.path().join("province.db")).unwrap();
        let sound = |conn: &Connection| super::super::meta::epoch_is_sound(conn).unwrap();
        assert!(sound(&conn));
        immediate(&mut conn, super::super::meta::restored).unwrap();
        assert!(sound(&conn), "the control: the province was restored");
        conn.execute("UPDATE meta SET value = value + 8 WHERE key = 'epoch'", [])
            .unwrap();
        assert!(!sound(&conn));
    }
}

//! The tray: sheets from the scanner's folder that belong to no dossier yet, encrypted like every other.

use crate::StoreError;
use crate::tables::paper_file::Content;
use domain::ids::{ComponentId, DossierId, PaperFileId};
use rusqlite::{Connection, OptionalExtension};

/// A sheet without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraySheetRow {
    pub id: PaperFileId,
    pub media: String,
    pub bytes: u32,
    pub original_bytes: u32,
    pub pages: u32,
    pub sha256: String,
    pub warnings: String,
    pub codes: String,
    pub added_ms: i64,
}

/// Lays sheets into the tray, all or none.
///
/// # Errors
/// The write errors.
pub fn insert(db: &mut Connection, sheets: &[(TraySheetRow, Content<'_>)]) -> Result<(), StoreError> {
    let tx = db.transaction()?;
    for (row, content) in sheets {
        tx.execute(
            "INSERT INTO tray_sheet (id, media, bytes, original_bytes, pages, sha256, content, thumbnail, warnings, codes,
               fingerprint, added_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            (
                row.id.to_string(),
                &row.media,
                row.bytes,
                row.original_bytes,
                row.pages,
                &row.sha256,
                content.readable,
                content.thumbnail,
                &row.warnings,
                &row.codes,
                content.fingerprint,
                row.added_ms,
            ),
        )?;
    }
    tx.commit()?;
    Ok(())
}

/// The oldest first: as they were laid on the scanner.
///
/// # Errors
/// The read errors.
pub fn all(db: &Connection) -> Result<Vec<TraySheetRow>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, media, bytes, original_bytes, pages, sha256, warnings, codes, added_ms FROM tray_sheet ORDER BY added_ms, rowid",
    )?;
    let rows = statement.query_map([], |r| {
        let row = TraySheetRow {
            id: PaperFileId(uuid::Uuid::nil()),
            media: r.get(1)?,
            bytes: r.get(2)?,
            original_bytes: r.get(3)?,
            pages: r.get(4)?,
            sha256: r.get(5)?,
            warnings: r.get(6)?,
            codes: r.get(7)?,
            added_ms: r.get(8)?,
        };
        Ok((r.get::<_, String>(0)?, row))
    })?;
    rows.map(|read| {
        let (id, row) = read?;
        Ok(TraySheetRow {
            id: id.parse().map_err(|_| StoreError::Content)?,
            ..row
        })
    })
    .collect()
}

/// A sheet's picture, small.
///
/// # Errors
/// The read errors.
pub fn picture(db: &Connection, id: &PaperFileId) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .query_row(
            "SELECT thumbnail FROM tray_sheet WHERE id = ?1",
            [id.to_string()],
            |r| r.get(0),
        )
        .optional()?)
}

/// How the ink lies on a sheet.
///
/// # Errors
/// [`StoreError::Missing`].
pub fn fingerprint(db: &Connection, id: &PaperFileId) -> Result<Vec<u8>, StoreError> {
    Ok(db.query_row(
        "SELECT fingerprint FROM tray_sheet WHERE id = ?1",
        [id.to_string()],
        |r| r.get(0),
    )?)
}

/// Moves a sheet to a paper of a dossier, after the pages that are there, in one transaction.
///
/// # Errors
/// [`StoreError::Missing`] where it is not in the tray; then nothing is changed.
pub fn give_to(
    db: &mut Connection,
    id: &PaperFileId,
    (dossier, component): (&DossierId, &ComponentId),
    same_as: Option<PaperFileId>,
) -> Result<(), StoreError> {
    let tx = db.transaction()?;
    let moved = tx.execute(
        "INSERT INTO paper_file (id, dossier, component, media, bytes, original_bytes, pages, sha256, content, thumbnail,
           added_ms, warnings, codes, fingerprint, same_as, place)
         SELECT id, ?2, ?3, media, bytes, original_bytes, pages, sha256, content, thumbnail, added_ms, warnings, codes,
           fingerprint, ?4, (SELECT coalesce(max(place), 0) + 1 FROM paper_file WHERE dossier = ?2 AND component = ?3)
         FROM tray_sheet WHERE id = ?1",
        (
            id.to_string(),
            dossier.to_string(),
            component.as_str(),
            same_as.map(|id| id.to_string()),
        ),
    )?;
    if moved != 1 {
        return Err(StoreError::Missing);
    }
    tx.execute("DELETE FROM tray_sheet WHERE id = ?1", [id.to_string()])?;
    tx.commit()?;
    Ok(())
}

/// # Errors
/// [`StoreError::Missing`].
pub fn remove(db: &Connection, id: &PaperFileId) -> Result<(), StoreError> {
    let changed = db.execute("DELETE FROM tray_sheet WHERE id = ?1", [id.to_string()])?;
    StoreError::unless_one(changed)
}

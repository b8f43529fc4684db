//! Captured files of a draft, encrypted from the first byte at rest.

use crate::StoreError;
use domain::ids::{ComponentId, DossierId, PaperFileId};
use rusqlite::{Connection, OptionalExtension};

/// A captured file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperFileRow {
    pub id: PaperFileId,
    pub component: ComponentId,
    pub media: String,
    pub bytes: u32,
    pub original_bytes: u32,
    pub pages: u32,
    /// SHA-256 of the readable bytes, lower-case hex.
    pub sha256: String,
    pub has_thumbnail: bool,
}

/// # Errors
/// The write errors.
pub fn insert(
    db: &Connection,
    dossier: &DossierId,
    row: &PaperFileRow,
    content: &[u8],
    thumbnail: &[u8],
    now_ms: i64,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO paper_file (id, dossier, component, media, bytes, original_bytes, pages, sha256, content, thumbnail, added_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        (
            row.id.to_string(),
            dossier.to_string(),
            row.component.as_str(),
            &row.media,
            row.bytes,
            row.original_bytes,
            row.pages,
            &row.sha256,
            content,
            thumbnail,
            now_ms,
        ),
    )?;
    Ok(())
}

/// # Errors
/// The read errors.
pub fn of_dossier(db: &Connection, dossier: &DossierId) -> Result<Vec<PaperFileRow>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, component, media, bytes, original_bytes, pages, sha256, length(thumbnail) > 0 FROM paper_file WHERE dossier = ?1 ORDER BY component, added_ms, id",
    )?;
    let rows = statement.query_map([dossier.to_string()], |r| {
        let (id, component): (String, String) = (r.get(0)?, r.get(1)?);
        let row = PaperFileRow {
            id: PaperFileId(uuid::Uuid::nil()),
            component: ComponentId(component),
            media: r.get(2)?,
            bytes: r.get(3)?,
            original_bytes: r.get(4)?,
            pages: r.get(5)?,
            sha256: r.get(6)?,
            has_thumbnail: r.get(7)?,
        };
        Ok((id, row))
    })?;
    rows.map(|read| {
        let (id, row) = read?;
        Ok(PaperFileRow {
            id: id.parse().map_err(|_| StoreError::Content)?,
            ..row
        })
    })
    .collect()
}

/// # Errors
/// [`StoreError::Missing`].
pub fn content(db: &Connection, id: &PaperFileId) -> Result<Vec<u8>, StoreError> {
    Ok(db.query_row(
        "SELECT content FROM paper_file WHERE id = ?1",
        [id.to_string()],
        |r| r.get(0),
    )?)
}

/// The dossier that a file belongs to, and its picture: the thumbnail of a PDF, or the page itself.
///
/// # Errors
/// The read errors.
pub fn picture(db: &Connection, id: &PaperFileId) -> Result<Option<(DossierId, Vec<u8>)>, StoreError> {
    let found: Option<(String, Vec<u8>)> = db
        .query_row(
            "SELECT dossier, CASE WHEN media = 'image/jpeg' THEN content ELSE thumbnail END FROM paper_file WHERE id = ?1",
            [id.to_string()],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .optional()?;
    found
        .map(|(dossier, bytes)| Ok((dossier.parse().map_err(|_| StoreError::Content)?, bytes)))
        .transpose()
}

/// # Errors
/// [`StoreError::Missing`].
pub fn remove(db: &Connection, dossier: &DossierId, id: &PaperFileId) -> Result<(), StoreError> {
    let changed = db.execute(
        "DELETE FROM paper_file WHERE id = ?1 AND dossier = ?2",
        (id.to_string(), dossier.to_string()),
    )?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Missing)
    }
}

//! Captured pages of a draft, in their order, encrypted from the first byte at rest.

use crate::StoreError;
use domain::ids::{ComponentId, DossierId, PaperFileId};
use rusqlite::{Connection, OptionalExtension};

/// A captured page (or a whole PDF) without its bytes.
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
    /// JSON list, the app's own terms.
    pub warnings: String,
    /// JSON list, the app's own terms.
    pub codes: String,
    /// A page that was there before and is the same.
    pub same_as: Option<PaperFileId>,
}

/// A page's bytes: what is sealed, what is shown small, what is compared.
#[derive(Clone, Copy)]
pub struct Content<'a> {
    pub readable: &'a [u8],
    pub thumbnail: &'a [u8],
    pub fingerprint: &'a [u8],
}

impl std::fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({} bytes)", self.readable.len())
    }
}

/// Puts pages in, in their order and all or none: after the others of their paper, or in the place of one that goes
/// with the same commit.
///
/// # Errors
/// The write errors; [`StoreError::Missing`] where the page whose place they take is gone.
pub fn put(
    db: &mut Connection,
    dossier: &DossierId,
    replaces: Option<&PaperFileId>,
    pages: &[(PaperFileRow, Content<'_>)],
    now_ms: i64,
) -> Result<(), StoreError> {
    let Some((first, _)) = pages.first() else {
        return Ok(());
    };
    let tx = db.transaction()?;
    let paper = (dossier.to_string(), first.component.as_str());
    let place: i64 = match replaces {
        None => tx.query_row(
            "SELECT coalesce(max(place), 0) + 1 FROM paper_file WHERE dossier = ?1 AND component = ?2",
            (&paper.0, paper.1),
            |r| r.get(0),
        )?,
        Some(old) => {
            let place = tx.query_row(
                "DELETE FROM paper_file WHERE id = ?1 AND dossier = ?2 RETURNING place",
                (old.to_string(), &paper.0),
                |r| r.get(0),
            )?;
            let more = i64::try_from(pages.len()).unwrap_or(i64::MAX) - 1;
            tx.execute(
                "UPDATE paper_file SET place = place + ?4 WHERE dossier = ?1 AND component = ?2 AND place > ?3",
                (&paper.0, paper.1, place, more),
            )?;
            place
        }
    };
    for ((row, content), place) in pages.iter().zip(place..) {
        insert(&tx, dossier, row, *content, place, now_ms)?;
    }
    tx.commit()?;
    Ok(())
}

fn insert(
    db: &Connection,
    dossier: &DossierId,
    row: &PaperFileRow,
    content: Content<'_>,
    place: i64,
    now_ms: i64,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO paper_file (id, dossier, component, media, bytes, original_bytes, pages, sha256, content, thumbnail,
           added_ms, warnings, codes, fingerprint, same_as, place)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        rusqlite::params![
            row.id.to_string(),
            dossier.to_string(),
            row.component.as_str(),
            &row.media,
            row.bytes,
            row.original_bytes,
            row.pages,
            &row.sha256,
            content.readable,
            content.thumbnail,
            now_ms,
            &row.warnings,
            &row.codes,
            content.fingerprint,
            row.same_as.map(|id| id.to_string()),
            place,
        ],
    )?;
    Ok(())
}

/// In the order of the papers and of their pages.
///
/// # Errors
/// The read errors.
pub fn of_dossier(db: &Connection, dossier: &DossierId) -> Result<Vec<PaperFileRow>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, component, media, bytes, original_bytes, pages, sha256, length(thumbnail) > 0, warnings, codes, same_as
         FROM paper_file WHERE dossier = ?1 ORDER BY component, place, added_ms, id",
    )?;
    let rows = statement.query_map([dossier.to_string()], |r| {
        let (id, component, same_as): (String, String, Option<String>) = (r.get(0)?, r.get(1)?, r.get(10)?);
        let row = PaperFileRow {
            id: PaperFileId(uuid::Uuid::nil()),
            component: ComponentId(component),
            media: r.get(2)?,
            bytes: r.get(3)?,
            original_bytes: r.get(4)?,
            pages: r.get(5)?,
            sha256: r.get(6)?,
            has_thumbnail: r.get(7)?,
            warnings: r.get(8)?,
            codes: r.get(9)?,
            same_as: None,
        };
        Ok((id, same_as, row))
    })?;
    rows.map(|read| {
        let (id, same_as, row) = read?;
        Ok(PaperFileRow {
            id: id.parse().map_err(|_| StoreError::Content)?,
            same_as: same_as.and_then(|id| id.parse().ok()),
            ..row
        })
    })
    .collect()
}

/// How the ink lies on each page of a dossier.
///
/// # Errors
/// The read errors.
pub fn fingerprints(db: &Connection, dossier: &DossierId) -> Result<Vec<(PaperFileId, Vec<u8>)>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, fingerprint FROM paper_file WHERE dossier = ?1 ORDER BY added_ms, id")?;
    let rows = statement.query_map([dossier.to_string()], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?;
    rows.map(|read| {
        let (id, fingerprint) = read?;
        Ok((id.parse().map_err(|_| StoreError::Content)?, fingerprint))
    })
    .collect()
}

/// Are these the bytes with this hash, in lower-case hexadecimal?
pub(crate) fn is_of(bytes: &[u8], sha256: &str) -> bool {
    data_encoding::HEXLOWER.encode(&seal::manifest::sha256(bytes)) == sha256
}

/// The file as it was stored, compared with its hash: a page of the database that is all zeroes passes the cipher's check.
///
/// # Errors
/// [`StoreError::Missing`]; [`StoreError::Damaged`] for other bytes.
pub fn content(db: &Connection, id: &PaperFileId) -> Result<Vec<u8>, StoreError> {
    let (bytes, sha256): (Vec<u8>, String) = db.query_row(
        "SELECT content, sha256 FROM paper_file WHERE id = ?1",
        [id.to_string()],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )?;
    if is_of(&bytes, &sha256) {
        Ok(bytes)
    } else {
        Err(StoreError::Damaged(crate::drafts::FILE))
    }
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
    StoreError::unless_one(db.execute(
        "DELETE FROM paper_file WHERE id = ?1 AND dossier = ?2",
        (id.to_string(), dossier.to_string()),
    )?)
}

/// The same page drawn anew (turned): its place and its id stay.
///
/// # Errors
/// [`StoreError::Missing`].
pub fn redraw(
    db: &Connection,
    dossier: &DossierId,
    row: &PaperFileRow,
    content: Content<'_>,
) -> Result<(), StoreError> {
    StoreError::unless_one(db.execute(
        "UPDATE paper_file SET bytes = ?3, sha256 = ?4, content = ?5, thumbnail = ?6, warnings = ?7, fingerprint = ?8
         WHERE id = ?1 AND dossier = ?2",
        (
            row.id.to_string(),
            dossier.to_string(),
            row.bytes,
            &row.sha256,
            content.readable,
            content.thumbnail,
            &row.warnings,
            content.fingerprint,
        ),
    )?)
}

/// Writes the order of one paper's pages, in one transaction.
///
/// # Errors
/// The write errors.
pub fn set_order(db: &mut Connection, dossier: &DossierId, pages: &[PaperFileId]) -> Result<(), StoreError> {
    let tx = db.transaction()?;
    for (place, id) in pages.iter().enumerate() {
        tx.execute(
            "UPDATE paper_file SET place = ?3 WHERE id = ?1 AND dossier = ?2",
            (
                id.to_string(),
                dossier.to_string(),
                i64::try_from(place).unwrap_or(i64::MAX),
            ),
        )?;
    }
    tx.commit()?;
    Ok(())
}

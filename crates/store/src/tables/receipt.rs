//! Receipts, encrypted: for the re-print. No name and no ID number stands on one, but the look-up secret does.

use crate::StoreError;
use domain::ids::DossierId;
use domain::receipt::ReceiptContent;
use rusqlite::{Connection, OptionalExtension};

#[derive(Debug, Clone)]
pub struct ReceiptRow {
    pub content: ReceiptContent,
    pub prints: u32,
    /// The app's word for what became of the paper.
    pub outcome: String,
}

/// # Errors
/// The write errors.
pub fn put(db: &Connection, content: &ReceiptContent) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO receipt (dossier, content) VALUES (?1, ?2) ON CONFLICT (dossier) DO UPDATE SET content = excluded.content",
        (content.dossier.to_string(), serde_json::to_string(content)?),
    )?;
    Ok(())
}

/// # Errors
/// The read errors.
pub fn get(db: &Connection, dossier: &DossierId) -> Result<Option<ReceiptRow>, StoreError> {
    let found: Option<(String, u32, String)> = db
        .query_row(
            "SELECT content, prints, outcome FROM receipt WHERE dossier = ?1",
            [dossier.to_string()],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
        .optional()?;
    found
        .map(|(json, prints, outcome)| {
            Ok(ReceiptRow {
                content: serde_json::from_str(&json)?,
                prints,
                outcome,
            })
        })
        .transpose()
}

/// # Errors
/// The write errors.
pub fn count_print(db: &Connection, dossier: &DossierId, outcome: &str) -> Result<(), StoreError> {
    db.execute(
        "UPDATE receipt SET prints = prints + 1, outcome = ?2 WHERE dossier = ?1",
        (dossier.to_string(), outcome),
    )?;
    Ok(())
}

/// # Errors
/// The write errors.
pub fn set_outcome(db: &Connection, dossier: &DossierId, outcome: &str) -> Result<(), StoreError> {
    db.execute(
        "UPDATE receipt SET outcome = ?2 WHERE dossier = ?1",
        (dossier.to_string(), outcome),
    )?;
    Ok(())
}

/// Drops the receipts of days before `day` (`2026-08-27`), except those that `stays` names. Answers how many.
///
/// # Errors
/// The read and write errors.
pub fn drop_before(
    db: &Connection,
    day: jiff::civil::Date,
    stays: impl Fn(&DossierId) -> bool,
) -> Result<u32, StoreError> {
    let mut statement = db.prepare("SELECT dossier, content FROM receipt")?;
    let rows: Vec<(String, String)> = statement
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut dropped = 0;
    for (id, json) in rows {
        let content: ReceiptContent = serde_json::from_str(&json)?;
        if content.sealed_on < day && !stays(&content.dossier) {
            db.execute("DELETE FROM receipt WHERE dossier = ?1", [&id])?;
            dropped += 1;
        }
    }
    Ok(dropped)
}

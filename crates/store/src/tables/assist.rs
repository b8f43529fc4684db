//! Help that ends in no dossier: kind, outcome, who helped, when. Nothing of the person helped.
//!
//! **Invariant:** a row is never deleted, so that the order of the rows is the order in which they were written down,
//! whatever the clock said.

use crate::StoreError;
use domain::day::{AssistKind, AssistOutcome};
use domain::ids::OperatorId;
use rusqlite::{Connection, OptionalExtension, Params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssistRow {
    pub id: Uuid,
    pub at_ms: i64,
    pub who: OperatorId,
    pub kind: AssistKind,
    pub outcome: AssistOutcome,
}

fn word<T: Serialize>(value: T) -> Result<String, StoreError> {
    let json = serde_json::to_value(value)?;
    json.as_str().map(str::to_owned).ok_or(StoreError::Content)
}

fn value<T: DeserializeOwned>(word: String) -> Result<T, StoreError> {
    Ok(serde_json::from_value(serde_json::Value::String(word))?)
}

/// Writes it down; one whose id is there already stays as it is. Whether it was new.
///
/// # Errors
/// The write errors.
pub fn insert(db: &Connection, row: &AssistRow) -> Result<bool, StoreError> {
    let new = db.execute(
        "INSERT INTO assist (id, at_ms, who, kind, outcome) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
        (
            row.id.to_string(),
            row.at_ms,
            row.who.to_string(),
            word(row.kind)?,
            word(row.outcome)?,
        ),
    )?;
    Ok(new == 1)
}

/// From a moment on, in order.
///
/// # Errors
/// The read errors.
pub fn since(db: &Connection, from_ms: i64) -> Result<Vec<AssistRow>, StoreError> {
    many(db, "WHERE at_ms >= ?1 ORDER BY at_ms, id", [from_ms])
}

/// The one that was written down last.
///
/// # Errors
/// The read errors.
pub fn last(db: &Connection) -> Result<Option<Uuid>, StoreError> {
    let found: Option<String> = db
        .query_row("SELECT id FROM assist ORDER BY rowid DESC LIMIT 1", [], |r| {
            r.get(0)
        })
        .optional()?;
    found.map(|id| id_of(&id)).transpose()
}

/// Those that were written down after this one, in that order. All of them where it is not there: then the index was made
/// again since, and holds nothing older.
///
/// # Errors
/// The read errors.
pub fn after(db: &Connection, known: Option<Uuid>) -> Result<Vec<AssistRow>, StoreError> {
    many(
        db,
        "WHERE rowid > coalesce((SELECT rowid FROM assist WHERE id = ?1), 0) ORDER BY rowid",
        [known.map(|id| id.to_string())],
    )
}

fn id_of(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|_| StoreError::Content)
}

fn many(db: &Connection, tail: &str, params: impl Params) -> Result<Vec<AssistRow>, StoreError> {
    let mut statement = db.prepare(&format!(
        "SELECT id, at_ms, who, kind, outcome FROM assist {tail}"
    ))?;
    let rows: Vec<(String, i64, String, String, String)> = statement
        .query_map(params, |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
        })?
        .collect::<Result<_, _>>()?;
    rows.into_iter()
        .map(|(id, at_ms, who, kind, outcome)| {
            Ok(AssistRow {
                id: id_of(&id)?,
                at_ms,
                who: who.parse().map_err(|_| StoreError::Content)?,
                kind: value(kind)?,
                outcome: value(outcome)?,
            })
        })
        .collect()
}

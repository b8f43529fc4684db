//! Help that ends in no dossier: kind, outcome, who helped, when. Nothing of the person helped.

use crate::StoreError;
use domain::day::{AssistKind, AssistOutcome};
use domain::ids::OperatorId;
use rusqlite::Connection;
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

/// # Errors
/// The write errors.
pub fn insert(db: &Connection, row: &AssistRow) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO assist (id, at_ms, who, kind, outcome) VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            row.id.to_string(),
            row.at_ms,
            row.who.to_string(),
            word(row.kind)?,
            word(row.outcome)?,
        ),
    )?;
    Ok(())
}

/// From a moment on, in order.
///
/// # Errors
/// The read errors.
pub fn since(db: &Connection, from_ms: i64) -> Result<Vec<AssistRow>, StoreError> {
    let mut statement =
        db.prepare("SELECT id, at_ms, who, kind, outcome FROM assist WHERE at_ms >= ?1 ORDER BY at_ms, id")?;
    let rows: Vec<(String, i64, String, String, String)> = statement
        .query_map([from_ms], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
        })?
        .collect::<Result<_, _>>()?;
    rows.into_iter()
        .map(|(id, at_ms, who, kind, outcome)| {
            Ok(AssistRow {
                id: Uuid::parse_str(&id).map_err(|_| StoreError::Content)?,
                at_ms,
                who: who.parse().map_err(|_| StoreError::Content)?,
                kind: value(kind)?,
                outcome: value(outcome)?,
            })
        })
        .collect()
}

//! The people of this counter: name, role, and their keys wrapped by PIN and machine.

use crate::StoreError;
use domain::ids::OperatorId;
use domain::roles::OperatorRole;
use rusqlite::{Connection, OptionalExtension, Row};
use seal::wrap::Wrapped;
use serde::{Deserialize, Serialize};

/// Wrong PINs in a row after which the name is locked.
pub const WRONG_PINS_MAX: u32 = 10;

/// Both of an operator's secrets, wrapped with the same PIN: the counter's drafts key and their own signing seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKeys {
    pub drafts_key: Wrapped,
    pub signing_seed: Wrapped,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRow {
    pub id: OperatorId,
    pub name: String,
    pub role: OperatorRole,
    pub keys: WrappedKeys,
    pub wrong_pins: u32,
}

impl OperatorRow {
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.wrong_pins >= WRONG_PINS_MAX
    }
}

const COLUMNS: &str = "id, name, role, wrapped_keys, wrong_pins";

fn read(row: &Row<'_>) -> rusqlite::Result<(String, String, String, String, u32)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn typed(
    (id, name, role, keys, wrong_pins): (String, String, String, String, u32),
) -> Result<OperatorRow, StoreError> {
    Ok(OperatorRow {
        id: id.parse().map_err(|_| StoreError::Content)?,
        name,
        role: serde_json::from_value(serde_json::Value::String(role))?,
        keys: serde_json::from_str(&keys)?,
        wrong_pins,
    })
}

/// In the order in which they were added.
///
/// # Errors
/// The read errors.
pub fn all(db: &Connection) -> Result<Vec<OperatorRow>, StoreError> {
    let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM operator ORDER BY added_ms, id"))?;
    let rows: Vec<_> = statement.query_map([], read)?.collect::<Result<_, _>>()?;
    rows.into_iter().map(typed).collect()
}

/// # Errors
/// The read errors.
pub fn get(db: &Connection, id: &OperatorId) -> Result<Option<OperatorRow>, StoreError> {
    let row = db
        .query_row(
            &format!("SELECT {COLUMNS} FROM operator WHERE id = ?1"),
            [id.to_string()],
            read,
        )
        .optional()?;
    row.map(typed).transpose()
}

/// Adds an operator, or gives one new keys and lifts the lock.
///
/// # Errors
/// The write errors.
pub fn put(db: &Connection, row: &OperatorRow, now_ms: i64) -> Result<(), StoreError> {
    let role = serde_json::to_value(row.role)?;
    db.execute(
        "INSERT INTO operator (id, name, role, wrapped_keys, wrong_pins, added_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET wrapped_keys = excluded.wrapped_keys, wrong_pins = excluded.wrong_pins",
        (row.id.to_string(), &row.name, role.as_str(), serde_json::to_string(&row.keys)?, row.wrong_pins, now_ms),
    )?;
    Ok(())
}

/// Counts a wrong PIN before it is tried, so that a pulled plug does not give free tries.
///
/// # Errors
/// The write errors.
pub fn set_wrong_pins(db: &Connection, id: &OperatorId, count: u32) -> Result<(), StoreError> {
    db.execute(
        "UPDATE operator SET wrong_pins = ?2 WHERE id = ?1",
        (id.to_string(), count),
    )?;
    Ok(())
}

//! A draft with its papers as one piece, to go to another machine of the counter.
//!
//! **Invariant:** every column goes, whatever later versions add: the rows are copied by the names that the table itself
//! has, and a pack of another schema is not taken. What is loaded is whole or not there.

use crate::StoreError;
use data_encoding::BASE64;
use domain::ids::DossierId;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The tables of a draft, each with the column that names the dossier; the one that others point at stands first.
const TABLES: [&str; 2] = ["draft", "paper_file"];

#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "is", content = "of", rename_all = "snake_case")]
enum Cell {
    Null,
    Whole(i64),
    Text(String),
    Bytes(String),
}

type Row = BTreeMap<String, Cell>;

/// Everything of one draft, readable: it leaves this machine encrypted only.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pack {
    pub dossier: DossierId,
    schema: u32,
    tables: BTreeMap<String, Vec<Row>>,
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pack(…)")
    }
}

fn schema(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.query_row("PRAGMA user_version", [], |r| r.get(0))?)
}

fn columns(db: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |r| r.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

fn cell(value: ValueRef<'_>) -> Result<Cell, StoreError> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(n) => Cell::Whole(n),
        ValueRef::Text(text) => {
            Cell::Text(String::from_utf8(text.to_vec()).map_err(|_| StoreError::Content)?)
        }
        ValueRef::Blob(bytes) => Cell::Bytes(BASE64.encode(bytes)),
        // No column of ours holds one.
        ValueRef::Real(_) => return Err(StoreError::Content),
    })
}

fn value(cell: &Cell) -> Result<Value, StoreError> {
    Ok(match cell {
        Cell::Null => Value::Null,
        Cell::Whole(n) => Value::Integer(*n),
        Cell::Text(text) => Value::Text(text.clone()),
        Cell::Bytes(text) => Value::Blob(BASE64.decode(text.as_bytes()).map_err(|_| StoreError::Content)?),
    })
}

/// # Errors
/// [`StoreError::Missing`] where there is no such draft.
pub fn pack(db: &Connection, dossier: &DossierId) -> Result<Pack, StoreError> {
    let mut tables = BTreeMap::new();
    for table in TABLES {
        let names = columns(db, table)?;
        let mut statement = db.prepare(&format!(
            "SELECT {} FROM {table} WHERE dossier = ?1",
            names.join(", ")
        ))?;
        let mut found = statement.query([dossier.to_string()])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let mut cells = Row::new();
            for (at, name) in names.iter().enumerate() {
                cells.insert(name.clone(), cell(row.get_ref(at)?)?);
            }
            rows.push(cells);
        }
        tables.insert(table.to_owned(), rows);
    }
    if tables.get("draft").is_none_or(Vec::is_empty) {
        return Err(StoreError::Missing);
    }
    Ok(Pack {
        dossier: *dossier,
        schema: schema(db)?,
        tables,
    })
}

/// Is it of the schema that this machine has?
///
/// # Errors
/// The read errors.
pub fn fits(db: &Connection, pack: &Pack) -> Result<bool, StoreError> {
    Ok(schema(db)? == pack.schema)
}

/// Puts a pack in, whole. `false` where the draft is here already: nothing is changed then.
///
/// # Errors
/// [`StoreError::Content`] where it is not what [`pack`] makes; the write errors.
pub fn load(db: &mut Connection, pack: &Pack) -> Result<bool, StoreError> {
    if !fits(db, pack)? {
        return Err(StoreError::Content);
    }
    let tx = db.transaction()?;
    let id = pack.dossier.to_string();
    if tx
        .prepare("SELECT 1 FROM draft WHERE dossier = ?1")?
        .exists([&id])?
    {
        return Ok(false);
    }
    for table in TABLES {
        let names = columns(&tx, table)?;
        for row in pack.tables.get(table).into_iter().flatten() {
            // Exactly our columns, and about this dossier alone.
            let ours = row.len() == names.len() && names.iter().all(|n| row.contains_key(n));
            let about = matches!(row.get("dossier"), Some(Cell::Text(text)) if *text == id);
            if !ours || !about {
                return Err(StoreError::Content);
            }
            let marks = vec!["?"; names.len()].join(", ");
            let values = names.iter().filter_map(|n| row.get(n)).map(value);
            let values = values.collect::<Result<Vec<_>, _>>()?;
            tx.execute(
                &format!("INSERT INTO {table} ({}) VALUES ({marks})", names.join(", ")),
                params_from_iter(values),
            )?;
        }
    }
    tx.commit()?;
    Ok(true)
}

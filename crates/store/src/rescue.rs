//! Damaged drafts are set aside, and work goes on in new ones with whatever can still be read.
//!
//! **Invariants:** the damaged file is only read, then set aside whole under a name of its own; the new drafts are made whole
//! in a folder of their own before that, which then has another name, so that a cut at any moment leads to the one or to the
//! other and never to the new drafts beside the old log; what a person has in hand comes first and from memory. A row is taken only if all of it is there, and a page of a paper only if its bytes
//! are the ones that were stored.

use crate::database::{self, Database, Place};
use crate::drafts::{self, Drafts, FILE};
use crate::sealed_files::sync_folder;
use crate::tables::draft::{self, DraftRow};
use crate::tables::paper_file;
use crate::{StoreError, copy_of, open};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder in which new drafts are made.
const MAKING: &str = "making-drafts";
/// How its name begins once they are whole; the time follows under which the damaged ones are set aside.
const MADE: &str = "made-drafts-";
/// Every table, the one that others point at first.
const TABLES: [&str; 5] = ["draft", "paper_file", "receipt", "practice", "tray_sheet"];
/// How far rows are looked for where the end of a table cannot be read, and how many may fail one after the other there.
const BLIND_ROWS_MAX: i64 = 4096;
const BLIND_MISSES_MAX: u32 = 256;

/// What came over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Rows.
    pub kept: u32,
    /// Rows that are there and cannot be read.
    pub lost: u32,
}

/// At the opening: a rescue that was cut off is finished where the new drafts were whole, else forgotten.
pub(crate) fn settle(dir: &Path) -> Result<(), StoreError> {
    for name in drafts::names(dir)? {
        let made_ms = name.strip_prefix(MADE).and_then(|ms| ms.parse().ok());
        if let Some(made_ms) = made_ms {
            finish(dir, &dir.join(&name), made_ms)?;
        }
    }
    forget(&dir.join(MAKING))
}

fn finish(dir: &Path, made: &Path, made_ms: i64) -> Result<(), StoreError> {
    if made.join(FILE).exists() {
        database::set_aside(dir, FILE, made_ms)?;
        fs::rename(made.join(FILE), dir.join(FILE))?;
        sync_folder(&dir.join(FILE))?;
    }
    forget(made)
}

fn forget(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

impl Drafts {
    /// Makes new drafts of what can be read of the damaged ones, with `in_hand` as it stands in memory, and sets the damaged
    /// ones aside. Nothing may hold them open.
    ///
    /// # Errors
    /// The write errors; then the damaged ones lie where they lay.
    pub fn rescue(
        dir: &Path,
        key: &[u8; 32],
        now_ms: i64,
        in_hand: Option<&DraftRow>,
    ) -> Result<(Self, Rescued), StoreError> {
        let making = dir.join(MAKING);
        forget(&making)?;
        fs::create_dir_all(&making)?;
        let mut new = Database::open(Place {
            dir: making.clone(),
            ..drafts::place(dir, key)
        })?;
        let tx = new.db.transaction()?;
        if let Some(row) = in_hand {
            draft::insert(&tx, row)?;
        }
        let mut source = Source::new(dir.join(FILE), key);
        let mut came = Rescued::default();
        for table in TABLES {
            take_over(&mut source, &tx, table, &mut came)?;
        }
        tx.commit()?;
        new.db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        drop((new, source));
        let made = dir.join(format!("{MADE}{now_ms}"));
        fs::rename(&making, &made)?;
        sync_folder(&made)?;
        finish(dir, &made, now_ms)?;
        Ok((Self::open(dir, key)?, came))
    }
}

/// The damaged file. The cipher holds a damaged page against the whole connection: after a failure it is opened anew.
struct Source<'a> {
    path: PathBuf,
    key: &'a [u8; 32],
    open: Option<Connection>,
}

impl<'a> Source<'a> {
    fn new(path: PathBuf, key: &'a [u8; 32]) -> Self {
        Self {
            path,
            key,
            open: None,
        }
    }

    /// `None` where it cannot be read.
    fn ask<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Option<T> {
        let db = match self.open.take() {
            Some(db) => db,
            None => open::unlocked(&self.path, Some(self.key)).ok()?,
        };
        let came = work(&db);
        if came.is_ok() {
            self.open = Some(db);
        }
        came.ok()
    }
}

fn take_over(
    source: &mut Source<'_>,
    into: &Connection,
    table: &str,
    came: &mut Rescued,
) -> Result<(), StoreError> {
    let known = copy_of::columns(into, table)?;
    let Some(mut columns) = source.ask(|db| copy_of::columns(db, table)) else {
        return Ok(());
    };
    columns.retain(|column| known.contains(column));
    if columns.is_empty() {
        return Ok(());
    }
    let names = columns.join(", ");
    let marks = vec!["?"; columns.len()].join(", ");
    let put = format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})");
    let get = format!("SELECT {names} FROM {table} WHERE rowid = ?1");
    let last = source.ask(|db| {
        Ok(db.query_row(&format!("SELECT max(rowid) FROM {table}"), [], |r| {
            r.get::<_, Option<i64>>(0)
        })?)
    });
    let mut missed = 0;
    for place in 1..=last.map_or(BLIND_ROWS_MAX, |last| last.unwrap_or(0)) {
        match source.ask(|db| row(db, &get, place, columns.len())) {
            Some(None) => {}
            Some(Some(cells)) if is_what_was_stored(&columns, &cells) => {
                match into
                    .execute(&put, params_from_iter(cells))
                    .map_err(StoreError::from)
                {
                    Ok(_) => came.kept = came.kept.saturating_add(1),
                    Err(full @ StoreError::Full) => return Err(full),
                    Err(e) if e.is_disk_failure() => return Err(e),
                    Err(_) => came.lost = came.lost.saturating_add(1),
                }
            }
            Some(Some(_)) => came.lost = came.lost.saturating_add(1),
            // Where even the end of the table cannot be read, most of what is asked for was never there.
            None if last.is_none() && missed == BLIND_MISSES_MAX => break,
            None if last.is_none() => {
                missed += 1;
                continue;
            }
            None => came.lost = came.lost.saturating_add(1),
        }
        missed = 0;
    }
    Ok(())
}

fn row(db: &Connection, get: &str, place: i64, width: usize) -> Result<Option<Vec<Value>>, StoreError> {
    let cells = db
        .prepare_cached(get)?
        .query_row([place], |r| {
            (0..width)
                .map(|at| r.get(at))
                .collect::<rusqlite::Result<Vec<Value>>>()
        })
        .optional()?;
    // The cipher fills a damaged page with zeros and says so at the next question.
    copy_of::version_of(db)?;
    Ok(cells)
}

/// Texts that are JSON, wherever they stand.
const JSON: [&str; 4] = ["body", "content", "warnings", "codes"];

/// No text holds the zeros of a damaged page, JSON reads as such, and content fits its hash where the row says it.
fn is_what_was_stored(columns: &[String], cells: &[Value]) -> bool {
    let cell = |name: &str| {
        let at = columns.iter().position(|column| column == name)?;
        cells.get(at)
    };
    let is_torn = cells
        .iter()
        .any(|cell| matches!(cell, Value::Text(text) if text.contains('\0')));
    let is_json = |name: &str| match cell(name) {
        Some(Value::Text(text)) => serde_json::from_str::<serde_json::Value>(text).is_ok(),
        Some(_) | None => true,
    };
    if is_torn || !JSON.iter().all(|name| is_json(name)) {
        return false;
    }
    match (cell("sha256"), cell("content")) {
        (Some(Value::Text(said)), Some(Value::Blob(content))) => paper_file::is_of(content, said),
        (None, _) => true,
        (Some(_), _) => false,
    }
}

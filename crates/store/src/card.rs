//! The machine's own card: its enrolment, its keys, its people and its numbers, as they stand in `outbox.db`, in two
//! files beside it. Without them a new index could neither send nor be signed in to.
//!
//! **Invariants:** both files are written whole or not at all, and say what they are by a hash; the keys in them are
//! wrapped exactly as in the database; nothing of any citizen stands here. The places in the feed and the epoch are not
//! kept: a new index asks the province anew.

use crate::outbox::Chain;
use crate::sealed_files::sync_folder;
use crate::tables::setting;
use crate::{Outbox, StoreError};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

const FILE: &str = "counter.card";
/// Settings, a few dozen people with their wrapped keys.
const BYTES_MAX: u64 = 4 * 1024 * 1024;
/// What the province tells again, or what belongs to a moment.
const NOT_KEPT: [&str; 4] = ["event_cursor", "province_epoch", "left_open", "chain"];

/// The machine as it was when the card was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    settings: BTreeMap<String, String>,
    operators: Vec<OperatorLine>,
    /// Numbers never go back.
    pub chain: Chain,
}

/// A row of `operator`, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OperatorLine {
    id: String,
    name: String,
    role: String,
    wrapped_keys: String,
    wrong_pins: u32,
    added_ms: i64,
}

fn places(dir: &Path) -> [PathBuf; 2] {
    [dir.join(FILE), dir.join("sealed").join(FILE)]
}

impl Card {
    /// What stands in the database now.
    ///
    /// # Errors
    /// The read errors.
    pub fn of(outbox: &Outbox) -> Result<Self, StoreError> {
        let db = outbox.db();
        let mut statement = db.prepare("SELECT name, value FROM setting")?;
        let settings: BTreeMap<String, String> = statement
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(Self {
            settings: settings
                .into_iter()
                .filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()))
                .collect(),
            operators: operators(db)?,
            chain: outbox.chain()?,
        })
    }

    /// The card on disk, from either of its places; the newer of two that differ, by its numbers.
    #[must_use]
    pub fn read(dir: &Path) -> Option<Self> {
        let found = places(dir).into_iter().filter_map(|path| read(&path));
        // The first place is written first: of two with the same numbers it is the newer.
        found.reduce(|first, second| {
            if second.chain.device_seq > first.chain.device_seq {
                second
            } else {
                first
            }
        })
    }

    /// A setting of the machine; `None` where the card has none of this name and shape.
    #[must_use]
    pub fn setting<T: DeserializeOwned>(&self, name: setting::Name) -> Option<T> {
        serde_json::from_str(self.settings.get(name.as_str())?).ok()
    }

    /// Writes it to both places, where it says something new there.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Io`].
    pub fn keep(&self, dir: &Path) -> Result<(), StoreError> {
        for path in places(dir) {
            if read(&path).as_ref() != Some(self) {
                write(&path, self)?;
            }
        }
        Ok(())
    }

    /// Puts the machine into a new database.
    ///
    /// # Errors
    /// The write errors.
    pub fn restore(&self, db: &Connection) -> Result<(), StoreError> {
        for (name, value) in &self.settings {
            db.execute(
                "INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)",
                (name, value),
            )?;
        }
        for one in &self.operators {
            db.execute(
                "INSERT INTO operator (id, name, role, wrapped_keys, wrong_pins, added_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (&one.id, &one.name, &one.role, &one.wrapped_keys, one.wrong_pins, one.added_ms),
            )?;
        }
        setting::set(db, setting::Name::Chain, &self.chain)
    }
}

fn operators(db: &Connection) -> Result<Vec<OperatorLine>, StoreError> {
    let mut statement = db.prepare(
        "SELECT id, name, role, wrapped_keys, wrong_pins, added_ms FROM operator ORDER BY added_ms, id",
    )?;
    let rows = statement.query_map([], |r| {
        Ok(OperatorLine {
            id: r.get(0)?,
            name: r.get(1)?,
            role: r.get(2)?,
            wrapped_keys: r.get(3)?,
            wrong_pins: r.get(4)?,
            added_ms: r.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn hash(json: &str) -> String {
    data_encoding::HEXLOWER.encode(&seal::manifest::sha256(json.as_bytes()))
}

/// `None` where it is not there, or is not what was written.
fn read(path: &Path) -> Option<Card> {
    let fits = fs::metadata(path).is_ok_and(|m| m.len() <= BYTES_MAX);
    let text = if fits {
        fs::read_to_string(path).ok()?
    } else {
        return None;
    };
    let (said, json) = text.split_once('\n')?;
    if said == hash(json) {
        serde_json::from_str(json).ok()
    } else {
        None
    }
}

fn write(path: &Path, card: &Card) -> Result<(), StoreError> {
    let json = serde_json::to_string(card)?;
    let tmp = path.with_extension("tmp");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(&tmp)?;
    file.write_all(format!("{}\n{json}", hash(&json)).as_bytes())?;
    file.sync_all()?;
    fs::rename(&tmp, path)?;
    sync_folder(path)
}

//! Drafts: everything of a dossier before it is sealed. They belong to the counter, not to a person.

use crate::StoreError;
use domain::answer::Answers;
use domain::consent::{Consent, FilingConfirmed, Witness};
use domain::ids::{ComponentId, DossierId, OperatorId, PageId, PaperFileId, ProcedureCode, QuestionId};
use domain::ledger::PageTally;
use domain::practice::HandedStep;
use domain::receipt::OriginalPlace;
use domain::roles::{Helper, Standing};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What changes while a dossier is filled in. Saved whole: a few kilobytes, one commit.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct DraftBody {
    pub answers: Answers,
    /// Where the walk stands, in the app's own terms.
    pub place: serde_json::Value,
    pub consent: Option<Consent>,
    pub refused: bool,
    pub filing: Option<FilingConfirmed>,
    pub wrong: BTreeSet<QuestionId>,
    pub pages_confirmed: BTreeSet<PageId>,
    pub originals: BTreeMap<ComponentId, OriginalPlace>,
    pub tallies: Vec<PageTally>,
    pub helpers: Vec<Helper>,
    /// The life event that it was begun with.
    #[serde(default)]
    pub event: Option<domain::life_event::EventLink>,
    /// How the dossier is handed in, once somebody chose.
    #[serde(default)]
    pub channel: Option<domain::procedure::Channel>,
    /// For whom the person at the counter files, as they said it.
    #[serde(default)]
    pub standing: Option<Standing>,
    /// Who stands by where the person cannot sign.
    #[serde(default)]
    pub witness: Option<Witness>,
    /// Do they have a telephone and an e-ID? Only then is there a practice slip.
    #[serde(default)]
    pub has_phone: Option<bool>,
    /// The step that they were asked to try last time, handed to them now.
    #[serde(default)]
    pub handed: Option<HandedStep>,
    /// The digest of the ID number that was looked for last, so that it is looked for once.
    #[serde(default)]
    pub looked_for: Option<String>,
    #[serde(default)]
    pub handed_over: Option<HandedOver>,
    /// It waits for an officer on another machine of the counter: nobody changes or seals it here.
    #[serde(default)]
    pub packed: Option<PackedBy>,
    /// Where on which page the machine read what it suggested, so that the picture stands beside the field.
    #[serde(default)]
    pub found_at: BTreeMap<QuestionId, FoundAt>,
    /// Since when it is announced that it will be destroyed, in the province's time.
    #[serde(default)]
    pub warned_ms: Option<i64>,
}

/// A line of print on a captured page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAt {
    pub file: PaperFileId,
    /// In thousandths of the page's height.
    pub top: u16,
    pub height: u16,
}

/// Who packed a draft for an officer, and when.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedBy {
    /// The operator's name: it goes to the other machine, which does not know the id.
    pub by: String,
    pub at_ms: i64,
}

/// A draft that somebody left to the counter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    pub by: OperatorId,
    pub at_ms: i64,
    /// Free words for the colleague; encrypted like the rest of the draft.
    pub note: String,
}

impl std::fmt::Debug for HandedOver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HandedOver(…)")
    }
}

impl std::fmt::Debug for DraftBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DraftBody(…)")
    }
}

#[derive(Debug, Clone)]
pub struct DraftRow {
    pub dossier: DossierId,
    pub procedure_code: ProcedureCode,
    pub procedure_version: String,
    pub procedure_sha256: String,
    /// The catalogue that it stands on, lower-case hex; empty where a version before this one began it.
    pub catalogue_sha256: String,
    pub body: DraftBody,
    pub sealed: bool,
    pub started_ms: i64,
    pub saved_ms: i64,
}

const COLUMNS: &str = "dossier, procedure_code, procedure_version, procedure_sha256, catalogue_sha256, body, sealed, started_ms, saved_ms";

type Raw = (String, String, String, String, String, String, bool, i64, i64);

fn read(r: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((
        r.get(0)?,
        r.get(1)?,
        r.get(2)?,
        r.get(3)?,
        r.get(4)?,
        r.get(5)?,
        r.get(6)?,
        r.get(7)?,
        r.get(8)?,
    ))
}

fn typed(raw: Raw) -> Result<DraftRow, StoreError> {
    let (
        dossier,
        code,
        procedure_version,
        procedure_sha256,
        catalogue_sha256,
        body,
        sealed,
        started_ms,
        saved_ms,
    ) = raw;
    Ok(DraftRow {
        dossier: dossier.parse().map_err(|_| StoreError::Content)?,
        procedure_code: ProcedureCode(code),
        procedure_version,
        procedure_sha256,
        catalogue_sha256,
        body: serde_json::from_str(&body)?,
        sealed,
        started_ms,
        saved_ms,
    })
}

/// # Errors
/// The write errors.
pub fn insert(db: &Connection, row: &DraftRow) -> Result<(), StoreError> {
    db.execute(
        &format!("INSERT INTO draft ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
        (
            row.dossier.to_string(),
            row.procedure_code.as_str(),
            &row.procedure_version,
            &row.procedure_sha256,
            &row.catalogue_sha256,
            serde_json::to_string(&row.body)?,
            row.sealed,
            row.started_ms,
            row.saved_ms,
        ),
    )?;
    Ok(())
}

/// # Errors
/// The write errors; [`StoreError::Missing`].
pub fn save(db: &Connection, dossier: &DossierId, body: &DraftBody, now_ms: i64) -> Result<(), StoreError> {
    let changed = db
        .prepare_cached("UPDATE draft SET body = ?2, saved_ms = ?3 WHERE dossier = ?1 AND sealed = 0")?
        .execute((dossier.to_string(), serde_json::to_string(body)?, now_ms))?;
    StoreError::unless_one(changed)
}

/// Moves a draft to another version of its procedure, with the body that fits it, in one write.
///
/// # Errors
/// The write errors; [`StoreError::Missing`].
pub fn move_to(db: &Connection, row: &DraftRow, now_ms: i64) -> Result<(), StoreError> {
    let changed = db.execute(
        "UPDATE draft SET procedure_version = ?2, procedure_sha256 = ?3, catalogue_sha256 = ?4, body = ?5, saved_ms = ?6
         WHERE dossier = ?1 AND sealed = 0",
        (
            row.dossier.to_string(),
            &row.procedure_version,
            &row.procedure_sha256,
            &row.catalogue_sha256,
            serde_json::to_string(&row.body)?,
            now_ms,
        ),
    )?;
    StoreError::unless_one(changed)
}

/// # Errors
/// The read errors.
pub fn get(db: &Connection, dossier: &DossierId) -> Result<Option<DraftRow>, StoreError> {
    let raw = db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM draft WHERE dossier = ?1"))?
        .query_row([dossier.to_string()], read)
        .optional()?;
    raw.map(typed).transpose()
}

/// Drafts that are not sealed, the latest first.
///
/// # Errors
/// The read errors.
pub fn open_ones(db: &Connection) -> Result<Vec<DraftRow>, StoreError> {
    let mut statement = db.prepare(&format!(
        "SELECT {COLUMNS} FROM draft WHERE sealed = 0 ORDER BY saved_ms DESC"
    ))?;
    let rows: Vec<Raw> = statement.query_map([], read)?.collect::<Result<_, _>>()?;
    rows.into_iter().map(typed).collect()
}

/// Marks a draft as sealed; its readable copy goes unless the device may keep it.
///
/// # Errors
/// The write errors.
pub fn mark_sealed(db: &mut Connection, dossier: &DossierId, keep_readable: bool) -> Result<(), StoreError> {
    let tx = db.transaction()?;
    let id = dossier.to_string();
    tx.execute("UPDATE draft SET sealed = 1 WHERE dossier = ?1", [&id])?;
    if !keep_readable {
        tx.execute("DELETE FROM draft WHERE dossier = ?1", [&id])?;
    }
    tx.commit()?;
    Ok(())
}

/// Destroys a draft and its files: only for a dossier that was never sealed.
///
/// # Errors
/// The write errors; [`StoreError::Missing`].
pub fn discard(db: &Connection, dossier: &DossierId) -> Result<(), StoreError> {
    let changed = db.execute(
        "DELETE FROM draft WHERE dossier = ?1 AND sealed = 0",
        [dossier.to_string()],
    )?;
    StoreError::unless_one(changed)
}

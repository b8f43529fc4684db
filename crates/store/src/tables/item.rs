//! The index of sealed dossiers: one row each, kept after its bytes are gone.

use crate::StoreError;
use domain::delivery::Delivery;
use domain::ids::{DossierId, ProcedureCode};
use domain::province::{CaseStatus, OfficialCode};
use rusqlite::{Connection, Row};
use std::collections::BTreeSet;

/// A sealed dossier as the outbox knows it.
#[derive(Debug, Clone)]
pub struct ItemRow {
    pub dossier: DossierId,
    pub device_seq: u64,
    pub receipt_number: String,
    pub procedure_code: ProcedureCode,
    pub manifest_sha256: [u8; 32],
    pub files: u32,
    pub bytes: u64,
    pub sealed_ms: i64,
    pub delivery: Delivery,
    pub case_status: CaseStatus,
    pub official_code: Option<OfficialCode>,
    pub case_note: Option<String>,
    /// The province's signed acknowledgement, JSON, exactly as it came.
    pub acknowledgement: Option<String>,
    pub acknowledged_ms: Option<i64>,
    pub durable_ms: Option<i64>,
    pub bytes_sent: u64,
    pub failures: u32,
    pub next_try_ms: i64,
    /// An attempt was under way: after a crash this tells which item it was.
    pub in_attempt: bool,
    pub crashes: u32,
    pub last_failure: Option<String>,
    /// The public key of the device that sealed it, where this machine only carries it.
    pub carried_from: Option<String>,
    /// A withdrawal: the dossier that it takes back.
    pub takes_back: Option<DossierId>,
    /// Its manifest may have left this machine: from here on only the province's word says that it is not there.
    pub attempted: bool,
}

/// Carried items stand in the order of their coming, behind every number that this device can reach itself.
const CARRIED_SEQ_FROM: u64 = 1 << 40;

const COLUMNS: &str = "dossier, device_seq, receipt_number, procedure_code, manifest_sha256, files, bytes, sealed_ms, delivery, \
     case_status, official_code, official_source, case_note, acknowledgement, acknowledged_ms, durable_ms, bytes_sent, failures, \
     next_try_ms, in_attempt, crashes, last_failure, carried_from, takes_back, attempted";

/// What SQL holds, before it is typed.
struct Raw {
    texts: (String, String, String, String, String),
    code: Option<String>,
    source: Option<String>,
    note: Option<String>,
    acknowledgement: Option<String>,
    last_failure: Option<String>,
    carried_from: Option<String>,
    takes_back: Option<String>,
    hash: Vec<u8>,
    row: Numbers,
}

struct Numbers {
    device_seq: i64,
    files: u32,
    bytes: i64,
    sealed_ms: i64,
    acknowledged_ms: Option<i64>,
    durable_ms: Option<i64>,
    bytes_sent: i64,
    failures: u32,
    next_try_ms: i64,
    in_attempt: bool,
    crashes: u32,
    attempted: bool,
}

fn read(r: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        texts: (
            r.get("dossier")?,
            r.get("receipt_number")?,
            r.get("procedure_code")?,
            r.get("delivery")?,
            r.get("case_status")?,
        ),
        code: r.get("official_code")?,
        source: r.get("official_source")?,
        note: r.get("case_note")?,
        acknowledgement: r.get("acknowledgement")?,
        last_failure: r.get("last_failure")?,
        carried_from: r.get("carried_from")?,
        takes_back: r.get("takes_back")?,
        hash: r.get("manifest_sha256")?,
        row: Numbers {
            device_seq: r.get("device_seq")?,
            files: r.get("files")?,
            bytes: r.get("bytes")?,
            sealed_ms: r.get("sealed_ms")?,
            acknowledged_ms: r.get("acknowledged_ms")?,
            durable_ms: r.get("durable_ms")?,
            bytes_sent: r.get("bytes_sent")?,
            failures: r.get("failures")?,
            next_try_ms: r.get("next_try_ms")?,
            in_attempt: r.get("in_attempt")?,
            crashes: r.get("crashes")?,
            attempted: r.get("attempted")?,
        },
    })
}

fn typed(raw: Raw) -> Result<ItemRow, StoreError> {
    let (dossier, receipt_number, procedure, delivery, case) = raw.texts;
    let n = raw.row;
    Ok(ItemRow {
        dossier: dossier.parse().map_err(|_| StoreError::Content)?,
        device_seq: u64::try_from(n.device_seq).map_err(|_| StoreError::Content)?,
        receipt_number,
        procedure_code: ProcedureCode(procedure),
        manifest_sha256: raw.hash.try_into().map_err(|_| StoreError::Content)?,
        files: n.files,
        bytes: u64::try_from(n.bytes).map_err(|_| StoreError::Content)?,
        sealed_ms: n.sealed_ms,
        delivery: serde_json::from_str(&delivery)?,
        case_status: CaseStatus::parse(&case).ok_or(StoreError::Content)?,
        official_code: raw
            .code
            .zip(raw.source)
            .map(|(code, source)| OfficialCode { code, source }),
        case_note: raw.note,
        acknowledgement: raw.acknowledgement,
        acknowledged_ms: n.acknowledged_ms,
        durable_ms: n.durable_ms,
        bytes_sent: u64::try_from(n.bytes_sent).map_err(|_| StoreError::Content)?,
        failures: n.failures,
        next_try_ms: n.next_try_ms,
        in_attempt: n.in_attempt,
        crashes: n.crashes,
        last_failure: raw.last_failure,
        carried_from: raw.carried_from,
        takes_back: raw
            .takes_back
            .map(|id| id.parse())
            .transpose()
            .map_err(|_| StoreError::Content)?,
        attempted: n.attempted,
    })
}

/// A row that cannot be read says nothing of its neighbours: it is set aside under [`UNREADABLE`], where it is counted
/// and kept, and the others are answered.
fn many(db: &Connection, tail: &str, params: impl rusqlite::Params) -> Result<Vec<ItemRow>, StoreError> {
    let mut statement = db.prepare_cached(&format!("SELECT rowid AS place, {COLUMNS} FROM item {tail}"))?;
    let found: Vec<(i64, rusqlite::Result<Raw>)> = statement
        .query_map(params, |r| Ok((r.get("place")?, read(r))))?
        .collect::<Result<_, _>>()?;
    let mut rows = Vec::with_capacity(found.len());
    for (place, raw) in found {
        match raw.map_err(StoreError::from).and_then(typed) {
            Ok(row) => rows.push(row),
            Err(e) => set_aside(db, place, &e)?,
        }
    }
    Ok(rows)
}

/// The state of a row that cannot be read: out of the queue, never deleted.
const UNREADABLE: &str = "unreadable";

fn set_aside(db: &Connection, place: i64, why: &StoreError) -> Result<(), StoreError> {
    tracing::error!(place, error = %why, "a row of the outbox cannot be read; the others go on");
    db.execute(
        "UPDATE item SET state = ?2, waiting = 0 WHERE rowid = ?1 AND (state <> ?2 OR waiting <> 0)",
        (place, UNREADABLE),
    )?;
    Ok(())
}

/// Rows that were found unreadable.
///
/// # Errors
/// The read errors.
pub fn unreadable(db: &Connection) -> Result<u32, StoreError> {
    Ok(
        db.query_row("SELECT count(*) FROM item WHERE state = ?1", [UNREADABLE], |r| {
            r.get(0)
        })?,
    )
}

/// What a seal writes.
pub struct NewItem<'a> {
    pub dossier: DossierId,
    pub device_seq: u64,
    pub receipt_number: &'a str,
    pub procedure_code: &'a ProcedureCode,
    pub envelope: &'a [u8],
    pub manifest_sha256: [u8; 32],
    /// Name and length of each sealed file.
    pub sealed_files: &'a [(String, u64)],
    pub sealed_ms: i64,
    /// A withdrawal: the dossier that it takes back.
    pub takes_back: Option<DossierId>,
}

/// # Errors
/// The write errors; a dossier that is there already.
pub fn insert(db: &Connection, new: &NewItem<'_>) -> Result<(), StoreError> {
    let bytes: u64 = new.sealed_files.iter().map(|(_, len)| len).sum();
    db.prepare_cached(
        "INSERT INTO item (dossier, device_seq, receipt_number, procedure_code, envelope, manifest_sha256, files, bytes, sealed_ms, delivery, state, waiting, takes_back, attempted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, 0)",
    )?
    .execute((
        new.dossier.to_string(),
        i64::try_from(new.device_seq).map_err(|_| StoreError::Content)?,
        new.receipt_number,
        new.procedure_code.as_str(),
        new.envelope,
        new.manifest_sha256.as_slice(),
        u32::try_from(new.sealed_files.len()).map_err(|_| StoreError::Content)?,
        i64::try_from(bytes).map_err(|_| StoreError::Content)?,
        new.sealed_ms,
        serde_json::to_string(&Delivery::Sealed)?,
        Delivery::Sealed.as_str(),
        new.takes_back.map(|id| id.to_string()),
    ))?;
    for (sha256, len) in new.sealed_files {
        db.prepare_cached("INSERT OR IGNORE INTO sealed_file (dossier, sha256, bytes) VALUES (?1, ?2, ?3)")?
            .execute((
                new.dossier.to_string(),
                sha256,
                i64::try_from(*len).map_err(|_| StoreError::Content)?,
            ))?;
    }
    Ok(())
}

/// Takes in what another device sealed; `new.device_seq` is that device's own and not kept.
///
/// # Errors
/// As [`insert`].
pub fn insert_carried(db: &Connection, new: &NewItem<'_>, sealed_by: &str) -> Result<(), StoreError> {
    let last: Option<i64> = db.query_row("SELECT max(device_seq) FROM item", [], |r| r.get(0))?;
    let last = last.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    let row = NewItem {
        device_seq: last.saturating_add(1).max(CARRIED_SEQ_FROM),
        ..*new
    };
    insert(db, &row)?;
    db.execute(
        "UPDATE item SET carried_from = ?2 WHERE dossier = ?1",
        (new.dossier.to_string(), sealed_by),
    )?;
    Ok(())
}

/// # Errors
/// The read errors.
pub fn get(db: &Connection, dossier: &DossierId) -> Result<Option<ItemRow>, StoreError> {
    Ok(many(db, "WHERE dossier = ?1", [dossier.to_string()])?.pop())
}

/// What was sealed here may have left this machine, as far as anybody can tell now: its withdrawal has to say so.
///
/// # Errors
/// The write errors.
pub fn set_attempted(db: &Connection, dossier: &DossierId) -> Result<(), StoreError> {
    one(db.execute(
        "UPDATE item SET attempted = 1 WHERE dossier = ?1",
        [dossier.to_string()],
    )?)
}

/// The ids of all.
///
/// # Errors
/// The read errors.
pub fn dossiers(db: &Connection) -> Result<BTreeSet<DossierId>, StoreError> {
    let mut statement = db.prepare("SELECT dossier FROM item")?;
    let ids: Vec<String> = statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
}

/// The names of all sealed files that belong to a row.
///
/// # Errors
/// The read errors.
pub fn file_names(db: &Connection) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = db.prepare("SELECT sha256 FROM sealed_file")?;
    Ok(statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
}

/// The envelope as it was sealed.
///
/// # Errors
/// [`StoreError::Missing`].
pub fn envelope(db: &Connection, dossier: &DossierId) -> Result<Vec<u8>, StoreError> {
    Ok(db.query_row(
        "SELECT envelope FROM item WHERE dossier = ?1",
        [dossier.to_string()],
        |r| r.get(0),
    )?)
}

/// The newest dossiers, and every older one that a person has to look at, or whose withdrawal has; the newest first. A
/// withdrawal is shown with the dossier that it takes back.
///
/// # Errors
/// The read errors.
pub fn to_show(db: &Connection, newest: u32) -> Result<Vec<ItemRow>, StoreError> {
    many(
        db,
        "WHERE takes_back IS NULL AND (
           device_seq >= coalesce((SELECT min(device_seq) FROM (
             SELECT device_seq FROM item WHERE takes_back IS NULL ORDER BY device_seq DESC LIMIT ?1)), 0)
           OR state IN ('held', 'quarantined')
           OR dossier IN (SELECT takes_back FROM item WHERE takes_back IS NOT NULL AND state IN ('held', 'quarantined')))
         ORDER BY device_seq DESC",
        [newest],
    )
}

/// The newest dossiers; withdrawals are not among them.
///
/// # Errors
/// The read errors.
pub fn newest(db: &Connection, limit: u32) -> Result<Vec<ItemRow>, StoreError> {
    many(
        db,
        "WHERE takes_back IS NULL ORDER BY device_seq DESC LIMIT ?1",
        [limit],
    )
}

/// Dossiers whose case stands at one of these, the newest first.
///
/// # Errors
/// The read errors.
pub fn with_case(db: &Connection, cases: &[CaseStatus], limit: u32) -> Result<Vec<ItemRow>, StoreError> {
    let words: Vec<&str> = cases.iter().map(|case| case.as_str()).collect();
    many(
        db,
        "WHERE takes_back IS NULL AND case_status IN (SELECT value FROM json_each(?1)) ORDER BY device_seq DESC LIMIT ?2",
        (serde_json::to_string(&words)?, limit),
    )
}

/// The withdrawal that takes this dossier back, where there is one.
///
/// # Errors
/// The read errors.
pub fn withdrawal_of(db: &Connection, dossier: &DossierId) -> Result<Option<ItemRow>, StoreError> {
    Ok(many(
        db,
        "WHERE takes_back = ?1 ORDER BY device_seq LIMIT 1",
        [dossier.to_string()],
    )?
    .pop())
}

/// What could be sent now, in the order of its turn.
///
/// # Errors
/// The read errors.
pub fn due(db: &Connection, now_ms: i64, limit: u32) -> Result<Vec<ItemRow>, StoreError> {
    many(
        db,
        "WHERE waiting = 1 AND next_try_ms <= ?1 ORDER BY next_try_ms, device_seq LIMIT ?2",
        (now_ms, limit),
    )
}

/// What could be sent now and stands in one state of the two that wait, the oldest first.
///
/// # Errors
/// The read errors.
pub fn due_in(db: &Connection, state: &str, now_ms: i64, limit: u32) -> Result<Vec<ItemRow>, StoreError> {
    many(
        db,
        "WHERE state = ?1 AND waiting = 1 AND next_try_ms <= ?2 ORDER BY device_seq LIMIT ?3",
        (state, now_ms, limit),
    )
}

/// When the next waiting item has its turn; `None` where nothing waits.
///
/// # Errors
/// The read errors.
pub fn next_turn(db: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(
        db.query_row("SELECT min(next_try_ms) FROM item WHERE waiting = 1", [], |r| {
            r.get(0)
        })?,
    )
}

/// The item of a receipt number. A number is a label: on a cloned disk two items may carry one, and the newest answers.
///
/// # Errors
/// The read errors.
pub fn of_receipt(db: &Connection, receipt_number: &str) -> Result<Option<ItemRow>, StoreError> {
    let found = many(
        db,
        "WHERE receipt_number = ?1 AND takes_back IS NULL ORDER BY device_seq DESC LIMIT 1",
        [receipt_number],
    )?;
    Ok(found.into_iter().next())
}

/// Items in one delivery state, by the state's word.
///
/// # Errors
/// The read errors.
pub fn in_state(db: &Connection, state: &str) -> Result<Vec<ItemRow>, StoreError> {
    many(db, "WHERE state = ?1 ORDER BY device_seq", [state])
}

/// Dossiers that this device sealed since a time.
///
/// # Errors
/// The read errors.
pub fn since(db: &Connection, from_ms: i64) -> Result<Vec<ItemRow>, StoreError> {
    many(
        db,
        "WHERE sealed_ms >= ?1 AND carried_from IS NULL AND takes_back IS NULL",
        [from_ms],
    )
}

/// Does a dossier wait that has files?
///
/// # Errors
/// The read errors.
pub fn files_wait(db: &Connection) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM item WHERE waiting = 1 AND files > 0)")?
        .query_row([], |r| r.get(0))?)
}

/// Dossiers that wait to be sent: what a person is told. A withdrawal on its way is none.
///
/// # Errors
/// The read errors.
pub fn waiting_dossiers(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.query_row(
        "SELECT count(*) FROM item WHERE waiting = 1 AND takes_back IS NULL",
        [],
        |r| r.get(0),
    )?)
}

/// Counts of the queue, withdrawals and all: waiting, and when the oldest of them was sealed.
///
/// # Errors
/// The read errors.
pub fn depth(db: &Connection) -> Result<(u32, Option<i64>), StoreError> {
    Ok(db.query_row(
        "SELECT count(*), min(sealed_ms) FROM item WHERE waiting = 1",
        [],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )?)
}

/// # Errors
/// The write errors; [`StoreError::Missing`].
pub fn set_delivery(db: &Connection, dossier: &DossierId, delivery: &Delivery) -> Result<(), StoreError> {
    one(db
        .prepare_cached("UPDATE item SET delivery = ?2, waiting = ?3, state = ?4 WHERE dossier = ?1")?
        .execute((
            dossier.to_string(),
            serde_json::to_string(delivery)?,
            delivery.is_waiting(),
            delivery.as_str(),
        ))?)
}

/// Stores an acknowledgement once; a second one changes nothing.
///
/// # Errors
/// The write errors.
pub fn set_acknowledgement(
    db: &Connection,
    dossier: &DossierId,
    signed_json: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE item SET acknowledgement = ?2, acknowledged_ms = ?3, bytes_sent = bytes, last_failure = NULL, failures = 0
         WHERE dossier = ?1 AND acknowledgement IS NULL",
        (dossier.to_string(), signed_json, now_ms),
    )?;
    Ok(())
}

/// The province was restored and has forgotten it: what it said before holds no longer, and its keeping time starts anew.
///
/// # Errors
/// The write errors.
pub fn forget(db: &Connection, dossier: &DossierId) -> Result<(), StoreError> {
    one(db.execute(
        "UPDATE item SET acknowledgement = NULL, acknowledged_ms = NULL, durable_ms = NULL, bytes_sent = 0, next_try_ms = 0 WHERE dossier = ?1",
        [dossier.to_string()],
    )?)
}

/// # Errors
/// The write errors.
pub fn set_durable(db: &Connection, dossier: &DossierId, now_ms: i64) -> Result<(), StoreError> {
    db.execute(
        "UPDATE item SET durable_ms = coalesce(durable_ms, ?2) WHERE dossier = ?1",
        (dossier.to_string(), now_ms),
    )?;
    Ok(())
}

/// Dossiers that were durable at the province before a time and whose files are gone. A withdrawal stays as long as the
/// dossier that it took back: without it that one would seem never to have left.
///
/// # Errors
/// The read errors.
pub fn purged_before(db: &Connection, durable_before_ms: i64) -> Result<Vec<DossierId>, StoreError> {
    let old = many(
        db,
        "WHERE state = 'purged' AND durable_ms < ?1
         AND NOT EXISTS (SELECT 1 FROM item taken WHERE taken.dossier = item.takes_back)",
        [durable_before_ms],
    )?;
    Ok(old.into_iter().map(|row| row.dossier).collect())
}

/// Drops the row of a purged dossier with all that belongs to it, the lines of the book too.
///
/// # Errors
/// The write errors.
pub fn drop_purged(db: &Connection, dossier: &DossierId) -> Result<(), StoreError> {
    let id = dossier.to_string();
    db.execute("DELETE FROM copy WHERE dossier = ?1", [&id])?;
    db.execute("DELETE FROM sealed_file WHERE dossier = ?1", [&id])?;
    db.execute("DELETE FROM audit WHERE dossier = ?1", [&id])?;
    db.execute("DELETE FROM item WHERE dossier = ?1 AND state = 'purged'", [&id])?;
    Ok(())
}

/// Does a dossier stand at this place of the device's chain?
///
/// # Errors
/// The read errors.
pub fn is_taken(db: &Connection, device_seq: u64) -> Result<bool, StoreError> {
    let seq = i64::try_from(device_seq).map_err(|_| StoreError::Content)?;
    Ok(db.query_row(
        "SELECT EXISTS (SELECT 1 FROM item WHERE device_seq = ?1)",
        [seq],
        |r| r.get(0),
    )?)
}

/// The province's word on the case. A code once given is not taken back by an event without one.
///
/// # Errors
/// The write errors.
pub fn set_case(
    db: &Connection,
    dossier: &DossierId,
    status: CaseStatus,
    code: Option<&OfficialCode>,
    note: Option<&str>,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE item SET case_status = ?2, official_code = coalesce(?3, official_code), official_source = coalesce(?4, official_source), case_note = ?5
         WHERE dossier = ?1",
        (dossier.to_string(), status.as_str(), code.map(|c| &c.code), code.map(|c| &c.source), note),
    )?;
    Ok(())
}

/// Written before an attempt begins, so that a crash is seen afterwards and nobody says that it never left. `false`
/// where it no longer waits: somebody took it back since the queue was read, and nothing of it may go.
///
/// # Errors
/// The write errors.
pub fn begin_attempt(db: &Connection, dossier: &DossierId) -> Result<bool, StoreError> {
    let changed = db
        .prepare_cached("UPDATE item SET in_attempt = 1, attempted = 1 WHERE dossier = ?1 AND waiting = 1")?
        .execute([dossier.to_string()])?;
    Ok(changed == 1)
}

/// # Errors
/// The write errors.
pub fn end_attempt(
    db: &Connection,
    dossier: &DossierId,
    failure: Option<&str>,
    next_try_ms: i64,
) -> Result<(), StoreError> {
    one(db
        .prepare_cached(
            "UPDATE item SET in_attempt = 0, crashes = 0, last_failure = ?2, next_try_ms = ?3,
                failures = CASE WHEN ?2 IS NULL THEN 0 ELSE failures + 1 END WHERE dossier = ?1",
        )?
        .execute((dossier.to_string(), failure, next_try_ms))?)
}

/// # Errors
/// The write errors.
pub fn set_bytes_sent(db: &Connection, dossier: &DossierId, bytes: u64) -> Result<(), StoreError> {
    one(db.execute(
        "UPDATE item SET bytes_sent = ?2 WHERE dossier = ?1",
        (
            dossier.to_string(),
            i64::try_from(bytes).map_err(|_| StoreError::Content)?,
        ),
    )?)
}

/// Counts a crash for every item whose attempt did not end, and answers those that crashed `limit` times.
///
/// # Errors
/// The write errors.
pub fn count_crashes(db: &Connection, limit: u32) -> Result<Vec<ItemRow>, StoreError> {
    db.execute(
        "UPDATE item SET crashes = crashes + 1, in_attempt = 0 WHERE in_attempt = 1",
        [],
    )?;
    many(db, "WHERE crashes >= ?1 AND waiting = 1", [limit])
}

/// Everything that waits may be tried at once: a person pressed "Gửi ngay".
///
/// # Errors
/// The write errors.
pub fn due_at_once(db: &Connection) -> Result<(), StoreError> {
    db.execute("UPDATE item SET next_try_ms = 0 WHERE waiting = 1", [])?;
    Ok(())
}

fn one(changed: usize) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Missing)
    }
}

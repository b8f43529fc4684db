//! A sealed dossier as the outbox knows it, read out of the index.
//!
//! **Invariant:** a row that cannot be read holds up none of its neighbours; it is counted and kept.

use crate::StoreError;
use domain::delivery::Delivery;
use domain::ids::{DossierId, ProcedureCode};
use domain::province::{CaseStatus, OfficialCode};
use rusqlite::{Connection, Row};

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
pub(super) fn many(
    db: &Connection,
    tail: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<ItemRow>, StoreError> {
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

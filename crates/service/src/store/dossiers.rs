//! Dossiers as they were taken in. **Invariant:** one content for each id, for ever; another one is a fork.

use crate::ServiceError;
use domain::delivery::Watermark;
use domain::ids::{DeviceId, DossierId};
use domain::province::Intake;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use seal::envelope::SealedDossier;
use seal::manifest::Manifest;
use seal::signed::Signed;
use serde::Serialize;
use std::str::FromStr;
use wire::Sha256;

/// One dossier, without its envelope.
pub struct DossierRow {
    pub id: DossierId,
    pub device: DeviceId,
    pub manifest_sha256: Sha256,
    pub receipt_number: String,
    pub procedure_code: String,
    pub lookup_tag: [u8; 32],
    pub low_trust: bool,
    pub state: Intake,
    pub registered_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub acknowledgement: Option<Signed>,
    pub ack_epoch: Option<u64>,
    /// A withdrawal: the dossier that it takes back.
    pub takes_back: Option<DossierId>,
}

impl DossierRow {
    /// Where in the log it was acknowledged, read from our own stored word.
    #[must_use]
    pub fn acknowledged_at(&self) -> Option<Watermark> {
        let signed = self.acknowledgement.as_ref()?;
        let ack: wire::acknowledgement::Acknowledgement = serde_json::from_slice(&signed.bytes).ok()?;
        Some(ack.at)
    }
}

const COLUMNS: &str = "id, device, manifest_sha256, receipt_number, procedure_code, lookup_tag, low_trust, state, \
                       registered_at, completed_at, acknowledgement, ack_epoch, takes_back";

/// The word in the database.
fn state_text(state: Intake) -> &'static str {
    match state {
        Intake::Registered => "registered",
        Intake::Complete => "complete",
        Intake::Opened => "opened",
    }
}

pub(super) fn time(ms: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|_| super::devices::bad("time"))
}

/// An id in the very letters in which it is written: one bit makes a capital of a letter, which is read as the same id and
/// found under another.
fn as_written<T: FromStr + ToString>(text: &str) -> rusqlite::Result<T> {
    match text.parse::<T>() {
        Ok(id) if id.to_string() == text => Ok(id),
        Ok(_) | Err(_) => Err(super::devices::bad("id")),
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<DossierRow> {
    use super::devices::bad;
    let state: String = row.get(7)?;
    let states = [Intake::Registered, Intake::Complete, Intake::Opened];
    let ack: Option<String> = row.get(10)?;
    Ok(DossierRow {
        id: as_written(&row.get::<_, String>(0)?)?,
        device: as_written(&row.get::<_, String>(1)?)?,
        manifest_sha256: Sha256(row.get(2)?),
        receipt_number: row.get(3)?,
        procedure_code: row.get(4)?,
        lookup_tag: row.get(5)?,
        low_trust: row.get(6)?,
        state: states
            .into_iter()
            .find(|s| state_text(*s) == state)
            .ok_or_else(|| bad("dossier state"))?,
        registered_at: time(row.get(8)?)?,
        completed_at: row.get::<_, Option<i64>>(9)?.map(time).transpose()?,
        acknowledgement: ack
            .map(|a| serde_json::from_str(&a))
            .transpose()
            .map_err(|_| bad("acknowledgement"))?,
        ack_epoch: row.get::<_, Option<i64>>(11)?.and_then(|n| u64::try_from(n).ok()),
        takes_back: row
            .get::<_, Option<String>>(12)?
            .map(|id| as_written(&id))
            .transpose()?,
    })
}

/// # Errors
/// The database's; [`ServiceError::Damaged`] where a damaged index leads to another dossier.
pub fn find(conn: &Connection, id: &DossierId) -> Result<Option<DossierRow>, ServiceError> {
    let sql = format!("SELECT {COLUMNS} FROM dossiers WHERE id = ?1");
    let found = conn
        .prepare_cached(&sql)?
        .query_row([id.to_string()], read)
        .optional()?;
    match found {
        Some(row) if row.id != *id => Err(ServiceError::Damaged("index of dossiers")),
        found => Ok(found),
    }
}

/// Shows every dossier with its envelope, in no order; the first failure ends it.
///
/// # Errors
/// Those of `look`, the database's.
pub fn each(
    conn: &Connection,
    mut look: impl FnMut(DossierRow, Vec<u8>) -> Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    let mut statement = conn.prepare(&format!("SELECT {COLUMNS}, envelope FROM dossiers"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        look(read(row)?, row.get("envelope")?)?;
    }
    Ok(())
}

/// The last that came, the newest first: in the order of their coming, which no clock has a word in.
///
/// # Errors
/// The database's.
pub fn newest(conn: &Connection, max: u32) -> Result<Vec<DossierRow>, ServiceError> {
    let sql = format!("SELECT {COLUMNS} FROM dossiers ORDER BY rowid DESC LIMIT ?1");
    let mut statement = conn.prepare(&sql)?;
    let rows = statement.query_map([max], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// # Errors
/// The database's.
pub fn count(conn: &Connection) -> Result<u32, ServiceError> {
    Ok(conn.query_row("SELECT count(*) FROM dossiers", [], |r| r.get(0))?)
}

/// The withdrawals that name this dossier, in the order of their coming.
///
/// # Errors
/// The database's.
pub fn withdrawals_of(conn: &Connection, id: &DossierId) -> Result<Vec<DossierRow>, ServiceError> {
    let sql = format!("SELECT {COLUMNS} FROM dossiers WHERE takes_back = ?1 ORDER BY registered_at, id");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([id.to_string()], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every dossier under one printed number: mostly one, more where a disk was cloned. A withdrawal bears the number of
/// what it takes back, and is not looked up.
///
/// # Errors
/// The database's.
pub fn by_receipt_number(
    conn: &Connection,
    number: &str,
    max: usize,
) -> Result<Vec<DossierRow>, ServiceError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM dossiers WHERE receipt_number = ?1 AND takes_back IS NULL ORDER BY id LIMIT ?2"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map((number, super::whole(max)), read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// # Errors
/// The database's, [`ServiceError::Seal`] where the stored bytes are damaged, and [`ServiceError::Damaged`] as [`find`].
pub fn envelope(conn: &Connection, id: &DossierId) -> Result<Option<SealedDossier>, ServiceError> {
    let sql = "SELECT envelope, id FROM dossiers WHERE id = ?1";
    let found: Option<(Vec<u8>, String)> = conn
        .query_row(sql, [id.to_string()], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    match found {
        Some((_, of)) if of != id.to_string() => Err(ServiceError::Damaged("index of dossiers")),
        found => Ok(found
            .map(|(bytes, _)| SealedDossier::from_bytes(&bytes))
            .transpose()?),
    }
}

/// # Errors
/// The database's.
pub fn insert(
    conn: &Connection,
    manifest: &Manifest,
    envelope: &SealedDossier,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let sql = "INSERT INTO dossiers (id, device, manifest_sha256, envelope, receipt_number, procedure_code, lookup_tag,
                 low_trust, state, registered_at, device_epoch, device_seq, takes_back)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'registered', ?9, ?10, ?11, ?12)";
    conn.prepare_cached(sql)?.execute((
        manifest.dossier_id().to_string(),
        manifest.device_id().to_string(),
        envelope.sha256(),
        envelope.to_bytes()?,
        &manifest.receipt_number,
        &manifest.procedure_code,
        manifest.lookup_tag,
        manifest.captured_at.low_trust,
        now.as_millisecond(),
        place(manifest.device_epoch),
        place(manifest.device_seq),
        manifest.takes_back().map(|id| id.to_string()),
    ))?;
    super::blobs::insert(conn, &manifest.dossier_id(), &manifest.blobs)
}

/// An epoch or a sequence number as SQLite takes it. What does not fit a signed number is not one that we gave out.
fn place(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Another dossier at this one's place in the device's chain: the disk was copied, or put back.
///
/// # Errors
/// The database's.
pub fn at_same_place(
    conn: &Connection,
    manifest: &Manifest,
    sha256: [u8; 32],
) -> Result<Option<DossierId>, ServiceError> {
    let sql = "SELECT id FROM dossiers WHERE device = ?1 AND device_epoch = ?2 AND device_seq = ?3
               AND manifest_sha256 <> ?4 LIMIT 1";
    let params = (
        manifest.device_id().to_string(),
        place(manifest.device_epoch),
        place(manifest.device_seq),
        sha256,
    );
    let found: Option<String> = conn
        .prepare_cached(sql)?
        .query_row(params, |r| r.get(0))
        .optional()?;
    found
        .map(|id| id.parse().map_err(|_| ServiceError::Damaged("dossier id")))
        .transpose()
}

/// Copies the place out of the envelopes of rows that were taken before it had columns.
///
/// # Errors
/// The database's, and [`ServiceError::Seal`] where a stored envelope is damaged.
pub(super) fn fill_positions(conn: &Connection) -> Result<(), ServiceError> {
    let mut rows = conn.prepare("SELECT id, envelope FROM dossiers WHERE device_seq IS NULL")?;
    let found = rows
        .query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, Vec<u8>>(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let mut fill = conn.prepare("UPDATE dossiers SET device_epoch = ?2, device_seq = ?3 WHERE id = ?1")?;
    for (id, envelope) in found {
        let manifest = Manifest::from_bytes(&SealedDossier::from_bytes(&envelope)?.manifest)?;
        fill.execute((id, place(manifest.device_epoch), place(manifest.device_seq)))?;
    }
    Ok(())
}

/// Keeps the second content under an id. Again and again the same is one fork.
///
/// # Errors
/// The database's.
pub fn insert_fork(
    conn: &Connection,
    device: &DeviceId,
    id: &DossierId,
    envelope: &SealedDossier,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let sql = "INSERT OR IGNORE INTO forks (dossier, manifest_sha256, device, envelope, received_at)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let bytes = envelope.to_bytes()?;
    conn.execute(
        sql,
        (
            id.to_string(),
            envelope.sha256(),
            device.to_string(),
            bytes,
            now.as_millisecond(),
        ),
    )?;
    Ok(())
}

/// # Errors
/// The database's.
pub fn forks(conn: &Connection, id: &DossierId) -> Result<Vec<Sha256>, ServiceError> {
    let mut statement =
        conn.prepare("SELECT manifest_sha256 FROM forks WHERE dossier = ?1 ORDER BY received_at")?;
    let rows = statement.query_map([id.to_string()], |r| r.get(0).map(Sha256))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Stores the acknowledgement; from here on a second PUT brings these bytes again.
///
/// # Errors
/// The database's.
pub fn acknowledge(
    conn: &Connection,
    id: &DossierId,
    signed: &Signed,
    at: Watermark,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let json = serde_json::to_string(signed).map_err(|_| ServiceError::Damaged("acknowledgement"))?;
    let epoch = i64::try_from(at.epoch).unwrap_or(i64::MAX);
    // A dossier that was opened before a restore stays opened.
    let sql =
        "UPDATE dossiers SET acknowledgement = ?2, ack_epoch = ?3, completed_at = coalesce(completed_at, ?4),
                 state = CASE state WHEN 'opened' THEN 'opened' ELSE 'complete' END
               WHERE id = ?1";
    conn.prepare_cached(sql)?
        .execute((id.to_string(), json, epoch, now.as_millisecond()))?;
    Ok(())
}

/// Are there files still to come from this device behind this dossier? Of one that it carries for another device that
/// is not known, and it is thought so.
///
/// # Errors
/// The database's.
pub fn more_to_come(conn: &Connection, id: &DossierId, asking: &DeviceId) -> Result<bool, ServiceError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM dossiers WHERE device = ?2 AND state = 'registered')
                   OR (SELECT device FROM dossiers WHERE id = ?1) IS NOT ?2";
    Ok(conn
        .prepare_cached(sql)?
        .query_row((id.to_string(), asking.to_string()), |r| r.get(0))?)
}

/// Takes the acknowledgement back where a file of it is gone from disk: after a restore without its files, or damaged.
///
/// # Errors
/// The database's.
pub fn incomplete(conn: &Connection, id: &DossierId) -> Result<(), ServiceError> {
    let sql =
        "UPDATE dossiers SET acknowledgement = NULL, ack_epoch = NULL, state = 'registered' WHERE id = ?1";
    conn.execute(sql, [id.to_string()])?;
    Ok(())
}

/// A dossier that was whole here and is not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    pub dossier: DossierId,
    pub receipt_number: String,
    pub counter_name: String,
    pub complete_at: Timestamp,
}

/// The dossiers whose acknowledgement was taken back and whose files have not come again, the oldest first; of what was
/// withdrawn nobody needs them.
///
/// # Errors
/// The database's.
pub fn wanted(conn: &Connection) -> Result<Vec<Wanted>, ServiceError> {
    let sql = "SELECT d.id, d.receipt_number, v.counter_name, d.completed_at FROM dossiers d
                 JOIN devices v ON v.id = d.device LEFT JOIN cases c ON c.dossier = d.id
               WHERE d.state = 'registered' AND d.completed_at IS NOT NULL AND coalesce(c.status, '') <> 'withdrawn'
               ORDER BY d.completed_at, d.id";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |r| {
        Ok(Wanted {
            dossier: r
                .get::<_, String>(0)?
                .parse()
                .map_err(|_| super::devices::bad("dossier id"))?,
            receipt_number: r.get(1)?,
            counter_name: r.get(2)?,
            complete_at: time(r.get(3)?)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// # Errors
/// The database's.
pub fn opened(conn: &Connection, id: &DossierId) -> Result<(), ServiceError> {
    conn.execute(
        "UPDATE dossiers SET state = 'opened' WHERE id = ?1 AND state = 'complete'",
        [id.to_string()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_the_letters_in_which_it_is_written() {
        let id = "0b7c1f2e-0000-4000-8000-00000000000a";
        assert!(as_written::<DossierId>(id).is_ok());
        // One bit of one letter.
        let damaged = id.replace('f', "F");
        assert!(
            damaged.parse::<DossierId>().is_ok(),
            "the control: it reads as the same"
        );
        assert!(as_written::<DossierId>(&damaged).is_err());
    }
}

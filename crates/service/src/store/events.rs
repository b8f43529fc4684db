//! The status feed, one row an event. **Invariant:** `seq` is given and committed in one order, so a reader that
//! saw `seq` n has seen every smaller one of its device.

use crate::ServiceError;
use domain::ids::{DeviceId, DossierId};
use jiff::Timestamp;
use rusqlite::Connection;
use wire::sync::{Event, EventKind};

/// Appends an event for the dossier's device; only inside an IMMEDIATE transaction.
///
/// # Errors
/// The database's.
pub fn append(
    conn: &Connection,
    dossier: &DossierId,
    kind: &EventKind,
    now: Timestamp,
) -> Result<u64, ServiceError> {
    let seq = super::meta::next_seq(conn)?;
    let json = serde_json::to_string(kind).map_err(|_| ServiceError::Damaged("event"))?;
    let sql = "INSERT INTO events (seq, device, dossier, kind, at)
               SELECT ?1, device, id, ?3, ?4 FROM dossiers WHERE id = ?2";
    let number = i64::try_from(seq).unwrap_or(i64::MAX);
    conn.prepare_cached(sql)?
        .execute((number, dossier.to_string(), json, now.as_millisecond()))?;
    Ok(seq)
}

/// Appends an event for each device that may still have the dossier's bytes, but for the one that asks: who sealed it and
/// who brought it. Only inside an IMMEDIATE transaction.
///
/// # Errors
/// The database's.
pub fn append_for_all_but(
    asker: Option<&DeviceId>,
    conn: &Connection,
    dossier: &DossierId,
    kind: &EventKind,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let id = dossier.to_string();
    let mut holders = conn.prepare_cached(
        "SELECT device FROM dossiers WHERE id = ?1 UNION SELECT device FROM carriers WHERE dossier = ?1",
    )?;
    let devices: Vec<String> = holders
        .query_map([&id], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let asker = asker.map(DeviceId::to_string);
    for device in devices
        .into_iter()
        .filter(|device| Some(device) != asker.as_ref())
    {
        let json = serde_json::to_string(kind).map_err(|_| ServiceError::Damaged("event"))?;
        let seq = i64::try_from(super::meta::next_seq(conn)?).unwrap_or(i64::MAX);
        conn.prepare_cached(
            "INSERT INTO events (seq, device, dossier, kind, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((seq, device, &id, json, now.as_millisecond()))?;
    }
    Ok(())
}

/// At most `max` events of a device behind the cursor, in order.
///
/// # Errors
/// The database's, or a damaged row.
pub fn after(
    conn: &Connection,
    device: &DeviceId,
    cursor: u64,
    max: usize,
) -> Result<Vec<Event>, ServiceError> {
    let sql = "SELECT seq, dossier, kind FROM events WHERE device = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    let cursor = i64::try_from(cursor).unwrap_or(i64::MAX);
    let rows = statement.query_map((device.to_string(), cursor, super::whole(max)), |row| {
        let seq: i64 = row.get(0)?;
        Ok((
            u64::try_from(seq).unwrap_or(0),
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
        ))
    })?;
    rows.map(|row| {
        let (seq, dossier, kind) = row?;
        let dossier = dossier.parse().map_err(|_| ServiceError::Damaged("event"))?;
        let kind = serde_json::from_str(&kind).map_err(|_| ServiceError::Damaged("event"))?;
        Ok(Event { seq, dossier, kind })
    })
    .collect()
}

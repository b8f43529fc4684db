//! Certificates that gave way to a renewed one.
//!
//! **Invariant:** none is ever removed: a slip is judged by the certificate of the time at which it was sealed.

use super::devices::bad;
use crate::ServiceError;
use domain::ids::DeviceId;
use rusqlite::Connection;
use seal::signed::Signed;

/// Keeps the one that the device has now, before another takes its place.
///
/// # Errors
/// The database's.
pub fn keep(conn: &Connection, device: &DeviceId) -> Result<(), ServiceError> {
    let sql = "INSERT INTO past_certificates (device, certificate)
               SELECT id, certificate FROM devices WHERE id = ?1 AND certificate IS NOT NULL";
    conn.execute(sql, [device.to_string()])?;
    Ok(())
}

/// Those of one device, oldest first.
///
/// # Errors
/// The database's.
pub fn of(conn: &Connection, device: &DeviceId) -> Result<Vec<Signed>, ServiceError> {
    let sql = "SELECT certificate FROM past_certificates WHERE device = ?1 ORDER BY id";
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map([device.to_string()], |row| {
        serde_json::from_str(&row.get::<_, String>(0)?).map_err(|_| bad("certificate"))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

//! Who brought a dossier that another device sealed.

use crate::ServiceError;
use domain::ids::{DeviceId, DossierId};
use rusqlite::Connection;

/// # Errors
/// The database's.
pub fn put(conn: &Connection, dossier: &DossierId, device: &DeviceId) -> Result<(), ServiceError> {
    conn.prepare_cached("INSERT OR IGNORE INTO carriers (dossier, device) VALUES (?1, ?2)")?
        .execute((dossier.to_string(), device.to_string()))?;
    Ok(())
}

/// # Errors
/// The database's.
pub fn carries(conn: &Connection, dossier: &DossierId, device: &DeviceId) -> Result<bool, ServiceError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM carriers WHERE dossier = ?1 AND device = ?2")?
        .exists((dossier.to_string(), device.to_string()))?)
}

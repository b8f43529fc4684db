//! Failed look-ups of a receipt number on a day. They survive a restart, or restarting would be guessing.

use crate::ServiceError;
use crate::limits::LOOKUP_TRIES_PER_DAY_MAX;
use domain::receipt_number::ReceiptNumber;
use jiff::{Timestamp, tz};
use rusqlite::Connection;
use wire::Sha256;

fn number_hash(number: &ReceiptNumber) -> [u8; 32] {
    Sha256::of(number.to_string().as_bytes()).0
}

/// The day in Vietnam (UTC+7, no summer time).
fn day(now: Timestamp) -> String {
    now.to_zoned(tz::TimeZone::fixed(tz::offset(7)))
        .date()
        .to_string()
}

/// Takes one try before anything is compared, for known and unknown numbers alike.
///
/// # Errors
/// The database's. `Ok(false)`: the day's tries are used up.
pub fn take(conn: &Connection, number: &ReceiptNumber, now: Timestamp) -> Result<bool, ServiceError> {
    let day = day(now);
    // Yesterday's counts say nothing any more.
    conn.execute("DELETE FROM lookup_tries WHERE day < ?1", [&day])?;
    let sql = "INSERT INTO lookup_tries (number_sha256, day, tries) VALUES (?1, ?2, 1)
               ON CONFLICT DO UPDATE SET tries = tries + 1 WHERE tries < ?3";
    let taken = conn.execute(sql, (number_hash(number), &day, LOOKUP_TRIES_PER_DAY_MAX))?;
    Ok(taken == 1)
}

/// Gives a try back to somebody who knew the secret.
///
/// # Errors
/// The database's.
pub fn give_back(conn: &Connection, number: &ReceiptNumber, now: Timestamp) -> Result<(), ServiceError> {
    let sql = "UPDATE lookup_tries SET tries = max(tries - 1, 0) WHERE number_sha256 = ?1 AND day = ?2";
    conn.execute(sql, (number_hash(number), day(now)))?;
    Ok(())
}

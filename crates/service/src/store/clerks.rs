//! Clerks: who may open and export. A passphrase each, stretched with Argon2id (RFC 9106).

use crate::limits::PASSPHRASE_CHARS_MIN;
use crate::{Refusal, ServiceError};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// 64 MiB and 3 passes: a clerk signs in seldom, a stolen table is searched long.
fn stretcher() -> Result<Argon2<'static>, ServiceError> {
    let params =
        Params::new(64 * 1024, 3, 1, None).map_err(|_| ServiceError::Damaged("passphrase parameters"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn stretch(passphrase: &str) -> Result<String, ServiceError> {
    let salt =
        SaltString::encode_b64(&seal::random::bytes::<16>()?).map_err(|_| ServiceError::Damaged("salt"))?;
    let hash = stretcher()?.hash_password(passphrase.as_bytes(), &salt);
    Ok(hash.map_err(|_| ServiceError::Damaged("passphrase"))?.to_string())
}

/// # Errors
/// [`Refusal::PassphraseShort`], [`Refusal::ClerkExists`], the database's.
pub fn add(conn: &Connection, name: &str, passphrase: &str, now: Timestamp) -> Result<(), ServiceError> {
    if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(Refusal::PassphraseShort.into());
    }
    let sql = "INSERT OR IGNORE INTO clerks (name, passphrase, added_at) VALUES (?1, ?2, ?3)";
    match conn.execute(sql, (name, stretch(passphrase)?, now.as_millisecond()))? {
        1 => Ok(()),
        _ => Err(Refusal::ClerkExists.into()),
    }
}

/// # Errors
/// [`Refusal::ClerkUnknown`] for an unknown name and a wrong passphrase alike, the database's.
pub fn check(conn: &Connection, name: &str, passphrase: &str) -> Result<(), ServiceError> {
    let stored: Option<String> = conn
        .query_row("SELECT passphrase FROM clerks WHERE name = ?1", [name], |r| {
            r.get(0)
        })
        .optional()?;
    let Some(stored) = stored else {
        // The same work for a name that does not exist.
        stretch(passphrase)?;
        return Err(Refusal::ClerkUnknown.into());
    };
    let hash = PasswordHash::new(&stored).map_err(|_| ServiceError::Damaged("passphrase"))?;
    Ok(stretcher()?
        .verify_password(passphrase.as_bytes(), &hash)
        .map_err(|_| Refusal::ClerkUnknown)?)
}

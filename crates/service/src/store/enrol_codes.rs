//! One-time enrolment codes: ten characters, four to find the row by and six that are kept hashed.

use crate::ServiceError;
use crate::limits::{ENROL_CODE_MINUTES_MAX, ENROL_WRONG_TRIES_MAX};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use subtle::ConstantTimeEq;
use wire::{ProblemCode, Sha256};

/// No 0/O, 1/I/L, U/V: 29 characters that are read over the telephone without a doubt.
const ALPHABET: &[u8; 29] = b"23456789ABCDEFGHJKMNPQRSTWXYZ";
const CODE_CHARS: usize = 10;
const SELECTOR_CHARS: usize = 4;

/// A code as it is read to the person at the kiosk, and until when it is good.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewCode {
    pub code: String,
    pub expires_at: Timestamp,
}

/// A code that was found good, by its row. Whether it was used before shows in [`mark_used`].
pub struct GoodCode {
    pub id: i64,
}

fn random_char() -> Result<char, ServiceError> {
    loop {
        // 232 is the largest multiple of 29 in a byte: dropping the rest keeps the characters even.
        let [byte] = seal::random::bytes::<1>()?;
        if byte < 232
            && let Some(c) = ALPHABET.get(usize::from(byte) % ALPHABET.len())
        {
            return Ok(char::from(*c));
        }
    }
}

fn hash(code: &str) -> Sha256 {
    Sha256::of(format!("donghanh/enrol-code/1\0{code}").as_bytes())
}

/// # Errors
/// The database's, and no randomness.
pub fn make(conn: &Connection, now: Timestamp) -> Result<NewCode, ServiceError> {
    let expires_at = now + SignedDuration::from_mins(ENROL_CODE_MINUTES_MAX);
    let sql = "INSERT OR IGNORE INTO enrol_codes (selector, code_sha256, made_at, expires_at) VALUES (?1, ?2, ?3, ?4)";
    loop {
        let mut code = String::with_capacity(CODE_CHARS);
        for _ in 0..CODE_CHARS {
            code.push(random_char()?);
        }
        let (selector, rest) = code.split_at(SELECTOR_CHARS);
        let times = (now.as_millisecond(), expires_at.as_millisecond());
        // A selector that was given out before is not given again: once in hundreds of thousands.
        if conn.execute(sql, (selector, hash(&code).0, times.0, times.1))? == 1 {
            return Ok(NewCode {
                code: format!("{selector} {rest}"),
                expires_at,
            });
        }
    }
}

/// Checks a typed code. A wrong second half counts against the code; five burn it. Wrong, expired, burnt and
/// unknown are told apart by nobody outside.
///
/// # Errors
/// The database's. `Ok(None)` is a code that is not good: the count must be committed, so it is no error here.
pub fn check(conn: &Connection, typed: &str, now: Timestamp) -> Result<Option<GoodCode>, ServiceError> {
    let code: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_uppercase();
    let Some(selector) = code.get(..SELECTOR_CHARS) else {
        return Ok(None);
    };
    let sql = "SELECT id, code_sha256 FROM enrol_codes
               WHERE selector = ?1 AND expires_at > ?2 AND wrong_tries < ?3";
    let found: Option<(i64, [u8; 32])> = conn
        .query_row(
            sql,
            (selector, now.as_millisecond(), ENROL_WRONG_TRIES_MAX),
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .optional()?;
    let Some((id, wanted)) = found else {
        return Ok(None);
    };
    if bool::from(hash(&code).0.ct_eq(&wanted)) {
        return Ok(Some(GoodCode { id }));
    }
    conn.execute(
        "UPDATE enrol_codes SET wrong_tries = wrong_tries + 1 WHERE id = ?1",
        [id],
    )?;
    Ok(None)
}

/// # Errors
/// The database's; [`ProblemCode::EnrolCodeRefused`] where it was used before.
pub fn mark_used(conn: &Connection, id: i64, now: Timestamp) -> Result<(), ServiceError> {
    let sql = "UPDATE enrol_codes SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL";
    match conn.execute(sql, (id, now.as_millisecond()))? {
        1 => Ok(()),
        _ => Err(ProblemCode::EnrolCodeRefused.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_tries_burn_a_code_and_time_ends_it() {
        let dir = tempfile::tempdir().unwrap();
        let conn = crate::store::open(&dir.path().join("p.db")).unwrap();
        let now: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let good = |code: &str, at| check(&conn, code, at).unwrap().is_some();
        let first = make(&conn, now).unwrap();
        let typed = first.code.to_lowercase().replace(' ', "-");
        assert!(good(&typed, now), "case and separators do not matter");
        assert!(
            !good(&typed, now + SignedDuration::from_mins(16)),
            "it ends after a quarter of an hour"
        );
        let wrong = format!("{}222222", &first.code[..4]);
        for _ in 0..5 {
            assert!(!good(&wrong, now));
        }
        assert!(!good(&first.code, now), "burnt");
        let second = make(&conn, now).unwrap();
        assert!(good(&second.code, now), "one code's tries do not burn another");
    }
}

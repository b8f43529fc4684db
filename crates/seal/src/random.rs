//! The one place that asks the system for randomness.

use crate::SealError;

/// `N` random bytes from the operating system.
///
/// # Errors
/// [`SealError::Random`]: nothing may go on.
pub fn bytes<const N: usize>() -> Result<[u8; N], SealError> {
    let mut out = [0_u8; N];
    getrandom::fill(&mut out).map_err(|_| SealError::Random)?;
    Ok(out)
}

/// A random version 4 UUID (RFC 9562).
///
/// # Errors
/// [`SealError::Random`].
pub fn uuid() -> Result<uuid::Uuid, SealError> {
    Ok(uuid::Builder::from_random_bytes(bytes()?).into_uuid())
}

/// `digits` decimal digits, each equally likely; for the look-up secret and one-time codes.
///
/// # Errors
/// [`SealError::Random`].
pub fn digits(digits: usize) -> Result<String, SealError> {
    let mut out = String::with_capacity(digits);
    while out.len() < digits {
        // 250 is the largest multiple of 10 in a byte: dropping the rest keeps the digits even.
        let [byte] = bytes::<1>()?;
        if byte < 250 {
            out.push(char::from(b'0' + byte % 10));
        }
    }
    Ok(out)
}

//! The look-up: six digits that a citizen types beside the receipt number.
//!
//! Six digits are few: the province limits the tries, and the tag (Argon2id, RFC 9106) makes a stolen table
//! slow to search. The salt is the dossier id, so equal secrets have different tags.

use crate::SealError;
use argon2::{Algorithm, Argon2, Params, Version};
use domain::ids::DossierId;
use subtle::ConstantTimeEq;

/// Digits of the secret.
pub const SECRET_DIGITS: usize = 6;
/// 19 MiB and 2 passes: OWASP's floor for Argon2id, near 70 ms on a counter's machine.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// The tag that stands in the manifest.
///
/// # Errors
/// [`SealError::Key`] where the parameters are refused; it does not depend on the secret.
pub fn tag(secret: &str, dossier: &DossierId) -> Result<[u8; 32], SealError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|_| SealError::Key)?;
    let mut out = [0_u8; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret.as_bytes(), dossier.as_bytes(), &mut out)
        .map_err(|_| SealError::Key)?;
    Ok(out)
}

/// Compares in constant time.
#[must_use]
pub fn equal(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.ct_eq(b).into()
}

//! Wrapping small secrets: a key derived from a PIN and the machine's own secret, ChaCha20-Poly1305 (RFC 8439).
//!
//! A PIN of six digits alone falls in hours; so the machine's secret is always mixed in.

use crate::SealError;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

/// 64 MiB, 3 passes: near a quarter of a second a try on a counter's machine.
const PIN_MEMORY_KIB: u32 = 64 * 1024;
const PIN_PASSES: u32 = 3;

/// A wrapped secret: salt, nonce and ciphertext. Safe on disk beside other things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrapped {
    pub salt: [u8; 16],
    pub nonce: [u8; 12],
    pub sealed: Vec<u8>,
}

/// Derives the wrapping key from a PIN and the machine's secret.
fn pin_key(pin: &str, machine: &[u8; 32], salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let params = Params::new(PIN_MEMORY_KIB, PIN_PASSES, 1, Some(32)).map_err(|_| SealError::Key)?;
    let mut stretched = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.as_bytes(), salt, stretched.as_mut())
        .map_err(|_| SealError::Key)?;
    expand(stretched.as_ref(), machine, b"donghanh/pin-wrap/1")
}

fn expand(secret: &[u8], machine: &[u8; 32], info: &[u8]) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let mut out = Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(Some(machine), secret)
        .expand(info, out.as_mut())
        .map_err(|_| SealError::Key)?;
    Ok(out)
}

fn seal_with(key: &[u8; 32], salt: [u8; 16], secret: &[u8], label: &[u8]) -> Result<Wrapped, SealError> {
    let nonce = crate::random::bytes::<12>()?;
    let cipher = ChaCha20Poly1305::new(Key::from_slice(key));
    let sealed = cipher
        .encrypt(
            Nonce::from_slice(&nonce),
            Payload {
                msg: secret,
                aad: label,
            },
        )
        .map_err(|_| SealError::Key)?;
    Ok(Wrapped { salt, nonce, sealed })
}

fn open_with(key: &[u8; 32], wrapped: &Wrapped, label: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    ChaCha20Poly1305::new(Key::from_slice(key))
        .decrypt(
            Nonce::from_slice(&wrapped.nonce),
            Payload {
                msg: &wrapped.sealed,
                aad: label,
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| SealError::Decrypt)
}

/// Wraps a secret under a PIN and the machine's secret; `label` binds it to its owner.
///
/// # Errors
/// [`SealError::Random`], [`SealError::Key`].
pub fn with_pin(pin: &str, machine: &[u8; 32], secret: &[u8], label: &[u8]) -> Result<Wrapped, SealError> {
    let salt = crate::random::bytes::<16>()?;
    seal_with(&*pin_key(pin, machine, &salt)?, salt, secret, label)
}

/// # Errors
/// [`SealError::Decrypt`]: the PIN is wrong, or this is another machine.
pub fn open_with_pin(
    pin: &str,
    machine: &[u8; 32],
    wrapped: &Wrapped,
    label: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    open_with(&*pin_key(pin, machine, &wrapped.salt)?, wrapped, label)
}

/// Wraps a secret under the machine's secret alone: the device key, which must work with nobody signed in.
///
/// # Errors
/// [`SealError::Random`], [`SealError::Key`].
pub fn with_machine(machine: &[u8; 32], secret: &[u8], label: &[u8]) -> Result<Wrapped, SealError> {
    let salt = crate::random::bytes::<16>()?;
    seal_with(
        &*expand(&salt, machine, b"donghanh/machine-wrap/1")?,
        salt,
        secret,
        label,
    )
}

/// # Errors
/// [`SealError::Decrypt`]: this is another machine, or the bytes are damaged.
pub fn open_with_machine(
    machine: &[u8; 32],
    wrapped: &Wrapped,
    label: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    open_with(
        &*expand(&wrapped.salt, machine, b"donghanh/machine-wrap/1")?,
        wrapped,
        label,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_pin_machine_or_owner_opens_nothing() {
        let wrapped = with_pin("135790", &[1; 32], b"secret", b"op-1").unwrap();
        assert_eq!(
            open_with_pin("135790", &[1; 32], &wrapped, b"op-1")
                .unwrap()
                .as_slice(),
            b"secret"
        );
        assert!(open_with_pin("135791", &[1; 32], &wrapped, b"op-1").is_err());
        assert!(open_with_pin("135790", &[2; 32], &wrapped, b"op-1").is_err());
        assert!(open_with_pin("135790", &[1; 32], &wrapped, b"op-2").is_err());
    }
}

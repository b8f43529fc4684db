//! The form, sealed: JSON, deflate, age. Compressed before encryption, since after it nothing shrinks.

use crate::SealError;
use crate::keys::{OpeningKey, Recipients};
use domain::sealed_form::{FORM_VERSION, SealedForm};
use domain::withdrawal::{SealedWithdrawal, WITHDRAWAL_VERSION};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{Read, Write};

/// A form is at most this long once unpacked: a bound against hostile input, bytes.
pub const FORM_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Compresses and encrypts a form to the province.
///
/// # Errors
/// [`SealError::Key`], [`SealError::TooLarge`], [`SealError::Malformed`].
pub fn seal(form: &SealedForm, to: &Recipients) -> Result<Vec<u8>, SealError> {
    pack(form, to)
}

/// Compresses and encrypts what stands in a void manifest in place of a form.
///
/// # Errors
/// As [`seal`].
pub fn seal_withdrawal(withdrawal: &SealedWithdrawal, to: &Recipients) -> Result<Vec<u8>, SealError> {
    pack(withdrawal, to)
}

fn pack(form: &impl Serialize, to: &Recipients) -> Result<Vec<u8>, SealError> {
    let json = zeroize::Zeroizing::new(serde_json::to_vec(form).map_err(|_| SealError::Malformed("form"))?);
    if json.len() > FORM_BYTES_MAX {
        return Err(SealError::TooLarge {
            what: "form",
            max: FORM_BYTES_MAX,
        });
    }
    let mut packed = zeroize::Zeroizing::new(Vec::new());
    DeflateEncoder::new(json.as_slice(), Compression::best()).read_to_end(&mut packed)?;
    encrypt(&packed, to)
}

/// Opens a sealed form: the province's step, with its own key.
///
/// # Errors
/// [`SealError::Decrypt`], [`SealError::TooNew`], [`SealError::Malformed`].
pub fn open(sealed: &[u8], key: &OpeningKey) -> Result<SealedForm, SealError> {
    unpack(sealed, key, FORM_VERSION)
}

/// Opens what stands in a void manifest.
///
/// # Errors
/// As [`open`].
pub fn open_withdrawal(sealed: &[u8], key: &OpeningKey) -> Result<SealedWithdrawal, SealError> {
    unpack(sealed, key, WITHDRAWAL_VERSION)
}

fn unpack<T: DeserializeOwned>(sealed: &[u8], key: &OpeningKey, newest: u32) -> Result<T, SealError> {
    let packed = decrypt(sealed, key)?;
    let limit = u64::try_from(FORM_BYTES_MAX).unwrap_or(u64::MAX);
    let mut json = zeroize::Zeroizing::new(Vec::new());
    DeflateDecoder::new(packed.as_slice())
        .take(limit + 1)
        .read_to_end(&mut json)?;
    if json.len() > FORM_BYTES_MAX {
        return Err(SealError::TooLarge {
            what: "form",
            max: FORM_BYTES_MAX,
        });
    }
    let version = serde_json::from_slice::<FormVersion>(&json).map_err(|_| SealError::Malformed("form"))?;
    if version.version > newest {
        return Err(SealError::TooNew(version.version));
    }
    serde_json::from_slice(&json).map_err(|_| SealError::Malformed("form"))
}

#[derive(serde::Deserialize)]
struct FormVersion {
    version: u32,
}

/// Encrypts bytes to both of the province's keys.
///
/// # Errors
/// [`SealError::Key`].
pub fn encrypt(bytes: &[u8], to: &Recipients) -> Result<Vec<u8>, SealError> {
    encrypt_to(bytes, &to.parse()?)
}

/// Encrypts bytes to the province's recovery key alone: what only a recovery may open.
///
/// # Errors
/// [`SealError::Key`].
pub fn encrypt_for_recovery(bytes: &[u8], to: &Recipients) -> Result<Vec<u8>, SealError> {
    let [_, recovery] = to.parse()?;
    encrypt_to(bytes, &[recovery])
}

/// Encrypts bytes to machines of a counter, by their own keys (`age1…`): a draft that waits for an officer.
///
/// # Errors
/// [`SealError::Key`], also where there is nobody to encrypt to.
pub fn encrypt_to_machines(bytes: &[u8], recipients: &[&str]) -> Result<Vec<u8>, SealError> {
    let parsed = recipients.iter().map(|r| r.parse::<age::x25519::Recipient>());
    encrypt_to(
        bytes,
        &parsed
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| SealError::Key)?,
    )
}

fn encrypt_to(bytes: &[u8], recipients: &[age::x25519::Recipient]) -> Result<Vec<u8>, SealError> {
    let encryptor = age::Encryptor::with_recipients(recipients.iter().map(|r| r as &dyn age::Recipient))
        .map_err(|_| SealError::Key)?;
    let mut out = Vec::with_capacity(bytes.len() + 512);
    let mut writer = encryptor.wrap_output(&mut out)?;
    writer.write_all(bytes)?;
    writer.finish()?;
    Ok(out)
}

/// Decrypts bytes with one of the province's keys.
///
/// # Errors
/// [`SealError::Decrypt`].
pub fn decrypt(bytes: &[u8], key: &OpeningKey) -> Result<zeroize::Zeroizing<Vec<u8>>, SealError> {
    let decryptor = age::Decryptor::new(bytes).map_err(|_| SealError::Decrypt)?;
    let mut reader = decryptor
        .decrypt(std::iter::once(&key.0 as &dyn age::Identity))
        .map_err(|_| SealError::Decrypt)?;
    let mut out = zeroize::Zeroizing::new(Vec::new());
    reader.read_to_end(&mut out).map_err(|_| SealError::Decrypt)?;
    Ok(out)
}

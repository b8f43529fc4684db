//! One catalogue as one file: a signed manifest that names every part by its hash, and the parts.
//!
//! The file is JSON, deflated (RFC 1951): `{"manifest": {bytes, signature}, "parts": {path: text}}`. The manifest is
//! signed as stored bytes with the province's Ed25519 key under [`Context::Catalogue`]; the SHA-256 of those bytes names
//! the whole content. **Invariants:** nothing of a bundle is looked at before its signature (or its pinned hash) holds;
//! every part has exactly the bytes that the manifest names; reading is bounded in bytes, parts and path lengths.

use crate::parts::{PARTS_MAX, Parts, is_path};
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use jiff::Timestamp;
use seal::SealError;
use seal::keys::{Context, SigningKey, VerifyKey};
use seal::signed::Signed;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;

/// Version of this container and of the manifest.
pub const BUNDLE_FORMAT: u32 = 1;
/// A bundle as it travels is at most this long, bytes.
pub const BUNDLE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A bundle is at most this long once unpacked, bytes: a bound against a bomb.
pub const UNPACKED_BYTES_MAX: usize = 32 * 1024 * 1024;

/// One part by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartRecord {
    pub path: String,
    /// Lower-case hex.
    pub sha256: String,
    pub bytes: u64,
}

/// What the province signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    /// Only grows. 0 is what a program was built with; a province begins with 1.
    pub version: u64,
    pub made_at: Timestamp,
    /// After it a counter goes on and says that its catalogue is old. `None` only for what a program was built with.
    pub expires_at: Option<Timestamp>,
    /// In the order of paths, each once.
    pub parts: Vec<PartRecord>,
}

/// Why bytes are no catalogue of this province.
#[derive(Debug, thiserror::Error)]
pub enum BundleFault {
    #[error("the bundle is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the bundle cannot be unpacked")]
    Packed,
    #[error("not a bundle: {0}")]
    Shape(String),
    #[error("the signature is not the province's")]
    Signature,
    #[error("not the content that was pinned")]
    Pinned,
    #[error("format {0} is newer than this program knows")]
    TooNew(u32),
    #[error("the manifest is not what it should be: {0}")]
    Manifest(String),
    #[error("part {0} does not have the bytes that the manifest names")]
    Part(String),
}

/// What makes the manifest believable.
#[derive(Debug, Clone, Copy)]
pub enum Trust<'a> {
    /// The province's signature.
    Province(&'a VerifyKey),
    /// A hash that was noted down when the content was last believed.
    Pinned(&'a [u8; 32]),
}

/// A catalogue that has been believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    signed: Signed,
    pub manifest: Manifest,
    pub parts: Parts,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Container {
    manifest: Signed,
    parts: BTreeMap<String, String>,
}

/// Read first, so that a newer manifest is told from a wrong one.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

fn records(parts: &Parts) -> Vec<PartRecord> {
    let record = |(path, bytes): (&str, &[u8])| PartRecord {
        path: path.to_owned(),
        sha256: HEXLOWER.encode(&Sha256::digest(bytes)),
        bytes: bytes.len() as u64,
    };
    parts.iter().map(record).collect()
}

impl Bundle {
    /// Signs parts as the province's catalogue.
    ///
    /// # Errors
    /// [`BundleFault::Manifest`] naming a path that may not be; [`BundleFault::Part`] for one that is no text.
    pub fn sign(
        parts: Parts,
        version: u64,
        (made_at, expires_at): (Timestamp, Timestamp),
        key: &SigningKey,
    ) -> Result<Self, BundleFault> {
        let manifest = Manifest {
            format: BUNDLE_FORMAT,
            version,
            made_at,
            expires_at: Some(expires_at),
            parts: records(&parts),
        };
        check_manifest(&manifest)?;
        let not_text = parts
            .iter()
            .find(|(_, bytes)| std::str::from_utf8(bytes).is_err());
        if let Some((path, _)) = not_text {
            return Err(BundleFault::Part(path.to_owned()));
        }
        let signed = Signed::seal(key, Context::Catalogue, &manifest).map_err(|e| manifest_fault(&e))?;
        Ok(Self {
            signed,
            manifest,
            parts,
        })
    }

    /// What a program was built with: version 0, made at no particular time, signed by nobody.
    #[must_use]
    pub fn unsigned(parts: Parts) -> Self {
        let manifest = Manifest {
            format: BUNDLE_FORMAT,
            version: 0,
            made_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            parts: records(&parts),
        };
        // A manifest of strings and numbers always writes.
        let bytes = serde_json::to_vec(&manifest).unwrap_or_default();
        Self {
            signed: Signed {
                bytes,
                signature: Vec::new(),
            },
            manifest,
            parts,
        }
    }

    /// The name of the content: SHA-256 of the manifest's bytes.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.signed.bytes).into()
    }

    /// As it travels and is stored.
    ///
    /// # Errors
    /// [`BundleFault::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, BundleFault> {
        let json = self.to_json()?;
        let mut packed = Vec::new();
        DeflateEncoder::new(json.as_slice(), Compression::best())
            .read_to_end(&mut packed)
            .map_err(|_| BundleFault::Packed)?;
        if json.len() > UNPACKED_BYTES_MAX || packed.len() > BUNDLE_BYTES_MAX {
            return Err(BundleFault::TooLarge(BUNDLE_BYTES_MAX));
        }
        Ok(packed)
    }

    /// The unpacked container.
    ///
    /// # Errors
    /// [`BundleFault::Shape`].
    pub fn to_json(&self) -> Result<Vec<u8>, BundleFault> {
        let text =
            |(path, bytes): (&str, &[u8])| (path.to_owned(), String::from_utf8_lossy(bytes).into_owned());
        let container = Container {
            manifest: self.signed.clone(),
            parts: self.parts.iter().map(text).collect(),
        };
        serde_json::to_vec(&container).map_err(|e| BundleFault::Shape(e.to_string()))
    }

    /// Unpacks, believes, reads.
    ///
    /// # Errors
    /// See [`BundleFault`].
    pub fn from_bytes(packed: &[u8], trust: Trust<'_>) -> Result<Self, BundleFault> {
        if packed.len() > BUNDLE_BYTES_MAX {
            return Err(BundleFault::TooLarge(BUNDLE_BYTES_MAX));
        }
        let mut json = Vec::new();
        DeflateDecoder::new(packed)
            .take(UNPACKED_BYTES_MAX as u64 + 1)
            .read_to_end(&mut json)
            .map_err(|_| BundleFault::Packed)?;
        if json.len() > UNPACKED_BYTES_MAX {
            return Err(BundleFault::TooLarge(UNPACKED_BYTES_MAX));
        }
        Self::from_json(&json, trust)
    }

    /// Believes and reads an unpacked container.
    ///
    /// # Errors
    /// See [`BundleFault`].
    pub fn from_json(json: &[u8], trust: Trust<'_>) -> Result<Self, BundleFault> {
        let container: Container = serde_json::from_slice(json).map_err(|e| BundleFault::Shape(place(&e)))?;
        let signed = container.manifest;
        match trust {
            Trust::Province(key) => key
                .verify(Context::Catalogue, &signed.bytes, &signed.signature)
                .map_err(|_| BundleFault::Signature)?,
            Trust::Pinned(wanted) => {
                if Sha256::digest(&signed.bytes).as_slice() != wanted {
                    return Err(BundleFault::Pinned);
                }
            }
        }
        let manifest = read_manifest(&signed.bytes)?;
        let parts = container
            .parts
            .into_iter()
            .map(|(path, text)| (path, text.into_bytes()))
            .collect();
        check_parts(&manifest, &parts)?;
        Ok(Self {
            signed,
            manifest,
            parts,
        })
    }
}

fn manifest_fault(e: &SealError) -> BundleFault {
    BundleFault::Manifest(e.to_string())
}

/// What serde says quotes the content; where it stands is enough.
fn place(e: &serde_json::Error) -> String {
    format!("{:?} at line {} column {}", e.classify(), e.line(), e.column())
}

fn read_manifest(bytes: &[u8]) -> Result<Manifest, BundleFault> {
    let said = |e: serde_json::Error| BundleFault::Manifest(e.to_string());
    let format = serde_json::from_slice::<FormatOnly>(bytes).map_err(said)?.format;
    if format > BUNDLE_FORMAT {
        return Err(BundleFault::TooNew(format));
    }
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(said)?;
    check_manifest(&manifest)?;
    Ok(manifest)
}

fn check_manifest(manifest: &Manifest) -> Result<(), BundleFault> {
    let fault = |what: &str| Err(BundleFault::Manifest(what.to_owned()));
    if manifest.parts.len() > PARTS_MAX {
        return fault("too many parts");
    }
    #[cfg(feature = "planted-bug")]
    planted(manifest);
    if let Some(part) = manifest.parts.iter().find(|part| !is_path(&part.path)) {
        return Err(BundleFault::Manifest(format!("path {:?}", part.path)));
    }
    let ascending = manifest
        .parts
        .iter()
        .zip(manifest.parts.iter().skip(1))
        .all(|(a, b)| a.path < b.path);
    if !ascending {
        return fault("the parts are not in the order of their paths, each once");
    }
    match manifest.expires_at {
        Some(end) if end <= manifest.made_at => fault("it expires before it was made"),
        Some(_) if manifest.version == 0 => fault("version 0 belongs to no province"),
        None if manifest.version > 0 => fault("no expiry"),
        Some(_) | None => Ok(()),
    }
}

/// A mistake of the kind that is really made: dividing by what may be nothing.
#[cfg(feature = "planted-bug")]
fn planted(manifest: &Manifest) {
    for part in &manifest.parts {
        // A share of the whole, and nobody thought of an empty part.
        let _share = u64::MAX / part.bytes;
    }
}

fn check_parts(manifest: &Manifest, parts: &Parts) -> Result<(), BundleFault> {
    for record in &manifest.parts {
        let held = parts.get(&record.path).is_some_and(|bytes| {
            bytes.len() as u64 == record.bytes && HEXLOWER.encode(&Sha256::digest(bytes)) == record.sha256
        });
        if !held {
            return Err(BundleFault::Part(record.path.clone()));
        }
    }
    // As many as are named, and each named one is there: nothing travels unnamed.
    let unnamed = parts.iter().find(|(path, _)| {
        manifest
            .parts
            .binary_search_by(|r| r.path.as_str().cmp(path))
            .is_err()
    });
    match unnamed {
        Some((path, _)) => Err(BundleFault::Part(path.to_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;

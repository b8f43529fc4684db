//! The sealed dossier as it is stored and sent: manifest bytes and two signatures, in CBOR.

use crate::SealError;
use crate::keys::{Context, SigningKey, VerifyKey};
use crate::manifest::{MANIFEST_BYTES_MAX, Manifest};
use minicbor::{Decode, Encode};

/// Manifest bytes exactly as signed. It proves itself, so it can travel by any road.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SealedDossier {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub manifest: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub by_device: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub by_operator: Vec<u8>,
}

/// Room for the two signatures and the framing beside a manifest, bytes.
pub const ENVELOPE_BYTES_MAX: usize = MANIFEST_BYTES_MAX + 512;

impl SealedDossier {
    /// Signs a manifest with both keys.
    ///
    /// # Errors
    /// [`SealError::TooLarge`]; [`SealError::Key`] where the manifest names another operator key.
    pub fn sign(manifest: &Manifest, device: &SigningKey, operator: &SigningKey) -> Result<Self, SealError> {
        if operator.verify_key().as_bytes() != &manifest.operator_key {
            return Err(SealError::Key);
        }
        let bytes = manifest.to_bytes()?;
        let by_device = device.sign(Context::ManifestByDevice, &bytes).to_vec();
        let by_operator = operator.sign(Context::ManifestByOperator, &bytes).to_vec();
        Ok(Self {
            manifest: bytes,
            by_device,
            by_operator,
        })
    }

    /// # Errors
    /// [`SealError::Malformed`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, SealError> {
        minicbor::to_vec(self).map_err(|_| SealError::Malformed("envelope"))
    }

    /// # Errors
    /// [`SealError::Malformed`], [`SealError::TooLarge`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        if bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(SealError::TooLarge {
                what: "envelope",
                max: ENVELOPE_BYTES_MAX,
            });
        }
        minicbor::decode(bytes).map_err(|_| SealError::Malformed("envelope"))
    }

    /// Verifies both signatures and reads the manifest; `device` is the key that the province enrolled.
    ///
    /// # Errors
    /// [`SealError::Signature`] and the errors of [`Manifest::from_bytes`].
    pub fn verify(&self, device: &VerifyKey) -> Result<Manifest, SealError> {
        device.verify(Context::ManifestByDevice, &self.manifest, &self.by_device)?;
        let manifest = Manifest::from_bytes(&self.manifest)?;
        let operator = VerifyKey::from_bytes(&manifest.operator_key)?;
        operator.verify(Context::ManifestByOperator, &self.manifest, &self.by_operator)?;
        Ok(manifest)
    }

    /// SHA-256 of the manifest bytes.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        crate::manifest::sha256(&self.manifest)
    }
}

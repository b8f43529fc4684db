//! The receipt's proof (QR 2): which device sealed what, when, verifiable with no network.
//!
//! `VN1:` + base45 (RFC 9285) of 76 fixed bytes of claims and a 64-byte Ed25519 signature: 140 bytes, no
//! name, no ID number, no secret, no compression (compression makes so short a text longer).
//!
//! Claims, big-endian: version u8 = 1 · flags u8 · device number u24 · receipt count u24 · sealed at u32
//! (minutes since 1970) · files u8 · procedure code 15 bytes ASCII, zero-padded · dossier id 16 bytes ·
//! manifest SHA-256 32 bytes.

use crate::SealError;
use crate::keys::{Context, SigningKey, VerifyKey};
use domain::ids::DossierId;
use domain::receipt_number::ReceiptNumber;

const CLAIMS_BYTES: usize = 76;
const PREFIX: &str = "VN1:";
/// The whole proof before base45, bytes.
pub const PROOF_BYTES_MAX: usize = 144;

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptProof {
    pub number: ReceiptNumber,
    pub dossier: DossierId,
    pub procedure_code: String,
    pub manifest_sha256: [u8; 32],
    pub sealed_at: jiff::Timestamp,
    pub files: u8,
    /// The kiosk doubted its clock when it sealed.
    pub low_trust: bool,
}

impl ReceiptProof {
    fn claims(&self) -> Result<Vec<u8>, SealError> {
        let minutes = u32::try_from(self.sealed_at.as_second() / 60).unwrap_or(0);
        let mut code = [0_u8; 15];
        let given = self.procedure_code.as_bytes();
        code.get_mut(..given.len())
            .ok_or(SealError::Malformed("procedure code"))?
            .copy_from_slice(given);
        let mut out = Vec::with_capacity(CLAIMS_BYTES);
        out.extend_from_slice(&[1, u8::from(self.low_trust)]);
        out.extend_from_slice(&self.number.device().0.to_be_bytes()[1..]);
        out.extend_from_slice(&self.number.count().to_be_bytes()[1..]);
        out.extend_from_slice(&minutes.to_be_bytes());
        out.push(self.files);
        out.extend_from_slice(&code);
        out.extend_from_slice(self.dossier.as_bytes());
        out.extend_from_slice(&self.manifest_sha256);
        Ok(out)
    }

    /// The text of the QR code.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where the procedure code is longer than 15 characters.
    pub fn sign(&self, key: &SigningKey) -> Result<String, SealError> {
        let mut bytes = self.claims()?;
        bytes.extend_from_slice(&key.sign(Context::ReceiptProof, &bytes));
        Ok(format!("{PREFIX}{}", base45::encode(&bytes)))
    }

    /// Verifies a scanned text with the device's enrolled key.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::Signature`].
    pub fn verify(text: &str, key: &VerifyKey) -> Result<Self, SealError> {
        let malformed = SealError::Malformed("receipt proof");
        let encoded = text
            .trim()
            .strip_prefix(PREFIX)
            .ok_or(SealError::Malformed("receipt proof"))?;
        let bytes = base45::decode(encoded).map_err(|_| malformed)?;
        let (claims, signature) = bytes
            .split_at_checked(CLAIMS_BYTES)
            .ok_or(SealError::Malformed("receipt proof"))?;
        key.verify(Context::ReceiptProof, claims, signature)?;
        Self::read(claims).ok_or(SealError::Malformed("receipt proof"))
    }

    /// What a text claims, **unverified**: only to tell whose key it asks for.
    #[must_use]
    pub fn peek(text: &str) -> Option<Self> {
        let bytes = base45::decode(text.trim().strip_prefix(PREFIX)?).ok()?;
        Self::read(bytes.get(..CLAIMS_BYTES)?)
    }

    fn read(claims: &[u8]) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| {
            claims
                .get(range)
                .map(|b| b.iter().fold(0_u32, |n, x| (n << 8) | u32::from(*x)))
        };
        if number(0..1)? != 1 {
            return None;
        }
        let code = claims.get(13..28)?;
        Some(Self {
            low_trust: number(1..2)? & 1 == 1,
            number: ReceiptNumber::new(domain::ids::DeviceNo(number(2..5)?), number(5..8)?).ok()?,
            sealed_at: jiff::Timestamp::from_second(i64::from(number(8..12)?) * 60).ok()?,
            files: u8::try_from(number(12..13)?).ok()?,
            procedure_code: std::str::from_utf8(code).ok()?.trim_end_matches('\0').to_owned(),
            dossier: DossierId(uuid::Uuid::from_slice(claims.get(28..44)?).ok()?),
            manifest_sha256: claims.get(44..76)?.try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::DeviceNo;

    #[test]
    fn a_proof_reads_back_and_a_changed_one_does_not() {
        let key = SigningKey::from_seed(&[3; 32]);
        let proof = ReceiptProof {
            number: ReceiptNumber::new(DeviceNo(7), 42).unwrap(),
            dossier: DossierId(uuid::Uuid::from_bytes([9; 16])),
            procedure_code: "1.001193".into(),
            manifest_sha256: [5; 32],
            sealed_at: jiff::Timestamp::from_second(1_795_000_020).unwrap(),
            files: 4,
            low_trust: false,
        };
        let text = proof.sign(&key).unwrap();
        assert!(
            text.len() <= 4 + PROOF_BYTES_MAX * 3 / 2,
            "{} characters",
            text.len()
        );
        assert_eq!(ReceiptProof::verify(&text, &key.verify_key()).unwrap(), proof);
        let changed = text.replacen('0', "1", 1);
        assert!(changed == text || ReceiptProof::verify(&changed, &key.verify_key()).is_err());
        assert!(ReceiptProof::verify(&text, &SigningKey::from_seed(&[4; 32]).verify_key()).is_err());
    }
}

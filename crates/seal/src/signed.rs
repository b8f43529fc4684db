//! Bytes with a signature over them, kept together so that the proof survives storage.

use crate::SealError;
use crate::keys::{Context, SigningKey, VerifyKey};
use data_encoding::BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// JSON bytes exactly as they were signed, and the signature; both base64 on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    #[serde(with = "as_base64")]
    pub bytes: Vec<u8>,
    #[serde(with = "as_base64")]
    pub signature: Vec<u8>,
}

mod as_base64 {
    use super::BASE64;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        BASE64.decode(text.as_bytes()).map_err(serde::de::Error::custom)
    }
}

impl Signed {
    /// Serialises `content` and signs the bytes.
    ///
    /// # Errors
    /// [`SealError::Malformed`] where the content cannot be written as JSON.
    pub fn seal<T: Serialize>(key: &SigningKey, context: Context, content: &T) -> Result<Self, SealError> {
        let bytes = serde_json::to_vec(content).map_err(|_| SealError::Malformed("signed content"))?;
        let signature = key.sign(context, &bytes).to_vec();
        Ok(Self { bytes, signature })
    }

    /// Verifies, and only then reads.
    ///
    /// # Errors
    /// [`SealError::Signature`] or [`SealError::Malformed`].
    pub fn open<T: DeserializeOwned>(&self, key: &VerifyKey, context: Context) -> Result<T, SealError> {
        key.verify(context, &self.bytes, &self.signature)?;
        serde_json::from_slice(&self.bytes).map_err(|_| SealError::Malformed("signed content"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_flipped_bit_or_another_context_is_refused() {
        let key = SigningKey::from_seed(&[7; 32]);
        let signed = Signed::seal(&key, Context::Time, &"2026-11-22").unwrap();
        assert_eq!(
            signed.open::<String>(&key.verify_key(), Context::Time).unwrap(),
            "2026-11-22"
        );
        assert!(matches!(
            signed.open::<String>(&key.verify_key(), Context::Events),
            Err(SealError::Signature)
        ));
        let mut flipped = signed.clone();
        flipped.bytes[1] ^= 1;
        assert!(matches!(
            flipped.open::<String>(&key.verify_key(), Context::Time),
            Err(SealError::Signature)
        ));
        let other = SigningKey::from_seed(&[8; 32]);
        assert!(signed.open::<String>(&other.verify_key(), Context::Time).is_err());
    }
}

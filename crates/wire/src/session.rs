//! A device session: the province gives a nonce, the device signs it, a bearer token follows.
//!
//! No clock is compared anywhere: a kiosk that woke up in 2009 gets its session.

use crate::Nonce;
use data_encoding::BASE64;
use domain::ids::DeviceId;
use seal::SealError;
use seal::keys::{Context, SigningKey, VerifyKey};
use serde::{Deserialize, Serialize};

/// `POST /v1/challenge`. Any id is answered, known or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeRequest {
    pub device_id: DeviceId,
}

/// Good once, for a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeAnswer {
    pub nonce: Nonce,
}

/// `POST /v1/session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRequest {
    pub device_id: DeviceId,
    pub nonce: Nonce,
    /// Ed25519 under `Context::SessionChallenge` over the 32 nonce bytes and the 16 device id bytes; base64.
    pub signature: String,
}

/// `Authorization: Bearer <token>` from here on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionAnswer {
    pub token: Nonce,
    /// Seconds from this answer on, by the monotonic clock of whoever counts.
    pub expires_in_s: u64,
}

impl std::fmt::Debug for SessionAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionAnswer")
            .field("expires_in_s", &self.expires_in_s)
            .finish_non_exhaustive()
    }
}

fn signed_bytes(nonce: &Nonce, device: &DeviceId) -> Vec<u8> {
    [nonce.0.as_slice(), device.as_bytes()].concat()
}

impl SessionRequest {
    /// Signs the province's nonce.
    #[must_use]
    pub fn sign(device_id: DeviceId, nonce: Nonce, key: &SigningKey) -> Self {
        let signature = key.sign(Context::SessionChallenge, &signed_bytes(&nonce, &device_id));
        Self {
            device_id,
            nonce,
            signature: BASE64.encode(&signature),
        }
    }

    /// # Errors
    /// [`SealError::Signature`].
    pub fn verify(&self, key: &VerifyKey) -> Result<(), SealError> {
        let signature = BASE64
            .decode(self.signature.as_bytes())
            .map_err(|_| SealError::Signature)?;
        key.verify(
            Context::SessionChallenge,
            &signed_bytes(&self.nonce, &self.device_id),
            &signature,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_key_nonce_and_device_pass() {
        let key = SigningKey::from_seed(&[1; 32]);
        let device = DeviceId(uuid::Uuid::from_bytes([2; 16]));
        let request = SessionRequest::sign(device, Nonce([3; 32]), &key);
        assert!(request.verify(&key.verify_key()).is_ok());
        let other_nonce = SessionRequest {
            nonce: Nonce([4; 32]),
            ..request.clone()
        };
        let other_device = SessionRequest {
            device_id: DeviceId(uuid::Uuid::from_bytes([9; 16])),
            ..request.clone()
        };
        let other_key = SigningKey::from_seed(&[5; 32]).verify_key();
        assert!(other_nonce.verify(&key.verify_key()).is_err());
        assert!(other_device.verify(&key.verify_key()).is_err());
        assert!(request.verify(&other_key).is_err());
    }
}

//! Keys: Ed25519 (RFC 8032) to sign, X25519 recipients in age's format (age-encryption.org/v1) to encrypt.

use crate::SealError;
use age::x25519;
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer, SigningKey as DalekSigning, VerifyingKey as DalekVerifying};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use zeroize::Zeroizing;

/// What a signature is for. The context is signed with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    ManifestByDevice,
    ManifestByOperator,
    Acknowledgement,
    DeviceCertificate,
    SessionChallenge,
    Time,
    Events,
    ReceiptProof,
    Catalogue,
    /// A machine of a counter offers its key to its neighbours.
    CounterCard,
    /// A machine says that it sealed what another one packed.
    SealedElsewhere,
    /// A counter prepares a day away from it.
    VillageDay,
    /// A machine that was away tells what was done there.
    VillageReport,
    /// A counter asks for its drafts key, and the province answers.
    Recovery,
}

impl Context {
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::ManifestByDevice => b"donghanh/manifest-device/1\0",
            Self::ManifestByOperator => b"donghanh/manifest-operator/1\0",
            Self::Acknowledgement => b"donghanh/acknowledgement/1\0",
            Self::DeviceCertificate => b"donghanh/device-certificate/1\0",
            Self::SessionChallenge => b"donghanh/session/1\0",
            Self::Time => b"donghanh/time/1\0",
            Self::Events => b"donghanh/events/1\0",
            Self::ReceiptProof => b"donghanh/receipt-proof/1\0",
            Self::Catalogue => b"donghanh/catalogue/1\0",
            Self::CounterCard => b"donghanh/counter-card/1\0",
            Self::VillageDay => b"donghanh/village-day/1\0",
            Self::VillageReport => b"donghanh/village-report/1\0",
            Self::Recovery => b"donghanh/recovery/1\0",
            Self::SealedElsewhere => b"donghanh/sealed-elsewhere/1\0",
        }
    }

    fn message(self, bytes: &[u8]) -> Vec<u8> {
        [self.prefix(), bytes].concat()
    }
}

/// A private signing key. Never printed; wiped when dropped.
pub struct SigningKey(DalekSigning);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// # Errors
    /// [`SealError::Random`].
    pub fn generate() -> Result<Self, SealError> {
        let seed = Zeroizing::new(crate::random::bytes::<32>()?);
        Ok(Self(DalekSigning::from_bytes(&seed)))
    }

    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(DalekSigning::from_bytes(seed))
    }

    /// The 32-byte seed, to be wrapped and stored.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    #[must_use]
    pub fn verify_key(&self) -> VerifyKey {
        VerifyKey(self.0.verifying_key())
    }

    #[must_use]
    pub fn sign(&self, context: Context, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(&context.message(bytes)).to_bytes()
    }
}

/// A public signing key; as text, 43 characters of base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifyKey(DalekVerifying);

impl VerifyKey {
    /// # Errors
    /// [`SealError::Key`] where the bytes are no point of the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let fixed: [u8; 32] = bytes.try_into().map_err(|_| SealError::Key)?;
        DalekVerifying::from_bytes(&fixed)
            .map(Self)
            .map_err(|_| SealError::Key)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Strict verification: no malleable signatures, no weak keys.
    ///
    /// # Errors
    /// [`SealError::Signature`].
    pub fn verify(&self, context: Context, bytes: &[u8], signature: &[u8]) -> Result<(), SealError> {
        let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| SealError::Signature)?;
        self.0
            .verify_strict(&context.message(bytes), &signature)
            .map_err(|_| SealError::Signature)
    }
}

impl FromStr for VerifyKey {
    type Err = SealError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bytes = BASE64URL_NOPAD
            .decode(s.trim().as_bytes())
            .map_err(|_| SealError::Key)?;
        Self::from_bytes(&bytes)
    }
}

impl TryFrom<String> for VerifyKey {
    type Error = SealError;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<VerifyKey> for String {
    fn from(key: VerifyKey) -> Self {
        BASE64URL_NOPAD.encode(key.as_bytes())
    }
}

/// Who can open what is sealed: the province's intake key and its recovery key, in age's text form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipients {
    pub intake: String,
    pub recovery: String,
}

impl Recipients {
    pub(crate) fn parse(&self) -> Result<[x25519::Recipient; 2], SealError> {
        let parse = |s: &str| x25519::Recipient::from_str(s).map_err(|_| SealError::Key);
        Ok([parse(&self.intake)?, parse(&self.recovery)?])
    }
}

/// A private opening key of the province (`AGE-SECRET-KEY-1…`). Never on a kiosk.
pub struct OpeningKey(pub(crate) x25519::Identity);

impl std::fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpeningKey(…)")
    }
}

impl OpeningKey {
    #[must_use]
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// # Errors
    /// [`SealError::Key`].
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        x25519::Identity::from_str(text.trim())
            .map(Self)
            .map_err(|_| SealError::Key)
    }

    /// The secret, to be written once to a file of its own.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        use age::secrecy::ExposeSecret;
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    /// The public side, `age1…`.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }
}

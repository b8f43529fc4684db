//! What can go wrong with an envelope, by what the caller can do about it.

/// Failures of sealing, opening and verifying. None of them holds any content.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The signature is not by this key over these bytes. Refuse, keep, tell a person.
    #[error("signature does not verify")]
    Signature,
    /// The bytes are not an envelope of this kind.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// The version is newer than this program.
    #[error("version {0} is newer than this program knows")]
    TooNew(u32),
    /// A key text or file cannot be read as a key.
    #[error("not a usable key")]
    Key,
    /// Encryption or decryption failed; with decryption the key or the bytes are wrong.
    #[error("decryption failed")]
    Decrypt,
    /// Larger than the format's limit.
    #[error("{what} is larger than {max} bytes")]
    TooLarge { what: &'static str, max: usize },
    /// The system's source of randomness failed: nothing may be sealed.
    #[error("no randomness")]
    Random,
    #[error("reading or writing failed")]
    Io(#[from] std::io::Error),
}

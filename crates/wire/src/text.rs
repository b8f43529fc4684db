//! Fixed-length bytes as text: hashes in lower-case hex, nonces and tokens in base64url (RFC 4648, no padding).

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The text is not of the shape that is written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not {0}")]
pub struct NotThisText(&'static str);

macro_rules! bytes_as_text {
    ($(#[$doc:meta])* $name:ident, $encoding:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub [u8; 32]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&$encoding.encode(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = NotThisText;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                let bytes = $encoding.decode(s.as_bytes()).map_err(|_| NotThisText($what))?;
                bytes.try_into().map(Self).map_err(|_| NotThisText($what))
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotThisText;
            fn try_from(s: String) -> Result<Self, Self::Error> {
                s.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

bytes_as_text!(
    /// A SHA-256: 64 characters of lower-case hex.
    Sha256, HEXLOWER, "64 characters of lower-case hex"
);
bytes_as_text!(
    /// 32 random bytes that make an answer fresh, or name a session: 43 characters of base64url.
    Nonce, BASE64URL_NOPAD, "43 characters of base64url"
);

impl Nonce {
    /// # Errors
    /// [`seal::SealError::Random`].
    pub fn random() -> Result<Self, seal::SealError> {
        seal::random::bytes().map(Self)
    }
}

impl Sha256 {
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(seal::manifest::sha256(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_are_one_and_nothing_else_is_read() {
        let hash = Sha256([0xab; 32]);
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!(
            serde_json::to_string(&hash).unwrap(),
            format!("\"{}\"", "ab".repeat(32))
        );
        for bad in ["", "AB", &"AB".repeat(32), &"ab".repeat(31), &"ab".repeat(33)] {
            assert!(bad.parse::<Sha256>().is_err(), "{bad}");
        }
        let nonce = Nonce([7; 32]);
        assert_eq!(nonce.to_string().len(), 43);
        assert_eq!(nonce.to_string().parse(), Ok(nonce));
        assert!(
            format!("{nonce}=").parse::<Nonce>().is_err(),
            "padding is refused"
        );
    }
}

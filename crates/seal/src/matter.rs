//! The matter tag: whether two opened dossiers are about one matter of one person, told without saying whose.
//!
//! A personal number has twelve digits, and most of them are known from a person's province, sex and birth: a plain hash
//! is searched through in minutes. So the tag is keyed with the province's private opening key, which whoever opens a
//! dossier presents and no database holds. **Invariant:** from tags alone nobody without that key learns more than which
//! of them are equal.

use crate::SealError;
use crate::keys::OpeningKey;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Also the version of what is hashed: tags of another rule are never compared by accident.
const SALT: &[u8] = b"donghanh/matter/1";

/// HKDF-SHA-256 (RFC 5869): extracted from the key's text, expanded with the parts, each behind its length.
///
/// # Errors
/// [`SealError::Key`]; it does not depend on the parts.
pub fn tag(key: &OpeningKey, parts: &[&str]) -> Result<[u8; 32], SealError> {
    let mut message = Zeroizing::new(Vec::new());
    for part in parts {
        let len = u64::try_from(part.len()).unwrap_or(u64::MAX);
        message.extend_from_slice(&len.to_be_bytes());
        message.extend_from_slice(part.as_bytes());
    }
    let mut out = [0_u8; 32];
    Hkdf::<Sha256>::new(Some(SALT), key.to_text().as_bytes())
        .expand(&message, &mut out)
        .map_err(|_| SealError::Key)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_only_under_one_key_and_for_the_very_same_parts() {
        let (key, other) = (OpeningKey::generate(), OpeningKey::generate());
        let again = OpeningKey::from_text(&key.to_text()).unwrap();
        let parts = ["1.004873", "number", "011098000123"];
        let of_key = tag(&key, &parts).unwrap();
        assert_eq!(of_key, tag(&again, &parts).unwrap(), "the same key from its file");
        assert_ne!(of_key, tag(&other, &parts).unwrap(), "another key");
        for near in [
            &["1.004873", "number", "011098000124"][..],
            &["1.004873", "number011098000123"],
            &["1.004873n", "umber", "011098000123"],
            &["1.004873", "number", "011098000123", ""],
        ] {
            assert_ne!(of_key, tag(&key, near).unwrap(), "{near:?}");
        }
    }
}

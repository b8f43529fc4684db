//! How somebody who comes back is known again with no readable number kept: a keyed digest of their ID number.
//!
//! **Invariant:** without the counter's drafts key nobody can test a guessed number against a tag. Whoever holds that key
//! could; so a tag is kept only inside the database that the same key encrypts.

use crate::SealError;
use hkdf::Hkdf;
use sha2::Sha256;

/// HKDF (RFC 5869) with the drafts key as salt: HMAC-SHA-256 of the number under the key, expanded for this use alone.
///
/// # Errors
/// [`SealError::Key`]; it does not depend on the number.
pub fn tag(drafts_key: &[u8; 32], id_number: &str) -> Result<[u8; 16], SealError> {
    let mut out = [0_u8; 16];
    Hkdf::<Sha256>::new(Some(drafts_key), id_number.as_bytes())
        .expand(b"donghanh/returning/1", &mut out)
        .map_err(|_| SealError::Key)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn a_tag_follows_the_number_and_the_key_and_holds_neither() {
        let one = tag(&[7; 32], "092195000001").unwrap();
        assert_eq!(
            one,
            tag(&[7; 32], "092195000001").unwrap(),
            "the same person is known again"
        );
        assert_ne!(one, tag(&[7; 32], "092195000002").unwrap(), "another is not");
        assert_ne!(
            one,
            tag(&[8; 32], "092195000001").unwrap(),
            "another counter does not know them"
        );
    }
}

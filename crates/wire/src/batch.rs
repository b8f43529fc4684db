//! Several sealed dossiers in one request; each is taken or refused on its own.
//!
//! The body is a CBOR array of byte strings, each an envelope as a PUT carries it. **Invariant:** an answer has exactly
//! one word for each envelope, in their order; what is taken is signed as the answer to a PUT is.

use crate::limits::BATCH_ITEMS_MAX;
use crate::{Problem, ProblemCode};
use minicbor::{Decoder, Encoder};
use seal::signed::Signed;
use serde::{Deserialize, Serialize};

/// `POST /v1/dossiers`, answered with 200 whatever became of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchAnswer {
    pub items: Vec<BatchItem>,
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchItem {
    /// A [`crate::dossier::DossierAnswer`] under `Context::Events`.
    Taken(Signed),
    Refused(Problem),
}

/// The body of a request.
#[must_use]
pub fn body(envelopes: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // Writing into memory does not fail.
    let _ = encoder.array(envelopes.len() as u64);
    for envelope in envelopes {
        let _ = encoder.bytes(envelope.as_ref());
    }
    encoder.into_writer()
}

/// The envelopes of a body, unread.
///
/// # Errors
/// [`ProblemCode::Malformed`], [`ProblemCode::TooLarge`] where there are more than [`BATCH_ITEMS_MAX`].
pub fn envelopes(body: &[u8]) -> Result<Vec<&[u8]>, ProblemCode> {
    let mut decoder = Decoder::new(body);
    let count = decoder.array().ok().flatten().ok_or(ProblemCode::Malformed)?;
    if count > BATCH_ITEMS_MAX as u64 {
        return Err(ProblemCode::TooLarge);
    }
    let envelopes = (0..count)
        .map(|_| decoder.bytes().map_err(|_| ProblemCode::Malformed))
        .collect::<Result<_, _>>()?;
    if decoder.position() == body.len() {
        Ok(envelopes)
    } else {
        Err(ProblemCode::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_in_order() {
        for sent in [vec![], vec![vec![1_u8; 3]], vec![vec![1; 300], vec![], vec![7]]] {
            let body = body(&sent);
            assert_eq!(envelopes(&body).unwrap(), sent);
        }
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        let many = vec![[0_u8; 1]; BATCH_ITEMS_MAX + 1];
        let mut longer = body(&[[1_u8; 4]]);
        longer.push(0);
        let whole = body(&[[1_u8; 40]]);
        for (why, bytes, code) in [
            ("too many", body(&many), ProblemCode::TooLarge),
            ("something behind it", longer, ProblemCode::Malformed),
            ("cut off", whole[..20].to_vec(), ProblemCode::Malformed),
            ("no array", vec![0x43, 1, 2, 3], ProblemCode::Malformed),
            ("an endless array", vec![0x9f, 0xff], ProblemCode::Malformed),
            (
                "a count without its items",
                vec![0x9b, 0, 0, 0, 0, 0, 0, 0, 50],
                ProblemCode::Malformed,
            ),
            ("texts", vec![0x81, 0x61, 0x61], ProblemCode::Malformed),
            ("nothing", vec![], ProblemCode::Malformed),
        ] {
            assert_eq!(envelopes(&bytes), Err(code), "{why}");
        }
    }

    #[test]
    fn each_word_says_whether_it_was_taken() {
        let refused = BatchItem::Refused(Problem::new(ProblemCode::Fork));
        let json = serde_json::to_string(&refused).unwrap();
        assert!(json.starts_with(r#"{"refused":{"type""#), "{json}");
        assert_eq!(serde_json::from_str::<BatchItem>(&json).unwrap(), refused);
    }
}

//! Is this receipt genuine? Answered with no network from two things: the province's public key and the certificates
//! that it gave to its kiosks.
//!
//! **Invariant:** this crate shares no code with the one that makes proofs, so that a mistake there is not repeated
//! here: the format is read from docs/PROTOCOL.md and held by the test vectors in `vectors/`. It opens no file and no
//! connection; deliberately absent is everything about a person, because a proof holds nothing of the kind.

mod claims;
mod trust;

pub use claims::Claims;
pub use trust::{Certificate, Trust, TrustFault};

use ed25519_dalek::{Signature, VerifyingKey};

/// A proof is 76 bytes of claims and a signature of 64.
const CLAIMS_BYTES: usize = 76;
const SIGNATURE_BYTES: usize = 64;
/// What the signature covers besides the claims.
const PROOF_CONTEXT: &[u8] = b"donghanh/receipt-proof/1\0";

/// A genuine receipt.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Genuine {
    #[serde(flatten)]
    pub claims: Claims,
    /// The counter that the province enrolled under this number.
    pub counter: String,
    /// The seal's time lies within the life of a certificate that fits; false also where the kiosk doubted its own clock.
    pub time_fits: bool,
}

/// Why a text is not shown to be genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotGenuine {
    #[error("this is no receipt code (VN1:…)")]
    NoProof,
    #[error("a newer kind of receipt: this program is too old for it")]
    NewerVersion,
    #[error("the kiosk's number is not among the certificates at hand")]
    UnknownKiosk,
    #[error("the signature does not fit: the receipt was changed or invented")]
    Signature,
}

impl NotGenuine {
    /// A stable word for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoProof => "no_proof",
            Self::NewerVersion => "newer_version",
            Self::UnknownKiosk => "unknown_kiosk",
            Self::Signature => "signature",
        }
    }

    /// What an officer reads.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NoProof => "Đây không phải mã chứng thực của phiếu (phải bắt đầu bằng VN1:).",
            Self::NewerVersion => "Phiếu thuộc loại mới hơn chương trình này. Xin cập nhật rồi kiểm lại.",
            Self::UnknownKiosk => "Chưa có chứng thư của máy quầy này. Chưa kết luận được; xin hỏi tỉnh.",
            Self::Signature => {
                "KHÔNG ĐÚNG: chữ ký không khớp, phiếu đã bị sửa hoặc không do máy quầy làm ra."
            }
        }
    }
}

/// Checks the text of a receipt's second QR code.
///
/// # Errors
/// [`NotGenuine`], by what can be done about it.
pub fn verify(trust: &Trust, text: &str) -> Result<Genuine, NotGenuine> {
    let encoded = text.trim().strip_prefix("VN1:").ok_or(NotGenuine::NoProof)?;
    let bytes = base45::decode(encoded).map_err(|_| NotGenuine::NoProof)?;
    let (claims, signature) = bytes.split_at_checked(CLAIMS_BYTES).ok_or(NotGenuine::NoProof)?;
    if signature.len() != SIGNATURE_BYTES {
        return Err(NotGenuine::NoProof);
    }
    if claims.first() != Some(&1) {
        return Err(NotGenuine::NewerVersion);
    }
    let read = Claims::read(claims).ok_or(NotGenuine::NoProof)?;
    let known: Vec<&Certificate> = trust.of_kiosk(read.device).collect();
    if known.is_empty() {
        return Err(NotGenuine::UnknownKiosk);
    }
    // A number may have several: renewed ones for the same key, or another key after a repair. Whichever's key fits makes
    // the slip genuine; the one of the time at which it was sealed vouches for that time.
    let mut by = known
        .into_iter()
        .filter(|c| signed(&c.key, PROOF_CONTEXT, claims, signature))
        .peekable();
    let first = *by.peek().ok_or(NotGenuine::Signature)?;
    let of_its_time = by.find(|c| c.covers(read.sealed_at));
    Ok(Genuine {
        time_fits: !read.low_trust && of_its_time.is_some(),
        counter: of_its_time.unwrap_or(first).counter_name.clone(),
        claims: read,
    })
}

/// Strict Ed25519 (RFC 8032) over a context and the bytes.
fn signed(key: &VerifyingKey, context: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature)
        .is_ok_and(|signature| key.verify_strict(&[context, bytes].concat(), &signature).is_ok())
}

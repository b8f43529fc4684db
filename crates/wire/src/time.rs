//! Signed time: proof that the province itself answers, and a floor for the kiosk's clock.

use crate::Nonce;
use serde::{Deserialize, Serialize};

/// `POST /v1/time`, with no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRequest {
    pub nonce: Nonce,
}

/// Signed under `Context::Time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeAnswer {
    /// The request's own: anything else is an old recording.
    pub nonce: Nonce,
    pub now: jiff::Timestamp,
    pub epoch: u64,
}

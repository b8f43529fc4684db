//! Every PIN of a counter forgotten: its drafts key comes back by a stick, through two people at the province.
//!
//! **Invariant:** the drafts key is readable on the province's recovery machine for one moment and on no stick: it goes
//! back encrypted to a key that the asking machine made for this one answer.

use crate::Nonce;
use domain::ids::DeviceId;
use seal::signed::Signed;
use serde::{Deserialize, Serialize};

/// The folder below [`crate::parcel::ROOT`]; files are named by the device's id.
pub const FOLDER: &str = "recovery";
pub const REQUEST: &str = "request.json";
pub const ANSWER: &str = "answer.json";

/// A machine asks. Signed by it under `Context::Recovery`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryRequest {
    pub device: DeviceId,
    pub nonce: Nonce,
    /// The drafts key as it was kept for the recovery key, base64.
    pub kept: String,
    /// `age1…`: made for this answer alone.
    pub answer_to: String,
}

/// The province answers. Signed by it under `Context::Recovery`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryAnswer {
    pub device: DeviceId,
    pub nonce: Nonce,
    /// The drafts key, encrypted to `answer_to`, base64.
    pub key: String,
}

/// What lies on the stick: the device is known by its certificate at either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnStick {
    pub document: Signed,
}

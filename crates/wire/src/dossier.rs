//! What the province answers about a dossier: which bytes it still wants, and its acknowledgement.

use crate::Sha256;
use domain::delivery::Watermark;
use domain::ids::DossierId;
use seal::signed::Signed;
use serde::{Deserialize, Serialize};

/// One file that is not whole there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingBlob {
    pub sha256: Sha256,
    /// Bytes already held and fsynced.
    pub offset: u64,
    pub len: u64,
}

/// Says inside the signed bytes what they are, beside the context that is signed with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DossierAnswerKind {
    #[serde(rename = "dossier")]
    Dossier,
}

/// Answer to `PUT /v1/dossiers/{id}` (201 new, 200 known) and to a PATCH that ends a file; always inside
/// `Signed` under `Context::Events`. Success is only a signed answer with our own hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DossierAnswer {
    pub answer: DossierAnswerKind,
    pub dossier: DossierId,
    pub manifest_sha256: Sha256,
    /// In the manifest's order; empty exactly when `acknowledgement` is there.
    pub missing: Vec<MissingBlob>,
    /// A [`crate::acknowledgement::Acknowledgement`] under `Context::Acknowledgement`.
    pub acknowledgement: Option<Signed>,
    /// What the province's backup covers now.
    pub durable: Watermark,
}

//! After a restore: which of these does the province not hold any more?

use crate::{Nonce, Sha256};
use domain::ids::DossierId;
use serde::{Deserialize, Serialize};

/// A dossier that the kiosk still has the bytes of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryItem {
    pub dossier: DossierId,
    pub manifest_sha256: Sha256,
}

/// `POST /v1/inventory`, at most [`crate::limits::INVENTORY_MAX`] items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryRequest {
    pub nonce: Nonce,
    pub items: Vec<InventoryItem>,
}

/// Says inside the signed bytes what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InventoryAnswerKind {
    #[serde(rename = "inventory")]
    Inventory,
}

/// Signed under `Context::Events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryAnswer {
    pub answer: InventoryAnswerKind,
    pub nonce: Nonce,
    pub epoch: u64,
    /// Not held whole under that hash for this device: PUT them again.
    pub unknown: Vec<DossierId>,
}

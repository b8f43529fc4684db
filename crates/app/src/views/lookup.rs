//! What a look-up at the counter tells. It names nobody.

use crate::views::OutboxItemView;
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum LookUpOutcome {
    /// It stands in this kiosk's outbox.
    Here,
    /// The number is this kiosk's, and no such dossier is held: mistyped, or made on a disk that is gone.
    NotHere,
    AnotherCounter,
}

/// Whether the slip's own proof holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProofVerdict {
    Genuine,
    Forged,
    AnotherDevice,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ProofView {
    pub verdict: ProofVerdict,
    pub words: Words,
    pub procedure: Words,
    /// `HH:MM dd/MM/yyyy`, as the slip claims.
    pub sealed_at: String,
    pub files: u32,
    pub clock_doubted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct LookUpView {
    pub number: String,
    pub outcome: LookUpOutcome,
    /// What to tell the person who asks.
    pub words: Words,
    pub item: Option<OutboxItemView>,
    /// Where QR 2 was read.
    pub proof: Option<ProofView>,
}

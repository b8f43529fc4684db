//! The outbox as a person reads it: one word and one reason for each item.

use domain::delivery::Delivery;
use domain::ids::DossierId;
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The link to the province, honestly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct NetworkView {
    /// The last attempt reached the service and its answer was signed.
    pub online: bool,
    /// `HH:MM dd/MM/yyyy` of the last signed answer.
    pub last_confirmed_at: Option<String>,
    /// What failed last, in words; none while online.
    pub trouble: Option<crate::problem::Problem>,
    pub sending: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct OutboxItemView {
    pub dossier: DossierId,
    pub receipt_number: String,
    pub procedure: Words,
    /// `HH:MM dd/MM/yyyy`.
    pub sealed_at: String,
    pub delivery: Delivery,
    /// The one word for its state.
    pub word: Words,
    /// Why it waits, or what a person must do; none where nothing is needed.
    pub reason: Option<Words>,
    /// A person must act.
    pub needs_person: bool,
    pub files: u32,
    #[ts(type = "number")]
    pub bytes: u64,
    /// Encrypted bytes that the province holds already.
    #[ts(type = "number")]
    pub bytes_sent: u64,
    pub acknowledged: bool,
    pub official_code: Option<String>,
    /// The person took their consent back after sealing.
    pub withdrawn: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct OutboxView {
    pub items: Vec<OutboxItemView>,
    pub network: NetworkView,
}

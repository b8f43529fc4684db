//! The outbox as a person reads it: one word and one reason for each item.

use domain::delivery::Delivery;
use domain::ids::DossierId;
use domain::next_step::NextStep;
use domain::text::Words;
use domain::withdrawal::Withdrawal;
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
    /// The press that comes next about it.
    pub next: Option<NextStep>,
    pub sending: bool,
}

/// Where a sealed dossier lies: what a person would lose with each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct CopiesView {
    /// On this machine.
    pub here: bool,
    /// On how many sticks, each written and read back.
    pub sticks: u32,
    /// At the province, every file.
    pub province: bool,
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
    /// The press that comes next for this dossier; none where nothing failed, or what failed is the whole link's.
    pub next: Option<NextStep>,
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
    /// Its owner took it back after sealing.
    pub withdrawn: bool,
    /// How far the withdrawal has come.
    pub withdrawal: Withdrawal,
    pub copies: CopiesView,
    /// Another machine sealed it; this one carries it on.
    pub carried: bool,
    /// What came of it when somebody pressed "Gửi ngay"; none in any other view.
    pub just_now: Option<Words>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct OutboxView {
    pub items: Vec<OutboxItemView>,
    pub network: NetworkView,
    /// Dossiers that exist nowhere but on this machine.
    pub lonely: u32,
    /// A machine that is carried to villages: there, two copies are the rule.
    pub field: bool,
    /// Rows of the index that cannot be read; their files are kept.
    pub unreadable: u32,
    /// What came of "Gửi ngay" as a whole; none in any other view.
    pub pass: Option<Words>,
}

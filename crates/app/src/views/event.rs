//! A life event on a large button, and the sheet that shows which answer goes where.

use domain::ids::{DossierId, ProcedureCode};
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct LifeEventCard {
    pub id: String,
    pub name: Words,
    pub say: Words,
    pub steps: Vec<LifeEventStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct LifeEventsView {
    pub events: Vec<LifeEventCard>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct LifeEventStep {
    pub procedure: ProcedureCode,
    pub name: Words,
    pub why: Words,
    /// Answers that need not be given again.
    pub filled: u32,
}

/// How far one dossier of an event has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventDossierState {
    /// A draft.
    Open,
    Sealed,
    /// Destroyed before it was sealed.
    Gone,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct EventDossierView {
    pub dossier: DossierId,
    pub procedure: Words,
    pub why: Words,
    pub state: EventDossierState,
    pub receipt_number: Option<String>,
    /// The one word for its state at the province.
    pub word: Option<Words>,
    /// Why the province sent it back, where it did.
    pub note: Option<String>,
}

/// One answer that is given once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct EventAnswerView {
    pub label: Words,
    /// As a person reads it; empty where it is not answered yet, or sealed.
    pub shown: String,
    pub shown_en: String,
    pub from: Words,
    /// The procedures that take it over.
    pub to: Vec<Words>,
}

impl std::fmt::Debug for EventAnswerView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EventAnswerView({})", self.label.en)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct EventView {
    pub name: Words,
    pub dossiers: Vec<EventDossierView>,
    pub answers: Vec<EventAnswerView>,
}

/// Empty where the dossier stands alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct EventSheet {
    pub event: Option<EventView>,
}

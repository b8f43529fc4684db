//! The officer's home: what can be started, what waits, how today went.

use crate::views::{HandedOverView, NetworkView};
use domain::day::{AssistCounts, DossierCounts};
use domain::ids::{DossierId, ProcedureCode};
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A procedure on a large button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ProcedureCard {
    pub code: ProcedureCode,
    pub name: Words,
    pub domain: Words,
    pub working_days: Option<u32>,
    pub fee_dong: Option<u32>,
    pub in_person_only: bool,
    pub papers: u32,
}

/// A draft of this counter. Named by its procedure and the time, never by a citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct DraftCard {
    pub dossier: DossierId,
    pub procedure: Words,
    /// The subject's name as far as typed: the drafts are open to the signed-in operator only.
    pub who: String,
    /// `HH:MM dd/MM/yyyy`, the counter's clock.
    pub saved_at: String,
    pub pages_done: u32,
    pub pages: u32,
    /// Somebody left it to the counter: who, and their word for whoever goes on.
    pub handed_over: Option<HandedOverView>,
    /// It waits for an officer on another machine: the code on its slip.
    pub waiting: Option<String>,
    /// `dd/MM/yyyy`: nobody came back for it, and on this day it is destroyed.
    pub goes_on: Option<String>,
}

/// Counted from the outbox rows, not claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TodayView {
    pub sealed: u32,
    pub acknowledged: u32,
    pub accepted: u32,
    pub waiting: u32,
    pub need_person: u32,
    /// Help that ended in no dossier: counted apart.
    pub assists: AssistCounts,
}

/// One day at this counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct DayView {
    /// `dd/MM/yyyy`.
    pub day: String,
    pub dossiers: DossierCounts,
    /// Help that ended in no dossier: counted apart.
    pub assists: AssistCounts,
}

/// Days on which something happened, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct DaysView {
    pub days: Vec<DayView>,
}

/// A dossier that came back: more papers are wanted, it was not accepted, or a fee is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ReturnedCard {
    pub dossier: DossierId,
    pub receipt_number: String,
    pub procedure: Words,
    pub status: Words,
    /// The province's own words, where it gave any.
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct HomeView {
    pub procedures: Vec<ProcedureCard>,
    pub drafts: Vec<DraftCard>,
    pub returned: Vec<ReturnedCard>,
    pub today: TodayView,
    pub network: NetworkView,
}

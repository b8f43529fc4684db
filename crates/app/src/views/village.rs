//! A day away from the counter, before it and after it.

use crate::views::{ExportView, ImportView};
use domain::day::{AssistCounts, DossierCounts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The stick is ready for the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PreparedDayView {
    /// `HH:MM dd/MM/yyyy`: when it was prepared, which is how people name it.
    pub day: String,
    pub counter: String,
    /// The version of the catalogue that lies on the stick.
    pub catalogue: Option<u32>,
}

/// The machine that goes is ready for the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TakenDayView {
    pub day: String,
    /// The counter that prepared it, and that finished dossiers are packed to.
    pub counter: String,
    /// The version of the catalogue that is in use from now on, where the stick brought a newer one.
    pub catalogue: Option<u32>,
    /// Of what was packed here before, how many were sealed at the counter since.
    pub reviewed: u32,
}

/// Everything of the day is on the stick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ClosedDayView {
    pub day: String,
    pub counter: String,
    /// What was done on this machine since the day was taken.
    pub dossiers: u32,
    pub assists: AssistCounts,
    pub export: ExportView,
}

/// One machine that came back from a day away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct VillageMachineView {
    pub counter_name: String,
    /// The day, as it was named when it was prepared.
    pub day: String,
    pub dossiers: DossierCounts,
    pub assists: AssistCounts,
}

/// The day is at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct MergedDayView {
    /// As each machine told it.
    pub machines: Vec<VillageMachineView>,
    /// Of that, what was not counted at this counter before.
    pub new_dossiers: u32,
    pub new_assists: u32,
    /// Reports of days that this counter did not prepare, or that nobody vouches for: not counted.
    pub foreign: u32,
    pub import: ImportView,
}

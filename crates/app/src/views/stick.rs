//! A stick, and what came of copying to it or taking from it.

use crate::views::OutboxView;
use domain::ids::DossierId;
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something that is plugged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct StickView {
    /// Where it is mounted.
    pub folder: String,
    /// The last part of it, as people know their sticks.
    pub name: String,
    #[ts(type = "number")]
    pub free_bytes: u64,
    /// Dossiers of this program that lie on it.
    pub dossiers: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct SticksView {
    pub sticks: Vec<StickView>,
}

/// The slip of a dossier that waits for an officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct WaitingSlipView {
    /// Eight characters to call it by.
    pub code: String,
    pub procedure: Words,
    /// The machines that can open it.
    pub counters: Vec<String>,
    pub printed: bool,
    /// Where the slip lies when there was no printer.
    pub saved_pdf: Option<String>,
}

/// What to tell the province beside the stick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct RecoveryView {
    pub device: String,
    pub counter_name: String,
}

/// How many went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct WaitingOutView {
    pub waiting: u32,
}

/// The machines whose keys are held here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct CountersView {
    pub names: Vec<String>,
}

/// One dossier that was not copied or not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ParcelFault {
    pub dossier: DossierId,
    /// Its number where it is known here.
    pub receipt_number: Option<String>,
    pub why: Words,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ExportView {
    /// Copied now, and read back.
    pub copied: u32,
    /// Lay there already, and were read back.
    pub there: u32,
    /// Dossiers that wait for an officer, packed to the counter's machines.
    pub waiting: u32,
    /// Version of the province's catalogue that lies there now, for a machine that no network reaches.
    pub catalogue: Option<u32>,
    pub faults: Vec<ParcelFault>,
    pub outbox: OutboxView,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ImportView {
    /// Taken in now: this machine sends them on.
    pub taken: u32,
    /// Were here already.
    pub known: u32,
    /// Acknowledgements of the province that came with the stick.
    pub acknowledged: u32,
    /// Dossiers of volunteers that now stand among the drafts here, for an officer.
    pub to_review: u32,
    /// Waiting dossiers that are packed to other machines: they stay closed here.
    pub foreign: u32,
    /// Dossiers that waited here and were sealed at the counter.
    pub reviewed: u32,
    /// Version of the province's catalogue that came with the stick and is in use now.
    pub catalogue: Option<u32>,
    pub faults: Vec<ParcelFault>,
    pub outbox: OutboxView,
}

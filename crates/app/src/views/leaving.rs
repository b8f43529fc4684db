//! The end of the program, before it and after it was asked for.

use super::{ParcelFault, StickView};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct LeavingView {
    /// Dossiers on this machine alone that somebody is asked about before the program ends; 0 where nobody is asked.
    pub one_copy: u32,
    /// Where they could be copied to; looked for where somebody is asked.
    pub sticks: Vec<StickView>,
    /// There is a link, and somebody who may send.
    pub can_send: bool,
    /// Copied now, and read back.
    pub copied: u32,
    /// What could not be copied now.
    pub faults: Vec<ParcelFault>,
    /// The program ends.
    pub ends: bool,
}

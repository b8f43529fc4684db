//! What the interview is told from outside: the day, the hour, the papers so far, the channel, the lists.

use super::lists::Lists;
use crate::ids::ComponentId;
use crate::procedure::Channel;
use jiff::civil::{Date, Time};
use std::collections::BTreeMap;

/// Everything outside the answers that a view depends on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Today at the counter (Asia/Ho_Chi_Minh).
    pub today: Date,
    /// The hour at the counter, for the cut-off.
    pub now_time: Time,
    /// Files captured for each paper.
    pub files: &'a BTreeMap<ComponentId, usize>,
    /// `None` while nobody has chosen: every channel is shown.
    pub channel: Option<Channel>,
    pub lists: &'a Lists,
}

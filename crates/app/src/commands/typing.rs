//! How this machine helps with typing Vietnamese: kept over a restart.

use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::Problem;
use crate::schema::Nothing;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::setting;
use ts_rs::TS;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum TypingMethod {
    /// The machine has a typing program of its own.
    #[default]
    Off,
    Telex,
    Vni,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TypingHabits {
    pub method: TypingMethod,
    /// A keyboard comes on the screen when a field is touched.
    pub keyboard: bool,
}

pub fn typing_habits(app: &App, _: Caller, _: Nothing) -> Result<TypingHabits, Problem> {
    Ok(setting::get(app.outbox().db(), setting::Name::Typing)?.unwrap_or_default())
}

pub fn set_typing_habits(app: &App, _: Caller, request: TypingHabits) -> Result<TypingHabits, Problem> {
    setting::set(app.outbox().db(), setting::Name::Typing, &request)?;
    Ok(request)
}

//! The machine itself: enrolled or not, who can sign in, who has.

use crate::problem::Problem;
use crate::views::NetworkView;
use domain::ids::{DossierId, OperatorId};
use domain::lease::{Lease, LeaseState};
use domain::roles::OperatorRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Vi,
    En,
}

/// A name on the sign-in screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct OperatorCard {
    pub id: OperatorId,
    pub name: String,
    pub role: OperatorRole,
    /// Ten wrong PINs: the head resets it.
    pub locked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum EnrolmentStage {
    /// Nothing asked yet.
    NotEnrolled,
    /// Asked: the six words are read to the province.
    Waiting,
    Enrolled,
    Refused,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct EnrolmentView {
    pub stage: EnrolmentStage,
    /// Six pairs of words, the same on both sides; empty before they are known.
    pub words: Vec<String>,
    pub service_url: Option<String>,
}

/// How both windows look on this machine, until somebody asks for something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct LookView {
    pub contrast: bool,
    /// Nothing moves on the screens.
    pub less_motion: bool,
}

/// Where the catalogue in use comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum CatalogueSource {
    /// The program itself: the province has published none yet, or it cannot be read.
    BuiltIn,
    Province,
}

/// The catalogue that new dossiers begin on. Dates as `dd/MM/yyyy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct CatalogueView {
    pub version: u32,
    pub source: CatalogueSource,
    pub made_on: Option<String>,
    pub expires_on: Option<String>,
    /// It goes on being used; a banner says so.
    pub expired: bool,
    /// Why the last one that the province sent was not taken.
    pub trouble: Option<Problem>,
}

/// The whole machine at a glance. Holds nothing of any citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct KioskView {
    pub version: String,
    pub language: Language,
    pub enrolment: EnrolmentView,
    pub counter_name: Option<String>,
    pub device_number: Option<String>,
    /// "counter_software" and the like: shown, so that a weaker machine is never mistaken for a stronger.
    pub device_class: Option<String>,
    pub operators: Vec<OperatorCard>,
    pub signed_in: Option<OperatorCard>,
    /// No second window: the screen is turned to the citizen by a button.
    pub one_screen: bool,
    /// The operator's screen is turned to the citizen now.
    pub turned: bool,
    pub look: LookView,
    /// The machine has a voice: where it has none, no button to read aloud is shown.
    pub reads_aloud: bool,
    pub network: NetworkView,
    pub catalogue: CatalogueView,
    /// A clerk looks at a procedure: nothing is sealed, nothing is sent.
    pub preview: bool,
    /// Something at start that a person must know (a file set aside, a newer database).
    pub trouble: Option<Problem>,
    /// The dossier on the screens, for whoever is signed in: a window that was loaded again goes back to it.
    pub open: Option<DossierId>,
    /// The receipt on the screens, likewise.
    pub receipt: Option<DossierId>,
    /// A colleague left a dossier on the screens: going on with it needs a reason.
    pub left_by: Option<LeftByView>,
    /// A volunteer's shift.
    pub lease: Option<LeaseView>,
    /// Seconds without a touch until the operator's window locks.
    pub idle_seconds: u32,
    pub clock: ClockView,
    /// A drill is on: nothing here is real.
    pub drill: bool,
}

/// The machine's date, beside what the province last signed. Times as `HH:MM dd/MM/yyyy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ClockView {
    /// It stands before the last signed time: a person is asked for the date.
    pub behind: bool,
    pub now: String,
    pub last_signed: Option<String>,
    /// Somebody told the date; what is sealed is marked.
    pub told: bool,
}

/// Who left a dossier on the screens, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct LeftByView {
    pub name: String,
    /// `HH:MM dd/MM/yyyy`.
    pub at: String,
}

/// A volunteer's shift as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct LeaseView {
    pub volunteer: OperatorId,
    pub state: LeaseState,
    /// `HH:MM dd/MM/yyyy`.
    pub ends_at: String,
    /// A dossier is in front of them.
    pub busy: bool,
}

impl LeaseView {
    #[must_use]
    pub fn of(lease: &Lease, now_ms: i64) -> Self {
        Self {
            volunteer: lease.volunteer,
            state: lease.state(now_ms),
            ends_at: crate::clock::minute_and_day(lease.ends_ms),
            busy: lease.dossier.is_some(),
        }
    }
}

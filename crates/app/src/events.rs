//! What the kiosk tells its windows without being asked.

use crate::views::{CitizenView, DossierView, NetworkView};
use domain::ids::{DossierId, QuestionId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One event. The shell forwards each to the windows named beside it.
#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AppEvent {
    /// To the citizen's window: what it shows now, whole.
    Citizen { view: Box<CitizenView> },
    /// To the citizen's window: a keystroke of the operator, not saved yet.
    Typing { question: QuestionId, text: String },
    /// To the operator's window: the dossier changed under it (the citizen pressed something).
    Dossier { view: Box<DossierView> },
    /// To the operator's window: the citizen said that this answer is wrong; go there.
    SaidWrong {
        dossier: DossierId,
        question: QuestionId,
    },
    /// To the operator's window: the citizen did not agree; the draft is destroyed.
    ConsentRefused { dossier: DossierId },
    /// To the operator's window: somebody is at the citizen's screen.
    CitizenThere,
    /// To both windows: language, screens or people changed; `kiosk_status` tells how.
    Kiosk,
    /// To both windows: the screen is being read aloud, or silence.
    Reading { on: bool },
    /// To the operator's window: somebody tried to close the program; an officer's PIN does.
    CloseAsked,
    /// To the shell alone: an officer let the program end.
    Quit,
    /// To the operator's window: an item of the outbox moved.
    Outbox,
    /// To the operator's window: something came into the scanner's tray, or could not.
    Tray,
    /// To the operator's window: so many pages of the scanned PDF that is being taken in are ready.
    PagesReady { ready: u32, of: u32 },
    /// To the operator's window: the link to the province changed.
    Network { network: NetworkView },
}

impl std::fmt::Debug for AppEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Citizen { .. } => "Citizen",
            Self::Typing { .. } => "Typing",
            Self::Dossier { .. } => "Dossier",
            Self::SaidWrong { .. } => "SaidWrong",
            Self::ConsentRefused { .. } => "ConsentRefused",
            Self::CitizenThere => "CitizenThere",
            Self::Kiosk => "Kiosk",
            Self::Reading { .. } => "Reading",
            Self::CloseAsked => "CloseAsked",
            Self::Quit => "Quit",
            Self::Outbox => "Outbox",
            Self::Tray => "Tray",
            Self::PagesReady { .. } => "PagesReady",
            Self::Network { .. } => "Network",
        })
    }
}

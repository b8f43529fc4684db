//! What the citizen sees: the current page, larger, only what concerns them. It is sent whole, kept nowhere.

use crate::commands::assist::CoachTopic;
use crate::seen::Seen;
use crate::views::{HandedStepView, OfferView, PaperToBring};
use domain::ids::{PageId, QuestionId};
use domain::interview::OptionView;
use domain::receipt::OriginalPlace;
use domain::roles::Standing;
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One answer as the citizen reads it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct CitizenAnswer {
    pub question: QuestionId,
    pub label: Words,
    /// As a person reads it; empty where nothing is given yet.
    pub shown: String,
    pub shown_en: String,
    /// To be confirmed one by one (typed names, dates, numbers, addresses).
    pub confirm_each: bool,
    pub confirmed: bool,
    /// The citizen said "Sai".
    pub wrong: bool,
    /// How the citizen may write it themselves; none where they cannot.
    pub writes: Option<CitizenWrites>,
    /// What is amiss with what they wrote.
    pub fault: Option<Words>,
    /// A press about this answer brings it along.
    pub seen: Seen,
}

/// What a citizen is given to write an answer with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "with", rename_all = "snake_case")]
pub enum CitizenWrites {
    /// Letters, with tones.
    Words {
        max: u32,
    },
    Digits,
    /// Digits and strokes.
    Date,
    Time,
    /// A few large buttons.
    Choice {
        options: Vec<OptionView>,
    },
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct CitizenPage {
    pub page: PageId,
    pub title: Words,
    /// Plain words, also for reading aloud.
    pub say: Words,
    pub answers: Vec<CitizenAnswer>,
    pub confirmed: bool,
    /// "Đúng hết" brings it along.
    pub seen: Seen,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct CitizenPaper {
    pub name: Words,
    /// Handles of pictures, `file/{id}`.
    pub pictures: Vec<String>,
    pub files: u32,
    pub original: Option<OriginalPlace>,
}

/// What the citizen was writing when the screen was locked, as far as they had come: nobody's answer yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct HalfWritten {
    pub question: QuestionId,
    pub text: String,
}

impl std::fmt::Debug for HalfWritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HalfWritten({})", self.question)
    }
}

/// The citizen's screen, one at a time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "screen", rename_all = "snake_case")]
pub enum CitizenView {
    /// Nobody is being served.
    Welcome { counter_name: String },
    /// The operator's window is locked: nothing of anybody is shown.
    Locked,
    /// What it costs and takes, and the notice; "Đồng ý" or "Không đồng ý".
    Consent {
        procedure: Words,
        offer: OfferView,
        /// The person cannot sign: this witness presses for them.
        witness: Option<String>,
    },
    /// Agreed; the officer goes on.
    Page {
        page: CitizenPage,
        number: u32,
        of: u32,
        /// The step that they were asked to try last time, until they say what came of it.
        handed: Option<HandedStepView>,
        /// What they were writing themselves, to go on with.
        half_written: Option<HalfWritten>,
    },
    Papers {
        papers: Vec<CitizenPaper>,
        confirmed: bool,
        number: u32,
        of: u32,
        seen: Seen,
    },
    /// All answers together, and the second act when the operator asks for it.
    Filing {
        procedure: Words,
        /// In what standing they file, as it is sealed.
        standing: Option<Standing>,
        pages: Vec<CitizenPage>,
        papers: Vec<CitizenPaper>,
        asked: bool,
        confirmed: bool,
        seen: Seen,
    },
    /// Their receipt, large enough to photograph.
    Receipt {
        number: String,
        secret: String,
        word: Words,
        qr_svg: String,
        lookup_site: String,
        /// They took it back: what stands here is no promise any more.
        withdrawn: bool,
    },
    /// Do they take this dossier back? Their own act.
    Withdraw {
        number: String,
        procedure: Words,
        /// Where it stands now.
        word: Words,
        /// Who presses, where they themselves cannot.
        witness: Option<String>,
    },
    /// The citizen did not agree: the paper path, and what to bring.
    Refused {
        procedure: Words,
        papers: Vec<PaperToBring>,
    },
    /// Side by side on the person's own telephone: one step with its picture.
    Coaching { topic: CoachTopic, step: u32, of: u32 },
}

impl CitizenView {
    /// Is this question on the screen?
    #[must_use]
    pub fn asks(&self, question: &QuestionId) -> bool {
        matches!(self, Self::Page { page, .. } if page.answers.iter().any(|one| one.question == *question))
    }
}

impl std::fmt::Debug for CitizenView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Welcome { .. } => "Welcome",
            Self::Locked => "Locked",
            Self::Consent { .. } => "Consent",
            Self::Page { .. } => "Page",
            Self::Papers { .. } => "Papers",
            Self::Filing { .. } => "Filing",
            Self::Receipt { .. } => "Receipt",
            Self::Withdraw { .. } => "Withdraw",
            Self::Refused { .. } => "Refused",
            Self::Coaching { .. } => "Coaching",
        })
    }
}

//! A draft passes from one colleague to another: taken over with a reason, or left to the counter with a word.

use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::session::Session;
use crate::views::{DossierView, HomeView};
use domain::ids::DossierId;
use domain::text::{Words, clean};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::draft::HandedOver;
use ts_rs::TS;

/// Characters of the word for a colleague.
const NOTE_MAX: usize = 300;

/// Why a colleague goes on with what somebody else left on the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum TakeOverReason {
    ShiftChange,
    Asked,
    Urgent,
}

impl TakeOverReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::ShiftChange => "shift_change",
            Self::Asked => "asked",
            Self::Urgent => "urgent",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct TakeOver {
    pub reason: TakeOverReason,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct HandOver {
    pub dossier: DossierId,
    pub note: String,
}

/// The word in the book, as its reader sees it.
#[must_use]
pub fn reason_words(word: &str) -> Words {
    let (vi, en) = match word {
        "started" => ("bắt đầu", "started"),
        "resumed" => ("mở khóa, làm tiếp", "unlocked, went on"),
        "shift_change" => ("nhận lại khi đổi ca", "took over at a change of shift"),
        "asked" => ("đồng nghiệp nhờ làm tiếp", "asked by a colleague to go on"),
        "urgent" => ("làm tiếp vì gấp", "went on because it was urgent"),
        "sealed_by" => ("cán bộ khóa kín", "sealed by an officer"),
        "receipt" => ("xem phiếu", "looked at the receipt"),
        _ => ("mở xem", "opened"),
    };
    Words::new(vi, en)
}

pub fn take_over(app: &App, _: Caller, request: TakeOver) -> Result<DossierView, Problem> {
    let left = app.screens().left_open.ok_or(ProblemCode::DossierUnknown)?;
    app.with_session(|session| {
        session.load(left.dossier, request.reason.as_str())?;
        super::dossier::save_and_show(app, session)
    })
}

pub fn leave_it(app: &App, caller: Caller, _: Nothing) -> Result<HomeView, Problem> {
    app.set_left_open(None)?;
    super::citizen::show(app);
    super::home::home(app, caller, Nothing {})
}

/// Marks the open draft as left to the counter, and lets it go.
pub(crate) fn mark(app: &App, session: &mut Session, note: &str) -> Result<(), Problem> {
    let now_ms = app.clock.now_ms();
    let by = session.operator.id;
    let row = session.current()?;
    let dossier = row.dossier;
    row.body.handed_over = Some(HandedOver {
        by,
        at_ms: now_ms,
        note: note.to_owned(),
    });
    session.save(now_ms)?;
    session.note("handed_over", dossier, "")?;
    session.let_go(dossier)?;
    session.open = None;
    app.set_left_open(None)
}

pub fn hand_over(app: &App, caller: Caller, request: HandOver) -> Result<HomeView, Problem> {
    let note = clean(&request.note);
    if note.chars().count() > NOTE_MAX {
        return Err(ProblemCode::TextTooLong.into());
    }
    app.with_session(|session| {
        session.open(request.dossier)?;
        mark(app, session, &note)
    })?;
    super::receipt::finish_visit(app, caller, Nothing {})
}

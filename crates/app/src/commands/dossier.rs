//! A dossier under work: start, open, walk, answer, discard.

use crate::access::Caller;
use crate::card;
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::screens::LeftOpen;
use crate::session::{OPENED, Session, tally};
use crate::views::{DossierView, HomeView, Place};
use crate::walk;
use domain::answer::AnswerSource;
use domain::ids::{DossierId, ProcedureCode, QuestionId};
use domain::interview::{AnswerFault, RawAnswer};
use domain::ledger::Hand;
use domain::procedure::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::draft::{self, DraftBody, DraftRow};
use store::tables::paper_file;
use ts_rs::TS;

/// Characters of one raw answer: far above any field, so that what was typed is kept and shown as too long.
const RAW_CHARS_MAX: usize = 20_000;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct StartDossier {
    pub procedure: ProcedureCode,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct GoTo {
    pub dossier: DossierId,
    pub place: Place,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ChooseChannel {
    pub dossier: DossierId,
    pub channel: Channel,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct GiveAnswer {
    pub dossier: DossierId,
    pub question: QuestionId,
    pub raw: RawAnswer,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct Typing {
    pub question: QuestionId,
    pub text: String,
}

/// Saves what changed and shows it on both screens.
pub(crate) fn save_and_show(app: &App, session: &mut Session) -> Result<DossierView, Problem> {
    super::practice::recognise(app, session)?;
    session.save(app.clock.now_ms())?;
    remember_open(app, session)?;
    let view = walk::dossier_view(app, session)?;
    app.tell(AppEvent::Citizen {
        view: Box::new(super::citizen::view_of(app, Some(session))?),
    });
    Ok(view)
}

/// What stands on the screens is remembered by its id, so that a crash or a lock comes back to it.
fn remember_open(app: &App, session: &Session) -> Result<(), Problem> {
    let Some(row) = &session.open else { return Ok(()) };
    let now = LeftOpen {
        dossier: row.dossier,
        by: session.operator.id,
        at_ms: app.clock.now_ms(),
    };
    let known = app.screens().left_open;
    if known.is_some_and(|left| left.dossier == now.dossier && left.by == now.by) {
        return Ok(());
    }
    app.set_left_open(Some(now))
}

pub fn start_dossier(app: &App, _: Caller, request: StartDossier) -> Result<DossierView, Problem> {
    crate::room::may_begin(app)?;
    let catalogue = app.catalogue();
    let entry = catalogue
        .offered(&request.procedure)
        .ok_or(ProblemCode::ProcedureUnknown)?;
    let now_ms = app.clock.now_ms();
    let row = DraftRow {
        dossier: DossierId(seal::random::uuid()?),
        procedure_code: entry.procedure.code.clone(),
        procedure_version: entry.procedure.version.clone(),
        procedure_sha256: data_encoding::HEXLOWER.encode(&entry.sha256),
        catalogue_sha256: data_encoding::HEXLOWER.encode(&catalogue.sha256),
        body: DraftBody {
            place: serde_json::to_value(Place::Consent).map_err(|_| ProblemCode::Internal)?,
            ..DraftBody::default()
        },
        sealed: false,
        started_ms: now_ms,
        saved_ms: now_ms,
    };
    clear_receipt(app)?;
    app.with_session(|session| {
        session.take_dossier(row.dossier)?;
        if let Err(trouble) = draft::insert(session.drafts.db(), &row) {
            session.let_go(row.dossier)?;
            return Err(trouble.into());
        }
        session.note(OPENED, row.dossier, "started")?;
        session.open = Some(row);
        save_and_show(app, session)
    })
}

fn clear_receipt(app: &App) -> Result<(), Problem> {
    app.put_receipt(None)?;
    let mut screens = app.screens();
    screens.withdrawing = None;
    screens.refused = None;
    screens.coaching = None;
    Ok(())
}

pub fn open_dossier(app: &App, _: Caller, request: OneDossier) -> Result<DossierView, Problem> {
    clear_receipt(app)?;
    app.with_session(|session| {
        crate::life_events::fill(app, session, &request.dossier)?;
        session.open(request.dossier)?;
        save_and_show(app, session)
    })
}

pub fn discard_dossier(app: &App, caller: Caller, request: OneDossier) -> Result<HomeView, Problem> {
    app.with_session(|session| {
        session.open(request.dossier)?;
        draft::discard(session.drafts.db(), &request.dossier)?;
        session.note("discarded", request.dossier, "operator")?;
        session.open = None;
        session.let_go(request.dossier)?;
        app.set_left_open(None)
    })?;
    clear_receipt(app)?;
    super::citizen::show(app);
    super::home::home(app, caller, Nothing {})
}

/// Consent comes before anything; the second act only on a complete form.
fn check_place(app: &App, session: &mut Session, place: &Place) -> Result<(), Problem> {
    let row = session.current()?.clone();
    let files = paper_file::of_dossier(session.drafts.db(), &row.dossier)?;
    let view = walk::interview(app, &row, &files)?;
    match place {
        Place::Consent => Ok(()),
        Place::Page { .. } | Place::Papers { .. } | Place::Check | Place::Filing
            if row.body.consent.is_none() =>
        {
            Err(ProblemCode::ConsentMissing.into())
        }
        Place::Page { page, .. } if !view.pages.iter().any(|p| &p.id == page) => {
            Err(ProblemCode::QuestionUnknown.into())
        }
        Place::Filing if !view.complete => Err(ProblemCode::NotComplete.into()),
        Place::Page { .. } | Place::Papers { .. } | Place::Check | Place::Filing => Ok(()),
    }
}

pub fn go_to(app: &App, _: Caller, request: GoTo) -> Result<DossierView, Problem> {
    app.with_session(|session| {
        session.open(request.dossier)?;
        check_place(app, session, &request.place)?;
        walk::set_place(session.current()?, &request.place)?;
        save_and_show(app, session)
    })
}

/// How it is handed in. Fee and time follow, so what the citizen confirmed before is asked anew.
pub fn choose_channel(app: &App, _: Caller, request: ChooseChannel) -> Result<DossierView, Problem> {
    app.with_session(|session| {
        let row = session.open(request.dossier)?;
        let entry = walk::entry(app, row)?;
        if card::channel_chosen(&entry.procedure, Some(request.channel)) != Some(request.channel) {
            return Err(ProblemCode::BadRequest.into());
        }
        if row.body.channel != Some(request.channel) {
            row.body.channel = Some(request.channel);
            row.body.filing = None;
        }
        save_and_show(app, session)
    })
}

pub fn give_answer(app: &App, _: Caller, request: GiveAnswer) -> Result<DossierView, Problem> {
    put_answer(app, request, AnswerSource::Typed)
}

/// Saves one answer with where it is from.
pub(crate) fn put_answer(
    app: &App,
    request: GiveAnswer,
    source: AnswerSource,
) -> Result<DossierView, Problem> {
    if let RawAnswer::Text(text) = &request.raw
        && text.chars().count() > RAW_CHARS_MAX
    {
        return Err(Problem::new(ProblemCode::TextTooLong).at(request.question));
    }
    app.keystroke_is_in(&request.question);
    let citizen_window = app.screens().citizen_window;
    app.with_session(|session| {
        let row = session.open(request.dossier)?;
        if row.body.consent.is_none() {
            return Err(ProblemCode::ConsentMissing.into());
        }
        let (fault, is_another) = walk::record(app, row, &request.question, &request.raw, source)?;
        // A fault of the typing is kept and shown beside the field; a fault of the screen is refused.
        match fault {
            Some(AnswerFault::UnknownQuestion | AnswerFault::NotEditable) => {
                return Err(Problem::new(ProblemCode::QuestionUnknown).at(request.question));
            }
            Some(AnswerFault::WrongKind) => {
                return Err(Problem::new(ProblemCode::BadRequest).at(request.question));
            }
            Some(_) | None => {}
        }
        if is_another {
            let entry = walk::entry(app, row)?;
            changed(row, &entry.procedure, &request.question, citizen_window);
        }
        save_and_show(app, session)
    })
}

/// A changed answer is not the one that the citizen confirmed.
pub(crate) fn changed(
    row: &mut DraftRow,
    procedure: &domain::procedure::Procedure,
    question: &QuestionId,
    citizen_window: bool,
) {
    row.body.wrong.remove(question);
    row.body.filing = None;
    if let Some(page) = procedure.page_of(question) {
        row.body.pages_confirmed.remove(&page.id);
        tally(row, &page.id, Hand::Operator, citizen_window);
    }
}

pub fn typing(app: &App, _: Caller, request: Typing) -> Result<Nothing, Problem> {
    let text: String = request.text.chars().take(RAW_CHARS_MAX).collect();
    app.show_keystroke(request.question, text);
    Ok(Nothing {})
}

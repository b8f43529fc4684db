//! The officer's home and the search for a procedure.

use crate::access::Caller;
use crate::card;
use crate::clock;
use crate::kiosk::App;
use crate::problem::Problem;
use crate::schema::Nothing;
use crate::session::Session;
use crate::views::{DraftCard, HomeView, ProcedureCard, ReturnedCard, TodayView};
use crate::walk;
use domain::day;
use domain::interview::PageState;
use domain::province::CaseStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::draft::{self, DraftRow};
use store::tables::{item, paper_file};
use ts_rs::TS;

/// Cards of what came back on the first page.
const RETURNED_MAX: u32 = 60;
/// What a person has to be called for.
const CAME_BACK: [CaseStatus; 3] = [
    CaseStatus::SupplementWanted,
    CaseStatus::NotAccepted,
    CaseStatus::PaymentDue,
];

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct FindProcedures {
    pub text: String,
}

pub fn find_procedures(app: &App, _: Caller, request: FindProcedures) -> Result<Vec<ProcedureCard>, Problem> {
    Ok(app
        .catalogue()
        .find(&request.text)
        .into_iter()
        .map(|e| card::card(&e.procedure))
        .collect())
}

pub fn home(app: &App, _: Caller, _: Nothing) -> Result<HomeView, Problem> {
    // A volunteer has no list: the dossier in front of them is all that they reach.
    let drafts = app.with_session(|session| match session.lease {
        Some(_) => Ok(Vec::new()),
        None => drafts(app, session),
    })?;
    Ok(HomeView {
        procedures: app
            .catalogue()
            .find("")
            .into_iter()
            .map(|e| card::card(&e.procedure))
            .collect(),
        drafts,
        returned: returned(app)?,
        today: today(app)?,
        network: app.network(),
    })
}

fn drafts(app: &App, session: &mut Session) -> Result<Vec<DraftCard>, Problem> {
    let rows = draft::open_ones(session.drafts.db())?;
    rows.iter()
        .filter(|row| !row.body.refused)
        .map(|row| draft_card(app, session, row))
        .collect()
}

fn draft_card(app: &App, session: &Session, row: &DraftRow) -> Result<DraftCard, Problem> {
    let files = paper_file::of_dossier(session.drafts.db(), &row.dossier)?;
    let view = walk::interview(app, row, &files)?;
    let entry = walk::entry(app, row)?;
    let procedure = &entry.procedure;
    let done = view
        .pages
        .iter()
        .filter(|p| p.state == PageState::Complete)
        .count();
    Ok(DraftCard {
        dossier: row.dossier,
        procedure: procedure.name.clone(),
        who: row
            .body
            .answers
            .text(&procedure.people.subject_name)
            .unwrap_or_default()
            .to_owned(),
        saved_at: clock::minute_and_day(row.saved_ms),
        handed_over: walk::handed_over(app, row)?,
        goes_on: crate::expiry::goes_on(row),
        waiting: row
            .body
            .packed
            .as_ref()
            .map(|_| crate::waiting::code(&row.dossier)),
        pages_done: u32::try_from(done).unwrap_or(u32::MAX),
        pages: u32::try_from(view.pages.len()).unwrap_or(u32::MAX),
    })
}

/// What came back and waits for a person to be called, newest first.
fn returned(app: &App) -> Result<Vec<ReturnedCard>, Problem> {
    let rows = item::with_case(app.outbox().db(), &CAME_BACK, RETURNED_MAX)?;
    let card = |row: item::ItemRow| ReturnedCard {
        dossier: row.dossier,
        procedure: super::outbox::procedure_name(app, &row.procedure_code),
        receipt_number: row.receipt_number,
        status: row.case_status.words(),
        note: row.case_note,
    };
    Ok(rows.into_iter().map(card).collect())
}

/// Today's numbers, counted from the rows themselves.
fn today(app: &App) -> Result<TodayView, Problem> {
    let outbox = app.outbox();
    let from_ms = clock::day_start_ms(app.clock.now());
    let events = super::days::events(&outbox, from_ms)?;
    let day = day::count(events.into_iter().map(|(_, event)| event));
    let waiting = item::waiting_dossiers(outbox.db())?;
    let for_person = super::outbox::need_person(&outbox)?;
    Ok(TodayView {
        sealed: day.dossiers.sealed,
        acknowledged: day.dossiers.acknowledged,
        accepted: day.dossiers.accepted,
        assists: day.assists,
        waiting,
        need_person: u32::try_from(for_person).unwrap_or(u32::MAX),
    })
}

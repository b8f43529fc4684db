//! The citizen's own acts, and what their screen shows. Their window holds nothing: each view is whole.

use crate::access::{Caller, Window};
use crate::card;
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::seen::Seen;
use crate::session::{Session, tally};
use crate::views::{CitizenView, Language, Place};
use crate::walk;
use domain::consent::{Consent, ConsentAct, FilingConfirmed, NOTICE_VERSION, SCOPE, Signature, notice};
use domain::ids::{PageId, QuestionId};
use domain::ledger::Hand;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::draft::{self, DraftRow};
use store::tables::paper_file;
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct GiveConsent {
    pub agree: bool,
    /// Drawn on the screen, where they sign rather than press.
    #[serde(default)]
    #[ts(optional)]
    pub signature: Option<Signature>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ConfirmPage {
    pub page: PageId,
    /// What they read: where it is another page by now, nothing is confirmed.
    pub seen: Seen,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ConfirmAnswer {
    pub question: QuestionId,
    pub seen: Seen,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct OneQuestion {
    pub question: QuestionId,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ConfirmFiling {
    pub agree: bool,
    /// What they read before they agreed. "Chưa" needs none.
    #[serde(default)]
    #[ts(optional)]
    pub seen: Option<Seen>,
}

/// How an act of this caller counts. With a witness named, it is the witness who presses, on either screen.
fn act(caller: Caller, row: &DraftRow) -> ConsentAct {
    match (caller.window, &row.body.witness) {
        (_, Some(_)) => ConsentAct::Witness,
        (Window::Citizen, None) => ConsentAct::OwnScreen,
        (Window::Operator, None) => ConsentAct::TurnedScreen,
    }
}

/// Shows the citizen's screen anew; a failure to draw it never stops the officer's work.
pub(crate) fn show(app: &App) {
    let view = app.with_whoever(|session| view_of(app, session));
    match view {
        Ok(view) => app.tell(AppEvent::Citizen { view: Box::new(view) }),
        Err(problem) => tracing::warn!(%problem, "citizen's screen"),
    }
}

pub fn citizen_screen(app: &App, _: Caller, _: Nothing) -> Result<CitizenView, Problem> {
    app.with_whoever(|session| view_of(app, session))
}

/// What the citizen sees now, from the open dossier alone.
pub(crate) fn view_of(app: &App, session: Option<&mut Session>) -> Result<CitizenView, Problem> {
    let Some(session) = session else {
        return Ok(
            if app.enrolment()?.is_some() && app.screens().left_open.is_none() {
                welcome(app)?
            } else {
                CitizenView::Locked
            },
        );
    };
    let (withdrawing, receipt, refused, coaching, left) = {
        let screens = app.screens();
        (
            screens.withdrawing.clone(),
            screens.receipt,
            screens.refused.clone(),
            screens.coaching,
            screens.left_open,
        )
    };
    if let Some(coach) = coaching {
        return Ok(coach.view());
    }
    if let Some(asked) = withdrawing.filter(|asked| receipt == Some(asked.dossier)) {
        return super::withdrawal::question(app, session, &asked);
    }
    if let Some(dossier) = receipt {
        return super::receipt::citizen_receipt(app, session, &dossier);
    }
    if let Some(code) = refused.filter(|code| app.catalogue().get(code).is_some()) {
        return Ok(CitizenView::Refused {
            procedure: super::outbox::procedure_name(app, &code),
            papers: super::paper_path::papers_to_bring(app, &code)?,
        });
    }
    match session.open.clone() {
        Some(row) if !row.sealed => walk_view(app, session, &row),
        // A colleague's dossier waits for a reason: nothing of it is shown before.
        Some(_) | None if left.is_some() => Ok(CitizenView::Locked),
        Some(_) | None => welcome(app),
    }
}

fn welcome(app: &App) -> Result<CitizenView, Problem> {
    let counter_name = match app.enrolment()? {
        Some(enrolment) => enrolment.certificate.counter_name,
        None => String::new(),
    };
    Ok(CitizenView::Welcome { counter_name })
}

fn walk_view(app: &App, session: &Session, row: &DraftRow) -> Result<CitizenView, Problem> {
    let files = paper_file::of_dossier(session.drafts.db(), &row.dossier)?;
    let view = walk::interview(app, row, &files)?;
    let entry = walk::entry(app, row)?;
    let procedure = &entry.procedure;
    let of = u32::try_from(view.pages.len() + 1).unwrap_or(u32::MAX);
    Ok(match walk::place(row) {
        Place::Consent => CitizenView::Consent {
            procedure: procedure.name.clone(),
            offer: card::offer(procedure, &view, row.body.channel, app.bound_to_hardware),
            witness: row.body.witness.as_ref().map(|w| w.name.clone()),
        },
        Place::Page { page, .. } => {
            let at = view.pages.iter().position(|p| p.id == page).unwrap_or(0);
            match view.pages.get(at) {
                Some(page) => {
                    let page = walk::citizen_page(row, page);
                    CitizenView::Page {
                        half_written: super::citizen_writes::half_written(app, row.dossier, &page),
                        page,
                        number: u32::try_from(at + 1).unwrap_or(of),
                        of,
                        handed: walk::handed(row, procedure).filter(|h| h.outcome.is_none()),
                    }
                }
                None => welcome(app)?,
            }
        }
        Place::Papers { .. } => {
            let papers = walk::citizen_papers(row, &view, &files);
            CitizenView::Papers {
                seen: Seen::papers(&papers),
                papers,
                confirmed: row
                    .body
                    .pages_confirmed
                    .contains(&PageId::from(super::papers::PAPERS_PAGE)),
                number: of,
                of,
            }
        }
        place @ (Place::Check | Place::Filing) => {
            let pages: Vec<_> = view.pages.iter().map(|p| walk::citizen_page(row, p)).collect();
            let papers = walk::citizen_papers(row, &view, &files);
            let standing = walk::standing(app, row, &files)?;
            CitizenView::Filing {
                procedure: procedure.name.clone(),
                seen: Seen::filing(&pages, &papers, standing),
                standing,
                pages,
                papers,
                asked: place == Place::Filing,
                confirmed: row.body.filing.is_some(),
            }
        }
    })
}

/// What the screen reads now, as a press must have seen it; none where it asks for no such press.
fn seen_now(app: &App, session: &Session) -> Result<Option<Seen>, Problem> {
    let Some(row) = &session.open else {
        return Ok(None);
    };
    Ok(match walk_view(app, session, row)? {
        CitizenView::Page { page, .. } => Some(page.seen),
        CitizenView::Papers { seen, .. } | CitizenView::Filing { seen, .. } => Some(seen),
        _ => None,
    })
}

/// Nothing is confirmed that the person did not read: a save may come between reading and pressing.
fn as_seen(app: &App, session: &Session, seen: &Seen) -> Result<(), Problem> {
    match seen_now(app, session)? {
        Some(now) => seen.still(&now),
        None => Err(ProblemCode::ChangedMeanwhile.into()),
    }
}

/// After an act of the citizen: saved, shown to both.
pub(crate) fn acted(app: &App, session: &mut Session) -> Result<CitizenView, Problem> {
    let view = super::dossier::save_and_show(app, session)?;
    app.tell(AppEvent::Dossier { view: Box::new(view) });
    view_of(app, Some(session))
}

/// As they stood on the screen.
fn words_shown(words: domain::text::Words, language: Language) -> String {
    match language {
        Language::Vi => words.vi,
        Language::En => words.en,
    }
}

pub fn give_consent(app: &App, caller: Caller, request: GiveConsent) -> Result<CitizenView, Problem> {
    let now = app.clock.now();
    if request
        .signature
        .as_ref()
        .is_some_and(|drawn| drawn.check().is_err())
    {
        return Err(ProblemCode::SignatureUnclear.into());
    }
    app.with_session(|session| {
        let row = session.current()?;
        if request.agree {
            if row.body.consent.is_none() {
                row.body.consent = Some(Consent {
                    notice_version: NOTICE_VERSION.into(),
                    notice: words_shown(notice(app.bound_to_hardware), app.language()?),
                    scope: SCOPE.into(),
                    act: match &request.signature {
                        Some(_) => ConsentAct::Signature,
                        None => act(caller, row),
                    },
                    given_at: now,
                    signature: request.signature,
                    witness: row.body.witness.clone(),
                });
            }
            if walk::place(row) == Place::Consent {
                let first = walk::entry(app, row)?
                    .procedure
                    .pages
                    .first()
                    .map(|p| p.id.clone());
                let page = first.ok_or(ProblemCode::Internal)?;
                walk::set_place(
                    row,
                    &Place::Page {
                        page,
                        back_to_check: false,
                    },
                )?;
            }
            return acted(app, session);
        }
        refuse(app, session, "consent_refused")
    })
}

/// "Dừng lại, xóa hết": at any moment before the seal the person takes back what they gave.
pub fn stop_and_destroy(app: &App, _: Caller, _: Nothing) -> Result<CitizenView, Problem> {
    app.with_session(|session| refuse(app, session, "consent_withdrawn"))
}

/// Refusing destroys what was captured; the paper path is shown. Only that it happened is kept: no name, no answer.
fn refuse(app: &App, session: &mut Session, what: &str) -> Result<CitizenView, Problem> {
    let row = session.current()?;
    let (dossier, procedure) = (row.dossier, row.procedure_code.clone());
    draft::discard(session.drafts.db(), &dossier)?;
    session.open = None;
    session.note(what, dossier, "draft_destroyed")?;
    session.let_go(dossier)?;
    app.set_left_open(None)?;
    app.screens().refused = Some(procedure);
    let view = view_of(app, Some(session))?;
    app.tell(AppEvent::Citizen {
        view: Box::new(view.clone()),
    });
    app.tell(AppEvent::ConsentRefused { dossier });
    Ok(view)
}

/// Somebody touched the citizen's screen: the operator's does not lock over a person who reads, signs or writes.
pub fn i_am_here(app: &App, caller: Caller, _: Nothing) -> Result<Nothing, Problem> {
    if caller.window == Window::Citizen {
        app.tell(AppEvent::CitizenThere);
    }
    Ok(Nothing {})
}

/// The page must be the one on screen: a late press on an old view confirms nothing.
fn on_screen<'a>(session: &'a mut Session, page: &PageId) -> Result<&'a mut DraftRow, Problem> {
    let row = session.current()?;
    let shown = match walk::place(row) {
        Place::Page { page, .. } => Some(page),
        Place::Papers { .. } => Some(PageId::from(super::papers::PAPERS_PAGE)),
        Place::Consent | Place::Check | Place::Filing => None,
    };
    if shown.as_ref() == Some(page) {
        Ok(row)
    } else {
        Err(ProblemCode::QuestionUnknown.into())
    }
}

pub fn confirm_page(app: &App, caller: Caller, request: ConfirmPage) -> Result<CitizenView, Problem> {
    app.with_session(|session| {
        // What a witness presses for somebody tells nothing about what that person can do.
        let own = caller.window == Window::Citizen && session.current()?.body.witness.is_none();
        let dossier = session.current()?.dossier;
        let files = paper_file::of_dossier(session.drafts.db(), &dossier)?;
        let view = walk::interview(app, session.current()?, &files)?;
        on_screen(session, &request.page)?;
        as_seen(app, session, &request.seen)?;
        let row = session.current()?;
        // What is confirmed one by one stays to be confirmed one by one; the rest of the page follows its "Đúng hết".
        let page = view.pages.iter().find(|p| p.id == request.page);
        for question in page
            .iter()
            .flat_map(|p| &p.questions)
            .filter(|q| !q.confirm && q.fault.is_none())
        {
            row.body.answers.confirm(&question.id, true);
        }
        row.body.pages_confirmed.insert(request.page.clone());
        if own {
            tally(row, &request.page, Hand::Citizen, true);
            if let Some(tally) = row.body.tallies.iter_mut().find(|t| t.page == request.page) {
                tally.citizen_confirmed = true;
            }
        }
        acted(app, session)
    })
}

fn page_of(app: &App, row: &DraftRow, question: &QuestionId) -> Result<PageId, Problem> {
    let page = walk::entry(app, row)?
        .procedure
        .page_of(question)
        .map(|p| p.id.clone());
    page.ok_or_else(|| ProblemCode::QuestionUnknown.into())
}

pub fn confirm_answer(app: &App, caller: Caller, request: ConfirmAnswer) -> Result<CitizenView, Problem> {
    app.with_session(|session| {
        let dossier = session.current()?.dossier;
        let files = paper_file::of_dossier(session.drafts.db(), &dossier)?;
        let row = session.current()?;
        let page = page_of(app, row, &request.question)?;
        let view = walk::interview(app, row, &files)?;
        let asked = view
            .pages
            .iter()
            .flat_map(|p| &p.questions)
            .find(|q| q.id == request.question)
            .ok_or(ProblemCode::QuestionUnknown)?;
        request
            .seen
            .still(&Seen::answer(asked.id.as_str(), &asked.shown, &asked.shown_en))?;
        row.body.wrong.remove(&request.question);
        row.body.answers.confirm(&request.question, true);
        if caller.window == Window::Citizen {
            tally(row, &page, Hand::Citizen, true);
        }
        acted(app, session)
    })
}

pub fn say_wrong(app: &App, caller: Caller, request: OneQuestion) -> Result<CitizenView, Problem> {
    app.with_session(|session| {
        let row = session.current()?;
        let (dossier, page) = (row.dossier, page_of(app, row, &request.question)?);
        let from_check = matches!(walk::place(row), Place::Check | Place::Filing);
        row.body.wrong.insert(request.question.clone());
        row.body.answers.confirm(&request.question, false);
        row.body.pages_confirmed.remove(&page);
        row.body.filing = None;
        if caller.window == Window::Citizen {
            tally(row, &page, Hand::Citizen, true);
        }
        walk::set_place(
            row,
            &Place::Page {
                page,
                back_to_check: from_check,
            },
        )?;
        let view = acted(app, session)?;
        app.tell(AppEvent::SaidWrong {
            dossier,
            question: request.question,
        });
        Ok(view)
    })
}

/// "Sai" taken back: the answer stands as it was, and is confirmed by nobody yet.
pub fn take_back_wrong(app: &App, caller: Caller, request: OneQuestion) -> Result<CitizenView, Problem> {
    app.with_session(|session| {
        let row = session.current()?;
        let page = page_of(app, row, &request.question)?;
        if row.body.wrong.remove(&request.question) && caller.window == Window::Citizen {
            tally(row, &page, Hand::Citizen, true);
        }
        acted(app, session)
    })
}

pub fn confirm_filing(app: &App, caller: Caller, request: ConfirmFiling) -> Result<CitizenView, Problem> {
    let at = app.clock.now();
    app.with_session(|session| {
        if walk::place(session.current()?) != Place::Filing {
            return Err(ProblemCode::NotComplete.into());
        }
        if request.agree {
            let seen = request.seen.as_ref().ok_or(ProblemCode::ChangedMeanwhile)?;
            as_seen(app, session, seen)?;
            let row = session.current()?;
            row.body.filing = Some(FilingConfirmed {
                act: act(caller, row),
                at,
            });
        } else {
            let row = session.current()?;
            row.body.filing = None;
            walk::set_place(row, &Place::Check)?;
        }
        acted(app, session)
    })
}

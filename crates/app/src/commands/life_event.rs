//! Life events: begun with one press, each procedure a dossier of its own, filled from one another.

use crate::access::Caller;
use crate::commands::dossier::{StartDossier, start_dossier};
use crate::kiosk::App;
use crate::life_events::{all, draft_of, find};
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::session::Session;
use crate::views::{
    DossierView, EventAnswerView, EventDossierState, EventDossierView, EventSheet, EventView, LifeEventCard,
    LifeEventStep, LifeEventsView,
};
use crate::walk;
use domain::ids::{DossierId, EventId, ProcedureCode};
use domain::life_event::{EventLink, LifeEvent, LinkedDossier};
use domain::receipt::TogetherLine;
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::tables::{draft, item, paper_file, receipt};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct StartLifeEvent {
    pub event: String,
    /// Those of its procedures that this family needs.
    pub procedures: Vec<ProcedureCode>,
}

fn name_of(app: &App, code: &ProcedureCode) -> Words {
    let named = app.catalogue().get(code).map(|e| e.procedure.name.clone());
    named.unwrap_or_else(|| Words {
        vi: code.to_string(),
        en: code.to_string(),
    })
}

pub fn life_events(app: &App, _: Caller, _: Nothing) -> Result<LifeEventsView, Problem> {
    let catalogue = app.catalogue();
    let card = |event: &LifeEvent| LifeEventCard {
        id: event.id.clone(),
        name: event.name.clone(),
        say: event.say.clone(),
        steps: event
            .steps
            .iter()
            .filter(|step| catalogue.offered(&step.procedure).is_some())
            .map(|step| LifeEventStep {
                procedure: step.procedure.clone(),
                name: name_of(app, &step.procedure),
                why: step.why.clone(),
                filled: u32::try_from(step.answers.len() + step.given.len()).unwrap_or(u32::MAX),
            })
            .collect(),
    };
    Ok(LifeEventsView {
        events: all()
            .iter()
            .map(card)
            .filter(|card| card.steps.len() > 1)
            .collect(),
    })
}

/// Starts every chosen dossier, the last one first, so that the first stands on the screens.
pub fn start_life_event(app: &App, caller: Caller, request: StartLifeEvent) -> Result<DossierView, Problem> {
    let event = find(&request.event).ok_or(ProblemCode::ProcedureUnknown)?;
    let chosen: Vec<&ProcedureCode> = event
        .steps
        .iter()
        .map(|step| &step.procedure)
        .filter(|code| request.procedures.contains(code))
        .collect();
    if chosen.is_empty() || chosen.len() != request.procedures.len() {
        return Err(ProblemCode::ProcedureUnknown.into());
    }
    let mut dossiers = Vec::new();
    let mut first = None;
    for code in chosen.into_iter().rev() {
        match start_dossier(
            app,
            caller,
            StartDossier {
                procedure: code.clone(),
            },
        ) {
            Ok(view) => {
                dossiers.insert(
                    0,
                    LinkedDossier {
                        dossier: view.dossier,
                        procedure: code.clone(),
                    },
                );
                first = Some(view);
            }
            Err(problem) => {
                // All of them or none: half an event would promise what is not there.
                undo(app, &dossiers)?;
                return Err(problem);
            }
        }
    }
    let link = EventLink {
        id: EventId(seal::random::uuid()?),
        event: event.id.clone(),
        dossiers,
    };
    app.with_session(|session| tie(app, session, &link))?;
    first.ok_or_else(|| ProblemCode::ProcedureUnknown.into())
}

fn undo(app: &App, started: &[LinkedDossier]) -> Result<(), Problem> {
    app.with_session(|session| {
        session.open = None;
        started
            .iter()
            .try_for_each(|one| draft::discard(session.drafts.db(), &one.dossier).map_err(Problem::from))
    })
}

fn tie(app: &App, session: &mut Session, link: &EventLink) -> Result<(), Problem> {
    for one in &link.dossiers {
        let mut row = draft_of(session, &one.dossier)?.ok_or(ProblemCode::DossierUnknown)?;
        row.body.event = Some(link.clone());
        draft::save(session.drafts.db(), &one.dossier, &row.body, app.clock.now_ms())?;
        if session
            .open
            .as_ref()
            .is_some_and(|open| open.dossier == one.dossier)
        {
            session.open = Some(row);
        }
    }
    // What the event itself answers stands there from the start.
    for one in &link.dossiers {
        crate::life_events::fill(app, session, &one.dossier)?;
    }
    Ok(())
}

fn link_of(session: &Session, dossier: &DossierId) -> Result<Option<EventLink>, Problem> {
    if let Some(row) = draft_of(session, dossier)? {
        return Ok(row.body.event);
    }
    Ok(receipt::get(session.drafts.db(), dossier)?.and_then(|row| row.content.event))
}

/// Which dossiers belong together, how far each is, and which answer goes where.
pub fn event_sheet(app: &App, _: Caller, request: OneDossier) -> Result<EventSheet, Problem> {
    app.with_session(|session| {
        let Some(link) = link_of(session, &request.dossier)? else {
            return Ok(EventSheet { event: None });
        };
        let Some(event) = find(&link.event) else {
            return Ok(EventSheet { event: None });
        };
        let dossiers = link
            .dossiers
            .iter()
            .map(|one| dossier_view(app, session, event, one))
            .collect::<Result<_, _>>()?;
        Ok(EventSheet {
            event: Some(EventView {
                name: event.name.clone(),
                dossiers,
                answers: answers(app, session, event, &link)?,
            }),
        })
    })
}

fn dossier_view(
    app: &App,
    session: &Session,
    event: &LifeEvent,
    one: &LinkedDossier,
) -> Result<EventDossierView, Problem> {
    let sealed = item::get(app.outbox().db(), &one.dossier)?;
    let state = match (&sealed, draft_of(session, &one.dossier)?) {
        (Some(_), _) => EventDossierState::Sealed,
        (None, Some(_)) => EventDossierState::Open,
        (None, None) => EventDossierState::Gone,
    };
    let name = name_of(app, &one.procedure);
    Ok(EventDossierView {
        dossier: one.dossier,
        why: event
            .step(&one.procedure)
            .map_or_else(|| name.clone(), |step| step.why.clone()),
        procedure: name,
        state,
        receipt_number: sealed.as_ref().map(|row| row.receipt_number.clone()),
        word: sealed
            .as_ref()
            .map(|row| crate::withdrawal::word(&app.outbox(), &app.files, row))
            .transpose()?,
        note: sealed.and_then(|row| row.case_note),
    })
}

/// Every answer that is given once, in the order of the forms.
fn answers(
    app: &App,
    session: &Session,
    event: &LifeEvent,
    link: &EventLink,
) -> Result<Vec<EventAnswerView>, Problem> {
    let taken = |code: &ProcedureCode| link.dossiers.iter().any(|one| one.procedure == *code);
    let mut goes: BTreeMap<(&ProcedureCode, &domain::ids::QuestionId), Vec<Words>> = BTreeMap::new();
    for step in event.steps.iter().filter(|step| taken(&step.procedure)) {
        for carry in step.answers.iter().filter(|carry| taken(&carry.of)) {
            goes.entry((&carry.of, &carry.from))
                .or_default()
                .push(name_of(app, &step.procedure));
        }
    }
    let mut lines = Vec::new();
    for one in &link.dossiers {
        let row = draft_of(session, &one.dossier)?;
        let view = match &row {
            Some(row) => {
                let files = paper_file::of_dossier(session.drafts.db(), &one.dossier)?;
                Some(walk::interview(app, row, &files)?)
            }
            None => None,
        };
        let shown = |id: &domain::ids::QuestionId| {
            let questions = view.iter().flat_map(|v| &v.pages).flat_map(|p| &p.questions);
            questions
                .into_iter()
                .find(|q| q.id == *id)
                .map(|q| (q.shown.clone(), q.shown_en.clone()))
                .unwrap_or_default()
        };
        let catalogue = app.catalogue();
        let entry = catalogue.get(&one.procedure);
        for question in entry.iter().flat_map(|e| e.procedure.questions()) {
            if let Some(to) = goes.get(&(&one.procedure, &question.id)) {
                let (shown, shown_en) = shown(&question.id);
                lines.push(EventAnswerView {
                    label: question.label.clone(),
                    shown,
                    shown_en,
                    from: name_of(app, &one.procedure),
                    to: to.clone(),
                });
            }
        }
    }
    Ok(lines)
}

/// The other dossiers of a receipt's event, for the one sheet that lists them all.
pub(crate) fn together(
    app: &App,
    session: &Session,
    link: Option<&EventLink>,
    own: &DossierId,
) -> Result<Vec<TogetherLine>, Problem> {
    let mut lines = Vec::new();
    for one in link.iter().flat_map(|link| &link.dossiers) {
        if one.dossier == *own {
            continue;
        }
        let there = receipt::get(session.drafts.db(), &one.dossier)?;
        let draft = draft_of(session, &one.dossier)?;
        // A dossier that was destroyed before it was sealed is not on anybody's paper.
        if there.is_none() && draft.is_none() {
            continue;
        }
        lines.push(TogetherLine {
            name: name_of(app, &one.procedure).vi,
            number: there.as_ref().map(|row| row.content.number.to_string()),
            secret: there.map(|row| row.content.secret),
        });
    }
    Ok(lines)
}

//! The life events that this program knows, and the filling of their dossiers from one another.
//!
//! **Invariant:** an event that names a procedure or a question that is not there is found by a test, and at the counter
//! it only does less: what is not offered is left out, what does not fit is not carried.

use crate::kiosk::App;
use crate::problem::Problem;
use crate::session::{Session, tally};
use crate::walk;
use domain::answer::Answers;
use domain::ids::{DossierId, ProcedureCode};
use domain::interview;
use domain::ledger::Hand;
use domain::life_event::{EventLink, LifeEvent, carry};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use store::tables::draft::{self, DraftRow};
use store::tables::paper_file;

const FILES: [&str; 4] = [
    include_str!("../../../assets/life_events/birth.json"),
    include_str!("../../../assets/life_events/death.json"),
    include_str!("../../../assets/life_events/moving.json"),
    include_str!("../../../assets/life_events/marriage.json"),
];

static EVENTS: LazyLock<Vec<LifeEvent>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|text| {
            serde_json::from_str(text)
                .inspect_err(|e| tracing::error!(error = %e, "a life event"))
                .ok()
        })
        .collect()
});

#[must_use]
pub fn all() -> &'static [LifeEvent] {
    &EVENTS
}

#[must_use]
pub fn find(id: &str) -> Option<&'static LifeEvent> {
    all().iter().find(|event| event.id == id)
}

/// A draft as it is now: the one on the screens, or from disk.
pub(crate) fn draft_of(session: &Session, dossier: &DossierId) -> Result<Option<DraftRow>, Problem> {
    match &session.open {
        Some(row) if row.dossier == *dossier => Ok(Some(row.clone())),
        _ => Ok(draft::get(session.drafts.db(), dossier)?),
    }
}

fn sendable(app: &App, session: &Session, row: &DraftRow) -> Result<Answers, Problem> {
    let files = paper_file::of_dossier(session.drafts.db(), &row.dossier)?;
    walk::with_facts(app, row, &files, |entry, facts| {
        interview::sendable(&entry.procedure, &row.body.answers, facts)
    })
}

/// Fills one draft of an event from its other drafts. What was carried into it before stays when those are sealed.
pub(crate) fn fill(app: &App, session: &mut Session, dossier: &DossierId) -> Result<(), Problem> {
    let Some(mut row) = draft_of(session, dossier)?.filter(|row| !row.sealed) else {
        return Ok(());
    };
    let Some(link) = row.body.event.clone() else {
        return Ok(());
    };
    let Some(step) = find(&link.event).and_then(|event| event.step(&row.procedure_code)) else {
        return Ok(());
    };
    let sources = sources(app, session, &link, dossier)?;
    let (today, _) = crate::clock::at_counter(app.clock.now());
    let before = row.body.answers.clone();
    let mut answers = before.clone();
    let pages = walk::with_facts(app, &row, &[], |entry, facts| {
        let changed = carry(
            step,
            &sources,
            (&entry.procedure, &mut answers),
            today,
            facts.lists,
        );
        let page_of = |q| entry.procedure.page_of(q).map(|page| page.id.clone());
        changed.iter().filter_map(page_of).collect::<Vec<_>>()
    })?;
    if pages.is_empty() {
        return Ok(());
    }
    row.body.answers = answers;
    row.body.filing = None;
    let citizen_window = app.screens().citizen_window;
    for page in &pages {
        row.body.pages_confirmed.remove(page);
        tally(&mut row, page, Hand::Operator, citizen_window);
    }
    draft::save(session.drafts.db(), &row.dossier, &row.body, app.clock.now_ms())?;
    if session.open.as_ref().is_some_and(|open| open.dossier == *dossier) {
        session.open = Some(row);
    }
    Ok(())
}

fn sources(
    app: &App,
    session: &Session,
    link: &EventLink,
    but: &DossierId,
) -> Result<BTreeMap<ProcedureCode, Answers>, Problem> {
    let mut found = BTreeMap::new();
    for other in link.dossiers.iter().filter(|other| other.dossier != *but) {
        if let Some(row) = draft_of(session, &other.dossier)? {
            found.insert(other.procedure.clone(), sendable(app, session, &row)?);
        }
    }
    Ok(found)
}

/// Before a dossier is sealed, and its readable copy goes, the others of its event take what is theirs.
pub(crate) fn carry_on(app: &App, session: &mut Session, dossier: &DossierId) -> Result<(), Problem> {
    let link = draft_of(session, dossier)?.and_then(|row| row.body.event);
    for other in link.iter().flat_map(|link| &link.dossiers) {
        if other.dossier != *dossier {
            fill(app, session, &other.dossier)?;
        }
    }
    Ok(())
}

//! The practice slip, and the step that is handed to a person who comes back.
//!
//! **Invariant:** who came back is known by a keyed digest inside the encrypted database, never by a number or a name; only
//! somebody with a telephone and an e-ID is remembered at all, and nobody for longer than [`KEEP_MS`].

use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::session::Session;
use crate::views::{CitizenView, DossierView};
use crate::walk;
use domain::ids::DossierId;
use domain::practice::{HandedStep, StepOutcome, next};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::draft::DraftRow;
use store::tables::practice;
use ts_rs::TS;

/// Eighteen months: whoever has not come back by then starts anew.
pub(crate) const KEEP_MS: i64 = 540 * 24 * 60 * 60 * 1_000;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetPhone {
    pub dossier: DossierId,
    pub has_phone: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct TriedStep {
    pub outcome: StepOutcome,
}

pub fn set_phone(app: &App, _: Caller, request: SetPhone) -> Result<DossierView, Problem> {
    app.with_session(|session| {
        session.open(request.dossier)?.body.has_phone = Some(request.has_phone);
        super::dossier::save_and_show(app, session)
    })
}

pub fn tried_step(app: &App, _: Caller, request: TriedStep) -> Result<CitizenView, Problem> {
    app.with_session(|session| {
        let handed = session.current()?.body.handed.as_mut();
        handed.ok_or(ProblemCode::DossierUnknown)?.outcome = Some(request.outcome);
        super::citizen::acted(app, session)
    })
}

/// The digest of whoever files, if the form has a good ID number of theirs.
fn tag(app: &App, session: &Session, row: &DraftRow) -> Result<Option<[u8; 16]>, Problem> {
    let entry = walk::entry(app, row)?;
    let number = entry
        .procedure
        .people
        .filer_id
        .as_ref()
        .and_then(|q| row.body.answers.text(q));
    let tag = number.map(|n| seal::returning::tag(&session.drafts_key, n));
    Ok(tag.transpose()?)
}

/// Looks once for each ID number whether somebody was asked to try a step of this procedure, and hands it to them.
pub(crate) fn recognise(app: &App, session: &mut Session) -> Result<(), Problem> {
    let Some(row) = session.open.as_ref().filter(|row| row.body.consent.is_some()) else {
        return Ok(());
    };
    let Some(tag) = tag(app, session, row)? else {
        return Ok(());
    };
    let name = data_encoding::HEXLOWER.encode(&tag);
    if row.body.looked_for.as_ref() == Some(&name) {
        return Ok(());
    }
    let known = practice::get(session.drafts.db(), &tag, &row.procedure_code)?;
    let row = session.current()?;
    row.body.looked_for = Some(name);
    row.body.handed = known.flatten().map(|step| HandedStep { step, outcome: None });
    if known.is_some() {
        // Somebody who took a slip home has what it takes; the officer can still say otherwise.
        row.body.has_phone.get_or_insert(true);
    }
    Ok(())
}

/// At the seal: what they try next time.
pub(crate) fn remember(app: &App, session: &Session, row: &DraftRow) -> Result<(), Problem> {
    if row.body.has_phone != Some(true) {
        return Ok(());
    }
    let Some(tag) = tag(app, session, row)? else {
        return Ok(());
    };
    let steps = walk::entry(app, row)?.procedure.practice.len();
    let next = next(steps, row.body.handed);
    practice::put(
        session.drafts.db(),
        &tag,
        &row.procedure_code,
        next,
        app.clock.now_ms(),
    )?;
    Ok(())
}

//! The end of the program: an officer's PIN, and on a machine that is carried a second copy first, or a reason.
//!
//! **Invariants:** nobody leaves a full screen without an officer's PIN: behind it lies the whole machine. Nobody is kept
//! from leaving: not for want of a stick, not by a mount that does not answer, and not by an index that cannot be counted
//! or a book that cannot be written.

use super::people::unlock;
use super::stick;
use crate::access::Caller;
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::parcels::{self, Stick};
use crate::plugged_in;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::second_copy::{self, Copied};
use crate::views::LeavingView;
use domain::ids::OperatorId;
use domain::roles::OperatorRole;
use domain::second_copy::{Leaving, WhyOneCopy, leaving as decide};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::{audit, copy};
use ts_rs::TS;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct QuitProgram {
    pub operator: OperatorId,
    pub pin: String,
    /// A stick or another disk: what lies here alone is copied there first.
    pub copy_to: Option<String>,
    /// Ends the program though dossiers have one copy.
    pub despite: Option<WhyOneCopy>,
}

pub fn leaving(app: &App, _: Caller, _: Nothing) -> Result<LeavingView, Problem> {
    Ok(match asked(app, None) {
        Leaving::Asked { only_here } => question(app, only_here, Copied::default()),
        Leaving::Free | Leaving::Despite { .. } => nothing_to_ask(0, Copied::default()),
    })
}

pub fn quit_program(app: &App, _: Caller, request: QuitProgram) -> Result<LeavingView, Problem> {
    let (officer, _, _) = unlock(app, &request.operator, &request.pin)?;
    if !officer.role.may_seal() {
        return Err(ProblemCode::NotForThisRole.into());
    }
    let came = match &request.copy_to {
        Some(folder) => copy_to(app, officer.id, folder)?,
        None => Copied::default(),
    };
    let only_here = match asked(app, request.despite) {
        Leaving::Asked { only_here } => return Ok(question(app, only_here, came)),
        Leaving::Free => 0,
        Leaving::Despite { only_here, why } => {
            write_down(app, officer.id, only_here, why);
            only_here
        }
    };
    // Before anything else is looked at: from here on nothing may keep the program.
    app.tell(AppEvent::Quit);
    Ok(LeavingView {
        ends: true,
        ..nothing_to_ask(only_here, came)
    })
}

fn copy_to(app: &App, who: OperatorId, folder: &str) -> Result<Copied, Problem> {
    let enrolment = stick::enrolled(app)?;
    let folder = parcels::folder(folder)?;
    let stick = Stick::open(&folder, app.data_dir())?;
    // Only the list is read under the lock: copying takes as long as the stick does.
    let rows = second_copy::only_here(&app.outbox())?;
    let came = second_copy::copy_out(app, &enrolment, &stick, who, rows);
    app.tell(AppEvent::Outbox);
    came
}

fn asked(app: &App, why: Option<WhyOneCopy>) -> Leaving {
    let counted = || -> Result<Leaving, Problem> {
        let field = second_copy::is_field(app)?;
        let only_here = if field {
            copy::only_here(app.outbox().db())?.len()
        } else {
            0
        };
        Ok(decide(field, u32::try_from(only_here).unwrap_or(u32::MAX), why))
    };
    // What cannot be counted is mended by a restart, if by anything: it must not be what prevents one.
    counted().unwrap_or_else(|problem| {
        tracing::error!(code = ?problem.code, "what lies here alone could not be counted");
        Leaving::Free
    })
}

/// How many and why; which ones, the index knows.
fn write_down(app: &App, who: OperatorId, only_here: u32, why: WhyOneCopy) {
    let note = format!("{only_here} {}", why.as_str());
    let line = audit::Entry {
        at_ms: app.clock.now_ms(),
        what: "quit_with_one_copy",
        dossier: None,
        who: Some(who),
        note: Some(&note),
    };
    if let Err(error) = audit::append(app.outbox().db(), &line) {
        tracing::error!(%error, "the book does not say that the program ended on dossiers with one copy");
    }
}

/// What is asked, and the ways out of it.
fn question(app: &App, only_here: u32, came: Copied) -> LeavingView {
    let may_send =
        app.role().is_some_and(OperatorRole::may_seal) && !app.is_turned() && app.drill().is_none();
    LeavingView {
        sticks: plugged_in::sticks(),
        can_send: may_send && app.network().online,
        ..nothing_to_ask(only_here, came)
    }
}

fn nothing_to_ask(one_copy: u32, came: Copied) -> LeavingView {
    LeavingView {
        one_copy,
        sticks: Vec::new(),
        can_send: false,
        copied: came.copied,
        faults: came.faults,
        ends: false,
    }
}

//! Starting and ending a drill.

use crate::access::Caller;
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::KioskView;

/// Commands that are the counter's own even while a drill is on.
pub const STAY_OUTSIDE: &[&str] = &["end_drill", "sign_out", "sign_in", "leaving", "quit_program"];

pub fn start_drill(app: &App, caller: Caller, _: Nothing) -> Result<KioskView, Problem> {
    let who = app.with_session(|session| match &session.open {
        Some(row) if !row.sealed => Err(ProblemCode::FinishFirst.into()),
        Some(_) | None => Ok(session.operator.clone()),
    })?;
    if app.ground == crate::kiosk::Ground::Drill || app.screens().receipt.is_some() {
        return Err(ProblemCode::FinishFirst.into());
    }
    let drill = crate::drill::start(app, &who)?;
    super::citizen::show(&drill);
    let view = super::kiosk::kiosk_status(&drill, caller, Nothing {});
    app.set_drill(Some(drill));
    app.tell(AppEvent::Kiosk);
    view
}

/// Ends a drill, if one is on; answers whether.
pub(crate) fn stop(app: &App) -> Result<(), Problem> {
    let Some(drill) = app.set_drill(None) else {
        return Ok(());
    };
    drill.close();
    drop(drill);
    crate::drill::clear(app.data_dir())?;
    app.tell(AppEvent::Kiosk);
    Ok(())
}

pub fn end_drill(app: &App, caller: Caller, _: Nothing) -> Result<KioskView, Problem> {
    stop(app)?;
    super::citizen::show(app);
    super::kiosk::kiosk_status(app, caller, Nothing {})
}

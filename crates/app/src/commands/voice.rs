//! Reading aloud what stands on the citizen's screen, at a touch of either side.

use crate::access::Caller;
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::problem::Problem;
use crate::schema::Nothing;
use crate::speech;
use crate::views::CitizenView;
use domain::ids::QuestionId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ReadAloud {
    /// One answer; the whole screen where there is none.
    pub question: Option<QuestionId>,
}

/// Which screen is read: once another stands there, what is still being said is somebody's no more.
pub(crate) fn screen_key(view: &CitizenView) -> String {
    match view {
        CitizenView::Page { page, .. } => format!("page {}", page.page),
        CitizenView::Coaching { topic, step, .. } => format!("{topic:?} {step}"),
        other => format!("{other:?}"),
    }
}

pub fn read_aloud(app: &App, caller: Caller, request: ReadAloud) -> Result<Nothing, Problem> {
    let view = super::citizen::citizen_screen(app, caller, Nothing {})?;
    let language = app.language()?;
    let phrases = speech::phrases(&view, request.question.as_ref(), language);
    if !app.voice.speaks() || phrases.is_empty() {
        return Ok(Nothing {});
    }
    *app.read_screen() = Some(screen_key(&view));
    let events = app.events_sender();
    let done = Box::new(move || {
        // Nobody listening is no failure: every window asks for the whole view when it opens.
        let _ = events.send(AppEvent::Reading { on: false });
    });
    app.voice.say(language, phrases, done);
    app.tell(AppEvent::Reading { on: true });
    Ok(Nothing {})
}

pub fn stop_reading(app: &App, _: Caller, _: Nothing) -> Result<Nothing, Problem> {
    app.voice.stop();
    Ok(Nothing {})
}

//! The kiosk as its windows see it: one view of all, the screens and the language.

use super::enrolment::enrolment_view;
use super::people::{card, name_of, unlock};
use crate::access::{Caller, Window};
use crate::events::AppEvent;
use crate::kiosk::{App, Ground};
use crate::problem::Problem;
use crate::schema::Nothing;
use crate::views::{KioskView, Language, LeaseView, LeftByView, OperatorCard};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::{operator, setting};
use ts_rs::TS;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetIdleLock {
    /// Seconds without a touch.
    pub seconds: u32,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetLanguage {
    pub language: Language,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetOneScreen {
    pub on: bool,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct TurnScreen {
    pub turned: bool,
    /// Needed to turn it back: the citizen must not walk into the officer's work.
    pub pin: Option<String>,
}

/// A quarter of a minute at least: shorter, and nobody could read a page. Half an hour at most.
const IDLE_SECONDS_MIN: u32 = 15;
const IDLE_SECONDS_MAX: u32 = 1_800;
const IDLE_SECONDS_DEFAULT: u32 = 300;

pub fn kiosk_status(app: &App, _: Caller, _: Nothing) -> Result<KioskView, Problem> {
    let enrolment = enrolment_view(app)?;
    let certificate = app.enrolment()?.map(|e| e.certificate);
    let operators: Vec<OperatorCard> = operator::all(app.outbox().db())?.iter().map(card).collect();
    let language = app.language()?;
    let (signed_in, open, lease) = {
        let session = app.session();
        let session = session.as_ref();
        let open = session.and_then(|s| s.open.as_ref()).filter(|row| !row.sealed);
        (
            session.map(|s| card(&s.operator)),
            open.map(|row| row.dossier),
            session
                .and_then(|s| s.lease)
                .map(|l| LeaseView::of(&l, app.clock.now_ms())),
        )
    };
    // Whoever looks at a procedure stands in no database.
    let operators: Vec<OperatorCard> = match &signed_in {
        Some(card) if app.preview => vec![card.clone()],
        Some(_) | None => operators,
    };
    let (one_screen, turned, left, receipt) = {
        let screens = app.screens();
        (
            screens.one_screen || !screens.citizen_window,
            screens.turned,
            screens.left_open,
            screens.receipt,
        )
    };
    let left_by = left.filter(|left| {
        open.is_none() && lease.is_none() && signed_in.as_ref().is_some_and(|me| me.id != left.by)
    });
    let left_by = left_by.map(|left| LeftByView {
        name: name_of(&operators, &left.by),
        at: crate::clock::minute_and_day(left.at_ms),
    });
    let idle_seconds =
        setting::get(app.outbox().db(), setting::Name::IdleSeconds)?.unwrap_or(IDLE_SECONDS_DEFAULT);
    // Each look into the outbox ends before the next begins: inside one expression the lock would be held to its end.
    let look = setting::get(app.outbox().db(), setting::Name::Look)?.unwrap_or_default();
    let trouble = app
        .trouble()
        .or_else(|| crate::room::told(app))
        .or_else(|| crate::certificate::told(app));
    let clock = super::clock::view(app)?;
    Ok(KioskView {
        clock,
        version: env!("CARGO_PKG_VERSION").into(),
        language,
        enrolment,
        counter_name: certificate.as_ref().map(|c| c.counter_name.clone()),
        device_number: certificate.as_ref().map(|c| format!("{:05}", c.number.0)),
        device_class: certificate
            .as_ref()
            .and_then(|c| serde_json::to_value(c.class).ok()?.as_str().map(str::to_owned)),
        operators,
        signed_in,
        one_screen,
        turned,
        look,
        reads_aloud: app.voice.speaks(),
        network: app.network(),
        catalogue: app.shelf.view(app.clock.now()),
        preview: app.preview,
        trouble,
        receipt: receipt.filter(|_| open.is_none() && lease.is_none()),
        open,
        left_by,
        lease,
        idle_seconds,
        drill: app.ground == Ground::Drill,
    })
}

pub fn set_idle_lock(app: &App, caller: Caller, request: SetIdleLock) -> Result<KioskView, Problem> {
    let seconds = request.seconds.clamp(IDLE_SECONDS_MIN, IDLE_SECONDS_MAX);
    setting::set(app.outbox().db(), setting::Name::IdleSeconds, &seconds)?;
    app.tell(AppEvent::Kiosk);
    kiosk_status(app, caller, Nothing {})
}

pub fn set_language(app: &App, caller: Caller, request: SetLanguage) -> Result<KioskView, Problem> {
    let citizens = caller.window == Window::Citizen || app.is_turned();
    if !citizens {
        setting::set(app.outbox().db(), setting::Name::Language, &request.language)?;
    }
    app.screens().language = citizens.then_some(request.language);
    app.tell(AppEvent::Kiosk);
    kiosk_status(app, caller, Nothing {})
}

pub fn set_one_screen(app: &App, caller: Caller, request: SetOneScreen) -> Result<KioskView, Problem> {
    setting::set(app.outbox().db(), setting::Name::OneScreen, &request.on)?;
    app.screens().one_screen = request.on;
    app.tell(AppEvent::Kiosk);
    kiosk_status(app, caller, Nothing {})
}

pub fn turn_screen(app: &App, caller: Caller, request: TurnScreen) -> Result<KioskView, Problem> {
    if !request.turned && app.is_turned() && !app.preview {
        let operator = app.with_session(|s| Ok(s.operator.id))?;
        unlock(app, &operator, request.pin.as_deref().unwrap_or_default())?;
    }
    app.screens().turned = request.turned;
    kiosk_status(app, caller, Nothing {})
}

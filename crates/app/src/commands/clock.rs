//! The date, asked of a person where the machine's clock stands before what the province last signed.
//!
//! **Invariants:** the machine's own clock is not touched; what is sealed under a date that somebody told carries the
//! mark of a date not to be relied on; order and numbers never come from it.

use crate::access::Caller;
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::{ClockView, KioskView};
use crate::{clock, expiry};
use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::{audit, setting};
use ts_rs::TS;

/// Minutes that two clocks may differ without anybody being asked.
const SLACK_MS: i64 = 5 * 60 * 1000;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct ConfirmDate {
    /// `dd/MM/yyyy`.
    pub date: String,
    /// `HH:MM`.
    pub time: String,
}

pub(crate) fn view(app: &App) -> Result<ClockView, Problem> {
    let signed_ms = expiry::province_ms(app)?;
    let now_ms = app.clock.now_ms();
    Ok(ClockView {
        behind: now_ms + SLACK_MS < signed_ms,
        now: clock::minute_and_day(now_ms),
        last_signed: (signed_ms > 0).then(|| clock::minute_and_day(signed_ms)),
        told: app.clock.is_told(),
    })
}

/// At start: the date that somebody told holds only while the machine's own clock is still wrong.
pub(crate) fn resume(app: &App) -> Result<(), Problem> {
    let told: Option<i64> = setting::get(app.outbox().db(), setting::Name::ClockOffset)?;
    let Some(offset) = told else { return Ok(()) };
    if app.clock.now_ms() + SLACK_MS < expiry::province_ms(app)? {
        app.clock.tell(offset);
    } else {
        setting::remove(app.outbox().db(), setting::Name::ClockOffset)?;
    }
    Ok(())
}

pub fn confirm_date(app: &App, caller: Caller, request: ConfirmDate) -> Result<KioskView, Problem> {
    let text = format!("{} {}", request.date.trim(), request.time.trim());
    let told = DateTime::strptime("%d/%m/%Y %H:%M", text)
        .ok()
        .and_then(clock::at)
        .ok_or(ProblemCode::DateUnreadable)?;
    if told.as_millisecond() + SLACK_MS < expiry::province_ms(app)? {
        return Err(ProblemCode::DateTooEarly.into());
    }
    let own_ms = app.clock.now_ms() - app.clock.offset_ms();
    let offset = told.as_millisecond().saturating_sub(own_ms);
    let who = app.with_session(|s| Ok(s.operator.id))?;
    let note = format!("{} s", offset / 1000);
    {
        let outbox = app.outbox();
        setting::set(outbox.db(), setting::Name::ClockOffset, &offset)?;
        audit::append(
            outbox.db(),
            &audit::Entry {
                at_ms: told.as_millisecond(),
                what: "date_told",
                dossier: None,
                who: Some(who),
                note: Some(&note),
            },
        )?;
    }
    app.clock.tell(offset);
    app.tell(AppEvent::Kiosk);
    super::kiosk::kiosk_status(app, caller, Nothing {})
}

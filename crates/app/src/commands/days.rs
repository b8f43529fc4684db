//! The counter's days in numbers: dossiers, and help that ended in no dossier, each day by the same count as today.
//!
//! **Invariant:** the two are counted from their own rows and stand apart; nothing of a person is in either.

use crate::access::Caller;
use crate::clock;
use crate::kiosk::App;
use crate::problem::Problem;
use crate::schema::Nothing;
use crate::views::{DayView, DaysView};
use crate::village;
use domain::day::{self, DayEvent};
use domain::delivery::Delivery;
use jiff::civil::Date;
use std::collections::BTreeMap;
use store::Outbox;
use store::tables::{assist, item};

/// How far back the days are shown, today among them: a month with its first day.
const DAYS_MAX: i64 = 31;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What happened from a moment on, each with when, ms since 1970.
pub(crate) fn events(outbox: &Outbox, from_ms: i64) -> Result<Vec<(i64, DayEvent)>, Problem> {
    let dossiers = item::since(outbox.db(), from_ms)?.into_iter().map(|row| {
        let acknowledged = matches!(row.delivery, Delivery::Durable { .. } | Delivery::Purged { .. });
        let accepted = row.official_code.is_some();
        let event = DayEvent::Dossier {
            acknowledged,
            accepted,
        };
        (row.sealed_ms, event)
    });
    let assists = assist::since(outbox.db(), from_ms)?.into_iter().map(|row| {
        let event = DayEvent::Assist {
            kind: row.kind,
            outcome: row.outcome,
        };
        (row.at_ms, event)
    });
    // What other machines sealed on days away that were prepared here; their assists stand among the rows.
    let away = village::dossiers(outbox, from_ms)?;
    Ok(dossiers.chain(away).chain(assists).collect())
}

/// The days on which something happened, the newest first.
pub fn days(app: &App, _: Caller, _: Nothing) -> Result<DaysView, Problem> {
    let from_ms = clock::day_start_ms(app.clock.now()) - (DAYS_MAX - 1) * DAY_MS;
    let mut by_day: BTreeMap<Date, Vec<DayEvent>> = BTreeMap::new();
    for (at_ms, event) in events(&app.outbox(), from_ms)? {
        let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or_default();
        by_day.entry(clock::at_counter(at).0).or_default().push(event);
    }
    let view = |(day, events): (Date, Vec<DayEvent>)| {
        let counts = day::count(events);
        DayView {
            day: day.strftime("%d/%m/%Y").to_string(),
            dossiers: counts.dossiers,
            assists: counts.assists,
        }
    };
    Ok(DaysView {
        days: by_day.into_iter().rev().map(view).collect(),
    })
}

//! Working days, and the day on which a result falls due: pure arithmetic over yearly data.
//!
//! Days off and swapped working days are fixed each year by decision, so they are data with their source; a year without
//! data counts weekends and the four fixed holidays only, and what is worked out with it is *expected*, never promised.
//! **Invariant:** a due date is never a day off, and receiving later never makes it earlier. Absent on purpose: the lunar
//! calendar (Tết is data), a clock, and any promise: official code and due date are the province's to give.

use crate::procedure::Sure;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use ts_rs::TS;

/// Holidays with a date of their own (Bộ luật Lao động 2019, Điều 112), as (month, day).
const FIXED: [(i8, i8); 4] = [(1, 1), (4, 30), (5, 1), (9, 2)];
/// Days that are looked at for the next working one; Tết takes nine.
const LOOK_AHEAD_MAX: u32 = 60;
/// Days that a procedure may take.
pub const TERM_DAYS_MAX: u32 = 400;

/// The file of the calendar cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalendarFault {
    #[error("not a calendar file: {0}")]
    Json(#[from] serde_json::Error),
    #[error("year {0}: {1} does not belong there")]
    Date(i16, Date),
    #[error("the hours are not in order")]
    Hours,
    #[error("\"{0}\" is no year")]
    Year(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    #[serde(rename = "note")]
    _note: String,
    hours: Hours,
    years: BTreeMap<String, YearFile>,
}

/// When a counter is open, `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    open: Time,
    close: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "sure")]
    sure: Sure,
    off: Vec<Date>,
    worked: Vec<Date>,
}

#[derive(Debug, Clone, Default)]
struct Year {
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
    /// What is only remembered is counted with and promised to nobody.
    known: bool,
}

/// The working days of the years that were decided.
#[derive(Debug, Clone, Default)]
pub struct WorkCalendar {
    hours: Option<Hours>,
    years: BTreeMap<i16, Year>,
}

/// How long a procedure takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// 0 is the same day.
    WorkingDays(u32),
    /// Every day counts, and a last day that is off moves to the next working one.
    CalendarDays(u32),
}

/// The day on which a result would be due, were the dossier officially received now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct DueView {
    #[schemars(with = "String")]
    #[ts(type = "string")]
    pub day: Date,
    /// A year on the way has no decided days off yet: only "dự kiến" may be said.
    pub expected: bool,
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

impl WorkCalendar {
    /// Reads `holidays.json`.
    ///
    /// # Errors
    /// [`CalendarFault`].
    pub fn from_json(json: &str) -> Result<Self, CalendarFault> {
        let file: CalendarFile = serde_json::from_str(json)?;
        if file.hours.open >= file.hours.close {
            return Err(CalendarFault::Hours);
        }
        let mut years = BTreeMap::new();
        for (name, year) in file.years {
            let number: i16 = name.parse().map_err(|_| CalendarFault::Year(name))?;
            years.insert(number, Year::checked(number, year)?);
        }
        Ok(Self {
            hours: Some(file.hours),
            years,
        })
    }

    /// Have the days off of this year been decided, and read where they were?
    #[must_use]
    pub fn knows(&self, year: i16) -> bool {
        self.years.get(&year).is_some_and(|year| year.known)
    }

    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        match self.years.get(&day.year()) {
            Some(year) if year.worked.contains(&day) => true,
            Some(year) => !is_weekend(day) && !year.off.contains(&day),
            None => !is_weekend(day) && !FIXED.contains(&(day.month(), day.day())),
        }
    }

    /// Is it a Saturday or Sunday on which a swapped day is worked?
    #[must_use]
    pub fn is_made_up(&self, day: Date) -> bool {
        is_weekend(day) && self.is_working(day)
    }

    /// The first working day after this one.
    #[must_use]
    pub fn next_working(&self, day: Date) -> Date {
        let mut next = day;
        for _ in 0..LOOK_AHEAD_MAX {
            next = next.tomorrow().unwrap_or(next);
            if self.is_working(next) {
                return next;
            }
        }
        next
    }

    fn working_from(&self, day: Date) -> Date {
        if self.is_working(day) {
            day
        } else {
            self.next_working(day)
        }
    }

    /// The day from which time counts: received on a day off, after the cut-off hour or after closing, it is the next
    /// working day.
    #[must_use]
    pub fn counts_from(&self, received: DateTime, cutoff: Option<Time>) -> Date {
        let day = received.date();
        let late = |end: Time| received.time() > end;
        let is_late = cutoff.is_some_and(late) || self.hours.is_some_and(|hours| late(hours.close));
        if self.is_working(day) && is_late {
            self.next_working(day)
        } else {
            self.working_from(day)
        }
    }

    /// When the result is due. `None` for a time beyond [`TERM_DAYS_MAX`] or the end of the calendar.
    #[must_use]
    pub fn due(&self, received: DateTime, term: Term, cutoff: Option<Time>) -> Option<DueView> {
        let from = self.counts_from(received, cutoff);
        let day = match term {
            Term::WorkingDays(days) if days <= TERM_DAYS_MAX => {
                (0..days).fold(from, |day, _| self.next_working(day))
            }
            Term::CalendarDays(days) if days <= TERM_DAYS_MAX => {
                self.working_from(from.checked_add(i64::from(days).days()).ok()?)
            }
            Term::WorkingDays(_) | Term::CalendarDays(_) => return None,
        };
        let expected = !(received.year()..=day.year()).all(|year| self.knows(year));
        Some(DueView { day, expected })
    }
}

impl Year {
    fn checked(number: i16, file: YearFile) -> Result<Self, CalendarFault> {
        let off: BTreeSet<Date> = file.off.into_iter().collect();
        let worked: BTreeSet<Date> = file.worked.into_iter().collect();
        let strange = off.iter().chain(&worked).find(|day| day.year() != number);
        let swapped = worked.iter().find(|day| !is_weekend(**day) || off.contains(*day));
        match strange.or(swapped) {
            Some(day) => Err(CalendarFault::Date(number, *day)),
            None => Ok(Self {
                off,
                worked,
                known: file.sure != Sure::M,
            }),
        }
    }
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;

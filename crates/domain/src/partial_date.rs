//! A date as far as it is known: a year, a month of a year, or a day.
//!
//! **Invariant:** a `PartialDate` is always a real day, month or year between [`YEAR_MIN`] and [`YEAR_MAX`],
//! and a day never stands without its month. Old people and the dead may legally have a year only. Lunar dates
//! are never converted here: they are asked about.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use ts_rs::TS;

/// Nobody at a counter was born before this year.
pub const YEAR_MIN: i16 = 1850;
/// Documents may expire in the future, but not further than this.
pub const YEAR_MAX: i16 = 2200;

/// A date, or as much of it as is known. In JSON a string: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
///
/// Debug prints the precision only: a birth date is personal data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
#[ts(type = "string")]
pub struct PartialDate {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateFault {
    #[error("not a date in a form that is understood")]
    Unreadable,
    #[error("no such day in the calendar")]
    Impossible,
}

impl PartialDate {
    /// # Errors
    /// [`DateFault::Impossible`] where the calendar has no such day, month or year.
    pub fn new(year: i16, month: Option<i8>, day: Option<i8>) -> Result<Self, DateFault> {
        let shape = month.is_some() || day.is_none();
        let real = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).is_ok();
        if shape && real && (YEAR_MIN..=YEAR_MAX).contains(&year) {
            Ok(Self { year, month, day })
        } else {
            Err(DateFault::Impossible)
        }
    }

    /// Reads what is typed at a counter: `5/3/1990`, `05-03-1990`, `5.3.1990`, `05031990`, `3/1990`, `1990`,
    /// and the ISO forms. Two-digit years are refused: "5/3/19" may be 1919 or 2019.
    ///
    /// # Errors
    /// [`DateFault`] by what the person can do about it.
    pub fn parse(typed: &str) -> Result<Self, DateFault> {
        let groups = digit_groups(typed)?;
        let texts: Vec<&str> = groups.iter().map(String::as_str).collect();
        match *texts.as_slice() {
            [year] if year.len() == 4 => Self::from_texts(year, None, None),
            [run] if run.len() == 8 => Self::from_texts(
                slice(run, 4, 8)?,
                Some(slice(run, 2, 4)?),
                Some(slice(run, 0, 2)?),
            ),
            [year, month] if year.len() == 4 => Self::from_texts(year, Some(month), None),
            [month, year] => Self::from_texts(year, Some(month), None),
            [year, month, day] if year.len() == 4 => Self::from_texts(year, Some(month), Some(day)),
            [day, month, year] => Self::from_texts(year, Some(month), Some(day)),
            _ => Err(DateFault::Unreadable),
        }
    }

    fn from_texts(year: &str, month: Option<&str>, day: Option<&str>) -> Result<Self, DateFault> {
        let short = |part: Option<&str>| part.is_none_or(|p| p.len() <= 2);
        if year.len() != 4 || !short(month) || !short(day) {
            return Err(DateFault::Unreadable);
        }
        let number = |part: &str| part.parse::<i8>().map_err(|_| DateFault::Unreadable);
        let year = year.parse::<i16>().map_err(|_| DateFault::Unreadable)?;
        Self::new(year, month.map(number).transpose()?, day.map(number).transpose()?)
    }

    #[must_use]
    pub const fn year(&self) -> i16 {
        self.year
    }

    #[must_use]
    pub const fn month(&self) -> Option<i8> {
        self.month
    }

    #[must_use]
    pub const fn day(&self) -> Option<i8> {
        self.day
    }

    /// The day, where all three parts are known.
    #[must_use]
    pub fn whole(&self) -> Option<Date> {
        Date::new(self.year, self.month?, self.day?).ok()
    }

    /// The first day that this date can mean.
    #[must_use]
    pub fn earliest(&self) -> Date {
        Date::new(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1)).unwrap_or(Date::ZERO)
    }

    /// The last day that this date can mean.
    #[must_use]
    pub fn latest(&self) -> Date {
        let month = Date::new(self.year, self.month.unwrap_or(12), 1).unwrap_or(Date::ZERO);
        self.whole().unwrap_or_else(|| month.last_of_month())
    }

    /// In words, as a civil register writes it: "Ngày mồng năm tháng ba năm một nghìn chín trăm chín mươi".
    #[must_use]
    pub fn in_words_vi(&self) -> String {
        let year = format!("năm {}", words::year(self.year));
        let text = match (self.day, self.month) {
            (Some(day), Some(month)) => {
                format!("ngày {} tháng {} {year}", words::day(day), words::month(month))
            }
            (None, Some(month)) => format!("tháng {} {year}", words::month(month)),
            (_, None) => year,
        };
        let mut letters = text.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect())
            .unwrap_or_default()
    }
}

impl From<Date> for PartialDate {
    fn from(date: Date) -> Self {
        Self {
            year: date.year(),
            month: Some(date.month()),
            day: Some(date.day()),
        }
    }
}

/// The runs of digits in a typed date; anything but the usual separators is not a date.
fn digit_groups(typed: &str) -> Result<Vec<String>, DateFault> {
    let typed = typed.trim();
    let known = |c: char| c.is_ascii_digit() || matches!(c, '/' | '-' | '.' | ' ');
    if typed.is_empty() || typed.len() > 20 || !typed.chars().all(known) {
        return Err(DateFault::Unreadable);
    }
    let groups = typed.split(|c: char| !c.is_ascii_digit());
    Ok(groups.filter(|g| !g.is_empty()).map(str::to_owned).collect())
}

fn slice(text: &str, from: usize, to: usize) -> Result<&str, DateFault> {
    text.get(from..to).ok_or(DateFault::Unreadable)
}

/// As written by hand at a counter: dd/MM/yyyy, MM/yyyy or yyyy.
impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.day, self.month) {
            (Some(day), Some(month)) => write!(f, "{day:02}/{month:02}/{:04}", self.year),
            (None, Some(month)) => write!(f, "{month:02}/{:04}", self.year),
            (_, None) => write!(f, "{:04}", self.year),
        }
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = match (self.day, self.month) {
            (Some(_), _) => "day",
            (None, Some(_)) => "month",
            (None, None) => "year",
        };
        write!(f, "PartialDate({known}, redacted)")
    }
}

impl FromStr for PartialDate {
    type Err = DateFault;

    /// The ISO form only: what a file or a wire holds.
    fn from_str(text: &str) -> Result<Self, DateFault> {
        let parts: Vec<&str> = text.split('-').collect();
        let padded = |part: &str| part.len() == 2;
        match *parts.as_slice() {
            [year] => Self::from_texts(year, None, None),
            [year, month] if padded(month) => Self::from_texts(year, Some(month), None),
            [year, month, day] if padded(month) && padded(day) => {
                Self::from_texts(year, Some(month), Some(day))
            }
            _ => Err(DateFault::Unreadable),
        }
    }
}

impl TryFrom<String> for PartialDate {
    type Error = DateFault;
    fn try_from(text: String) -> Result<Self, DateFault> {
        text.parse()
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        match (date.month, date.day) {
            (Some(month), Some(day)) => format!("{:04}-{month:02}-{day:02}", date.year),
            (Some(month), None) => format!("{:04}-{month:02}", date.year),
            (None, _) => format!("{:04}", date.year),
        }
    }
}

/// The words of a civil register for a day, a month and a year.
mod words {
    use crate::number_words::{below_hundred, number_words_vi};

    fn plain(n: i8) -> String {
        below_hundred(n.unsigned_abs().into())
    }

    /// Days one to ten carry "mồng".
    pub(super) fn day(day: i8) -> String {
        if day <= 10 {
            format!("mồng {}", plain(day))
        } else {
            plain(day)
        }
    }

    /// April is "tháng tư", the other months are plain numbers.
    pub(super) fn month(month: i8) -> String {
        if month == 4 {
            "tư".to_owned()
        } else {
            plain(month)
        }
    }

    pub(super) fn year(year: i16) -> String {
        number_words_vi(year.unsigned_abs().into())
    }
}

#[cfg(test)]
#[path = "partial_date_tests.rs"]
mod tests;

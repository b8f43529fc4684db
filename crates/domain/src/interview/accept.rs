//! Judges one answer: what a screen sends becomes a typed value, or a fault that says what to do.
//!
//! Bounds stand before everything else, so that 10,000 characters cost nothing. The same checks run again on
//! stored answers, because a list, a procedure's version or the day may have changed since.

use super::address::{ADDRESS_CHARS_MAX, check_address, cleaned};
use super::fault::AnswerFault;
use super::lists::Lists;
use super::{amounts, rows};
use crate::answer::{Address, AnswerValue};
use crate::id_number::{IdFault, IdNumber, insurance_number};
use crate::ids::QuestionId;
use crate::partial_date::{DateFault, PartialDate};
use crate::procedure::{Procedure, Question, QuestionKind};
use crate::text::{clean, has_pictograph};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use ts_rs::TS;
use unicode_normalization::char::is_combining_mark;

/// Characters that a name may have. Long minority names are far below it.
pub const NAME_CHARS_MAX: u32 = 200;
/// Characters that a free text may have.
pub const TEXT_CHARS_MAX: u32 = 2000;
/// Signs beside letters that real names hold: Y Ku'Ênuôl, H’Mông, Bích-Hà.
const NAME_SIGNS: &str = " -'’‘ʼ.·";

/// What a screen sends.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum RawAnswer {
    /// As typed, or the value of an option.
    Text(String),
    Address(Address),
    Flag(bool),
    /// Every row of a group, each with the cells that are not empty.
    Rows(Vec<BTreeMap<QuestionId, RawAnswer>>),
    /// Nothing: the field was emptied.
    Clear,
}

impl fmt::Debug for RawAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawAnswer(redacted)")
    }
}

/// Judges what was sent for a question. `None` is an emptied field.
///
/// # Errors
/// [`AnswerFault`] by what the person can do about it. Nothing is lost by a fault: see [`super::record`].
pub fn accept(
    procedure: &Procedure,
    question: &QuestionId,
    raw: &RawAnswer,
    today: Date,
    lists: &Lists,
) -> Result<Option<AnswerValue>, AnswerFault> {
    let question = procedure.question(question).ok_or(AnswerFault::UnknownQuestion)?;
    accept_for(question, raw, today, lists)
}

/// [`accept`] for a question that is at hand: one of the procedure, or a column of a group.
pub(super) fn accept_for(
    question: &Question,
    raw: &RawAnswer,
    today: Date,
    lists: &Lists,
) -> Result<Option<AnswerValue>, AnswerFault> {
    match (&question.kind, raw) {
        (QuestionKind::Computed {}, _) => Err(AnswerFault::NotEditable),
        (_, RawAnswer::Clear) => Ok(None),
        (QuestionKind::Flag {}, RawAnswer::Flag(flag)) => Ok(Some(AnswerValue::Flag(*flag))),
        (QuestionKind::Address { .. }, RawAnswer::Address(address)) => {
            let value = AnswerValue::Address(cleaned(address));
            check_value(question, &value, today, lists).map(|()| Some(value))
        }
        (QuestionKind::Group { questions, .. }, RawAnswer::Rows(typed)) => {
            let value = rows::read(questions, typed, today, lists)?;
            let rows = value.as_rows().map_or(0, <[_]>::len);
            check_value(question, &value, today, lists).map(|()| (rows > 0).then_some(value))
        }
        (QuestionKind::Flag {} | QuestionKind::Address { .. } | QuestionKind::Group { .. }, _) => {
            Err(AnswerFault::WrongKind)
        }
        (_, RawAnswer::Text(typed)) => read_text(question, typed, today, lists),
        (_, RawAnswer::Address(_) | RawAnswer::Flag(_) | RawAnswer::Rows(_)) => Err(AnswerFault::WrongKind),
    }
}

/// Reads typed text for a question that is answered in writing.
pub(super) fn read_text(
    question: &Question,
    typed: &str,
    today: Date,
    lists: &Lists,
) -> Result<Option<AnswerValue>, AnswerFault> {
    let text = clean(typed);
    if text.is_empty() {
        return Ok(None);
    }
    within(&text, chars_max(&question.kind))?;
    let value = read_kind(&question.kind, text)?;
    check_value(question, &value, today, lists).map(|()| Some(value))
}

fn read_kind(kind: &QuestionKind, text: String) -> Result<AnswerValue, AnswerFault> {
    Ok(match kind {
        QuestionKind::PersonName {} | QuestionKind::Text { .. } => AnswerValue::Text(text),
        QuestionKind::Choice { .. } | QuestionKind::ListChoice { .. } => AnswerValue::Choice(text),
        QuestionKind::IdNumber {} => AnswerValue::Text(id_digits(&text)?),
        QuestionKind::InsuranceNumber {} => {
            AnswerValue::Text(insurance_number(&text).ok_or(AnswerFault::InsuranceShape)?)
        }
        QuestionKind::Phone {} => AnswerValue::Text(phone_digits(&text)),
        QuestionKind::Time {} => AnswerValue::Text(amounts::time(&text).ok_or(AnswerFault::TimeUnreadable)?),
        QuestionKind::Money { .. } => {
            AnswerValue::Number(amounts::dong(&text).ok_or(AnswerFault::MoneyUnreadable)?)
        }
        QuestionKind::Date { .. } => AnswerValue::Date(PartialDate::parse(&text).map_err(date_fault)?),
        QuestionKind::Number { .. } => AnswerValue::Number(
            text.replace(['.', ' '], "")
                .parse()
                .map_err(|_| AnswerFault::NumberUnreadable)?,
        ),
        QuestionKind::Address { .. } | QuestionKind::Flag {} | QuestionKind::Group { .. } => {
            return Err(AnswerFault::WrongKind);
        }
        QuestionKind::Computed {} => return Err(AnswerFault::NotEditable),
    })
}

/// Does a value stand for a question today?
pub(super) fn check_value(
    question: &Question,
    value: &AnswerValue,
    today: Date,
    lists: &Lists,
) -> Result<(), AnswerFault> {
    match (&question.kind, value) {
        (QuestionKind::PersonName {}, AnswerValue::Text(name)) => check_name(name),
        (QuestionKind::Text { max, .. }, AnswerValue::Text(text)) => {
            check_text(text, max.unwrap_or(TEXT_CHARS_MAX))
        }
        (QuestionKind::IdNumber {}, AnswerValue::Text(digits)) => id_digits(digits).map(|_| ()),
        (QuestionKind::Phone {}, AnswerValue::Text(digits)) => check_phone(digits),
        (QuestionKind::InsuranceNumber {}, AnswerValue::Text(number)) => insurance_number(number)
            .map(|_| ())
            .ok_or(AnswerFault::InsuranceShape),
        (QuestionKind::Time {}, AnswerValue::Text(time)) => {
            amounts::time(time).map(|_| ()).ok_or(AnswerFault::TimeUnreadable)
        }
        (QuestionKind::Computed {}, AnswerValue::Text(_)) => Ok(()),
        (QuestionKind::Choice { options }, AnswerValue::Choice(value)) => {
            known_option(options.iter().any(|option| option.value == *value))
        }
        (QuestionKind::ListChoice { list }, AnswerValue::Choice(value)) => {
            known_option(lists.label(*list, value).is_some())
        }
        (
            QuestionKind::Date {
                partial_allowed,
                not_future,
            },
            AnswerValue::Date(date),
        ) => check_date(*date, *partial_allowed, *not_future, today),
        (QuestionKind::Number { min, max } | QuestionKind::Money { min, max }, AnswerValue::Number(n)) => {
            let inside = (min..=max).contains(&n);
            inside
                .then_some(())
                .ok_or(AnswerFault::NumberOutOfRange { min: *min, max: *max })
        }
        (QuestionKind::Group { min, max, questions }, AnswerValue::Rows(held)) => {
            rows::check(questions, (*min, *max), held, today, lists)
        }
        (QuestionKind::Address { detail_required }, AnswerValue::Address(address)) => {
            check_address(address, *detail_required, lists)
        }
        (QuestionKind::Flag {}, AnswerValue::Flag(_)) => Ok(()),
        (_, _) => Err(AnswerFault::WrongKind),
    }
}

pub(super) fn chars_max(kind: &QuestionKind) -> u32 {
    match kind {
        QuestionKind::Text { max, .. } => max.unwrap_or(TEXT_CHARS_MAX),
        QuestionKind::Computed {} | QuestionKind::Address { .. } => ADDRESS_CHARS_MAX,
        QuestionKind::PersonName {} | QuestionKind::Choice { .. } | QuestionKind::ListChoice { .. } => {
            NAME_CHARS_MAX
        }
        QuestionKind::IdNumber {} | QuestionKind::Date { .. } | QuestionKind::Number { .. } => NAME_CHARS_MAX,
        QuestionKind::Phone {} | QuestionKind::Flag {} | QuestionKind::InsuranceNumber {} => NAME_CHARS_MAX,
        QuestionKind::Time {} | QuestionKind::Money { .. } | QuestionKind::Group { .. } => NAME_CHARS_MAX,
    }
}

fn within(text: &str, max: u32) -> Result<(), AnswerFault> {
    let long = u32::try_from(text.chars().count()).is_ok_and(|count| count <= max);
    if long {
        Ok(())
    } else {
        Err(AnswerFault::TooLong { max })
    }
}

pub(super) fn known_option(known: bool) -> Result<(), AnswerFault> {
    if known {
        Ok(())
    } else {
        Err(AnswerFault::NotAnOption)
    }
}

pub(super) fn check_text(text: &str, max: u32) -> Result<(), AnswerFault> {
    within(text, max)?;
    if has_pictograph(text) {
        Err(AnswerFault::Pictograph)
    } else {
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), AnswerFault> {
    check_text(name, NAME_CHARS_MAX)?;
    let fits = |c: char| c.is_alphabetic() || is_combining_mark(c) || NAME_SIGNS.contains(c);
    let named = name.chars().any(char::is_alphabetic);
    if named && name.chars().all(fits) {
        Ok(())
    } else {
        Err(AnswerFault::NameSign)
    }
}

fn id_digits(text: &str) -> Result<String, AnswerFault> {
    match IdNumber::parse(text) {
        Ok(id) => Ok(id.as_str().to_owned()),
        Err(IdFault::Length(_)) => Err(AnswerFault::IdLength),
        Err(IdFault::NotDigits) => Err(AnswerFault::IdNotDigits),
    }
}

const fn date_fault(fault: DateFault) -> AnswerFault {
    match fault {
        DateFault::Unreadable => AnswerFault::DateUnreadable,
        DateFault::Impossible => AnswerFault::DateImpossible,
    }
}

/// A partial date is in the future only where all of it is.
fn check_date(date: PartialDate, partial: bool, not_future: bool, today: Date) -> Result<(), AnswerFault> {
    if not_future && date.earliest() > today {
        return Err(AnswerFault::DateInFuture);
    }
    if partial || date.whole().is_some() {
        Ok(())
    } else {
        Err(AnswerFault::DateIncomplete)
    }
}

/// Digits only, with the country code of Viet Nam turned into the leading zero.
fn phone_digits(text: &str) -> String {
    let bare = text.replace([' ', '.', '-', '(', ')'], "");
    bare.strip_prefix("+84")
        .map_or(bare.clone(), |rest| format!("0{}", rest.trim_start_matches('0')))
}

/// Mobile: 10 digits, `0[35789]…`; land line: 11 digits, `02…`.
fn check_phone(digits: &str) -> Result<(), AnswerFault> {
    let all = digits.chars().all(|c| c.is_ascii_digit());
    let mobile = digits.len() == 10
        && ["03", "05", "07", "08", "09"]
            .iter()
            .any(|p| digits.starts_with(p));
    let land = digits.len() == 11 && digits.starts_with("02");
    if all && (mobile || land) {
        Ok(())
    } else {
        Err(AnswerFault::PhoneShape)
    }
}

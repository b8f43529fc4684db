//! The rows of a repeated group: read, judged again, checked.
//!
//! **Invariant:** no cell that was typed is lost. One that cannot be read stays in its row as raw text, and the
//! group carries the fault of its first bad row until somebody mends it.

use super::accept::{RawAnswer, accept_for, check_value, read_text};
use super::address::cleaned;
use super::fault::AnswerFault;
use super::lists::Lists;
use crate::answer::{AnswerRow, AnswerValue};
use crate::ids::QuestionId;
use crate::procedure::{Question, ROWS_MAX};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Characters of one cell that are kept when it cannot be read.
pub(super) const CELL_CHARS_MAX: usize = 20_000;

/// Typed rows as values. Empty cells are left out; an empty row stays, for somebody has just added it.
///
/// # Errors
/// [`AnswerFault::WrongKind`] where a screen sends what no column asks for, or more rows than any group has.
pub(super) fn read(
    columns: &[Question],
    typed: &[BTreeMap<QuestionId, RawAnswer>],
    today: Date,
    lists: &Lists,
) -> Result<AnswerValue, AnswerFault> {
    if u32::try_from(typed.len()).is_ok_and(|rows| rows <= ROWS_MAX) {
        let rows: Result<Vec<AnswerRow>, AnswerFault> = typed
            .iter()
            .map(|row| read_row(columns, row, today, lists))
            .collect();
        Ok(AnswerValue::Rows(rows?))
    } else {
        Err(AnswerFault::WrongKind)
    }
}

fn read_row(
    columns: &[Question],
    typed: &BTreeMap<QuestionId, RawAnswer>,
    today: Date,
    lists: &Lists,
) -> Result<AnswerRow, AnswerFault> {
    let mut row = AnswerRow::new();
    for (id, raw) in typed {
        let column = columns
            .iter()
            .find(|column| column.id == *id)
            .ok_or(AnswerFault::WrongKind)?;
        if let Some(value) = read_cell(column, raw, today, lists)? {
            row.insert(id.clone(), value);
        }
    }
    Ok(row)
}

fn read_cell(
    column: &Question,
    raw: &RawAnswer,
    today: Date,
    lists: &Lists,
) -> Result<Option<AnswerValue>, AnswerFault> {
    match (accept_for(column, raw, today, lists), raw) {
        (Ok(value), _) => Ok(value),
        (Err(AnswerFault::WrongKind), _) => Err(AnswerFault::WrongKind),
        (Err(_), RawAnswer::Text(text)) if text.chars().count() <= CELL_CHARS_MAX => {
            Ok(Some(AnswerValue::Raw(text.clone())))
        }
        (Err(_), RawAnswer::Address(address)) => Ok(Some(AnswerValue::Address(cleaned(address)))),
        (Err(_), _) => Err(AnswerFault::WrongKind),
    }
}

/// Stored rows with their raw cells read again: yesterday's future may be today.
pub(super) fn settled(columns: &[Question], rows: &[AnswerRow], today: Date, lists: &Lists) -> AnswerValue {
    let mut rows = rows.to_vec();
    for (column, value) in rows.iter_mut().flatten().filter_map(|(id, value)| {
        let column = columns.iter().find(|column| column.id == *id)?;
        Some((column, value))
    }) {
        if let AnswerValue::Raw(typed) = &*value
            && let Ok(Some(read)) = read_text(column, typed, today, lists)
        {
            *value = read;
        }
    }
    AnswerValue::Rows(rows)
}

/// Why a cell cannot stand; an empty one always can.
pub(super) fn cell_fault(
    column: &Question,
    value: Option<&AnswerValue>,
    today: Date,
    lists: &Lists,
) -> Option<AnswerFault> {
    let value = value?;
    if let AnswerValue::Raw(typed) = value {
        read_text(column, typed, today, lists).err()
    } else {
        check_value(column, value, today, lists).err()
    }
}

/// Do the rows stand as they are? The first bad row is named, counted from 1.
pub(super) fn check(
    columns: &[Question],
    (min, max): (u32, u32),
    rows: &[AnswerRow],
    today: Date,
    lists: &Lists,
) -> Result<(), AnswerFault> {
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    // No row at all is an unanswered group, not a faulty one.
    if count > max || (0 < count && count < min) {
        return Err(AnswerFault::RowCount { min, max });
    }
    for (row, cells) in (1..).zip(rows) {
        let stray = cells
            .keys()
            .any(|id| !columns.iter().any(|column| column.id == *id));
        let faulty = columns
            .iter()
            .any(|c| cell_fault(c, cells.get(&c.id), today, lists).is_some());
        if stray || faulty {
            return Err(AnswerFault::RowFaulty { row });
        }
        let lacks = columns
            .iter()
            .any(|column| column.required && !cells.contains_key(&column.id));
        if lacks || cells.is_empty() {
            return Err(AnswerFault::RowIncomplete { row });
        }
    }
    Ok(())
}

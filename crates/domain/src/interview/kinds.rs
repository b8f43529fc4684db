//! The widget that a question wants, and of a group its rows with all their cells.

use super::accept::{NAME_CHARS_MAX, TEXT_CHARS_MAX};
use super::fault::Fault;
use super::lists::Lists;
use super::view::{OptionView, QuestionKindView, QuestionView};
use super::warnings::row_warnings;
use super::{rows, shown};
use crate::answer::AnswerRow;
use crate::procedure::{Question, QuestionKind};
use jiff::civil::Date;

pub(super) fn kind_view(kind: &QuestionKind) -> QuestionKindView {
    match kind {
        QuestionKind::PersonName {} => QuestionKindView::PersonName { max: NAME_CHARS_MAX },
        QuestionKind::Text { max, suggest } => QuestionKindView::Text {
            max: max.unwrap_or(TEXT_CHARS_MAX),
            suggest: suggest.clone(),
        },
        QuestionKind::Choice { options } => {
            let option = |o: &crate::procedure::ChoiceOption| OptionView {
                value: o.value.clone(),
                label: o.label.clone(),
            };
            QuestionKindView::Choice {
                options: options.iter().map(option).collect(),
            }
        }
        QuestionKind::ListChoice { list } => QuestionKindView::ListChoice { list: *list },
        QuestionKind::IdNumber {} => QuestionKindView::IdNumber,
        QuestionKind::InsuranceNumber {} => QuestionKindView::InsuranceNumber,
        QuestionKind::Time {} => QuestionKindView::Time,
        QuestionKind::Money { min, max } => QuestionKindView::Money { min: *min, max: *max },
        // A group's rows come with its answer: see `group_view`. A column is never a group.
        QuestionKind::Group { min, max, .. } => QuestionKindView::Group {
            columns: Vec::new(),
            rows: Vec::new(),
            min: *min,
            max: *max,
        },
        QuestionKind::Date {
            partial_allowed,
            not_future,
        } => QuestionKindView::Date {
            partial_allowed: *partial_allowed,
            not_future: *not_future,
        },
        QuestionKind::Address { detail_required } => QuestionKindView::Address {
            detail_required: *detail_required,
        },
        QuestionKind::Number { min, max } => QuestionKindView::Number { min: *min, max: *max },
        QuestionKind::Phone {} => QuestionKindView::Phone,
        QuestionKind::Flag {} => QuestionKindView::Flag,
        QuestionKind::Computed {} => QuestionKindView::Computed,
    }
}

/// A group with its rows as they stand.
pub(super) fn group_view(
    columns: &[Question],
    (min, max): (u32, u32),
    held: &[AnswerRow],
    today: Date,
    lists: &Lists,
) -> QuestionKindView {
    let row = |row: &AnswerRow| {
        columns
            .iter()
            .map(|column| cell_view(column, row, today, lists))
            .collect()
    };
    let empty = AnswerRow::new();
    QuestionKindView::Group {
        columns: row(&empty),
        rows: held.iter().map(row).collect(),
        min,
        max,
    }
}

/// One cell of a row. Its fault is its own; what it is compared with stands in the same row.
fn cell_view(column: &Question, row: &AnswerRow, today: Date, lists: &Lists) -> QuestionView {
    let value = row.get(&column.id);
    let (shown, shown_en) = value
        .map(|value| shown::shown(column, value, lists))
        .unwrap_or_default();
    QuestionView {
        id: column.id.clone(),
        kind: kind_view(&column.kind),
        label: column.label.clone(),
        hint: column.hint.clone(),
        required: column.required,
        value: value.cloned(),
        shown,
        shown_en,
        source: None,
        taken_from: None,
        review: false,
        confirmed: false,
        compared: false,
        confirm: false,
        warnings: row_warnings(column, row, lists),
        fault: rows::cell_fault(column, value, today, lists).map(Fault::from),
    }
}

//! A value as a person reads it, in Vietnamese and in English. Names of people and places stay as they are.

use super::amounts;
use super::lists::Lists;
use crate::answer::{Address, AnswerRow, AnswerValue};
use crate::id_number::IdNumber;
use crate::procedure::{ListName, Question, QuestionKind};
use crate::text::Words;

/// Vietnamese, then English.
pub(super) fn shown(question: &Question, value: &AnswerValue, lists: &Lists) -> (String, String) {
    let same = |text: String| (text.clone(), text);
    match value {
        AnswerValue::Choice(choice) => choice_label(question, choice, lists).map_or_else(
            || same(choice.clone()),
            |words| (words.vi.clone(), words.en.clone()),
        ),
        AnswerValue::Text(text) if matches!(question.kind, QuestionKind::IdNumber {}) => {
            same(IdNumber::parse(text).map_or_else(|_| text.clone(), |id| id.grouped()))
        }
        AnswerValue::Text(text) if matches!(question.kind, QuestionKind::Phone {}) => {
            same(grouped_phone(text))
        }
        AnswerValue::Text(text) | AnswerValue::Raw(text) => same(text.clone()),
        AnswerValue::Date(date) => same(date.to_string()),
        AnswerValue::Number(number) if matches!(question.kind, QuestionKind::Money { .. }) => {
            let dong = amounts::grouped(*number);
            (format!("{dong} đồng"), format!("{} dong", dong.replace('.', ",")))
        }
        AnswerValue::Number(number) => same(number.to_string()),
        AnswerValue::Rows(rows) => shown_rows(question, rows, lists),
        AnswerValue::Flag(true) => ("Có".to_owned(), "Yes".to_owned()),
        AnswerValue::Flag(false) => ("Không".to_owned(), "No".to_owned()),
        AnswerValue::Address(address) => shown_address(address, lists),
    }
}

fn choice_label<'a>(question: &'a Question, choice: &str, lists: &'a Lists) -> Option<&'a Words> {
    match &question.kind {
        QuestionKind::Choice { options } => options
            .iter()
            .find(|option| option.value == choice)
            .map(|option| &option.label),
        QuestionKind::ListChoice { list } => lists.label(*list, choice),
        QuestionKind::PersonName {} | QuestionKind::Text { .. } | QuestionKind::IdNumber {} => None,
        QuestionKind::Date { .. } | QuestionKind::Address { .. } | QuestionKind::Number { .. } => None,
        QuestionKind::Phone {} | QuestionKind::Flag {} | QuestionKind::Computed {} => None,
        QuestionKind::InsuranceNumber {} | QuestionKind::Time {} | QuestionKind::Money { .. } => None,
        QuestionKind::Group { .. } => None,
    }
}

/// Row after row, numbered: "1. Lò Văn Pâng, 03/02/1990, Nam; 2. …".
fn shown_rows(question: &Question, rows: &[AnswerRow], lists: &Lists) -> (String, String) {
    let line = |(at, row): (usize, &AnswerRow)| {
        let cells = question
            .columns()
            .iter()
            .filter_map(|c| Some(shown(c, row.get(&c.id)?, lists)));
        let (vi, en): (Vec<String>, Vec<String>) = cells.unzip();
        (
            format!("{}. {}", at + 1, vi.join(", ")),
            format!("{}. {}", at + 1, en.join(", ")),
        )
    };
    let (vi, en): (Vec<String>, Vec<String>) = rows.iter().enumerate().map(line).unzip();
    (vi.join("; "), en.join("; "))
}

/// 0912 345 678
fn grouped_phone(digits: &str) -> String {
    match (digits.get(..4), digits.get(4..7), digits.get(7..)) {
        (Some(a), Some(b), Some(c)) => format!("{a} {b} {c}"),
        _ => digits.to_owned(),
    }
}

/// From the house to the country; the country only abroad. What a card says stands behind, marked as such.
fn shown_address(address: &Address, lists: &Lists) -> (String, String) {
    let (mut vi, mut en) = place(address, lists);
    if !address.old_text.is_empty() {
        vi = format!("{vi} (trên thẻ: {})", address.old_text);
        en = format!("{en} (on the card: {})", address.old_text);
    }
    (vi.trim().to_owned(), en.trim().to_owned())
}

/// The place alone, in Vietnamese and English.
fn place(address: &Address, lists: &Lists) -> (String, String) {
    let commune = lists
        .units
        .commune(&address.commune)
        .map(|commune| commune.full_name.as_str());
    let province = lists
        .units
        .province(&address.province)
        .map(|province| province.full_name.as_str());
    let country = lists
        .label(ListName::Nationalities, &address.country)
        .filter(|_| address.country != "VN");
    let join = |country: Option<&str>| {
        let detail = Some(address.detail.as_str()).filter(|detail| !detail.is_empty());
        [detail, commune, province, country]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    };
    (
        join(country.map(|c| c.vi.as_str())),
        join(country.map(|c| c.en.as_str())),
    )
}

/// A value as it is printed on an official form: Vietnamese, numbers not grouped, and an address without what an
/// old card says of it.
pub(crate) fn printed(question: &Question, value: &AnswerValue, lists: &Lists) -> String {
    match value {
        AnswerValue::Text(text) => text.clone(),
        AnswerValue::Address(address) => place(address, lists).0,
        AnswerValue::Choice(_) | AnswerValue::Date(_) | AnswerValue::Number(_) | AnswerValue::Flag(_) => {
            shown(question, value, lists).0
        }
        AnswerValue::Rows(_) => shown(question, value, lists).0,
        // What cannot be read stays blank, to be written by hand.
        AnswerValue::Raw(_) => String::new(),
    }
}

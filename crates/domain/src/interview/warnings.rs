//! What does not block and a person should see: broken rules that only warn, and numbers that disagree with the form.

use super::fault::Fault;
use super::lists::Lists;
use super::resolve::Resolution;
use crate::answer::{AnswerRow, AnswerValue};
use crate::expr::Scope;
use crate::id_number::{IdNumber, IdWarning, Sex, cross_check};
use crate::ids::QuestionId;
use crate::procedure::{IdCheck, Question, Severity, SexTerm};

/// The warnings of a question; of a group, those of all its rows.
pub(super) fn warnings(question: &Question, resolution: &Resolution<'_>, lists: &Lists) -> Vec<Fault> {
    let mut warnings: Vec<Fault> = resolution.broken(question, Severity::Warn).collect();
    if let (Some(check), Some(AnswerValue::Text(digits))) =
        (&question.id_check, resolution.value(&question.id))
    {
        warnings.extend(id_warnings(check, digits, &|id| resolution.value(id), lists));
    }
    if let Some(AnswerValue::Rows(held)) = resolution.value(&question.id) {
        let cells = held
            .iter()
            .flat_map(|row| question.columns().iter().map(move |column| (column, row)));
        warnings.extend(cells.flat_map(|(column, row)| row_warnings(column, row, lists)));
    }
    warnings
}

/// The warnings of one cell, compared with its own row.
pub(super) fn row_warnings(column: &Question, row: &AnswerRow, lists: &Lists) -> Vec<Fault> {
    match (&column.id_check, row.get(&column.id)) {
        (Some(check), Some(AnswerValue::Text(digits))) => {
            id_warnings(check, digits, &|id| row.get(id), lists)
        }
        _ => Vec::new(),
    }
}

type Lookup<'l, 'a> = &'l dyn Fn(&QuestionId) -> Option<&'a AnswerValue>;

fn id_warnings(check: &IdCheck, digits: &str, value: Lookup<'_, '_>, lists: &Lists) -> Vec<Fault> {
    let Ok(id) = IdNumber::parse(digits) else {
        return Vec::new();
    };
    let born = check.born.as_ref().and_then(|born| value(born)?.as_date());
    let sex = check.sex.as_ref().and_then(|term| sex_of(term, value));
    let mut warnings = cross_check(&id, sex, born.map(|date| date.year()));
    if id
        .structure()
        .is_some_and(|says| !lists.is_birth_place(says.place))
    {
        warnings.push(IdWarning::PlaceUnknown);
    }
    let fault = |w: IdWarning| Fault {
        code: w.code().to_owned(),
        words: w.words(),
    };
    warnings.into_iter().map(fault).collect()
}

fn sex_of(term: &SexTerm, value: Lookup<'_, '_>) -> Option<Sex> {
    match term {
        SexTerm::Fixed(sex) => Some(*sex),
        SexTerm::Question(question) => match value(question)?.as_str()? {
            "male" => Some(Sex::Male),
            "female" => Some(Sex::Female),
            _ => None,
        },
    }
}

//! Official forms as data: which answer stands in which field of a paper form, procedure by procedure.
//!
//! **Invariant:** a form never says what was not answered: a field without an answer is left out, and the paper
//! shows a dotted line for the pen. Nothing here knows how a form looks; that is its template's business.

mod check;
mod fill;
mod office;

pub use fill::{FilledForm, FormFacts};
pub use office::{long_date_vi, name_on_paper};

use crate::ids::{ProcedureCode, QuestionId};
use crate::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Terms inside one another, at most.
const DEPTH_MAX: usize = 6;

/// One official form: its name, its template, where it was read, and what stands in its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficialForm {
    /// Stable name, such as `birth_declaration`.
    pub id: String,
    pub name: Words,
    /// File of the template, beside the form's own.
    pub template: String,
    pub basis: Basis,
    pub maps: Vec<FormMap>,
}

/// Where the form's wording was read, and whether that was the gazette's own text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    pub vi: String,
    /// The same for a screen in English; the paper is in Vietnamese alone.
    #[serde(default)]
    pub en: Option<String>,
    /// False prints a line that says so at the foot of the form.
    pub verified: bool,
}

impl Basis {
    /// For a screen.
    #[must_use]
    pub fn words(&self) -> Words {
        Words {
            vi: self.vi.clone(),
            en: self.en.clone().unwrap_or_else(|| self.vi.clone()),
        }
    }
}

/// What stands in the fields for some procedures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormMap {
    /// Codes; `*` stands for every procedure.
    pub procedures: Vec<ProcedureCode>,
    /// The form is offered while this holds; always where absent.
    #[serde(default)]
    pub when: Option<Is>,
    pub fields: BTreeMap<String, Term>,
    #[serde(default)]
    pub rows: Option<RowMap>,
}

/// The rows of a table, taken from a repeated group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowMap {
    pub from: QuestionId,
    pub columns: BTreeMap<String, Term>,
}

/// A question answered with one of some values; a ticked flag answers `true`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Is {
    pub question: QuestionId,
    pub values: Vec<String>,
}

/// What is written into one field.
///
/// A question named `@subject_name`, `@subject_id`, `@filer_name`, `@filer_id` or `@relation` is the one that the
/// procedure itself names for that person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Term {
    /// A person's name in capitals, as civil registers print it.
    Name(QuestionId),
    /// The answer as a person reads it.
    Text(QuestionId),
    /// The digits of a number, for boxes.
    Digits(QuestionId),
    /// dd/MM/yyyy, as far as it is known.
    Date(QuestionId),
    /// "ngày 05 tháng 3 năm 1990".
    LongDate(QuestionId),
    DateWords(QuestionId),
    /// "09 giờ 15 phút".
    Time(QuestionId),
    /// "8.000 đồng".
    Money(QuestionId),
    MoneyWords(QuestionId),
    NumberWords(QuestionId),
    /// A tick: true where it holds.
    Is(Is),
    /// The first that has an answer.
    First(Vec<Term>),
    /// Parts in a row; a part without an answer is left out with the words before it.
    Sentence(Vec<Part>),
    /// One term for each value of a choice.
    Choose {
        question: QuestionId,
        of: BTreeMap<String, Term>,
    },
    Fixed(String),
    /// The procedure's name.
    Procedure {},
}

/// A part of a sentence and the words before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    #[serde(default)]
    pub before: String,
    pub term: Term,
}

/// Why a form's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FormFault {
    #[error("not a form file: {0}")]
    Json(#[from] serde_json::Error),
    #[error("terms stand more than {DEPTH_MAX} deep in one another")]
    TooDeep,
    #[error("{form}: {what}")]
    Mistake { form: String, what: String },
}

impl OfficialForm {
    /// Reads a form's file.
    ///
    /// # Errors
    /// [`FormFault`] with line and column, or what is too deep.
    pub fn from_json(bytes: &[u8]) -> Result<Self, FormFault> {
        let form: Self = serde_json::from_slice(bytes)?;
        form.check_depth()?;
        Ok(form)
    }

    /// The map for a procedure: its own before the one for every procedure.
    #[must_use]
    pub fn map_for(&self, procedure: &ProcedureCode) -> Option<&FormMap> {
        let named = |code: &str| {
            self.maps
                .iter()
                .find(|m| m.procedures.iter().any(|p| p.as_str() == code))
        };
        named(procedure.as_str()).or_else(|| named("*"))
    }
}

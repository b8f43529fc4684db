//! One question: its kind, its words, when it is asked, what fills it, and what it is checked against.

use crate::expr::Expr;
use crate::id_number::Sex;
use crate::ids::QuestionId;
use crate::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Questions of one procedure that the citizen confirms one by one, at most: more is not read, it is pressed.
pub const CONFIRM_MAX: usize = 12;
/// Rows that a repeated group may have.
pub const ROWS_MAX: u32 = 50;

/// What kind of answer is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum QuestionKind {
    /// A person's name: any letters, no rule about two words. Written as given; capitals are for paper only.
    PersonName {},
    Text {
        /// Characters, at most 2,000.
        #[serde(default)]
        max: Option<u32>,
        /// Offered while typing, never enforced.
        #[serde(default)]
        suggest: Vec<String>,
    },
    Choice {
        options: Vec<ChoiceOption>,
    },
    /// A choice from a list that is kept outside the procedure.
    ListChoice {
        list: ListName,
    },
    /// Nine or twelve digits.
    IdNumber {},
    /// A health insurance card (15 characters), a social insurance number (10 digits), or the personal number (12).
    InsuranceNumber {},
    Date {
        /// A year, or a month of a year, will do.
        #[serde(default)]
        partial_allowed: bool,
        #[serde(default)]
        not_future: bool,
    },
    Address {
        /// House, street or hamlet must be given.
        #[serde(default)]
        detail_required: bool,
    },
    /// Hour and minute of a day.
    Time {},
    Number {
        min: i64,
        max: i64,
    },
    /// Whole dong, typed with or without dots.
    Money {
        #[serde(default)]
        min: i64,
        max: i64,
    },
    Phone {},
    Flag {},
    /// Worked out by the procedure (see `prefill`), shown, sent, never typed.
    Computed {},
    /// The same few questions for each of several people or things, row by row.
    ///
    /// A column may be required and may carry `id_check` against its own row; it has no condition, prefill, rule or
    /// confirmation of its own, and is no group.
    Group {
        #[serde(default)]
        min: u32,
        max: u32,
        questions: Vec<Question>,
    },
}

/// Lists that change apart from procedures.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum ListName {
    EthnicGroups,
    Nationalities,
    Provinces,
    /// Relations to the head of a household.
    HouseholdRelations,
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    pub value: String,
    pub label: Words,
    /// What the upstream system calls it.
    #[serde(default)]
    pub upstream: Option<String>,
}

/// What stands in the field while nobody has answered: the first entry that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prefill {
    #[serde(default)]
    pub when: Option<Expr>,
    pub from: PrefillFrom,
    /// A guess that a person has to look at: the screen marks it.
    #[serde(default)]
    pub review: bool,
}

/// Where a prefilled value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PrefillFrom {
    /// The answer of another question, by reference: nothing is copied, so nothing can be lost.
    Question(QuestionId),
    /// A fixed choice.
    Choice(String),
    Number(i64),
    Flag(bool),
    /// A date in Vietnamese words.
    DateInWords(QuestionId),
}

/// What breaking a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The dossier cannot be sealed.
    Block,
    /// It is shown, and the officer decides.
    Warn,
}

/// A rule about a question and the words that are shown when it is surely broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Stable name, for tests and reports.
    pub code: String,
    pub rule: Expr,
    pub severity: Severity,
    pub message: Words,
}

/// The sex that a personal number is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SexTerm {
    Fixed(Sex),
    /// A choice with the values `male` and `female`.
    Question(QuestionId),
}

/// Compares a twelve-digit number with the rest of the form. It only ever warns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdCheck {
    #[serde(default)]
    pub sex: Option<SexTerm>,
    #[serde(default)]
    pub born: Option<QuestionId>,
}

/// One question of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub id: QuestionId,
    pub kind: QuestionKind,
    pub label: Words,
    #[serde(default)]
    pub hint: Option<Words>,
    /// Asked while this holds; always where absent.
    #[serde(default)]
    pub when: Option<Expr>,
    #[serde(default)]
    pub required: bool,
    /// Required while this holds, where `required` is not set.
    #[serde(default)]
    pub required_when: Option<Expr>,
    /// The citizen confirms it on its own when it was typed.
    #[serde(default)]
    pub confirm: bool,
    #[serde(default)]
    pub prefill: Vec<Prefill>,
    #[serde(default)]
    pub checks: Vec<Check>,
    #[serde(default)]
    pub id_check: Option<IdCheck>,
    /// The field's name upstream. An address names a pair: `X` says in or out of the country, `X_TrongNuoc` where. A time of day names the field of its hour, `GioX`; `PhutX` is its minute.
    #[serde(default)]
    pub upstream: Option<String>,
}

impl Question {
    /// The columns of a group; none of any other question.
    #[must_use]
    pub fn columns(&self) -> &[Self] {
        if let QuestionKind::Group { questions, .. } = &self.kind {
            questions
        } else {
            &[]
        }
    }

    /// This question and, of a group, its columns.
    pub fn with_columns(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.columns())
    }

    /// The upstream name of one of its options.
    #[must_use]
    pub fn upstream_value(&self, value: &str) -> Option<&str> {
        let QuestionKind::Choice { options } = &self.kind else {
            return None;
        };
        options
            .iter()
            .find(|option| option.value == value)?
            .upstream
            .as_deref()
    }
}

//! What was answered: values, where each came from, and the draft's whole set of answers.
//!
//! **Invariant:** nothing typed is ever lost. A text that cannot be read stays as [`AnswerValue::Raw`], a
//! hidden question keeps its answer, and `Debug` prints kinds, never what a person said. Deliberately absent:
//! meaning. Whether a value fits its question is judged in `interview`.

use crate::ids::QuestionId;
use crate::partial_date::PartialDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use ts_rs::TS;

/// A place of today, with the words of an old card beside it.
///
/// 442 old communes were split on 1 July 2025, so an old address is kept as text and the new one is asked for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// ISO 3166-1 alpha-2; `VN` at home.
    pub country: String,
    /// Two-digit province code as text; empty abroad.
    #[serde(default)]
    pub province: String,
    /// Five-digit commune code as text; empty abroad.
    #[serde(default)]
    pub commune: String,
    /// House, street, hamlet; the whole address abroad.
    #[serde(default)]
    pub detail: String,
    /// The address as printed on an older card, never interpreted.
    #[serde(default)]
    pub old_text: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(redacted)")
    }
}

/// One row of a repeated group: what stands in each of its columns. An empty cell is not in here.
pub type AnswerRow = BTreeMap<QuestionId, AnswerValue>;

/// One value, in the type that its question asks for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum AnswerValue {
    /// Names, free text, ID, insurance and phone numbers, cleaned to NFC; a time of day as `HH:MM`.
    Text(String),
    /// The value of an option, never its label.
    Choice(String),
    Date(PartialDate),
    /// A count, or an amount of dong.
    Number(#[ts(type = "number")] i64),
    Address(Address),
    Flag(bool),
    /// A repeated group, such as the members of a household. A cell that cannot be read stays as `Raw` in its row.
    Rows(Vec<AnswerRow>),
    /// As typed, and not readable: shown with its fault, never sent.
    Raw(String),
}

impl AnswerValue {
    /// The kind alone: what may stand in a log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Choice(_) => "choice",
            Self::Date(_) => "date",
            Self::Number(_) => "number",
            Self::Address(_) => "address",
            Self::Flag(_) => "flag",
            Self::Rows(_) => "rows",
            Self::Raw(_) => "raw",
        }
    }

    /// The string inside a text or a choice.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Choice(text) => Some(text),
            Self::Date(_) | Self::Number(_) | Self::Address(_) | Self::Flag(_) => None,
            Self::Rows(_) | Self::Raw(_) => None,
        }
    }

    #[must_use]
    pub const fn as_date(&self) -> Option<PartialDate> {
        if let Self::Date(date) = self {
            Some(*date)
        } else {
            None
        }
    }

    #[must_use]
    pub const fn as_number(&self) -> Option<i64> {
        if let Self::Number(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    #[must_use]
    pub const fn as_flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self {
            Some(*flag)
        } else {
            None
        }
    }

    /// The rows of a repeated group.
    #[must_use]
    pub fn as_rows(&self) -> Option<&[AnswerRow]> {
        if let Self::Rows(rows) = self {
            Some(rows)
        } else {
            None
        }
    }

    #[must_use]
    pub const fn as_address(&self) -> Option<&Address> {
        if let Self::Address(address) = self {
            Some(address)
        } else {
            None
        }
    }
}

impl fmt::Debug for AnswerValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(redacted)", self.kind())
    }
}

/// Who or what put the value there. Editing a scanned value makes it typed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum AnswerSource {
    /// The officer's or volunteer's keys.
    Typed,
    /// A card's QR code.
    Scanned,
    /// The citizen's own window.
    Citizen,
    /// The procedure itself: taken from another answer, worked out, or suggested.
    Computed,
    /// An earlier dossier of the same person (return memory, corrected dossier).
    Kept,
    /// Print on a captured paper, as the machine read it: a person has to compare it with the paper.
    Paper,
}

/// A value with its source and the citizen's confirmation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub value: AnswerValue,
    pub source: AnswerSource,
    /// The citizen has read this very value and agreed. A new value is not confirmed.
    #[serde(default)]
    pub confirmed: bool,
    /// Read on a paper by the machine: whoever helps has compared this very value with the paper.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compared: bool,
}

impl Answer {
    /// An unconfirmed answer.
    #[must_use]
    pub const fn new(value: AnswerValue, source: AnswerSource) -> Self {
        Self {
            value,
            source,
            confirmed: false,
            compared: false,
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("value", &self.value)
            .field("source", &self.source)
            .field("confirmed", &self.confirmed)
            .finish()
    }
}

/// Every answer of a draft, visible or hidden, in the order of question ids.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(transparent)]
pub struct Answers(pub BTreeMap<QuestionId, Answer>);

impl Answers {
    #[must_use]
    pub fn get(&self, question: &QuestionId) -> Option<&Answer> {
        self.0.get(question)
    }

    /// Puts an answer and hands back what stood there.
    pub fn set(&mut self, question: QuestionId, answer: Answer) -> Option<Answer> {
        self.0.insert(question, answer)
    }

    pub fn remove(&mut self, question: &QuestionId) -> Option<Answer> {
        self.0.remove(question)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&QuestionId, &Answer)> {
        self.0.iter()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn value(&self, question: &QuestionId) -> Option<&AnswerValue> {
        self.get(question).map(|answer| &answer.value)
    }

    /// The string of a text or choice answer.
    #[must_use]
    pub fn text(&self, question: &QuestionId) -> Option<&str> {
        self.value(question).and_then(AnswerValue::as_str)
    }

    #[must_use]
    pub fn date(&self, question: &QuestionId) -> Option<PartialDate> {
        self.value(question).and_then(AnswerValue::as_date)
    }

    /// Marks an answer as read and agreed (or not) by the citizen. False where there is no such answer.
    pub fn confirm(&mut self, question: &QuestionId, confirmed: bool) -> bool {
        let Some(answer) = self.0.get_mut(question) else {
            return false;
        };
        answer.confirmed = confirmed;
        true
    }

    /// Marks what the machine read on a paper as compared with it. False where there is no such answer.
    pub fn compare(&mut self, question: &QuestionId) -> bool {
        let Some(answer) = self.0.get_mut(question) else {
            return false;
        };
        answer.compared = true;
        true
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_prints_what_a_person_said() {
        let mut answers = Answers::default();
        answers.set(
            "child_name".into(),
            Answer::new(AnswerValue::Text("Lò Thị Mây".into()), AnswerSource::Typed),
        );
        let home = Address {
            country: "VN".into(),
            detail: "Bản Nà Tông".into(),
            ..Address::default()
        };
        answers.set(
            "home".into(),
            Answer::new(AnswerValue::Address(home), AnswerSource::Scanned),
        );
        let printed = format!("{answers:?}");
        assert!(printed.contains("child_name"), "ids may be logged: {printed}");
        assert!(
            !printed.contains("Mây") && !printed.contains("Nà Tông"),
            "values may not: {printed}"
        );
    }

    #[test]
    fn answers_keep_their_shape_in_json() {
        let json = r#"{"copies":{"value":{"kind":"number","value":2},"source":"typed","confirmed":true}}"#;
        let answers: Answers = serde_json::from_str(json).unwrap();
        assert_eq!(
            answers.value(&"copies".into()).and_then(AnswerValue::as_number),
            Some(2)
        );
        assert_eq!(serde_json::to_string(&answers).unwrap(), json);
        assert!(serde_json::from_str::<Answers>(&json.replace("confirmed", "confirmd")).is_err());
    }

    #[test]
    fn confirming_needs_an_answer() {
        let mut answers = Answers::default();
        assert!(!answers.confirm(&"child_name".into(), true));
        answers.set(
            "child_name".into(),
            Answer::new(AnswerValue::Text("Lò Thị Mây".into()), AnswerSource::Typed),
        );
        assert!(answers.confirm(&"child_name".into(), true));
        assert!(answers.get(&"child_name".into()).unwrap().confirmed);
    }
}

//! Answers into fields: one pass, pure.

use super::office::{long_date_vi, name_on_paper};
use super::{Is, OfficialForm, RowMap, Term};
use crate::answer::{AnswerRow, AnswerValue, Answers};
use crate::ids::QuestionId;
use crate::interview::Lists;
use crate::interview::shown::printed;
use crate::number_words::{dong_words_vi, number_words_vi};
use crate::partial_date::PartialDate;
use crate::procedure::{Procedure, Question};
use serde_json::{Map, Value};

/// What a form is filled from. `answers` are those of [`crate::interview::sendable`]: visible and readable.
#[derive(Clone, Copy)]
pub struct FormFacts<'a> {
    pub procedure: &'a Procedure,
    pub answers: &'a Answers,
    pub lists: &'a Lists,
}

impl std::fmt::Debug for FormFacts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FormFacts({})", self.procedure.code)
    }
}

/// A form with what stands in its fields: texts and ticks by field name. A field that is not here is blank.
#[derive(Clone, PartialEq, Eq)]
pub struct FilledForm {
    pub id: String,
    pub name: String,
    pub template: String,
    /// The line at the foot where the form's wording is not verified.
    pub note: Option<String>,
    pub fields: Map<String, Value>,
    pub rows: Vec<Map<String, Value>>,
}

impl std::fmt::Debug for FilledForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FilledForm({}, {} fields)", self.id, self.fields.len())
    }
}

impl OfficialForm {
    /// Is this form one of the procedure's, with these answers?
    #[must_use]
    pub fn applies(&self, facts: FormFacts<'_>) -> bool {
        self.map_for(&facts.procedure.code)
            .is_some_and(|map| map.when.as_ref().is_none_or(|is| Scope::Form(facts).holds(is)))
    }

    /// The form with its fields filled; none where it is no form of this procedure.
    #[must_use]
    pub fn fill(&self, facts: FormFacts<'_>) -> Option<FilledForm> {
        let map = self.map_for(&facts.procedure.code)?;
        let unverified = format!("{}; chưa đối chiếu với bản đăng Công báo.", self.basis.vi);
        Some(FilledForm {
            id: self.id.clone(),
            name: self.name.vi.clone(),
            template: self.template.clone(),
            note: (!self.basis.verified).then_some(unverified),
            fields: filled(&map.fields, Scope::Form(facts)),
            rows: map.rows.as_ref().map(|r| table(r, facts)).unwrap_or_default(),
        })
    }
}

fn table(rows: &RowMap, facts: FormFacts<'_>) -> Vec<Map<String, Value>> {
    let Some(question) = facts.procedure.question(&rows.from) else {
        return Vec::new();
    };
    let given = facts.answers.value(&rows.from).and_then(AnswerValue::as_rows);
    let row = |row| filled(&rows.columns, Scope::Row(facts, question, row));
    given.unwrap_or_default().iter().map(row).collect()
}

fn filled(terms: &std::collections::BTreeMap<String, Term>, scope: Scope<'_>) -> Map<String, Value> {
    let fields = terms
        .iter()
        .filter_map(|(name, term)| Some((name.clone(), scope.value(term)?)));
    fields.collect()
}

/// Where a question's answer is looked up: the whole form, or one row of a group.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Form(FormFacts<'a>),
    Row(FormFacts<'a>, &'a Question, &'a AnswerRow),
}

impl<'a> Scope<'a> {
    const fn facts(self) -> FormFacts<'a> {
        match self {
            Self::Form(facts) | Self::Row(facts, ..) => facts,
        }
    }

    fn held(self, id: &QuestionId) -> Option<(&'a Question, &'a AnswerValue)> {
        match self {
            Self::Form(facts) => {
                let id = named(facts.procedure, id)?;
                Some((facts.procedure.question(id)?, facts.answers.value(id)?))
            }
            Self::Row(_, question, row) => {
                let column = question.columns().iter().find(|c| c.id == *id)?;
                Some((column, row.get(id)?))
            }
        }
    }

    fn text(self, id: &QuestionId) -> Option<String> {
        let (question, value) = self.held(id)?;
        Some(printed(question, value, self.facts().lists)).filter(|t| !t.is_empty())
    }

    fn date(self, id: &QuestionId) -> Option<PartialDate> {
        self.held(id)?.1.as_date()
    }

    fn number(self, id: &QuestionId) -> Option<u64> {
        self.held(id)?.1.as_number().and_then(|n| u64::try_from(n).ok())
    }

    fn holds(self, is: &Is) -> bool {
        let Some((_, value)) = self.held(&is.question) else {
            return false;
        };
        let word = match value.as_flag() {
            Some(flag) => flag.to_string(),
            None => value.as_str().unwrap_or_default().to_owned(),
        };
        is.values.contains(&word)
    }

    /// Ticks are true or absent, everything else is text or absent.
    fn value(self, term: &Term) -> Option<Value> {
        match term {
            Term::Is(is) => self.holds(is).then_some(Value::Bool(true)),
            Term::First(terms) => terms.iter().find_map(|term| self.value(term)),
            Term::Choose { question, of } => self
                .held(question)?
                .1
                .as_str()
                .and_then(|v| self.value(of.get(v)?)),
            Term::Name(_) | Term::Text(_) | Term::Digits(_) | Term::Fixed(_) | Term::Procedure {} => {
                self.said(term)
            }
            Term::Date(_) | Term::LongDate(_) | Term::DateWords(_) | Term::Time(_) | Term::Sentence(_) => {
                self.said(term)
            }
            Term::Money(_) | Term::MoneyWords(_) | Term::NumberWords(_) => self.said(term),
        }
    }

    fn said(self, term: &Term) -> Option<Value> {
        self.words(term).filter(|w| !w.is_empty()).map(Value::String)
    }

    fn words(self, term: &Term) -> Option<String> {
        Some(match term {
            Term::Name(id) => name_on_paper(&self.text(id)?),
            Term::Text(id) => self.text(id)?,
            Term::Digits(id) => self.text(id)?.chars().filter(char::is_ascii_digit).collect(),
            Term::Date(id) => self.date(id)?.to_string(),
            Term::LongDate(id) => long_date_vi(self.date(id)?),
            Term::DateWords(id) => self.date(id)?.in_words_vi(),
            Term::Time(id) => {
                let text = self.text(id)?;
                let (hour, minute) = text.split_once(':')?;
                format!("{hour} giờ {minute} phút")
            }
            Term::Money(id) => self.text(id)?,
            Term::MoneyWords(id) => dong_words_vi(self.number(id)?),
            Term::NumberWords(id) => number_words_vi(self.number(id)?),
            Term::Sentence(parts) => {
                let said = parts
                    .iter()
                    .filter_map(|p| Some(format!("{}{}", p.before, self.value(&p.term)?.as_str()?)));
                said.collect::<String>().trim().to_owned()
            }
            Term::Fixed(text) => text.clone(),
            Term::Procedure {} => self.facts().procedure.name.vi.clone(),
            Term::Is(_) | Term::First(_) | Term::Choose { .. } => return None,
        })
    }
}

/// The question that an `@` name stands for.
fn named<'a>(procedure: &'a Procedure, id: &'a QuestionId) -> Option<&'a QuestionId> {
    let people = &procedure.people;
    match id.as_str() {
        "@subject_name" => Some(&people.subject_name),
        "@subject_id" => people.subject_id.as_ref(),
        "@filer_name" => Some(&people.filer_name),
        "@filer_id" => people.filer_id.as_ref(),
        "@relation" => people.relation.as_ref(),
        _ => Some(id),
    }
}

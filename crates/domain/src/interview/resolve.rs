//! Which questions are visible and what stands in each: one pass in the procedure's order.
//!
//! **Invariant:** an expression sees only readable answers of visible questions, so a hidden answer can decide
//! nothing; it is kept in the draft and never in [`sendable`].

use super::accept::{check_value, read_text};
use super::facts::Facts;
use super::fault::{AnswerFault, Fault};
use super::rows;
use crate::answer::{Answer, AnswerSource, AnswerValue, Answers};
use crate::expr::Scope;
use crate::ids::{ComponentId, QuestionId};
use crate::procedure::{Channel, Page, Prefill, PrefillFrom, Procedure, Question, Severity};
use jiff::civil::Date;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What stands in a visible question.
pub(super) struct Held<'a> {
    pub value: Cow<'a, AnswerValue>,
    pub source: AnswerSource,
    pub confirmed: bool,
    pub compared: bool,
    pub taken_from: Option<&'a QuestionId>,
    pub review: bool,
    pub fault: Option<AnswerFault>,
}

/// Every visible question with what it holds. A hidden question is not in here.
pub(super) struct Resolution<'a> {
    open: BTreeMap<&'a QuestionId, Option<Held<'a>>>,
    facts: &'a Facts<'a>,
}

impl Scope for Resolution<'_> {
    fn value(&self, question: &QuestionId) -> Option<&AnswerValue> {
        let held = self.held(question)?;
        held.fault.is_none().then_some(&*held.value)
    }

    fn today(&self) -> Date {
        self.facts.today
    }

    fn channel(&self) -> Option<Channel> {
        self.facts.channel
    }

    fn files(&self, component: &ComponentId) -> usize {
        self.facts.files.get(component).copied().unwrap_or(0)
    }
}

impl<'a> Resolution<'a> {
    pub(super) fn new(procedure: &'a Procedure, answers: &'a Answers, facts: &'a Facts<'a>) -> Self {
        let mut resolution = Self {
            open: BTreeMap::new(),
            facts,
        };
        for (page, question) in procedure.in_order() {
            if resolution.is_visible(page, question) {
                let held = resolution
                    .own(question, answers)
                    .or_else(|| resolution.prefilled(question));
                resolution.open.insert(&question.id, held);
            }
        }
        resolution
    }

    pub(super) fn is_open(&self, question: &QuestionId) -> bool {
        self.open.contains_key(question)
    }

    pub(super) fn held(&self, question: &QuestionId) -> Option<&Held<'a>> {
        self.open.get(question)?.as_ref()
    }

    fn is_visible(&self, page: &Page, question: &Question) -> bool {
        [&page.when, &question.when]
            .into_iter()
            .flatten()
            .all(|when| when.holds(self))
    }

    fn own(&self, question: &'a Question, answers: &'a Answers) -> Option<Held<'a>> {
        let answer = answers.get(&question.id)?;
        let (value, fault) = self.judged(question, &answer.value)?;
        let Answer {
            source,
            confirmed,
            compared,
            ..
        } = *answer;
        // What the machine read on a paper is a suggestion until whoever helps has compared it, and, where the citizen is
        // asked one by one, until the citizen has agreed to it.
        let agreed = compared && (confirmed || !question.confirm);
        Some(Held {
            value,
            source,
            confirmed,
            compared,
            taken_from: None,
            review: source == AnswerSource::Paper && !agreed,
            fault,
        })
    }

    /// A raw text is judged again each time: yesterday's future may be today.
    fn judged(
        &self,
        question: &Question,
        value: &'a AnswerValue,
    ) -> Option<(Cow<'a, AnswerValue>, Option<AnswerFault>)> {
        let Facts { today, lists, .. } = *self.facts;
        if let AnswerValue::Raw(typed) = value {
            return match read_text(question, typed, today, lists) {
                Ok(read) => read.map(|read| (Cow::Owned(read), None)),
                Err(fault) => Some((Cow::Borrowed(value), Some(fault))),
            };
        }
        let value = match value {
            AnswerValue::Rows(held) => Cow::Owned(rows::settled(question.columns(), held, today, lists)),
            AnswerValue::Text(_) | AnswerValue::Choice(_) | AnswerValue::Date(_) => Cow::Borrowed(value),
            AnswerValue::Number(_) | AnswerValue::Address(_) | AnswerValue::Flag(_) => Cow::Borrowed(value),
            AnswerValue::Raw(_) => Cow::Borrowed(value),
        };
        let fault = check_value(question, &value, today, lists).err();
        Some((value, fault))
    }

    fn prefilled(&self, question: &'a Question) -> Option<Held<'a>> {
        let prefill = question
            .prefill
            .iter()
            .find(|p| p.when.as_ref().is_none_or(|when| when.holds(self)))?;
        let value = self.prefill_value(prefill)?;
        let fault = check_value(question, &value, self.facts.today, self.facts.lists).err();
        let taken_from = match &prefill.from {
            PrefillFrom::Question(from) => Some(from),
            PrefillFrom::Choice(_) | PrefillFrom::Number(_) => None,
            PrefillFrom::Flag(_) | PrefillFrom::DateInWords(_) => None,
        };
        let (source, review) = (AnswerSource::Computed, prefill.review);
        Some(Held {
            value: Cow::Owned(value),
            source,
            confirmed: false,
            compared: false,
            taken_from,
            review,
            fault,
        })
    }

    fn prefill_value(&self, prefill: &Prefill) -> Option<AnswerValue> {
        match &prefill.from {
            PrefillFrom::Question(from) => self.value(from).cloned(),
            PrefillFrom::Choice(value) => Some(AnswerValue::Choice(value.clone())),
            PrefillFrom::Number(number) => Some(AnswerValue::Number(*number)),
            PrefillFrom::Flag(flag) => Some(AnswerValue::Flag(*flag)),
            PrefillFrom::DateInWords(from) => {
                let date = self.value(from)?.as_date()?;
                Some(AnswerValue::Text(date.in_words_vi()))
            }
        }
    }

    /// Must this question be answered, as things stand?
    pub(super) fn is_required(&self, question: &Question) -> bool {
        question.required
            || question
                .required_when
                .as_ref()
                .is_some_and(|when| when.holds(self))
    }

    /// The first fault of a question: its own, or a blocking rule that is surely broken.
    pub(super) fn fault_of(&self, question: &Question) -> Option<Fault> {
        let held = self.held(&question.id)?;
        let own = held.fault.map(Fault::from);
        own.or_else(|| self.broken(question, Severity::Block).next())
    }

    /// Broken rules of one severity, for a question that has a readable answer.
    pub(super) fn broken(&self, question: &'a Question, severity: Severity) -> impl Iterator<Item = Fault> {
        let answered = self.value(&question.id).is_some();
        let checks = question
            .checks
            .iter()
            .filter(move |check| answered && check.severity == severity);
        checks.filter(|check| check.rule.broken(self)).map(|check| Fault {
            code: check.code.clone(),
            words: check.message.clone(),
        })
    }
}

/// What may leave the counter: visible, readable and unblocked answers, worked-out ones included.
#[must_use]
pub fn sendable(procedure: &Procedure, answers: &Answers, facts: &Facts<'_>) -> Answers {
    let resolution = Resolution::new(procedure, answers, facts);
    let mut sent = Answers::default();
    for question in procedure
        .questions()
        .filter(|question| resolution.fault_of(question).is_none())
    {
        // What the machine read and nobody agreed to is no answer.
        let held = resolution.held(&question.id);
        if let Some(held) = held.filter(|held| !(held.review && held.source == AnswerSource::Paper)) {
            let value = held.value.clone().into_owned();
            sent.set(
                question.id.clone(),
                Answer {
                    value,
                    source: held.source,
                    confirmed: held.confirmed,
                    compared: held.compared,
                },
            );
        }
    }
    sent
}

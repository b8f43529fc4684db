//! Puts an answer into a draft so that nothing typed is ever lost.
//!
//! **Invariant:** a faulty text stays in the field as it was typed, marked as such; a value that did not change
//! keeps its source and the citizen's confirmation, a changed one loses both.

use super::accept::{RawAnswer, accept};
use super::address::cleaned;
use super::fault::AnswerFault;
use super::lists::Lists;
use super::rows;
use crate::answer::{Answer, AnswerSource, AnswerValue, Answers};
use crate::ids::QuestionId;
use crate::procedure::{Procedure, Question};
use jiff::civil::Date;

/// Records what was sent for a question. The fault is for the screen; the draft holds the answer either way.
///
/// Only what no question asked for ([`AnswerFault::UnknownQuestion`], [`AnswerFault::NotEditable`],
/// [`AnswerFault::WrongKind`]) changes nothing: it is a mistake of the screen, not of a person.
pub fn record(
    procedure: &Procedure,
    answers: &mut Answers,
    question: &QuestionId,
    raw: &RawAnswer,
    source: AnswerSource,
    today: Date,
    lists: &Lists,
) -> Option<AnswerFault> {
    match accept(procedure, question, raw, today, lists) {
        Ok(None) => {
            answers.remove(question);
            None
        }
        Ok(Some(value)) => {
            put(answers, question, value, source);
            None
        }
        Err(fault @ (AnswerFault::UnknownQuestion | AnswerFault::NotEditable | AnswerFault::WrongKind)) => {
            Some(fault)
        }
        Err(fault) => {
            match raw {
                RawAnswer::Text(typed) => put(answers, question, AnswerValue::Raw(typed.clone()), source),
                // An address holds its own faulty parts: the view judges it again.
                RawAnswer::Address(address) => {
                    put(answers, question, AnswerValue::Address(cleaned(address)), source);
                }
                // A group holds the faulty cells of its rows in the same way.
                RawAnswer::Rows(typed) => {
                    let columns = procedure.question(question).map_or(&[][..], Question::columns);
                    if let Ok(value) = rows::read(columns, typed, today, lists) {
                        put(answers, question, value, source);
                    }
                }
                RawAnswer::Flag(_) | RawAnswer::Clear => {}
            }
            Some(fault)
        }
    }
}

fn put(answers: &mut Answers, question: &QuestionId, value: AnswerValue, source: AnswerSource) {
    let unchanged = answers.value(question) == Some(&value);
    if !unchanged {
        answers.set(question.clone(), Answer::new(value, source));
    }
}

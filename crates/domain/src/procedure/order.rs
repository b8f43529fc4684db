//! Puts questions after everything that they depend on, so that one pass resolves them all.

use super::format::Procedure;
use super::question::{PrefillFrom, Question};
use crate::expr::{DateTerm, Expr, NumberTerm};
use crate::ids::QuestionId;
use std::collections::{BTreeMap, BTreeSet};

/// The order of questions as (page, question) indices.
///
/// # Errors
/// The ids of the questions that depend on themselves.
pub(super) fn order(procedure: &Procedure) -> Result<Vec<(usize, usize)>, Vec<QuestionId>> {
    let mut waiting = dependencies(procedure);
    let mut done: BTreeSet<&QuestionId> = BTreeSet::new();
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let before = order.len();
        waiting.retain(|place, (id, needs)| {
            let ready = needs.iter().all(|need| done.contains(need));
            if ready {
                done.insert(*id);
                order.push(*place);
            }
            !ready
        });
        if order.len() == before {
            return Err(waiting.into_values().map(|(id, _)| id.clone()).collect());
        }
    }
    Ok(order)
}

type Waiting<'a> = BTreeMap<(usize, usize), (&'a QuestionId, Vec<&'a QuestionId>)>;

fn dependencies(procedure: &Procedure) -> Waiting<'_> {
    let mut waiting = Waiting::new();
    for (p, page) in procedure.pages.iter().enumerate() {
        for (q, question) in page.questions.iter().enumerate() {
            let mut needs = Vec::new();
            page.when.iter().for_each(|when| read_by(when, &mut needs));
            needs_of(question, &mut needs);
            waiting.insert((p, q), (&question.id, needs));
        }
    }
    waiting
}

/// What visibility and value depend on. Requirement and checks come after, so they cannot make a loop.
fn needs_of<'a>(question: &'a Question, needs: &mut Vec<&'a QuestionId>) {
    question.when.iter().for_each(|when| read_by(when, needs));
    for prefill in &question.prefill {
        prefill.when.iter().for_each(|when| read_by(when, needs));
        match &prefill.from {
            PrefillFrom::Question(from) | PrefillFrom::DateInWords(from) => needs.push(from),
            PrefillFrom::Choice(_) | PrefillFrom::Number(_) | PrefillFrom::Flag(_) => {}
        }
    }
}

/// The questions that an expression reads.
pub(super) fn read_by<'a>(expr: &'a Expr, into: &mut Vec<&'a QuestionId>) {
    match expr {
        Expr::Answered(question) | Expr::Ticked(question) => into.push(question),
        Expr::Is { question, .. } | Expr::In { question, .. } => into.push(question),
        Expr::Same { left, right } => into.extend([left, right]),
        Expr::Compare { left, right, .. } => [left, right]
            .into_iter()
            .for_each(|term| number_reads(term, into)),
        Expr::Dates { left, right, .. } => into.extend([left, right].into_iter().filter_map(date_reads)),
        Expr::All(_) | Expr::Any(_) | Expr::Not(_) | Expr::Channel(_) => {}
    }
    expr.parts().iter().for_each(|part| read_by(part, into));
}

fn number_reads<'a>(term: &'a NumberTerm, into: &mut Vec<&'a QuestionId>) {
    match term {
        NumberTerm::Question(question) | NumberTerm::Rows(question) => into.push(question),
        NumberTerm::Days { from, to } | NumberTerm::Years { from, to } => {
            into.extend([from, to].into_iter().filter_map(date_reads));
        }
        NumberTerm::Number(_) | NumberTerm::Files(_) => {}
    }
}

fn date_reads(term: &DateTerm) -> Option<&QuestionId> {
    match term {
        DateTerm::Question(question) => Some(question),
        DateTerm::Today => None,
    }
}

//! The citizen's own hand: an answer written on their screen, on the page that stands there.
//!
//! **Invariant:** only what the screen offered to be written is taken; it is theirs, and the ledger says so.

use crate::access::{Caller, Window};
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::screens::Writing;
use crate::session::tally;
use crate::views::{CitizenPage, CitizenView, CitizenWrites, HalfWritten, Place};
use crate::walk;
use domain::answer::AnswerSource;
use domain::ids::{DossierId, QuestionId};
use domain::interview::{QuestionKindView, QuestionView, RawAnswer};
use domain::ledger::Hand;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::paper_file;
use ts_rs::TS;

/// Choices that fit on a screen as large buttons.
const CHOICES_MAX: usize = 8;
/// Letters that somebody writes on a screen by finger.
const LETTERS_MAX: u32 = 120;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct WriteAnswer {
    pub question: QuestionId,
    pub text: String,
}

impl std::fmt::Debug for WriteAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WriteAnswer({})", self.question)
    }
}

/// What they have come to; none once they leave it.
#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct KeepWriting {
    pub half: Option<HalfWritten>,
}

impl std::fmt::Debug for KeepWriting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeepWriting({:?})", self.half)
    }
}

/// Keeps what the citizen has written so far, and answers nothing: it is no answer before they say "Xong".
pub fn keep_writing(app: &App, _: Caller, request: KeepWriting) -> Result<Nothing, Problem> {
    let Some(mut half) = request.half else {
        app.screens().writing = None;
        return Ok(Nothing {});
    };
    half.text = half.text.chars().take(LETTERS_MAX as usize).collect();
    let dossier = app.with_session(|session| Ok(session.current()?.dossier))?;
    app.screens().writing = Some(Writing { dossier, half });
    Ok(Nothing {})
}

/// What stands half written on this page of this dossier.
pub(crate) fn half_written(app: &App, dossier: DossierId, page: &CitizenPage) -> Option<HalfWritten> {
    let writing = app.screens().writing.clone()?;
    let there = page
        .answers
        .iter()
        .any(|answer| answer.question == writing.half.question && answer.writes.is_some());
    (there && writing.dossier == dossier).then_some(writing.half)
}

/// How the citizen may write an answer; none where the officer's hand is needed (addresses, groups, long lists).
pub(crate) fn way(question: &QuestionView) -> Option<CitizenWrites> {
    use QuestionKindView as K;
    match &question.kind {
        K::PersonName { max } => Some(CitizenWrites::Words { max: *max }),
        K::Text { max, .. } if *max <= LETTERS_MAX => Some(CitizenWrites::Words { max: *max }),
        K::IdNumber | K::Phone | K::Number { .. } | K::Money { .. } => Some(CitizenWrites::Digits),
        K::Date { .. } => Some(CitizenWrites::Date),
        K::Time => Some(CitizenWrites::Time),
        K::Choice { options } if options.len() <= CHOICES_MAX => Some(CitizenWrites::Choice {
            options: options.clone(),
        }),
        K::Text { .. }
        | K::Choice { .. }
        | K::ListChoice { .. }
        | K::InsuranceNumber
        | K::Address { .. }
        | K::Flag
        | K::Computed
        | K::Group { .. } => None,
    }
}

pub fn write_answer(app: &App, caller: Caller, request: WriteAnswer) -> Result<CitizenView, Problem> {
    let own = caller.window == Window::Citizen;
    if request.text.chars().count() > LETTERS_MAX as usize {
        return Err(Problem::new(ProblemCode::TextTooLong).at(request.question));
    }
    app.with_session(|session| {
        let dossier = session.current()?.dossier;
        let files = paper_file::of_dossier(session.drafts.db(), &dossier)?;
        let row = session.current()?;
        let view = walk::interview(app, row, &files)?;
        let unknown = || Problem::new(ProblemCode::QuestionUnknown).at(request.question.clone());
        let Place::Page { page, .. } = walk::place(row) else {
            return Err(unknown());
        };
        let on_page = view.pages.iter().find(|p| p.id == page);
        let asked = on_page.and_then(|p| p.questions.iter().find(|q| q.id == request.question));
        if asked.and_then(way).is_none() {
            return Err(unknown());
        }
        let raw = if request.text.trim().is_empty() {
            RawAnswer::Clear
        } else {
            RawAnswer::Text(request.text.clone())
        };
        let (fault, is_another) = walk::record(app, row, &request.question, &raw, AnswerSource::Citizen)?;
        if is_another {
            row.body.filing = None;
            row.body.pages_confirmed.remove(&page);
        }
        app.screens().writing = None;
        // What they wrote themselves needs no second word from them, once it reads as what it should be.
        row.body.wrong.remove(&request.question);
        row.body.answers.confirm(&request.question, fault.is_none());
        if own {
            tally(row, &page, Hand::Citizen, true);
        }
        super::citizen::acted(app, session)
    })
}

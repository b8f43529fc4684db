//! Builds the view: pages, questions, what is missing, and what the citizen has to confirm.

use super::facts::Facts;
use super::kinds::{group_view, kind_view};
use super::lists::Lists;
use super::resolve::{Held, Resolution};
use super::view::{
    CardTarget, InterviewView, Missing, PageState, PageView, PaperNeed, QuestionView, Warning,
};
use super::warnings::warnings;
use super::{papers, shown, terms};
use crate::answer::{AnswerSource, AnswerValue, Answers};
use crate::expr::Scope;
use crate::ids::QuestionId;
use crate::procedure::{Page, Procedure, Question, QuestionKind};

/// Works out everything that a screen shows of a draft. Pure: the same answers and facts give the same view.
#[must_use]
pub fn view(procedure: &Procedure, answers: &Answers, facts: &Facts<'_>) -> InterviewView {
    let resolution = Resolution::new(procedure, answers, facts);
    let pages: Vec<PageView> = procedure
        .pages
        .iter()
        .filter_map(|page| page_view(procedure, page, &resolution, facts.lists))
        .collect();
    let papers = papers::needs(procedure, &resolution);
    let terms = terms::terms(procedure, &resolution, facts);
    let channel = terms.undecided.then_some(Missing::Channel);
    let missing: Vec<Missing> = channel.into_iter().chain(missing(&pages, &papers)).collect();
    InterviewView {
        complete: missing.is_empty(),
        missing,
        unconfirmed: unconfirmed(&pages),
        warnings: pages.iter().flat_map(page_warnings).collect(),
        fee_dong: terms.fee_dong,
        fee_lines: terms.fee_lines,
        working_days: terms.working_days,
        calendar_days: terms.calendar_days,
        due: terms.due,
        received_next_day: terms.received_next_day,
        channels: terms.channels,
        route: procedure.route_on(facts.today),
        deadline: terms::deadline(procedure, &resolution, facts),
        pages,
        papers,
    }
}

fn page_view(
    procedure: &Procedure,
    page: &Page,
    resolution: &Resolution<'_>,
    lists: &Lists,
) -> Option<PageView> {
    let open = page
        .questions
        .iter()
        .filter(|question| resolution.is_open(&question.id));
    let questions: Vec<QuestionView> = open
        .map(|question| question_view(question, resolution, lists))
        .collect();
    (!questions.is_empty()).then(|| PageView {
        id: page.id.clone(),
        title: page.title.clone(),
        say: page.say.clone(),
        help: page.help.clone(),
        state: page_state(&questions),
        cards: procedure
            .cards
            .iter()
            .filter(|block| {
                questions
                    .iter()
                    .any(|q| q.id == block.name && q.taken_from.is_none())
            })
            .map(|block| CardTarget {
                person: block.name.clone(),
                who: block.who.clone(),
            })
            .collect(),
        confirm: questions
            .iter()
            .filter(|q| q.confirm)
            .map(|q| q.id.clone())
            .collect(),
        questions,
    })
}

fn page_state(questions: &[QuestionView]) -> PageState {
    let touched = questions
        .iter()
        .any(|q| q.source.is_some_and(|source| source != AnswerSource::Computed));
    let lacks = questions
        .iter()
        .any(|q| (q.required && q.value.is_none()) || is_suggestion(q));
    if questions.iter().any(|q| q.fault.is_some()) {
        PageState::Faulty
    } else if !lacks {
        PageState::Complete
    } else if touched {
        PageState::Partial
    } else {
        PageState::Empty
    }
}

/// Put there by the machine and not agreed to: it counts as no answer yet.
fn is_suggestion(question: &QuestionView) -> bool {
    question.review && question.source == Some(AnswerSource::Paper)
}

fn question_view(question: &Question, resolution: &Resolution<'_>, lists: &Lists) -> QuestionView {
    let held = resolution.held(&question.id);
    let fault = resolution.fault_of(question);
    let (shown, shown_en) = held
        .map(|held| shown::shown(question, &held.value, lists))
        .unwrap_or_default();
    let kind = match (&question.kind, held.map(|held| &*held.value)) {
        (QuestionKind::Group { min, max, questions }, value) => {
            let held = value.and_then(AnswerValue::as_rows).unwrap_or_default();
            group_view(questions, (*min, *max), held, resolution.today(), lists)
        }
        (kind, _) => kind_view(kind),
    };
    QuestionView {
        id: question.id.clone(),
        kind,
        label: question.label.clone(),
        hint: question.hint.clone(),
        required: resolution.is_required(question),
        value: held.map(|held| held.value.clone().into_owned()),
        shown,
        shown_en,
        source: held.map(|held| held.source),
        taken_from: held.and_then(|held| held.taken_from.cloned()),
        review: held.is_some_and(|held| held.review),
        confirmed: held.is_some_and(|held| held.confirmed),
        compared: held.is_some_and(|held| held.compared),
        confirm: fault.is_none() && held.is_some_and(|held| wants_confirmation(question, held)),
        warnings: warnings(question, resolution, lists),
        fault,
    }
}

/// Scanned values come from the card, computed ones from elsewhere on the form, the citizen's own need no echo. Whatever
/// the machine read on a paper is confirmed, in any field: letters are misread.
fn wants_confirmation(question: &Question, held: &Held<'_>) -> bool {
    match held.source {
        AnswerSource::Paper => true,
        AnswerSource::Typed | AnswerSource::Kept => question.confirm,
        AnswerSource::Scanned | AnswerSource::Citizen | AnswerSource::Computed => false,
    }
}

fn missing(pages: &[PageView], papers: &[PaperNeed]) -> Vec<Missing> {
    let questions = pages
        .iter()
        .flat_map(|page| page.questions.iter().map(move |question| (page, question)));
    let lacking = questions.filter_map(|(page, question)| missing_question(page, question));
    let wanting = papers.iter().filter(|paper| !paper.satisfied);
    let papers = wanting.map(|p| Missing::Paper {
        component: p.id.clone(),
        name: p.name.clone(),
    });
    lacking.chain(papers).collect()
}

fn missing_question(page: &PageView, question: &QuestionView) -> Option<Missing> {
    let (page, label, id) = (page.id.clone(), question.label.clone(), question.id.clone());
    if question.fault.is_some() {
        Some(Missing::Faulty {
            page,
            question: id,
            label,
        })
    } else if question.required && question.value.is_none() {
        Some(Missing::Question {
            page,
            question: id,
            label,
        })
    } else if is_suggestion(question) {
        Some(Missing::Suggested {
            page,
            question: id,
            label,
            compared: question.compared,
        })
    } else {
        None
    }
}

fn unconfirmed(pages: &[PageView]) -> Vec<QuestionId> {
    let questions = pages.iter().flat_map(|page| &page.questions);
    questions
        .filter(|q| q.confirm && !q.confirmed)
        .map(|q| q.id.clone())
        .collect()
}

fn page_warnings(page: &PageView) -> impl Iterator<Item = Warning> {
    page.questions.iter().flat_map(move |question| {
        question.warnings.iter().map(move |fault| Warning {
            page: page.id.clone(),
            question: question.id.clone(),
            fault: fault.clone(),
        })
    })
}

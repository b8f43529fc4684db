//! A draft moves from one version of its procedure to another, field by field: what stays, what is asked again, what goes.
//!
//! **Invariants:** the plan that is shown is the plan that is carried out; an answer goes only where its question is gone
//! or asks for another kind of thing, and it is named; an answer that no longer fits stays as it was given, with its fault.
//! Where the words of a question changed, the citizen confirms anew.

use super::accept::check_value;
use super::build::view;
use super::facts::Facts;
use super::shown::shown;
use super::view::PaperNeed;
use crate::answer::{AnswerValue, Answers};
use crate::ids::{PageId, QuestionId};
use crate::procedure::{Page, Procedure, Question};
use crate::text::Words;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::mem::discriminant;
use ts_rs::TS;

/// Why a question is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum AskWhy {
    /// It was not asked before.
    New,
    /// It asks for another kind of thing: the old answer goes.
    OtherKind,
    /// The old answer is kept and does not fit any more.
    NoLongerFits,
    /// The old answer is kept; the question reads differently, so the citizen confirms it anew.
    OtherWords,
}

/// One answer or question of the plan. Holds what a person said.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct UpgradeLine {
    pub question: QuestionId,
    pub label: Words,
    /// The answer as a person reads it; empty where there is none.
    pub shown: String,
    pub shown_en: String,
    /// Set for what is asked again.
    pub why: Option<AskWhy>,
}

impl fmt::Debug for UpgradeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.question, self.why)
    }
}

/// What the officer reads before accepting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct UpgradeView {
    pub from_version: String,
    pub to_version: String,
    #[schemars(with = "String")]
    #[ts(type = "string")]
    pub in_force_from: Date,
    pub stays: Vec<UpgradeLine>,
    pub ask: Vec<UpgradeLine>,
    pub gone: Vec<UpgradeLine>,
    /// Papers that are wanted now and were not before, as the answers stand.
    pub papers_new: Vec<Words>,
    /// Papers that are not wanted any more. Their files stay here and are not sent.
    pub papers_gone: Vec<Words>,
}

/// The plan, and the answers and confirmed pages once it is accepted.
#[derive(Debug, Clone)]
pub struct Upgrade {
    pub view: UpgradeView,
    pub answers: Answers,
    /// Pages that read just as before: what the citizen confirmed there still holds.
    pub unchanged_pages: BTreeSet<PageId>,
}

/// Plans the move. `before` and `after` are the facts under each version's own lists.
#[must_use]
pub fn upgrade(
    (old, before): (&Procedure, &Facts<'_>),
    (new, after): (&Procedure, &Facts<'_>),
    answers: &Answers,
) -> Upgrade {
    let mut plan = Plan {
        stays: Vec::new(),
        ask: Vec::new(),
        gone: Vec::new(),
        answers: answers.clone(),
    };
    for (id, answer) in answers.iter() {
        plan.settle(id, &answer.value, (old, before), (new, after));
    }
    let (old_view, new_view) = (view(old, answers, before), view(new, &plan.answers, after));
    plan.ask_new(old, &new_view);
    let page_order = |id: &QuestionId| new.questions().position(|q| q.id == *id);
    plan.ask.sort_by_key(|line| page_order(&line.question));
    plan.stays.sort_by_key(|line| page_order(&line.question));
    let asked: BTreeSet<&QuestionId> = plan.ask.iter().map(|line| &line.question).collect();
    let unchanged_pages = new
        .pages
        .iter()
        .filter(|page| reads_as_before(page, old) && page.questions.iter().all(|q| !asked.contains(&q.id)))
        .map(|page| page.id.clone())
        .collect();
    Upgrade {
        view: UpgradeView {
            from_version: old.version.clone(),
            to_version: new.version.clone(),
            in_force_from: new.in_force_from,
            papers_new: only_in(&new_view.papers, &old_view.papers),
            papers_gone: only_in(&old_view.papers, &new_view.papers),
            stays: plan.stays,
            ask: plan.ask,
            gone: plan.gone,
        },
        answers: plan.answers,
        unchanged_pages,
    }
}

struct Plan {
    stays: Vec<UpgradeLine>,
    ask: Vec<UpgradeLine>,
    gone: Vec<UpgradeLine>,
    answers: Answers,
}

impl Plan {
    fn settle(
        &mut self,
        id: &QuestionId,
        value: &AnswerValue,
        (old, before): (&Procedure, &Facts<'_>),
        (new, after): (&Procedure, &Facts<'_>),
    ) {
        let was = old.question(id);
        let Some(now) = new.question(id) else {
            if let Some(was) = was {
                self.gone.push(line(was, value, before, None));
            }
            self.answers.remove(id);
            return;
        };
        let why = was.and_then(|was| why(was, now, value, after));
        match why {
            Some(AskWhy::OtherKind) => {
                self.ask
                    .push(line(was.unwrap_or(now), value, before, Some(AskWhy::OtherKind)));
                self.answers.remove(id);
            }
            Some(why) => {
                self.ask.push(line(now, value, after, Some(why)));
                self.answers.confirm(id, false);
            }
            None => self.stays.push(line(now, value, after, None)),
        }
    }

    /// Questions that are open now, must be answered and never were.
    fn ask_new(&mut self, old: &Procedure, view: &super::view::InterviewView) {
        let open = view.pages.iter().flat_map(|page| &page.questions);
        let new = open.filter(|q| q.required && q.value.is_none() && old.question(&q.id).is_none());
        self.ask.extend(new.map(|q| UpgradeLine {
            question: q.id.clone(),
            label: q.label.clone(),
            shown: String::new(),
            shown_en: String::new(),
            why: Some(AskWhy::New),
        }));
    }
}

fn why(was: &Question, now: &Question, value: &AnswerValue, after: &Facts<'_>) -> Option<AskWhy> {
    if discriminant(&was.kind) != discriminant(&now.kind) {
        return Some(AskWhy::OtherKind);
    }
    // A text that could not be read before is judged again by the interview, as ever.
    let raw = matches!(value, AnswerValue::Raw(_));
    if !raw && check_value(now, value, after.today, after.lists).is_err() {
        Some(AskWhy::NoLongerFits)
    } else if was.label != now.label {
        Some(AskWhy::OtherWords)
    } else {
        None
    }
}

fn line(question: &Question, value: &AnswerValue, facts: &Facts<'_>, why: Option<AskWhy>) -> UpgradeLine {
    let (shown, shown_en) = shown(question, value, facts.lists);
    UpgradeLine {
        question: question.id.clone(),
        label: question.label.clone(),
        shown,
        shown_en,
        why,
    }
}

fn reads_as_before(page: &Page, old: &Procedure) -> bool {
    old.page(&page.id).is_some_and(|was| was == page)
}

fn only_in(these: &[PaperNeed], those: &[PaperNeed]) -> Vec<Words> {
    these
        .iter()
        .filter(|paper| !those.iter().any(|other| other.id == paper.id))
        .map(|paper| paper.name.clone())
        .collect()
}

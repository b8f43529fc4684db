//! Properties of the interview, each with a negative control: a wrong recorder or a wrong procedure is caught.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is gone"
)]

mod common;

use common::{
    PUBLISHED, Recorder, anna, complete, facts, fill, keeps, procedure, shown, text, valid_answer, wipes,
};
use domain::answer::Answers;
use domain::ids::QuestionId;
use domain::interview::{PageState, QuestionKindView, RawAnswer, view};
use domain::procedure::{Procedure, QuestionKind};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use std::collections::{BTreeMap, BTreeSet};

type Entries = Vec<(QuestionId, RawAnswer)>;

/// A part of the filled form, in any order.
fn any_order() -> impl Strategy<Value = (Entries, Entries)> {
    let all = anna().answers;
    let count = all.len();
    subsequence(all, 0..=count).prop_flat_map(|part| (Just(part.clone()), Just(part).prop_shuffle()))
}

fn same_view(procedure: &Procedure, one: &Entries, other: &Entries, recorder: Recorder) -> bool {
    let files = BTreeMap::new();
    let [one, other] = [one, other].map(|entries| fill(procedure, entries, recorder));
    view(procedure, &one, &facts(&files)) == view(procedure, &other, &facts(&files))
}

/// Choices and ticks that the conditions hang on.
fn switches(procedure: &Procedure) -> Vec<(QuestionId, Vec<RawAnswer>)> {
    let options = |kind: &QuestionKind| match kind {
        QuestionKind::Choice { options } => Some(options.iter().map(|o| text(&o.value)).collect()),
        QuestionKind::Flag {} => Some(vec![RawAnswer::Flag(false), RawAnswer::Flag(true)]),
        QuestionKind::PersonName {} | QuestionKind::Text { .. } | QuestionKind::ListChoice { .. } => None,
        QuestionKind::IdNumber {} | QuestionKind::Date { .. } | QuestionKind::Address { .. } => None,
        QuestionKind::Number { .. } | QuestionKind::Phone {} | QuestionKind::Computed {} => None,
        QuestionKind::Time {} | QuestionKind::Money { .. } | QuestionKind::InsuranceNumber {} => None,
        QuestionKind::Group { .. } => None,
    };
    procedure
        .questions()
        .filter_map(|q| Some((q.id.clone(), options(&q.kind)?)))
        .collect()
}

/// Turns some switches to and fro, then sets each back to what the filled form has.
fn toggled_and_back(procedure: &Procedure, picks: &[(Index, Index)], recorder: Recorder) -> bool {
    let (switches, anna) = (switches(procedure), anna());
    let start = fill(procedure, &anna.answers, recorder);
    let mut answers = start.clone();
    let mut touched = BTreeSet::new();
    for (which, option) in picks {
        let (question, options) = which.get(&switches);
        recorder(procedure, &mut answers, question, option.get(options));
        touched.insert(question);
    }
    for question in touched {
        let before = anna
            .answers
            .iter()
            .find(|(id, _)| id == question)
            .map_or(RawAnswer::Clear, |(_, raw)| raw.clone());
        recorder(procedure, &mut answers, question, &before);
    }
    let seen = |answers: &Answers| view(procedure, answers, &facts(&anna.files));
    answers == start && seen(&answers) == seen(&start)
}

/// Starts from any switches and any half-filled form, and answers what is missing.
fn can_be_completed(procedure: &Procedure, picks: &[(Index, Index)]) -> Result<BTreeSet<String>, String> {
    let switches = switches(procedure);
    let mut answers = Answers::default();
    for (which, option) in picks {
        let (question, options) = which.get(&switches);
        keeps(procedure, &mut answers, question, option.get(options));
    }
    let last = complete(procedure, &mut answers);
    let whole = last.pages.iter().all(|page| page.state == PageState::Complete);
    if last.complete && whole {
        Ok(last
            .pages
            .iter()
            .flat_map(|page| &page.questions)
            .map(|q| q.id.0.clone())
            .collect())
    } else {
        Err(format!("{:?}", last.missing))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_the_same_answers_gives_the_same_view((one, other) in any_order()) {
        prop_assert!(same_view(&procedure(), &one, &other, keeps));
    }

    #[test]
    fn toggling_a_condition_twice_loses_nothing(picks in prop::collection::vec(any::<(Index, Index)>(), 1..12)) {
        prop_assert!(toggled_and_back(&procedure(), &picks, keeps));
    }

    #[test]
    fn every_reachable_page_can_be_completed(picks in prop::collection::vec(any::<(Index, Index)>(), 0..16)) {
        let ended = can_be_completed(&procedure(), &picks);
        prop_assert!(ended.is_ok(), "{ended:?}");
    }

    #[test]
    fn hidden_answers_decide_nothing(picks in prop::collection::vec(any::<(Index, Index)>(), 0..12)) {
        let (procedure, switches) = (procedure(), switches(&procedure()));
        let mut answers = fill(&procedure, &anna().answers, keeps);
        for (which, option) in &picks {
            let (question, options) = which.get(&switches);
            keeps(&procedure, &mut answers, question, option.get(options));
        }
        let files = BTreeMap::new();
        let full = view(&procedure, &answers, &facts(&files));
        answers.0.retain(|id, _| shown(&full, id.as_str()).is_some());
        prop_assert!(view(&procedure, &answers, &facts(&files)) == full);
    }
}

#[test]
fn a_recorder_that_wipes_is_caught() {
    let procedure = procedure();
    let (one, mut other) = (anna().answers, anna().answers);
    other.rotate_left(1);
    assert!(
        same_view(&procedure, &one, &other, keeps),
        "the control of the control"
    );
    assert!(
        !same_view(&procedure, &one, &other, wipes),
        "the relation answered last wipes the applicant"
    );
    let relation = switches(&procedure)
        .iter()
        .position(|(id, _)| id.as_str() == "requester_relation")
        .unwrap();
    assert_eq!(relation, 0);
    let runner = |recorder: Recorder| {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        runner.run(&prop::collection::vec(any::<(Index, Index)>(), 1..12), |picks| {
            prop_assert!(toggled_and_back(&procedure, &picks, recorder));
            Ok(())
        })
    };
    assert!(runner(wipes).is_err(), "toggling finds it too");
}

#[test]
fn a_page_that_cannot_be_completed_is_caught() {
    let dead_end = r#""checks": [{"code": "never", "rule": {"not": {"answered": "child_sex"}}, "severity": "block", "message": {"vi": "Không bao giờ", "en": "Never"}}], "upstream": "GioiTinhKS""#;
    let published = std::str::from_utf8(PUBLISHED).unwrap();
    assert!(published.contains(r#""upstream": "GioiTinhKS""#));
    let broken = published.replace(r#""upstream": "GioiTinhKS""#, dead_end);
    let broken = Procedure::from_json(broken.as_bytes()).unwrap();
    assert!(can_be_completed(&procedure(), &[]).is_ok());
    assert!(can_be_completed(&broken, &[]).unwrap_err().contains("child_sex"));
}

#[test]
fn every_question_is_reached_by_some_way() {
    let procedure = procedure();
    let mut reached = BTreeSet::new();
    for relation in ["mother", "father", "other", "self"] {
        for capacity in ["relative", "carer", "agent_close", "agent"] {
            for case in ["none", "surrogacy", "abandoned", "parents_unknown"] {
                let mut answers = Answers::default();
                let picked = [
                    ("requester_relation", relation),
                    ("requester_capacity", capacity),
                    ("special_case", case),
                ];
                let also = [
                    ("requester_doc_type", "passport"),
                    ("parents_married", "yes"),
                    ("requester_phone", "0912345678"),
                ];
                for (question, value) in picked.into_iter().chain(also) {
                    keeps(&procedure, &mut answers, &question.into(), &text(value));
                }
                keeps(
                    &procedure,
                    &mut answers,
                    &"wants_copies".into(),
                    &RawAnswer::Flag(true),
                );
                let last = complete(&procedure, &mut answers);
                assert!(last.complete, "{relation} {capacity} {case}: {:?}", last.missing);
                // Then every optional question too, one after the other.
                answer_all(&procedure, &mut answers, &mut reached);
            }
        }
    }
    let all: BTreeSet<String> = procedure.questions().map(|q| q.id.0.clone()).collect();
    assert_eq!(reached, all);
}

fn answer_all(procedure: &Procedure, answers: &mut Answers, reached: &mut BTreeSet<String>) {
    let files = procedure.papers.iter().map(|p| (p.id.clone(), 1)).collect();
    for _ in 0..3 {
        let now = view(procedure, answers, &facts(&files));
        for question in now.pages.iter().flat_map(|page| &page.questions) {
            reached.insert(question.id.0.clone());
            if question.value.is_none() && question.kind != QuestionKindView::Computed {
                keeps(procedure, answers, &question.id, &valid_answer(question, 0));
            }
        }
    }
    let last = view(procedure, answers, &facts(&files));
    assert!(
        last.complete,
        "with every optional question answered: {:?}",
        last.missing
    );
}

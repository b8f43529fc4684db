//! Every published procedure, as a table: its file is named for its code, it has a filled form of an invented person,
//! and that form is complete, sends every answer, and lacks something as soon as any part is taken away.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is gone"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the test, not the domain, reads the folder of procedures"
)]

mod common;

use common::{Filled, complete, facts, fill, keeps};
use domain::answer::Answers;
use domain::interview::{InterviewView, Missing, sendable, view};
use domain::procedure::{Procedure, QuestionKind};
use std::collections::BTreeMap;
use std::path::Path;

const HOME: &str = env!("CARGO_MANIFEST_DIR");

/// Every JSON file of a folder by its name without the ending.
fn folder(path: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(Path::new(HOME).join(path))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let json = entries.filter(|path| path.extension().is_some_and(|end| end == "json"));
    json.map(|path| {
        (
            path.file_stem().unwrap().to_string_lossy().into_owned(),
            std::fs::read(&path).unwrap(),
        )
    })
    .collect()
}

/// Each published procedure with its filled form.
fn all() -> Vec<(Procedure, Filled)> {
    let mut fixtures = folder("tests/fixtures/procedures");
    fixtures.insert(
        "1.001193".to_owned(),
        include_bytes!("fixtures/birth_anna.json").to_vec(),
    );
    let load = |(code, bytes): (String, Vec<u8>)| {
        let procedure = Procedure::from_json(&bytes).unwrap_or_else(|fault| panic!("{code}: {fault:#?}"));
        assert_eq!(procedure.code.as_str(), code, "a file is named for its code");
        let filled = fixtures
            .remove(&code)
            .unwrap_or_else(|| panic!("{code} has no filled fixture"));
        (
            procedure,
            serde_json::from_slice(&filled).unwrap_or_else(|fault| panic!("fixture {code}: {fault}")),
        )
    };
    let all = folder("../../assets/procedures").into_iter().map(load).collect();
    assert!(
        fixtures.is_empty(),
        "fixtures of no procedure: {:?}",
        fixtures.keys()
    );
    all
}

fn seen(procedure: &Procedure, filled: &Filled, answers: &Answers) -> InterviewView {
    let mut facts = facts(&filled.files);
    facts.channel = procedure
        .channels
        .iter()
        .find(|rule| Some(rule.channel) == facts.channel)
        .map(|rule| rule.channel);
    facts.channel = facts
        .channel
        .or(procedure.channels.first().map(|rule| rule.channel));
    view(procedure, answers, &facts)
}

#[test]
fn every_filled_form_is_complete_and_sent_whole() {
    for (procedure, filled) in all() {
        let code = &procedure.code;
        let answers = fill(&procedure, &filled.answers, keeps);
        let done = seen(&procedure, &filled, &answers);
        let faults: Vec<_> = done
            .pages
            .iter()
            .flat_map(|p| &p.questions)
            .filter_map(|q| Some((&q.id, q.fault.as_ref()?)))
            .collect();
        assert!(done.complete, "{code}: {:?} {faults:?}", done.missing);
        assert!(done.warnings.is_empty(), "{code}: {:?}", done.warnings);
        let sent = sendable(&procedure, &answers, &facts(&filled.files));
        for (question, _) in &filled.answers {
            assert!(
                sent.get(question).is_some(),
                "{code}: {question} is typed and not sent"
            );
        }
        let people = &procedure.people;
        assert!(
            sent.text(&people.subject_name).is_some() && sent.text(&people.filer_name).is_some(),
            "{code}: whose, and who files"
        );
    }
}

/// Negative control: the same form with any needed part taken away is not complete, and the part is named.
#[test]
fn every_needed_part_is_missed() {
    for (procedure, filled) in all() {
        let code = &procedure.code;
        let answers = fill(&procedure, &filled.answers, keeps);
        let done = seen(&procedure, &filled, &answers);
        let mut missed = 0;
        for question in done
            .pages
            .iter()
            .flat_map(|page| &page.questions)
            .filter(|q| q.required)
        {
            let mut fewer = answers.clone();
            fewer.remove(&question.id);
            let lacking = seen(&procedure, &filled, &fewer);
            let empty = common::shown(&lacking, question.id.as_str()).is_some_and(|q| q.value.is_none());
            let named = lacking
                .missing
                .iter()
                .any(|m| matches!(m, Missing::Question { question: q, .. } if *q == question.id));
            assert_eq!(
                (empty, empty && !lacking.complete),
                (named, named),
                "{code}: {}",
                question.id
            );
            missed += usize::from(named);
        }
        assert!(missed >= 3, "{code}: only {missed} answers are needed");
        for paper in done
            .papers
            .iter()
            .filter(|paper| paper.required && paper.min_files > 0)
        {
            let mut bare = filled.clone();
            bare.files.remove(&paper.id);
            assert!(
                !seen(&procedure, &bare, &answers).complete,
                "{code}: without {}",
                paper.id
            );
        }
    }
}

/// The order of typing does not matter: backwards gives the same view.
#[test]
fn typed_backwards_it_is_the_same_form() {
    for (procedure, filled) in all() {
        let forwards = fill(&procedure, &filled.answers, keeps);
        let entries: Vec<_> = filled.answers.iter().rev().cloned().collect();
        let backwards = fill(&procedure, &entries, keeps);
        let same = seen(&procedure, &filled, &forwards) == seen(&procedure, &filled, &backwards);
        assert!(same, "{}", procedure.code);
        // Negative control: a form with one answer less is seen to differ.
        let fewer = fill(&procedure, entries.get(1..).unwrap(), keeps);
        assert!(
            seen(&procedure, &filled, &forwards) != seen(&procedure, &filled, &fewer),
            "{}",
            procedure.code
        );
    }
}

/// From an empty form, and from each option of each choice, somebody patient reaches the end.
#[test]
fn every_way_through_has_an_end() {
    for (procedure, _) in all() {
        let code = &procedure.code;
        let end = complete(&procedure, &mut Answers::default());
        assert!(end.complete, "{code} from nothing: {:?}", end.missing);
        for question in procedure.questions() {
            let QuestionKind::Choice { options } = &question.kind else {
                continue;
            };
            for option in options {
                let mut answers = Answers::default();
                keeps(
                    &procedure,
                    &mut answers,
                    &question.id,
                    &common::text(&option.value),
                );
                let end = complete(&procedure, &mut answers);
                assert!(
                    end.complete,
                    "{code} from {}={}: {:?}",
                    question.id, option.value, end.missing
                );
            }
        }
    }
}

/// What is said to people carries its source, and what is only remembered is not said as law.
#[test]
fn every_statement_has_its_source() {
    for (procedure, _) in all() {
        let code = &procedure.code;
        let confirmed = procedure.questions().filter(|q| q.confirm).count();
        assert!(
            (1..=domain::procedure::CONFIRM_MAX).contains(&confirmed),
            "{code}: {confirmed} to confirm"
        );
        assert!(
            !procedure.practice.is_empty() && !procedure.search.is_empty(),
            "{code}: practice and search words"
        );
        assert!(!procedure.routes.is_empty(), "{code}: a route");
        assert!(
            procedure.pages.iter().all(|page| page.help.is_some()),
            "{code}: help for the officer on each page"
        );
        let empty = Answers::default();
        let files = BTreeMap::new();
        let bare = view(&procedure, &empty, &facts(&files));
        for (shown, rule) in bare.channels.iter().zip(&procedure.channels) {
            assert_eq!(
                shown.source.is_some(),
                procedure.law(&rule.source).is_some(),
                "{code}"
            );
        }
        assert!(
            !procedure.in_person_only || procedure.channels.len() == 1,
            "{code}: in person only, one channel"
        );
    }
}

#[test]
fn a_procedure_whose_code_is_only_remembered_is_not_offered() {
    let change = |value: serde_json::Value, at: &str| {
        let mut file: serde_json::Value = serde_json::from_slice(common::PUBLISHED).unwrap();
        file[at] = value;
        Procedure::from_json(file.to_string().as_bytes())
            .unwrap()
            .is_offered()
    };
    assert!(change("tthc".into(), "code_source"));
    assert!(!change("route_memory".into(), "code_source"));
    assert!(!change(false.into(), "offered"));
    assert!(
        common::procedure().is_offered(),
        "the source of the channels stands for the code"
    );
}

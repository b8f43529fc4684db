//! Life events as they are published: every name in them is there, what is carried passes the other form's own eyes,
//! and what a person typed is never written over. And two forms that share their pages still do.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test reads the published files and stops where its ground is gone"
)]

mod common;

use common::{TODAY, facts, keeps, lists};
use domain::answer::{AnswerSource, AnswerValue, Answers};
use domain::ids::{ProcedureCode, QuestionId};
use domain::interview::{RawAnswer, record, sendable};
use domain::life_event::{LifeEvent, carry};
use domain::procedure::Procedure;
use std::collections::BTreeMap;
use std::path::Path;

fn assets(at: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../assets")
        .join(at)
}

fn procedures() -> BTreeMap<ProcedureCode, Procedure> {
    let files = std::fs::read_dir(assets("procedures")).unwrap();
    let jsons = files
        .map(|f| f.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "json"));
    jsons
        .map(|path| Procedure::from_json(&std::fs::read(path).unwrap()).unwrap())
        .map(|procedure| (procedure.code.clone(), procedure))
        .collect()
}

fn event(id: &str) -> LifeEvent {
    serde_json::from_slice(&std::fs::read(assets(&format!("life_events/{id}.json"))).unwrap()).unwrap()
}

/// The filled example of a procedure, typed.
fn filled(procedure: &Procedure) -> Answers {
    let path = format!("tests/fixtures/procedures/{}.json", procedure.code);
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap())
            .unwrap();
    let pairs: Vec<(QuestionId, RawAnswer)> = serde_json::from_value(json["answers"].clone()).unwrap();
    let mut answers = Answers::default();
    for (question, raw) in &pairs {
        keeps(procedure, &mut answers, question, raw);
    }
    answers
}

#[test]
fn every_life_event_names_only_what_is_there() {
    let all = procedures();
    for id in ["birth", "death", "moving", "marriage"] {
        let event = event(id);
        assert_eq!(event.mistakes(|code| all.get(code)), Vec::<String>::new());
        assert_eq!(event.id, id);
        // What is only remembered is left out at the counter until it is verified; two have to be left.
        let offered = event
            .steps
            .iter()
            .filter(|step| all[&step.procedure].is_offered());
        assert!(offered.count() >= 2, "{id}");
    }
    // The control: each kind of mistake is seen.
    let mut wrong = event("death");
    wrong.steps[1].answers[0].to = "no_such_question".into();
    wrong.steps[1].answers[1].of = "1.001731".into();
    wrong.steps[1].given[0].value = "bored".into();
    wrong.steps[2].procedure = "9.999999".into();
    assert_eq!(wrong.mistakes(|code| all.get(code)).len(), 4);
}

#[test]
fn an_answer_is_given_once_and_marked_so() {
    let all = procedures();
    let event = event("death");
    let (first, second) = (&all[&"1.000656".into()], &all[&"1.003197".into()]);
    let files = BTreeMap::new();
    let sent = sendable(first, &filled(first), &facts(&files));
    let sources = BTreeMap::from([(first.code.clone(), sent)]);
    let step = event.step(&second.code).unwrap();
    let mut answers = Answers::default();
    let changed = carry(step, &sources, (second, &mut answers), TODAY, lists());
    assert_eq!(
        changed.len(),
        step.answers.len() + step.given.len(),
        "{changed:?}"
    );
    assert_eq!(answers.text(&"subject_name".into()), Some("Lò Văn Inh"));
    assert_eq!(
        answers.get(&"subject_name".into()).unwrap().source,
        AnswerSource::Kept
    );
    assert_eq!(
        answers.get(&"removal_reason".into()).unwrap().source,
        AnswerSource::Computed
    );
    let place = answers
        .value(&"registered_address".into())
        .and_then(AnswerValue::as_address);
    assert_eq!(place.unwrap().commune, "03166");
    // Again: nothing to do.
    assert!(carry(step, &sources, (second, &mut answers), TODAY, lists()).is_empty());
}

#[test]
fn what_a_person_typed_stands() {
    let all = procedures();
    let event = event("death");
    let (first, second) = (&all[&"1.000656".into()], &all[&"1.003197".into()]);
    let files = BTreeMap::new();
    let sources = BTreeMap::from([(
        first.code.clone(),
        sendable(first, &filled(first), &facts(&files)),
    )]);
    let step = event.step(&second.code).unwrap();
    let mut answers = Answers::default();
    let typed = RawAnswer::Text("Lò Văn Ính".into());
    record(
        second,
        &mut answers,
        &"subject_name".into(),
        &typed,
        AnswerSource::Typed,
        TODAY,
        lists(),
    );
    let changed = carry(step, &sources, (second, &mut answers), TODAY, lists());
    assert!(!changed.contains(&"subject_name".into()));
    assert_eq!(answers.text(&"subject_name".into()), Some("Lò Văn Ính"));
}

/// 2.002622 is 1.001193 with residence and insurance behind it. The pages are the same words and rules, or one of the two
/// has drifted: a clerk who mends one mends both.
#[test]
fn the_linked_birth_follows_the_birth() {
    let read = |code: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(assets(&format!("procedures/{code}.json"))).unwrap()).unwrap()
    };
    let differs = |birth: &serde_json::Value, linked: &serde_json::Value| -> Vec<String> {
        let pages = |p: &serde_json::Value| p["pages"].as_array().unwrap().clone();
        let there = pages(linked);
        let pair = |page: &serde_json::Value| there.iter().find(|p| p["id"] == page["id"]).cloned();
        let mut found = Vec::new();
        for page in pages(birth) {
            let Some(other) = pair(&page) else {
                found.push(page["id"].to_string());
                continue;
            };
            // Copies are asked for in the registration of a birth alone: its title and words say so.
            let whole = page["id"] != "registration";
            if whole && page != other {
                found.push(page["id"].to_string());
            }
            let questions = other["questions"].as_array().unwrap().clone();
            for question in page["questions"].as_array().unwrap() {
                let asked = !["wants_copies", "copies"].iter().any(|id| question["id"] == *id);
                if asked && !questions.contains(question) {
                    found.push(question["id"].to_string());
                }
            }
        }
        found
    };
    let (birth, linked) = (read("1.001193"), read("2.002622"));
    assert_eq!(differs(&birth, &linked), Vec::<String>::new());
    // The control: one word in one of them.
    let mut drifted = linked;
    drifted["pages"][4]["questions"][0]["label"]["vi"] = "Tên".into();
    assert!(!differs(&birth, &drifted).is_empty());
}

//! A draft moves from one version of its procedure to the next, and nothing that was typed goes unsaid.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is gone"
)]

mod common;

use common::{PUBLISHED, lists};
use domain::answer::{Answer, AnswerSource, AnswerValue, Answers};
use domain::interview::Facts;
use domain::interview::upgrade::{AskWhy, Upgrade, upgrade};
use domain::procedure::Procedure;
use jiff::civil::{date, time};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn procedure(change: impl FnOnce(&mut Value)) -> Procedure {
    let mut value: Value = serde_json::from_slice(PUBLISHED).unwrap();
    change(&mut value);
    Procedure::from_json(value.to_string().as_bytes()).unwrap()
}

fn question<'a>(value: &'a mut Value, id: &str) -> &'a mut Value {
    let pages = value["pages"].as_array_mut().unwrap().iter_mut();
    let mut questions = pages.flat_map(|page| page["questions"].as_array_mut().unwrap());
    questions.find(|question| question["id"] == id).unwrap()
}

fn answers() -> Answers {
    let mut answers = Answers::default();
    for (id, value) in [
        ("child_name", AnswerValue::Text("Lò Thị Mây".into())),
        ("child_sex", AnswerValue::Choice("female".into())),
        ("copies", AnswerValue::Number(2)),
        ("wants_copies", AnswerValue::Flag(true)),
    ] {
        let answer = Answer {
            confirmed: true,
            ..Answer::new(value, AnswerSource::Typed)
        };
        answers.set(id.into(), answer);
    }
    answers
}

fn moved(answers: &Answers, change: impl FnOnce(&mut Value)) -> Upgrade {
    let (old, new) = (procedure(|_| {}), procedure(change));
    let files = BTreeMap::new();
    let facts = Facts {
        today: date(2026, 11, 25),
        now_time: time(9, 0, 0, 0),
        files: &files,
        channel: None,
        lists: lists(),
    };
    upgrade((&old, &facts), (&new, &facts), answers)
}

fn ids(lines: &[domain::interview::upgrade::UpgradeLine]) -> Vec<&str> {
    lines.iter().map(|line| line.question.as_str()).collect()
}

#[test]
fn nothing_changed_means_that_everything_stays() {
    let before = answers();
    let plan = moved(&before, |v| v["version"] = "2027.03-1".into());
    assert_eq!(plan.view.stays.len(), before.len());
    assert!(plan.view.ask.is_empty() && plan.view.gone.is_empty());
    assert_eq!(plan.answers, before, "confirmations included");
    assert_eq!(plan.unchanged_pages.len(), procedure(|_| {}).pages.len());
    assert_eq!(plan.view.to_version, "2027.03-1");
}

#[test]
fn what_stays_what_is_asked_again_and_what_goes() {
    let plan = moved(&answers(), |v| {
        question(v, "child_name")["label"]["vi"] = "Tên của bé, ghi như trong giấy chứng sinh".into();
        let sex = question(v, "child_sex");
        sex["kind"]["options"][1]["value"] = "girl".into();
        sex["kind"]["options"][0]["value"] = "male".into();
        let pages = v["pages"].as_array_mut().unwrap();
        for page in pages.iter_mut() {
            page["questions"]
                .as_array_mut()
                .unwrap()
                .retain(|q| q["id"] != "copies");
        }
        let first = pages[0]["questions"].as_array_mut().unwrap();
        first.push(json!({
            "id": "blood_group", "kind": {"type": "text"}, "required": true,
            "label": {"vi": "Nhóm máu", "en": "Blood group"}
        }));
        v["extra_fees"] = json!([]);
    });
    let why: BTreeMap<&str, AskWhy> = plan
        .view
        .ask
        .iter()
        .map(|line| (line.question.as_str(), line.why.unwrap()))
        .collect();
    assert_eq!(why.get("child_name"), Some(&AskWhy::OtherWords));
    assert_eq!(why.get("child_sex"), Some(&AskWhy::NoLongerFits));
    assert_eq!(why.get("blood_group"), Some(&AskWhy::New));
    assert_eq!(ids(&plan.view.gone), ["copies"]);
    assert_eq!(plan.view.gone[0].shown, "2", "what goes is named with its answer");
    assert!(plan.answers.get(&"copies".into()).is_none());
    let name = plan.answers.get(&"child_name".into()).unwrap();
    assert_eq!((name.value.as_str(), name.confirmed), (Some("Lò Thị Mây"), false));
    assert_eq!(
        plan.answers.text(&"child_sex".into()),
        Some("female"),
        "kept, with its fault"
    );
    assert!(!plan.unchanged_pages.contains(&procedure(|_| {}).pages[0].id));
}

#[test]
fn another_kind_of_thing_is_asked_anew_and_the_old_answer_is_named() {
    let plan = moved(&answers(), |v| {
        question(v, "copies")["kind"] = json!({"type": "text"});
        v["extra_fees"] = json!([]);
    });
    let line = plan
        .view
        .ask
        .iter()
        .find(|l| l.question.as_str() == "copies")
        .unwrap();
    assert_eq!((line.why, line.shown.as_str()), (Some(AskWhy::OtherKind), "2"));
    assert!(plan.answers.get(&"copies".into()).is_none());
}

#[test]
fn papers_that_come_and_go_are_named() {
    let plan = moved(&answers(), |v| {
        let papers = v["papers"].as_array_mut().unwrap();
        let mut first = papers[0].clone();
        papers.remove(0);
        first["id"] = "new_paper".into();
        first["name"] = json!({"vi": "Giấy mới", "en": "A new paper"});
        first.as_object_mut().unwrap().remove("when");
        papers.push(first);
    });
    assert!(plan.view.papers_new.iter().any(|words| words.vi == "Giấy mới"));
}

#[test]
fn whatever_changes_every_answer_is_in_one_list_and_only_one() {
    let before = answers();
    for case in 0..8_u8 {
        let is = |bit: u8| case & bit != 0;
        let plan = moved(&before, |v| {
            v["extra_fees"] = json!([]);
            if is(1) {
                question(v, "child_name")["label"]["vi"] = "Tên của bé".into();
            }
            if is(2) {
                question(v, "copies")["kind"] = json!({"type": "text"});
            }
            if is(4) {
                question(v, "copies")["id"] = "copies_of_it".into();
            }
        });
        let answered = |id: &&str| before.get(&(*id).into()).is_some();
        let mut said: Vec<&str> = ids(&plan.view.stays);
        said.extend(ids(&plan.view.ask).iter().filter(|id| answered(id)));
        said.extend(ids(&plan.view.gone));
        said.sort_unstable();
        assert_eq!(
            said,
            ["child_name", "child_sex", "copies", "wants_copies"],
            "case {case}"
        );
        assert!(
            plan.answers.iter().all(|(id, _)| before.get(id).is_some()),
            "nothing is made up"
        );
    }
}

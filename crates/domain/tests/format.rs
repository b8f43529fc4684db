//! Mistakes in a procedure file are found when it is loaded, all at once, each with its place.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is gone"
)]

mod common;

use common::PUBLISHED;
use domain::procedure::{Procedure, ProcedureFault};
use serde_json::{Value, json};

fn published() -> Value {
    serde_json::from_slice(PUBLISHED).unwrap()
}

fn load(value: &Value) -> Result<Procedure, ProcedureFault> {
    Procedure::from_json(value.to_string().as_bytes())
}

/// The mistakes after one change of the published file.
fn mistakes(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut value = published();
    change(&mut value);
    match load(&value) {
        Ok(_) => Vec::new(),
        Err(ProcedureFault::Json(fault)) => vec![format!("json: {fault}")],
        Err(ProcedureFault::Mistakes(found)) => found.iter().map(ToString::to_string).collect(),
    }
}

fn question<'a>(value: &'a mut Value, id: &str) -> &'a mut Value {
    let pages = value["pages"].as_array_mut().unwrap().iter_mut();
    let mut questions = pages.flat_map(|page| page["questions"].as_array_mut().unwrap());
    questions.find(|question| question["id"] == id).unwrap()
}

#[test]
fn the_published_file_has_no_mistakes_and_survives_a_round_trip() {
    assert_eq!(mistakes(|_| {}), Vec::<String>::new());
    let procedure = load(&published()).unwrap();
    assert_eq!(
        load(&serde_json::to_value(&procedure).unwrap()).unwrap(),
        procedure
    );
}

#[test]
fn each_mistake_is_named_with_its_place() {
    let when = |id: &'static str, expr: Value| move |v: &mut Value| question(v, id)["when"] = expr;
    type Change = Box<dyn FnOnce(&mut Value)>;
    let cases: Vec<(Change, &str)> = vec![
        (
            Box::new(|v| v["code"] = json!("khai-sinh")),
            "code: the code is not of the form 1.001193",
        ),
        (
            Box::new(when("copies", json!({"ticked": "nobody"}))),
            "pages.registration.copies.when: there is no question \"nobody\"",
        ),
        (
            Box::new(when("copies", json!({"ticked": "child_name"}))),
            "pages.registration.copies.when: question \"child_name\" does not answer with a tick",
        ),
        (
            Box::new(when(
                "copies",
                json!({"is": {"question": "child_sex", "value": "x"}}),
            )),
            "pages.registration.copies.when: question \"child_sex\" has no option \"x\"",
        ),
        (
            Box::new(when("copies", json!({"all": []}))),
            "pages.registration.copies.when: empty",
        ),
        (
            Box::new(when(
                "copies",
                json!({"compare": {"left": {"files": "nothing"}, "op": "ge", "right": {"number": 1}}}),
            )),
            "pages.registration.copies.when: there is no paper \"nothing\"",
        ),
        (
            Box::new(|v| v["papers"][0]["source"] = json!("hearsay")),
            "papers.birth_certificate_hospital: there is no source \"hearsay\"",
        ),
        (
            Box::new(|v| v["papers"][1]["id"] = json!("birth_certificate_hospital")),
            "papers: \"birth_certificate_hospital\" stands twice",
        ),
        (
            Box::new(|v| v["papers"][0]["min_files"] = json!(9)),
            "papers.birth_certificate_hospital: the bounds are the wrong way round or too wide",
        ),
        (
            Box::new(|v| question(v, "child_name")["id"] = json!("child_sex")),
            "questions: \"child_sex\" stands twice",
        ),
        (
            Box::new(|v| question(v, "child_name")["label"]["en"] = json!(" ")),
            "pages.child.child_name.en: empty",
        ),
        (
            Box::new(|v| question(v, "child_name")["label"]["vi"] = json!("Te\u{302}n")),
            "pages.child.child_name.vi: not in NFC, or with stray white space",
        ),
        (
            Box::new(|v| question(v, "child_sex")["kind"]["options"] = json!([])),
            "pages.child.child_sex: empty",
        ),
        (
            Box::new(|v| question(v, "child_sex")["confirm"] = json!(true)),
            "questions.confirm: more than 12",
        ),
        (
            Box::new(|v| question(v, "copies")["kind"]["min"] = json!(99)),
            "pages.registration.copies: the bounds are the wrong way round or too wide",
        ),
        (
            Box::new(|v| question(v, "child_birth_words")["prefill"] = json!([])),
            "pages.child.child_birth_words: a computed question needs a prefill and takes no \"required\"",
        ),
        (
            Box::new(|v| {
                question(v, "mother_name")["prefill"][0]["from"] = json!({"question": "requester_ethnicity"})
            }),
            "pages.mother.mother_name.prefill: question \"requester_ethnicity\" does not answer with a text",
        ),
        (
            Box::new(|v| question(v, "mother_name")["prefill"][0]["from"] = json!({"flag": true})),
            "pages.mother.mother_name.prefill: question \"mother_name\" does not answer with a tick",
        ),
        (
            Box::new(|v| v["deadline"]["from"] = json!("child_name")),
            "deadline.from: question \"child_name\" does not answer with a date",
        ),
        (
            Box::new(when(
                "requester_relation",
                json!({"answered": "requester_capacity"}),
            )),
            "questions.requester_relation: depends on itself",
        ),
    ];
    for (change, expected) in cases {
        let found = mistakes(change);
        assert!(
            found.iter().any(|mistake| mistake == expected),
            "wanted {expected:?}, found {found:#?}"
        );
    }
}

#[test]
fn several_mistakes_come_together() {
    let found = mistakes(|v| {
        v["version"] = json!("");
        question(v, "copies")["when"] = json!({"ticked": "nobody"});
    });
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn expressions_are_bounded() {
    let nested = (0..8).fold(
        json!({"answered": "child_name"}),
        |inner, _| json!({ "not": inner }),
    );
    let wide = json!({"any": vec![json!({"answered": "child_name"}); 64]});
    let check = |expr: Value, wanted: &str| {
        let found = mistakes(|v| question(v, "copies")["when"] = expr);
        assert_eq!(found, [format!("pages.registration.copies.when: {wanted}")]);
    };
    check(nested, "nested deeper than 8 levels");
    check(wide, "longer than 64 parts");
}

#[test]
fn unknown_fields_are_refused_with_their_line() {
    for change in [
        (|v: &mut Value| v["colour"] = json!("red")) as fn(&mut Value),
        |v| v["papers"][0]["colour"] = json!("red"),
        |v| question(v, "child_name")["colour"] = json!("red"),
        |v| question(v, "child_name")["kind"]["colour"] = json!("red"),
        |v| v["pages"][0]["say"]["fr"] = json!("oui"),
        |v| v["sources"]["tthc"]["sure"] = json!("certain"),
    ] {
        let found = mistakes(change);
        assert!(
            found
                .iter()
                .any(|f| f.starts_with("json: ") && f.contains(" at line ")),
            "{found:?}"
        );
    }
    assert!(matches!(
        Procedure::from_json(b"\xff\xfe"),
        Err(ProcedureFault::Json(_))
    ));
}

/// The published schema is made from the types; this fails when it is stale and says how to renew it.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test, not the domain, writes the schema file"
)]
fn the_published_schema_is_fresh() {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Procedure)).unwrap() + "\n";
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../assets/procedures/schema/procedure.schema.json"
    );
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &schema).unwrap();
    }
    let held = std::fs::read_to_string(path).unwrap_or_default();
    assert!(held == schema, "stale: run the tests once with UPDATE_SCHEMA=1");
}

//! Expressions: three truth values, partial dates, bounds.

use super::*;
use std::collections::BTreeMap;

struct Answered(BTreeMap<QuestionId, AnswerValue>);

impl Scope for Answered {
    fn value(&self, question: &QuestionId) -> Option<&AnswerValue> {
        self.0.get(question)
    }
    fn today(&self) -> Date {
        jiff::civil::date(2026, 11, 22)
    }
    fn channel(&self) -> Option<Channel> {
        Some(Channel::Direct)
    }
    fn files(&self, component: &ComponentId) -> usize {
        usize::from(component.as_str() == "scan") * 2
    }
}

fn scope() -> Answered {
    let date = |iso: &str| AnswerValue::Date(iso.parse().unwrap());
    Answered(BTreeMap::from([
        ("relation".into(), AnswerValue::Choice("father".into())),
        ("name".into(), AnswerValue::Text("Lò Thị Mây".into())),
        ("born".into(), date("2026-09-23")),
        ("mother_born".into(), date("1990")),
        ("copies".into(), AnswerValue::Number(3)),
        ("ticked".into(), AnswerValue::Flag(true)),
        ("unticked".into(), AnswerValue::Flag(false)),
    ]))
}

fn check(json: &str, expected: Option<bool>) {
    let expr: Expr = serde_json::from_str(json).unwrap_or_else(|fault| panic!("{json}: {fault}"));
    assert_eq!(expr.eval(&scope()), expected, "{json}");
}

#[test]
fn answers_are_read() {
    check(r#"{"is":{"question":"relation","value":"father"}}"#, Some(true));
    check(r#"{"is":{"question":"relation","value":"mother"}}"#, Some(false));
    check(
        r#"{"in":{"question":"relation","values":["mother","father"]}}"#,
        Some(true),
    );
    check(r#"{"same":{"left":"name","right":"name"}}"#, Some(true));
    check(r#"{"answered":"name"}"#, Some(true));
    check(r#"{"ticked":"ticked"}"#, Some(true));
    check(r#"{"ticked":"unticked"}"#, Some(false));
    check(r#"{"channel":"direct"}"#, Some(true));
    check(r#"{"channel":"online"}"#, Some(false));
}

#[test]
fn the_unanswered_is_unknown() {
    check(r#"{"is":{"question":"nobody","value":"x"}}"#, None);
    check(r#"{"not":{"is":{"question":"nobody","value":"x"}}}"#, None);
    check(r#"{"answered":"nobody"}"#, Some(false));
    check(r#"{"ticked":"nobody"}"#, Some(false));
    check(
        r#"{"all":[{"answered":"name"},{"is":{"question":"nobody","value":"x"}}]}"#,
        None,
    );
    check(
        r#"{"all":[{"answered":"nobody"},{"is":{"question":"nobody","value":"x"}}]}"#,
        Some(false),
    );
    check(
        r#"{"any":[{"answered":"name"},{"is":{"question":"nobody","value":"x"}}]}"#,
        Some(true),
    );
    check(
        r#"{"any":[{"answered":"nobody"},{"is":{"question":"nobody","value":"x"}}]}"#,
        None,
    );
}

#[test]
fn days_and_years_are_counted() {
    let days = |op: &str, n: i64| {
        format!(
            r#"{{"compare":{{"left":{{"days":{{"from":{{"question":"born"}},"to":"today"}}}},"op":"{op}","right":{{"number":{n}}}}}}}"#
        )
    };
    check(&days("eq", 60), Some(true));
    check(&days("gt", 60), Some(false));
    check(&days("gt", 59), Some(true));
    check(
        r#"{"compare":{"left":{"question":"copies"},"op":"le","right":{"number":3}}}"#,
        Some(true),
    );
    check(
        r#"{"compare":{"left":{"files":"scan"},"op":"ge","right":{"number":2}}}"#,
        Some(true),
    );
}

#[test]
fn a_year_alone_is_judged_only_where_it_is_sure() {
    let age = |op: &str, n: i64| {
        format!(
            r#"{{"compare":{{"left":{{"years":{{"from":{{"question":"mother_born"}},"to":{{"question":"born"}}}}}},"op":"{op}","right":{{"number":{n}}}}}}}"#
        )
    };
    check(&age("ge", 35), Some(true));
    check(&age("ge", 36), None);
    check(&age("ge", 37), Some(false));
    check(
        r#"{"dates":{"left":{"question":"mother_born"},"op":"lt","right":{"question":"born"}}}"#,
        Some(true),
    );
    check(
        r#"{"dates":{"left":{"question":"born"},"op":"le","right":{"question":"mother_born"}}}"#,
        Some(false),
    );
    check(
        r#"{"dates":{"left":{"question":"mother_born"},"op":"eq","right":{"question":"mother_born"}}}"#,
        None,
    );
}

#[test]
fn size_is_measured_and_the_unknown_is_refused() {
    let leaf = r#"{"answered":"name"}"#;
    let deep = (0..EXPR_DEPTH_MAX).fold(leaf.to_owned(), |inner, _| format!(r#"{{"not":{inner}}}"#));
    let deep: Expr = serde_json::from_str(&deep).unwrap();
    assert_eq!(
        (deep.depth(), deep.nodes()),
        (EXPR_DEPTH_MAX + 1, EXPR_DEPTH_MAX + 1)
    );
    for wrong in [
        r#"{"run":"rm"}"#,
        r#"{"is":{"question":"a","value":"b","and":1}}"#,
        r#"{"answered":"a","ticked":"b"}"#,
    ] {
        assert!(serde_json::from_str::<Expr>(wrong).is_err(), "{wrong}");
    }
    let endless = "{\"not\":".repeat(100_000);
    assert!(
        serde_json::from_str::<Expr>(&endless).is_err(),
        "nesting ends in an error, not in a crash"
    );
}

//! Conditions of a procedure: what parses within its bounds ends, answers the same twice, and survives writing.
#![no_main]

use domain::answer::AnswerValue;
use domain::expr::{EXPR_DEPTH_MAX, EXPR_NODES_MAX, Expr, Scope};
use domain::ids::{ComponentId, QuestionId};
use domain::procedure::Channel;
use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;

/// Every question has an answer, of a kind that hangs on the length of its name.
struct Answers([Option<AnswerValue>; 6]);

impl Scope for Answers {
    fn value(&self, question: &QuestionId) -> Option<&AnswerValue> {
        self.0.get(question.as_str().len() % self.0.len())?.as_ref()
    }
    fn today(&self) -> Date {
        jiff::civil::date(2026, 11, 22)
    }
    fn channel(&self) -> Option<Channel> {
        None
    }
    fn files(&self, component: &ComponentId) -> usize {
        component.as_str().len()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(expr) = serde_json::from_slice::<Expr>(bytes) else {
        return;
    };
    let scope = Answers([
        None,
        Some(AnswerValue::Text("father".into())),
        Some(AnswerValue::Number(i64::MAX)),
        "2024".parse().ok().map(AnswerValue::Date),
        "2026-02-28".parse().ok().map(AnswerValue::Date),
        Some(AnswerValue::Flag(true)),
    ]);
    // Deeper ones are refused when a procedure is loaded.
    if expr.depth() <= EXPR_DEPTH_MAX && expr.nodes() <= EXPR_NODES_MAX {
        let first = expr.eval(&scope);
        assert_eq!(first, expr.eval(&scope), "two looks, two answers");
        assert!(
            !(expr.holds(&scope) && expr.broken(&scope)),
            "true and false at once"
        );
        let negated = Expr::Not(Box::new(expr.clone()));
        assert_eq!(negated.eval(&scope), first.map(|b| !b));
    }
    let written = serde_json::to_vec(&expr).expect("what was read writes");
    assert_eq!(
        serde_json::from_slice::<Expr>(&written).expect("what was written reads"),
        expr
    );
});

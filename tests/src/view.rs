//! Reading what a command answered, by places in its JSON. What is not there reads as nothing, so that a story says
//! itself what it misses.

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The list at `at`.
#[must_use]
pub fn list(view: &Value, at: &str) -> Vec<Value> {
    view.pointer(at)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// The text at `at`.
#[must_use]
pub fn text(view: &Value, at: &str) -> String {
    view.pointer(at)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The number at `at`.
#[must_use]
pub fn number(view: &Value, at: &str) -> Option<u64> {
    view.pointer(at).and_then(Value::as_u64)
}

/// Code, layer and Vietnamese sentence of the problem at `at`, as [`crate::Refused::told`] says them.
#[must_use]
pub fn problem(view: &Value, at: &str) -> (String, String, String) {
    let part = |name: &str| text(view, &format!("{at}/{name}"));
    (part("code"), part("layer"), part("words/vi"))
}

/// A question of the interview.
///
/// # Errors
/// Where it is on no page.
pub fn question<'a>(view: &'a Value, id: &str) -> Result<&'a Value> {
    view.pointer("/interview/pages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|page| page.get("questions")?.as_array())
        .flatten()
        .find(|q| q.get("id") == Some(&json!(id)))
        .with_context(|| format!("{id} is not shown"))
}

//! Which crate may lean on which, and where a library that shapes everything may stand.

use serde_json::Value;

/// The arrows: a crate and the crates of ours that it may use in what is shipped.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("seal", &["domain"]),
    ("catalogue", &["paper", "seal", "domain"]),
    // It must not repeat our mistakes, so it shares no code with what it checks.
    ("verifier", &[]),
    ("wire", &["seal", "domain"]),
    ("store", &["seal", "domain"]),
    ("paper", &["domain"]),
    ("sync", &["store", "wire", "seal", "domain"]),
    (
        "app",
        &["sync", "store", "paper", "wire", "catalogue", "seal", "domain"],
    ),
    ("cli", &["app", "catalogue"]),
    ("service", &["wire", "catalogue", "seal", "domain"]),
    ("donghanh", &["app"]),
    (
        "stories",
        &[
            "app",
            "cli",
            "sync",
            "store",
            "paper",
            "service",
            "wire",
            "catalogue",
            "seal",
            "domain",
        ],
    ),
    (
        "torture",
        &[
            "app", "cli", "sync", "store", "paper", "service", "wire", "seal", "domain", "stories",
        ],
    ),
    ("xtask", &["app"]),
];

/// Libraries with one home, and the crates that are it. Tests may use any.
const HOMES: &[(&str, &[&str])] = &[
    ("tauri", &["donghanh"]),
    ("wry", &[]),
    ("webkit2gtk", &["donghanh"]),
    ("rfd", &["donghanh"]),
    ("rusqlite", &["store", "service"]),
    ("reqwest", &["sync"]),
    ("axum", &["service"]),
    ("typst", &["paper"]),
];

/// Crates that are neither shipped nor leaned on: a harness may use what it tests.
const HARNESS: &[&str] = &["stories", "torture", "xtask"];

/// What a crate may use of ours; none for a crate that the rules do not know.
pub fn allowed(name: &str) -> Option<&'static [&'static str]> {
    ARROWS.iter().find(|(from, _)| *from == name).map(|(_, to)| *to)
}

/// The names of the workspace's crates.
pub fn members(metadata: &Value) -> Vec<String> {
    packages(metadata)
        .map(|package| text(package, "name").to_owned())
        .collect()
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Every edge that no rule allows, in words.
pub fn breaches(metadata: &Value) -> Vec<String> {
    let ours = members(metadata);
    let mut found = Vec::new();
    for package in packages(metadata) {
        let from = text(package, "name");
        for edge in package["dependencies"].as_array().into_iter().flatten() {
            found.extend(breach(
                from,
                text(edge, "name"),
                text(edge, "kind") == "dev",
                &ours,
            ));
        }
    }
    found
}

fn breach(from: &str, to: &str, for_tests: bool, ours: &[String]) -> Option<String> {
    if for_tests {
        return None;
    }
    if let Some((_, homes)) = HOMES.iter().find(|(library, _)| *library == to)
        && !homes.contains(&from)
        && !HARNESS.contains(&from)
    {
        return Some(format!("{from} uses {to}, whose home is {homes:?}"));
    }
    if ours.iter().any(|name| name == to) && !allowed(from).unwrap_or_default().contains(&to) {
        return Some(format!("{from} -> {to}: that arrow does not exist"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::breaches;
    use serde_json::{Value, json};

    fn planted(from: &str, to: &str, kind: Option<&str>) -> Value {
        let names = [
            "domain", "seal", "wire", "store", "paper", "sync", "app", "cli", "service", "donghanh",
            "stories", "torture", "xtask", "verifier",
        ];
        let packages: Vec<Value> = names
            .iter()
            .map(|name| {
                let edges = if *name == from {
                    json!([{ "name": to, "kind": kind }])
                } else {
                    json!([])
                };
                json!({ "name": name, "dependencies": edges })
            })
            .collect();
        json!({ "packages": packages })
    }

    #[test]
    fn planted_breaches_are_seen_and_allowed_edges_are_not() {
        let cases = [
            ("domain", "store", None, 1),
            ("domain", "domain", None, 1),
            ("app", "donghanh", None, 1),
            ("app", "service", None, 1),
            ("cli", "store", None, 1),
            ("donghanh", "domain", None, 1),
            ("verifier", "seal", None, 1),
            ("verifier", "seal", Some("dev"), 0),
            ("sync", "app", Some("build"), 1),
            ("seal", "stories", None, 1),
            ("app", "tauri", None, 1),
            ("sync", "rusqlite", None, 1),
            ("service", "reqwest", None, 1),
            ("app", "sync", None, 0),
            ("store", "rusqlite", None, 0),
            ("service", "rusqlite", None, 0),
            ("service", "reqwest", Some("dev"), 0),
            ("cli", "service", Some("dev"), 0),
            ("domain", "serde", None, 0),
        ];
        for (from, to, kind, want) in cases {
            let found = breaches(&planted(from, to, kind));
            assert_eq!(found.len(), want, "{from} -> {to} ({kind:?}): {found:?}");
        }
    }
}

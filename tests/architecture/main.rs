//! The arrows between the crates, read from `cargo metadata` and checked one by one.
//!
//! **Invariant:** a new edge between our crates, a second home for a window, database or network library, or a second
//! folder that talks to the web view's bridge fails here, with the rule that it breaks. Each rule is also shown a planted
//! breach, so that a rule which sees nothing is noticed.

mod bridge;
mod edges;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[expect(clippy::expect_used, reason = "without cargo there is nothing to check")]
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

#[test]
fn every_arrow_points_the_right_way() {
    let breaches = edges::breaches(&metadata());
    assert!(
        breaches.is_empty(),
        "see the arrows in docs/ARCHITECTURE.md:\n{}",
        breaches.join("\n")
    );
}

#[test]
fn every_crate_of_the_workspace_is_known_to_the_rules() {
    let unknown: Vec<String> = edges::members(&metadata())
        .into_iter()
        .filter(|name| edges::allowed(name).is_none())
        .collect();
    assert!(
        unknown.is_empty(),
        "a new crate needs its arrows in tests/architecture/edges.rs: {unknown:?}"
    );
}

#[test]
fn the_bridge_is_imported_in_one_folder() {
    assert!(
        root().join("ui/src/backend").is_dir(),
        "the folder that this rule is about is gone"
    );
    let breaches = bridge::breaches(&root().join("ui/src"));
    assert!(
        breaches.is_empty(),
        "the web view's bridge is imported outside ui/src/backend: {breaches:?}"
    );
}

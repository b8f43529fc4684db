//! The clerk's tools as a clerk runs them, and the guide's own example through them.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground is gone")]

use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const GUIDE: &str = include_str!("../../../docs/huong-dan-viet-thu-tuc.md");

/// The example of the guide: its one block of JSON.
fn example() -> &'static str {
    let (_, rest) = GUIDE.split_once("```json\n").unwrap();
    rest.split_once("```").unwrap().0
}

fn cli(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_donghanh-cli"));
    command
        .arg("procedures")
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
    command
}

fn check(path: &Path) -> (bool, String) {
    let Output { status, stdout, .. } = cli(&["check"]).arg(path).output().unwrap();
    (status.success(), String::from_utf8(stdout).unwrap())
}

#[test]
fn the_guides_example_passes_alone_and_in_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("9.000001.json");
    std::fs::write(&file, example()).unwrap();
    let said = check(&file);
    assert_eq!(
        (said.0, said.1.contains("không có lỗi")),
        (true, true),
        "{}",
        said.1
    );
    let said = check(dir.path());
    assert!(said.0, "{}", said.1);
}

#[test]
fn what_was_built_in_passes() {
    let output = cli(&["check"]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn mistakes_are_said_with_file_and_line_in_both_languages() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("9.000001.json");
    let text = example()
        .replacen(
            "\"label\": {\"vi\": \"Điện thoại\"",
            "\"lable\": 1, \"label\": {\"vi\": \"Điện thoại\"",
            1,
        )
        .replacen(
            "\"question\": \"purpose\", \"value\": \"other\"",
            "\"question\": \"porpose\", \"value\": \"other\"",
            1,
        );
    std::fs::write(&file, &text).unwrap();
    let (passed, said) = check(&file);
    assert!(!passed);
    for needle in ["lable", "porpose"] {
        let at = text.find(&format!("\"{needle}\"")).unwrap();
        let line = text[..at].matches('\n').count() + 1;
        let wanted = format!("{}:{line}:", file.display());
        assert!(
            said.lines().any(|l| l.starts_with(&wanted) && l.contains(needle)),
            "{needle} on {line}:\n{said}"
        );
    }
    assert!(
        said.contains("There is no field \"lable\"") && said.contains("2 lỗi."),
        "{said}"
    );
}

#[test]
fn a_preview_opens_the_interview_and_seals_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("9.000001.json");
    std::fs::write(&file, example()).unwrap();
    let mut child = cli(&["preview", "--rpc"])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let calls = [
        ("operator", "kiosk_status", json!({})),
        ("citizen", "give_consent", json!({ "agree": true })),
        ("operator", "home", json!({})),
        ("operator", "sign_out", json!({})),
        ("operator", "send_now", json!({})),
    ];
    let mut input = child.stdin.take().unwrap();
    for (id, (from, method, params)) in calls.iter().enumerate() {
        let message = json!({ "jsonrpc": "2.0", "id": id, "from": from, "method": method, "params": params });
        writeln!(input, "{message}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answers: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let answer = |id: usize| {
        answers
            .iter()
            .find(|a| a["id"] == json!(id))
            .unwrap_or_else(|| panic!("{answers:#?}"))
    };
    assert_eq!(answer(0)["result"]["preview"], json!(true));
    assert_eq!(
        answer(0)["result"]["enrolment"]["stage"]["stage"],
        json!("enrolled")
    );
    assert!(answer(1).get("result").is_some(), "{}", answer(1));
    let home = &answer(2)["result"];
    assert_eq!(home["procedures"][0]["code"], json!("9.000001"));
    assert_eq!(
        home["drafts"].as_array().map(Vec::len),
        Some(1),
        "the interview stands open"
    );
    assert_eq!(answer(3)["error"]["data"]["code"], json!("preview_only"));
}

#[test]
fn a_procedure_with_a_mistake_is_not_previewed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("9.000001.json");
    std::fs::write(&file, "{\n \"code\": 1\n}").unwrap();
    let output = cli(&["preview", "--rpc"]).arg(&file).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains(":2:"));
}

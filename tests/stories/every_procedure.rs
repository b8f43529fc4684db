//! Every procedure that is offered goes from its filled example to a sealed dossier that the province acknowledges.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use stories::counter::all_acknowledged;
use stories::view::{list, text};
use stories::{Counter, Kiosk, form, page};

/// The day on which the examples are true.
const DAY: &str = "2026-11-22T02:00:00Z";
/// Far fewer, and the catalogue did not load.
const OFFERED_MIN: usize = 30;

fn example(code: &str) -> Result<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/domain/tests/fixtures");
    let name = if code == form::PROCEDURE {
        PathBuf::from("birth_anna.json")
    } else {
        Path::new("procedures").join(format!("{code}.json"))
    };
    let bytes = std::fs::read(folder.join(&name)).with_context(|| format!("{code} has no filled example"))?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// Starts a procedure; the citizen agrees, the officer types the example.
fn start(kiosk: &mut Kiosk, code: &str, example: &Value) -> Result<(String, Value)> {
    let mut view = kiosk.call("start_dossier", json!({ "procedure": code }))?;
    let dossier = text(&view, "/dossier");
    view = form::choose_way(kiosk, &view)?;
    ensure!(
        !list(&view, "/interview/missing").contains(&json!({ "kind": "channel" })),
        "{code}: the way that was chosen is not known"
    );
    kiosk.citizen("give_consent", json!({ "agree": true }))?;
    for pair in list(example, "/answers") {
        view = kiosk.call(
            "give_answer",
            json!({ "dossier": dossier, "question": pair[0], "raw": pair[1] }),
        )?;
    }
    let view = form::say_standing(kiosk, &view)?;
    Ok((dossier, view))
}

/// Adds what is asked for, and what the example says was there.
fn add_papers(kiosk: &mut Kiosk, dossier: &str, view: &Value, example: &Value, scan: &Path) -> Result<Value> {
    let mut last = view.clone();
    for paper in list(view, "/interview/papers") {
        let component = text(&paper, "/id");
        let asked = if paper["required"] == json!(true) {
            paper["min_files"].as_u64()
        } else {
            None
        };
        let there = example
            .pointer(&format!("/files/{component}"))
            .and_then(Value::as_u64);
        for _ in 0..asked.unwrap_or(0).max(there.unwrap_or(0)) {
            last = kiosk.call(
                "add_file",
                json!({ "dossier": dossier, "component": component, "path": scan }),
            )?;
        }
    }
    Ok(last)
}

#[test]
fn every_procedure_is_sealed_and_acknowledged() -> Result<()> {
    let (counter, mut kiosk) = Counter::open_with(&["--clock", DAY], &[])?;
    let scan = counter.data().with_file_name("scan.jpg");
    std::fs::write(&scan, page::scanned(7)?)?;
    let home = kiosk.call("home", json!({}))?;
    let codes: Vec<String> = list(&home, "/procedures")
        .iter()
        .map(|p| text(p, "/code"))
        .collect();
    ensure!(
        codes.len() >= OFFERED_MIN,
        "only {} procedures are offered",
        codes.len()
    );
    for code in &codes {
        let example = example(code)?;
        let (dossier, view) = start(&mut kiosk, code, &example)?;
        let view = add_papers(&mut kiosk, &dossier, &view, &example, &scan)?;
        ensure!(
            view.pointer("/interview/complete") == Some(&json!(true)),
            "{code} still misses {}",
            view["interview"]["missing"]
        );
        form::confirm(&mut kiosk, &dossier).with_context(|| format!("{code}: confirming"))?;
        let receipt = kiosk
            .call("seal_dossier", json!({ "dossier": dossier }))
            .with_context(|| format!("{code}: sealing"))?;
        ensure!(
            text(&receipt, "/number").starts_with("DH-"),
            "{code}: no receipt number"
        );
        kiosk.call("finish_visit", json!({}))?;
    }
    all_acknowledged(&mut kiosk, codes.len())?;
    Ok(())
}

/// The control: one required answer less, and the same walk does not reach the seal.
#[test]
fn an_example_with_a_hole_is_not_sealed() -> Result<()> {
    let (_counter, mut kiosk) = Counter::open()?;
    let mut example = example(form::PROCEDURE)?;
    let answers = example
        .get_mut("answers")
        .and_then(Value::as_array_mut)
        .context("no answers")?;
    answers.retain(|pair| pair[0] != json!("child_name"));
    let (dossier, _) = start(&mut kiosk, form::PROCEDURE, &example)?;
    let refused = kiosk.call("seal_dossier", json!({ "dossier": dossier }));
    ensure!(
        refused.is_err_and(|e| e.to_string().contains("not_complete")),
        "an incomplete dossier was sealed"
    );
    Ok(())
}

#[test]
fn where_fee_or_time_depend_on_the_way_one_is_chosen_first() -> Result<()> {
    let (_counter, mut kiosk) = Counter::open_with(&["--clock", DAY], &[])?;
    let residence = "1.004222";
    let view = kiosk.call("start_dossier", json!({ "procedure": residence }))?;
    let dossier = text(&view, "/dossier");
    let missing = json!({ "kind": "channel" });
    ensure!(
        list(&view, "/interview/missing").contains(&missing) && view["interview"]["fee_dong"].is_null(),
        "a fee was shown before anybody chose"
    );
    let fees: Vec<String> = list(&view, "/offer/ways")
        .iter()
        .map(|way| text(way, "/fee/vi"))
        .collect();
    ensure!(
        fees.contains(&"10.000 đồng".into()) && fees.contains(&"20.000 đồng".into()),
        "{fees:?}"
    );
    let by_post = kiosk.call("choose_channel", json!({ "dossier": dossier, "channel": "post" }));
    ensure!(
        by_post.is_err_and(|e| e.to_string().contains("bad_request")),
        "a way that the procedure has not was taken"
    );
    for (channel, fee) in [("direct", 20_000), ("online", 10_000)] {
        let view = kiosk.call(
            "choose_channel",
            json!({ "dossier": dossier, "channel": channel }),
        )?;
        ensure!(
            view["interview"]["fee_dong"] == json!(fee),
            "{channel}: {}",
            view["interview"]["fee_dong"]
        );
        ensure!(
            !list(&view, "/interview/missing").contains(&missing),
            "{channel} is not known"
        );
    }
    kiosk.close()?;
    Ok(())
}

/// A large household: the form asks for each of forty, and the declaration prints them all.
#[test]
fn forty_members_of_one_household() -> Result<()> {
    const CODE: &str = "1.004222";
    let (_counter, mut kiosk) = Counter::open_with(&["--clock", DAY], &[])?;
    let example = example(CODE)?;
    let (dossier, _) = start(&mut kiosk, CODE, &example)?;
    let answers = list(&example, "/answers");
    let members = answers.iter().find(|pair| pair[0] == json!("members"));
    let model = members.context("no members")?[1]["value"][0].clone();
    let rows = |count: usize| -> Value {
        let row = |n: usize| {
            let mut row = model.clone();
            row["member_name"]["value"] =
                json!(format!("Sùng Thị Hoa {}", ["Mai", "Lý", "Sen", "Huệ"][n % 4]));
            row["member_id"]["value"] = json!(format!("011320{n:06}"));
            row
        };
        json!({ "kind": "rows", "value": (1..=count).map(row).collect::<Vec<_>>() })
    };
    let mut give = |count: usize| {
        let raw = rows(count);
        kiosk.call(
            "give_answer",
            json!({ "dossier": dossier, "question": "members", "raw": raw }),
        )
    };
    let view = give(40)?;
    ensure!(
        view.pointer("/interview/complete") == Some(&json!(true)) || {
            let missing = list(&view, "/interview/missing");
            !json!(missing).to_string().contains("member")
        },
        "forty are refused: {}",
        view["interview"]["missing"]
    );
    let faults = |view: &Value| {
        json!(view["interview"]["pages"])
            .to_string()
            .matches("row_count")
            .count()
    };
    ensure!(faults(&view) == 0, "forty are too many");
    let drawn = kiosk.call("show_form", json!({ "dossier": dossier, "form": "ct01" }))?;
    ensure!(
        drawn["pages"].as_u64().is_some_and(|pages| pages >= 2),
        "{} pages",
        drawn["pages"]
    );
    Ok(())
}

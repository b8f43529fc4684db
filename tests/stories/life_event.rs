//! A family moves house: three dossiers begun with one press, told once, sealed one by one; the province accepts two and
//! returns one, and each goes its own way.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use stories::counter::{all_acknowledged, items};
use stories::view::{list, text};
use stories::{Counter, Kiosk, form, page};

/// The day on which the examples are true.
const DAY: &str = "2026-11-22T02:00:00Z";
const STEPS: [&str; 3] = ["1.010028", "1.004194", "1.004222"];
const SOURCE: &str = "Cổng Dịch vụ công quốc gia";

fn example(code: &str) -> Result<Vec<(String, Value)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/domain/tests/fixtures/procedures");
    let value: Value = serde_json::from_slice(&std::fs::read(folder.join(format!("{code}.json")))?)?;
    let answers: Vec<(String, Value)> = serde_json::from_value(value["answers"].clone())?;
    // They file for themselves: who they are is told once, as the applicant.
    let own = |(question, raw): (String, Value)| match question.as_str() {
        "requester_relation" => Some((question, json!({ "kind": "text", "value": "self" }))),
        q if q.starts_with("subject_") => None,
        _ => Some((question, raw)),
    };
    Ok(answers.into_iter().filter_map(own).collect())
}

/// What stands in a form already, by question.
fn answered(view: &Value) -> Vec<(String, String)> {
    let pages = list(view, "/interview/pages");
    let questions = pages.iter().flat_map(|p| list(p, "/questions"));
    questions
        .filter(|q| !q["value"].is_null())
        .map(|q| (text(&q, "/id"), text(&q, "/source")))
        .collect()
}

/// Types what is still empty, adds the papers, and lets the citizen confirm. Answers how many answers were there already.
fn finish(kiosk: &mut Kiosk, dossier: &str, code: &str, scan: &Path) -> Result<usize> {
    kiosk.citizen("give_consent", json!({ "agree": true }))?;
    let mut view = kiosk.call(
        "go_to",
        json!({ "dossier": dossier, "place": { "place": "check" } }),
    )?;
    view = form::choose_way(kiosk, &view)?;
    let kept = answered(&view)
        .iter()
        .filter(|(_, source)| source == "kept")
        .count();
    let there: Vec<String> = answered(&view).into_iter().map(|(id, _)| id).collect();
    for (question, raw) in example(code)? {
        if !there.contains(&question) {
            view = kiosk.call(
                "give_answer",
                json!({ "dossier": dossier, "question": question, "raw": raw }),
            )?;
        }
    }
    view = form::say_standing(kiosk, &view)?;
    for paper in list(&view, "/interview/papers") {
        if paper["required"] == json!(true) {
            for _ in 0..paper["min_files"].as_u64().unwrap_or(0) {
                view = kiosk.call(
                    "add_file",
                    json!({ "dossier": dossier, "component": paper["id"], "path": scan }),
                )?;
            }
        }
    }
    ensure!(
        view.pointer("/interview/complete") == Some(&json!(true)),
        "{code} still misses {}",
        view["interview"]["missing"]
    );
    form::confirm(kiosk, dossier)?;
    Ok(kept)
}

#[test]
fn one_of_three_is_returned_and_two_are_accepted() -> Result<()> {
    let (counter, mut kiosk) = Counter::open_with(&["--clock", DAY], &[])?;
    let scan = counter.data().with_file_name("scan.jpg");
    std::fs::write(&scan, page::scanned(7)?)?;

    let first = kiosk.call(
        "start_life_event",
        json!({ "event": "moving", "procedures": STEPS }),
    )?;
    let sheet = kiosk.call("event_sheet", json!({ "dossier": first["dossier"] }))?;
    let dossiers: Vec<String> = list(&sheet, "/event/dossiers")
        .iter()
        .map(|d| text(d, "/dossier"))
        .collect();
    ensure!(dossiers.len() == 3 && dossiers.first().is_some_and(|d| *d == text(&first, "/dossier")));

    for (at, (dossier, code)) in dossiers.iter().zip(STEPS).enumerate() {
        kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
        let kept = finish(&mut kiosk, dossier, code, &scan)?;
        ensure!(
            at == 0 || kept >= 8,
            "{code}: only {kept} answers were given once"
        );
        kiosk.call("seal_dossier", json!({ "dossier": dossier }))?;
    }
    // The second form had the first one's words, sealed and gone by then.
    let last = dossiers.last().context("no dossier")?;
    let receipt = kiosk.call("print_receipt", json!({ "dossier": last }))?;
    let pdf = std::fs::read(text(&receipt, "/saved_pdf"))?;
    ensure!(pdf.starts_with(b"%PDF-"), "no receipt");
    let sheet = kiosk.call("event_sheet", json!({ "dossier": last }))?;
    for one in list(&sheet, "/event/dossiers") {
        ensure!(one["state"] == json!("sealed"), "{one}");
    }

    all_acknowledged(&mut kiosk, 3)?;
    let province = &counter.province;
    let [one, two, three] = dossiers.as_slice() else {
        anyhow::bail!("not three")
    };
    for (n, dossier) in [one, three].into_iter().enumerate() {
        let code = format!("H11.77-261122-000{}", n + 1);
        province.admin(&["code", "set", dossier, "--code", &code, "--source", SOURCE])?;
    }
    province.admin(&[
        "status",
        two,
        "--to",
        "not_accepted",
        "--note",
        "Thiếu xác nhận của chủ hộ",
    ])?;
    kiosk.call("send_now", json!({}))?;
    let all = items(&mut kiosk)?;
    let of = |dossier: &String| {
        all.iter()
            .find(|i| i["dossier"] == json!(dossier))
            .cloned()
            .unwrap_or_default()
    };
    for accepted in [one, three] {
        ensure!(
            text(&of(accepted), "/word/vi").starts_with("đã tiếp nhận"),
            "{}",
            of(accepted)
        );
    }
    ensure!(
        of(two)["official_code"].is_null(),
        "the returned one has a code: {}",
        of(two)
    );
    ensure!(
        text(&of(two), "/reason/vi").contains("Thiếu xác nhận"),
        "the reason did not come back: {}",
        of(two)
    );
    kiosk.close()?;
    Ok(())
}

/// The control: dossiers that were begun one by one have nothing in common, and nothing is carried.
#[test]
fn dossiers_begun_alone_share_nothing() -> Result<()> {
    let (_counter, mut kiosk) = Counter::open()?;
    let first = kiosk.call("start_dossier", json!({ "procedure": STEPS[0] }))?;
    kiosk.citizen("give_consent", json!({ "agree": true }))?;
    for (question, raw) in example(STEPS[0])? {
        kiosk.call(
            "give_answer",
            json!({ "dossier": first["dossier"], "question": question, "raw": raw }),
        )?;
    }
    let second = kiosk.call("start_dossier", json!({ "procedure": STEPS[1] }))?;
    let again = kiosk.call("open_dossier", json!({ "dossier": second["dossier"] }))?;
    ensure!(
        answered(&again).iter().all(|(_, source)| source != "kept"),
        "{:?}",
        answered(&again)
    );
    let sheet = kiosk.call("event_sheet", json!({ "dossier": second["dossier"] }))?;
    ensure!(sheet["event"].is_null(), "{sheet}");
    let refused = kiosk.call(
        "start_life_event",
        json!({ "event": "moving", "procedures": ["1.001193"] }),
    );
    ensure!(
        refused.is_err(),
        "a procedure that is not of the event was begun with it"
    );
    Ok(())
}

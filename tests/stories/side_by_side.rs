//! Two people at one dossier, without a window: "Sai" and its taking back, what is half written when the screen locks, who
//! files for whom, and the days that are counted.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::{Counter, Kiosk, form};

fn screen(kiosk: &mut Kiosk) -> Result<Value> {
    kiosk.citizen("citizen_screen", json!({}))
}

/// One answer as it stands on the citizen's screen.
fn answer(screen: &Value, question: &str) -> Result<Value> {
    let answers = screen["page"]["answers"].as_array().context("no page")?;
    let found = answers.iter().find(|one| one["question"] == json!(question));
    found.cloned().with_context(|| format!("no {question}: {screen}"))
}

fn on_page(kiosk: &mut Kiosk, dossier: &str, page: &str) -> Result<()> {
    let place = json!({ "place": "page", "page": page, "back_to_check": false });
    kiosk.call("go_to", json!({ "dossier": dossier, "place": place }))?;
    Ok(())
}

#[test]
fn sai_is_said_and_taken_back_and_confirms_nothing() -> Result<()> {
    let (_counter, mut kiosk) = Counter::open()?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    on_page(&mut kiosk, &dossier, "child")?;
    let name = json!({ "question": "child_name" });
    let seen = answer(&screen(&mut kiosk)?, "child_name")?["seen"].clone();
    let right = json!({ "question": "child_name", "seen": seen });
    kiosk.citizen("confirm_answer", right)?;

    let said = kiosk.citizen("say_wrong", name.clone())?;
    let wrong = answer(&said, "child_name")?;
    ensure!(
        wrong["wrong"] == json!(true) && wrong["confirmed"] == json!(false),
        "{wrong}"
    );
    let back = answer(&kiosk.citizen("take_back_wrong", name)?, "child_name")?;
    ensure!(
        back["wrong"] == json!(false) && back["confirmed"] == json!(false),
        "taking \"Sai\" back is no \"Đúng\": {back}"
    );
    ensure!(back["shown"] == wrong["shown"], "the answer stands as it was");
    Ok(())
}

#[test]
fn what_the_citizen_was_writing_outlives_a_lock_and_nothing_else() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let dossier = form::start(&mut kiosk)?;
    on_page(&mut kiosk, &dossier, "requester")?;
    let half = json!({ "question": "requester_name", "text": "Lò Thị M" });
    kiosk.citizen("keep_writing", json!({ "half": half }))?;
    let saved = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    ensure!(
        !saved.to_string().contains("Lò Thị M"),
        "what nobody ended is no answer"
    );

    kiosk.call("sign_out", json!({}))?;
    let locked = screen(&mut kiosk)?;
    ensure!(
        locked["screen"] == json!("locked") && !locked.to_string().contains("Lò Thị M"),
        "{locked}"
    );
    counter.sign_in(&mut kiosk)?;
    ensure!(screen(&mut kiosk)?["half_written"] == half, "it is lost");
    // Another page has nothing of it; back on its own it is there until it is ended.
    on_page(&mut kiosk, &dossier, "child")?;
    ensure!(screen(&mut kiosk)?["half_written"].is_null(), "on another page");
    on_page(&mut kiosk, &dossier, "requester")?;
    ensure!(screen(&mut kiosk)?["half_written"] == half, "the control");
    kiosk.citizen(
        "write_answer",
        json!({ "question": "requester_name", "text": "Lò Thị Mai" }),
    )?;
    ensure!(screen(&mut kiosk)?["half_written"].is_null(), "it was ended");

    // It goes with its visit, and with whoever leaves it.
    kiosk.citizen("keep_writing", json!({ "half": half }))?;
    kiosk.citizen("keep_writing", json!({ "half": null }))?;
    ensure!(screen(&mut kiosk)?["half_written"].is_null(), "it was left");
    kiosk.citizen("keep_writing", json!({ "half": half }))?;
    kiosk.call("finish_visit", json!({}))?;
    kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    ensure!(
        screen(&mut kiosk)?["half_written"].is_null(),
        "it outlived its visit"
    );
    // Nobody keeps anything where no dossier stands open.
    kiosk.call("finish_visit", json!({}))?;
    let nothing = kiosk.citizen("keep_writing", json!({ "half": half }));
    ensure!(nothing.is_err(), "{nothing:?}");
    Ok(())
}

/// A relative of whom the form says only "somebody else": nobody files before it is said in what standing.
#[test]
fn who_files_for_somebody_else_says_in_what_standing() -> Result<()> {
    let (_counter, mut kiosk) = Counter::open()?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    let missing = json!({ "kind": "standing" });
    let lacks = |view: &Value| {
        let all = view["interview"]["missing"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        all.contains(&missing)
    };
    let relation = |kiosk: &mut Kiosk, value: &str| {
        let raw = json!({ "kind": "text", "value": value });
        let request = json!({ "dossier": dossier, "question": "requester_relation", "raw": raw });
        kiosk.call("give_answer", request)
    };
    let stands = |kiosk: &mut Kiosk, standing: Value| {
        kiosk.call(
            "set_standing",
            json!({ "dossier": dossier, "standing": standing }),
        )
    };
    let view = relation(&mut kiosk, "mother")?;
    ensure!(
        !lacks(&view)
            && view["people"]["standing"] == json!({ "standing": "close_relative", "relation": "parent" }),
        "the form says it: {}",
        view["people"]
    );
    let view = relation(&mut kiosk, "other")?;
    ensure!(
        lacks(&view) && view["interview"]["complete"] == json!(false),
        "{}",
        view["interview"]["missing"]
    );
    let filing = json!({ "dossier": dossier, "place": { "place": "filing" } });
    let refused = kiosk.refused("go_to", filing)?;
    ensure!(refused.told().0 == "not_complete", "{refused}");
    let sealed = kiosk.refused("seal_dossier", json!({ "dossier": dossier }))?;
    ensure!(sealed.told().0 == "not_complete", "{sealed}");
    let view = stands(&mut kiosk, json!({ "standing": "own" }))?;
    ensure!(lacks(&view), "two people are not one");
    let view = stands(
        &mut kiosk,
        json!({ "standing": "close_relative", "relation": "grandparent" }),
    )?;
    ensure!(
        !lacks(&view) && view["people"]["authorisation"] == json!("none"),
        "{}",
        view["people"]
    );
    Ok(())
}

#[test]
fn each_day_counts_dossiers_and_other_help_apart() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    kiosk.call("record_assist", json!({ "kind": "advised", "outcome": "done" }))?;
    kiosk.call(
        "record_assist",
        json!({ "kind": "looked_up", "outcome": "not_finished" }),
    )?;
    let today = kiosk.call("home", json!({}))?["today"].clone();
    let days = kiosk.call("days", json!({}))?["days"].clone();
    ensure!(days[0]["assists"] == today["assists"], "{days} against {today}");
    ensure!(
        days[0]["dossiers"]["sealed"] == json!(0) && days[0]["assists"]["done"] == json!(1),
        "{days}"
    );
    kiosk.close()?;

    // Two days later: that day is there, and today is another one.
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
    let mut kiosk = counter.reopen_with(&["--clock", &later.to_string()], &[])?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    form::seal(&mut kiosk, &dossier)?;
    let days = kiosk.call("days", json!({}))?["days"].clone();
    ensure!(days.as_array().is_some_and(|all| all.len() == 2), "{days}");
    ensure!(
        days[0]["dossiers"]["sealed"] == json!(1) && days[0]["assists"]["done"] == json!(0),
        "a dossier is no help that ended in none: {days}"
    );
    ensure!(days[1]["assists"]["looked_up"] == json!(1), "{days}");
    Ok(())
}

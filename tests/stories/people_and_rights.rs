//! Rights without a window: what a signature, a witness and the ledger become inside the seal; what
//! a press is about; how long a visit's language and its receipt stay; that consent taken back stops what has not gone.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::counter::{all_acknowledged, items};
use stories::kiosk::seen;
use stories::{Counter, Kiosk, form};

fn strokes() -> Value {
    let line: Vec<[u16; 2]> = (0..20).map(|i| [100 + i * 20, 200]).collect();
    json!([line])
}

#[test]
fn signature_standing_and_ledger_are_inside_the_seal_and_nowhere_else() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let view = kiosk.call("start_dossier", json!({ "procedure": form::PROCEDURE }))?;
    let dossier = view["dossier"].as_str().context("no id")?.to_owned();
    kiosk.call(
        "set_standing",
        json!({ "dossier": dossier, "standing": { "standing": "close_relative", "relation": "parent" } }),
    )?;
    let dot = kiosk.citizen("give_consent", json!({ "agree": true, "signature": [[[1, 1]]] }));
    ensure!(
        dot.is_err_and(|e| e.to_string().contains("signature_unclear")),
        "a dot was taken for a signature"
    );
    kiosk.citizen("give_consent", json!({ "agree": true, "signature": strokes() }))?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    form::seal(&mut kiosk, &dossier)?;
    all_acknowledged(&mut kiosk, 1)?;

    let sealed = counter.province.opened(&dossier)?;
    ensure!(
        sealed["consent"]["act"] == json!("signature"),
        "{}",
        sealed["consent"]
    );
    ensure!(
        sealed["consent"]["signature"] == strokes(),
        "the signature as it was drawn"
    );
    ensure!(
        sealed["roles"]["standing"] == json!({ "standing": "close_relative", "relation": "parent" }),
        "{}",
        sealed["roles"]
    );
    let ledger = sealed["ledger"].as_array().context("no ledger")?;
    let pages = sealed["answers"].as_array().map_or(0, Vec::len);
    ensure!(
        ledger.len() > 5 && pages > 10,
        "every page has its line: {ledger:?}"
    );
    ensure!(
        ledger.iter().all(|page| page["assistance"].is_string()) && sealed["assistance"] == json!("together"),
        "the officer typed and the citizen confirmed: {}",
        sealed["assistance"]
    );
    let listed = counter.province.dossiers()?;
    ensure!(
        !json!(listed).to_string().contains("signature"),
        "nothing of it stands outside"
    );
    Ok(())
}

/// Between reading and pressing the officer saves another answer: the press is about what was read, and confirms nothing.
#[test]
fn a_press_on_what_was_changed_since_confirms_nothing() -> Result<()> {
    let (_counter, mut kiosk) = Counter::open()?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    let page = json!({ "place": "page", "page": "child", "back_to_check": false });
    kiosk.call("go_to", json!({ "dossier": dossier, "place": page }))?;

    let read = kiosk.citizen("citizen_screen", json!({}))?;
    let name = json!("child_name");
    let (of_name, of_page) = (seen(&read, Some(&name)), seen(&read, None));
    ensure!(
        of_name.is_some() && of_page.is_some() && of_name != of_page,
        "{read}"
    );
    let raw = json!({ "kind": "text", "value": "Lò Thị Hương Sen" });
    kiosk.call(
        "give_answer",
        json!({ "dossier": dossier, "question": name, "raw": raw }),
    )?;

    for (press, params) in [
        ("confirm_answer", json!({ "question": name, "seen": of_name })),
        ("confirm_page", json!({ "page": "child", "seen": of_page })),
    ] {
        refused_as_changed(&kiosk.citizen(press, params)).context(press)?;
    }
    let now = kiosk.citizen("citizen_screen", json!({}))?;
    let confirmed = now["page"]["confirmed"] == json!(true);
    ensure!(!confirmed, "something was confirmed: {now}");

    // What was not touched can be confirmed all the while, and so can the page once it was read again.
    let other = json!("child_birth_date");
    let unchanged = json!({ "question": other, "seen": seen(&read, Some(&other)) });
    kiosk.citizen("confirm_answer", unchanged)?;
    kiosk.citizen("confirm_answer", json!({ "question": name }))?;
    let now = kiosk.citizen("confirm_page", json!({ "page": "child" }))?;
    ensure!(now["page"]["confirmed"] == json!(true), "{now}");

    // The second act too.
    form::confirm(&mut kiosk, &dossier)?;
    let filing = json!({ "dossier": dossier, "place": { "place": "filing" } });
    kiosk.call("go_to", filing.clone())?;
    let read = kiosk.citizen("citizen_screen", json!({}))?;
    let raw = json!({ "kind": "text", "value": "Lò Thị Hương Lan" });
    kiosk.call(
        "give_answer",
        json!({ "dossier": dossier, "question": name, "raw": raw }),
    )?;
    kiosk.call("go_to", filing)?;
    let agree = json!({ "agree": true, "seen": seen(&read, None) });
    refused_as_changed(&kiosk.citizen("confirm_filing", agree)).context("the second act")?;
    Ok(())
}

fn refused_as_changed(pressed: &Result<Value>) -> Result<()> {
    ensure!(
        pressed
            .as_ref()
            .is_err_and(|e| e.to_string().contains("changed_meanwhile")),
        "a press on what had gone: {pressed:?}"
    );
    Ok(())
}

/// A witness presses for somebody who cannot: nothing that is pressed tells what that person did, and no page says so.
#[test]
fn what_a_witness_presses_is_not_counted_as_the_citizens() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let view = kiosk.call("start_dossier", json!({ "procedure": form::PROCEDURE }))?;
    let dossier = view["dossier"].as_str().context("no id")?.to_owned();
    kiosk.call(
        "name_witness",
        json!({ "dossier": dossier, "name": "Sùng Thị Hàng Xóm" }),
    )?;
    kiosk.citizen("give_consent", json!({ "agree": true }))?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    form::seal(&mut kiosk, &dossier)?;
    all_acknowledged(&mut kiosk, 1)?;
    let sealed = counter.province.opened(&dossier)?;
    ensure!(
        sealed["consent"]["act"] == json!("witness"),
        "{}",
        sealed["consent"]
    );
    let ledger = sealed["ledger"].as_array().context("no ledger")?;
    ensure!(
        ledger.len() > 5 && ledger.iter().all(|page| page["assistance"] == json!("unknown")),
        "a witness's hand counted as the citizen's: {ledger:?}"
    );
    Ok(())
}

/// A citizen's language is theirs: it ends with their visit, and the counter's own comes back.
#[test]
fn a_citizens_language_ends_with_their_visit() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    form::start(&mut kiosk)?;
    let speaks = |kiosk: &mut Kiosk| -> Result<Value> {
        Ok(kiosk.call("kiosk_status", json!({}))?["language"].clone())
    };
    kiosk.citizen("set_language", json!({ "language": "en" }))?;
    ensure!(
        speaks(&mut kiosk)? == json!("en"),
        "the citizen's choice does nothing"
    );
    // Over a lock it is the same visit still.
    kiosk.call("sign_out", json!({}))?;
    counter.sign_in(&mut kiosk)?;
    ensure!(
        speaks(&mut kiosk)? == json!("en"),
        "a lock took the citizen's language"
    );
    kiosk.call("finish_visit", json!({}))?;
    ensure!(
        speaks(&mut kiosk)? == json!("vi"),
        "the next citizen is spoken to in English"
    );
    // A visit that the plug ended leaves nothing behind either; what the counter chose stays.
    kiosk.citizen("set_language", json!({ "language": "en" }))?;
    drop(kiosk);
    let mut kiosk = counter.reopen()?;
    ensure!(speaks(&mut kiosk)? == json!("vi"), "a choice outlived its visit");
    kiosk.call("set_language", json!({ "language": "en" }))?;
    kiosk.call("finish_visit", json!({}))?;
    ensure!(
        speaks(&mut kiosk)? == json!("en"),
        "the counter's own language is lost"
    );
    Ok(())
}

/// The receipt stands again after a lock, for the same visit and no longer: later another person may sit there.
#[test]
fn a_receipt_comes_back_within_half_an_hour_and_not_after() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    let sealed_at = jiff::Timestamp::now();
    let at = |seconds: i64| -> Result<Kiosk> {
        let clock = (sealed_at + jiff::SignedDuration::from_secs(seconds)).to_string();
        counter.reopen_with(&["--clock", &clock], &[])
    };
    let mut kiosk = at(0)?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    kiosk.call("seal_dossier", json!({ "dossier": dossier }))?;
    kiosk.close()?;

    // The clock goes on from where it is set: a minute to either side.
    let half_an_hour = 30 * 60;
    for (seconds, comes_back) in [
        (half_an_hour - 60, true),
        (half_an_hour + 60, false),
        (-60, false),
    ] {
        let mut kiosk = at(seconds)?;
        let status = kiosk.call("kiosk_status", json!({}))?;
        let wanted = if comes_back { json!(dossier) } else { Value::Null };
        ensure!(
            status["receipt"] == wanted,
            "after {seconds} s: {}",
            status["receipt"]
        );
        let screen = kiosk.citizen("citizen_screen", json!({}))?;
        ensure!(
            (screen["screen"] == json!("receipt")) == comes_back,
            "after {seconds} s the citizen sees {}",
            screen["screen"]
        );
        kiosk.close()?;
    }
    Ok(())
}

#[test]
fn consent_taken_back_stops_what_has_not_gone() -> Result<()> {
    let (mut counter, mut kiosk) = Counter::open()?;
    counter.province.stop()?;
    let first = form::file(&mut kiosk, 0)?;
    let second = form::file(&mut kiosk, 1)?;
    kiosk.call("withdraw_consent", json!({ "dossier": first.dossier }))?;
    let release = kiosk.call("release_held", json!({ "dossier": first.dossier }))?;
    ensure!(
        release.to_string().contains("consent_withdrawn"),
        "a release sends nothing that was taken back: {release}"
    );
    counter.province.serve()?;
    kiosk.call("send_now", json!({}))?;
    let gone = stories::wait::until("the other one to arrive", || {
        let held = counter.province.dossiers()?;
        Ok(held
            .iter()
            .any(|d| d.to_string().contains(&second.dossier))
            .then_some(held))
    })?;
    ensure!(
        !json!(gone).to_string().contains(&first.dossier),
        "what was taken back was sent"
    );
    let all = items(&mut kiosk)?;
    let kept = all.iter().find(|i| i["dossier"] == json!(first.dossier));
    ensure!(
        kept.is_some_and(|i| i["withdrawn"] == json!(true) && i["needs_person"] == json!(false)),
        "it stays, and says why: {kept:?}"
    );
    Ok(())
}

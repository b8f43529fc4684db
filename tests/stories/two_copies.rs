//! The evening of a laptop that is carried: it is not shut down on dossiers with one copy unless somebody was asked, and
//! nobody is kept from shutting it down.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use stories::counter::{PIN, VOLUNTEER_PIN, all_acknowledged, volunteer};
use stories::{Counter, Kiosk, Rule, form};

/// Another disk than the machine's own.
fn stick() -> Result<tempfile::TempDir> {
    Ok(tempfile::tempdir_in("/dev/shm")?)
}

/// A carried laptop and its officer, with no way to the province.
fn laptop(counter: &Counter) -> Result<(Kiosk, Value)> {
    let came = counter.another("laptop", &counter.network.url(), true)?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    Ok(came)
}

fn asked_about(kiosk: &mut Kiosk) -> Result<u64> {
    let view = kiosk.call("leaving", json!({}))?;
    view["one_copy"].as_u64().with_context(|| format!("{view}"))
}

/// What the quit dialog sends: an officer's PIN, and one of the two ways.
fn way(officer: &Value, way: &Value) -> Value {
    let mut request = json!({ "operator": officer, "pin": PIN });
    if let (Some(all), Some(more)) = (request.as_object_mut(), way.as_object()) {
        all.extend(more.clone());
    }
    request
}

fn quit(kiosk: &mut Kiosk, officer: &Value, how: &Value) -> Result<(bool, u64, Value)> {
    let view = kiosk.call("quit_program", way(officer, how))?;
    let ends = view["ends"].as_bool().context("does it end?")?;
    Ok((ends, view["one_copy"].as_u64().context("how many?")?, view))
}

/// A line of the book: who, about which dossier, with what note.
type Line = (Option<String>, Option<String>, Option<String>);

/// Every line of one kind. The kiosk must be closed.
fn lines(data: &Path, what: &str) -> Result<Vec<Line>> {
    let outbox = store::Outbox::open(data)?;
    let mut statement = outbox
        .db()
        .prepare("SELECT who, dossier, note FROM audit WHERE what = ?1 ORDER BY rowid")?;
    let rows = statement.query_map([what], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[test]
fn two_copies() -> Result<()> {
    let (counter, mut fixed) = Counter::open()?;
    let (mut laptop, officer) = laptop(&counter)?;
    let volunteer = volunteer(&mut laptop)?;
    let stick = stick()?;
    ensure!(asked_about(&mut laptop)? == 0, "nothing is sealed yet");
    form::file(&mut laptop, 0)?;
    form::file(&mut laptop, 1)?;
    ensure!(asked_about(&mut laptop)? == 2, "two lie on this machine alone");

    laptop.call("finish_visit", json!({}))?;
    laptop.call("start_drill", json!({}))?;
    ensure!(asked_about(&mut laptop)? == 2, "a drill hides nothing");
    laptop.call("end_drill", json!({}))?;

    // The PIN by itself ends nothing now; a wrong one and a volunteer's never did, whatever they bring.
    let (ends, one_copy, view) = quit(&mut laptop, &officer, &json!({}))?;
    ensure!(!ends && one_copy == 2, "nobody was asked: {view}");
    let reason = json!({ "operator": officer, "pin": "111213", "despite": "no_stick" });
    ensure!(laptop.refused("quit_program", reason)?.told().0 == "wrong_pin");
    for brought in [
        json!({ "despite": "must_go" }),
        json!({ "copy_to": stick.path() }),
    ] {
        let mut theirs = way(&volunteer, &brought);
        theirs["pin"] = json!(VOLUNTEER_PIN);
        let refused = laptop.refused("quit_program", theirs)?;
        ensure!(refused.told().0 == "not_for_this_role", "{refused}");
    }
    for (folder, code) in [
        (laptop.data().to_owned(), "stick_is_this_disk"),
        (stick.path().join("not there"), "stick_missing"),
    ] {
        let request = way(&officer, &json!({ "copy_to": folder }));
        let refused = laptop.refused("quit_program", request)?;
        ensure!(refused.told().0 == code, "{refused}");
    }
    ensure!(asked_about(&mut laptop)? == 2 && wire::parcel::list(stick.path()).map_or(0, |l| l.len()) == 0);

    // A stick, on a machine that nobody has unlocked: both are copied, and the program ends by the same press.
    laptop.call("sign_out", json!({}))?;
    ensure!(asked_about(&mut laptop)? == 2, "a locked machine asks too");
    let to_stick = json!({ "copy_to": stick.path() });
    let (ends, one_copy, view) = quit(&mut laptop, &officer, &to_stick)?;
    ensure!(
        ends && one_copy == 0 && view["copied"] == json!(2) && view["faults"] == json!([]),
        "{view}"
    );
    ensure!(wire::parcel::list(stick.path())?.len() == 2);
    ensure!(
        quit(&mut laptop, &officer, &json!({}))?.0,
        "nothing is left to ask"
    );
    ensure!(
        quit(&mut laptop, &officer, &json!({ "despite": "no_stick" }))?.0,
        "a reason too many"
    );

    // The next one alone is copied: what has its second copy is not copied again.
    laptop.call("sign_in", json!({ "operator": officer, "pin": PIN }))?;
    form::file(&mut laptop, 2)?;
    let (ends, _, view) = quit(&mut laptop, &officer, &to_stick)?;
    ensure!(ends && view["copied"] == json!(1), "{view}");

    // No stick, and somebody must go: the book says who, how many and why, and nothing of anybody.
    form::file(&mut laptop, 3)?;
    let (ends, one_copy, view) = quit(&mut laptop, &officer, &json!({ "despite": "no_stick" }))?;
    ensure!(ends && one_copy == 1, "somebody was held: {view}");
    let data = laptop.data().to_owned();
    laptop.close()?;
    let who = officer.as_str().map(str::to_owned);
    ensure!(
        lines(&data, "quit_with_one_copy")? == [(who, None, Some("1 no_stick".to_owned()))],
        "once, and only where it was so: {:?}",
        lines(&data, "quit_with_one_copy")?
    );
    ensure!(
        lines(&data, "copied_to_stick")?.len() == 3,
        "each was copied once"
    );

    // The province is a second copy too.
    let mut laptop = Kiosk::open(&data)?;
    ensure!(
        asked_about(&mut laptop)? == 1,
        "it is asked about again the next evening"
    );
    laptop.call("sign_in", json!({ "operator": officer, "pin": PIN }))?;
    counter.network.rule(Rule::Pass);
    laptop.call("send_now", json!({}))?;
    all_acknowledged(&mut laptop, 4)?;
    ensure!(asked_about(&mut laptop)? == 0);

    // The control: a machine that stays is asked nothing, and its book says nothing.
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    form::file(&mut fixed, 4)?;
    ensure!(fixed.call("outbox", json!({}))?["lonely"] == json!(1));
    ensure!(asked_about(&mut fixed)? == 0);
    ensure!(quit(&mut fixed, counter.officer(), &json!({}))?.0);
    fixed.close()?;
    ensure!(lines(&counter.data(), "quit_with_one_copy")?.is_empty());
    Ok(())
}

/// The sealed file that was not there before.
fn new_file(data: &Path, before: &[PathBuf]) -> Result<PathBuf> {
    let found = sealed_files(data)?.into_iter().find(|f| !before.contains(f));
    found.context("no new sealed file")
}

fn sealed_files(data: &Path) -> Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(data.join("sealed"))?;
    let all: Vec<PathBuf> = files.map(|f| Ok(f?.path())).collect::<Result<_>>()?;
    Ok(all
        .into_iter()
        .filter(|f| f.file_name().is_some_and(|n| n.len() == 64))
        .collect())
}

#[test]
fn what_cannot_be_copied_holds_nobody() -> Result<()> {
    let (counter, _) = Counter::open()?;
    let (mut laptop, officer) = laptop(&counter)?;
    let stick = stick()?;
    form::file(&mut laptop, 0)?;
    let whole = sealed_files(laptop.data())?;
    let damaged = form::file(&mut laptop, 1)?;
    let file = new_file(laptop.data(), &whole)?;
    let mut bytes = std::fs::read(&file)?;
    let last = bytes.last_mut().context("an empty file")?;
    *last ^= 1;
    std::fs::write(&file, bytes)?;

    let (ends, one_copy, view) = quit(&mut laptop, &officer, &json!({ "copy_to": stick.path() }))?;
    ensure!(
        !ends && one_copy == 1 && view["copied"] == json!(1),
        "the whole one is copied, the other is told: {view}"
    );
    ensure!(
        view["faults"][0]["receipt_number"] == json!(damaged.number),
        "{view}"
    );
    let (ends, _, view) = quit(&mut laptop, &officer, &json!({ "despite": "stick_fails" }))?;
    ensure!(ends, "{view}");
    Ok(())
}

/// Closing a day in a village is a second copy: whoever did it is asked nothing more.
#[test]
fn a_closed_day_is_a_second_copy() -> Result<()> {
    let (counter, mut desk) = Counter::open()?;
    let (mut laptop, officer) = laptop(&counter)?;
    let stick = stick()?;
    let at = json!({ "folder": stick.path() });
    desk.call("prepare_day", at.clone())?;
    laptop.call("take_day", at.clone())?;
    form::file(&mut laptop, 0)?;
    ensure!(asked_about(&mut laptop)? == 1);
    let closed = laptop.call("close_day", at)?;
    ensure!(closed["export"]["copied"] == json!(1), "{closed}");
    ensure!(asked_about(&mut laptop)? == 0);
    ensure!(quit(&mut laptop, &officer, &json!({}))?.0);
    Ok(())
}

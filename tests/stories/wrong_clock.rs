//! A laptop that woke in 2009: it is asked for the date, still seals and still sends, and its captures are marked. One
//! that runs ten years ahead asks nobody; its captures are marked too.

use anyhow::{Result, ensure};
use serde_json::json;
use stories::counter::all_acknowledged;
use stories::{Counter, form};

const WOKE: [&str; 2] = ["--clock", "2009-01-01T00:00:00Z"];
const AHEAD: [&str; 2] = ["--clock", "2036-11-30T02:00:00Z"];

#[test]
fn a_laptop_wakes_in_2009_and_is_told_the_date() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    form::file(&mut kiosk, 0)?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.call("send_now", json!({}))?;
    let well = kiosk.call("kiosk_status", json!({}))?;
    ensure!(well["clock"]["behind"] == json!(false), "{}", well["clock"]);
    kiosk.close()?;

    let mut kiosk = counter.reopen_with(&WOKE, &[])?;
    let asked = kiosk.call("kiosk_status", json!({}))?;
    ensure!(
        asked["clock"]["behind"] == json!(true),
        "nobody is asked: {}",
        asked["clock"]
    );
    let early = kiosk.refused("confirm_date", json!({ "date": "01/01/2020", "time": "08:00" }))?;
    ensure!(early.told().0 == "date_too_early", "{early}");
    let odd = kiosk.refused("confirm_date", json!({ "date": "hôm nay", "time": "" }))?;
    ensure!(odd.told().0 == "date_unreadable", "{odd}");
    let told = kiosk.call("confirm_date", json!({ "date": "01/02/2030", "time": "08:20" }))?;
    ensure!(
        told["clock"]["behind"] == json!(false) && told["clock"]["told"] == json!(true),
        "{}",
        told["clock"]
    );
    kiosk.close()?;

    // It holds over a restart while the machine's clock is still wrong.
    let mut kiosk = counter.reopen_with(&WOKE, &[])?;
    let still = kiosk.call("kiosk_status", json!({}))?;
    ensure!(
        still["clock"]["now"]
            .as_str()
            .is_some_and(|n| n.ends_with("01/02/2030")),
        "{}",
        still["clock"]
    );
    let second = form::file(&mut kiosk, 1)?;
    let sent = kiosk.call("send_now", json!({}))?;
    ensure!(
        sent["pass"]["vi"].is_string(),
        "the press says nothing: {}",
        sent["pass"]
    );
    all_acknowledged(&mut kiosk, 2)?;
    let link = kiosk.call("kiosk_status", json!({}))?["network"]["last_confirmed_at"].clone();
    ensure!(
        link.as_str()
            .is_some_and(|at| !at.ends_with("2030") && !at.ends_with("2009")),
        "when the province was heard is told by a clock that is wrong: {link}"
    );
    let there = counter.province.dossiers()?;
    let marked = |id: &str| {
        there
            .iter()
            .any(|d| d["id"] == json!(id) && d["low_trust"] == json!(true))
    };
    ensure!(
        marked(&second.dossier),
        "a date that somebody told is not marked: {there:?}"
    );
    ensure!(
        there.iter().filter(|d| d["low_trust"] == json!(true)).count() == 1,
        "the control: the first was sealed under a good clock"
    );
    kiosk.close()?;

    // With the clock set right, what was told is forgotten.
    let mut kiosk = counter.reopen()?;
    let right = kiosk.call("kiosk_status", json!({}))?;
    ensure!(
        right["clock"]["told"] == json!(false) && right["clock"]["behind"] == json!(false),
        "{}",
        right["clock"]
    );
    Ok(())
}

#[test]
fn a_laptop_ten_years_ahead_sends_and_its_capture_is_marked() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let first = form::file(&mut kiosk, 0)?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;
    let mut kiosk = counter.reopen_with(&AHEAD, &[])?;
    let second = form::file(&mut kiosk, 1)?;
    all_acknowledged(&mut kiosk, 2)?;
    let there = counter.province.dossiers()?;
    for (dossier, wanted) in [(&first.dossier, false), (&second.dossier, true)] {
        let row = there.iter().find(|d| d["id"] == json!(dossier));
        ensure!(
            row.is_some_and(|d| d["low_trust"] == json!(wanted)),
            "{wanted} is wanted: {there:?}"
        );
    }
    Ok(())
}

//! A day in a village as one thing: prepared at the counter, taken by the laptop, closed on a stick, merged at the counter.
//! Dossiers, packs and help are each counted once, however often and by whatever road they come.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use stories::counter::{PIN, all_acknowledged, items};
use stories::{Counter, Kiosk, form};

/// A laptop that is carried, enrolled and signed in.
fn laptop(counter: &Counter, name: &str) -> Result<Kiosk> {
    Ok(counter.another(name, &counter.province.url(), true)?.0)
}

fn at(stick: &Path) -> Value {
    json!({ "folder": stick })
}

fn help(kiosk: &mut Kiosk, kind: &str) -> Result<()> {
    let told = json!({ "kind": kind, "outcome": "done" });
    kiosk.call("record_assist", told).map(drop)
}

/// Sealed today, and help: as the counter's first page and its days both say.
fn counted(kiosk: &mut Kiosk) -> Result<(u64, u64)> {
    let today = kiosk.call("home", json!({}))?["today"].clone();
    let days = kiosk.call("days", json!({}))?;
    let of = |counts: &Value| {
        ["account", "scanned", "looked_up", "advised"]
            .iter()
            .filter_map(|kind| counts[kind].as_u64())
            .sum::<u64>()
    };
    let sealed = today["sealed"].as_u64().context("no count")?;
    let empty = Vec::new();
    let all = days["days"].as_array().unwrap_or(&empty);
    // The story may run over midnight.
    let by_days: u64 = all.iter().filter_map(|d| d["dossiers"]["sealed"].as_u64()).sum();
    let helped: u64 = all.iter().map(|d| of(&d["assists"])).sum();
    ensure!(
        by_days >= sealed && helped >= of(&today["assists"]),
        "{today} {days}"
    );
    Ok((by_days, helped))
}

fn report(stick: &Path) -> Result<PathBuf> {
    let found = std::fs::read_dir(stick.join("DONGHANH/day"))?
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "report"));
    found.context("no report on the stick")
}

/// One dossier is finished and waits for an officer at the counter.
fn pack(kiosk: &mut Kiosk, family: usize) -> Result<String> {
    let dossier = form::start(kiosk)?;
    form::fill(kiosk, &dossier, family)?;
    form::confirm(kiosk, &dossier)?;
    kiosk.call("pack_for_officer", json!({ "dossier": dossier }))?;
    Ok(dossier)
}

#[test]
fn village_day() -> Result<()> {
    let (mut counter, mut desk) = Counter::open()?;
    let mut laptop = laptop(&counter, "laptop")?;
    let disk = tempfile::tempdir_in("/dev/shm")?;
    let stick = disk.path();
    counter.province.stop()?;

    // At the counter, on the day before: nothing of its own dossiers goes along.
    form::file(&mut desk, 0)?;
    help(&mut desk, "advised")?;
    let early = laptop.refused("close_day", at(stick))?;
    ensure!(early.told().0 == "no_counter_known", "no day was taken: {early}");
    let none = laptop.refused("take_day", at(stick))?;
    ensure!(none.told().0 == "stick_empty", "{none}");
    let prepared = desk.call("prepare_day", at(stick))?;
    ensure!(
        prepared["counter"].as_str().is_some_and(|c| !c.is_empty()),
        "{prepared}"
    );
    ensure!(
        desk.call("sticks", json!({})).is_ok() && wire::parcel::list(stick)?.is_empty(),
        "a dossier of the counter's went to the village"
    );
    for _ in 0..2 {
        let taken = laptop.call("take_day", at(stick))?;
        ensure!(
            taken["day"] == prepared["day"] && taken["counter"] == prepared["counter"],
            "{taken}"
        );
    }

    // In the village: one is sealed, one is packed, two are helped.
    let sealed = form::file(&mut laptop, 1)?;
    let packed = pack(&mut laptop, 2)?;
    help(&mut laptop, "scanned")?;
    help(&mut laptop, "account")?;
    for copied in [1, 0] {
        let closed = laptop.call("close_day", at(stick))?;
        ensure!(
            closed["dossiers"] == json!(1)
                && closed["assists"]["scanned"] == json!(1)
                && closed["assists"]["done"] == json!(2)
                && closed["export"]["copied"] == json!(copied)
                && closed["export"]["waiting"] == json!(1),
            "{closed}"
        );
    }

    // The control: what somebody changed on the stick is not counted, and a report of nobody's day is not either.
    let path = report(stick)?;
    let whole = std::fs::read(&path)?;
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    std::fs::write(&path, &changed)?;
    let came = desk.call("merge_day", at(stick))?;
    ensure!(
        came["foreign"] == json!(1) && came["machines"] == json!([]),
        "{came}"
    );
    ensure!(
        counted(&mut desk)? == (1, 1),
        "a changed report was counted: {came}"
    );
    std::fs::write(&path, &whole)?;

    // Back at the counter: once, and the same stick again is once.
    let came = desk.call("merge_day", at(stick))?;
    ensure!(
        came["new_dossiers"] == json!(1) && came["new_assists"] == json!(2) && came["foreign"] == json!(0),
        "{came}"
    );
    ensure!(
        came["machines"][0]["dossiers"]["sealed"] == json!(1)
            && came["machines"][0]["day"] == prepared["day"],
        "{came}"
    );
    ensure!(counted(&mut desk)? == (2, 3), "{came}");
    let again = desk.call("merge_day", at(stick))?;
    ensure!(
        again["new_dossiers"] == json!(0) && again["new_assists"] == json!(0),
        "{again}"
    );
    ensure!(counted(&mut desk)? == (2, 3), "twice was twice: {again}");

    // What was packed is sealed at the counter, and counted there; the laptop hears of it with its next day.
    desk.call("open_dossier", json!({ "dossier": packed }))?;
    form::seal(&mut desk, &packed)?;
    ensure!(counted(&mut desk)? == (3, 3));
    desk.call("prepare_day", at(stick))?;
    let taken = laptop.call("take_day", at(stick))?;
    ensure!(taken["reviewed"] == json!(1), "{taken}");
    let closed = laptop.call("close_day", at(stick))?;
    ensure!(
        closed["dossiers"] == json!(0),
        "a new day begins with nothing: {closed}"
    );
    desk.call("merge_day", at(stick))?;
    ensure!(counted(&mut desk)? == (3, 3));

    // The laptop reaches the province by itself, too: the same dossier by two roads is one there and one in the count.
    counter.province.serve()?;
    for kiosk in [&mut laptop, &mut desk] {
        kiosk.call("send_now", json!({}))?;
    }
    all_acknowledged(&mut desk, 3)?;
    all_acknowledged(&mut laptop, 1)?;
    ensure!(counter.province.dossiers()?.len() == 3);
    ensure!(
        items(&mut desk)?
            .iter()
            .any(|i| i["dossier"] == json!(sealed.dossier))
    );
    desk.call("merge_day", at(stick))?;
    ensure!(counted(&mut desk)? == (3, 3));
    Ok(())
}

/// Another commune's counter has the province's certificate, too: the day is none of its own, and it counts nothing.
#[test]
fn a_day_counts_where_it_was_prepared() -> Result<()> {
    let (counter, mut desk) = Counter::open()?;
    let mut away = laptop(&counter, "laptop")?;
    let mut stranger = laptop(&counter, "another commune")?;
    let disk = tempfile::tempdir_in("/dev/shm")?;
    let stick = disk.path();
    desk.call("prepare_day", at(stick))?;
    away.call("take_day", at(stick))?;
    help(&mut away, "advised")?;
    away.call("close_day", at(stick))?;
    let came = stranger.call("merge_day", at(stick))?;
    ensure!(
        came["foreign"] == json!(1) && came["new_assists"] == json!(0),
        "{came}"
    );
    ensure!(counted(&mut stranger)? == (0, 0));
    let came = desk.call("merge_day", at(stick))?;
    ensure!(came["new_assists"] == json!(1), "the control: {came}");
    // A machine does not take its own day.
    let own = desk.refused("take_day", at(stick))?;
    ensure!(own.told().0 == "stick_empty", "{own}");
    Ok(())
}

/// The laptop's battery is dead: it wakes in 2009, and later somebody sets the clock too far. The day is what was done on it.
#[test]
fn a_day_is_counted_whole_wherever_the_laptops_clock_stands() -> Result<()> {
    let (mut counter, mut desk) = Counter::open()?;
    let (mut away, officer) = counter.another("laptop", &counter.province.url(), true)?;
    let data = counter.province.beside().join("laptop");
    let disk = tempfile::tempdir_in("/dev/shm")?;
    let stick = disk.path();
    counter.province.stop()?;
    help(&mut away, "advised")?;
    desk.call("prepare_day", at(stick))?;
    away.call("take_day", at(stick))?;
    away.close()?;

    let mut away = woken(&data, &officer, "2009-01-01T00:00:00Z")?;
    help(&mut away, "scanned")?;
    away.close()?;
    let mut away = woken(&data, &officer, "2027-06-01T00:00:00Z")?;
    form::file(&mut away, 1)?;
    help(&mut away, "account")?;
    away.close()?;
    let mut away = woken(&data, &officer, "2009-01-02T00:00:00Z")?;
    let closed = away.call("close_day", at(stick))?;
    ensure!(
        closed["dossiers"] == json!(1)
            && closed["assists"]["scanned"] == json!(1)
            && closed["assists"]["account"] == json!(1)
            && closed["assists"]["advised"] == json!(0),
        "what is of before is told too, or something is not: {closed}"
    );
    let came = desk.call("merge_day", at(stick))?;
    ensure!(
        came["new_dossiers"] == json!(1) && came["new_assists"] == json!(2),
        "{came}"
    );
    ensure!(
        counted(&mut desk)? == (1, 2),
        "they stand on no day that the counter shows: {came}"
    );
    Ok(())
}

/// The laptop again, with its clock there and its head signed in.
fn woken(data: &Path, officer: &Value, clock: &str) -> Result<Kiosk> {
    let mut kiosk = Kiosk::open_with(data, &["--clock", clock], &[])?;
    kiosk.call("sign_in", json!({ "operator": officer, "pin": PIN }))?;
    Ok(kiosk)
}

//! A machine's certificate near its end, on a province whose clock is moved: renewed by itself, told where it cannot be,
//! and each slip judged by the certificate of its own time.

use crate::life_of_the_data::Place;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use service::admin::Admin;
use std::path::{Path, PathBuf};
use std::process::Command;
use stories::counter::{all_acknowledged, trouble};
use stories::{Kiosk, form, programs, wait};

/// What the officer is told of the machine; empty where nothing.
fn told(kiosk: &mut Kiosk) -> Result<String> {
    Ok(trouble(kiosk)?.0)
}

/// Waits for the notice to go.
fn is_quiet(kiosk: &mut Kiosk) -> Result<()> {
    wait::until("the notice to go", || Ok(told(kiosk)?.is_empty().then_some(())))
}

fn admin(place: &Place) -> Result<Admin> {
    Ok(Admin::open(place.folder.path().join("province"))?)
}

/// The public file's certificates.
fn certificates(place: &Place) -> Result<Vec<Value>> {
    let file = serde_json::to_value(admin(place)?.certificates()?)?;
    let listed = file.get("certificates").and_then(Value::as_array);
    Ok(listed.cloned().unwrap_or_default())
}

/// The public file with these certificates alone.
fn file_of(place: &Place, name: &str, certificates: &[Value]) -> Result<PathBuf> {
    let mut file = serde_json::to_value(admin(place)?.certificates()?)?;
    *file.get_mut("certificates").context("no certificates")? = json!(certificates);
    let path = place.folder.path().join(name);
    std::fs::write(&path, file.to_string())?;
    Ok(path)
}

/// Does the small program call the slip genuine, and its time vouched for?
fn verified(trust: &Path, slip: &form::Sealed) -> Result<[bool; 2]> {
    let proof = slip.qr_texts.iter().find(|text| text.starts_with("VN1:"));
    let answer = Command::new(programs::find(programs::VERIFIER)?)
        .arg("--trust")
        .arg(trust)
        .arg("--json")
        .arg(proof.context("no proof on the slip")?)
        .output()?;
    let said: Value = serde_json::from_slice(&answer.stdout)?;
    let yes = |field: &str| said.get(field) == Some(&Value::Bool(true));
    ensure!(yes("genuine") == answer.status.success(), "{said}");
    Ok([yes("genuine"), yes("time_fits")])
}

fn is_listed(place: &Place, count: usize) -> Result<()> {
    wait::until("the province's certificates", || {
        Ok((certificates(place)?.len() == count).then_some(()))
    })
}

#[test]
fn a_certificate_is_renewed_and_slips_of_before_and_after_verify() -> Result<()> {
    let (place, mut kiosk) = Place::open()?;
    let before = form::file(&mut kiosk, 0)?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;
    let [first] = certificates(&place)?.try_into().ok().context("one certificate")?;

    let mut kiosk = place.day(365)?;
    ensure!(told(&mut kiosk)?.is_empty(), "told too early");
    kiosk.call("send_now", json!({}))?;
    kiosk.close()?;
    ensure!(certificates(&place)?.len() == 1, "renewed with a month to spare");

    // Nobody does anything: the machine is switched on.
    let mut kiosk = place.day(375)?;
    is_listed(&place, 2)?;
    is_quiet(&mut kiosk)?;
    kiosk.close()?;
    let mut kiosk = place.day(376)?;
    kiosk.call("send_now", json!({}))?;
    kiosk.close()?;
    let all = certificates(&place)?;
    ensure!(all.len() == 2, "renewed again and again: {all:?}");
    let renewed = all.get(1).cloned().context("the renewed one")?;

    // Past the end of the first.
    let mut kiosk = place.day(420)?;
    ensure!(
        told(&mut kiosk)?.is_empty(),
        "told of a certificate that was renewed"
    );
    let after = form::file(&mut kiosk, 1)?;
    // The first has left the index after its ninety days.
    all_acknowledged(&mut kiosk, 1)?;
    // What goes along on a stick is the renewed one.
    let stick = tempfile::tempdir_in("/dev/shm")?;
    kiosk.call("export_sealed", json!({ "folder": stick.path() }))?;
    kiosk.close()?;
    let device = admin(&place)?.devices()?.pop().context("no device")?.id;
    let card = stick.path().join(format!("DONGHANH/counters/{device}.json"));
    let card: Value = serde_json::from_slice(&std::fs::read(card).context("no card")?)?;
    ensure!(
        card.get("certificate") == Some(&renewed),
        "the stick has another certificate"
    );

    let both = file_of(&place, "both.json", &all)?;
    ensure!(
        verified(&both, &before)? == [true, true],
        "sealed before the renewal"
    );
    ensure!(
        verified(&both, &after)? == [true, true],
        "sealed after the end of the first"
    );
    let old = file_of(&place, "old.json", &[first])?;
    ensure!(verified(&old, &before)? == [true, true]);
    ensure!(
        verified(&old, &after)? == [true, false],
        "the control: with no renewal nobody vouches for its time"
    );
    Ok(())
}

#[test]
fn a_frozen_machine_gets_none_and_one_with_no_network_says_what_to_do() -> Result<()> {
    let (place, kiosk) = Place::open()?;
    kiosk.close()?;
    place.day(0)?.close()?;
    let device = admin(&place)?.devices()?.pop().context("no device")?.id;
    // As if a copy of its disk had been noticed.
    let frozen = service::open_database(&place.folder.path().join("province/province.db"))?;
    frozen.execute("UPDATE devices SET frozen_at = 1", [])?;
    drop(frozen);
    for day in [375, 410] {
        let mut kiosk = place.day(day)?;
        kiosk.call("send_now", json!({}))?;
        ensure!(told(&mut kiosk)? == "device_frozen", "day {day}");
        let link = kiosk.call("outbox", json!({}))?["network"]["trouble"].clone();
        ensure!(
            link.is_null(),
            "told above every page, and again above the list: {link}"
        );
        kiosk.close()?;
        ensure!(
            certificates(&place)?.len() == 1,
            "a frozen machine was given one, day {day}"
        );
    }
    admin(&place)?.thaw_device(&device, "đã tìm thấy và xóa bản sao")?;

    // The certificate ended ten days ago, and the province answers all the same.
    let mut kiosk = place.day(411)?;
    is_listed(&place, 2)?;
    is_quiet(&mut kiosk)?;
    kiosk.close()?;

    // A year and a month with no network: told by the machine alone, and it goes on working.
    let mut away = place.away(411 + 390)?;
    ensure!(told(&mut away)? == "certificate_ending", "nobody is told");
    away.close()?;
    let mut away = place.away(411 + 410)?;
    ensure!(told(&mut away)? == "certificate_ended", "nobody is told");
    let slip = form::file(&mut away, 0)?;
    away.close()?;
    let trust = file_of(&place, "all.json", &certificates(&place)?)?;
    ensure!(
        verified(&trust, &slip)? == [true, false],
        "genuine, its time not vouched for"
    );

    let mut kiosk = place.day(411 + 411)?;
    is_listed(&place, 3)?;
    is_quiet(&mut kiosk)?;
    all_acknowledged(&mut kiosk, 1)?;
    Ok(())
}

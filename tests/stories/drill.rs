//! A drill leaves no trace: no number, no count, no sheet of paper and nothing on the network.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use stories::counter::{all_acknowledged, items};
use stories::{Counter, Kiosk, form};

/// The scanner's folder in a drill: what is delivered lies in the drill's tray as it would in the counter's, and the file
/// stays for the counter, which takes it when the drill is over.
#[test]
fn a_drill_looks_at_the_scanners_folder_and_takes_nothing() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let delivery = counter.data().with_file_name("may-quet");
    std::fs::create_dir_all(&delivery)?;
    kiosk.call("set_scan_folder", json!({ "path": delivery }))?;
    kiosk.call("start_drill", json!({}))?;
    let file = delivery.join("to-that.png");
    std::fs::write(&file, stories::photo::WITNESS)?;
    let sheets = |kiosk: &mut Kiosk| -> Result<Option<Value>> {
        let tray = kiosk.call("tray", json!({}))?;
        Ok(tray.pointer("/sheets/0/id").cloned())
    };
    let sheet = stories::wait::until("the sheet in the drill's tray", || sheets(&mut kiosk))?;
    let dossier = form::start(&mut kiosk)?;
    let view = kiosk.call(
        "take_from_tray",
        json!({ "dossier": dossier, "component": "birth_certificate_hospital", "sheets": [sheet] }),
    )?;
    ensure!(
        view["files"].as_array().is_some_and(|files| files.len() == 1),
        "the drill has no page"
    );
    // Taken once: it does not come again while the drill lasts.
    std::thread::sleep(std::time::Duration::from_secs(5));
    ensure!(
        sheets(&mut kiosk)?.is_none(),
        "the same file came again, or another way"
    );
    ensure!(file.exists(), "the drill took somebody's paper");
    kiosk.call("end_drill", json!({}))?;
    stories::wait::until("the sheet in the counter's own tray", || sheets(&mut kiosk))?;
    stories::wait::until("the counter to take what it stored", || {
        Ok((!file.exists()).then_some(()))
    })?;
    kiosk.close()?;
    Ok(())
}

#[test]
fn a_drill_leaves_no_trace() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let before = kiosk.call("home", json!({}))?;
    let status = kiosk.call("start_drill", json!({}))?;
    ensure!(status["drill"] == json!(true), "no drill: {status}");
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    let receipt = kiosk.call("seal_dossier", json!({ "dossier": dossier }))?;
    let number = receipt["number"].as_str().unwrap_or_default().to_owned();
    ensure!(
        number.starts_with("DH-00000-"),
        "a real number was spent: {number}"
    );
    let print = kiosk.refused("print_receipt", json!({ "dossier": dossier }))?;
    ensure!(print.told().0 == "drill_only", "{print}");
    let form = json!({ "dossier": dossier, "form": "papers_handed_over" });
    let (code, ..) = kiosk.refused("print_form", form)?.told();
    ensure!(code == "drill_only", "a form would be printed: {code}");
    kiosk.call("finish_visit", json!({}))?;
    kiosk.call("record_assist", json!({ "kind": "advised", "outcome": "done" }))?;
    let sent = kiosk.call("send_now", json!({}))?;
    ensure!(
        sent["network"]["online"] == json!(false),
        "a drill has no network: {sent}"
    );
    kiosk.call("end_drill", json!({}))?;

    ensure!(
        !counter.data().join("drill").exists(),
        "the drill's store is gone"
    );
    let after = kiosk.call("home", json!({}))?;
    ensure!(
        after["today"] == before["today"],
        "the day's numbers moved: {}",
        after["today"]
    );
    ensure!(
        items(&mut kiosk)?.is_empty() && counter.province.dossiers()?.is_empty(),
        "something went"
    );
    // The control: the same acts outside a drill are counted and go.
    kiosk.call("record_assist", json!({ "kind": "advised", "outcome": "done" }))?;
    let real = form::file(&mut kiosk, 1)?;
    ensure!(!real.number.starts_with("DH-00000-"), "{}", real.number);
    let home = kiosk.call("home", json!({}))?;
    ensure!(
        home["today"]["sealed"] == json!(1) && home["today"]["assists"]["advised"] == json!(1),
        "dossiers and assists apart: {}",
        home["today"]
    );
    all_acknowledged(&mut kiosk, 1)?;
    Ok(())
}

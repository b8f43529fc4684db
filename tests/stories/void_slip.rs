//! Taken back before it went: the counter voids it by itself, with no word from the province, on a sheet or on a roll.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use stories::form::shown;
use stories::printer::{Printer, Roll};
use stories::view::number;
use stories::{Counter, form};

#[test]
fn void_slip_of_what_was_taken_back() -> Result<()> {
    let (mut counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    counter.province.stop()?;
    let printer = Printer::new()?;
    printer.is("ready")?;
    let mut kiosk = printer.kiosk(&counter)?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    let one = json!({ "dossier": dossier });
    kiosk.call("seal_dossier", one.clone())?;
    kiosk.call("print_receipt", one.clone())?;
    let (code, ..) = kiosk.refused("print_void", one.clone())?.told();
    ensure!(code == "not_withdrawn", "{code}");

    kiosk.call("withdraw_consent", one.clone())?;
    let view = shown(&mut kiosk, &dossier)?;
    ensure!(view.get("withdrawn") == Some(&Value::Bool(true)), "{view}");
    let (code, ..) = kiosk.refused("print_receipt", one.clone())?.told();
    ensure!(code == "already_withdrawn", "{code}");
    let view = kiosk.call("print_void", one.clone())?;
    ensure!(
        view.get("outcome") == Some(&json!("sent")),
        "nobody is asked whether the slip came out: {view}"
    );
    let view = kiosk.call("printed", json!({ "dossier": dossier, "came_out": true }))?;
    ensure!(view.get("outcome") == Some(&json!("came_out")), "{view}");
    let said = printer.last_text()?;
    for expected in [
        "PHIẾU HỦY HỒ SƠ",
        "nằm lại ở máy quầy, không gửi đi",
        "Người dân đã rút hồ sơ này lúc",
    ] {
        ensure!(said.contains(expected), "{expected} is missing in {said}");
    }
    ensure!(!said.contains("BẢN IN LẠI"), "the first is no re-print: {said}");
    let view = kiosk.call("print_void", one.clone())?;
    let said = printer.last_text()?;
    ensure!(said.contains("BẢN IN LẠI, lần 1"), "{said}");
    // With a roll alone, as on a home visit, the slip comes out of that.
    let sheets = printer.papers()?.len();
    let roll = Roll::switched_on()?;
    printer.is("gone")?;
    kiosk.call(
        "choose_printer",
        json!({ "what": "receipt", "address": roll.address() }),
    )?;
    kiosk.call("print_void", one)?;
    ensure!(
        printer.papers()?.len() == sheets,
        "a printer that is gone printed"
    );
    let rows = roll.rows()?;
    ensure!(rows > 400, "{rows} rows of dots are no slip");
    ensure!(
        number(&view, "/prints") == Some(1),
        "the receipt keeps its own count: {view}"
    );
    kiosk.close()?;
    Ok(())
}

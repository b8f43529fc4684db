//! A bad day at the printer: no paper, a power cut, a jam half way, a printer that lies, a printer that is gone. The
//! receipt is safe through all of it, on the citizen's screen, and every paper that may be in somebody's hand is
//! counted. The printer system is played by two small scripts; everything else is real.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use stories::files::holding;
use stories::form::shown;
use stories::printer::{Printer, text};
use stories::view::{list, number};
use stories::{Counter, Kiosk, form};

/// The citizen has it in front of them whatever the printer does.
fn on_the_citizens_screen(kiosk: &mut Kiosk, view: &Value) -> Result<()> {
    let screen = kiosk.citizen("citizen_screen", json!({}))?;
    ensure!(screen.get("screen") == Some(&json!("receipt")), "{screen}");
    ensure!(screen.get("number") == view.get("number"), "{screen}");
    ensure!(screen.get("secret") == view.get("secret"), "{screen}");
    Ok(())
}

#[test]
fn printer_out_of_paper() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    let printer = Printer::new()?;
    let mut kiosk = printer.kiosk(&counter)?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    forms_before_sealing(&mut kiosk, &printer, &counter, &dossier)?;
    form::confirm(&mut kiosk, &dossier)?;
    let one = json!({ "dossier": dossier });
    let sealed = kiosk.call("seal_dossier", one.clone())?;
    let before = printer.papers()?.len();

    // No paper: it is said, nothing is given to the printer, nothing is counted, and the receipt is on the screen.
    printer.is("empty")?;
    let refused = kiosk.refused("print_receipt", one.clone())?;
    let (code, layer, words) = refused.told();
    ensure!(
        (code.as_str(), layer.as_str()) == ("printer_no_paper", "printer"),
        "{refused}"
    );
    ensure!(words.contains("hết giấy"), "{words}");
    let view = shown(&mut kiosk, &dossier)?;
    ensure!(number(&view, "/prints") == Some(0), "{view}");
    on_the_citizens_screen(&mut kiosk, &view)?;

    // The power goes. In the morning it is all there.
    kiosk.kill()?;
    let mut kiosk = printer.kiosk(&counter)?;
    let view = shown(&mut kiosk, &dossier)?;
    ensure!(view.get("number") == sealed.get("number"), "{view}");
    ensure!(printer.papers()?.len() == before, "something was printed");

    // Paper is put in: the first sheet is no re-print. The printer says that it printed, and lied.
    printer.is("ready")?;
    let view = kiosk.call("print_receipt", one.clone())?;
    ensure!(view.get("outcome") == Some(&json!("sent")), "{view}");
    ensure!(
        !printer.last_text()?.contains("BẢN IN LẠI"),
        "the first is no re-print"
    );
    let view = kiosk.call("printed", json!({ "dossier": dossier, "came_out": false }))?;
    ensure!(view.get("outcome") == Some(&json!("did_not_come_out")), "{view}");
    // What did not come out is taken out of the queue by its own name, so that it does not come out for somebody else.
    let taken_back = printer.taken_back()?;
    ensure!(
        taken_back.len() == 1 && taken_back.last() == Some(&printer.last_job()?),
        "{taken_back:?}"
    );

    // It jams half way: a part may be in somebody's hand, so it counts.
    printer.is("jams")?;
    let (code, ..) = kiosk.refused("print_receipt", one.clone())?.told();
    ensure!(code == "printer_failed", "{code}");
    let view = shown(&mut kiosk, &dossier)?;
    ensure!(number(&view, "/prints") == Some(2), "{view}");
    on_the_citizens_screen(&mut kiosk, &view)?;

    // Mended: the next says that it is a re-print, the second one.
    printer.is("ready")?;
    kiosk.call("print_receipt", one.clone())?;
    let said = printer.last_text()?;
    ensure!(said.contains("BẢN IN LẠI, lần 2"), "{said}");
    let receipt_number = view.get("number").and_then(Value::as_str).context("no number")?;
    ensure!(said.contains(receipt_number), "{said}");
    let view = kiosk.call("printed", json!({ "dossier": dossier, "came_out": true }))?;
    ensure!(view.get("outcome") == Some(&json!("came_out")), "{view}");
    ensure!(number(&view, "/prints") == Some(3), "{view}");
    ensure!(printer.taken_back()?.len() == 1, "what came out was taken back");

    // The list of papers handed over prints from the sealed dossier too; it knows the number now.
    kiosk.call(
        "print_form",
        json!({ "dossier": dossier, "form": "papers_handed_over" }),
    )?;
    ensure!(
        printer.last_text()?.contains(receipt_number),
        "the list has no number"
    );

    // No printer at all: the receipt is saved as a file, which a form never is.
    printer.is("gone")?;
    let view = kiosk.call("print_receipt", one)?;
    let saved = view
        .get("saved_pdf")
        .and_then(Value::as_str)
        .context("not saved")?;
    ensure!(
        text(Path::new(saved))?.contains("BẢN IN LẠI, lần 3"),
        "the saved one is counted"
    );
    let (code, ..) = kiosk
        .refused(
            "print_form",
            json!({ "dossier": dossier, "form": "papers_handed_over" }),
        )?
        .told();
    ensure!(code == "no_form_printer", "{code}");
    no_void_slip_without_withdrawal(&counter, &mut kiosk, &printer, &dossier)?;
    kiosk.close()?;
    Ok(())
}

/// Before sealing, the official form goes to the printer from the answers; the child's name in capitals is on the
/// paper and in no file of the kiosk.
fn forms_before_sealing(
    kiosk: &mut Kiosk,
    printer: &Printer,
    counter: &Counter,
    dossier: &str,
) -> Result<()> {
    let listed = kiosk.call("list_forms", json!({ "dossier": dossier }))?;
    let forms = list(&listed, "/forms");
    let names: Vec<&str> = forms.iter().filter_map(|f| f.get("form")?.as_str()).collect();
    ensure!(
        names.contains(&"birth_declaration") && names.contains(&"papers_handed_over"),
        "{names:?}"
    );
    ensure!(
        !names.contains(&"reception_slip"),
        "the agency's slip needs the province's code"
    );
    let ask = json!({ "dossier": dossier, "form": "birth_declaration" });
    let (code, ..) = kiosk.refused("print_form", ask.clone())?.told();
    ensure!(code == "printer_no_paper", "{code}");
    printer.is("ready")?;
    let view = kiosk.call("print_form", ask)?;
    ensure!(view.get("sent") == Some(&Value::Bool(true)), "not sent");
    let said = printer.last_text()?;
    ensure!(!said.contains("In lại lần"), "the first is no re-print: {said}");
    for expected in [
        "TỜ KHAI ĐĂNG KÝ KHAI SINH",
        "VÀNG LÒ ANNA",
        "Độc lập – Tự do – Hạnh phúc",
    ] {
        ensure!(said.contains(expected), "{expected} is missing in {said}");
    }
    kiosk.call(
        "print_form",
        json!({ "dossier": dossier, "form": "birth_declaration" }),
    )?;
    let again = printer.last_text()?;
    ensure!(again.contains("In lại lần 1"), "{again}");
    let (code, ..) = kiosk
        .refused(
            "print_form",
            json!({ "dossier": dossier, "form": "reception_slip" }),
        )?
        .told();
    ensure!(code == "dossier_unknown" || code == "form_unknown", "{code}");
    for canary in ["VÀNG LÒ ANNA", "Vàng Lò Anna"] {
        let found = holding(&counter.data(), canary.as_bytes())?;
        ensure!(found.is_empty(), "a name lies open in {found:?}");
    }
    // The control: the same search finds what is there.
    let script = holding(printer.folder(), b"request id is office")?;
    ensure!(script.len() == 1, "the search is blind: {script:?}");
    Ok(())
}

/// The void slip needs the province's word that the dossier was withdrawn, and says it.
fn no_void_slip_without_withdrawal(
    counter: &Counter,
    kiosk: &mut Kiosk,
    printer: &Printer,
    dossier: &str,
) -> Result<()> {
    printer.is("ready")?;
    let one = json!({ "dossier": dossier });
    let (code, ..) = kiosk.refused("print_void", one.clone())?.told();
    ensure!(code == "not_withdrawn", "{code}");
    stories::counter::all_acknowledged(kiosk, 1)?;
    counter
        .province
        .admin(&["status", dossier, "--to", "withdrawn"])?;
    kiosk.call("send_now", json!({}))?;
    let view = shown(kiosk, dossier)?;
    ensure!(view.get("withdrawn") == Some(&Value::Bool(true)), "{view}");
    kiosk.call("print_void", one)?;
    let said = printer.last_text()?;
    ensure!(
        said.contains("PHIẾU HỦY HỒ SƠ") && said.contains("đã rút, tỉnh đã xác nhận"),
        "{said}"
    );
    Ok(())
}

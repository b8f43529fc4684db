//! Somebody does not agree: nothing is kept, and the counter hands out the procedure's own form, empty, with no name on
//! it; both screens say what to bring.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use stories::printer::Printer;
use stories::view::list;
use stories::{Counter, form};

#[test]
fn the_way_on_paper_after_a_refusal() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    let printer = Printer::new()?;
    printer.is("ready")?;
    let mut kiosk = printer.kiosk(&counter)?;
    // The control: with nobody who refused there is no such way.
    let (code, ..) = kiosk.refused("paper_path", json!({}))?.told();
    ensure!(code == "dossier_unknown", "{code}");
    kiosk.call("start_dossier", json!({ "procedure": form::PROCEDURE }))?;
    kiosk.citizen("give_consent", json!({ "agree": false }))?;
    let path = kiosk.call("paper_path", json!({}))?;
    let forms = list(&path, "/forms");
    let form = forms
        .iter()
        .find(|f| f.get("form") == Some(&json!("birth_declaration")))
        .with_context(|| format!("{forms:?}"))?;
    ensure!(form.get("name").is_some());
    let wanted = list(&path, "/papers");
    ensure!(
        wanted.iter().any(|p| p.get("required") == Some(&json!(true))),
        "{wanted:?}"
    );
    let screen = kiosk.citizen("citizen_screen", json!({}))?;
    ensure!(screen.get("screen") == Some(&json!("refused")), "{screen}");
    ensure!(
        screen.get("papers") == path.get("papers"),
        "the two screens differ: {screen}"
    );
    kiosk.call("print_blank_form", json!({ "form": "birth_declaration" }))?;
    let said = printer.last_text()?;
    ensure!(said.contains("TỜ KHAI ĐĂNG KÝ KHAI SINH"), "{said}");
    ensure!(
        !said.contains("VÀNG"),
        "somebody's name is on an empty form: {said}"
    );
    let (code, ..) = kiosk
        .refused("print_blank_form", json!({ "form": "no_such" }))?
        .told();
    ensure!(code == "form_unknown", "{code}");
    kiosk.call("finish_visit", json!({}))?;
    let (code, ..) = kiosk
        .refused("print_blank_form", json!({ "form": "birth_declaration" }))?
        .told();
    ensure!(code == "dossier_unknown", "{code}");
    kiosk.close()?;
    Ok(())
}

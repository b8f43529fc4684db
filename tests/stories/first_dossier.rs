//! A dossier from the first key to the signed acknowledgement and the official code, with the province up.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::counter::{all_acknowledged, items};
use stories::province::{CLERK, PASSPHRASE};
use stories::{Books, Counter, form, wait};

const CODE: &str = "H11.77-261122-0001";
const SOURCE: &str = "Cổng Dịch vụ công quốc gia";

#[test]
fn first_dossier() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let sealed = form::file(&mut kiosk, 0)?;
    let pdf = sealed.pdf.clone().context("no receipt was saved")?;
    ensure!(
        std::fs::read(&pdf)?.starts_with(b"%PDF-"),
        "the receipt is no PDF"
    );

    // Nobody presses anything: it goes by itself, and becomes durable.
    all_acknowledged(&mut kiosk, 1)?;
    let durable = wait::until("the durable word", || {
        Ok(word(&mut kiosk)?.filter(|w| w == "tỉnh đã nhận bản điện tử"))
    })?;
    ensure!(!durable.contains("đã nộp"), "\"đã nộp\" without an official code");

    // A clerk enters the official code; the kiosk hears of it.
    counter
        .province
        .admin(&["code", "set", &sealed.dossier, "--code", CODE, "--source", SOURCE])?;
    kiosk.call("send_now", json!({}))?;
    ensure!(
        word(&mut kiosk)? == Some(format!("đã tiếp nhận, mã {CODE}")),
        "the code did not come back: {:?}",
        items(&mut kiosk)?
    );

    agency_forms(&mut kiosk, &sealed.dossier)?;

    kiosk.close()?;
    let books = Books::read(&counter.data(), &counter.province)?;
    books.balance(std::slice::from_ref(&sealed))?;
    no_name_outside(&counter, &books)?;
    opened_by_two_eyes(&counter, &sealed.dossier)
}

/// What the province decided stands on the agency's forms; what it did not is for the pen.
fn agency_forms(kiosk: &mut stories::Kiosk, dossier: &str) -> Result<()> {
    let listed = kiosk.call("list_forms", json!({ "dossier": dossier }))?;
    let listed = listed
        .get("forms")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for form in ["reception_slip", "control_slip"] {
        let card = listed.iter().find(|f| f.get("form") == Some(&json!(form)));
        let card = card.with_context(|| format!("{form} is not offered: {listed:?}"))?;
        ensure!(
            card.pointer("/unverified/vi").is_some_and(Value::is_string),
            "{card}"
        );
        let view = kiosk.call("show_form", json!({ "dossier": dossier, "form": form }))?;
        ensure!(
            view.get("pages") == Some(&json!(1)),
            "{form} takes more than a page"
        );
    }
    Ok(())
}

fn word(kiosk: &mut stories::Kiosk) -> Result<Option<String>> {
    let all = items(kiosk)?;
    Ok(all
        .first()
        .and_then(|i| i.pointer("/word/vi"))
        .and_then(Value::as_str)
        .map(str::to_owned))
}

/// What the province lists before anything is opened holds no name and no number of a person.
fn no_name_outside(counter: &Counter, books: &Books) -> Result<()> {
    let listed = serde_json::to_string(&books.province)?;
    let outbox = std::fs::read(counter.data().join("outbox.db"))?;
    for (_, raw) in form::answers(0)?
        .iter()
        .filter(|(q, _)| q.ends_with("_name") || q.ends_with("_id"))
    {
        let text = raw.pointer("/value").and_then(Value::as_str).context("no text")?;
        ensure!(!listed.contains(text), "the province's list shows {text}");
        ensure!(
            !outbox.windows(text.len()).any(|w| w == text.as_bytes()),
            "the outbox shows {text}"
        );
    }
    Ok(())
}

/// The form opens with the province's key, for a named clerk with a reason, and holds what was typed.
fn opened_by_two_eyes(counter: &Counter, dossier: &str) -> Result<()> {
    let province = &counter.province;
    province.add_clerk(CLERK)?;
    let form = province.open(dossier, PASSPHRASE)?;
    ensure!(
        form.to_string().contains("Lò Thị Mây"),
        "the form does not hold the mother's name"
    );
    ensure!(
        province.open(dossier, "sai mật khẩu rồi\n").is_err(),
        "a wrong passphrase opened it"
    );
    Ok(())
}

/// The checker itself: it must see a dossier that the province does not have, one that is there twice, and one
/// that differs.
#[test]
fn the_checker_sees_a_loss() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let sealed = [form::file(&mut kiosk, 0)?];
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;
    let books = Books::read(&counter.data(), &counter.province)?;
    books.balance(&sealed)?;

    let lost = Books {
        province: Vec::new(),
        ..books.clone()
    };
    ensure!(lost.balance(&sealed).is_err(), "a lost dossier was not seen");
    let twice = Books {
        province: [books.province.clone(), books.province.clone()].concat(),
        ..books.clone()
    };
    ensure!(twice.balance(&sealed).is_err(), "a double dossier was not seen");
    let mut differs = books.clone();
    for dossier in &mut differs.province {
        dossier["manifest_sha256"] = json!("00");
    }
    ensure!(differs.balance(&sealed).is_err(), "another content was not seen");
    let mut gone = books;
    gone.kiosk.clear();
    ensure!(
        gone.balance(&sealed).is_err(),
        "a dossier lost at the counter was not seen"
    );
    Ok(())
}

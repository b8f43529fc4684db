//! A dossier that has gone is taken back: by the person's own press, with no network and with one; before it comes, after
//! it came, twice, too late, and by a machine that it is none of the business of.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use stories::counter::{all_acknowledged, items};
use stories::province::{CLERK, PASSPHRASE};
use stories::{Counter, Kiosk, Rule, form, wait};

const WITNESS: &str = "Sùng Thị Hàng Xóm";

/// What the citizens' page answers, as a telephone gets it.
fn looked_up(counter: &Counter, sealed: &form::Sealed) -> Result<String> {
    let url = counter.province.lookup_url();
    let host = url.trim_start_matches("http://");
    let secret: String = sealed.secret.chars().filter(char::is_ascii_digit).collect();
    let body = format!("number={}&secret={secret}", sealed.number);
    let mut line = TcpStream::connect(host)?;
    write!(
        line,
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    line.read_to_string(&mut answer)?;
    Ok(answer)
}

fn item(kiosk: &mut Kiosk, dossier: &str) -> Result<Value> {
    let all = items(kiosk)?;
    let found = all.into_iter().find(|i| i["dossier"] == json!(dossier));
    found.context("it left the list")
}

fn word_is(kiosk: &mut Kiosk, dossier: &str, wanted: &str) -> Result<Value> {
    let mut last = Value::Null;
    wait::until(wanted, || {
        last = item(kiosk, dossier)?;
        Ok((last["word"]["vi"] == json!(wanted)).then(|| last.clone()))
    })
    .with_context(|| format!("{last:#}"))
}

/// The province enters its official code.
fn coded(counter: &Counter, dossier: &str) -> Result<Value> {
    let code = [
        "--code",
        "H21.129-250812-0035",
        "--source",
        "Cổng Dịch vụ công quốc gia",
    ];
    counter
        .province
        .admin(&[["code", "set", dossier].as_slice(), &code].concat())
}

/// The withdrawals that the province holds.
fn withdrawals(counter: &Counter) -> Result<Vec<Value>> {
    let mut held = counter.province.dossiers()?;
    held.retain(|d| !d["takes_back"].is_null());
    Ok(held)
}

/// Asked on their screen, refused once, then agreed to.
fn by_the_persons_press(kiosk: &mut Kiosk, dossier: &str) -> Result<()> {
    let one = json!({ "dossier": dossier });
    let early = kiosk.citizen("confirm_withdrawal", json!({ "agree": true }));
    ensure!(early.is_err(), "nobody asked, and yet it was taken back");
    for agree in [false, true] {
        let asking = kiosk.call("ask_to_withdraw", one.clone())?;
        ensure!(asking["asking"] == json!(true), "{asking}");
        let screen = kiosk.citizen("citizen_screen", json!({}))?;
        ensure!(screen["screen"] == json!("withdraw"), "{screen}");
        let officer = kiosk.call("confirm_withdrawal", json!({ "agree": true }));
        ensure!(officer.is_err(), "the officer pressed for the person");
        let after = kiosk.citizen("confirm_withdrawal", json!({ "agree": agree }))?;
        ensure!(
            after["screen"] == json!("receipt") && after["withdrawn"] == json!(agree),
            "{after}"
        );
    }
    Ok(())
}

#[test]
fn what_has_gone_is_taken_back_by_the_persons_press() -> Result<()> {
    let (mut counter, mut kiosk) = Counter::open()?;
    let sealed = form::file(&mut kiosk, 0)?;
    let other = form::file(&mut kiosk, 1)?;
    all_acknowledged(&mut kiosk, 2)?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    by_the_persons_press(&mut kiosk, &sealed.dossier)?;
    let asked = item(&mut kiosk, &sealed.dossier)?;
    ensure!(asked["word"]["vi"] == json!("đã xin rút"), "{asked}");
    ensure!(
        asked["withdrawal"] == json!("asked") && asked["needs_person"] == json!(false),
        "{asked}"
    );
    let today = kiosk.call("home", json!({}))?["today"].clone();
    ensure!(
        today["waiting"] == json!(0) && today["sealed"] == json!(2),
        "a withdrawal is no dossier that waits: {today}"
    );
    let one = json!({ "dossier": sealed.dossier });
    let (code, ..) = kiosk.refused("print_receipt", one.clone())?.told();
    ensure!(code == "already_withdrawn", "{code}");
    ensure!(
        looked_up(&counter, &sealed)?.contains("Tỉnh đã nhận bản điện tử"),
        "the province cannot know yet"
    );

    counter.network.rule(Rule::Pass);
    kiosk.call("send_now", json!({}))?;
    let taken = word_is(&mut kiosk, &sealed.dossier, "đã rút")?;
    ensure!(taken["withdrawal"] == json!("taken"), "{taken}");
    ensure!(
        looked_up(&counter, &sealed)?.contains("<h1>Đã rút</h1>"),
        "the page"
    );
    let here = kiosk.call("look_up", json!({ "text": sealed.number }))?;
    ensure!(here["item"]["word"]["vi"] == json!("đã rút"), "{here}");
    // The other one goes its way, at the counter and at the province.
    ensure!(
        item(&mut kiosk, &other.dossier)?["withdrawal"] == json!("none"),
        "its neighbour"
    );
    ensure!(
        !looked_up(&counter, &other)?.contains("Đã rút"),
        "its neighbour's page"
    );

    // Once more, over a restart and on another ground: one withdrawal, and no code any more.
    kiosk.close()?;
    kiosk = counter.reopen()?;
    kiosk.call("withdraw_consent", one)?;
    counter.province.stop()?;
    counter.province.serve()?;
    kiosk.call("send_now", json!({}))?;
    let held = withdrawals(&counter)?;
    ensure!(
        held.len() == 1 && held[0]["takes_back"] == json!(sealed.dossier),
        "{held:#?}"
    );
    let late = coded(&counter, &sealed.dossier);
    ensure!(
        late.is_err_and(|e| e.to_string().contains("the case cannot become this")),
        "a withdrawn dossier got a code"
    );
    let province = &counter.province;
    province.add_clerk(CLERK)?;
    let inside = who_and_why(&counter, held[0]["id"].as_str().context("no id")?, &sealed)?;
    ensure!(
        inside["act"] == json!("own_screen") && inside["witness"].is_null(),
        "{inside}"
    );
    by_a_witness(&counter, &mut kiosk, &other)
}

/// Somebody who cannot press: whoever stands by is named, and it is told whose hand it was.
fn by_a_witness(counter: &Counter, kiosk: &mut Kiosk, sealed: &form::Sealed) -> Result<()> {
    let one = json!({ "dossier": sealed.dossier, "witness": WITNESS });
    kiosk.call("ask_to_withdraw", one)?;
    let screen = kiosk.citizen("citizen_screen", json!({}))?;
    ensure!(screen["witness"] == json!(WITNESS), "{screen}");
    kiosk.citizen("confirm_withdrawal", json!({ "agree": true }))?;
    word_is(kiosk, &sealed.dossier, "đã rút")?;
    let held = withdrawals(counter)?;
    let own = held.iter().find(|one| one["takes_back"] == json!(sealed.dossier));
    let id = own
        .and_then(|own| own["id"].as_str())
        .context("no withdrawal of it")?;
    let inside = who_and_why(counter, id, sealed)?;
    ensure!(
        inside["act"] == json!("witness") && inside["witness"]["name"] == json!(WITNESS),
        "{inside}"
    );
    Ok(())
}

/// A clerk reads who took it back and how.
fn who_and_why(counter: &Counter, withdrawal: &str, sealed: &form::Sealed) -> Result<Value> {
    let inside = counter.province.open(withdrawal, PASSPHRASE)?;
    ensure!(inside["ground"] == json!("asked"), "{inside}");
    ensure!(
        inside["receipt_number"] == json!(sealed.number) && inside["by"]["operator"] == *counter.officer(),
        "{inside}"
    );
    Ok(inside)
}

/// The province has given its code: the counter is told, the receipt stays good, and a person is asked to call.
#[test]
fn too_late_is_said_and_changes_nothing() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let sealed = form::file(&mut kiosk, 0)?;
    all_acknowledged(&mut kiosk, 1)?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    coded(&counter, &sealed.dossier)?;
    let one = json!({ "dossier": sealed.dossier });
    kiosk.call("withdraw_consent", one.clone())?;
    counter.network.rule(Rule::Pass);
    kiosk.call("send_now", json!({}))?;
    let refused = word_is(
        &mut kiosk,
        &sealed.dossier,
        "đã tiếp nhận, mã H21.129-250812-0035",
    )?;
    ensure!(
        refused["withdrawal"] == json!("refused") && refused["needs_person"] == json!(true),
        "{refused}"
    );
    let reason = refused["reason"]["vi"].as_str().unwrap_or_default();
    ensure!(reason.contains("Xin gọi tỉnh"), "{reason}");
    let (void, ..) = kiosk.refused("print_void", one.clone())?.told();
    ensure!(void == "not_withdrawn", "{void}");
    kiosk.call("print_receipt", one)?;
    ensure!(withdrawals(&counter)?.is_empty(), "what was refused is not kept");
    let page = looked_up(&counter, &sealed)?;
    ensure!(
        page.contains("Đã tiếp nhận") && !page.contains("Đã rút"),
        "{page}"
    );
    Ok(())
}

/// The withdrawal travels faster than the stick on which the dossier lies; another machine cannot take it back.
#[test]
fn the_withdrawal_comes_before_the_dossier() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let sealed = form::file(&mut kiosk, 0)?;
    let stick = tempfile::tempdir_in("/dev/shm")?;
    kiosk.call("export_sealed", json!({ "folder": stick.path() }))?;
    let one = json!({ "dossier": sealed.dossier });
    kiosk.call("withdraw_consent", one.clone())?;
    counter.network.rule(Rule::Pass);
    kiosk.call("send_now", json!({}))?;
    word_is(&mut kiosk, &sealed.dossier, "đã rút")?;
    ensure!(
        counter.province.dossiers()?.len() == 1,
        "the withdrawal alone has come"
    );

    // A second machine brings the dossier; it carries it, and takes nothing back.
    let (_, mut other) = super::no_network_at_all::second_kiosk(&counter)?;
    other.call("import_sealed", json!({ "folder": stick.path() }))?;
    let (code, ..) = other.refused("withdraw_consent", one)?.told();
    ensure!(code == "dossier_unknown", "a carrier took it back: {code}");
    wait::until("the dossier to come and be withdrawn", || {
        let held = counter.province.dossiers()?;
        let came = held.iter().find(|d| d["id"] == json!(sealed.dossier));
        Ok(came
            .is_some_and(|d| d["case"]["status"] == json!("withdrawn"))
            .then_some(()))
    })?;
    ensure!(
        looked_up(&counter, &sealed)?.contains("<h1>Đã rút</h1>"),
        "the page"
    );
    Ok(())
}

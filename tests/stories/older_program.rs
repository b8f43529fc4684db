//! The program is to be replaced by the older one before it: `donghanh-cli step-back` brings the data of the closed kiosk
//! down, with an officer's PIN, or says why not and leaves them as they are.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use stories::counter::{PIN, all_acknowledged, items};
use stories::{Counter, Kiosk, Rule, form, programs};

/// Whether it was done, and everything that it said.
fn step_back(data: &Path, pin: &str, words: &[&str]) -> Result<(bool, String)> {
    let mut child = Command::new(programs::find(programs::KIOSK)?)
        .arg("step-back")
        .arg("--data")
        .arg(data)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    writeln!(child.stdin.take().context("its input")?, "{pin}")?;
    let came = child.wait_with_output()?;
    let said = [came.stdout, came.stderr].concat();
    Ok((came.status.success(), String::from_utf8(said)?))
}

fn databases(data: &Path) -> Result<Vec<u8>> {
    Ok([
        std::fs::read(data.join("drafts.db"))?,
        std::fs::read(data.join("drafts.db-wal")).unwrap_or_default(),
    ]
    .concat())
}

fn drafts_of(kiosk: &mut Kiosk) -> Result<usize> {
    let home = kiosk.call("home", json!({}))?;
    Ok(home
        .get("drafts")
        .and_then(serde_json::Value::as_array)
        .map_or(0, Vec::len))
}

const ALL_THE_WAY: [&str; 4] = ["--outbox", "1", "--drafts", "1"];

#[test]
fn the_data_go_down_with_an_officers_pin_and_come_up_with_nothing_lost() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let sealed = form::file(&mut kiosk, 0)?;
    let open = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &open, 1)?;
    kiosk.call("hand_over", json!({ "dossier": open, "note": "Chờ giấy" }))?;
    let data = counter.data();
    // Nobody pulls the data from under a kiosk that is open.
    let (done, said) = step_back(&data, PIN, &ALL_THE_WAY)?;
    ensure!(!done && said.contains("đang mở sẵn"), "{said}");
    kiosk.close()?;

    let before = databases(&data)?;
    let (done, said) = step_back(&data, "246802", &ALL_THE_WAY)?;
    ensure!(!done && said.contains("Mã PIN chưa đúng"), "{said}");
    // Pages of an open draft have notes that the older schema has no place for: it asks first.
    let (done, said) = step_back(&data, PIN, &ALL_THE_WAY)?;
    ensure!(
        !done && said.contains("--leave-behind") && said.contains("ghi chú về trang giấy"),
        "{said}"
    );
    ensure!(
        databases(&data)? == before,
        "refused, and the drafts were changed"
    );
    let (done, said) = step_back(&data, PIN, &[&ALL_THE_WAY[..], &["--leave-behind"]].concat())?;
    ensure!(done && said.contains("không hồ sơ nào bị mất"), "{said}");
    ensure!(databases(&data)? != before, "nothing went down");
    for copy in ["outbox.v4.backup", "drafts.v4.backup"] {
        ensure!(data.join(copy).exists(), "no {copy}");
    }
    // A second time there is nothing left to do but to say so: it comes up and goes down again.
    let (done, said) = step_back(&data, PIN, &ALL_THE_WAY)?;
    ensure!(done, "{said}");

    let mut kiosk = counter.reopen()?;
    ensure!(drafts_of(&mut kiosk)? == 1, "the open draft is gone");
    let view = kiosk.call("open_dossier", json!({ "dossier": open }))?;
    ensure!(
        view.pointer("/interview/complete") == Some(&json!(true)),
        "answers or papers are gone: {view:#}"
    );
    counter.network.rule(Rule::Pass);
    form::confirm(&mut kiosk, &open)?;
    let second = form::seal(&mut kiosk, &open)?;
    ensure!(second.number != sealed.number, "a number came twice");
    all_acknowledged(&mut kiosk, 2)?;
    Ok(())
}

#[test]
fn a_withdrawal_that_waits_stops_it_and_it_is_said_what_to_do() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let sealed = form::file(&mut kiosk, 0)?;
    all_acknowledged(&mut kiosk, 1)?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    kiosk.call("withdraw_consent", json!({ "dossier": sealed.dossier }))?;
    kiosk.close()?;
    let data = counter.data();
    let (done, said) = step_back(&data, PIN, &["--outbox", "3", "--leave-behind"])?;
    ensure!(
        !done && said.contains("yêu cầu rút hồ sơ") && said.contains("Gửi ngay"),
        "{said}"
    );
    ensure!(
        said.contains("stay") || said.contains("Connect the network"),
        "{said}"
    );
    // The control: to the schema that knows withdrawals there is nothing in the way.
    let (done, said) = step_back(&data, PIN, &["--outbox", "4", "--drafts", "3", "--leave-behind"])?;
    ensure!(done, "{said}");
    let mut kiosk = counter.reopen()?;
    ensure!(items(&mut kiosk)?.len() == 1, "{:?}", items(&mut kiosk)?);
    Ok(())
}

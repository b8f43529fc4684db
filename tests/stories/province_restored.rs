//! The province comes back from a backup that is older than what it acknowledged, and one bad dossier among good
//! ones: in both, everything that can arrive arrives.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::process::Command;
use stories::counter::{all_acknowledged, items};
use stories::{Books, Counter, Rule, form, wait};

#[test]
fn what_a_backup_forgot_is_sent_again() -> Result<()> {
    let (mut counter, mut kiosk) = Counter::open()?;
    let first = form::file(&mut kiosk, 0)?;
    all_acknowledged(&mut kiosk, 1)?;
    counter.province.stop()?;
    let backup = counter.province.beside().join("backup");
    copy(&counter.province.data(), &backup)?;
    counter.province.serve()?;
    let second = form::file(&mut kiosk, 1)?;
    all_acknowledged(&mut kiosk, 2)?;

    // The disk dies; the backup knows of the first dossier only.
    counter.province.kill()?;
    std::fs::remove_dir_all(counter.province.data())?;
    copy(&backup, &counter.province.data())?;
    ensure!(
        counter.province.dossiers()?.len() == 1,
        "the backup knows too much: the story did not happen"
    );
    counter.province.admin(&["restored"])?;
    counter.province.serve()?;

    kiosk.call("send_now", json!({}))?;
    wait::until("the forgotten dossier to arrive again", || {
        let complete = |d: &Value| d.get("completed_at").is_some_and(|at| !at.is_null());
        Ok((counter
            .province
            .dossiers()?
            .iter()
            .filter(|d| complete(d))
            .count()
            == 2)
            .then_some(()))
    })?;
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&[first, second])
}

fn copy(from: &std::path::Path, to: &std::path::Path) -> Result<()> {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(copied.success(), "cp ended with {copied}");
    Ok(())
}

#[test]
fn one_damaged_dossier_holds_up_nobody() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let mut sealed = Vec::new();
    for child in 0..3 {
        sealed.push(form::file(&mut kiosk, child)?);
        if child == 0 {
            flip_one_bit(&counter)?;
        }
    }
    counter.network.rule(Rule::Pass);
    kiosk.call("send_now", json!({}))?;
    let all = items(&mut kiosk)?;
    let state = |dossier: &str| {
        all.iter()
            .find(|i| i.get("dossier") == Some(&json!(dossier)))
            .cloned()
    };
    let bad = state(&sealed[0].dossier).context("the damaged dossier is gone")?;
    ensure!(
        bad.pointer("/delivery") == Some(&json!({ "state": "quarantined", "reason": "file_damaged" })),
        "{bad}"
    );
    ensure!(
        bad.pointer("/reason/vi")
            .and_then(Value::as_str)
            .is_some_and(|vi| vi.contains("mang giấy lại")),
        "{bad}"
    );
    ensure!(
        bad.pointer("/word/vi") == Some(&json!("bản điện tử bị hỏng, xin mang giấy lại"))
            && bad.pointer("/copies/here") == Some(&json!(false)),
        "a damaged copy is told as saved: {bad}"
    );
    for good in &sealed[1..] {
        let item = state(&good.dossier).context("a good dossier is gone")?;
        ensure!(
            item.get("acknowledged") == Some(&json!(true)),
            "held up by another: {item}"
        );
    }
    ensure!(
        counter.province.dossiers()?.len() == 2,
        "the damaged dossier was offered"
    );
    Ok(())
}

/// In the only sealed file there is so far.
fn flip_one_bit(counter: &Counter) -> Result<()> {
    let folder = std::fs::read_dir(counter.data().join("sealed"))?;
    let file = folder
        .filter_map(Result::ok)
        .map(|e| e.path())
        .find(|p| p.file_name().is_some_and(|n| n.len() == 64));
    let file = file.context("no sealed file")?;
    let mut bytes = std::fs::read(&file)?;
    let middle = bytes.len() / 2;
    *bytes.get_mut(middle).context("an empty file")? ^= 1;
    Ok(std::fs::write(&file, bytes)?)
}

//! "Tỉnh đã nhận" is said only once a backup on another disk holds the dossier; then the province burns down.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::counter::{all_acknowledged, items};
use stories::{Books, Counter, form, wait};

fn words(kiosk: &mut stories::Kiosk) -> Result<Vec<String>> {
    let all = items(kiosk)?;
    Ok(all
        .iter()
        .filter_map(|i| i.pointer("/word/vi")?.as_str())
        .map(str::to_owned)
        .collect())
}

#[test]
fn backup_and_restore() -> Result<()> {
    let (mut counter, mut kiosk) = Counter::open()?;
    counter.province.admin(&["durable", "backup"])?;
    let disk = counter.province.beside().join("second disk");
    let to = disk.to_str().context("a path")?.to_owned();
    let first = form::file(&mut kiosk, 0)?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.call("send_now", json!({}))?;
    ensure!(
        words(&mut kiosk)? == ["đã lưu ở máy quầy"],
        "acknowledged, and no backup holds it: {:?}",
        words(&mut kiosk)?
    );
    counter.province.admin(&["backup", "--to", &to])?;
    kiosk.call("send_now", json!({}))?;
    ensure!(
        words(&mut kiosk)? == ["tỉnh đã nhận bản điện tử"],
        "the backup holds it"
    );
    let second = form::file(&mut kiosk, 1)?;
    all_acknowledged(&mut kiosk, 2)?;

    // The machine burns. What is left: the second disk, and the recovery key from the safe.
    let key = counter.province.beside().join("recovery.key");
    std::fs::copy(counter.province.data().join("keys/recovery.key"), &key)?;
    counter.province.kill()?;
    std::fs::remove_dir_all(counter.province.data())?;
    counter.province.restore(&disk, &key)?;
    ensure!(
        counter.province.dossiers()?.len() == 1,
        "the backup knows too much"
    );
    counter.province.serve()?;
    kiosk.call("send_now", json!({}))?;
    wait::until("both dossiers to be there again", || {
        let whole = |d: &Value| d.get("completed_at").is_some_and(|at| !at.is_null());
        let there = counter.province.dossiers()?;
        Ok((there.len() == 2 && there.iter().all(whole)).then_some(()))
    })?;
    kiosk.call("send_now", json!({}))?;
    all_acknowledged(&mut kiosk, 2)?;
    ensure!(
        words(&mut kiosk)?.iter().all(|w| w == "đã lưu ở máy quầy"),
        "no backup of the new epoch yet"
    );
    counter.province.admin(&["backup", "--to", &to])?;
    kiosk.call("send_now", json!({}))?;
    ensure!(
        words(&mut kiosk)?.iter().all(|w| w == "tỉnh đã nhận bản điện tử"),
        "{:?}",
        words(&mut kiosk)?
    );
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&[first, second])
}

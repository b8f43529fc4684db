//! A file rots on the province's disk: before any backup has it, its kiosk is asked again, and the dossier beside it goes
//! on; after that, it is put back. Nobody at the counter does anything. Where it is damaged at the kiosk, too, the counter
//! asks for the papers, until a stick has brought it.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use store::SealedFiles;
use stories::counter::{all_acknowledged, items};
use stories::form::{self, Sealed};
use stories::{Books, Counter, Kiosk, Rule, wait};
use wire::Sha256;

const SAVED: &str = "đã lưu ở máy quầy";
const RECEIVED: &str = "tỉnh đã nhận bản điện tử";
const DAMAGED: &str = "bản điện tử bị hỏng, xin mang giấy lại";
/// Gone from here, and the province was not asked yet.
const ASKS: &str = "đang hỏi lại tỉnh";

/// The files of a dossier under a folder of files.
fn files(root: &Path, dossier: &str) -> Result<Vec<PathBuf>> {
    let folder = std::fs::read_dir(root.join("blobs").join(dossier))?;
    let named = |p: &PathBuf| p.file_name().is_some_and(|n| n.len() == 64);
    Ok(folder
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(named)
        .collect())
}

/// Is every file what its name says?
fn are_whole(root: &Path, dossier: &str) -> Result<bool> {
    let all = files(root, dossier)?;
    ensure!(!all.is_empty(), "a dossier without a file proves nothing");
    for path in all {
        let hash = Sha256::of(&std::fs::read(&path)?).to_string();
        if path.file_name().is_none_or(|name| name != hash.as_str()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Answers the name of the file.
fn flip_one_bit(root: &Path, dossier: &str) -> Result<String> {
    let path = files(root, dossier)?.pop().context("no file")?;
    flip(&path)?;
    ensure!(
        !are_whole(root, dossier)?,
        "the control: whoever judges here has gone blind"
    );
    let name = path.file_name().and_then(|name| name.to_str());
    Ok(name.context("no name")?.to_owned())
}

fn flip(path: &Path) -> Result<()> {
    let mut bytes = std::fs::read(path)?;
    let middle = bytes.len() / 2;
    *bytes.get_mut(middle).context("an empty file")? ^= 1;
    Ok(std::fs::write(path, bytes)?)
}

fn word(kiosk: &mut Kiosk, of: &Sealed) -> Result<String> {
    let all = items(kiosk)?;
    let item = all.iter().find(|i| i.get("dossier") == Some(&json!(of.dossier)));
    let word = item.and_then(|i| i.pointer("/word/vi")?.as_str());
    Ok(word.context("no word")?.to_owned())
}

fn came_to(made: &Value) -> Option<[u64; 3]> {
    let count = |name: &str| made.get(name)?.as_u64();
    Some([count("files_copied")?, count("put_back")?, count("asked_again")?])
}

#[test]
fn the_province_heals_a_damaged_file() -> Result<()> {
    let (mut counter, mut kiosk) = Counter::open()?;
    counter.province.admin(&["durable", "backup"])?;
    let (here, disk) = (
        counter.province.data(),
        counter.province.beside().join("second disk"),
    );
    let to = disk.to_str().context("a path")?.to_owned();
    let bad = form::file(&mut kiosk, 0)?;
    let good = form::file(&mut kiosk, 1)?;
    all_acknowledged(&mut kiosk, 2)?;

    // Before any backup: the kiosk still has it.
    flip_one_bit(&here, &bad.dossier)?;
    let made = counter.province.admin(&["backup", "--to", &to])?;
    ensure!(
        came_to(&made).is_some_and(|[_, back, asked]| (back, asked) == (0, 1)),
        "{made}"
    );
    ensure!(
        made.pointer("/wanted/0/receipt_number") == Some(&json!(bad.number)),
        "{made}"
    );
    wait::until("the kiosk to bring it again", || {
        kiosk.call("send_now", json!({}))?;
        Ok(are_whole(&here, &bad.dossier)?.then_some(()))
    })?;
    all_acknowledged(&mut kiosk, 2)?;
    ensure!(word(&mut kiosk, &good)? == RECEIVED, "it waited for the other");
    ensure!(
        word(&mut kiosk, &bad)? == SAVED,
        "no backup has it: {}",
        word(&mut kiosk, &bad)?
    );
    let made = counter.province.admin(&["backup", "--to", &to])?;
    ensure!(made.get("wanted") == Some(&json!([])), "{made}");
    kiosk.call("send_now", json!({}))?;
    ensure!(word(&mut kiosk, &bad)? == RECEIVED, "the backup has it now");

    // After it: each disk mends the other, and the counter hears nothing.
    flip_one_bit(&here, &bad.dossier)?;
    flip_one_bit(&disk, &good.dossier)?;
    let made = counter.province.admin(&["backup", "--to", &to, "--read-all"])?;
    ensure!(came_to(&made) == Some([1, 1, 0]), "{made}");
    for dossier in [&bad.dossier, &good.dossier] {
        ensure!(
            are_whole(&here, dossier)? && are_whole(&disk, dossier)?,
            "{dossier}"
        );
    }
    kiosk.call("send_now", json!({}))?;
    ensure!(
        word(&mut kiosk, &bad)? == RECEIVED && word(&mut kiosk, &good)? == RECEIVED,
        "a word was taken back"
    );

    // Both are in the backup to be lived on: the machine burns.
    let key = counter.province.beside().join("recovery.key");
    std::fs::copy(here.join("keys/recovery.key"), &key)?;
    counter.province.kill()?;
    std::fs::remove_dir_all(&here)?;
    counter.province.restore(&disk, &key)?;
    for dossier in [&bad.dossier, &good.dossier] {
        ensure!(are_whole(&here, dossier)?, "{dossier} after the restore");
    }
    counter.province.serve()?;
    kiosk.call("send_now", json!({}))?;
    all_acknowledged(&mut kiosk, 2)?;
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&[bad, good])
}

#[test]
fn what_a_stick_brings_is_not_asked_for_any_more() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let stick = tempfile::tempdir_in("/dev/shm")?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let sealed = form::file(&mut kiosk, 0)?;
    kiosk.call("export_sealed", json!({ "folder": stick.path() }))?;
    counter.network.rule(Rule::Pass);
    wait::until("it to arrive", || {
        kiosk.call("send_now", json!({}))?;
        Ok((word(&mut kiosk, &sealed)? == RECEIVED).then_some(()))
    })?;

    // Lost at the province, and the copy here is no better.
    let name = flip_one_bit(&counter.province.data(), &sealed.dossier)?;
    let disk = counter.province.beside().join("second disk");
    let to = disk.to_str().context("a path")?;
    let made = counter.province.admin(&["backup", "--to", to])?;
    ensure!(came_to(&made) == Some([0, 0, 1]), "{made}");
    flip(&counter.data().join("sealed").join(&name))?;
    kiosk.call("send_now", json!({}))?;
    ensure!(
        word(&mut kiosk, &sealed)? == DAMAGED,
        "{}",
        word(&mut kiosk, &sealed)?
    );
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    kiosk.call("release_held", json!({ "dossier": sealed.dossier }))?;
    kiosk.call("send_now", json!({}))?;
    ensure!(
        word(&mut kiosk, &sealed)? == ASKS,
        "while nobody can be asked it is called neither saved here nor lost: {}",
        word(&mut kiosk, &sealed)?
    );
    let told = items(&mut kiosk)?.pop().context("an item")?;
    let reason = told["reason"]["vi"].as_str().unwrap_or_default();
    ensure!(
        reason.contains("không còn ở máy này") && told["copies"]["here"] == json!(false),
        "{told}"
    );
    counter.network.rule(Rule::Pass);
    kiosk.call("send_now", json!({}))?;
    ensure!(
        word(&mut kiosk, &sealed)? == DAMAGED,
        "the control: nobody has brought it yet, and what is damaged does not go"
    );

    let from = stick.path().display().to_string();
    let came = counter.province.admin(&["import", "--from", &from])?;
    ensure!(came.pointer("/known/0") == Some(&json!(sealed.dossier)), "{came}");
    wait::until("the counter to hear of it", || {
        kiosk.call("send_now", json!({}))?;
        Ok((word(&mut kiosk, &sealed)? == RECEIVED).then_some(()))
    })?;
    ensure!(
        are_whole(&counter.province.data(), &sealed.dossier)?,
        "and it is true"
    );
    let copies = items(&mut kiosk)?
        .pop()
        .and_then(|item| item.get("copies").cloned());
    ensure!(
        copies == Some(json!({ "here": false, "sticks": 1, "province": true })),
        "none lies here any more: {copies:?}"
    );
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&[sealed])
}

/// What is damaged before it went need not be taken to the province by hand: the stick that holds a copy mends it here.
#[test]
fn a_stick_mends_what_is_damaged_here() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let stick = tempfile::tempdir_in("/dev/shm")?;
    let at = || json!({ "folder": stick.path() });
    let sealed = damaged_here_and_whole_on(stick.path(), &counter, &mut kiosk)?;
    let came = kiosk.call("import_sealed", at())?;
    ensure!(came["taken"] == json!(1) && came["faults"] == json!([]), "{came}");
    wait::until("it to arrive", || {
        kiosk.call("send_now", json!({}))?;
        Ok((word(&mut kiosk, &sealed)? == RECEIVED).then_some(()))
    })?;
    let again = kiosk.call("import_sealed", at())?;
    ensure!(
        again["taken"] == json!(0) && again["known"] == json!(1),
        "nothing is wanted any more: {again}"
    );
    let item = items(&mut kiosk)?.pop().context("an item")?;
    ensure!(
        item["copies"] == json!({ "here": true, "sticks": 1, "province": true }),
        "{item}"
    );
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&[sealed])
}

#[test]
fn a_stick_does_not_bring_back_what_its_owner_took_back() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let stick = tempfile::tempdir_in("/dev/shm")?;
    let sealed = damaged_here_and_whole_on(stick.path(), &counter, &mut kiosk)?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    kiosk.call("withdraw_consent", json!({ "dossier": sealed.dossier }))?;
    let came = kiosk.call("import_sealed", json!({ "folder": stick.path() }))?;
    ensure!(came["taken"] == json!(0), "{came}");
    let told = word(&mut kiosk, &sealed)?;
    ensure!(told == "đã xin rút", "{told}");
    let item = items(&mut kiosk)?.pop().context("an item")?;
    ensure!(
        item["delivery"]["state"] != json!("sealed"),
        "nothing of it goes: {item}"
    );
    kiosk.close()?;
    Ok(())
}

/// A dossier that is on a stick, and whose damage here was found before it went.
fn damaged_here_and_whole_on(stick: &Path, counter: &Counter, kiosk: &mut Kiosk) -> Result<Sealed> {
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let sealed = form::file(kiosk, 0)?;
    kiosk.call("export_sealed", json!({ "folder": stick }))?;
    let names = SealedFiles::open(&counter.data())?.names()?;
    let name = names.first().context("no sealed file")?;
    flip(&counter.data().join("sealed").join(name))?;
    counter.network.rule(Rule::Pass);
    wait::until("the damage to be found", || {
        kiosk.call("send_now", json!({}))?;
        Ok((word(kiosk, &sealed)? == DAMAGED).then_some(()))
    })?;
    Ok(sealed)
}

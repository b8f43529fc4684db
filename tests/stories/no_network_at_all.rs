//! No network at all: dossiers go by a stick, from a laptop to a counter and to the province, twice without harm; the
//! province's word comes back the same way.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use stories::counter::{all_acknowledged, items};
use stories::{Books, Counter, Kiosk, Rule, form};

/// A stick is another disk than the one that kiosks live on.
fn stick() -> Result<tempfile::TempDir> {
    Ok(tempfile::tempdir_in("/dev/shm")?)
}

fn at(stick: &tempfile::TempDir) -> Value {
    json!({ "folder": stick.path() })
}

/// Another machine of the same province, with its own head.
pub(crate) fn second_kiosk(counter: &Counter) -> Result<(PathBuf, Kiosk)> {
    let (kiosk, _) = counter.another("second", &counter.province.url(), false)?;
    Ok((kiosk.data().to_owned(), kiosk))
}

/// The first sealed file on the stick.
fn a_file(stick: &Path, dossier: &str) -> Result<PathBuf> {
    let folder = stick.join("DONGHANH").join(dossier);
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.retain(|f| f.file_name().len() == 64);
    Ok(files.first().context("no sealed file")?.path())
}

fn counts(view: &Value, names: [&str; 3]) -> [u64; 3] {
    names.map(|n| {
        view[n]
            .as_u64()
            .unwrap_or_else(|| view[n].as_array().map_or(u64::MAX, |a| a.len() as u64))
    })
}

const OUT: [&str; 3] = ["copied", "there", "faults"];
const IN: [&str; 3] = ["taken", "known", "faults"];

#[test]
fn no_network_at_all() -> Result<()> {
    let (counter, mut laptop) = Counter::open()?;
    let (second, mut other) = second_kiosk(&counter)?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let first = form::file(&mut laptop, 0)?;
    let later = form::file(&mut laptop, 1)?;
    let before = laptop.call("outbox", json!({}))?;
    ensure!(before["lonely"] == json!(2), "two exist here alone: {before}");

    // Out: written, read back, counted once however often.
    let own = laptop.refused("export_sealed", json!({ "folder": counter.data() }))?;
    ensure!(own.told().0 == "stick_is_this_disk", "{own}");
    let stick = stick()?;
    let nothing = other.refused("import_sealed", at(&stick))?;
    ensure!(nothing.told().0 == "stick_empty", "{nothing}");
    let out = laptop.call("export_sealed", at(&stick))?;
    ensure!(counts(&out, OUT) == [2, 0, 0], "{out}");
    let again = laptop.call("export_sealed", at(&stick))?;
    ensure!(counts(&again, OUT) == [0, 2, 0], "{again}");
    ensure!(again["outbox"]["lonely"] == json!(0), "each has its second copy");
    let copies = json!({ "here": true, "sticks": 1, "province": false });
    ensure!(
        items(&mut laptop)?.iter().all(|i| i["copies"] == copies),
        "twice on one stick is one copy"
    );

    // A damaged copy is not taken, and is made good by the next export.
    let file = a_file(stick.path(), &first.dossier)?;
    let mut bytes = std::fs::read(&file)?;
    bytes[100] ^= 1;
    std::fs::write(&file, bytes)?;
    let bad = other.call("import_sealed", at(&stick))?;
    ensure!(counts(&bad, IN) == [1, 0, 1], "a damaged file was taken: {bad}");
    let mended = laptop.call("export_sealed", at(&stick))?;
    ensure!(counts(&mended, OUT) == [1, 1, 0], "{mended}");

    // In at another kiosk, twice; that one sends them on.
    let good = other.call("import_sealed", at(&stick))?;
    ensure!(counts(&good, IN) == [1, 1, 0], "{good}");
    let twice = other.call("import_sealed", at(&stick))?;
    ensure!(counts(&twice, IN) == [0, 2, 0], "{twice}");
    all_acknowledged(&mut other, 2)?;
    ensure!(
        items(&mut other)?.iter().all(|i| i["carried"] == json!(true)),
        "they are another machine's"
    );
    ensure!(counter.province.dossiers()?.len() == 2, "not both, or one twice");

    // The word goes back on the stick.
    other.call("export_sealed", at(&stick))?;
    let word = laptop.call("import_sealed", at(&stick))?;
    ensure!(
        word["acknowledged"] == json!(2) && word["taken"] == json!(0),
        "the province's word came by the stick: {word}"
    );
    all_acknowledged(&mut laptop, 2)?;

    // A third goes straight to the province by the stick.
    let third = form::file(&mut laptop, 2)?;
    laptop.call("export_sealed", at(&stick))?;
    let from = stick.path().display().to_string();
    let came = counter.province.admin(&["import", "--from", &from])?;
    ensure!(
        counts(&came, ["taken", "known", "refused"]) == [1, 2, 0],
        "{came}"
    );
    let came = counter.province.admin(&["import", "--from", &from])?;
    ensure!(
        counts(&came, ["taken", "known", "refused"]) == [0, 3, 0],
        "{came}"
    );
    let word = laptop.call("import_sealed", at(&stick))?;
    ensure!(word["acknowledged"] == json!(1), "{word}");

    // When the network is there again, nothing goes twice and the laptop hears that all is durable.
    counter.network.rule(Rule::Pass);
    laptop.call("send_now", json!({}))?;
    let all = all_acknowledged(&mut laptop, 3)?;
    ensure!(
        all.iter()
            .all(|i| i["word"]["vi"] == json!("tỉnh đã nhận bản điện tử")),
        "{all:?}"
    );
    laptop.close()?;
    other.close()?;
    let told = std::fs::read_dir(stick.path().join("DONGHANH"))?.count();
    ensure!(
        told == 5,
        "three dossiers, the machines' cards and the stick's own name: {told}"
    );
    Books::read(&counter.data(), &counter.province)?.balance(&[first, later, third])?;
    ensure!(second.join("outbox.db").exists());
    Ok(())
}

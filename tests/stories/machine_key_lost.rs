//! The machine's own key is gone, or another machine's lies in its place. The kiosk says so and never that a PIN was wrong,
//! makes no new one, and what was sealed reaches the province by a stick; with one of the two copies nothing is felt.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use store::Outbox;
use store::tables::operator;
use stories::counter::{PIN, items};
use stories::desk::noise;
use stories::form::Sealed;
use stories::province::{CLERK, PASSPHRASE};
use stories::rescue::{lose_machine_key, machine_keys, rescue, stick};
use stories::{Books, Counter, Kiosk, Refused, Rule, form, programs};

/// Why a kiosk does not open.
fn why_not(data: &Path) -> Result<Refused> {
    match Kiosk::open(data) {
        Ok(_) => anyhow::bail!("it opened"),
        Err(error) => error.downcast::<Refused>(),
    }
}

/// What the program says of a lost key, however it is asked; and that it did nothing.
fn says_that_the_key_is_lost(data: &Path) -> Result<()> {
    let keys = || machine_keys(data).map(|place| std::fs::read(place).ok());
    let before = keys();
    for _ in 0..2 {
        let (code, layer, words) = why_not(data)?.told();
        ensure!(
            (code.as_str(), layer.as_str()) == ("machine_key_lost", "machine"),
            "{code}, {layer}: {words}"
        );
        ensure!(
            words.contains("Không phải sai mã PIN") && words.contains("gọi tỉnh"),
            "{words}"
        );
    }
    let mut stepping = Command::new(programs::find(programs::KIOSK)?)
        .args(["step-back", "--outbox", "1", "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // It may have said so before it reads.
    let _ = writeln!(stepping.stdin.take().context("its input")?, "{PIN}");
    let came = stepping.wait_with_output()?;
    let said = String::from_utf8([came.stdout, came.stderr].concat())?;
    ensure!(
        !came.status.success() && said.contains("machine.key") && !said.contains("chưa đúng"),
        "{said}"
    );
    ensure!(keys() == before, "a key was made, or one that lay there changed");
    let outbox = Outbox::open(data)?;
    let counted = operator::all(outbox.db())?.iter().any(|one| one.wrong_pins > 0);
    ensure!(!counted, "a right PIN was counted as a wrong one");
    Ok(())
}

fn import(counter: &Counter, stick: &Path) -> Result<[usize; 3]> {
    let came = counter
        .province
        .admin(&["import", "--from", &stick.display().to_string()])?;
    let many = |list| {
        came.get(list)
            .and_then(Value::as_array)
            .map_or(usize::MAX, Vec::len)
    };
    Ok(["taken", "known", "refused"].map(many))
}

/// Three dossiers that nothing was heard of, and a fourth that its person took back.
fn sealed() -> Result<(Counter, Vec<Sealed>)> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let waiting = (0..3)
        .map(|child| form::file(&mut kiosk, child))
        .collect::<Result<Vec<_>>>()?;
    let taken_back = form::file(&mut kiosk, 3)?;
    kiosk.call("withdraw_consent", json!({ "dossier": taken_back.dossier }))?;
    kiosk.close()?;
    Ok((counter, waiting))
}

#[test]
fn what_was_sealed_reaches_the_province_without_the_machines_key() -> Result<()> {
    let (counter, waiting) = sealed()?;
    let data = counter.data();
    lose_machine_key(&data)?;
    says_that_the_key_is_lost(&data)?;
    // Another machine's key, whole, is no better; nor is one that was cut off.
    for wrong in [vec![4; 32], vec![4; 20]] {
        std::fs::write(data.join("machine.key"), wrong)?;
        says_that_the_key_is_lost(&data)?;
    }

    // The control: with nothing done about it, nothing ever arrives.
    ensure!(counter.province.dossiers()?.is_empty(), "the control is blind");
    let own = rescue(&data, &data)?;
    ensure!(!own.0 && own.1.contains("ngay trên đĩa"), "{own:?}");
    let first = stick()?;
    let (all, said) = rescue(&data, first.path())?;
    ensure!(all && said.contains("3 hồ sơ đã chép"), "{said}");
    ensure!(said.contains("1 hồ sơ người dân đã rút"), "{said}");
    ensure!(import(&counter, first.path())? == [3, 0, 0]);
    ensure!(import(&counter, first.path())? == [0, 3, 0], "twice is once");
    Books::read(&data, &counter.province)?.arrived(&waiting)?;
    counter.province.add_clerk(CLERK)?;
    for one in &waiting {
        let opened = counter.province.open(&one.dossier, PASSPHRASE)?;
        ensure!(opened != Value::Null, "{} cannot be opened", one.number);
    }
    let (all, said) = rescue(&data, first.path())?;
    ensure!(all && said.contains("3 hồ sơ đã có sẵn"), "{said}");

    // With a damaged index and no card either the records are enough.
    for file in ["outbox.db", "counter.card", "sealed/counter.card"] {
        std::fs::write(data.join(file), noise(5000, 3))?;
    }
    let _ = std::fs::remove_file(data.join("outbox.db-wal"));
    let second = stick()?;
    let (all, said) = rescue(&data, second.path())?;
    ensure!(all && said.contains("3 hồ sơ đã chép"), "{said}");
    ensure!(import(&counter, second.path())? == [0, 3, 0], "the same dossiers");

    // A file that rotted costs its own dossier, which is named; the others go.
    let first_of = second.path().join("DONGHANH").join(&waiting[0].dossier);
    let mut files = std::fs::read_dir(first_of)?.collect::<Result<Vec<_>, _>>()?;
    files.retain(|file| file.file_name().len() == 64);
    let rotten = files.first().context("no sealed file")?.file_name();
    std::fs::write(data.join("sealed").join(rotten), b"rotten")?;
    let third = stick()?;
    let (all, said) = rescue(&data, third.path())?;
    ensure!(
        !all && said.contains("2 hồ sơ đã chép") && said.contains(&waiting[0].dossier),
        "{said}"
    );
    Ok(())
}

#[test]
fn one_copy_of_the_key_is_enough_and_mends_the_other() -> Result<()> {
    let (counter, waiting) = sealed()?;
    let data = counter.data();
    let key = std::fs::read(data.join("machine.key"))?;
    let whole = || machine_keys(&data).map(|place| std::fs::read(place).unwrap_or_default());
    ensure!(whole() == [key.clone(), key.clone()], "there is no second copy");
    for place in machine_keys(&data) {
        for damage in [None, Some(vec![]), Some(vec![4; 32])] {
            match damage {
                None => std::fs::remove_file(&place)?,
                Some(bytes) => std::fs::write(&place, bytes)?,
            }
            let mut kiosk = counter.reopen()?;
            ensure!(items(&mut kiosk)?.len() == waiting.len() + 1);
            let open = rescue(&data, stick()?.path())?;
            ensure!(!open.0 && open.1.contains("đang mở sẵn"), "{open:?}");
            kiosk.close()?;
            ensure!(whole() == [key.clone(), key.clone()], "it was not mended");
        }
    }
    // A machine of before knew one place; what it never had is made at its next opening.
    std::fs::remove_dir_all(data.join("machine"))?;
    counter.reopen()?.close()?;
    ensure!(whole() == [key.clone(), key], "it was not taken over");

    // A folder that nobody enrolled stands on nothing yet: it begins anew.
    let new = counter.province.beside().join("new");
    Kiosk::open(&new)?.close()?;
    lose_machine_key(&new)?;
    Kiosk::open(&new)?.close()?;
    ensure!(machine_keys(&new).iter().all(|place| place.is_file()));
    Ok(())
}

//! The kiosk's index is overwritten with noise over night. The kiosk opens all the same, says what happened, knows its
//! people and its numbers, and sends everything once; what a person took back stays.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::path::Path;
use stories::counter::{items, trouble};
use stories::desk::noise;
use stories::{Counter, Rule, form, wait};

fn overwrite(data: &Path) -> Result<Vec<u8>> {
    let index = data.join("outbox.db");
    let bad = noise(std::fs::read(&index)?.len(), 20_261_125);
    std::fs::write(&index, &bad)?;
    for end in ["outbox.db-wal", "outbox.db-shm"] {
        let _ = std::fs::remove_file(data.join(end));
    }
    Ok(bad)
}

#[test]
fn an_index_of_noise_is_made_again() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let known = form::file(&mut kiosk, 0)?;
    let gone = form::file(&mut kiosk, 5)?;
    kiosk.call("send_now", json!({}))?;
    wait::until("the first two to be durable", || {
        let all = items(&mut kiosk)?;
        Ok(all
            .iter()
            .all(|i| i["delivery"]["state"] == json!("durable"))
            .then_some(()))
    })?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let waiting = [form::file(&mut kiosk, 1)?, form::file(&mut kiosk, 2)?];
    let taken_back = form::file(&mut kiosk, 3)?;
    // One that never left, and one that did: the province has still to hear of it.
    kiosk.call("withdraw_consent", json!({ "dossier": taken_back.dossier }))?;
    kiosk.call("withdraw_consent", json!({ "dossier": gone.dossier }))?;
    kiosk.close()?;
    let bad = overwrite(&counter.data())?;
    // One of the two places of the card goes as well.
    std::fs::write(counter.data().join("counter.card"), noise(700, 3))?;

    let mut kiosk = counter.kiosk()?;
    let (code, _, words) = trouble(&mut kiosk)?;
    ensure!(
        code == "index_rebuilt",
        "the kiosk does not say what happened: {code}"
    );
    ensure!(words.contains("lập lại") && words.contains("tự gửi"), "{words}");
    let aside = counter.set_aside("outbox.db")?;
    let aside = aside.first().context("the damaged file was not set aside")?;
    ensure!(
        std::fs::read(aside)? == bad,
        "what was set aside is not what was there"
    );
    counter.sign_in(&mut kiosk)?;
    ensure!(
        items(&mut kiosk)?.len() == 5,
        "dossiers are missing: {:?}",
        items(&mut kiosk)?
    );
    let asked = items(&mut kiosk)?;
    let asked = asked.iter().find(|i| i["dossier"] == json!(gone.dossier));
    ensure!(
        asked.is_some_and(|i| i["word"]["vi"] == json!("đã xin rút")),
        "the request went with the index: {asked:?}"
    );
    let next = form::file(&mut kiosk, 4)?;
    let numbers = [&known, &gone, &waiting[0], &waiting[1], &taken_back].map(|s| &s.number);
    ensure!(
        !numbers.contains(&&next.number),
        "the number {} came twice",
        next.number
    );

    counter.network.rule(Rule::Pass);
    kiosk.call("send_now", json!({}))?;
    let there = wait::until("everything to arrive", || {
        let all = counter.province.dossiers()?;
        let whole = all.iter().filter(|d| !d["completed_at"].is_null()).count();
        let (withdrawals, there): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|d| !d["takes_back"].is_null());
        ensure!(
            withdrawals.iter().all(|w| w["takes_back"] == json!(gone.dossier)),
            "{withdrawals:?}"
        );
        Ok((whole == 6).then_some(there))
    })?;
    for one in [&known, &waiting[0], &waiting[1], &next] {
        let same = there
            .iter()
            .filter(|d| d["id"] == json!(one.dossier))
            .collect::<Vec<_>>();
        ensure!(
            same.len() == 1 && same[0]["forks"] == json!([]),
            "{} is not there once: {same:?}",
            one.number
        );
        ensure!(
            same[0]["receipt_number"] == json!(one.number),
            "another number: {same:?}"
        );
    }
    ensure!(there.len() == 5, "something else is there: {there:?}");
    let all = items(&mut kiosk)?;
    let of = |dossier: &str| all.iter().find(|i| i["dossier"] == json!(dossier));
    let kept = of(&taken_back.dossier).context("what was taken back is gone")?;
    ensure!(
        kept["withdrawn"] == json!(true) && kept["acknowledged"] == json!(false),
        "{kept}"
    );
    // What the province said before the damage was read from the disk, and asked about.
    let first = of(&known.dossier).context("the first is gone")?;
    ensure!(first["acknowledged"] == json!(true), "{first}");
    let gone = of(&gone.dossier).context("what had gone is gone")?;
    ensure!(gone["word"]["vi"] == json!("đã rút"), "{gone}");
    kiosk.close()?;

    // Opened once more there is nothing to tell.
    let mut kiosk = counter.kiosk()?;
    ensure!(trouble(&mut kiosk)?.0.is_empty(), "told twice");
    Ok(())
}

/// The control: without the records the same damage loses what was sealed, and the kiosk does not call that whole.
#[test]
fn without_the_records_it_would_be_lost() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    form::file(&mut kiosk, 0)?;
    form::file(&mut kiosk, 1)?;
    kiosk.close()?;
    overwrite(&counter.data())?;
    for entry in std::fs::read_dir(counter.data().join("sealed"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "envelope") {
            std::fs::remove_file(path)?;
        }
    }
    let mut kiosk = counter.kiosk()?;
    let (code, _, words) = trouble(&mut kiosk)?;
    ensure!(
        code == "index_rebuilt_in_part" && words.contains("đối chiếu"),
        "{code}: {words}"
    );
    counter.sign_in(&mut kiosk)?;
    ensure!(items(&mut kiosk)?.is_empty(), "the control lost nothing");
    Ok(())
}

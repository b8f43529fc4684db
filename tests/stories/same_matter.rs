//! One child's birth is filed at two machines: the clerk who opens the second dossier is told, and nothing else happens.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use stories::counter::{all_acknowledged, items};
use stories::province::{CLERK, PASSPHRASE};
use stories::{Counter, form};

/// The dossiers that the province's list names beside this one.
fn listed(counter: &Counter, dossier: &str) -> Result<Vec<Value>> {
    let shown = counter.province.admin(&["dossiers", "show", dossier])?;
    Ok(stories::view::list(&shown, "/same_matter"))
}

#[test]
fn the_same_birth_at_two_machines() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let (mut other, _) = counter.another("second", &counter.province.url(), false)?;
    let first = form::file(&mut kiosk, 0)?;
    let second = form::file(&mut other, 0)?;
    let control = form::file(&mut other, 1)?;
    all_acknowledged(&mut kiosk, 1)?;
    all_acknowledged(&mut other, 2)?;

    let province = &counter.province;
    province.add_clerk(CLERK)?;
    let nobody_knows = province.open(&first.dossier, PASSPHRASE)?;
    ensure!(
        nobody_knows["same_matter"].is_null(),
        "told of what nobody has opened"
    );
    let sister = province.open(&control.dossier, PASSPHRASE)?;
    ensure!(sister["same_matter"].is_null(), "the control: another child");
    let told = province.open(&second.dossier, PASSPHRASE)?;
    ensure!(
        told["roles"]["subject"]["name"] == nobody_knows["roles"]["subject"]["name"],
        "the form is there as before"
    );
    ensure!(
        told["same_matter"][0]["receipt_number"] == json!(first.number)
            && told["same_matter"][0]["counter_name"].is_string(),
        "the clerk is not told: {}",
        told["same_matter"]
    );

    for (one, another) in [(&first, &second), (&second, &first)] {
        let others = listed(&counter, &one.dossier)?;
        ensure!(
            others.len() == 1 && others[0]["dossier"] == json!(another.dossier),
            "{others:?}"
        );
    }
    ensure!(listed(&counter, &control.dossier)?.is_empty());
    let record = province.admin(&["audit"])?;
    let acts = record.as_array().into_iter().flatten();
    let told: Vec<_> = acts.filter(|e| e["act"] == json!("dup_suspect")).collect();
    ensure!(
        told.len() == 1 && told[0]["on"] == json!(second.dossier),
        "{told:?}"
    );
    ensure!(
        !record.to_string().contains("Anna"),
        "a name stands in the record"
    );

    // The counters go on as if nothing were: which of the two it is, a clerk says.
    other.call("send_now", json!({}))?;
    let words: Vec<_> = items(&mut other)?
        .iter()
        .map(|i| i["word"]["vi"].clone())
        .collect();
    ensure!(words.len() == 2 && words[0] == words[1], "{words:?}");
    province.admin(&["status", &second.dossier, "--to", "not_accepted"])?;
    ensure!(
        listed(&counter, &first.dossier)?.is_empty(),
        "one is left, and it is marked still"
    );
    kiosk.close()?;
    other.close()?;
    Ok(())
}

//! A day with no network: three dossiers sealed and printed, the program closed and opened, then the network.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use stories::counter::{all_acknowledged, items};
use stories::{Books, Counter, form};

#[test]
fn offline_day() -> Result<()> {
    let (mut counter, mut kiosk) = Counter::open()?;
    counter.province.stop()?;

    let mut sealed = Vec::new();
    for child in 0..3 {
        let one = form::file(&mut kiosk, child)?;
        let pdf = one
            .pdf
            .clone()
            .map(std::fs::read)
            .transpose()?
            .unwrap_or_default();
        ensure!(pdf.starts_with(b"%PDF-"), "dossier {child} has no receipt");
        sealed.push(one);
    }
    for item in items(&mut kiosk)? {
        ensure!(
            item.pointer("/word/vi") == Some(&json!("đã lưu ở máy quầy")),
            "{item}"
        );
        ensure!(
            item.get("acknowledged") == Some(&Value::Bool(false))
                && item.get("needs_person") == Some(&Value::Bool(false)),
            "{item}"
        );
    }
    let tried = kiosk.call("send_now", json!({}))?;
    ensure!(
        tried.pointer("/network/online") == Some(&Value::Bool(false)),
        "online with no province: {tried}"
    );
    ensure!(
        tried.pointer("/network/trouble/layer") == Some(&json!("network")),
        "the layer is the network: {tried}"
    );
    kiosk.close()?;

    // Closed over night, opened in the morning: everything is where it was.
    let mut kiosk = counter.reopen()?;
    ensure!(items(&mut kiosk)?.len() == 3, "the queue changed over night");
    counter.province.serve()?;
    kiosk.call("send_now", json!({}))?;
    let done = all_acknowledged(&mut kiosk, 3)?;
    ensure!(
        done.iter()
            .all(|i| i.get("needs_person") == Some(&Value::Bool(false))),
        "{done:?}"
    );

    // Once more changes nothing.
    kiosk.call("send_now", json!({}))?;
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&sealed)
}

/// The day goes on by itself: with the network back and nobody pressing, the queue empties.
#[test]
fn nothing_is_needed_from_a_person() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(stories::Rule::Refuse);
    counter.network.cut();
    let sealed = [form::file(&mut kiosk, 0)?];
    ensure!(
        items(&mut kiosk)?
            .iter()
            .all(|i| i.get("acknowledged") == Some(&Value::Bool(false))),
        "acknowledged with no network"
    );
    counter.network.rule(stories::Rule::Pass);
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;
    Books::read(&counter.data(), &counter.province)?.balance(&sealed)
}

//! A laptop that is carried to villages: enrolled as one, it keeps nothing readable, and asks for the second copy until
//! there is one.

use anyhow::{Result, ensure};
use serde_json::json;
use stories::counter::items;
use stories::{Counter, Rule, form};

#[test]
fn two_copies_are_the_rule() -> Result<()> {
    let (counter, mut fixed) = Counter::open()?;
    let (mut laptop, _) = counter.another("laptop", &counter.network.url(), true)?;
    let view = laptop.call("kiosk_status", json!({}))?;
    ensure!(
        view["device_class"] == json!("field"),
        "the class is not shown: {}",
        view["device_class"]
    );
    let other = fixed.call("kiosk_status", json!({}))?;
    ensure!(
        other["device_class"] == json!("counter_software"),
        "the control: a counter's machine is another class: {}",
        other["device_class"]
    );

    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let first = form::file(&mut laptop, 0)?;
    form::file(&mut laptop, 1)?;
    let reopened = laptop.refused("open_dossier", json!({ "dossier": first.dossier }))?;
    ensure!(
        ["dossier_sealed", "dossier_unknown"].contains(&reopened.told().0.as_str()),
        "a readable copy stayed: {reopened}"
    );
    let view = laptop.call("outbox", json!({}))?;
    ensure!(
        view["field"] == json!(true) && view["lonely"] == json!(2),
        "nobody is asked for a second copy: {view}"
    );

    let stick = tempfile::tempdir_in("/dev/shm")?;
    let out = laptop.call("export_sealed", json!({ "folder": stick.path() }))?;
    ensure!(
        out["copied"] == json!(2) && out["outbox"]["lonely"] == json!(0),
        "{out}"
    );
    ensure!(
        items(&mut laptop)?
            .iter()
            .all(|i| i["copies"]["sticks"] == json!(1)),
        "the copies are not shown"
    );

    // On a machine that stays, the same is told without the rule.
    form::file(&mut fixed, 2)?;
    let view = fixed.call("outbox", json!({}))?;
    ensure!(
        view["field"] == json!(false) && view["lonely"] == json!(1),
        "{view}"
    );
    Ok(())
}

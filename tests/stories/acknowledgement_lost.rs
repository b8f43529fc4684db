//! The reply is cut after the province has committed: one dossier, one acknowledgement, no second copy.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::counter::{all_acknowledged, items};
use stories::{Books, Counter, Rule, form, wait};

/// By then the manifest is registered and most of the file has gone, while the last answer is still to come.
const HEARD: u64 = 100_000;

#[test]
fn acknowledgement_lost() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    // Fresh connections only: the count of bytes starts with them.
    counter.network.rule(Rule::MuteAfterUp(HEARD));
    counter.network.cut();
    let sealed = [form::file(&mut kiosk, 0)?];

    let completed = wait::until("the province to commit", || {
        let there = counter.province.dossiers()?;
        Ok(there
            .first()
            .and_then(|d| d.get("completed_at"))
            .filter(|at| !at.is_null())
            .cloned())
    })?;
    ensure!(
        counter.network.swallowed() > 0,
        "no answer was lost: the story did not happen"
    );
    let unaware = items(&mut kiosk)?;
    ensure!(
        unaware
            .iter()
            .all(|i| i.get("acknowledged") == Some(&Value::Bool(false))),
        "the answer came through: {unaware:?}"
    );

    counter.network.rule(Rule::Pass);
    counter.network.cut();
    kiosk.call("send_now", json!({}))?;
    all_acknowledged(&mut kiosk, 1)?;
    kiosk.close()?;

    let books = Books::read(&counter.data(), &counter.province)?;
    books.balance(&sealed)?;
    let again = books
        .province
        .first()
        .and_then(|d| d.get("completed_at"))
        .context("no dossier")?;
    ensure!(
        *again == completed,
        "committed a second time: {completed} and {again}"
    );
    Ok(())
}

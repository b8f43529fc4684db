//! Both sides are killed at random moments while dossiers go out, ten times: nothing lost, nothing twice, one
//! acknowledgement each.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use stories::counter::{all_acknowledged, items};
use stories::form::Sealed;
use stories::seeded::Seeded;
use stories::{Books, Counter, Kiosk, Rule, form};

const KILLS: u32 = 10;
/// A kill comes within this after sending began, milliseconds.
const WITHIN_MS: u64 = 2500;
/// The link is slowed so that a kill falls into a transfer: per piece of 8 KiB, some two seconds a dossier.
const SLOW: Duration = Duration::from_millis(40);

#[test]
fn power_cut_mid_send() -> Result<()> {
    let seed = std::env::var("STORY_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(20_261_122);
    story(seed).with_context(|| format!("STORY_SEED={seed}"))
}

fn story(seed: u64) -> Result<()> {
    let mut random = Seeded::new(seed);
    let (mut counter, mut kiosk) = Counter::open()?;
    let mut sealed: Vec<Sealed> = Vec::new();
    let mut interrupted = 0;
    for kill in 0..KILLS {
        // A new dossier for every second kill, sealed with no network, so that there is always something to send.
        if kill % 2 == 0 {
            counter.network.rule(Rule::Refuse);
            counter.network.cut();
            sealed.push(form::file(&mut kiosk, sealed.len())?);
        }
        counter.network.rule(Rule::Delay(SLOW));
        counter.network.cut();
        let before = counter.network.up();
        kiosk.send("operator", "send_now", json!({}))?;
        // The random moment itself; nothing is waited for.
        std::thread::sleep(Duration::from_millis(random.below(WITHIN_MS)));
        let which = random.below(3);
        if which != 1 {
            counter.province.kill()?;
        }
        let moving = counter.network.up() > before;
        let complete = counter
            .province
            .dossiers()?
            .iter()
            .filter(|d| d.get("completed_at").is_some_and(|at| !at.is_null()))
            .count();
        interrupted += u32::from(moving && complete < sealed.len());
        if which != 0 {
            kiosk.kill()?;
            kiosk = counter.reopen()?;
        }
        if which != 1 {
            counter.province.serve()?;
        }
    }
    ensure!(
        interrupted >= KILLS / 3,
        "only {interrupted} kills fell into a transfer: the story did not happen"
    );
    counter.network.rule(Rule::Pass);
    release(&mut kiosk)?;
    kiosk.call("send_now", json!({}))?;
    all_acknowledged(&mut kiosk, sealed.len())?;
    kiosk.close()?;
    ensure!(sealed.len() == 5, "five dossiers were meant");
    Books::read(&counter.data(), &counter.province)?.balance(&sealed)
}

/// What the program died on twice is set aside, not lost: an officer sends it again.
fn release(kiosk: &mut Kiosk) -> Result<()> {
    for item in items(kiosk)? {
        if item.get("needs_person") == Some(&Value::Bool(true)) {
            ensure!(
                item.pointer("/delivery/state") == Some(&json!("quarantined")),
                "held for another reason: {item}"
            );
            kiosk.call("release_held", json!({ "dossier": item.get("dossier") }))?;
        }
    }
    Ok(())
}

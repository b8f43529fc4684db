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
const WITHIN_MS: u64 = 1200;
/// The link is slowed so that a kill falls into a transfer: per piece of 8 KiB.
const SLOW: Duration = Duration::from_millis(15);

#[test]
fn power_cut_mid_send() -> Result<()> {
    let seed = std::env::var("STORY_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_261_122);
    story(seed).with_context(|| format!("STORY_SEED={seed}"))
}

fn story(seed: u64) -> Result<()> {
    let mut random = Seeded::new(seed);
    let (mut counter, mut kiosk) = Counter::open()?;
    counter.network.rule(Rule::Delay(SLOW));
    let mut sealed: Vec<Sealed> = Vec::new();
    for kill in 0..KILLS {
        // A new dossier for every second kill, so that there is always something under way.
        if kill % 2 == 0 {
            sealed.push(form::file(&mut kiosk, sealed.len())?);
        }
        kiosk.send("operator", "send_now", json!({}))?;
        std::thread::sleep(Duration::from_millis(random.below(WITHIN_MS)));
        let both = random.below(3);
        if both != 0 {
            kiosk.kill()?;
            kiosk = counter.reopen()?;
        }
        if both != 1 {
            counter.province.kill()?;
            counter.province.serve()?;
        }
    }
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
            ensure!(item.pointer("/delivery/state") == Some(&json!("quarantined")), "held for another reason: {item}");
            kiosk.call("release_held", json!({ "dossier": item.get("dossier") }))?;
        }
    }
    Ok(())
}

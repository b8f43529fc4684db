//! The named regressions: what went wrong in other systems, by the number of its report. Each must not happen here,
//! and must be seen where the behaviour that it is named after is put in.

use crate::gateway::{Gateway, Manner};
use crate::place::Place;
use crate::row::{Plan, Row};
use crate::sim::{Config, Mutant, campaign};
use anyhow::{Context as _, Result, ensure};
use domain::delivery::{Delivery, UnknownAnswer};
use seal::keys::{OpeningKey, Recipients, SigningKey};
use std::time::{Duration, Instant};
use store::tables::item;
use store::{Drafts, Outbox};
use stories::desk::{Desk, noise};

/// A report, the behaviour, and its mutant in the simulation.
const SIMULATED: [(&str, Mutant); 8] = [
    (
        "formhub#678: one form, ten records, after retries on a slow service",
        Mutant::NoDeduplication,
    ),
    (
        "getodk#50: shown as sent and missing, another one double",
        Mutant::BelieveAnybody,
    ),
    (
        "getodk#1017: deleted although the sending failed",
        Mutant::DropRefused,
    ),
    (
        "kobocat#432: attachments lost, the form acknowledged",
        Mutant::AcknowledgePart,
    ),
    (
        "central#970: a failed attachment is never tried again",
        Mutant::AttachmentGivenUp,
    ),
    (
        "MOSIP PacketUploadService: the word \"duplicate\" counts as success",
        Mutant::DuplicateIsSuccess,
    ),
    (
        "Postgres outbox: a number given before its commit is skipped",
        Mutant::SequenceBeforeCommit,
    ),
    ("idempotency keys that expire within a day", Mutant::KeyExpires),
];

/// Seeds in which the report must not happen, and within which its mutant must be seen.
const SEEDS: u64 = 2000;
/// SQLite's WAL-reset bug loses commits before this.
const SQLITE_MIN: [u32; 3] = [3, 51, 3];

/// All of them.
pub fn all(plan: &Plan) -> Result<Row> {
    let mut row = Row::new("named", "named regressions", plan, SIMULATED.len() as u64 + 3);
    let sound = campaign(plan.seed, SEEDS, Config::ALL, None);
    if let Some((seed, what)) = sound.first {
        row.breaks(format!("seed {seed}: {what}"));
    }
    for (report, mutant) in SIMULATED {
        let found = campaign(plan.seed, SEEDS, Config::ALL, Some(mutant));
        let how = found.first.map_or_else(
            || format!("not in {SEEDS} seeds"),
            |(seed, what)| format!("{what}, after {} seeds", seed - plan.seed + 1),
        );
        row.control(report, found.first.is_some(), how);
        row.done += 1;
    }
    if let Err(why) = keyring(&mut row) {
        row.breaks(format!("Signal-Desktop#7005: {why:#}"));
    }
    row.done += 1;
    sqlite(&mut row)?;
    row.done += 1;
    if let Err(why) = unknown_answer(&mut row, plan) {
        row.breaks(format!("an answer that nobody knows: {why:#}"));
    }
    row.done += 1;
    Ok(row)
}

/// The key of the readable database is gone. The queue needs none and still stands; nothing is wiped.
fn keyring(row: &mut Row) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let to = Recipients {
        intake: OpeningKey::generate().recipient(),
        recovery: OpeningKey::generate().recipient(),
    };
    let mut desk = Desk::new(dir.path(), to, SigningKey::generate()?, [9; 16], 7)?;
    let sealed = desk.seal(&[noise(900, 1)])?;
    drop((desk, Drafts::open(dir.path(), &[1; 32])?));
    let drafts = dir.path().join("drafts.db");
    let before = std::fs::read(&drafts)?;
    ensure!(
        Drafts::open(dir.path(), &[2; 32]).is_err(),
        "another key opened the drafts"
    );
    ensure!(std::fs::read(&drafts)? == before, "the drafts were changed");
    let aside = Drafts::set_aside(dir.path(), 1)?;
    ensure!(std::fs::read(&aside)? == before, "the drafts were not kept");
    let queue_stands = |dir: &std::path::Path| -> Result<bool> {
        Ok(item::get(Outbox::open(dir)?.db(), &sealed)?.is_some())
    };
    ensure!(queue_stands(dir.path())?, "the queue is gone with the key");
    // The behaviour that it is named after: what cannot be read is wiped and made anew.
    for file in ["outbox.db", "outbox.db-wal", "outbox.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join(file));
    }
    row.control(
        "Signal-Desktop#7005: unreadable after the keyring changed, so wiped",
        !queue_stands(dir.path())?,
        "the queue is empty",
    );
    Ok(())
}

/// Nothing but the clock and a person may make a kiosk ask again; both come from here.
const KICKS: u32 = 20;

/// A service of a later version answers what this one does not know. The kiosk stops by itself, whatever is sealed
/// meanwhile; a press asks again, and nothing is dropped.
fn unknown_answer(row: &mut Row, plan: &Plan) -> Result<()> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = Place::open(folder.path())?;
    let running = place.running.as_ref().context("no province")?;
    let gateway = Gateway::before(&place.province, &running.root_der, running.kiosk_addr)?;
    let mut counter = place.enrol(&folder.path().join("kiosk"))?;
    let dossier = counter.desk.seal(&[noise(900, 1)])?;
    let url = format!("https://{}", gateway.address());
    let asked_again = |engine: &sync::Engine| {
        let before = gateway.refused();
        for _ in 0..KICKS {
            engine.kick();
            std::thread::sleep(Duration::from_millis(150));
        }
        gateway.refused() - before
    };

    gateway.manner(Manner::Unknown);
    let nobody_knows = Some(sync::Failure::Unknown(UnknownAnswer { status: 418 }));
    let engine = place.engine(&counter, &url)?;
    let began = Instant::now();
    while engine.network().failure != nobody_knows {
        ensure!(
            began.elapsed() < Duration::from_secs(30),
            "{:?}",
            engine.network()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let again = asked_again(&engine);
    ensure!(again == 0, "asked {again} times by itself");
    let (before, pass) = (gateway.refused(), engine.send_now());
    ensure!(
        pass.failure == nobody_knows && gateway.refused() > before,
        "a press did not ask: {pass:?}"
    );
    let held = item::get(counter.desk.outbox.db(), &dossier)?.context("dropped")?;
    ensure!(
        held.delivery == Delivery::Sealed && held.failures == 0,
        "{:?}",
        held.delivery
    );

    // The behaviour that it is named after.
    gateway.manner(Manner::Busy);
    let _ = engine.send_now();
    let looped = asked_again(&engine);
    row.control(
        "an answer that nobody knows, taken for a busy service",
        looped > 0,
        format!("asked {looped} times in three seconds"),
    );

    gateway.manner(Manner::Honest);
    let pass = engine.send_now();
    let there = item::get(counter.desk.outbox.db(), &dossier)?.context("dropped")?;
    place.runtime.block_on(engine.stop());
    place.close();
    ensure!(
        there.delivery.is_acknowledged(),
        "{:?} after {pass:?}",
        there.delivery
    );
    Ok(())
}

fn is_mended(version: &str) -> bool {
    let numbers: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
    numbers.as_slice() >= SQLITE_MIN.as_slice()
}

/// The library that is linked is newer than the bug.
fn sqlite(row: &mut Row) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let version: String = Outbox::open(dir.path())?
        .db()
        .query_row("SELECT sqlite_version()", [], |r| r.get(0))?;
    if !is_mended(&version) {
        row.breaks(format!("SQLite {version} has the WAL-reset bug"));
    }
    row.control(
        "SQLite WAL-reset bug: 3.51.2",
        !is_mended("3.51.2"),
        format!("refused; {version} is linked"),
    );
    Ok(())
}

//! The named regressions: what went wrong in other systems, by the number of its report. Each must not happen here,
//! and must be seen where the behaviour that it is named after is put in.

use crate::gateway::{Gateway, Manner};
use crate::row::{Plan, Row};
use crate::sim::{Config, Mutant, campaign};
use anyhow::{Context as _, Result, ensure};
use domain::delivery::{Delivery, UnknownAnswer};
use domain::ids::DossierId;
use std::time::{Duration, Instant};
use store::tables::item;
use store::{Drafts, Outbox, SealedFiles};
use stories::desk::noise;
use stories::place::Place;
use stories::rescue::{machine_keys, rescue, stick};

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

/// Dossiers that wait when the keys go.
const WAITING: u64 = 3;

/// The keys are gone: the drafts' and the machine's own, so that nothing here can be signed or sent any more. What was
/// sealed needs neither: it is carried to the province. The drafts are kept as they lie.
fn keyring(row: &mut Row) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let place = Place::open(folder.path())?;
    let there = || -> Result<usize> { Ok(place.admin()?.dossiers()?.len()) };
    let mut counter = place.enrol(&folder.path().join("kept"))?;
    let mut sealed = Vec::new();
    for n in 0..WAITING {
        sealed.push(counter.desk.seal(&[noise(900, n + 1), noise(300, n + 100)])?);
    }
    let data = counter.folder.clone();
    drop((counter.desk, Drafts::open(&data, &[1; 32])?));
    ensure!(
        machine_keys(&data).iter().all(|key| !key.exists()),
        "there is a key"
    );
    let drafts = data.join("drafts.db");
    let before = std::fs::read(&drafts)?;
    ensure!(
        Drafts::open(&data, &[2; 32]).is_err(),
        "another key opened the drafts"
    );
    ensure!(std::fs::read(&drafts)? == before, "the drafts were changed");
    let aside = Drafts::set_aside(&data, 1)?;
    ensure!(std::fs::read(&aside)? == before, "the drafts were not kept");
    // All that was seen to before: the drafts are set aside and the queue stands. Nothing arrives by that.
    let standing = item::newest(Outbox::open(&data)?.db(), 100)?.len() as u64;
    row.control(
        "Signal-Desktop#7005: the queue stands, and nobody carries it",
        standing == WAITING && there()? == 0,
        format!("{standing} in the queue, {} at the province", there()?),
    );
    let carried = stick()?;
    let (all, said) = rescue(&data, carried.path())?;
    ensure!(all, "not everything was rescued: {said}");
    let mut admin = place.admin()?;
    admin.import(carried.path())?;
    let again = admin.import(carried.path())?;
    ensure!(
        again.taken.is_empty() && again.refused.is_empty(),
        "twice is not once: {again:?}"
    );
    let views = admin.dossiers()?;
    let whole = |id: &DossierId| {
        views
            .iter()
            .any(|d| d.id == *id && d.completed_at.is_some() && d.forks.is_empty())
    };
    ensure!(
        views.len() == sealed.len() && sealed.iter().all(whole),
        "the province has {views:?}"
    );

    // The behaviour that it is named after: what cannot be read is wiped and made anew.
    let mut counter = place.enrol(&folder.path().join("wiped"))?;
    counter.desk.seal(&[noise(900, 1)])?;
    let data = counter.folder.clone();
    drop(counter.desk);
    std::fs::remove_dir_all(&data)?;
    std::fs::create_dir(&data)?;
    drop((Outbox::open(&data)?, SealedFiles::open(&data)?));
    let empty = stick()?;
    let (all, _) = rescue(&data, empty.path())?;
    let refused = admin.import(empty.path()).is_err();
    row.control(
        "Signal-Desktop#7005: unreadable after the keyring changed, so wiped",
        !all && refused && there()? == views.len(),
        "it reaches nobody",
    );
    drop(admin);
    place.close();
    Ok(())
}

/// Nothing but the clock and a person may make a kiosk ask again; both come from here.
const KICKS: u32 = 20;

/// A service of a later version answers what this one does not know. The kiosk stops by itself, whatever is sealed
/// meanwhile; a press asks again, and nothing is dropped.
fn unknown_answer(row: &mut Row, plan: &Plan) -> Result<()> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = Place::open(folder.path())?;
    let running = &place.running;
    let gateway = Gateway::before(&place.province, &running.root_der, running.kiosk_addr)?;
    let mut counter = place.enrol(&folder.path().join("kiosk"))?;
    let dossier = counter.desk.seal(&[noise(900, 1)])?;
    let url = gateway.url();
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

//! Over real sockets: an upload of 20 MB that is cut a hundred times, and bad networks between a real engine and a
//! real service.

use crate::place::Place;
use crate::row::{Plan, Row};
use anyhow::{Context as _, Result, ensure};
use domain::ids::DossierId;
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use store::Outbox;
use store::tables::item;
use stories::desk::noise;
use stories::seeded::Seeded;
use stories::{Chaos, Rule};

const MEGABYTE: usize = 1_000_000;

/// A hundred cuts inside 20 MB: few bytes go twice, and every byte is right.
pub fn cuts(plan: &Plan) -> Result<Row> {
    let wanted = 100;
    let mut row = Row::new("cuts", "cuts in one upload of 20 MB", plan, wanted);
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = Place::open(folder.path())?;
    let address = place.running.as_ref().context("no province")?.kiosk_addr;
    let network = Chaos::before(address)?;
    let mut counter = place.enrol(&folder.path().join("kiosk"))?;
    let payload = noise(20 * MEGABYTE, plan.seed);
    let dossier = counter.desk.seal(std::slice::from_ref(&payload))?;
    let engine = place.engine(&counter, &network.url())?;
    // Each connection carries a little less than a hundredth, and its own handshake.
    // 8 KiB each 4 ms: 16 Mbit/s.
    network.rule(Rule::CutUpSlowly(195_000, Duration::from_millis(4)));
    let mut done = engine.send_now();
    let mut whole = delivered(&counter.folder, &[dossier])? == 1;
    // A pass may end with the link; the engine would wait and go on, and somebody who presses does not wait.
    for _ in 0..120 {
        if !whole {
            done = engine.send_now();
            whole = delivered(&counter.folder, &[dossier])? == 1;
        }
    }
    let (bytes, breaks) = (network.up(), network.accepted().saturating_sub(1));
    place.runtime.block_on(engine.stop());
    row.done = breaks;
    let ratio = ratio(bytes, payload.len());
    row.note = format!("{bytes} bytes went for {} ({ratio:.3})", payload.len());
    if !whole {
        row.breaks(format!("not acknowledged: {done:?}"));
        return Ok(row);
    }
    if ratio > 1.15 {
        row.breaks(format!("{ratio:.3} times the bytes"));
    }
    let view = place.admin()?.dossier(&dossier)?;
    for file in &view.files {
        let path = place.province.join("blobs").join(dossier.to_string());
        let hash: [u8; 32] = Sha256::digest(std::fs::read(path.join(file.sha256.to_string()))?).into();
        if hash != file.sha256.0 {
            row.breaks("the bytes that arrived are not those that were sent");
        }
    }
    place.close();
    let blind = blind_append(&payload, plan.seed);
    row.control("blind append", !blind, "the hash differs after a hundred cuts");
    Ok(row)
}

fn ratio(bytes: u64, payload: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a ratio of byte counts")]
    let ratio = bytes as f64 / payload as f64;
    ratio
}

/// The control: a sender that goes on from what it handed over, and a receiver that appends whatever comes.
fn blind_append(payload: &[u8], seed: u64) -> bool {
    let mut random = Seeded::new(seed);
    let (mut handed, mut held) = (0, Vec::new());
    while handed < payload.len() {
        let piece = (payload.len() / 100).min(payload.len() - handed);
        // Part of what was handed over lay in a buffer when the connection broke.
        let lost = usize::try_from(random.below(20_000)).unwrap_or(0).min(piece);
        held.extend_from_slice(payload.get(handed..handed + piece - lost).unwrap_or_default());
        handed += piece;
    }
    Sha256::digest(&held) == Sha256::digest(payload)
}

fn delivered(folder: &std::path::Path, of: &[DossierId]) -> Result<usize> {
    let outbox = Outbox::open(folder)?;
    let mut count = 0;
    for id in of {
        let row = item::get(outbox.db(), id)?.context("lost: no row")?;
        count += usize::from(row.delivery.is_acknowledged());
    }
    Ok(count)
}

fn bad_rule(random: &mut Seeded) -> Rule {
    let bytes = 500 + random.below(40_000);
    match random.below(8) {
        0 => Rule::Pass,
        1 => Rule::Delay(Duration::from_millis(5 + random.below(60))),
        2 => Rule::CutUp(bytes),
        3 => Rule::CutDown(bytes),
        4 => Rule::MuteAfterUp(bytes),
        5 => Rule::HalfOpen,
        6 => Rule::Portal,
        _ => Rule::Refuse,
    }
}

/// Schedules of bad rules over real sockets, 20 dossiers each.
pub fn sockets(plan: &Plan) -> Result<Row> {
    /// Dossiers of one schedule, and how often the rule changes while they go out.
    const DOSSIERS: usize = 20;
    const CHANGES: u64 = 12;
    let wanted = plan.size(4, 200);
    let mut row = Row::new(
        "sockets",
        "schedules of 20 dossiers over real sockets",
        plan,
        wanted,
    );
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = Place::open(folder.path())?;
    let address = place.running.as_ref().context("no province")?.kiosk_addr;
    let mut counter = place.enrol(&folder.path().join("kiosk"))?;
    let (mut all, mut slowest, mut resent) = (Vec::new(), Duration::ZERO, 0);
    for schedule in 0..wanted {
        let mut random = Seeded::new(plan.seed.wrapping_add(schedule));
        let network = Chaos::before(address)?;
        let mut sent = Vec::new();
        for _ in 0..DOSSIERS {
            let size = usize::try_from(300 + random.below(20_000)).unwrap_or(300);
            sent.push(counter.desk.seal(&[noise(size, random.number())])?);
        }
        let engine = place.engine(&counter, &network.url())?;
        for _ in 0..CHANGES {
            network.rule(bad_rule(&mut random));
            network.cut();
            engine.kick();
            std::thread::sleep(Duration::from_millis(20 + random.below(120)));
        }
        network.rule(Rule::Pass);
        network.cut();
        let healed = Instant::now();
        for _ in 0..10 {
            let _ = engine.send_now();
            if delivered(&counter.folder, &sent)? == DOSSIERS {
                break;
            }
        }
        slowest = slowest.max(healed.elapsed());
        place.runtime.block_on(engine.stop());
        let arrived = delivered(&counter.folder, &sent)?;
        if arrived != DOSSIERS {
            row.breaks(format!("schedule {schedule}: {arrived} of {DOSSIERS} arrived"));
        }
        resent += network.accepted();
        all.extend(sent);
        row.done += 1;
    }
    let views = place.admin()?.dossiers()?;
    if views.len() != all.len() {
        row.breaks(format!(
            "dup or lost: {} at the province, {} sealed",
            views.len(),
            all.len()
        ));
    }
    row.note = format!(
        "{} dossiers, {resent} connections, the slowest converged {slowest:?} after the healing",
        all.len()
    );
    let doubled = without_deduplication(&place, &mut counter)?;
    row.control(
        "deduplication off",
        doubled > 1,
        format!("{doubled} cases of one dossier whose answer got lost"),
    );
    place.close();
    Ok(row)
}

/// The control: a kiosk whose retry is a new dossier, as where no id is made before the first attempt.
fn without_deduplication(place: &Place, counter: &mut crate::place::Counter) -> Result<usize> {
    let before = place.admin()?.dossiers()?.len();
    let paper = noise(700, 3);
    let engine = place.engine(counter, &place.url()?)?;
    for _ in 0..2 {
        counter.desk.seal(std::slice::from_ref(&paper))?;
        let pass = engine.send_now();
        ensure!(pass.failure.is_none(), "{:?}", pass.failure);
    }
    place.runtime.block_on(engine.stop());
    Ok(place.admin()?.dossiers()?.len() - before)
}

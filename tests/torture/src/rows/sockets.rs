//! Over real sockets: an upload of 20 MB that is cut a hundred times, and bad networks between a real engine and a
//! real service.

use crate::gateway::{Gateway, Manner};
use crate::row::{Plan, Row};
use crate::rows::whole;
use anyhow::{Context as _, Result, ensure};
use domain::ids::DossierId;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use store::Outbox;
use store::tables::item;
use stories::desk::noise;
use stories::place::{Enrolled, Place};
use stories::seeded::Seeded;
use stories::{Chaos, Rule};

const MEGABYTE: usize = 1_000_000;

/// A hundred cuts inside 20 MB: few bytes go twice, and every byte is right.
pub fn cuts(plan: &Plan) -> Result<Row> {
    let wanted = 100;
    let mut row = Row::new("cuts", "cuts in one upload of 20 MB", plan, wanted);
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = Place::open(folder.path())?;
    let address = place.running.kiosk_addr;
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
    if let Err(why) = whole::as_sealed(&place.admin()?, &place.province, &counter.desk.outbox, &dossier) {
        row.breaks(format!("not what was sent: {why:#}"));
    }
    place.close();
    let (caught, how) = blind_append(&payload[..2 * MEGABYTE])?;
    row.control("blind append", caught, how);
    Ok(row)
}

fn ratio(bytes: u64, payload: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a ratio of byte counts")]
    let ratio = bytes as f64 / payload as f64;
    ratio
}

/// The control, over the same kind of line, cut as often: a sender that goes on from what it handed over, and a receiver
/// that appends whatever comes.
fn blind_append(payload: &[u8]) -> Result<(bool, String)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let receives = listener.local_addr()?;
    let network = Chaos::before(receives)?;
    network.rule(Rule::CutUp(payload.len() as u64 / 100));
    let receiver = std::thread::spawn(move || -> Result<Vec<u8>> {
        let mut held = Vec::new();
        loop {
            let (mut kiosk, _) = listener.accept()?;
            let mut first = [0];
            // A connection that says nothing ends it.
            match kiosk.read(&mut first) {
                Ok(1) if first == [1] => {}
                Ok(1) => return Ok(held),
                _ => continue,
            }
            let _ = kiosk.read_to_end(&mut held);
        }
    });
    let url = network.url();
    let address = url.trim_start_matches("https://").to_owned();
    let mut handed = 0;
    while handed < payload.len() {
        let mut line = TcpStream::connect(&address)?;
        line.write_all(&[1])?;
        while let Some(piece) = payload
            .get(handed..(handed + 4096).min(payload.len()))
            .filter(|p| !p.is_empty())
        {
            if line.write_all(piece).is_err() {
                break;
            }
            handed += piece.len();
            // About the pace at which the line carries it, so that a cut is felt while there is more to send.
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    let cuts = network.accepted();
    TcpStream::connect(receives)?.write_all(&[2])?;
    let held = receiver
        .join()
        .map_err(|_| anyhow::anyhow!("the receiver panicked"))??;
    let differs = Sha256::digest(&held) != Sha256::digest(payload);
    let how = format!(
        "{} of {} bytes are there after {cuts} connections",
        held.len(),
        payload.len()
    );
    Ok((differs, how))
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

/// 56 kbit/s.
const MODEM: u64 = 7000;

/// What is between kiosk and province for a while.
#[derive(Debug, Clone, Copy)]
enum Between {
    Line(Rule),
    /// Something with the province's own certificate.
    Gateway(Manner),
}

/// Something bad, and for how long.
fn bad(random: &mut Seeded) -> (Between, Duration) {
    let bytes = 500 + random.below(40_000);
    let short = Duration::from_millis(20 + random.below(120));
    let long = Duration::from_millis(200 + random.below(500));
    match random.below(13) {
        0 => (Between::Line(Rule::Pass), short),
        1 => (
            Between::Line(Rule::Delay(Duration::from_millis(5 + random.below(60)))),
            short,
        ),
        2 => (Between::Line(Rule::CutUp(bytes)), short),
        3 => (Between::Line(Rule::CutDown(bytes)), short),
        4 => (Between::Line(Rule::MuteAfterUp(bytes)), short),
        5 => (Between::Line(Rule::HalfOpen), short),
        6 => (Between::Line(Rule::Portal), short),
        7 => (Between::Line(Rule::Refuse), short),
        8 => (Between::Line(Rule::Slow(MODEM)), long * 3),
        9 => (Between::Gateway(Manner::Html), long),
        10 => (Between::Gateway(Manner::Redirect), long),
        11 => (
            Between::Gateway(Manner::Cut(usize::try_from(random.below(900)).unwrap_or(0))),
            long,
        ),
        _ => (Between::Gateway(Manner::Twice), long * 2),
    }
}

/// What came of all schedules.
#[derive(Debug, Default)]
struct Tally {
    slowest: Duration,
    connections: u64,
    modem: u64,
    /// What the last pass of a schedule that broke ended with.
    last: String,
}

/// Schedules of bad networks over real sockets, 20 dossiers each.
pub fn sockets(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(4, 200);
    let mut row = Row::new(
        "slow-sockets",
        "schedules of 20 dossiers over real sockets",
        plan,
        wanted,
    );
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = Place::open(folder.path())?;
    let running = &place.running;
    let gateway = Gateway::before(&place.province, &running.root_der, running.kiosk_addr)?;
    let mut counter = place.enrol(&folder.path().join("kiosk"))?;
    let (mut all, mut tally) = (Vec::new(), Tally::default());
    for schedule in 0..wanted {
        let (sent, arrived) = one_schedule(
            &place,
            &mut counter,
            &gateway,
            plan.seed.wrapping_add(schedule),
            &mut tally,
        )?;
        if arrived != DOSSIERS {
            row.breaks(format!(
                "schedule {schedule}: {arrived} of {DOSSIERS} arrived, the last pass ended with {}",
                tally.last
            ));
        }
        all.extend(sent);
        row.done += 1;
    }
    all.extend(asked_twice(&place, &mut counter, &gateway)?);
    match one_breaks_off(&place, &mut counter, &gateway)? {
        (sent, None) => all.extend(sent),
        (sent, Some(why)) => {
            row.breaks(why);
            all.extend(sent);
        }
    }
    let admin = place.admin()?;
    let cases: Vec<DossierId> = admin.dossiers()?.iter().map(|view| view.id).collect();
    if let Err(why) = once(&cases, &all) {
        row.breaks(format!("{why:#}"));
    }
    let judged = |id: &DossierId| whole::as_sealed(&admin, &place.province, &counter.desk.outbox, id);
    if let Err(why) = all.iter().try_for_each(judged) {
        row.breaks(format!("{why:#}"));
    }
    let came = gateway.envelopes();
    let repeated = came.values().filter(|n| **n > 1).count();
    row.note = format!(
        "{} dossiers, of {repeated} the province took an envelope more than once; {} connections, {} spells at 56 kbit/s; with the province's own certificate {}; the slowest converged {:?} after the healing",
        all.len(),
        tally.connections,
        tally.modem,
        gateway.said(),
        tally.slowest
    );
    // A province that remembers no dossier makes a case of every envelope that came.
    let times = |id: &DossierId| came.get(id).copied().unwrap_or(1);
    let cases: Vec<DossierId> = all
        .iter()
        .flat_map(|id| std::iter::repeat_n(*id, times(id)))
        .collect();
    let (caught, how) = match once(&cases, &all) {
        Err(why) => (why.to_string().starts_with("dup"), why.to_string()),
        Ok(()) => (false, "every envelope came once".into()),
    };
    row.control("deduplication off", caught, how);
    let last = all.last().context("nothing was sent")?;
    let (caught, how) = whole::with_a_byte_flipped(&admin, &place.province, last, || judged(last))?;
    row.control("one byte of a whole file is another", caught, how);
    place.close();
    Ok(row)
}

/// Each of `sealed` is one case, and there is no other.
fn once(cases: &[DossierId], sealed: &[DossierId]) -> Result<()> {
    let mut counted: BTreeMap<DossierId, usize> = sealed.iter().map(|id| (*id, 0)).collect();
    for id in cases {
        *counted
            .get_mut(id)
            .with_context(|| format!("resurrected: {id} was not sealed here"))? += 1;
    }
    let twice = counted.values().filter(|n| **n > 1).count();
    let most = counted.values().max().copied().unwrap_or(0);
    ensure!(
        twice == 0,
        "dup: {twice} dossiers are several cases, one of them {most}"
    );
    let lost = counted.values().filter(|n| **n == 0).count();
    ensure!(lost == 0, "lost: {lost} dossiers are no case");
    Ok(())
}

/// The gateway asks the province twice for all that a kiosk sends once it has its session: a nonce is good for one only.
fn asked_twice(place: &Place, counter: &mut Enrolled, gateway: &Gateway) -> Result<Vec<DossierId>> {
    gateway.manner(Manner::Honest);
    let engine = place.engine(counter, &gateway.url())?;
    let pass = engine.send_now();
    ensure!(pass.failure.is_none(), "{:?}", pass.failure);
    gateway.manner(Manner::Twice);
    let mut sent = Vec::new();
    for n in 0..3 {
        sent.push(counter.desk.seal(&[noise(700, n + 3)])?);
    }
    let began = Instant::now();
    while delivered(&counter.folder, &sent)? < sent.len() && began.elapsed() < TWICE_FOR {
        let _ = engine.send_now();
    }
    // What is asked for a second time of a file may be refused: that is the end of one attempt, and of no dossier.
    gateway.manner(Manner::Honest);
    while delivered(&counter.folder, &sent)? < sent.len() && began.elapsed() < CONVERGES_WITHIN {
        let _ = engine.send_now();
    }
    place.runtime.block_on(engine.stop());
    let came = gateway.envelopes();
    ensure!(
        sent.iter().all(|id| came.get(id).is_some_and(|n| *n > 1)),
        "nothing was asked twice: the test did not happen"
    );
    Ok(sent)
}

/// The file of one dossier never gets through, and the others do not wait for it; once it can, it comes, too.
fn one_breaks_off(
    place: &Place,
    counter: &mut Enrolled,
    gateway: &Gateway,
) -> Result<(Vec<DossierId>, Option<String>)> {
    let mut sent = Vec::new();
    for n in 0..5 {
        sent.push(counter.desk.seal(&[noise(20_000, n + 11)])?);
    }
    let (bad, others) = sent.split_first().context("nothing was sealed")?;
    let engine = place.engine(counter, &gateway.url())?;
    let press_until = |of: &[DossierId]| -> Result<usize> {
        let began = Instant::now();
        while delivered(&counter.folder, of)? < of.len() && began.elapsed() < CONVERGES_WITHIN {
            std::thread::sleep(Duration::from_millis(200));
            let _ = engine.send_now();
        }
        delivered(&counter.folder, of)
    };
    gateway.manner(Manner::BreaksOff(*bad));
    let arrived = press_until(others)?;
    let came_through = delivered(&counter.folder, &[*bad])?;
    gateway.manner(Manner::Honest);
    let last = press_until(&[*bad])?;
    place.runtime.block_on(engine.stop());
    ensure!(
        gateway.broken_off() > 0 && came_through == 0,
        "nothing was broken off: the test did not happen"
    );
    let why = match (arrived, last) {
        (4, 1) => None,
        (4, _) => Some("a file that broke off for a while never came".to_owned()),
        _ => Some(format!(
            "{arrived} of 4 came beside a file that always breaks off"
        )),
    };
    Ok((sent, why))
}

/// Dossiers of one schedule, and how often the network changes while they go out.
const DOSSIERS: usize = 20;
const CHANGES: u64 = 12;
/// How long everything is asked twice at the end.
const TWICE_FOR: Duration = Duration::from_secs(3);
/// A person presses "Gửi ngay" for no longer than this on a network that is well again.
const CONVERGES_WITHIN: Duration = Duration::from_secs(60);

/// One schedule; answers its dossiers, and how many arrived after the healing.
fn one_schedule(
    place: &Place,
    counter: &mut Enrolled,
    gateway: &Gateway,
    seed: u64,
    tally: &mut Tally,
) -> Result<(Vec<DossierId>, usize)> {
    let address = place.running.kiosk_addr;
    let mut random = Seeded::new(seed);
    let network = Chaos::before(address)?;
    let mut sent = Vec::new();
    for _ in 0..DOSSIERS {
        let size = usize::try_from(300 + random.below(20_000)).unwrap_or(300);
        sent.push(counter.desk.seal(&[noise(size, random.number())])?);
    }
    let engine = place.engine(counter, &network.url())?;
    for _ in 0..CHANGES {
        let (between, long) = bad(&mut random);
        match between {
            Between::Line(rule) => {
                tally.modem += u64::from(rule == Rule::Slow(MODEM));
                network.lead_to(address);
                network.rule(rule);
            }
            Between::Gateway(manner) => {
                gateway.manner(manner);
                network.lead_to(gateway.address());
                network.rule(Rule::Pass);
            }
        }
        network.cut();
        // A person presses: the waits of the engine would outlast the schedule.
        press(&engine, long);
    }
    network.lead_to(address);
    network.rule(Rule::Pass);
    network.cut();
    let healed = Instant::now();
    let mut pass = engine.send_now();
    while delivered(&counter.folder, &sent)? < DOSSIERS && healed.elapsed() < CONVERGES_WITHIN {
        // Where the province has no room for files yet it says so at once.
        std::thread::sleep(Duration::from_millis(200));
        pass = engine.send_now();
    }
    if delivered(&counter.folder, &sent)? < DOSSIERS {
        tally.last = format!("{:?}", pass.failure);
    }
    tally.slowest = tally.slowest.max(healed.elapsed());
    place.runtime.block_on(engine.stop());
    tally.connections += network.accepted();
    let arrived = delivered(&counter.folder, &sent)?;
    Ok((sent, arrived))
}

/// Wakes the engine again and again for a while.
fn press(engine: &sync::Engine, long: Duration) {
    let began = Instant::now();
    while began.elapsed() < long {
        engine.kick();
        std::thread::sleep(Duration::from_millis(20));
    }
}

//! Everybody at once: two thousand kiosks at eight sharp while scans arrive over slow lines, and the morning after an
//! outage of two days.
//!
//! Kiosks are tasks of this process with real outboxes, sealed files, engines and sockets (`fleet`). The province runs
//! beside them on the same two cores. Where fewer than [`AT_ONCE`] kiosks come, the province gets as many threads fewer
//! for what blocks, so that the control is the same control.

use crate::fleet::{self, Far, Kiosk, Load};
use crate::row::{Plan, Row};
use crate::slow::Slow;
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stories::place::{Place, THREADS_MAX};
use sync::Engine;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const AT_ONCE: u64 = 2000;
/// Scans under way over slow lines when the others come: more than there are threads.
const SLOW_OF_TEN: u64 = 3;
/// Bytes a second of such a line at most, and its scan: half a minute, and longer on a machine that is itself so slow that
/// half a minute would be nothing.
const SLOW_PACE: u64 = 2000;
const SLOW_FILE: usize = 60_000;
/// A scan lasts this many times what the others take in an orderly line.
const SLOW_OF_IDEAL: u32 = 3;
const FILE: usize = 8000;
/// At a time, where the line in front of the province is orderly.
const ORDERLY: usize = 16;
/// Nothing here takes longer, or it is lost.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// The fewest kiosks at which the control is distinct: below, a few threads more or less decide.
const DISTINCT_FROM: u64 = 200;

/// When a kiosk was as far as asked, counted from `began`.
async fn reached(
    kiosk: &Kiosk,
    engine: &Engine,
    began: Instant,
    enough: impl Fn(&Far) -> bool,
    within: Duration,
) -> Result<Option<Duration>> {
    let mut events = engine.subscribe();
    loop {
        if enough(&kiosk.far()?) {
            return Ok(Some(began.elapsed()));
        }
        let Some(left) = within.checked_sub(began.elapsed()) else {
            return Ok(None);
        };
        // An event that was missed is made up for by looking again.
        let _ = tokio::time::timeout(left.min(Duration::from_secs(1)), events.recv()).await;
    }
}

/// When a kiosk was as far as it was asked; `None`: not within.
struct Came {
    /// It has forms alone, and was asked for their acknowledgements.
    forms_alone: bool,
    after: Option<Duration>,
}

/// Starts every engine at one moment. Answers when each form had arrived, of a kiosk that has forms alone when each was
/// acknowledged, and the engines.
fn at_once(
    runtime: &Runtime,
    url: &str,
    fleet: &[Arc<Kiosk>],
    at_a_time: usize,
    within: Duration,
) -> Result<(Vec<Came>, Duration, Vec<Engine>)> {
    let began = Instant::now();
    let places = Arc::new(Semaphore::new(at_a_time));
    runtime.block_on(async {
        let mut coming = JoinSet::new();
        for kiosk in fleet {
            let (kiosk, places, url) = (Arc::clone(kiosk), Arc::clone(&places), url.to_owned());
            coming.spawn(async move {
                let _place = places.acquire().await?;
                let engine = kiosk.engine(&Handle::current(), &url, Duration::ZERO)?;
                let (of, forms_alone) = (kiosk.sealed.len(), kiosk.forms_alone);
                let enough = |far: &Far| {
                    let there = if forms_alone {
                        far.acknowledged
                    } else {
                        far.registered
                    };
                    there == of
                };
                let after = reached(&kiosk, &engine, began, enough, within).await?;
                anyhow::Ok((Came { forms_alone, after }, engine))
            });
        }
        let (mut times, mut engines) = (Vec::new(), Vec::new());
        while let Some(done) = coming.join_next().await {
            let (came, engine) = done??;
            times.push(came);
            engines.push(engine);
        }
        Ok((times, began.elapsed(), engines))
    })
}

fn stop(runtime: &Runtime, engines: Vec<Engine>) {
    runtime.block_on(async {
        let mut ends = JoinSet::new();
        engines.into_iter().for_each(|engine| {
            ends.spawn(engine.stop());
        });
        ends.join_all().await;
    });
}

/// The 99th percentile; `None` where more than one in a hundred never came.
fn p99(came: &[Came], of_these: impl Fn(&Came) -> bool) -> Option<Duration> {
    let mut all: Vec<Duration> = came
        .iter()
        .filter(|one| of_these(one))
        .map(|one| one.after.unwrap_or(Duration::MAX))
        .collect();
    all.sort_unstable();
    all.get((all.len() * 99 / 100).min(all.len().saturating_sub(1)))
        .copied()
        .filter(|t| *t < Duration::MAX)
}

struct Storm {
    /// Of every form, to its arrival.
    p99: Option<Duration>,
    /// Of the kiosks that have forms alone, to the acknowledgement.
    acknowledged_p99: Option<Duration>,
    ideal: Duration,
    /// All acknowledged in the end, of all who came.
    acknowledged: usize,
    lost: usize,
    of: usize,
    whole: Duration,
}

fn fleet_of(place: &Place, folder: &Path, load: Load, seed: u64) -> Result<Vec<Arc<Kiosk>>> {
    let fleet = fleet::muster(place, folder, load, seed)?;
    Ok(fleet.into_iter().map(Arc::new).collect())
}

/// One storm. `uploads_max` is the admission: usually 64 files at a time.
fn one_storm(plan: &Plan, count: u64, uploads_max: Option<usize>) -> Result<Storm> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let scaled = usize::try_from(THREADS_MAX as u64 * count / AT_ONCE)?.max(72);
    let usual = service::limits::UPLOADS_MAX;
    let place = Place::open_with(
        folder.path(),
        scaled.min(THREADS_MAX),
        uploads_max.unwrap_or(usual),
    )?;
    let address = place.running.kiosk_addr;
    let runtime = fleet::runtime()?;
    let one = |kiosks, file_bytes| Load {
        kiosks,
        dossiers: 1,
        file_bytes,
    };
    let orderly = fleet_of(&place, folder.path(), one((count / 5).max(60), FILE), plan.seed)?;
    let slow = fleet_of(
        &place,
        folder.path(),
        one((count * SLOW_OF_TEN / 10).max(scaled as u64 + 16), SLOW_FILE),
        plan.seed + 1_000_000,
    )?;
    // Half of them have forms alone: nothing but the form stands between them and their acknowledgement.
    let half = count / 2;
    let mut fast = fleet_of(&place, folder.path(), one(half, 0), plan.seed + 2_000_000)?;
    fast.extend(fleet_of(
        &place,
        folder.path(),
        one(count - half, FILE),
        plan.seed + 3_000_000,
    )?);

    // The ideal: an orderly line.
    let (_, took, engines) = at_once(&runtime, place.url(), &orderly, ORDERLY, PATIENCE)?;
    stop(&runtime, engines);
    #[expect(clippy::cast_precision_loss, reason = "a ratio of counts")]
    let ideal = took.mul_f64(count as f64 / orderly.len() as f64);

    // Scans over slow lines are under way.
    let line = Slow::before(runtime.handle(), address, 0)?;
    line.pace(SLOW_PACE * 4);
    let mut engines = Vec::new();
    {
        let _inside = runtime.enter();
        for kiosk in &slow {
            engines.push(kiosk.engine(runtime.handle(), &line.url(), Duration::ZERO)?);
        }
    }
    let began = Instant::now();
    let enough = scaled * 9 / 10;
    while began.elapsed() < Duration::from_secs(60) {
        let far = slow.iter().map(|k| k.far()).collect::<Result<Vec<_>>>()?;
        if far.iter().filter(|f| f.registered == 1).count() >= enough {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let lasts = (ideal * SLOW_OF_IDEAL).as_secs().max(1);
    line.pace(SLOW_PACE.min(SLOW_FILE as u64 / lasts));
    std::thread::sleep(Duration::from_secs(2));

    // Eight sharp.
    let within = (ideal * 4).max(Duration::from_secs(8));
    let (times, _, more) = at_once(&runtime, place.url(), &fast, fast.len(), within)?;
    engines.extend(more);
    line.pace(0);
    let began = Instant::now();
    let everybody: Vec<&Arc<Kiosk>> = slow.iter().chain(&fast).collect();
    let mut acknowledged = 0;
    while uploads_max.is_none() && began.elapsed() < PATIENCE && acknowledged < everybody.len() {
        acknowledged = 0;
        for kiosk in &everybody {
            acknowledged += kiosk.far()?.acknowledged;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    stop(&runtime, engines);
    let whole = began.elapsed();
    let sealed: usize = orderly.len() + everybody.len();
    let there = place.admin()?.dossiers()?.len();
    place.close();
    Ok(Storm {
        p99: p99(&times, |_| true),
        acknowledged_p99: p99(&times, |came| came.forms_alone),
        ideal,
        acknowledged,
        lost: sealed.abs_diff(there),
        of: everybody.len(),
        whole,
    })
}

/// Two thousand kiosks at once.
pub fn storm(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(240, AT_ONCE);
    let mut row = Row::new("storm", "kiosks at once", plan, wanted);
    let came = one_storm(plan, wanted, None)?;
    row.done = wanted;
    let limit = came.ideal * 2;
    row.note = format!(
        "every form: p99 {:?} against an ideal drain of {:?}; of the half that has forms alone, to the acknowledgement: p99 {:?}; with {} scans over slow lines; all {} acknowledged {:?} after that",
        came.p99,
        came.ideal,
        came.acknowledged_p99,
        came.of as u64 - wanted,
        came.of,
        came.whole
    );
    if came.acknowledged != came.of {
        row.breaks(format!("{} of {} acknowledged", came.acknowledged, came.of));
    }
    if came.lost != 0 {
        row.breaks(format!(
            "{} more or fewer at the province than were sealed",
            came.lost
        ));
    }
    for (what, p99) in [("arrival", came.p99), ("acknowledgement", came.acknowledged_p99)] {
        if p99.is_none_or(|p99| p99 > limit) {
            row.breaks(format!("{what}: p99 {p99:?}, at most {limit:?}"));
        }
    }
    if wanted < DISTINCT_FROM {
        row.breaks(format!(
            "below {DISTINCT_FROM} kiosks the control is not distinct: not judged"
        ));
        return Ok(row);
    }
    let open = one_storm(plan, wanted, Some(usize::MAX))?;
    let how = match open.p99 {
        Some(p99) => format!("p99 {p99:?}, at most {:?} would do", open.ideal * 2),
        None => {
            "more than one form in a hundred was still waiting when four times the ideal had gone".to_owned()
        }
    };
    let caught = open.p99.is_none_or(|p99| p99 > open.ideal * 2);
    row.control("no admission", caught, how);
    Ok(row)
}

// ---- the morning after ------------------------------------------------------------------------------------------

/// Dossiers of one counter in two days.
const OF_ONE: u64 = 50;
/// The forms of everybody are there within this.
const FORMS_WITHIN: Duration = Duration::from_secs(15 * 60);
/// Kiosks wake at a random moment within this: a minute in the field.
const WAKE_WITHIN: Duration = Duration::from_secs(10);
/// The line of each counter, bytes a second.
const LINE: u64 = 64_000;
const SCAN: usize = 20_000;

/// A kiosk is looked at this often at most.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Devices of which the province had a dossier whole before it had the last form, by its own books.
fn out_of_order_there(place: &Place) -> Result<usize> {
    let db = rusqlite::Connection::open(place.province.join("province.db"))?;
    let sql = "SELECT count(*) FROM (SELECT device FROM dossiers GROUP BY device HAVING min(completed_at) < max(registered_at))";
    let devices: u32 = db.query_row(sql, [], |r| r.get(0))?;
    Ok(devices as usize)
}

/// Looks at one kiosk until all is there: when the last form had arrived, and whether a scan went before it.
async fn watch(kiosk: &Kiosk, engine: &Engine, began: Instant) -> Result<(Option<Duration>, bool)> {
    let of = kiosk.sealed.len();
    let (mut forms, mut scan_first) = (None, false);
    let mut events = engine.subscribe();
    while began.elapsed() < PATIENCE {
        let far = kiosk.far()?;
        if far.registered == of {
            forms.get_or_insert_with(|| began.elapsed());
        } else {
            scan_first |= far.begun || far.acknowledged > 0;
        }
        if far.acknowledged == of {
            break;
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), events.recv()).await;
        // Not at every one of the thousands of moves: who watches uses the cores that are watched.
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok((forms, scan_first))
}

/// Everybody wakes. Answers when the last form was there, how many kiosks sent a scan before a form, and how long all
/// took.
fn wake(runtime: &Runtime, url: &str, fleet: &[Arc<Kiosk>]) -> Result<(Option<Duration>, usize, Duration)> {
    let began = Instant::now();
    runtime.block_on(async {
        let mut waking = JoinSet::new();
        for kiosk in fleet {
            let (kiosk, url) = (Arc::clone(kiosk), url.to_owned());
            waking.spawn(async move {
                let engine = kiosk.engine(&Handle::current(), &url, WAKE_WITHIN)?;
                let seen = watch(&kiosk, &engine, began).await?;
                engine.stop().await;
                anyhow::Ok(seen)
            });
        }
        let (mut last, mut out_of_order) = (Some(Duration::ZERO), 0);
        while let Some(done) = waking.join_next().await {
            let (forms, scan_first) = done??;
            last = last.zip(forms).map(|(a, b)| a.max(b));
            out_of_order += usize::from(scan_first);
        }
        Ok((last, out_of_order, began.elapsed()))
    })
}

/// Twenty thousand dossiers on the morning after two days without a line.
pub fn morning_after(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(400, 20_000);
    let mut row = Row::new(
        "morning-after",
        "dossiers after an outage of two days",
        plan,
        wanted,
    );
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let place = Place::open(folder.path())?;
    let address = place.running.kiosk_addr;
    let runtime = fleet::runtime()?;
    let load = Load {
        kiosks: wanted.div_ceil(OF_ONE),
        dossiers: OF_ONE.min(wanted),
        file_bytes: SCAN,
    };
    let fleet = fleet_of(&place, folder.path(), load, plan.seed)?;
    let line = Slow::before(runtime.handle(), address, LINE)?;
    let (forms, out_of_order, whole) = wake(&runtime, &line.url(), &fleet)?;
    let sealed: usize = fleet.iter().map(|k| k.sealed.len()).sum();
    row.done = sealed as u64;
    row.note = format!(
        "{} kiosks; every form there after {forms:?}, everything after {whole:?}",
        fleet.len()
    );
    if forms.is_none_or(|last| last > FORMS_WITHIN) {
        let mut waiting = std::collections::BTreeMap::<String, usize>::new();
        for kiosk in &fleet {
            for one in kiosk.waiting()? {
                *waiting.entry(one).or_default() += 1;
            }
        }
        row.breaks(format!(
            "the last form came after {forms:?}; what waits, with its last failure: {waiting:?}"
        ));
    }
    if out_of_order > 0 {
        row.breaks(format!("{out_of_order} kiosks sent a scan before a form"));
    }
    let there_too = out_of_order_there(&place)?;
    if there_too > 0 {
        row.breaks(format!(
            "{there_too} kiosks had a dossier whole at the province before their last form"
        ));
    }
    let views = place.admin()?.dossiers()?;
    let there = views.iter().filter(|d| d.completed_at.is_some()).count();
    if there != sealed || views.len() != sealed {
        row.breaks(format!(
            "{there} whole of {} at the province, {sealed} sealed",
            views.len()
        ));
    }
    let (first, all) = first_in_first_out(&place, &runtime, &line, folder.path(), plan.seed + 5_000_000)?;
    row.control(
        "FirstInFirstOut",
        first < all,
        format!("{first} forms of {all} were there when the first scan had gone"),
    );
    place.close();
    Ok(row)
}

/// The control: a kiosk that carries one dossier to its end before it looks at the next. Answers how many forms the
/// province had when the first scan was there.
fn first_in_first_out(
    place: &Place,
    runtime: &Runtime,
    line: &Slow,
    folder: &Path,
    seed: u64,
) -> Result<(usize, usize)> {
    const DOSSIERS: usize = 10;
    let load = Load {
        kiosks: 1,
        dossiers: DOSSIERS as u64,
        file_bytes: SCAN,
    };
    let fleet = fleet_of(place, folder, load, seed)?;
    let kiosk = fleet.first().context("no kiosk")?;
    let far_away =
        i64::try_from(Duration::from_secs(600).as_millis())? + jiff::Timestamp::now().as_millisecond();
    let put_off = |but: &domain::ids::DossierId| -> Result<()> {
        let outbox = kiosk
            .outbox
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        outbox
            .db()
            .execute("UPDATE item SET next_try_ms = ?1", [far_away])?;
        outbox.db().execute(
            "UPDATE item SET next_try_ms = 0 WHERE dossier = ?1",
            [but.to_string()],
        )?;
        Ok(())
    };
    let first = kiosk.sealed.first().context("no dossier")?;
    // The start makes everything due at once, and the first pass would come minutes later: in between the queue
    // becomes one of which only the first is ever due.
    let engine = kiosk.engine(runtime.handle(), &line.url(), Duration::from_secs(600))?;
    std::thread::sleep(Duration::from_millis(500));
    let began = Instant::now();
    runtime.block_on(async {
        while kiosk.far()?.acknowledged == 0 && began.elapsed() < Duration::from_secs(60) {
            put_off(first)?;
            engine.kick();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        anyhow::Ok(())
    })?;
    let far = kiosk.far()?;
    runtime.block_on(engine.stop());
    ensure!(far.acknowledged > 0, "the control sent nothing");
    Ok((far.registered, DOSSIERS))
}

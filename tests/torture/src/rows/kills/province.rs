//! The province's real program, killed while a real engine sends to it.
//!
//! **Invariant:** whatever the kiosk took an acknowledgement for is whole at the province, byte for byte.

use super::{CONTROL_KILLS_MAX, early};
use crate::row::{Plan, Row};
use crate::rows::whole;
use anyhow::{Context as _, Result};
use domain::ids::DossierId;
use service::admin::Admin;
use std::path::Path;
use std::time::{Duration, Instant};
use store::Outbox;
use store::tables::item;
use stories::Province;
use stories::desk::noise;
use stories::place::{Enrolled, enrol};
use stories::seeded::Seeded;
use tokio::runtime::Handle;

struct Killed {
    province: Province,
    counter: Enrolled,
    runtime: Handle,
    random: Seeded,
    /// A kill falls anywhere within, in microseconds.
    longest: u64,
    sent: Vec<DossierId>,
}

impl Killed {
    fn hold(&self, acknowledged: &[DossierId]) -> Result<()> {
        let data = self.province.data();
        let admin = Admin::open(&data)?;
        let outbox = Outbox::open(&self.counter.folder)?;
        acknowledged
            .iter()
            .try_for_each(|id| whole::as_sealed(&admin, &data, &outbox, id))
    }

    fn acknowledged(&self, of: &[DossierId]) -> Result<Vec<DossierId>> {
        let outbox = Outbox::open(&self.counter.folder)?;
        let mut all = Vec::new();
        for id in of {
            if item::get(outbox.db(), id)?.is_some_and(|row| row.delivery.is_acknowledged()) {
                all.push(*id);
            }
        }
        Ok(all)
    }

    fn seal(&mut self, files: u64, bytes_max: u64) -> Result<Vec<DossierId>> {
        let mut fresh = Vec::new();
        for _ in 0..files {
            let size = usize::try_from(1000 + self.random.below(bytes_max)).unwrap_or(1000);
            fresh.push(self.counter.desk.seal(&[noise(size, self.random.number())])?);
        }
        Ok(fresh)
    }

    /// Sends, and kills the province meanwhile; it is not served again yet. Answers when it died.
    fn cut_off(&mut self) -> Result<Duration> {
        let engine = self.counter.engine(&self.runtime, &self.province.url())?;
        let wait = Duration::from_micros(self.random.below(self.longest));
        std::thread::scope(|scope| -> Result<()> {
            let pass = scope.spawn(|| engine.send_now());
            std::thread::sleep(wait);
            self.province.kill()?;
            let _ = pass.join();
            Ok(())
        })?;
        self.runtime.block_on(engine.stop());
        Ok(wait)
    }

    /// Everything that was ever sealed, in peace.
    fn send_the_rest(&self) -> Result<Vec<DossierId>> {
        let engine = self.counter.engine(&self.runtime, &self.province.url())?;
        for _ in 0..20 {
            let _ = engine.send_now();
            if self.acknowledged(&self.sent)?.len() == self.sent.len() {
                break;
            }
        }
        self.runtime.block_on(engine.stop());
        self.acknowledged(&self.sent)
    }
}

/// How long three dossiers take when nobody kills: a kill falls anywhere within, and a little after.
fn begin(plan: &Plan, folder: &Path, runtime: Handle) -> Result<Killed> {
    let province = Province::start()?;
    let counter = enrol(&runtime, &province.url(), &province.data(), &folder.join("kiosk"))?;
    let mut killed = Killed {
        province,
        counter,
        runtime,
        random: Seeded::new(plan.seed),
        longest: 0,
        sent: Vec::new(),
    };
    let first = killed.seal(3, 400_000)?;
    let engine = killed.counter.engine(&killed.runtime, &killed.province.url())?;
    let began = Instant::now();
    let _ = engine.send_now();
    killed.longest = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX) * 2;
    killed.runtime.block_on(engine.stop());
    killed.sent.extend(first);
    Ok(killed)
}

/// The row.
pub fn province(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(30, 1000);
    let mut row = Row::new("kill-province", "kills", plan, wanted);
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut killed = begin(plan, folder.path(), runtime.handle().clone())?;
    let mut in_the_middle = 0;
    for kill in 0..wanted {
        let files = 1 + killed.random.below(3);
        let fresh = killed.seal(files, 400_000)?;
        let wait = killed.cut_off()?;
        let done = killed.acknowledged(&fresh)?;
        in_the_middle += u32::from(!done.is_empty() && done.len() < fresh.len());
        if let Err(why) = killed.hold(&done) {
            row.breaks(format!("kill {kill} after {wait:?}: {why:#}"));
        }
        killed.sent.extend(fresh);
        killed.province.serve()?;
        row.done += 1;
    }
    let done = killed.send_the_rest()?;
    let views = Admin::open(killed.province.data())?.dossiers()?;
    let sent = killed.sent.len();
    if done.len() != sent {
        row.breaks(format!("stuck: {} of {sent} arrived", done.len()));
    }
    if views.len() != sent {
        row.breaks(format!(
            "dup: {} at the province, {sent} were sealed",
            views.len()
        ));
    }
    if let Err(why) = killed.hold(&done) {
        row.breaks(format!("at the end: {why:#}"));
    }
    row.note = format!("{sent} dossiers, {in_the_middle} kills fell between two acknowledgements");
    let data = killed.province.data();
    let last = done.last().context("nothing arrived")?;
    let (caught, how) = whole::with_a_byte_flipped(&Admin::open(&data)?, &data, last, || killed.hold(&done))?;
    row.control("one byte of a whole file is another", caught, how);
    let (caught, how) = said_early(&mut killed)?;
    row.control("acknowledge before commit", caught, how);
    Ok(row)
}

/// The control: whatever the kiosk had begun to send when the province was killed it has an acknowledgement for, signed
/// with the province's own key. The same judgement, until it finds one lost.
fn said_early(killed: &mut Killed) -> Result<(bool, String)> {
    let key = service::DataDir::new(killed.province.data()).signing_key()?;
    for kill in 1..=CONTROL_KILLS_MAX {
        let fresh = killed.seal(3, 400_000)?;
        killed.cut_off()?;
        let mut taken = 0;
        {
            let mut outbox = Outbox::open(&killed.counter.folder)?;
            for dossier in &fresh {
                let row = item::get(outbox.db(), dossier)?.context("no row")?;
                taken += usize::from(row.attempted && early::acknowledge(&mut outbox, dossier, &key)?);
            }
        }
        let judged = killed.hold(&killed.acknowledged(&fresh)?);
        killed.province.serve()?;
        if let Err(why) = judged {
            let why = format!("{why:#}");
            return Ok((
                why.contains("lost"),
                format!("{why}, at kill {kill}, {taken} said too early"),
            ));
        }
    }
    Ok((false, format!("none lost in {CONTROL_KILLS_MAX} kills")))
}

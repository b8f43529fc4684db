//! The files of what the province holds durably go after three days while the machine dies: a row that could be sent
//! again has its files, and what went is whole at the province.
//!
//! Three days pass by setting back when the rows became durable.

use super::aim::Fell;
use super::judge::{There, blobs, judge};
use super::kiosk::Moment;
use super::life::Life;
use anyhow::{Context as _, Result};
use domain::ids::DossierId;
use store::Outbox;
use store::tables::item;
use store::tables::setting::{self, Name};
use stories::seeded::Seeded;
use sync::decide::SeenEpoch;

/// So many at least go together.
const TOGETHER: usize = 3;
/// A little more than the files are kept.
const PASS_MS: i64 = 73 * 60 * 60 * 1000;

/// Three days pass, and the program is killed while it clears its disk.
pub fn kill(life: &mut Life, there: &There, random: &mut Seeded) -> Result<Fell> {
    if durable(life)?.len() < TOGETHER {
        life.seal(TOGETHER as u64, random)?;
        life.quiet()?;
    }
    life.away(false);
    let due = durable(life)?;
    three_days_pass(life)?;
    let kiosk = life.begin()?;
    let wait = life.wait(Moment::Purge, random);
    std::thread::sleep(wait);
    kiosk.kill()?;
    judge(life, there)?;
    let fell = how_far(life, &due)?;
    life.fell(Moment::Purge, wait, fell);
    Ok(fell)
}

pub fn durable(life: &Life) -> Result<Vec<DossierId>> {
    let outbox = Outbox::open(&life.data())?;
    let rows = item::in_state(outbox.db(), "durable")?;
    Ok(rows.into_iter().map(|row| row.dossier).collect())
}

fn three_days_pass(life: &Life) -> Result<()> {
    let outbox = Outbox::open(&life.data())?;
    outbox.db().execute(
        "UPDATE item SET durable_ms = durable_ms - ?1 WHERE state = 'durable'",
        [PASS_MS],
    )?;
    let mut seen: SeenEpoch = setting::get(outbox.db(), Name::ProvinceEpoch)?.context("no epoch")?;
    seen.since_ms -= PASS_MS;
    setting::set(outbox.db(), Name::ProvinceEpoch, &seen)?;
    Ok(())
}

/// After only where every row says so and every file is gone.
fn how_far(life: &Life, due: &[DossierId]) -> Result<Fell> {
    let outbox = Outbox::open(&life.data())?;
    let (mut said, mut gone) = (0, 0);
    for id in due {
        let row = item::get(outbox.db(), id)?.context("lost: a durable row")?;
        said += usize::from(row.delivery.as_str() == "purged");
        let left = |name: String| life.data().join("sealed").join(name).exists();
        gone += usize::from(!blobs(&outbox, id)?.iter().any(|blob| left(blob.name())));
    }
    Ok(match (said, gone) {
        (0, 0) => Fell::Before,
        (said, gone) if said == due.len() && gone == due.len() => Fell::After,
        _ => Fell::Within,
    })
}

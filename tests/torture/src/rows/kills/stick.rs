//! Copies to a stick while the machine dies: a folder with its name is whole, and what is counted as copied is there.

use super::aim::Fell;
use super::judge::{There, blobs, judge};
use super::kiosk::Moment;
use super::life::Life;
use super::{Promises, answer};
use anyhow::{Context as _, Result, ensure};
use domain::ids::DossierId;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::Outbox;
use store::tables::{copy, item};
use stories::seeded::Seeded;
use wire::parcel;

/// A stick with more gives way to a new one: each is read whole after every kill.
const PARCELS_MAX: usize = 20;

/// With no network, a stick is written until the program dies.
pub fn kill(life: &mut Life, there: &There, random: &mut Seeded, promises: Promises) -> Result<Fell> {
    life.away(true);
    life.fresh_stick(PARCELS_MAX)?;
    let count = 2 + random.below(3);
    let fresh = life.seal(count, random)?;
    let (mut kiosk, _) = life.at_desk()?;
    let id = kiosk.send(
        "operator",
        "export_sealed",
        json!({ "folder": life.stick.path() }),
    )?;
    let mut wait = life.wait(Moment::Stick, random);
    if promises == Promises::WhenAsked {
        wait /= 8;
    }
    std::thread::sleep(wait);
    let heard = kiosk.kill_and_hear()?;
    let told = answer(&heard, id).is_some();
    judge(life, there)?;
    let outbox = Outbox::open(&life.data())?;
    let found = whole(life.stick.path(), &outbox)?;
    if promises == Promises::WhenAsked {
        // Counted before it was written and read back.
        let stick = stick_id(life.stick.path()).unwrap_or_else(|| "a stick".into());
        for dossier in &fresh {
            copy::put(outbox.db(), dossier, &stick, 1)?;
        }
    }
    counted(
        life,
        &outbox,
        &found,
        &fresh,
        told || promises == Promises::WhenAsked,
    )?;
    let there = fresh.iter().filter(|id| found.contains_key(id)).count();
    let begun = there > 0 || unfinished(life.stick.path());
    let fell = match (told, begun) {
        (true, _) => Fell::After,
        (false, true) => Fell::Within,
        (false, false) => Fell::Before,
    };
    life.fell(Moment::Stick, wait, fell);
    Ok(fell)
}

fn stick_id(stick: &Path) -> Option<String> {
    let text = std::fs::read_to_string(stick.join(parcel::ROOT).join(parcel::STICK)).ok()?;
    Some(text.trim().to_owned())
}

fn unfinished(stick: &Path) -> bool {
    let entries = std::fs::read_dir(stick.join(parcel::ROOT)).into_iter().flatten();
    entries
        .filter_map(Result::ok)
        .any(|e| e.path().extension().is_some_and(|end| end == parcel::UNFINISHED))
}

/// Every finished folder is what was sealed.
fn whole(stick: &Path, outbox: &Outbox) -> Result<BTreeMap<DossierId, PathBuf>> {
    let found: BTreeMap<_, _> = parcel::list(stick)?.into_iter().collect();
    for (id, folder) in &found {
        let envelope =
            std::fs::read(folder.join(parcel::ENVELOPE)).context("torn: no envelope on the stick")?;
        ensure!(
            envelope == item::envelope(outbox.db(), id)?,
            "torn: another envelope on the stick"
        );
        for blob in blobs(outbox, id)? {
            let bytes =
                std::fs::read(folder.join(blob.name())).context("torn: a file is not on the stick")?;
            ensure!(
                seal::blob::record_of(&bytes) == blob,
                "torn: a file on the stick is another"
            );
        }
    }
    Ok(found)
}

/// What is counted as copied to this stick lies on it; where the officer was told, that is all of it.
fn counted(
    life: &Life,
    outbox: &Outbox,
    found: &BTreeMap<DossierId, PathBuf>,
    fresh: &[DossierId],
    told: bool,
) -> Result<()> {
    let Some(stick) = stick_id(life.stick.path()) else {
        ensure!(!told, "lost: counted as copied and not on the stick");
        return Ok(());
    };
    let mut statement = outbox.db().prepare("SELECT dossier FROM copy WHERE stick = ?1")?;
    let ids: Vec<String> = statement
        .query_map([stick], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let promised = fresh.iter().filter(|_| told).map(ToString::to_string);
    for id in ids.into_iter().chain(promised) {
        let id: DossierId = id.parse()?;
        ensure!(
            found.contains_key(&id),
            "lost: counted as copied and not on the stick"
        );
    }
    Ok(())
}

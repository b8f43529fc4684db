//! The controls of the kiosk's kills: one promise given too early, or one step in the wrong order, for each moment; the
//! same judgement must find it.

use super::judge::{There, judge};
use super::life::Life;
use super::sealing::{Copy, Ready};
use super::{
    CONTROL_KILLS_MAX, Promises, early, index, papers, purge, sealing, stick, typing as typed, withdrawal,
};
use crate::row::{Plan, Row};
use crate::rows::whole;
use anyhow::{Context as _, Result};
use domain::delivery::{Delivery, Watermark};
use domain::ids::DossierId;
use seal::manifest::BlobRecord;
use std::path::PathBuf;
use store::Outbox;
use store::tables::item;
use stories::seeded::Seeded;

const EARLY: Promises = Promises::WhenAsked;

/// Every control, on a life that is over.
pub fn all(plan: &Plan, row: &mut Row, life: &mut Life, ready: &Ready, there: &mut There) -> Result<()> {
    let random = &mut Seeded::new(plan.seed ^ 0xC0);
    ready.life.away(true);
    let (caught, how) = until("lost: a receipt", || {
        let mut copy = Copy::of(ready, &plan.scratch)?;
        sealing::kill(life, ready, &mut copy, random, EARLY).map(|_| ())
    });
    row.control("acknowledge before commit", caught, how);
    let kiosk = life.people_again()?;
    life.begin_draft(kiosk)?;
    typing(row, life, random);
    capture(plan, row, life, random)?;
    let (caught, how) = until("lost: counted", || {
        stick::kill(life, there, random, EARLY).map(|_| ())
    });
    row.control("a copy is counted before it is there", caught, how);
    life.fresh_stick(0)?;
    let (caught, how) = until("goes on", || {
        withdrawal::kill(life, there, random, EARLY).map(|_| ())
    });
    row.control("taken back is said before the commit", caught, how);
    life.book.withdrawn.clear();
    life.quiet()?;
    province_is_believed(row, life, there, random)?;
    files_first(row, life, there, random)?;
    a_byte_at_the_province(row, life, there)?;
    purged_on_sealing(row, life, there, random)?;
    no_records(row, life, there, random)
}

/// The same until the judgement finds what is wrong.
fn until(wrong: &str, mut once: impl FnMut() -> Result<()>) -> (bool, String) {
    for kill in 1..=CONTROL_KILLS_MAX {
        if let Err(why) = once() {
            let why = format!("{why:#}");
            return (why.contains(wrong), format!("{why}, at kill {kill}"));
        }
    }
    (false, format!("nothing was lost in {CONTROL_KILLS_MAX} kills"))
}

/// The judgement of a disk on which one thing is wrong.
fn found(judged: Result<super::judge::Rows>, wrong: &str) -> (bool, String) {
    match judged {
        Err(why) => {
            let why = format!("{why:#}");
            (why.contains(wrong), why)
        }
        Ok(_) => (false, "nothing was found".into()),
    }
}

fn typing(row: &mut Row, life: &mut Life, random: &mut Seeded) {
    let (caught, how) = until("lost: an answer", || {
        typed::kill(life, random, EARLY)?;
        life.at_desk()?.0.kill()
    });
    row.control("an answer is kept before its commit", caught, how);
    life.book.answers = typed::Answers::default();
}

fn capture(plan: &Plan, row: &mut Row, life: &mut Life, random: &mut Seeded) -> Result<()> {
    let sheets = tempfile::tempdir_in(&plan.scratch)?;
    papers::draw(sheets.path())?;
    let (caught, how) = until("lost: a page", || {
        papers::kill(life, sheets.path(), random, EARLY)?;
        life.at_desk()?.0.kill()
    });
    row.control("a page is kept before its commit", caught, how);
    life.book.pages.forgive();
    Ok(())
}

fn one(life: &mut Life, random: &mut Seeded) -> Result<DossierId> {
    life.away(true);
    life.seal(1, random)?.pop().context("nothing was sealed")
}

/// The province says that it has what it never saw.
fn province_is_believed(row: &mut Row, life: &mut Life, there: &There, random: &mut Seeded) -> Result<()> {
    let dossier = one(life, random)?;
    let key = service::DataDir::new(&there.data).signing_key()?;
    let mut outbox = Outbox::open(&life.data())?;
    early::acknowledge(&mut outbox, &dossier, &key)?;
    let (caught, how) = found(judge(life, there), "lost:");
    row.control("the province acknowledges before it has it", caught, how);
    item::forget(outbox.db(), &dossier)?;
    item::set_delivery(outbox.db(), &dossier, &Delivery::Sealed)?;
    Ok(())
}

/// The files of a dossier, and where they lie.
fn files(life: &Life, dossier: &DossierId) -> Result<Vec<PathBuf>> {
    let blobs: Vec<BlobRecord> = super::judge::blobs(&Outbox::open(&life.data())?, dossier)?;
    let sealed = life.data().join("sealed");
    Ok(blobs.iter().map(|blob| sealed.join(blob.name())).collect())
}

/// The files go, and the machine dies before the row says so.
fn files_first(row: &mut Row, life: &mut Life, there: &There, random: &mut Seeded) -> Result<()> {
    life.seal(1, random)?;
    life.quiet()?;
    let durable = purge::durable(life)?;
    let file = files(life, durable.last().context("nothing is durable")?)?;
    let file = file.first().context("no file")?;
    let was = std::fs::read(file)?;
    std::fs::remove_file(file)?;
    let (caught, how) = found(judge(life, there), "dangling");
    row.control("files are cleared before the row says so", caught, how);
    Ok(std::fs::write(file, was)?)
}

/// What was acknowledged and lies at the province with another byte.
fn a_byte_at_the_province(row: &mut Row, life: &mut Life, there: &There) -> Result<()> {
    let durable = purge::durable(life)?;
    let dossier = durable.last().context("nothing is durable")?;
    let (caught, how) =
        whole::with_a_byte_flipped(&there.admin, &there.data, dossier, || judge(life, there))?;
    row.control("one byte of a whole file is another", caught, how);
    Ok(())
}

/// The files go although the province holds nothing.
fn purged_on_sealing(row: &mut Row, life: &mut Life, there: &There, random: &mut Seeded) -> Result<()> {
    let dossier = one(life, random)?;
    let gone: Vec<_> = files(life, &dossier)?
        .into_iter()
        .map(|path| Ok((std::fs::read(&path)?, path)))
        .collect::<Result<_>>()?;
    let outbox = Outbox::open(&life.data())?;
    let at = Watermark { epoch: 1, lsn: 1 };
    item::set_delivery(outbox.db(), &dossier, &Delivery::Purged { at })?;
    gone.iter().try_for_each(|(_, path)| std::fs::remove_file(path))?;
    let (caught, how) = found(judge(life, there), "lost:");
    row.control("purged before it is durable", caught, how);
    item::set_delivery(outbox.db(), &dossier, &Delivery::Sealed)?;
    gone.iter()
        .try_for_each(|(was, path)| Ok(std::fs::write(path, was)?))
}

/// An index is made again with no records beside the files. The last: this disk is no more.
fn no_records(row: &mut Row, life: &mut Life, there: &There, random: &mut Seeded) -> Result<()> {
    for entry in std::fs::read_dir(life.data().join("sealed"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "envelope") {
            std::fs::remove_file(path)?;
        }
    }
    index::damage(&life.data(), random.number())?;
    life.open()?.kill()?;
    let (caught, how) = found(judge(life, there), "lost:");
    row.control("an index is made with no records", caught, how);
    Ok(())
}

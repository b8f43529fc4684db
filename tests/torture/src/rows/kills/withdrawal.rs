//! A dossier is taken back while the machine dies: answered, it stays taken back; and it is taken back once.

use super::aim::Fell;
use super::judge::{Rows, There, is_taken_back, judge};
use super::kiosk::Moment;
use super::life::Life;
use super::{Promises, answer};
use anyhow::{Context as _, Result};
use domain::ids::DossierId;
use serde_json::json;
use store::Outbox;
use stories::seeded::Seeded;

/// One that never left, with no network; or one that the province has.
fn choose(life: &mut Life, rows: &Rows, random: &mut Seeded) -> Result<DossierId> {
    let outbox = Outbox::open(&life.data())?;
    let gone = rows.values().find(|row| {
        row.delivery.is_acknowledged()
            && !life.book.codes.contains_key(&row.dossier)
            && !is_taken_back(&outbox, rows, &row.dossier).unwrap_or(true)
    });
    let away = random.below(2) == 0;
    life.away(away);
    match gone {
        Some(row) if !away => Ok(row.dossier),
        Some(_) | None => {
            life.away(true);
            life.seal(1, random)?.pop().context("nothing was sealed")
        }
    }
}

/// Takes it back until the program dies.
pub fn kill(life: &mut Life, there: &There, random: &mut Seeded, promises: Promises) -> Result<Fell> {
    let rows = judge(life, there)?;
    let dossier = choose(life, &rows, random)?;
    let (mut kiosk, _) = life.at_desk()?;
    let id = kiosk.send("operator", "withdraw_consent", json!({ "dossier": dossier }))?;
    let mut wait = life.wait(Moment::Withdrawal, random);
    if promises == Promises::WhenAsked {
        wait /= 8;
    }
    std::thread::sleep(wait);
    let heard = kiosk.kill_and_hear()?;
    let told = answer(&heard, id).is_some();
    if told || promises == Promises::WhenAsked {
        life.book.withdrawn.insert(dossier);
    }
    let rows = judge(life, there)?;
    let fell = if told {
        Fell::After
    } else if is_taken_back(&Outbox::open(&life.data())?, &rows, &dossier)? {
        Fell::Within
    } else {
        Fell::Before
    };
    life.fell(Moment::Withdrawal, wait, fell);
    Ok(fell)
}

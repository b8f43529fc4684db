//! Sending, taking the province's word and hearing its status while the machine dies: what the kiosk calls acknowledged
//! the province holds whole; a code comes once and is the province's.

use super::aim::Fell;
use super::judge::{Rows, There, is_taken_back, judge};
use super::kiosk::Moment;
use super::life::Life;
use anyhow::Result;
use domain::ids::DossierId;
use store::Outbox;
use stories::seeded::Seeded;

/// A few fresh dossiers, perhaps a code at the province, and a program that is killed while it sends and asks.
pub fn kill(life: &mut Life, there: &mut There, random: &mut Seeded) -> Result<Fell> {
    life.away(false);
    let rows = judge(life, there)?;
    if random.below(2) == 0 {
        give_a_code(life, there, &rows)?;
    }
    let count = 1 + random.below(4);
    let fresh = life.seal(count, random)?;
    let kiosk = life.begin()?;
    let wait = life.wait(Moment::Sending, random);
    std::thread::sleep(wait);
    kiosk.kill()?;
    let fell = how_far(&judge(life, there)?, &fresh);
    life.fell(Moment::Sending, wait, fell);
    Ok(fell)
}

fn how_far(rows: &Rows, fresh: &[DossierId]) -> Fell {
    let fresh: Vec<_> = fresh.iter().filter_map(|id| rows.get(id)).collect();
    if fresh.iter().all(|row| row.delivery.is_acknowledged()) {
        Fell::After
    } else if fresh.iter().all(|row| !row.attempted) {
        Fell::Before
    } else {
        Fell::Within
    }
}

/// The province's clerk gives one of the dossiers that came its official code.
fn give_a_code(life: &mut Life, there: &mut There, rows: &Rows) -> Result<()> {
    let outbox = Outbox::open(&life.data())?;
    for row in rows.values().filter(|row| row.delivery.is_acknowledged()) {
        let id = row.dossier;
        if !life.book.codes.contains_key(&id) && !is_taken_back(&outbox, rows, &id)? {
            let code = format!("H21.129-261130-{:04}", life.book.codes.len() + 1);
            there.admin.set_code(&id, &code, "Cổng Dịch vụ công quốc gia")?;
            life.book.codes.insert(id, code);
            return Ok(());
        }
    }
    Ok(())
}

//! A damaged index is made again at the opening while the machine dies: the next opening has it, with everything that
//! was sealed and everything that was taken back.

use super::aim::Fell;
use super::judge::{There, judge};
use super::kiosk::Moment;
use super::life::Life;
use anyhow::{Context as _, Result};
use std::path::Path;
use store::Outbox;
use stories::desk::noise;
use stories::seeded::Seeded;

const INDEX: &str = "outbox.db";

/// Noise where the index was.
pub fn damage(data: &Path, seed: u64) -> Result<()> {
    let index = data.join(INDEX);
    let len = usize::try_from(std::fs::metadata(&index)?.len())?;
    std::fs::write(&index, noise(len, seed))?;
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(data.join(format!("{INDEX}{end}")));
    }
    Ok(())
}

/// What was set aside is removed: there will be thousands.
fn clear(data: &Path) -> Result<usize> {
    let mut aside = 0;
    for entry in std::fs::read_dir(data)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("outbox.db.damaged-") {
            std::fs::remove_file(&path)?;
            aside += 1;
        }
    }
    Ok(aside)
}

/// Damages the index and kills the program while it makes a new one; then opens it in peace.
pub fn kill(life: &mut Life, there: &There, random: &mut Seeded) -> Result<Fell> {
    life.seal(1, random)?;
    // The card is as new as the program's last opening, as on a real machine.
    life.away(random.below(2) == 0);
    damage(&life.data(), random.number())?;
    let kiosk = life.begin()?;
    let wait = life.wait(Moment::Index, random);
    std::thread::sleep(wait);
    kiosk.kill()?;
    let data = life.data();
    let fell = if data.join("making-index").exists() || !Outbox::is_there(&data) {
        Fell::Within
    } else if Outbox::open(&data).and_then(|o| o.check()).is_ok() {
        Fell::After
    } else {
        Fell::Before
    };
    life.open().context("lost: the kiosk does not open")?.kill()?;
    clear(&data)?;
    judge(life, there)?;
    life.fell(Moment::Index, wait, fell);
    Ok(fell)
}

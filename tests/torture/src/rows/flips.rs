//! Flipped bits, sectors and pages in sealed files, database and WAL: nothing damaged is ever taken for what was
//! sealed, and damage of one file holds up no other dossier.

use crate::row::{Plan, Row};
use anyhow::{Context as _, Result};
use domain::ids::DossierId;
use seal::keys::{OpeningKey, Recipients, SigningKey, VerifyKey};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::tables::item;
use store::{Card, SealedFiles};
use stories::desk::{Desk, noise};
use stories::seeded::Seeded;
use sync::fit;
use sync::rebuild::Keys;

const DOSSIERS: usize = 20;

/// A counter with sealed dossiers, and what they were.
struct Counter {
    _folder: tempfile::TempDir,
    dir: PathBuf,
    device: VerifyKey,
    sealed: BTreeMap<DossierId, [u8; 32]>,
    /// Every file as it was: the database and its WAL too.
    files: Vec<(PathBuf, Vec<u8>)>,
    /// The database after the program was closed: nothing is left in its log.
    closed: Vec<u8>,
}

fn counter(plan: &Plan) -> Result<Counter> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let dir = folder.path().join("kiosk");
    std::fs::create_dir(&dir)?;
    let to = Recipients {
        intake: OpeningKey::generate().recipient(),
        recovery: OpeningKey::generate().recipient(),
    };
    let device = SigningKey::generate()?;
    let key = device.verify_key();
    let mut desk = Desk::new(&dir, to, device, [9; 16], 7)?;
    for n in 0..DOSSIERS {
        desk.seal(&[noise(2000, n as u64 + 1), noise(500, n as u64 + 70)])?;
    }
    let mut sealed = BTreeMap::new();
    for row in item::newest(desk.outbox.db(), 1000)? {
        sealed.insert(row.dossier, row.manifest_sha256);
    }
    Card::of(&desk.outbox)?.keep(&dir)?;
    let mut files = Vec::new();
    // Read while the database is open: its WAL still holds the last commits, as after a power cut.
    for folder in [dir.clone(), dir.join("sealed")] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() && !path.to_string_lossy().ends_with("-shm") {
                files.push((path.clone(), std::fs::read(&path)?));
            }
        }
    }
    drop(desk);
    let closed = std::fs::read(dir.join("outbox.db"))?;
    Ok(Counter {
        _folder: folder,
        dir,
        device: key,
        sealed,
        files,
        closed,
    })
}

/// Where the damage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    File,
    Database,
    Wal,
}

fn is_at(path: &Path, place: Place) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    match place {
        Place::File => name.len() == 64,
        Place::Database => name == "outbox.db",
        Place::Wal => name == "outbox.db-wal",
    }
}

fn damage(content: &mut [u8], random: &mut Seeded) {
    let len = content.len() as u64;
    let at = usize::try_from(random.below(len)).unwrap_or(0);
    let (from, to) = match random.below(3) {
        0 => {
            if let Some(byte) = content.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
            return;
        }
        1 => (at / 512 * 512, 512),
        _ => (at / 4096 * 4096, 4096),
    };
    let zeroed = random.below(2) == 0;
    for byte in content.iter_mut().skip(from).take(to) {
        *byte = if zeroed {
            0
        } else {
            random.number().to_le_bytes()[0]
        };
    }
}

/// What the kiosk would do with each dossier.
#[derive(Debug, Default)]
struct Seen {
    /// Sent, and it is what was sealed.
    good: usize,
    /// Set aside before sending.
    found: usize,
    /// Sent although it is not what was sealed.
    wrong: usize,
    /// The index was damaged as a whole, and made again from the records.
    made_again: bool,
    /// The kiosk does not open.
    refused: bool,
}

fn look(counter: &Counter, checks: bool) -> Result<Seen> {
    let mut seen = Seen::default();
    let keys = Keys {
        device: counter.device,
        province: counter.device,
    };
    // As the kiosk opens: what is damaged as a whole is made again from the records.
    let Ok((outbox, made_again)) = super::rebuild::open(&counter.dir, &keys, true) else {
        seen.refused = true;
        return Ok(seen);
    };
    seen.made_again = made_again;
    let files = SealedFiles::open(&counter.dir)?;
    for (dossier, was) in &counter.sealed {
        let read = item::get(outbox.db(), dossier).ok().flatten();
        let envelope = item::envelope(outbox.db(), dossier).ok();
        let (Some(row), Some(envelope)) = (read, envelope) else {
            seen.found += 1;
            continue;
        };
        let same = |manifest: &seal::manifest::Manifest| {
            row.manifest_sha256 == *was && fit::files(&manifest.blobs, &files).is_ok_and(|fits| fits)
        };
        match fit::content(&row, &envelope, &counter.device) {
            Ok(manifest) if same(&manifest) => seen.good += 1,
            Ok(_) if checks => seen.found += 1,
            Err(_) if checks => seen.found += 1,
            Ok(_) | Err(_) => seen.wrong += 1,
        }
    }
    Ok(seen)
}

fn lay(counter: &Counter, at: usize, content: &[u8]) -> Result<()> {
    for (index, (path, was)) in counter.files.iter().enumerate() {
        let database = !is_at(path, Place::File);
        if index == at {
            std::fs::write(path, content)?;
        } else if database {
            std::fs::write(path, was)?;
        }
    }
    let _ = std::fs::remove_file(counter.dir.join("outbox.db-shm"));
    Ok(())
}

/// One injection; answers what was seen.
fn inject(counter: &Counter, place: Place, random: &mut Seeded, checks: bool) -> Result<Seen> {
    let fit: Vec<usize> = (0..counter.files.len())
        .filter(|i| counter.files.get(*i).is_some_and(|(path, _)| is_at(path, place)))
        .collect();
    let which = usize::try_from(random.below(fit.len() as u64)).unwrap_or(0);
    let at = *fit.get(which).context("no file to damage")?;
    let (path, was) = counter.files.get(at).context("no file to damage")?;
    // Of the database the closed one: while the log lies beside it, what it holds hides what is damaged.
    let closed = place == Place::Database;
    let mut content = if closed {
        counter.closed.clone()
    } else {
        was.clone()
    };
    damage(&mut content, random);
    lay(counter, at, &content)?;
    if closed {
        std::fs::remove_file(counter.dir.join("outbox.db-wal"))?;
    }
    let seen = look(counter, checks)?;
    std::fs::write(path, was)?;
    Ok(seen)
}

/// Ten thousand injections.
pub fn flips(plan: &Plan) -> Result<Row> {
    let wanted = plan.size(1000, 10_000);
    let mut row = Row::new("flips", "injections", plan, wanted);
    let counter = counter(plan)?;
    let mut random = Seeded::new(plan.seed);
    let (mut made_again, mut refused, mut others, mut possible) = (0_u64, 0_u64, 0_u64, 0_u64);
    for n in 0..wanted {
        let place =
            [Place::File, Place::File, Place::Database, Place::Wal][usize::try_from(n % 4).unwrap_or(0)];
        let seen = inject(&counter, place, &mut random, true).with_context(|| format!("injection {n}"))?;
        if seen.wrong > 0 {
            row.breaks(format!(
                "injection {n} in {place:?}: damaged and taken for sealed"
            ));
        }
        made_again += u64::from(seen.made_again);
        refused += u64::from(seen.refused);
        possible += DOSSIERS as u64 - 1;
        others += (seen.good as u64).min(DOSSIERS as u64 - 1);
        row.done += 1;
    }
    if others * 100 < possible * 99 {
        row.breaks(format!("{others} of {possible} others could be delivered"));
    }
    row.note = format!(
        "{others} of {possible} others go on; {made_again} indexes were made again, {refused} were not opened"
    );
    let mut wrong = 0;
    for _ in 0..50 {
        wrong += inject(&counter, Place::File, &mut random, false)?.wrong;
    }
    row.control(
        "checks off",
        wrong > 0,
        format!("{wrong} damaged dossiers would have gone"),
    );
    Ok(row)
}

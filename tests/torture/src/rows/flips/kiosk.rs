//! The counter's sealed side: files, index, log, and the machine's card in its two places.

use super::damage::{Kept, damage, is_sealed_file, keep, name, one_of};
use super::{Place, Seen};
use crate::row::Plan;
use crate::rows::rebuild;
use anyhow::{Context as _, Result, ensure};
use domain::ids::DossierId;
use seal::keys::{OpeningKey, Recipients, SigningKey, VerifyKey};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::tables::item;
use store::{Card, Outbox, SealedFiles};
use stories::desk::{Desk, noise};
use stories::seeded::Seeded;
use sync::fit;
use sync::rebuild::Keys;

pub const DOSSIERS: u64 = 20;
const CARD: &str = "counter.card";

/// A counter with sealed dossiers, and what they were.
pub struct Counter {
    _folder: tempfile::TempDir,
    dir: PathBuf,
    device: VerifyKey,
    sealed: BTreeMap<DossierId, [u8; 32]>,
    card: Card,
    /// Every file as it was: the database and its log too.
    files: Vec<Kept>,
    /// The database after the program was closed: nothing is left in its log.
    closed: Vec<u8>,
}

pub fn counter(plan: &Plan) -> Result<Counter> {
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
        desk.seal(&[noise(2000, n + 1), noise(500, n + 70)])?;
    }
    let mut sealed = BTreeMap::new();
    for row in item::newest(desk.outbox.db(), 1000)? {
        sealed.insert(row.dossier, row.manifest_sha256);
    }
    let card = Card::of(&desk.outbox)?;
    card.keep(&dir)?;
    let mut files = Vec::new();
    // Read while the database is open: its log still holds the last commits, as after a power cut.
    keep(&dir, &mut files)?;
    keep(&dir.join("sealed"), &mut files)?;
    drop(desk);
    let closed = std::fs::read(dir.join("outbox.db"))?;
    Ok(Counter {
        _folder: folder,
        dir,
        device: key,
        sealed,
        card,
        files,
        closed,
    })
}

fn is_at(path: &Path, place: Place) -> bool {
    match place {
        Place::File => is_sealed_file(path),
        Place::Index => name(path) == "outbox.db",
        Place::IndexLog => name(path) == "outbox.db-wal",
        Place::Card => name(path) == CARD,
        Place::Drafts | Place::DraftsLog | Place::ProvinceFile | Place::Province | Place::ProvinceLog => {
            false
        }
    }
}

/// What the kiosk would do with each dossier.
fn look(counter: &Counter, checks: bool) -> Result<Seen> {
    let mut seen = Seen::default();
    let keys = Keys {
        device: counter.device,
        province: counter.device,
    };
    // As the kiosk opens: what is damaged as a whole is made again from the records.
    let Ok((outbox, made_again)) = rebuild::open(&counter.dir, &keys, true) else {
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

/// Everything as it was but the sealed files, of which one at most is another.
fn lay(counter: &Counter, closed: bool) -> Result<()> {
    for (path, was) in counter.files.iter().filter(|(path, _)| !is_sealed_file(path)) {
        if !closed || !is_at(path, Place::IndexLog) {
            std::fs::write(path, was)?;
        }
    }
    let _ = std::fs::remove_file(counter.dir.join("outbox.db-shm"));
    if closed {
        // While the log lies beside it, what it holds hides what is damaged.
        let _ = std::fs::remove_file(counter.dir.join("outbox.db-wal"));
        std::fs::write(counter.dir.join("outbox.db"), &counter.closed)?;
    }
    Ok(())
}

/// One injection; answers what was seen.
pub fn inject(counter: &Counter, place: Place, random: &mut Seeded, checks: bool) -> Result<Seen> {
    let (path, was) = one_of(&counter.files, random, |path| is_at(path, place))?;
    let closed = place == Place::Index;
    let mut content = if closed {
        counter.closed.clone()
    } else {
        was.clone()
    };
    damage(&mut content, random);
    lay(counter, closed)?;
    std::fs::write(path, &content)?;
    let seen = look(counter, checks)?;
    std::fs::write(path, was)?;
    Ok(seen)
}

/// One of the card's places, or both. A damaged one is not believed; with one of them a new index can be made; with
/// none the index writes both again.
pub fn inject_card(counter: &Counter, random: &mut Seeded) -> Result<Seen> {
    lay(counter, true)?;
    let both = random.below(3) == 0;
    let first = one_of(&counter.files, random, |path| is_at(path, Place::Card))?;
    for (path, was) in counter
        .files
        .iter()
        .filter(|(path, _)| is_at(path, Place::Card) && (both || *path == first.0))
    {
        let mut content = was.clone();
        damage(&mut content, random);
        std::fs::write(path, content)?;
    }
    let read = Card::read(&counter.dir);
    let mut seen = Seen {
        wrong: u64::from(read.as_ref().is_some_and(|card| *card != counter.card)),
        ..Seen::default()
    };
    if both {
        ensure!(read.is_none() || seen.wrong > 0, "a damaged card was read");
        let outbox = Outbox::open(&counter.dir)?;
        Card::of(&outbox)?.keep(&counter.dir)?;
    } else {
        std::fs::remove_file(counter.dir.join("outbox.db"))?;
    }
    let after = look(counter, true)?;
    ensure!(
        Card::read(&counter.dir).as_ref() == Some(&counter.card),
        "the card was not kept"
    );
    seen.good = after.good;
    seen.found = after.found;
    (seen.made_again, seen.refused) = (after.made_again, after.refused);
    Ok(seen)
}

/// The control: a card that says nothing of its own content, damaged in a letter.
pub fn card_without_hash(counter: &Counter, random: &mut Seeded) -> Result<u32> {
    let (_, was) = one_of(&counter.files, random, |path| is_at(path, Place::Card))?;
    let text = std::str::from_utf8(was)?;
    let (_, json) = text.split_once('\n').context("no card")?;
    let mut wrong = 0;
    for _ in 0..200 {
        let mut bytes = json.as_bytes().to_vec();
        damage(&mut bytes, random);
        let read = serde_json::from_slice::<Card>(&bytes).ok();
        wrong += u32::from(read.is_some_and(|card| card != counter.card));
    }
    Ok(wrong)
}

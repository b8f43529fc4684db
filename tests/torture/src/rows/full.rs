//! The disk is full at every write: what was promised stays, the dossier under way finishes in the reserve's room,
//! and with room again everything goes on.

use crate::disk::replay::READY;
use crate::disk::shim::Shim;
use crate::row::{Plan, Row};
use crate::rows::whole;
use anyhow::{Context as _, Result, bail, ensure};
use domain::ids::DossierId;
use seal::keys::{OpeningKey, Recipients, SigningKey};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use store::tables::item;
use store::{Outbox, SealedFiles, StoreError};
use stories::desk::{Desk, noise};
use stories::place::Place;
use stories::seeded::Seeded;
use tempfile::TempDir;

/// Words that start this program on a disk that fills.
pub const KIOSK: &str = "as-full-kiosk";
pub const PROVINCE: &str = "as-full-province";

/// Dossiers of one run.
const DOSSIERS: u64 = 6;
/// Changes that need room in one run, about: the points are spread over them.
const KIOSK_CHANGES: u64 = 60;
const PROVINCE_CHANGES: u64 = 60;
/// More changes than any run makes.
const NEVER: u64 = 1 << 40;

/// The papers of one dossier; each round has others, so that the same change is another write.
fn papers(round: u64, dossier: u64) -> Vec<Vec<u8>> {
    let mut random = Seeded::new(round << 8 | dossier);
    (0..1 + random.below(3))
        .map(|_| {
            let len = usize::try_from(300 + random.below(12_000)).unwrap_or(300);
            noise(len, random.number())
        })
        .collect()
}

fn promise(folder: &Path, text: &str) -> Result<()> {
    let mut file = std::fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("promises.mark"))?;
    Ok(file.write_all(format!("{text}\n").as_bytes())?)
}

fn promises(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("promises.mark")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn is_full(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::Full))
        || error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::StorageFull)
}

/// As `app::seal_dossier`: one more try with the reserve's room, and after that no new dossier.
pub fn as_kiosk(words: &[String]) -> Result<()> {
    let [folder, reserve, round] = words else {
        bail!("as-full-kiosk FOLDER RESERVE ROUND")
    };
    let round: u64 = round.parse()?;
    let (folder, reserve) = (Path::new(folder), reserve == "reserve");
    let to = Recipients {
        intake: OpeningKey::generate().recipient(),
        recovery: OpeningKey::generate().recipient(),
    };
    let mut desk = Desk::new(folder, to, SigningKey::generate()?, [9; 16], 7)?;
    if reserve {
        desk.files.fill_reserve()?;
    }
    promise(folder, READY)?;
    for n in 0..DOSSIERS {
        let papers = papers(round, n);
        let sealed = match desk.seal(&papers) {
            Err(error) if is_full(&error) && reserve => {
                desk.files.release_reserve()?;
                let sealed = desk.seal(&papers).context("under way and not finished")?;
                promise(folder, &format!("sealed {sealed}"))?;
                promise(folder, "finished in the reserve")?;
                return Ok(());
            }
            Err(error) if is_full(&error) => {
                promise(folder, "the dossier under way did not finish")?;
                return Ok(());
            }
            other => other?,
        };
        promise(folder, &format!("sealed {sealed}"))?;
    }
    Ok(())
}

/// With room again: everything promised is there, and the next dossier is sealed.
fn kiosk_holds(folder: &Path) -> Result<()> {
    let outbox = Outbox::open(folder)?;
    let files = SealedFiles::open(folder)?;
    for row in item::newest(outbox.db(), 1000)? {
        for blob in &whole::manifest(&outbox, &row.dossier)?.blobs {
            files.verify(blob).context("dangling")?;
        }
    }
    for promise in promises(folder) {
        if let Some(id) = promise.strip_prefix("sealed ") {
            let id: DossierId = id.parse()?;
            item::get(outbox.db(), &id)?.with_context(|| format!("lost: {id}"))?;
        }
    }
    drop(outbox);
    let to = Recipients {
        intake: OpeningKey::generate().recipient(),
        recovery: OpeningKey::generate().recipient(),
    };
    let mut desk = Desk::new(folder, to, SigningKey::generate()?, [9; 16], 7)?;
    desk.seal(&[noise(500, 5)])
        .context("not resumed with room again")?;
    Ok(())
}

/// Serves and takes in while its disk fills; promises what the kiosk was acknowledged.
pub fn as_province(words: &[String]) -> Result<()> {
    let [folder, round] = words else {
        bail!("as-full-province FOLDER ROUND")
    };
    let round: u64 = round.parse()?;
    let folder = Path::new(folder);
    let place = Place::open(folder)?;
    let mut counter = place.enrol(&folder.join("kiosk"))?;
    let engine = place.engine(&counter, place.url())?;
    promise(&place.province, READY)?;
    for n in 0..DOSSIERS {
        let sealed = counter.desk.seal(&papers(round, n))?;
        let _ = engine.send_now();
        let acknowledged =
            item::get(counter.desk.outbox.db(), &sealed)?.is_some_and(|row| row.delivery.is_acknowledged());
        if acknowledged {
            promise(&place.province, &format!("acknowledged {sealed}"))?;
        }
    }
    // As a power cut would end it: nothing is closed in order.
    std::process::exit(0);
}

fn province_holds(folder: &Path) -> Result<()> {
    let admin = service::admin::Admin::open(folder)?;
    for promise in promises(folder) {
        if let Some(id) = promise.strip_prefix("acknowledged ") {
            let id: DossierId = id.parse()?;
            whole::holds(&admin, folder, &id)?;
        }
    }
    Ok(())
}

/// What a run left: the folder, and in it the side that was watched.
struct Left {
    _folder: TempDir,
    root: PathBuf,
}

/// A run on a disk that is full from the `at`-th change on.
fn run(plan: &Plan, shim: &Shim, words: &[&str], at: u64) -> Result<Left> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data)?;
    let province = words.first() == Some(&PROVINCE);
    let root = if province {
        data.join("province")
    } else {
        data.clone()
    };
    let text = data.to_string_lossy().into_owned();
    let mut all: Vec<&str> = words.to_vec();
    all.insert(1, &text);
    let output = shim
        .this_program(&root, &all)?
        .env("TORTURE_FULL", at.to_string())
        .output()?;
    ensure!(
        output.status.success(),
        "full at change {at}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(Left {
        _folder: folder,
        root,
    })
}

/// One point: what was promised on that disk, once it was held against what lies there.
fn point(plan: &Plan, shim: &Shim, words: &[&str], at: u64) -> Result<Vec<String>> {
    let left = run(plan, shim, words, at)?;
    let promised = promises(&left.root);
    if words.first() == Some(&PROVINCE) {
        province_holds(&left.root)
    } else {
        kiosk_holds(&left.root)
    }
    .with_context(|| format!("full at change {at}"))?;
    Ok(promised)
}

/// The control: the same judgement of a province whose disk never filled, and of one file another byte.
fn a_byte_flipped(plan: &Plan, shim: &Shim) -> Result<(bool, String)> {
    let left = run(plan, shim, &[PROVINCE, "0"], NEVER)?;
    province_holds(&left.root).context("nothing was damaged yet")?;
    let promised = promises(&left.root);
    let id = promised.iter().find_map(|p| p.strip_prefix("acknowledged "));
    let id: DossierId = id.context("nothing was acknowledged")?.parse()?;
    let admin = service::admin::Admin::open(&left.root)?;
    whole::with_a_byte_flipped(&admin, &left.root, &id, || province_holds(&left.root))
}

/// Both sides.
pub fn everywhere(plan: &Plan) -> Result<Row> {
    let (kiosk, province) = (plan.size(100, 1600), plan.size(16, 400));
    let mut row = Row::new(
        "full-disk",
        "points where the disk is full",
        plan,
        kiosk + province,
    );
    let folder = tempfile::tempdir()?;
    let shim = Shim::build(folder.path())?;
    let (mut finished, mut came) = (0, 0);
    for n in 0..kiosk {
        match point(
            plan,
            &shim,
            &[KIOSK, "reserve", &(n / KIOSK_CHANGES).to_string()],
            n % KIOSK_CHANGES,
        ) {
            Ok(promised) => finished += u32::from(promised.iter().any(|p| p == "finished in the reserve")),
            Err(why) => row.breaks(format!("kiosk: {why:#}")),
        }
        row.done += 1;
    }
    for n in 0..province {
        match point(
            plan,
            &shim,
            &[PROVINCE, &n.to_string()],
            n * PROVINCE_CHANGES / province,
        ) {
            Ok(promised) => came += promised.len().saturating_sub(1),
            Err(why) => row.breaks(format!("province: {why:#}")),
        }
        row.done += 1;
    }
    if finished == 0 {
        row.breaks("no dossier was under way when the disk filled: the test did not happen");
    }
    row.note = format!(
        "{finished} dossiers under way finished in the reserve; {came} were acknowledged by a filling province"
    );
    let mut unfinished = 0;
    for at in (0..KIOSK_CHANGES).step_by(6) {
        let promised = point(plan, &shim, &[KIOSK, "none", "0"], at)?;
        unfinished += u32::from(
            promised
                .iter()
                .any(|p| p == "the dossier under way did not finish"),
        );
    }
    row.control(
        "floor and reserve off",
        unfinished > 0,
        format!("{unfinished} dossiers under way did not finish"),
    );
    let (caught, how) = a_byte_flipped(plan, &shim)?;
    row.control("one byte of a whole file is another", caught, how);
    Ok(row)
}

//! The power goes while a kiosk seals and while a province takes in: recorded I/O, every state that it could have
//! left, opened again with the real store and compared with what had been promised by then.

use crate::disk::record::{self, Change};
use crate::disk::replay::{self, READY, Search, Verdict};
use crate::disk::shim::Shim;
use crate::row::{Plan, Row};
use crate::rows::whole;
use anyhow::{Context as _, Result, bail, ensure};
use domain::delivery::{Delivery, Event, Watermark};
use domain::ids::{DossierId, ProcedureCode};
use seal::envelope::SealedDossier;
use seal::keys::{OpeningKey, Recipients, SigningKey};
use seal::manifest::Manifest;
use service::admin::Admin;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use store::tables::draft::{self, DraftBody, DraftRow};
use store::tables::item::{self, ItemRow};
use store::tables::setting::{self, Name};
use store::{Drafts, Outbox, SealedFiles};
use stories::desk::{Desk, noise};
use stories::place::Place;
use stories::seeded::Seeded;
use sync::decide::SeenEpoch;

/// Words that start this program as the kiosk, or as the province, whose writes are recorded.
pub const KIOSK: &str = "as-kiosk";
pub const PROVINCE: &str = "as-province";

const DRAFTS_KEY: [u8; 32] = [7; 32];
/// States looked at of one recorded day; then another day is recorded.
const STATES_OF_A_DAY: u64 = 10_000;
/// States looked at for one control.
const CONTROL_STATES: u64 = 600;
const ROWS_MAX: u32 = 10_000;

/// Promises go where the shim sees them, in one write each.
struct Promises(File);

impl Promises {
    fn new(folder: &Path) -> Result<Self> {
        Ok(Self(
            File::options()
                .create(true)
                .append(true)
                .open(folder.join("promises.mark"))?,
        ))
    }

    fn promise(&mut self, text: &str) -> Result<()> {
        Ok(self.0.write_all(format!("{text}\n").as_bytes())?)
    }
}

// ---- the kiosk --------------------------------------------------------------------------------------------------

/// Seals, saves drafts, takes acknowledgements and lets go, with the real store. `mode` is the pragma that a control
/// weakens on its own connection.
pub fn as_kiosk(words: &[String]) -> Result<()> {
    let [folder, seed, mode] = words else {
        bail!("as-kiosk FOLDER SEED MODE")
    };
    let (folder, mut random) = (Path::new(folder), Seeded::new(seed.parse()?));
    let to = Recipients {
        intake: OpeningKey::generate().recipient(),
        recovery: OpeningKey::generate().recipient(),
    };
    let mut desk = Desk::new(folder, to, SigningKey::generate()?, [9; 16], 7)?;
    let mut drafts = Drafts::open(folder, &DRAFTS_KEY)?;
    if mode != "full" {
        let pragma = format!("PRAGMA synchronous = {mode}");
        desk.outbox.db().execute_batch(&pragma)?;
        drafts.db().execute_batch(&pragma)?;
    }
    let seen = SeenEpoch {
        epoch: 1,
        since_ms: 0,
    };
    setting::set(desk.outbox.db(), Name::ProvinceEpoch, &seen)?;
    // The folder itself was made and synced when the kiosk was set up.
    File::open(folder)?.sync_all()?;
    let mut promises = Promises::new(folder)?;
    promises.promise(READY)?;
    for n in 0..16_u64 {
        let dossier = save_draft(&drafts, &mut promises, n)?;
        let papers: Vec<Vec<u8>> = (0..1 + random.below(2))
            .map(|_| {
                noise(
                    usize::try_from(200 + random.below(2500)).unwrap_or(200),
                    random.number(),
                )
            })
            .collect();
        let sealed = desk.seal(&papers)?;
        promises.promise(&format!("sealed {sealed}"))?;
        if n % 2 == 0 {
            promises.promise(&format!("leaving {dossier}"))?;
            draft::mark_sealed(drafts.db_mut(), &dossier, false)?;
        }
        if n % 3 != 0 {
            acknowledge(&mut desk, &sealed, n)?;
            promises.promise(&format!("acknowledged {sealed}"))?;
        }
        if n % 3 == 2 {
            let_go(&mut desk, &sealed, n)?;
            promises.promise(&format!("purged {sealed}"))?;
        }
    }
    Ok(())
}

fn save_draft(drafts: &Drafts, promises: &mut Promises, n: u64) -> Result<DossierId> {
    let dossier = DossierId(seal::random::uuid()?);
    let mut row = DraftRow {
        dossier,
        procedure_code: ProcedureCode::from("1.001193"),
        procedure_version: "1".into(),
        procedure_sha256: String::new(),
        catalogue_sha256: String::new(),
        body: DraftBody::default(),
        sealed: false,
        started_ms: 0,
        saved_ms: 0,
    };
    draft::insert(drafts.db(), &row)?;
    for revision in 0..2 + n % 2 {
        row.body.place = serde_json::json!({ "revision": revision, "padding": "x".repeat(700) });
        draft::save(drafts.db(), &dossier, &row.body, 1)?;
        promises.promise(&format!("draft {dossier} {revision}"))?;
    }
    Ok(dossier)
}

fn acknowledge(desk: &mut Desk, dossier: &DossierId, lsn: u64) -> Result<()> {
    item::begin_attempt(desk.outbox.db(), dossier)?;
    desk.outbox.step(dossier, Event::Registered, |_| Ok(()))?;
    let at = Watermark { epoch: 1, lsn };
    desk.outbox.step(dossier, Event::Acknowledged { at }, |tx| {
        item::set_acknowledgement(tx, dossier, "{}", 5)
    })?;
    Ok(item::end_attempt(desk.outbox.db(), dossier, None, 0)?)
}

/// It becomes durable and its time is over: what the engine itself lets go.
fn let_go(desk: &mut Desk, dossier: &DossierId, lsn: u64) -> Result<()> {
    const DURABLE_MS: i64 = 5;
    const KEPT_MS: i64 = 3;
    let durable = Watermark { epoch: 1, lsn };
    desk.outbox.step(dossier, Event::Watermark { durable }, |tx| {
        item::set_durable(tx, dossier, DURABLE_MS)
    })?;
    let gone = sync::purge(&mut desk.outbox, &desk.files, DURABLE_MS + KEPT_MS, KEPT_MS)?;
    ensure!(gone == [*dossier], "let go: {gone:?}");
    Ok(())
}

/// Opens what the power left and holds it against the promises.
fn kiosk_holds(folder: &Path, promises: &[String]) -> Result<()> {
    let outbox = Outbox::open(folder).context("opening the outbox")?;
    let word: String = outbox
        .db()
        .query_row("PRAGMA integrity_check", [], |r| r.get(0))?;
    ensure!(word == "ok", "outbox.db: {word}");
    let files = SealedFiles::open(folder)?;
    let rows = item::newest(outbox.db(), ROWS_MAX)?;
    for row in &rows {
        whole(&outbox, &files, row).with_context(|| format!("dangling: {}", row.dossier))?;
    }
    let chain = outbox.chain()?;
    let newest = rows.iter().map(|r| r.device_seq).max().unwrap_or(0);
    ensure!(
        chain.device_seq == newest,
        "the count stands at {}, the newest row at {newest}",
        chain.device_seq
    );
    let drafts = Drafts::open(folder, &DRAFTS_KEY).context("opening the drafts")?;
    for promise in promises {
        kept(&outbox, &drafts, promises, promise).with_context(|| format!("lost: {promise}"))?;
    }
    Ok(())
}

fn whole(outbox: &Outbox, files: &SealedFiles, row: &ItemRow) -> Result<()> {
    let sealed = SealedDossier::from_bytes(&item::envelope(outbox.db(), &row.dossier)?)?;
    ensure!(sealed.sha256() == row.manifest_sha256, "another manifest");
    let blobs = Manifest::from_bytes(&sealed.manifest)?.blobs;
    if !matches!(row.delivery, Delivery::Purged { .. }) {
        return Ok(blobs.iter().try_for_each(|blob| files.verify(blob))?);
    }
    let some_went = blobs.iter().any(|blob| !files.path(&blob.name()).exists());
    let record = files.records().read(&row.dossier)?;
    ensure!(
        !some_went || record.is_some_and(|record| record.gone),
        "files went, and nothing beside them says why"
    );
    Ok(())
}

fn kept(outbox: &Outbox, drafts: &Drafts, promises: &[String], promise: &str) -> Result<()> {
    let mut words = promise.split(' ');
    let (Some(what), Some(id)) = (words.next(), words.next()) else {
        return Ok(());
    };
    let dossier: DossierId = id.parse()?;
    let row = || item::get(outbox.db(), &dossier)?.context("no row");
    match what {
        "sealed" => {
            row()?;
        }
        "acknowledged" => ensure!(row()?.delivery.is_acknowledged(), "{:?}", row()?.delivery),
        "purged" => ensure!(matches!(row()?.delivery, Delivery::Purged { .. }), "not purged"),
        "draft" if !promises.contains(&format!("leaving {id}")) => {
            let wanted: u64 = words.next().context("no revision")?.parse()?;
            let draft = draft::get(drafts.db(), &dossier)?.context("no draft")?;
            let found = draft
                .body
                .place
                .get("revision")
                .and_then(serde_json::Value::as_u64);
            ensure!(found >= Some(wanted), "revision {found:?}");
        }
        _ => {}
    }
    Ok(())
}

// ---- the province -----------------------------------------------------------------------------------------------

/// Serves; a kiosk beside it sends. What the province's signed answers said is promised.
pub fn as_province(words: &[String]) -> Result<()> {
    let [folder, seed, mode] = words else {
        bail!("as-province FOLDER SEED MODE")
    };
    let (folder, mut random) = (Path::new(folder), Seeded::new(seed.parse()?));
    let place = Place::open(folder)?;
    let mut counter = place.enrol(&folder.join("kiosk"))?;
    let engine = place.engine(&counter, place.url())?;
    let mut promises = Promises::new(&place.province)?;
    File::open(&place.province)?.sync_all()?;
    promises.promise(READY)?;
    let early = mode == "early";
    for _ in 0..10 {
        let mut sent = Vec::new();
        for _ in 0..2 {
            let papers: Vec<Vec<u8>> = (0..1 + random.below(2))
                .map(|_| {
                    noise(
                        usize::try_from(300 + random.below(4000)).unwrap_or(300),
                        random.number(),
                    )
                })
                .collect();
            let sealed = counter.desk.seal(&papers)?;
            if early {
                // The control: promised before the province has answered.
                promises.promise(&format!("acknowledged {sealed}"))?;
            }
            sent.push(sealed);
        }
        // The engine may have sent it by itself already: the counter's own book tells.
        let pass = engine.send_now();
        for dossier in &sent {
            let row = item::get(counter.desk.outbox.db(), dossier)?.context("no row")?;
            ensure!(row.delivery.is_acknowledged(), "not acknowledged: {pass:?}");
            promises.promise(&format!("acknowledged {dossier}"))?;
        }
    }
    place.runtime.block_on(engine.stop());
    place.close();
    Ok(())
}

fn province_holds(folder: &Path, promises: &[String]) -> Result<()> {
    let admin = Admin::open(folder).context("opening the province")?;
    let views = admin.dossiers()?;
    for view in &views {
        if view.completed_at.is_none() {
            continue;
        }
        whole::files(folder, view)?;
    }
    for promise in promises {
        if let Some(id) = promise.strip_prefix("acknowledged ") {
            let id: DossierId = id.parse()?;
            let view = views
                .iter()
                .find(|v| v.id == id)
                .with_context(|| format!("lost: {id}"))?;
            ensure!(
                view.completed_at.is_some(),
                "lost: {id} is acknowledged and not complete"
            );
        }
    }
    Ok(())
}

// ---- the rows ---------------------------------------------------------------------------------------------------

/// What is recorded: which side, and what is taken away from it.
struct Take<'a> {
    side: &'static str,
    mode: &'a str,
    /// A variable of the shim's and the names that it is about.
    shim: Option<(&'a str, &'a str)>,
}

/// Synced in vain.
const NOSYNC: &str = "TORTURE_NOSYNC";
/// A database's log is synced when `synchronous=NORMAL` syncs it, and not at a commit.
const LATE: &str = "TORTURE_LATE";

fn record(plan: &Plan, shim: &Shim, take: &Take<'_>) -> Result<Vec<Change>> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let (data, log) = (folder.path().join("data"), folder.path().join("record"));
    std::fs::create_dir(&data)?;
    let root = if take.side == PROVINCE {
        data.join("province")
    } else {
        data.clone()
    };
    let seed = plan.seed.to_string();
    let mut command = shim.this_program(&root, &[take.side, &data.to_string_lossy(), &seed, take.mode])?;
    command.env("TORTURE_LOG", &log);
    command.envs(take.shim);
    let status = command.status()?;
    ensure!(status.success(), "the recorded program ended with {status}");
    let record = record::read(&log, &root)?;
    ensure!(record.len() > 100, "only {} changes were recorded", record.len());
    Ok(record)
}

fn look(plan: &Plan, side: &str, record: &[Change], states: u64, stop_at_first: bool) -> Result<Verdict> {
    let still = if side == PROVINCE { "blobs/" } else { "sealed/" };
    let search = Search {
        states,
        seed: plan.seed,
        scratch: &plan.scratch,
        still,
        stop_at_first,
    };
    if side == PROVINCE {
        replay::search(record, search, province_holds)
    } else {
        replay::search(record, search, kiosk_holds)
    }
}

fn power(plan: &Plan, name: &'static str, honest: &Take<'_>, controls: &[(&str, Take<'_>)]) -> Result<Row> {
    let wanted = plan.size(10_000, 100_000);
    let mut row = Row::new(name, "crash states", plan, wanted);
    let folder = tempfile::tempdir()?;
    let shim = Shim::build(folder.path())?;
    let days = wanted.div_ceil(STATES_OF_A_DAY);
    let mut changes = 0;
    for day in 0..days {
        let plan = Plan {
            seed: plan.seed + day,
            ..plan.clone()
        };
        let recorded = record(&plan, &shim, honest)?;
        let states = (wanted - row.done).min(STATES_OF_A_DAY);
        let verdict = look(&plan, honest.side, &recorded, states, true)?;
        row.done += verdict.states;
        changes += recorded.len();
        if let Some((state, why)) = verdict.first {
            row.breaks(format!("seed {}, state {state}: {why}", plan.seed));
            break;
        }
    }
    row.note = format!("{changes} recorded changes of {days} days");
    for (name, take) in controls {
        let weakened = record(plan, &shim, take)?;
        let verdict = look(plan, take.side, &weakened, CONTROL_STATES, false)?;
        let how = match &verdict.first {
            Some((_, why)) => {
                format!("{} of {} states bad, such as {why}", verdict.bad, verdict.states)
            }
            None => format!("none of {} states", verdict.states),
        };
        row.control(*name, verdict.bad > 0, how);
    }
    Ok(row)
}

/// The kiosk's disk.
pub fn kiosk(plan: &Plan) -> Result<Row> {
    let take = |mode, shim| Take {
        side: KIOSK,
        mode,
        shim,
    };
    let controls = [
        ("synchronous=NORMAL", take("NORMAL", None)),
        ("synchronous=OFF", take("OFF", None)),
        ("files without fsync", take("full", Some((NOSYNC, "/sealed/")))),
    ];
    power(plan, "power-kiosk", &take("full", None), &controls)
}

/// The province's disk.
pub fn province(plan: &Plan) -> Result<Row> {
    let take = |mode, shim| Take {
        side: PROVINCE,
        mode,
        shim,
    };
    let controls = [
        ("acknowledged before the commit", take("early", None)),
        // The service opens its own connection: what the pragma would leave out is left out below it.
        ("synchronous=NORMAL", take("full", Some((LATE, "/province.db")))),
        ("synchronous=OFF", take("full", Some((NOSYNC, "/province.db")))),
        ("files without fsync", take("full", Some((NOSYNC, "/blobs/")))),
    ];
    power(plan, "power-province", &take("full", None), &controls)
}

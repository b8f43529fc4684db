//! The power goes while a new program brings up what an old one left: outbox, drafts and province of the first released
//! schemas, each state that the disk could have been left in, opened again by the new program.
//!
//! The same for the way back: outbox and drafts of today go down to the first schemas.
//!
//! What counts: not a row of what was there is lost or changed, whatever has moved has its whole copy of before, and each
//! database has the one schema or the other, never something between.

use crate::disk::record::{self, Change};
use crate::disk::replay::{self, READY, Search, Verdict};
use crate::disk::shim::Shim;
use crate::row::{Plan, Row};
use anyhow::{Context as _, Result, bail, ensure};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;
use store::{Drafts, Outbox};

/// The word that starts this program as the one whose writes are recorded.
pub const MIGRATION: &str = "as-migration";

/// The same for the way back.
const STEP_BACK: &str = "step-back";

const KEY: [u8; 32] = [7; 32];
/// Rows made of each of the fixtures' own.
const COPIES: u32 = 20;
const CONTROL_STATES: u64 = 600;

const OUTBOX: [&str; 2] = [
    include_str!("../../../../crates/store/src/migrations/outbox_0001.sql"),
    include_str!("../../../../crates/store/tests/fixtures/outbox_v1.sql"),
];
const DRAFTS: [&str; 2] = [
    include_str!("../../../../crates/store/src/migrations/drafts_0001.sql"),
    include_str!("../../../../crates/store/tests/fixtures/drafts_v1.sql"),
];
const PROVINCE: [&str; 2] = [
    include_str!("../../../../crates/service/src/store/0001.sql"),
    include_str!("../../../../crates/service/src/store/fixtures/province_v1.sql"),
];
/// What the control runs statement by statement.
const LATER: [&str; 3] = [
    include_str!("../../../../crates/store/src/migrations/outbox_0002_people.sql"),
    include_str!("../../../../crates/store/src/migrations/outbox_0003_copies.sql"),
    include_str!("../../../../crates/store/src/migrations/outbox_0004_withdrawals.sql"),
];
const DOWN: [&str; 3] = [
    include_str!("../../../../crates/store/src/migrations/outbox_0004_withdrawals.down.sql"),
    include_str!("../../../../crates/store/src/migrations/outbox_0003_copies.down.sql"),
    include_str!("../../../../crates/store/src/migrations/outbox_0002_people.down.sql"),
];

const MORE_ITEMS: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO item (dossier, device_seq, receipt_number, procedure_code, envelope, manifest_sha256, files, bytes, sealed_ms,
                      delivery, waiting)
    SELECT printf('%.24s%012x', dossier, device_seq * 65536 + i), 100 + device_seq * 1000 + i, receipt_number, procedure_code,
           envelope, manifest_sha256, files, bytes, sealed_ms, delivery, waiting
    FROM item CROSS JOIN n";
const MORE_DOSSIERS: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO dossiers (id, device, manifest_sha256, envelope, receipt_number, procedure_code, lookup_tag, low_trust, state,
                          registered_at)
    SELECT printf('%.24s%012x', id, (registered_at % 10) * 65536 + i), device, manifest_sha256, envelope, receipt_number,
           procedure_code, lookup_tag, low_trust, state, registered_at
    FROM dossiers CROSS JOIN n";

/// The three, by name: encrypted or not, and what of the first schema is compared.
struct Database {
    name: &'static str,
    encrypted: bool,
    made_of: [&'static str; 2],
    more: Option<&'static str>,
    compared: &'static [&'static str],
}

const ALL: [Database; 3] = [
    Database {
        name: "outbox",
        encrypted: false,
        made_of: OUTBOX,
        more: Some(MORE_ITEMS),
        compared: &[
            "SELECT dossier, device_seq, receipt_number, procedure_code, envelope, manifest_sha256, files, bytes, sealed_ms,
                    delivery, waiting, case_status, official_code, acknowledgement, failures, next_try_ms FROM item ORDER BY dossier",
            "SELECT dossier, sha256, bytes FROM sealed_file ORDER BY dossier, sha256",
            "SELECT name, value FROM setting ORDER BY name",
            "SELECT at_ms, what, dossier FROM audit ORDER BY rowid",
        ],
    },
    Database {
        name: "drafts",
        encrypted: true,
        made_of: DRAFTS,
        more: None,
        compared: &[
            "SELECT dossier, procedure_code, body, sealed, started_ms, saved_ms FROM draft ORDER BY dossier",
            "SELECT id, dossier, component, sha256, content, thumbnail FROM paper_file ORDER BY id",
            "SELECT dossier, content, prints, outcome FROM receipt ORDER BY dossier",
        ],
    },
    Database {
        name: "province",
        encrypted: false,
        made_of: PROVINCE,
        more: Some(MORE_DOSSIERS),
        compared: &[
            "SELECT id, device, manifest_sha256, envelope, receipt_number, state, registered_at, acknowledgement FROM dossiers ORDER BY id",
            "SELECT dossier, sha256, len, done FROM blobs ORDER BY dossier, sha256",
            "SELECT id, number, key, certificate FROM devices ORDER BY id",
            "SELECT seq, device, dossier, kind FROM events ORDER BY seq",
            "SELECT seq, entry, hash FROM audit ORDER BY seq",
        ],
    },
];

type Content = Vec<Vec<Value>>;

impl Database {
    /// The file itself, with nothing set up.
    fn open(&self, path: &Path) -> Result<Connection> {
        let db = Connection::open(path)?;
        if self.encrypted {
            db.pragma_update(None, "cipher_log_level", "NONE")?;
            db.pragma_update(None, "key", format!("x'{}'", "07".repeat(32)))?;
        }
        Ok(db)
    }

    fn lay(&self, folder: &Path) -> Result<()> {
        let db = self.open(&folder.join(format!("{}.db", self.name)))?;
        self.made_of.iter().try_for_each(|sql| db.execute_batch(sql))?;
        if let Some(more) = self.more {
            db.execute(more, [COPIES])?;
        }
        // As the old program left it, in the mode in which it wrote.
        db.pragma_update(None, "journal_mode", "WAL")?;
        Ok(db.pragma_update(None, "user_version", 1)?)
    }

    fn content(&self, db: &Connection) -> Result<Content> {
        let mut rows = Vec::new();
        for sql in self.compared {
            let mut statement = db.prepare(sql)?;
            let width = statement.column_count();
            let found = statement.query_map([], |r| {
                (0..width)
                    .map(|at| r.get(at))
                    .collect::<rusqlite::Result<Vec<Value>>>()
            })?;
            for row in found {
                rows.push(row?);
            }
        }
        Ok(rows)
    }

    /// The schema to the letter.
    fn schema(&self, db: &Connection) -> Result<Vec<String>> {
        let mut statement = db.prepare(
            "SELECT coalesce(sql, name) FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name",
        )?;
        let found = statement.query_map([], |r| r.get(0))?;
        found
            .collect::<rusqlite::Result<_>>()
            .with_context(|| format!("the schema of {}", self.name))
    }

    /// On the way down: the one schema or the other, with every row, and the copy of before wherever it went down.
    fn stands_whole(&self, folder: &Path, wanted: &Content, schemas: &[Vec<String>; 2]) -> Result<()> {
        let db = self.open(&folder.join(format!("{}.db", self.name)))?;
        self.came_up(&db, wanted)?;
        let version: u32 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
        let newest = newest(self.name);
        ensure!(
            [1, newest].contains(&version),
            "{} stands between, at {version}",
            self.name
        );
        let [first, today] = schemas;
        let known = if version == 1 { first } else { today };
        ensure!(
            self.schema(&db)? == *known,
            "torn: {} says {version} and has another schema",
            self.name
        );
        let copy = folder.join(format!("{}.v{newest}.backup", self.name));
        if !copy.exists() {
            ensure!(version == newest, "{} went down without its copy", self.name);
            return Ok(());
        }
        let copy = self.open(&copy)?;
        self.came_up(&copy, wanted)
            .with_context(|| format!("torn: the copy of {}", self.name))
    }

    /// Before anything else looks: what moved on has its copy, and a copy is whole wherever there is one.
    fn copy_holds(&self, folder: &Path, wanted: &Content) -> Result<()> {
        let path = folder.join(format!("{}.db", self.name));
        let version: u32 = self
            .open(&path)?
            .query_row("PRAGMA user_version", [], |r| r.get(0))?;
        let copy = folder.join(format!("{}.v1.backup", self.name));
        if !copy.exists() {
            ensure!(
                version == 1,
                "{} stands at version {version} without its copy",
                self.name
            );
            return Ok(());
        }
        let copy = self.open(&copy)?;
        let of: u32 = copy.query_row("PRAGMA user_version", [], |r| r.get(0))?;
        let found = self
            .content(&copy)
            .with_context(|| format!("torn: the copy of {}", self.name))?;
        ensure!(of == 1 && found == *wanted, "torn: the copy of {}", self.name);
        Ok(())
    }

    fn came_up(&self, db: &Connection, wanted: &Content) -> Result<()> {
        let word: String = db.query_row("PRAGMA integrity_check", [], |r| r.get(0))?;
        ensure!(word == "ok", "{}: {word}", self.name);
        let found = self.content(db)?;
        ensure!(
            found == *wanted,
            "lost: {} holds {} rows of {}",
            self.name,
            found.len(),
            wanted.len()
        );
        Ok(())
    }
}

/// What was there before, read once.
fn wanted() -> Result<&'static [Content; 3]> {
    static WANTED: OnceLock<[Content; 3]> = OnceLock::new();
    if let Some(wanted) = WANTED.get() {
        return Ok(wanted);
    }
    let folder = tempfile::tempdir()?;
    let mut all = Vec::new();
    for one in &ALL {
        one.lay(folder.path())?;
        all.push(one.content(&one.open(&folder.path().join(format!("{}.db", one.name)))?)?);
    }
    let all: [Content; 3] = all.try_into().map_err(|_| anyhow::anyhow!("three databases"))?;
    Ok(WANTED.get_or_init(|| all))
}

/// Lays what the old program left, and brings it up. `how` is what a control does instead.
pub fn as_migration(words: &[String]) -> Result<()> {
    let [folder, how] = words else {
        bail!("as-migration FOLDER HOW")
    };
    let folder = Path::new(folder);
    if how == STEP_BACK || how.starts_with("back, ") {
        return go_back(folder, how);
    }
    ALL.iter().try_for_each(|one| one.lay(folder))?;
    File::open(folder)?.sync_all()?;
    let mut promises = File::options()
        .create(true)
        .append(true)
        .open(folder.join("promises.mark"))?;
    promises.write_all(format!("{READY}\n").as_bytes())?;
    match how.as_str() {
        "no transaction" => statement_by_statement(folder)?,
        "copy at once" => {
            let db = Connection::open(folder.join("outbox.db"))?;
            let copy = folder.join("outbox.v1.backup");
            db.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
        }
        _ => {}
    }
    drop(Outbox::open(folder)?);
    drop(Drafts::open(folder, &KEY)?);
    drop(service::open_database(&folder.join("province.db"))?);
    Ok(())
}

fn newest(name: &str) -> u32 {
    if name == "outbox" {
        Outbox::newest_schema()
    } else {
        Drafts::newest_schema()
    }
}

/// Lays outbox and drafts of today, and brings them down.
fn go_back(folder: &Path, how: &str) -> Result<()> {
    ALL[..2].iter().try_for_each(|one| one.lay(folder))?;
    drop(Outbox::open(folder)?);
    drop(Drafts::open(folder, &KEY)?);
    // The copies of the way up are not what is looked at.
    for one in &ALL[..2] {
        let _ = std::fs::remove_file(folder.join(format!("{}.v1.backup", one.name)));
    }
    File::open(folder)?.sync_all()?;
    let mut promises = File::options()
        .create(true)
        .append(true)
        .open(folder.join("promises.mark"))?;
    promises.write_all(format!("{READY}\n").as_bytes())?;
    if how == "back, no transaction" {
        let db = Connection::open(folder.join("outbox.db"))?;
        let copy = folder.join(format!("outbox.v{}.backup", Outbox::newest_schema()));
        let partial = copy.with_extension("partial");
        db.execute("VACUUM INTO ?1", [partial.to_string_lossy()])?;
        File::open(&partial)?.sync_all()?;
        std::fs::rename(partial, copy)?;
        File::open(folder)?.sync_all()?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "user_version", 1)?;
        return DOWN.iter().try_for_each(|sql| Ok(db.execute_batch(sql)?));
    }
    if how == "back, no copy" {
        let db = Connection::open(folder.join("outbox.db"))?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.execute_batch(&format!(
            "BEGIN; {} PRAGMA user_version = 1; COMMIT",
            DOWN.concat()
        ))?;
        return Ok(());
    }
    Drafts::open(folder, &KEY)?.step_back(1)?;
    Ok(Outbox::open(folder)?.step_back(1, |_| Ok(()))?)
}

/// The schemas of outbox and drafts: the first and today's.
fn schemas() -> Result<&'static [[Vec<String>; 2]; 2]> {
    static SCHEMAS: OnceLock<[[Vec<String>; 2]; 2]> = OnceLock::new();
    if let Some(schemas) = SCHEMAS.get() {
        return Ok(schemas);
    }
    let folder = tempfile::tempdir()?;
    let mut all = Vec::new();
    for one in &ALL[..2] {
        one.lay(folder.path())?;
        let path = folder.path().join(format!("{}.db", one.name));
        let first = one.schema(&one.open(&path)?)?;
        if one.encrypted {
            drop(Drafts::open(folder.path(), &KEY)?);
        } else {
            drop(Outbox::open(folder.path())?);
        }
        all.push([first, one.schema(&one.open(&path)?)?]);
    }
    let all: [[Vec<String>; 2]; 2] = all.try_into().map_err(|_| anyhow::anyhow!("two databases"))?;
    Ok(SCHEMAS.get_or_init(|| all))
}

fn holds_back(folder: &Path, _promises: &[String]) -> Result<()> {
    let (wanted, schemas) = (wanted()?, schemas()?);
    for ((one, wanted), schemas) in ALL[..2].iter().zip(wanted).zip(schemas) {
        one.stands_whole(folder, wanted, schemas)?;
    }
    // And the newer program opens whatever is there, whole.
    let outbox = Outbox::open(folder).context("opening the outbox")?;
    ALL[0].came_up(outbox.db(), &wanted[0])?;
    let drafts = Drafts::open(folder, &KEY).context("opening the drafts")?;
    ALL[1].came_up(drafts.db(), &wanted[1])
}

/// The control: the version first, then each statement in a transaction of its own.
fn statement_by_statement(folder: &Path) -> Result<()> {
    let db = Connection::open(folder.join("outbox.db"))?;
    // Its copy is as good as the program's: only the transaction is missing.
    let (partial, copy) = (folder.join("outbox.v1.partial"), folder.join("outbox.v1.backup"));
    db.execute("VACUUM INTO ?1", [partial.to_string_lossy()])?;
    File::open(&partial)?.sync_all()?;
    std::fs::rename(partial, copy)?;
    File::open(folder)?.sync_all()?;
    db.pragma_update(None, "synchronous", "FULL")?;
    for (at, sql) in LATER.iter().enumerate() {
        db.pragma_update(None, "user_version", u32::try_from(at + 2)?)?;
        db.execute_batch(sql)?;
    }
    Ok(())
}

fn holds(folder: &Path, _promises: &[String]) -> Result<()> {
    let wanted = wanted()?;
    for (one, wanted) in ALL.iter().zip(wanted) {
        one.copy_holds(folder, wanted)?;
    }
    let outbox = Outbox::open(folder).context("opening the outbox")?;
    ALL[0].came_up(outbox.db(), &wanted[0])?;
    let due = |state| store::tables::item::due_in(outbox.db(), state, i64::MAX, 10_000);
    let waits = [due("sealed")?, due("registered")?].concat();
    ensure!(
        waits.len() == 2 * (COPIES as usize + 1),
        "{} of those that waited still wait",
        waits.len()
    );
    let drafts = Drafts::open(folder, &KEY).context("opening the drafts")?;
    ALL[1].came_up(drafts.db(), &wanted[1])?;
    let province = service::open_database(&folder.join("province.db")).context("opening the province")?;
    ALL[2].came_up(&province, &wanted[2])
}

fn recorded(plan: &Plan, shim: &Shim, how: &str) -> Result<Vec<Change>> {
    let folder = tempfile::tempdir_in(&plan.scratch)?;
    let (data, log) = (folder.path().join("data"), folder.path().join("record"));
    std::fs::create_dir(&data)?;
    let mut command = shim.this_program(&data, &[MIGRATION, &data.to_string_lossy(), how])?;
    let status = command.env("TORTURE_LOG", &log).status()?;
    ensure!(status.success(), "the recorded program ended with {status}");
    let record = record::read(&log, &data)?;
    ensure!(record.len() > 100, "only {} changes were recorded", record.len());
    Ok(record)
}

fn look(plan: &Plan, record: &[Change], states: u64, stop_at_first: bool, way: Way) -> Result<Verdict> {
    let search = Search {
        states,
        seed: plan.seed,
        scratch: &plan.scratch,
        still: "sealed/",
        stop_at_first,
    };
    replay::search(record, search, way)
}

/// What must hold of a state.
type Way = fn(&Path, &[String]) -> Result<()>;

/// The three databases of the first released schemas, and the program of today.
pub fn power(plan: &Plan) -> Result<Row> {
    let states = plan.size(1000, 20_000);
    let mut row = Row::new("power-migration", "crash states", plan, states);
    let folder = tempfile::tempdir()?;
    let shim = Shim::build(folder.path())?;
    let record = recorded(plan, &shim, "as it is")?;
    let back = recorded(plan, &shim, STEP_BACK)?;
    for (record, states, way) in [
        (&record, states - states / 3, holds as Way),
        (&back, states / 3, holds_back as Way),
    ] {
        let verdict = look(plan, record, states, true, way)?;
        row.done += verdict.states;
        if let Some((state, why)) = verdict.first {
            row.breaks(format!("state {state}: {why}"));
        }
    }
    row.note = format!(
        "{} recorded changes up, {} down; {} rows brought up from the first schemas, those of outbox and drafts down again",
        record.len(),
        back.len(),
        wanted()?.iter().map(Vec::len).sum::<usize>()
    );
    for (how, way) in [
        ("no transaction", holds as Way),
        ("copy at once", holds as Way),
        ("back, no transaction", holds_back as Way),
        ("back, no copy", holds_back as Way),
    ] {
        let weakened = recorded(plan, &shim, how)?;
        let verdict = look(plan, &weakened, CONTROL_STATES, false, way)?;
        let told = match &verdict.first {
            Some((_, why)) => format!("{} of {} states bad, such as {why}", verdict.bad, verdict.states),
            None => format!("none of {} states", verdict.states),
        };
        row.control(how, verdict.bad > 0, told);
    }
    Ok(row)
}

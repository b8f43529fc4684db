//! A full outbox and full drafts of every released schema come up to the newest one with nothing lost; newer ones are left
//! alone, byte for byte, log and all; a row that cannot be read holds up nobody. That the power may go at any moment of a
//! migration is the row `power-migration` of `tests/torture`.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

use domain::delivery::Delivery;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::Path;
use store::tables::{audit, item, setting};
use store::{Drafts, Outbox, StoreError};

/// Every outbox schema that was released, in order; the last is today's and grows with it.
const SCHEMAS: [&str; 4] = [
    include_str!("../src/migrations/outbox_0001.sql"),
    include_str!("../src/migrations/outbox_0002_people.sql"),
    include_str!("../src/migrations/outbox_0003_copies.sql"),
    include_str!("../src/migrations/outbox_0004_withdrawals.sql"),
];
const FULL: &str = include_str!("fixtures/outbox_v1.sql");
const STATES: [&str; 7] = [
    "sealed",
    "registered",
    "received",
    "durable",
    "purged",
    "held",
    "quarantined",
];

/// A disk as a program of that schema left it: the first schema's full outbox, then its own migrations.
fn as_left(dir: &Path, version: usize) {
    let db = Connection::open(dir.join("outbox.db")).unwrap();
    db.execute_batch(SCHEMAS[0]).unwrap();
    db.execute_batch(FULL).unwrap();
    for sql in SCHEMAS.iter().take(version).skip(1) {
        db.execute_batch(sql).unwrap();
    }
    db.pragma_update(None, "user_version", u32::try_from(version).unwrap())
        .unwrap();
}

/// What the first schema's tables hold, by its own columns.
fn content(db: &Connection) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for sql in [
        "SELECT dossier, device_seq, receipt_number, procedure_code, envelope, manifest_sha256, files, bytes, sealed_ms, delivery,
                waiting, case_status, official_code, official_source, acknowledgement, acknowledged_ms, durable_ms, bytes_sent,
                failures, next_try_ms, in_attempt, crashes, last_failure FROM item ORDER BY dossier",
        "SELECT dossier, sha256, bytes FROM sealed_file ORDER BY dossier, sha256",
        "SELECT name, value FROM setting ORDER BY name",
        "SELECT id, name, role, wrapped_keys, wrong_pins, added_ms FROM operator ORDER BY id",
        "SELECT at_ms, what, dossier, who, note FROM audit ORDER BY rowid",
    ] {
        let mut statement = db.prepare(sql).unwrap();
        let width = statement.column_count();
        let found = statement
            .query_map([], |r| (0..width).map(|at| r.get(at)).collect::<Result<Vec<Value>, _>>())
            .unwrap();
        rows.extend(found.map(Result::unwrap));
    }
    rows
}

#[test]
fn a_full_outbox_of_every_released_schema_comes_up_whole() {
    for version in 1..=SCHEMAS.len() {
        let dir = tempfile::tempdir().unwrap();
        as_left(dir.path(), version);
        let before = content(&Connection::open(dir.path().join("outbox.db")).unwrap());
        assert!(before.len() > 30, "the fixture is not full: {}", before.len());
        let outbox = Outbox::open(dir.path()).unwrap();
        assert_eq!(content(outbox.db()), before, "from version {version}");
        for (at, state) in STATES.iter().enumerate() {
            let rows = item::in_state(outbox.db(), state).unwrap();
            assert_eq!(rows.len(), 1, "{state} from version {version}");
            assert_eq!(rows[0].delivery.as_str(), *state);
            assert_eq!(rows[0].device_seq, at as u64 + 1);
        }
        let due = item::due(outbox.db(), i64::MAX, 100).unwrap();
        assert_eq!(due.len(), 2, "what waited still waits");
        assert_eq!(
            outbox.chain().unwrap().receipts,
            7,
            "numbers go on where they were"
        );
        assert_eq!(
            setting::get::<u64>(outbox.db(), setting::Name::EventCursor).unwrap(),
            Some(41)
        );
        assert_eq!(
            audit::of_dossier(outbox.db(), &due[0].dossier, "sealed", 9)
                .unwrap()
                .len(),
            1
        );
        let kept = dir.path().join(format!("outbox.v{version}.backup"));
        assert_eq!(
            kept.exists(),
            version < SCHEMAS.len(),
            "the file as it was is kept"
        );
        drop(outbox);
        assert_eq!(
            item::due(Outbox::open(dir.path()).unwrap().db(), i64::MAX, 9)
                .unwrap()
                .len(),
            2
        );
    }
}

/// Rows of each of the fixture's seven; as many as a kiosk of years.
const COPIES: u32 = 700;
const MANY: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO item (dossier, device_seq, receipt_number, procedure_code, envelope, manifest_sha256, files, bytes, sealed_ms, delivery,
                      waiting, case_status, official_code, official_source, case_note, acknowledgement, acknowledged_ms, durable_ms,
                      bytes_sent, failures, next_try_ms, in_attempt, crashes, last_failure)
    SELECT printf('%.24s%012x', dossier, device_seq * 65536 + i), 100 + device_seq * 1000 + i, receipt_number, procedure_code, envelope,
           manifest_sha256, files, bytes, sealed_ms + i, delivery, waiting, case_status, official_code, official_source, case_note,
           acknowledgement, acknowledged_ms, durable_ms, bytes_sent, failures, next_try_ms, in_attempt, crashes, last_failure
    FROM item CROSS JOIN n";

#[test]
fn thousands_of_rows_come_up_whole_from_every_released_schema() {
    for version in 1..SCHEMAS.len() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox.db");
        as_left(dir.path(), 1);
        Connection::open(&path).unwrap().execute(MANY, [COPIES]).unwrap();
        let db = Connection::open(&path).unwrap();
        for sql in SCHEMAS.iter().take(version).skip(1) {
            db.execute_batch(sql).unwrap();
        }
        db.pragma_update(None, "user_version", u32::try_from(version).unwrap())
            .unwrap();
        let before = content(&db);
        drop(db);
        assert!(before.len() > 4900, "{} rows are not thousands", before.len());
        let outbox = Outbox::open(dir.path()).unwrap();
        assert!(
            content(outbox.db()) == before,
            "something changed on the way from version {version}"
        );
        for state in STATES {
            let rows = item::in_state(outbox.db(), state).unwrap();
            assert_eq!(rows.len(), 701, "{state} from version {version}");
        }
        assert_eq!(item::due(outbox.db(), i64::MAX, 9999).unwrap().len(), 2 * 701);
        let copy = Connection::open(dir.path().join(format!("outbox.v{version}.backup"))).unwrap();
        assert!(content(&copy) == before, "the copy of before is whole");
    }
}

/// Every drafts schema that was released, in order; the last is today's and grows with it.
const DRAFTS: [&str; 4] = [
    include_str!("../src/migrations/drafts_0001.sql"),
    include_str!("../src/migrations/drafts_0002.sql"),
    include_str!("../src/migrations/drafts_0003_practice.sql"),
    include_str!("../src/migrations/drafts_0004_papers.sql"),
];
const FULL_DRAFTS: &str = include_str!("fixtures/drafts_v1.sql");
const KEY: [u8; 32] = [7; 32];

/// The encrypted database, with nothing set up.
fn unlocked(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.pragma_update(None, "key", format!("x'{}'", "07".repeat(32)))
        .unwrap();
    db
}

fn drafts_as_left(dir: &Path, version: usize) {
    let db = unlocked(&dir.join("drafts.db"));
    db.execute_batch(DRAFTS[0]).unwrap();
    db.execute_batch(FULL_DRAFTS).unwrap();
    for sql in DRAFTS.iter().take(version).skip(1) {
        db.execute_batch(sql).unwrap();
    }
    db.pragma_update(None, "user_version", u32::try_from(version).unwrap())
        .unwrap();
}

fn drafts_content(db: &Connection) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for sql in [
        "SELECT dossier, procedure_code, procedure_version, procedure_sha256, body, sealed, started_ms, saved_ms FROM draft ORDER BY dossier",
        "SELECT id, dossier, component, media, bytes, original_bytes, pages, sha256, content, thumbnail, added_ms FROM paper_file ORDER BY id",
        "SELECT dossier, content, prints, outcome FROM receipt ORDER BY dossier",
    ] {
        let mut statement = db.prepare(sql).unwrap();
        let width = statement.column_count();
        let found = statement
            .query_map([], |r| {
                (0..width).map(|at| r.get(at)).collect::<Result<Vec<Value>, _>>()
            })
            .unwrap();
        rows.extend(found.map(Result::unwrap));
    }
    rows
}

#[test]
fn full_drafts_of_every_released_schema_come_up_whole() {
    for version in 1..=DRAFTS.len() {
        let dir = tempfile::tempdir().unwrap();
        drafts_as_left(dir.path(), version);
        let before = drafts_content(&unlocked(&dir.path().join("drafts.db")));
        assert_eq!(before.len(), 6, "the fixture is not full");
        let drafts = Drafts::open(dir.path(), &KEY).unwrap();
        assert_eq!(drafts_content(drafts.db()), before, "from version {version}");
        let found: u32 = drafts
            .db()
            .query_row("PRAGMA user_version", [], |r| r.get(0))
            .unwrap();
        assert_eq!(
            found as usize,
            DRAFTS.len(),
            "a schema was released without its fixture"
        );
        let copy = dir.path().join(format!("drafts.v{version}.backup"));
        assert_eq!(
            copy.exists(),
            version < DRAFTS.len(),
            "the file as it was is kept"
        );
        if copy.exists() {
            assert_eq!(
                drafts_content(&unlocked(&copy)),
                before,
                "the copy of version {version}"
            );
            let bare = Connection::open(&copy).unwrap();
            assert!(
                bare.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get::<_, u32>(0))
                    .is_err(),
                "the copy can be read without the key"
            );
        }
        // Today's code reads what came up.
        let first = "00000000-0000-4000-8000-00000000d001".parse().unwrap();
        let draft = store::tables::draft::get(drafts.db(), &first).unwrap().unwrap();
        assert_eq!((draft.procedure_code.as_str(), draft.sealed), ("1.001193", false));
        let name = draft.body.answers.value(&"child_name".into()).unwrap();
        assert_eq!(name, &domain::answer::AnswerValue::Text("Lò Thị Mây".into()));
        let papers = store::tables::paper_file::of_dossier(drafts.db(), &first).unwrap();
        assert_eq!(papers.len(), 2, "papers from version {version}");
    }
}

/// The files of a newer program whose last commits still stand in the log, as a power cut leaves them.
fn newer(dir: &Path, name: &str, key: bool) -> (std::path::PathBuf, [String; 2]) {
    let made = dir.join("made");
    std::fs::create_dir(&made).unwrap();
    drop(Outbox::open(&made).unwrap());
    drop(Drafts::open(&made, &KEY).unwrap());
    let path = made.join(name);
    let db = if key {
        unlocked(&path)
    } else {
        Connection::open(&path).unwrap()
    };
    db.execute_batch("PRAGMA user_version = 99; CREATE TABLE later (x)")
        .unwrap();
    let cut = dir.join("cut");
    std::fs::create_dir(&cut).unwrap();
    let files = [name.to_owned(), format!("{name}-wal")];
    for file in &files {
        std::fs::copy(made.join(file), cut.join(file)).unwrap();
    }
    (cut, files)
}

#[test]
fn an_older_program_leaves_every_byte_of_newer_databases_log_and_all() {
    for (name, key) in [("outbox.db", false), ("drafts.db", true)] {
        let dir = tempfile::tempdir().unwrap();
        let (cut, files) = newer(dir.path(), name, key);
        let read = || {
            files
                .each_ref()
                .map(|file| std::fs::read(cut.join(file)).unwrap())
        };
        let before = read();
        assert!(
            !before[1].is_empty(),
            "{name}: the log is empty, and proves nothing"
        );
        let refused = if key {
            Drafts::open(&cut, &KEY).err().unwrap()
        } else {
            Outbox::open(&cut).err().unwrap()
        };
        assert!(
            matches!(refused, StoreError::Newer { found: 99, .. }),
            "{name}: {refused}"
        );
        let said = refused.to_string();
        assert!(
            said.contains(name) && said.contains("99") && said.contains("nothing was changed"),
            "{said}"
        );
        assert!(read() == before, "{name}: not a byte changed");
        // The control: whoever opens, reads and closes it as usual moves the log into the database.
        let usual = if key {
            unlocked(&cut.join(name))
        } else {
            Connection::open(cut.join(name)).unwrap()
        };
        let _: u32 = usual.query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap();
        drop(usual);
        assert!(!cut.join(&files[1]).exists(), "{name}");
    }
}

#[test]
fn a_wrong_key_changes_no_byte_of_the_drafts() {
    let dir = tempfile::tempdir().unwrap();
    drafts_as_left(dir.path(), DRAFTS.len());
    let path = dir.path().join("drafts.db");
    let before = std::fs::read(&path).unwrap();
    assert!(Drafts::open(dir.path(), &[8; 32]).is_err());
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn an_older_program_leaves_a_newer_outbox_alone() {
    let dir = tempfile::tempdir().unwrap();
    as_left(dir.path(), SCHEMAS.len());
    let path = dir.path().join("outbox.db");
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(
        Outbox::open(dir.path()),
        Err(StoreError::Newer { found: 99, .. })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), before, "not a byte changed");
}

#[test]
fn one_row_that_cannot_be_read_holds_up_nobody_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    as_left(dir.path(), SCHEMAS.len());
    let outbox = Outbox::open(dir.path()).unwrap();
    let first = item::due(outbox.db(), i64::MAX, 100).unwrap()[0].dossier;
    assert_eq!(
        item::unreadable(outbox.db()).unwrap(),
        0,
        "the control: all can be read"
    );
    for damage in ["delivery = '{\"state\":\"se'", "manifest_sha256 = x'00'"] {
        let sql = format!("UPDATE item SET waiting = 1, {damage} WHERE dossier = ?1");
        outbox.db().execute(&sql, [first.to_string()]).unwrap();
        let due = item::due(outbox.db(), i64::MAX, 100).unwrap();
        assert_eq!(due.len(), 1, "{damage}");
        assert_eq!(due[0].delivery, Delivery::Registered);
    }
    assert_eq!(item::unreadable(outbox.db()).unwrap(), 1);
    let kept: u32 = outbox
        .db()
        .query_row("SELECT count(*) FROM item", [], |r| r.get(0))
        .unwrap();
    assert_eq!(kept, 7, "nothing was deleted");
}

#[test]
fn a_state_is_found_by_its_index() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(dir.path()).unwrap();
    let plan: String = outbox
        .db()
        .query_row(
            "EXPLAIN QUERY PLAN SELECT * FROM item WHERE state = 'received' ORDER BY device_seq",
            [],
            |r| r.get(3),
        )
        .unwrap();
    assert!(plan.contains("item_state"), "{plan}");
}

//! A full outbox and full drafts of every released schema come up to the newest one with nothing lost; newer ones are left
//! alone, byte for byte, log and all; a row that cannot be read holds up nobody. That the power may go at any moment of a
//! migration is the row `power-migration` of `tests/torture`.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

mod common;

use common::schemas::{
    DRAFTS, FULL_DRAFTS, FULL_OUTBOX, KEY, MANY, MANY_OF_EACH, OUTBOX, bring_up, lay, raw, rows,
};
use domain::delivery::Delivery;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::Path;
use store::tables::{audit, item, setting};
use store::{Drafts, Outbox, StoreError};

const STATES: [&str; 7] = [
    "sealed",
    "registered",
    "received",
    "durable",
    "purged",
    "held",
    "quarantined",
];

/// What waits, in both states that do.
fn due(outbox: &Outbox) -> Vec<item::ItemRow> {
    ["sealed", "registered"]
        .iter()
        .flat_map(|state| item::due_in(outbox.db(), state, i64::MAX, 9999).unwrap())
        .collect()
}

fn as_left(dir: &Path, version: usize) {
    let schemas = OUTBOX.get(..version).unwrap();
    lay(&dir.join("outbox.db"), None, schemas, FULL_OUTBOX);
}

/// What the first schema's tables hold, by its own columns.
fn content(db: &Connection) -> Vec<Vec<Value>> {
    [
        "SELECT dossier, device_seq, receipt_number, procedure_code, envelope, manifest_sha256, files, bytes, sealed_ms, delivery,
                waiting, case_status, official_code, official_source, acknowledgement, acknowledged_ms, durable_ms, bytes_sent,
                failures, next_try_ms, in_attempt, crashes, last_failure FROM item ORDER BY dossier",
        "SELECT dossier, sha256, bytes FROM sealed_file ORDER BY dossier, sha256",
        "SELECT name, value FROM setting ORDER BY name",
        "SELECT id, name, role, wrapped_keys, wrong_pins, added_ms FROM operator ORDER BY id",
        "SELECT at_ms, what, dossier, who, note FROM audit ORDER BY rowid",
    ]
    .iter()
    .flat_map(|sql| rows(db, sql))
    .collect()
}

#[test]
fn a_full_outbox_of_every_released_schema_comes_up_whole() {
    for version in 1..=OUTBOX.len() {
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
        let waits = due(&outbox);
        assert_eq!(waits.len(), 2, "what waited still waits");
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
            audit::of_dossier(outbox.db(), &waits[0].dossier, "sealed", 9)
                .unwrap()
                .len(),
            1
        );
        let kept = dir.path().join(format!("outbox.v{version}.backup"));
        assert_eq!(
            kept.exists(),
            version < OUTBOX.len(),
            "the file as it was is kept"
        );
        drop(outbox);
        assert_eq!(due(&Outbox::open(dir.path()).unwrap()).len(), 2);
    }
}

#[test]
fn thousands_of_rows_come_up_whole_from_every_released_schema() {
    for version in 1..OUTBOX.len() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox.db");
        as_left(dir.path(), 1);
        let db = raw(&path, None);
        db.execute(MANY, [MANY_OF_EACH]).unwrap();
        bring_up(&db, &OUTBOX[..version]);
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
        assert_eq!(due(&outbox).len(), 2 * 701);
        let copy = Connection::open(dir.path().join(format!("outbox.v{version}.backup"))).unwrap();
        assert!(content(&copy) == before, "the copy of before is whole");
    }
}

fn unlocked(path: &Path) -> Connection {
    raw(path, Some(KEY))
}

fn drafts_as_left(dir: &Path, version: usize) {
    let schemas = DRAFTS.get(..version).unwrap();
    lay(&dir.join("drafts.db"), Some(KEY), schemas, FULL_DRAFTS);
}

fn drafts_content(db: &Connection) -> Vec<Vec<Value>> {
    [
        "SELECT dossier, procedure_code, procedure_version, procedure_sha256, body, sealed, started_ms, saved_ms FROM draft ORDER BY dossier",
        "SELECT id, dossier, component, media, bytes, original_bytes, pages, sha256, content, thumbnail, added_ms FROM paper_file ORDER BY id",
        "SELECT dossier, content, prints, outcome FROM receipt ORDER BY dossier",
    ]
    .iter()
    .flat_map(|sql| rows(db, sql))
    .collect()
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
    as_left(dir.path(), OUTBOX.len());
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
    as_left(dir.path(), OUTBOX.len());
    let outbox = Outbox::open(dir.path()).unwrap();
    let first = due(&outbox)[0].dossier;
    assert_eq!(
        item::unreadable(outbox.db()).unwrap(),
        0,
        "the control: all can be read"
    );
    for damage in ["delivery = '{\"state\":\"se'", "manifest_sha256 = x'00'"] {
        let sql = format!("UPDATE item SET waiting = 1, state = 'sealed', {damage} WHERE dossier = ?1");
        outbox.db().execute(&sql, [first.to_string()]).unwrap();
        let waits = due(&outbox);
        assert_eq!(waits.len(), 1, "{damage}");
        assert_eq!(waits[0].delivery, Delivery::Registered);
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

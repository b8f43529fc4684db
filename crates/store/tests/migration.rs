//! A full outbox of every released schema comes up to the newest one with nothing lost; a newer one is left alone; a row
//! that cannot be read holds up nobody.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

use domain::delivery::Delivery;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::Path;
use store::tables::{audit, item, setting};
use store::{Outbox, StoreError};

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

//! A full province of every released schema comes up to the newest one with nothing lost; a newer one is left alone, byte
//! for byte, log and all.

use super::*;
use rusqlite::types::Value;

/// What lay on a province's disk under the first schema. Never edited.
const FULL: &str = include_str!("fixtures/province_v1.sql");
/// Dossiers of each row of the fixture.
const COPIES: u32 = 500;

const MANY: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO dossiers (id, device, manifest_sha256, envelope, receipt_number, procedure_code, lookup_tag, low_trust,
                          state, registered_at, completed_at, acknowledgement, ack_epoch)
    SELECT printf('%.24s%012x', id, (registered_at % 10) * 65536 + i), device, manifest_sha256, envelope, receipt_number, procedure_code, lookup_tag,
           low_trust, state, registered_at + i, completed_at, acknowledgement, ack_epoch
    FROM dossiers CROSS JOIN n";

/// A disk as a program of that schema left it.
fn as_left(path: &Path, by: usize) {
    let mut conn = connect(path).unwrap();
    let first = &MIGRATIONS[..1];
    migrate(&mut conn, path, first).unwrap();
    conn.execute_batch(FULL).unwrap();
    conn.execute(MANY, [COPIES]).unwrap();
    for then in 2..=by {
        // Each release made its copy; it is not what is looked at here.
        let _ = std::fs::remove_file(path.with_extension(format!("v{}.backup", then - 1)));
        migrate(&mut conn, path, &MIGRATIONS[..then]).unwrap();
    }
    let _ = std::fs::remove_file(path.with_extension(format!("v{}.backup", by.saturating_sub(1))));
}

/// What the first schema's tables hold, by its own columns.
fn content(conn: &Connection) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for sql in [
        "SELECT key, value FROM meta WHERE key IN ('fixture', 'another') ORDER BY key",
        "SELECT id, selector, code_sha256, made_at, expires_at, wrong_tries, used_at FROM enrol_codes ORDER BY id",
        "SELECT id, state, number, key, class, counter_name, device_epoch, certificate, requested_at FROM devices ORDER BY id",
        "SELECT id, device, manifest_sha256, envelope, receipt_number, procedure_code, lookup_tag, low_trust, state,
                registered_at, completed_at, acknowledgement, ack_epoch FROM dossiers ORDER BY id",
        "SELECT dossier, sha256, position, len, segments, done FROM blobs ORDER BY dossier, sha256",
        "SELECT dossier, manifest_sha256, device, envelope, received_at FROM forks ORDER BY dossier",
        "SELECT dossier, status, note, changed_at FROM cases ORDER BY dossier",
        "SELECT id, dossier, code, source, entered_at FROM official_codes ORDER BY id",
        "SELECT seq, device, dossier, kind, at FROM events ORDER BY seq",
        "SELECT name, passphrase, added_at FROM clerks ORDER BY name",
        "SELECT seq, entry, previous, hash FROM audit ORDER BY seq",
        "SELECT id, dossier, requested_by, why, to_dir, requested_at FROM exports ORDER BY id",
        "SELECT number_sha256, day, tries FROM lookup_tries ORDER BY day",
    ] {
        let mut statement = conn.prepare(sql).unwrap();
        let width = statement.column_count();
        let found = statement
            .query_map([], |r| (0..width).map(|at| r.get(at)).collect::<Result<Vec<Value>, _>>())
            .unwrap();
        let before = rows.len();
        rows.extend(found.map(Result::unwrap));
        assert!(rows.len() > before, "the fixture has none of: {sql}");
    }
    rows
}

#[test]
fn a_full_province_of_every_released_schema_comes_up_whole() {
    for by in 1..=MIGRATIONS.len() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("province.db");
        as_left(&path, by);
        let before = content(&connect(&path).unwrap());
        assert!(before.len() > 1000, "the fixture is not full: {}", before.len());
        let conn = open(&path).unwrap();
        assert_eq!(version(&conn).unwrap(), MIGRATIONS.len());
        assert!(
            content(&conn) == before,
            "something changed on the way from version {by}"
        );
        let unplaced: i64 = conn
            .query_row(
                "SELECT count(*) FROM dossiers WHERE device_seq IS NOT 1",
                [],
                |r| r.get(0),
            )
            .unwrap();
        assert_eq!(
            unplaced, 0,
            "the place in the chain is read from every envelope, from version {by}"
        );
        let copy = path.with_extension(format!("v{by}.backup"));
        assert_eq!(copy.exists(), by < MIGRATIONS.len(), "the file as it was is kept");
        if copy.exists() {
            let kept = Connection::open(&copy).unwrap();
            assert!(
                content(&kept) == before && version(&kept).unwrap() == by,
                "the copy of version {by}"
            );
        }
    }
}

#[test]
fn a_copy_that_was_cut_off_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("province.db");
    as_left(&path, 1);
    std::fs::write(path.with_extension("v1.partial"), b"half of a").unwrap();
    let before = content(&connect(&path).unwrap());
    drop(open(&path).unwrap());
    let kept = Connection::open(path.with_extension("v1.backup")).unwrap();
    assert!(content(&kept) == before);
    assert!(!path.with_extension("v1.partial").exists());
}

#[test]
fn a_migration_that_fails_half_way_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("province.db");
    as_left(&path, 1);
    let mut conn = connect(&path).unwrap();
    let before = content(&conn);
    let broken = [
        MIGRATIONS[0],
        "ALTER TABLE dossiers ADD COLUMN half TEXT; SELECT nothing FROM nowhere;",
    ];
    assert!(migrate(&mut conn, &path, &broken).is_err());
    assert_eq!(version(&conn).unwrap(), 1);
    assert!(content(&conn) == before);
    assert!(
        conn.prepare("SELECT half FROM dossiers").is_err(),
        "the half was undone"
    );
    drop(conn);
    assert_eq!(
        version(&open(&path).unwrap()).unwrap(),
        MIGRATIONS.len(),
        "and the right one follows"
    );
}

#[test]
fn a_newer_province_is_left_alone_log_and_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.db");
    drop(open(&path).unwrap());
    // As after a power cut: the newer program's last commits stand in the log.
    let conn = connect(&path).unwrap();
    conn.execute_batch("PRAGMA user_version = 99; CREATE TABLE later (x)")
        .unwrap();
    let copy = dir.path().join("cut");
    std::fs::create_dir(&copy).unwrap();
    let files = ["p.db", "p.db-wal"];
    for name in files {
        std::fs::copy(dir.path().join(name), copy.join(name)).unwrap();
    }
    let read = || files.map(|name| std::fs::read(copy.join(name)).unwrap());
    let before = read();
    assert!(!before[1].is_empty(), "the log is empty, and proves nothing");
    let refused = open(&copy.join("p.db")).err().unwrap();
    assert!(
        matches!(refused, ServiceError::DatabaseTooNew { found: 99, .. }),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("99") && refused.to_string().contains("chưa đổi gì"),
        "{refused}"
    );
    assert!(read() == before, "not a byte changed");
    // The control: whoever opens and closes it as usual moves the log.
    drop(connect(&copy.join("p.db")).unwrap());
    assert!(!copy.join("p.db-wal").exists());
}

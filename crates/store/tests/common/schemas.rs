//! Every schema that was released, and disks as a program of each left them, full.

use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::Path;

/// Every outbox schema that was released, in order; the last is today's and grows with it.
pub const OUTBOX: [&str; 4] = [
    include_str!("../../src/migrations/outbox_0001.sql"),
    include_str!("../../src/migrations/outbox_0002_people.sql"),
    include_str!("../../src/migrations/outbox_0003_copies.sql"),
    include_str!("../../src/migrations/outbox_0004_withdrawals.sql"),
];
/// A full outbox of the first of them.
pub const FULL_OUTBOX: &str = include_str!("../fixtures/outbox_v1.sql");
/// Every drafts schema that was released, in order; the last is today's and grows with it.
pub const DRAFTS: [&str; 4] = [
    include_str!("../../src/migrations/drafts_0001.sql"),
    include_str!("../../src/migrations/drafts_0002.sql"),
    include_str!("../../src/migrations/drafts_0003_practice.sql"),
    include_str!("../../src/migrations/drafts_0004_papers.sql"),
];
/// Full drafts of the first of them.
pub const FULL_DRAFTS: &str = include_str!("../fixtures/drafts_v1.sql");
/// The drafts' key.
pub const KEY: [u8; 32] = [7; 32];

/// So many rows more of each of the full outbox's seven: as many as a kiosk of years.
pub const MANY_OF_EACH: u32 = 700;
pub const MANY: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO item (dossier, device_seq, receipt_number, procedure_code, envelope, manifest_sha256, files, bytes, sealed_ms, delivery,
                      waiting, case_status, official_code, official_source, case_note, acknowledgement, acknowledged_ms, durable_ms,
                      bytes_sent, failures, next_try_ms, in_attempt, crashes, last_failure)
    SELECT printf('%.24s%012x', dossier, device_seq * 65536 + i), 100 + device_seq * 1000 + i, receipt_number, procedure_code, envelope,
           manifest_sha256, files, bytes, sealed_ms + i, delivery, waiting, case_status, official_code, official_source, case_note,
           acknowledgement, acknowledged_ms, durable_ms, bytes_sent, failures, next_try_ms, in_attempt, crashes, last_failure
    FROM item CROSS JOIN n";

/// The file with its key, and nothing set up.
pub fn raw(path: &Path, key: Option<[u8; 32]>) -> Connection {
    let db = Connection::open(path).unwrap();
    if let Some(key) = key {
        let key = key.map(|b| format!("{b:02x}")).concat();
        db.pragma_update(None, "key", format!("x'{key}'")).unwrap();
    }
    db
}

/// A disk as a program of the last of these schemas left it: the first schema, full, then the migrations up to there.
pub fn lay(path: &Path, key: Option<[u8; 32]>, schemas: &[&str], full: &str) {
    let db = raw(path, key);
    db.execute_batch(schemas.first().unwrap()).unwrap();
    db.execute_batch(full).unwrap();
    bring_up(&db, schemas);
}

/// From the first of these schemas to the last.
pub fn bring_up(db: &Connection, schemas: &[&str]) {
    for migration in schemas.iter().skip(1) {
        db.execute_batch(migration).unwrap();
    }
    db.pragma_update(None, "user_version", u32::try_from(schemas.len()).unwrap())
        .unwrap();
}

/// Every row of an answer, in every column.
pub fn rows(db: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = db.prepare(sql).unwrap();
    let width = statement.column_count();
    let rows = statement
        .query_map([], |r| (0..width).map(|at| r.get(at)).collect())
        .unwrap();
    rows.map(Result::unwrap).collect()
}

//! The way back: a database is brought down to the schema of an older program, before that program is put back.
//!
//! **Invariants:** nothing moves before a verified copy of the whole lies beside it; a database goes down in one
//! transaction, and only if what came out has the older schema to the letter and every row that this schema has a place
//! for; work that it has no place for stops it, and nothing has happened then (decision 0051).

use crate::StoreError;
use crate::copy_of;
use crate::migrations::{Migration, Unheld, newest};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

#[derive(Debug, thiserror::Error)]
pub enum StepBackError {
    /// There is no such schema to go back to.
    #[error("{file} stands at schema {found}: there is no way down to {wanted}")]
    NoSuchSchema {
        file: &'static str,
        found: u32,
        wanted: u32,
    },
    /// The older schema has no place for this, and how often it is there.
    #[error("the older schema has no place for {0:?}")]
    Unheld(Vec<(Unheld, u64)>),
    /// What came out is not the older schema with all its rows: it was taken back.
    #[error("{0} did not come down whole: nothing was changed")]
    NotWhole(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for StepBackError {
    fn from(e: rusqlite::Error) -> Self {
        Self::Store(e.into())
    }
}

/// What a step down would leave behind, as the database stands now.
pub(crate) fn unheld(
    db: &Connection,
    file: &'static str,
    migrations: &[Migration],
    to: u32,
) -> Result<Vec<(Unheld, u64)>, StepBackError> {
    let mut all = Vec::new();
    for down in downs(db, file, migrations, to)? {
        for (what, sql) in down.unheld {
            let count: i64 = db.query_row(sql, [], |r| r.get(0))?;
            match u64::try_from(count).unwrap_or(0) {
                0 => {}
                count => all.push((*what, count)),
            }
        }
    }
    Ok(all)
}

/// The steps down to `to`, the first one first.
fn downs<'a>(
    db: &Connection,
    file: &'static str,
    migrations: &'a [Migration],
    to: u32,
) -> Result<Vec<&'a crate::migrations::Down>, StepBackError> {
    let found = copy_of::version_of(db)?;
    let none = || StepBackError::NoSuchSchema {
        file,
        found,
        wanted: to,
    };
    if to == 0 || to > found || found > newest(migrations) {
        return Err(none());
    }
    let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let steps = migrations.get(place(to)..place(found)).ok_or_else(none)?;
    steps
        .iter()
        .rev()
        .map(|step| step.down.as_ref().ok_or_else(none))
        .collect()
}

/// Brings it down. `also` is written in the same transaction, once all is well.
pub(crate) fn go(
    db: &mut Connection,
    (path, key, file): (&Path, Option<&[u8; 32]>, &'static str),
    migrations: &[Migration],
    to: u32,
    also: impl FnOnce(&Connection) -> Result<(), StoreError>,
) -> Result<(), StepBackError> {
    let steps = downs(db, file, migrations, to)?;
    if steps.is_empty() {
        return Ok(());
    }
    let left: Vec<_> = unheld(db, file, migrations, to)?;
    if left.iter().any(|(what, _)| what.is_work()) {
        return Err(StepBackError::Unheld(left));
    }
    let copy = copy_of::make(db, path, key, copy_of::version_of(db)?)?;
    let copy = crate::open::unlocked(&copy, key)?;
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in steps {
        tx.execute_batch(step.sql)?;
    }
    if schema(&tx)? != as_released(migrations, to)? || !copy_of::holds_all(&tx, &copy)? {
        return Err(StepBackError::NotWhole(file));
    }
    also(&tx)?;
    tx.pragma_update(None, "user_version", to)?;
    tx.commit()?;
    // The older program finds nothing in the log that it would have to believe.
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

type Schema = Vec<(String, String, Option<String>)>;

fn schema(db: &Connection) -> Result<Schema, StoreError> {
    let mut statement = db.prepare("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The schema as a program of that version makes it.
fn as_released(migrations: &[Migration], to: u32) -> Result<Schema, StoreError> {
    let db = Connection::open_in_memory()?;
    for step in migrations.iter().take(usize::try_from(to).unwrap_or(usize::MAX)) {
        db.execute_batch(step.up)?;
    }
    schema(&db)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::{DRAFTS, Down, OUTBOX};
    use crate::open::{open, unlocked};

    const FIRST: Migration = Migration {
        up: "CREATE TABLE t (a INTEGER NOT NULL) STRICT",
        down: None,
    };

    const fn second(sql: &'static str) -> Migration {
        Migration {
            up: "ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 1",
            down: Some(Down { sql, unheld: &[] }),
        }
    }

    #[test]
    fn a_step_that_does_not_come_down_whole_is_taken_back() {
        for (sql, whole) in [
            ("ALTER TABLE t DROP COLUMN b", true),
            // A row too few, a row too many, another number, a column that stays.
            ("ALTER TABLE t DROP COLUMN b; DELETE FROM t WHERE a = 2", false),
            ("ALTER TABLE t DROP COLUMN b; INSERT INTO t VALUES (4)", false),
            (
                "ALTER TABLE t DROP COLUMN b; UPDATE t SET a = 5 WHERE a = 3",
                false,
            ),
            ("SELECT 1", false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("t.db");
            let all = [FIRST, second(sql)];
            let mut db = open(&path, None, "t.db", &all).unwrap();
            db.execute_batch("INSERT INTO t (a) VALUES (1), (2), (3)")
                .unwrap();
            let came = go(&mut db, (&path, None, "t.db"), &all, 1, |_| Ok(()));
            assert_eq!(came.is_ok(), whole, "{sql}: {came:?}");
            let rows: u32 = db.query_row("SELECT sum(a) FROM t", [], |r| r.get(0)).unwrap();
            assert_eq!(
                (rows, copy_of::version_of(&db).unwrap()),
                (6, if whole { 1 } else { 2 }),
                "{sql}"
            );
        }
    }

    #[test]
    fn what_belongs_to_it_is_written_with_it_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.db");
        let all = [FIRST, second("ALTER TABLE t DROP COLUMN b")];
        let mut db = open(&path, None, "t.db", &all).unwrap();
        let came = go(&mut db, (&path, None, "t.db"), &all, 1, |tx| {
            tx.execute("INSERT INTO t VALUES (9)", [])?;
            Err(StoreError::Missing)
        });
        assert!(came.is_err());
        let rows: u32 = db.query_row("SELECT count(*) FROM t", [], |r| r.get(0)).unwrap();
        assert_eq!((rows, copy_of::version_of(&db).unwrap()), (0, 2));
    }

    #[test]
    fn the_older_program_opens_it_and_did_not_before() {
        for (name, all, key) in [("outbox.db", OUTBOX, None), ("drafts.db", DRAFTS, Some(&[7; 32]))] {
            for to in 1..newest(all) {
                let dir = tempfile::tempdir().unwrap();
                let path = dir.path().join(name);
                let older = all.get(..usize::try_from(to).unwrap()).unwrap();
                let mut db = open(&path, key, name, all).unwrap();
                assert!(
                    matches!(open(&path, key, name, older), Err(StoreError::Newer { .. })),
                    "the control: {name} at {to}"
                );
                go(&mut db, (&path, key, name), all, to, |_| Ok(())).unwrap();
                drop(db);
                let db = open(&path, key, name, older).unwrap();
                assert_eq!(copy_of::version_of(&db).unwrap(), to);
                drop(db);
                // And the newer one again.
                assert!(open(&path, key, name, all).is_ok());
                let copy = unlocked(&path.with_extension(format!("v{to}.backup")), key).unwrap();
                assert_eq!(copy_of::version_of(&copy).unwrap(), to);
            }
        }
    }
}

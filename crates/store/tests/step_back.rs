//! A full outbox and full drafts come up from every released schema, go down to it again, to the letter and to the row, and
//! come up once more; whatever an older schema has no place for stops them before anything is changed.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

mod common;

use common::schemas::{DRAFTS, FULL_DRAFTS, FULL_OUTBOX, KEY, MANY, MANY_OF_EACH, OUTBOX, lay, raw, rows};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::BTreeMap;
use std::path::Path;
use store::{Drafts, Outbox, StepBackError, Unheld};

/// Everything: the schema to the letter, and every row of every table in every column.
#[derive(Debug, PartialEq)]
struct Whole {
    version: u32,
    schema: Vec<(String, String, Option<String>)>,
    rows: BTreeMap<String, Vec<Vec<Value>>>,
}

fn whole(db: &Connection) -> Whole {
    let mut schema: Vec<(String, String, Option<String>)> = db
        .prepare("SELECT type, name, sql FROM sqlite_master")
        .unwrap()
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    schema.sort();
    let tables = schema.iter().filter(|(kind, _, _)| kind == "table");
    let rows = tables.map(|(_, name, _)| {
        let all = rows(db, &format!("SELECT * FROM {name} ORDER BY rowid"));
        (name.clone(), all)
    });
    Whole {
        version: db.query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap(),
        rows: rows.collect(),
        schema,
    }
}

fn count(whole: &Whole) -> usize {
    whole.rows.values().map(Vec::len).sum()
}

#[test]
fn a_full_outbox_comes_up_from_every_schema_goes_down_to_it_and_comes_up_again() {
    for version in 1..=OUTBOX.len() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outbox.db");
        lay(&path, None, &OUTBOX[..version], FULL_OUTBOX);
        raw(&path, None).execute(MANY, [MANY_OF_EACH]).unwrap();
        let left = whole(&raw(&path, None));
        assert!(count(&left) > 4900, "{} rows are not thousands", count(&left));
        let outbox = Outbox::open(dir.path()).unwrap();
        let up = whole(outbox.db());
        outbox
            .step_back(u32::try_from(version).unwrap(), |_| Ok(()))
            .unwrap();
        assert!(
            whole(&raw(&path, None)) == left,
            "schema {version} is not what it was"
        );
        let copy = dir.path().join("outbox.v4.backup");
        assert_eq!(
            copy.exists(),
            version < OUTBOX.len(),
            "the copy of before, at {version}"
        );
        if copy.exists() {
            assert!(
                whole(&raw(&copy, None)) == up,
                "the copy of before, at {version}, is not whole"
            );
        }
        let again = Outbox::open(dir.path()).unwrap();
        assert!(
            whole(again.db()) == up,
            "from schema {version} it came up another"
        );
        // The control: this comparison sees one row in thousands, and one word of a schema.
        let db = raw(&path, None);
        db.execute("UPDATE item SET bytes = bytes + 1 WHERE device_seq = 3104", [])
            .unwrap();
        assert!(whole(&db) != up);
        db.execute("UPDATE item SET bytes = bytes - 1 WHERE device_seq = 3104", [])
            .unwrap();
        assert!(whole(&db) == up);
        db.execute("DROP INDEX item_takes_back", []).unwrap();
        assert!(whole(&db) != up);
    }
}

#[test]
fn full_drafts_come_up_from_every_schema_go_down_to_it_and_come_up_again() {
    for version in 1..=DRAFTS.len() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("drafts.db");
        lay(&path, Some(KEY), &DRAFTS[..version], FULL_DRAFTS);
        let left = whole(&raw(&path, Some(KEY)));
        assert_eq!(count(&left), 6, "the fixture is not full");
        let drafts = Drafts::open(dir.path(), &KEY).unwrap();
        let up = whole(drafts.db());
        drafts.step_back(u32::try_from(version).unwrap()).unwrap();
        assert_eq!(whole(&raw(&path, Some(KEY))), left, "schema {version}");
        let copy = dir.path().join("drafts.v4.backup");
        assert_eq!(copy.exists(), version < DRAFTS.len(), "the copy, at {version}");
        if copy.exists() {
            assert_eq!(whole(&raw(&copy, Some(KEY))), up, "the copy, at {version}");
            let bare = Connection::open(&copy).unwrap();
            let read = bare.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get::<_, u32>(0));
            assert!(read.is_err(), "the copy can be read without the key");
        }
        let again = Drafts::open(dir.path(), &KEY).unwrap();
        assert_eq!(whole(again.db()), up, "from schema {version} again");
    }
}

/// Puts one thing there, asks for the schema before the one that brought it, and says what became of that.
fn refused(dir: &Path, put: &str, to: u32) -> Result<(), StepBackError> {
    let outbox = Outbox::open(dir).unwrap();
    outbox.db().execute_batch(put).unwrap();
    let before = whole(outbox.db());
    let came = outbox.step_back(to, |_| Ok(()));
    if came.is_err() {
        let path = dir.join("outbox.db");
        assert!(
            whole(&raw(&path, None)) == before,
            "refused, and changed all the same"
        );
        assert!(
            !dir.join("outbox.v4.backup").exists(),
            "refused, and yet something was begun"
        );
    }
    came
}

#[test]
fn work_that_an_older_schema_has_no_place_for_stops_the_way_back() {
    let first = "dossier = '00000000-0000-4000-8000-000000000001'";
    let table = [
        (
            "a withdrawal that waits",
            format!("UPDATE item SET takes_back = 'x' WHERE {first}"),
            3,
            Some(Unheld::WithdrawalUnderWay),
        ),
        (
            "a withdrawal that the province holds",
            "UPDATE item SET takes_back = 'x' WHERE state = 'purged'".into(),
            3,
            Some(Unheld::WithdrawalDone),
        ),
        (
            "a word that an older program cannot read",
            format!(
                "UPDATE item SET delivery = '{{\"state\":\"held\",\"reason\":\"consent_withdrawn\"}}', state = 'held' WHERE {first}"
            ),
            1,
            Some(Unheld::ConsentWithdrawn),
        ),
        (
            "another machine's dossier on its way",
            format!("UPDATE item SET carried_from = 'k' WHERE {first}"),
            2,
            Some(Unheld::CarriedUnderWay),
        ),
        (
            "a row that cannot be read",
            format!("UPDATE item SET state = 'unreadable' WHERE {first}"),
            2,
            Some(Unheld::UnreadableRow),
        ),
        (
            "the control: a withdrawal, and a schema that has a place for it",
            format!("UPDATE item SET takes_back = 'x' WHERE {first}"),
            4,
            None,
        ),
        (
            "the control: another machine's dossier that the province holds",
            "UPDATE item SET carried_from = 'k' WHERE state = 'durable'".into(),
            2,
            None,
        ),
        (
            "the control: a copy on a stick and a shift",
            "INSERT INTO copy VALUES ('00000000-0000-4000-8000-000000000001', 'stick', 1);
             INSERT INTO lease VALUES ('v', 'o', 1, 2, NULL, NULL)"
                .into(),
            1,
            None,
        ),
    ];
    for (name, put, to, wanted) in table {
        let dir = tempfile::tempdir().unwrap();
        lay(&dir.path().join("outbox.db"), None, &OUTBOX, FULL_OUTBOX);
        let came = refused(dir.path(), &put, to);
        match (came, wanted) {
            (Ok(()), None) => {}
            (Err(StepBackError::Unheld(found)), Some(wanted)) => {
                assert!(
                    found.iter().any(|(what, n)| *what == wanted && *n >= 1),
                    "{name}: {found:?}"
                );
            }
            (came, wanted) => panic!("{name}: {came:?}, and {wanted:?} was wanted"),
        }
    }
}

#[test]
fn what_stays_behind_is_counted_before_and_stands_in_the_copy() {
    let dir = tempfile::tempdir().unwrap();
    lay(&dir.path().join("drafts.db"), Some(KEY), &DRAFTS, FULL_DRAFTS);
    let drafts = Drafts::open(dir.path(), &KEY).unwrap();
    assert!(drafts.left_by_step_back(1).unwrap().is_empty(), "the control");
    drafts
        .db()
        .execute_batch(
            "INSERT INTO practice VALUES (x'01', '1.001193', 2, 5);
             UPDATE draft SET catalogue_sha256 = 'ab';
             UPDATE paper_file SET place = 1 WHERE id = '00000000-0000-4000-8000-00000000f001'",
        )
        .unwrap();
    assert_eq!(
        drafts.left_by_step_back(1).unwrap(),
        [
            (Unheld::PageNote, 1),
            (Unheld::PracticeStep, 1),
            // The sealed one needs none.
            (Unheld::DraftsCatalogue, 1)
        ]
    );
    drafts.step_back(1).unwrap();
    let copy = raw(&dir.path().join("drafts.v4.backup"), Some(KEY));
    let kept: (u32, String) = copy
        .query_row(
            "SELECT (SELECT count(*) FROM practice), max(catalogue_sha256) FROM draft",
            [],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .unwrap();
    assert_eq!(kept, (1, "ab".into()));
    // Sheets in the tray are work: they are filed or thrown away by a person.
    let drafts = Drafts::open(dir.path(), &KEY).unwrap();
    drafts
        .db()
        .execute_batch("INSERT INTO tray_sheet VALUES ('s', 'image/jpeg', 1, 1, 1, 'ab', x'01', x'', '[]', '[]', x'', 5)")
        .unwrap();
    let came = drafts.step_back(3);
    assert!(
        matches!(&came, Err(StepBackError::Unheld(found)) if found.contains(&(Unheld::TraySheet, 1))),
        "{came:?}"
    );
}

#[test]
fn there_is_no_way_to_a_schema_that_never_was_or_is_newer() {
    let dir = tempfile::tempdir().unwrap();
    lay(&dir.path().join("outbox.db"), None, &OUTBOX, FULL_OUTBOX);
    for to in [0, 5] {
        let came = Outbox::open(dir.path()).unwrap().step_back(to, |_| Ok(()));
        assert!(
            matches!(came, Err(StepBackError::NoSuchSchema { .. })),
            "{to}: {came:?}"
        );
    }
    Outbox::open(dir.path())
        .unwrap()
        .step_back(4, |_| Ok(()))
        .unwrap();
}

/// The copy of before a migration is the one of now, whatever lies there from another time: the way back makes it possible
/// to come by twice.
#[test]
fn the_second_time_up_has_its_own_copy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("outbox.db");
    lay(&path, None, &OUTBOX[..3], FULL_OUTBOX);
    Outbox::open(dir.path())
        .unwrap()
        .step_back(3, |_| Ok(()))
        .unwrap();
    raw(&path, None)
        .execute("INSERT INTO setting VALUES ('later', '1')", [])
        .unwrap();
    drop(Outbox::open(dir.path()).unwrap());
    let later: u32 = raw(&dir.path().join("outbox.v3.backup"), None)
        .query_row("SELECT count(*) FROM setting WHERE name = 'later'", [], |r| {
            r.get(0)
        })
        .unwrap();
    assert_eq!(later, 1, "the copy is the one of the first time");
}

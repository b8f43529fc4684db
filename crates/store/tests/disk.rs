//! What the disk holds after each call: nothing lost, nothing readable, nothing overwritten.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

mod common;

use common::rows::{draft_row, id, seal_one};
use domain::delivery::{Delivery, Event, HeldReason, Watermark};
use seal::keys::{OpeningKey, Recipients};
use std::path::Path;
use store::tables::{draft, item, setting};
use store::{Drafts, Outbox, SealedFiles, StoreError};

const CANARY: &str = "Nguyễn Thị Chim Hoàng Yến";

fn all_bytes(dir: &Path) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(all_bytes(&path))
        } else {
            out.extend(std::fs::read(path).unwrap())
        }
    }
    out
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}

#[test]
fn a_draft_survives_reopening_and_is_nowhere_readable() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = Drafts::open(dir.path(), &[1; 32]).unwrap();
    draft::insert(drafts.db(), &draft_row(1, CANARY.into())).unwrap();
    // The write-ahead log is still there: it must not hold the name either.
    assert!(
        !holds(&all_bytes(dir.path()), CANARY.as_bytes()),
        "a name is readable on disk"
    );
    drop(drafts);
    let again = Drafts::open(dir.path(), &[1; 32]).unwrap();
    let row = draft::get(again.db(), &id(1)).unwrap().unwrap();
    assert_eq!(row.body.answers.text(&"child_name".into()), Some(CANARY));
    assert!(matches!(
        Drafts::open(dir.path(), &[2; 32]),
        Err(StoreError::Damaged(_))
    ));
    // Negative control: the search finds what is there in the clear.
    std::fs::write(dir.path().join("plain.txt"), CANARY).unwrap();
    assert!(holds(&all_bytes(dir.path()), CANARY.as_bytes()));
}

#[test]
fn a_damaged_drafts_file_is_set_aside_with_its_bytes() {
    let dir = tempfile::tempdir().unwrap();
    drop(Drafts::open(dir.path(), &[1; 32]).unwrap());
    std::fs::write(dir.path().join("drafts.db"), vec![7_u8; 8192]).unwrap();
    assert!(matches!(
        Drafts::open(dir.path(), &[1; 32]),
        Err(StoreError::Damaged(_))
    ));
    let aside = Drafts::set_aside(dir.path(), 99).unwrap();
    assert_eq!(std::fs::read(aside).unwrap(), vec![7_u8; 8192]);
    assert!(Drafts::open(dir.path(), &[1; 32]).is_ok());
}

#[test]
fn the_seal_is_one_transaction_on_the_chain_that_it_was_built_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(dir.path()).unwrap();
    let start = outbox.chain().unwrap();
    seal_one(&mut outbox, 1, &start).unwrap();
    let after = outbox.chain().unwrap();
    assert_eq!(
        (after.receipts, after.device_seq, after.last_manifest),
        (1, 1, [1; 32])
    );
    assert!(
        matches!(seal_one(&mut outbox, 2, &start), Err(StoreError::CountMoved)),
        "a number was given twice"
    );
    assert!(item::get(outbox.db(), &id(2)).unwrap().is_none());
    // The same dossier again: refused, and the chain stands where it stood.
    assert!(seal_one(&mut outbox, 1, &after).is_err());
    assert_eq!(outbox.chain().unwrap(), after);
}

#[test]
fn states_and_reasons_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(dir.path()).unwrap();
    let start = outbox.chain().unwrap();
    seal_one(&mut outbox, 1, &start).unwrap();
    assert_eq!(item::due_in(outbox.db(), "sealed", 0, 10).unwrap().len(), 1);
    let held = outbox
        .step(
            &id(1),
            Event::NeedsPerson {
                reason: HeldReason::FormRefused,
            },
            |_| Ok(()),
        )
        .unwrap();
    drop(outbox);
    let mut outbox = Outbox::open(dir.path()).unwrap();
    assert_eq!(item::get(outbox.db(), &id(1)).unwrap().unwrap().delivery, held);
    assert!(
        item::next_turn(outbox.db()).unwrap().is_none(),
        "a held item must not be sent"
    );
    let at = Watermark { epoch: 3, lsn: 9 };
    outbox
        .step(&id(1), Event::Acknowledged { at }, |db| {
            item::set_acknowledgement(db, &id(1), "{}", 8)
        })
        .unwrap();
    outbox
        .step(&id(1), Event::Acknowledged { at }, |db| {
            item::set_acknowledgement(db, &id(1), "another", 9)
        })
        .unwrap();
    let row = item::get(outbox.db(), &id(1)).unwrap().unwrap();
    assert_eq!(
        (row.delivery, row.acknowledgement.as_deref()),
        (Delivery::Received { at }, Some("{}"))
    );
}

#[test]
fn a_crash_is_counted_and_the_second_one_names_the_item() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(dir.path()).unwrap();
    let start = outbox.chain().unwrap();
    seal_one(&mut outbox, 1, &start).unwrap();
    for (crash, named) in [(1, 0), (2, 1)] {
        item::begin_attempt(outbox.db(), &id(1)).unwrap();
        assert_eq!(
            item::count_crashes(outbox.db(), 2).unwrap().len(),
            named,
            "crash {crash}"
        );
    }
}

#[test]
fn a_newer_database_is_not_opened_and_not_changed() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(dir.path()).unwrap();
    setting::set(outbox.db(), setting::Name::Language, &"vi").unwrap();
    outbox.db().pragma_update(None, "user_version", 99).unwrap();
    drop(outbox);
    let before = std::fs::read(dir.path().join("outbox.db")).unwrap();
    assert!(matches!(
        Outbox::open(dir.path()),
        Err(StoreError::Newer { found: 99, .. })
    ));
    assert_eq!(std::fs::read(dir.path().join("outbox.db")).unwrap(), before);
}

#[test]
fn a_sealed_file_is_durable_under_its_hash_and_a_flipped_bit_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let (intake, recovery) = (OpeningKey::generate(), OpeningKey::generate());
    let to = Recipients {
        intake: intake.recipient(),
        recovery: recovery.recipient(),
    };
    let files = SealedFiles::open(dir.path()).unwrap();
    let record = files.seal(CANARY.as_bytes(), &to).unwrap();
    files.sync().unwrap();
    files.verify(&record).unwrap();
    let path = files.path(&record.name());
    let sealed = std::fs::read(&path).unwrap();
    assert!(!holds(&sealed, CANARY.as_bytes()));
    for key in [&intake, &recovery] {
        assert_eq!(
            seal::form::decrypt(&sealed, key).unwrap().as_slice(),
            CANARY.as_bytes()
        );
    }
    let mut flipped = sealed;
    flipped[40] ^= 1;
    std::fs::write(&path, flipped).unwrap();
    assert!(matches!(files.verify(&record), Err(StoreError::Damaged(_))));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(files.verify(&record), Err(StoreError::Missing)));
}

#[test]
fn a_second_program_is_kept_out_and_half_written_files_are_cleared() {
    let dir = tempfile::tempdir().unwrap();
    let first = store::instance::InstanceLock::take(dir.path()).unwrap();
    assert!(matches!(
        store::instance::InstanceLock::take(dir.path()),
        Err(StoreError::InUse)
    ));
    // It is let go a moment later, as by a child of a program that was killed.
    let waits = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        drop(first);
    });
    assert!(store::instance::InstanceLock::take(dir.path()).is_ok());
    waits.join().unwrap();
    SealedFiles::open(dir.path()).unwrap();
    std::fs::write(dir.path().join("sealed/half.tmp"), b"x").unwrap();
    std::fs::write(dir.path().join("sealed/whole"), b"x").unwrap();
    SealedFiles::open(dir.path()).unwrap();
    assert!(!dir.path().join("sealed/half.tmp").exists() && dir.path().join("sealed/whole").exists());
}

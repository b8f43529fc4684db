//! What an index is made again from: records that exist only for what was committed, and a card in two places.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

mod common;

use common::rows::{id, seal_one};
use std::path::Path;
use store::outbox::Chain;
use store::{Card, Outbox, SealedFiles, records};

fn commit(outbox: &mut Outbox, n: u8) {
    let before = outbox.chain().unwrap();
    seal_one(outbox, n, &before).unwrap();
}

fn open(dir: &Path) -> (Outbox, SealedFiles) {
    (Outbox::open(dir).unwrap(), SealedFiles::open(dir).unwrap())
}

#[test]
fn what_was_not_committed_is_never_found() {
    let dir = tempfile::tempdir().unwrap();
    let (_, files) = open(dir.path());
    let unnamed = files.records().write(&id(1), None, b"envelope").unwrap();
    assert!(
        files.records().dossiers().unwrap().is_empty(),
        "found before its row"
    );
    drop(unnamed);
    std::mem::forget(files.records().write(&id(2), None, b"envelope").unwrap());
    let files = SealedFiles::open(dir.path()).unwrap();
    assert!(
        files.records().dossiers().unwrap().is_empty(),
        "a crash left a record of nothing"
    );
    assert_eq!(
        std::fs::read_dir(dir.path().join("sealed")).unwrap().count(),
        0,
        "half a record stays"
    );
}

#[test]
fn a_whole_index_gets_the_records_that_are_missing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut outbox, files) = open(dir.path());
    commit(&mut outbox, 1);
    commit(&mut outbox, 2);
    files
        .records()
        .write(&id(2), None, b"as it was")
        .unwrap()
        .name()
        .unwrap();
    assert_eq!(records::complete(&outbox, &files).unwrap(), 1);
    assert_eq!(records::complete(&outbox, &files).unwrap(), 0, "written twice");
    let made = files.records().read(&id(1)).unwrap().unwrap();
    assert_eq!(made.envelope, [1, b'\n', 1], "an envelope may hold a line's end");
    assert!(!made.gone && !made.withdrawn && made.word.is_none());
    let kept = files.records().read(&id(2)).unwrap().unwrap();
    assert_eq!(kept.envelope, b"as it was");
    files.records().mark_withdrawn(&id(1)).unwrap();
    assert_eq!(files.records().withdrawn().unwrap(), [id(1)].into());
    files.records().remove(&id(1)).unwrap();
    assert_eq!(files.records().dossiers().unwrap(), [id(2)].into());
    assert!(
        files.records().withdrawn().unwrap().is_empty(),
        "its marks stay behind"
    );
}

#[test]
fn the_card_is_believed_from_either_place_and_from_no_damaged_one() {
    let dir = tempfile::tempdir().unwrap();
    let (mut outbox, _files) = open(dir.path());
    commit(&mut outbox, 1);
    let card = Card::of(&outbox).unwrap();
    card.keep(dir.path()).unwrap();
    assert_eq!(Card::read(dir.path()).as_ref(), Some(&card));
    let first = dir.path().join("counter.card");
    let mut bytes = std::fs::read(&first).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&first, bytes).unwrap();
    assert_eq!(Card::read(dir.path()).as_ref(), Some(&card), "the second place");
    std::fs::remove_file(dir.path().join("sealed/counter.card")).unwrap();
    assert_eq!(Card::read(dir.path()), None, "a damaged card was believed");

    let other = tempfile::tempdir().unwrap();
    let new = Outbox::open(other.path()).unwrap();
    card.restore(new.db()).unwrap();
    let chain = new.chain().unwrap();
    assert_eq!((chain.receipts, chain.device_seq), (1, 1));
    assert_ne!(chain, Chain::default(), "the numbers begin anew");
}

#[test]
fn a_damaged_index_says_so_and_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let (mut outbox, _files) = open(dir.path());
    commit(&mut outbox, 1);
    outbox.check().unwrap();
    drop(outbox);
    let path = dir.path().join("outbox.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.iter_mut().skip(4096).for_each(|b| *b = 0);
    std::fs::write(&path, &bytes).unwrap();
    let found = Outbox::open(dir.path()).and_then(|o| o.check());
    assert!(matches!(found, Err(store::StoreError::Damaged(_))), "{found:?}");
    Outbox::set_aside(dir.path(), 7).unwrap();
    assert!(!Outbox::is_there(dir.path()));
    assert_eq!(
        std::fs::read(dir.path().join("outbox.db.damaged-7")).unwrap(),
        bytes
    );
}

//! Damaged drafts: what can still be read comes over, row by row, and what a person has in hand comes from memory.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

mod common;

use common::rows::draft_row;
use common::schemas::KEY;
use domain::ids::PaperFileId;
use std::path::Path;
use store::tables::draft::DraftRow;
use store::tables::{draft, paper_file};
use store::{Drafts, StoreError};
use uuid::Uuid;

const ROWS: u8 = 120;
const PAGE: usize = 4096;

fn row(n: u8) -> DraftRow {
    draft_row(n, format!("Lò Thị Mây {n} ").repeat(400))
}

fn full(dir: &Path) {
    let drafts = Drafts::open(dir, &KEY).unwrap();
    for n in 1..=ROWS {
        draft::insert(drafts.db(), &row(n)).unwrap();
    }
    drafts.empty_log().unwrap();
}

/// Noise over one page.
fn damage(dir: &Path, page: usize) {
    let path = dir.join("drafts.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.get_mut(page * PAGE..(page + 1) * PAGE).unwrap().fill(0x5a);
    std::fs::write(path, bytes).unwrap();
}

fn kept(drafts: &Drafts) -> Vec<u8> {
    let text = |n: u8| row(n).body.answers.text(&"child_name".into()).unwrap().to_owned();
    (1..=ROWS)
        .filter(|n| {
            let found = draft::get(drafts.db(), &row(*n).dossier).unwrap();
            found.is_some_and(|found| found.body.answers.text(&"child_name".into()) == Some(&text(*n)))
        })
        .collect()
}

#[test]
fn what_lies_on_other_pages_comes_over_and_what_is_in_hand_from_memory() {
    let dir = tempfile::tempdir().unwrap();
    full(dir.path());
    let pages = std::fs::metadata(dir.path().join("drafts.db")).unwrap().len() as usize / PAGE;
    assert!(pages > 40, "{pages} pages are too few");
    // A page of a long text is met as zeros: nine of ten pages here are such.
    for page in [pages / 2, pages / 2 + 1, pages / 3, pages - 2, 1, 3] {
        let dir = tempfile::tempdir().unwrap();
        full(dir.path());
        damage(dir.path(), page);
        let before = std::fs::read(dir.path().join("drafts.db")).unwrap();
        let (drafts, came) = Drafts::rescue(dir.path(), &KEY, 99, Some(&row(77))).unwrap();
        let kept = kept(&drafts);
        assert!(kept.contains(&77), "page {page}: what was in hand is gone");
        let all = usize::from(ROWS);
        assert!(
            page < 4 || (kept.len() > all - 20 && kept.len() < all),
            "page {page}: {} of {ROWS} came over ({came:?})",
            kept.len()
        );
        let aside = dir.path().join("drafts.db.damaged-99");
        assert!(
            std::fs::read(aside).unwrap() == before,
            "what was set aside is not what was there"
        );
        assert_eq!(Drafts::damaged(dir.path()).unwrap(), ["drafts.db.damaged-99"]);
        assert!(!dir.path().join("making-drafts").exists());
        drop(drafts);
        // And it opens whole the next time.
        assert!(Drafts::open(dir.path(), &KEY).unwrap().look().is_ok());
    }
}

/// The control: of a whole file every row comes over, so a row that does not was damaged.
#[test]
fn of_a_whole_file_everything_comes_over() {
    let dir = tempfile::tempdir().unwrap();
    full(dir.path());
    let (drafts, came) = Drafts::rescue(dir.path(), &KEY, 99, None).unwrap();
    assert_eq!(kept(&drafts).len(), usize::from(ROWS));
    assert_eq!((came.kept, came.lost), (u32::from(ROWS), 0));
}

#[test]
fn a_page_of_a_paper_comes_over_only_with_its_own_bytes() {
    let dir = tempfile::tempdir().unwrap();
    full(dir.path());
    let drafts = Drafts::open(dir.path(), &KEY).unwrap();
    let put = "INSERT INTO paper_file (id, dossier, component, media, bytes, original_bytes, pages, sha256, content, thumbnail, added_ms)
               VALUES (?1, ?2, 'c', 'image/jpeg', 4, 4, 1, ?3, x'01020304', x'', 1)";
    let right = "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a";
    for (id, sha256) in [("right", right), ("wrong", &right.replace('9', "8"))] {
        let dossier = row(1).dossier.to_string();
        drafts.db().execute(put, (id, dossier, sha256)).unwrap();
    }
    drop(drafts);
    let (drafts, came) = Drafts::rescue(dir.path(), &KEY, 99, None).unwrap();
    let ids: String = drafts
        .db()
        .query_row("SELECT group_concat(id) FROM paper_file", [], |r| r.get(0))
        .unwrap();
    assert_eq!((ids.as_str(), came.lost), ("right", 1));
}

/// A page of zeroes passes the cipher's check: what comes back is compared with its hash, wherever it is read.
#[test]
fn a_paper_whose_bytes_were_changed_below_is_damage_and_no_paper() {
    let dir = tempfile::tempdir().unwrap();
    full(dir.path());
    let drafts = Drafts::open(dir.path(), &KEY).unwrap();
    let id = PaperFileId(Uuid::from_u128(9));
    let put = "INSERT INTO paper_file (id, dossier, component, media, bytes, original_bytes, pages, sha256, content, thumbnail, added_ms)
               VALUES (?1, ?2, 'c', 'image/jpeg', 4, 4, 1, ?3, x'01020304', x'', 1)";
    let hash = "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a";
    let dossier = row(1).dossier.to_string();
    drafts.db().execute(put, (id.to_string(), dossier, hash)).unwrap();
    assert_eq!(paper_file::content(drafts.db(), &id).unwrap(), [1, 2, 3, 4]);
    drafts
        .db()
        .execute("UPDATE paper_file SET content = zeroblob(4)", [])
        .unwrap();
    let read = paper_file::content(drafts.db(), &id);
    assert!(matches!(read, Err(StoreError::Damaged(_))), "{read:?}");
}

/// A cut at each step: new drafts that were whole are found in their place, and the damaged ones aside; before that the
/// damaged ones lie where they lay.
#[test]
fn a_rescue_that_was_cut_off_is_finished_or_forgotten() {
    let made = tempfile::tempdir().unwrap();
    full(made.path());
    let whole = std::fs::read(made.path().join("drafts.db")).unwrap();
    let old = tempfile::tempdir().unwrap();
    drop(Drafts::open(old.path(), &KEY).unwrap());
    let old = std::fs::read(old.path().join("drafts.db")).unwrap();
    for (folder, lies, log, rows) in [
        ("making-drafts", true, true, 0),
        ("made-drafts-99", true, true, usize::from(ROWS)),
        ("made-drafts-99", true, false, usize::from(ROWS)),
        ("made-drafts-99", false, false, usize::from(ROWS)),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let making = dir.path().join(folder);
        std::fs::create_dir(&making).unwrap();
        std::fs::write(making.join("drafts.db"), &whole).unwrap();
        if lies {
            std::fs::write(dir.path().join("drafts.db"), &old).unwrap();
        }
        if log {
            std::fs::write(dir.path().join("drafts.db-wal"), b"").unwrap();
        }
        let drafts = Drafts::open(dir.path(), &KEY).unwrap();
        assert_eq!(kept(&drafts).len(), rows, "{folder}, {lies}, {log}");
        assert!(!making.exists());
        let aside = usize::from(lies && rows > 0);
        assert_eq!(
            Drafts::damaged(dir.path()).unwrap().len(),
            aside,
            "{folder}, {lies}"
        );
    }
}

fn marked(drafts: &Drafts) -> bool {
    drafts.db().prepare("SELECT x FROM mark").is_ok()
}

/// As the outbox: after a failure of the disk nothing goes on over the same connection, and what does not read back is not
/// built upon.
#[test]
fn after_a_failed_sync_the_drafts_are_opened_anew_and_read_through() {
    let dir = tempfile::tempdir().unwrap();
    full(dir.path());
    let mut drafts = Drafts::open(dir.path(), &KEY).unwrap();
    drafts.db().execute_batch("CREATE TEMP TABLE mark (x)").unwrap();
    drafts.make_sure().unwrap();
    assert!(
        marked(&drafts),
        "the control: without a failure it stays the same connection"
    );
    drafts.doubt();
    drafts.make_sure().unwrap();
    assert!(!marked(&drafts), "it went on as if nothing had been");
    assert_eq!(kept(&drafts).len(), usize::from(ROWS));
    drafts.db().execute_batch("CREATE TEMP TABLE mark (x)").unwrap();
    drafts.make_sure().unwrap();
    assert!(marked(&drafts), "one failure is good for once");
    // The system threw away what it could not write.
    let pages = std::fs::metadata(dir.path().join("drafts.db")).unwrap().len() as usize / PAGE;
    damage(dir.path(), pages / 2);
    drafts.make_sure().unwrap();
    drafts.doubt();
    for _ in 0..2 {
        assert!(
            matches!(drafts.make_sure(), Err(StoreError::Damaged("drafts.db"))),
            "built upon lost pages"
        );
    }
}

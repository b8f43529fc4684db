//! Damage on the province's own disk: what the backup has is put back, what nobody here has is asked for again, and the
//! dossiers beside it become durable meanwhile.

use crate::backup::{at, back_up};
use crate::common::{Kiosk, Province, Sealed};
use crate::feed::{inventory, sync};
use domain::ids::DossierId;
use service::admin::Admin;
use service::backup::Made;
use service::mending::Reading;
use service::{Refusal, ServiceError};
use std::path::{Path, PathBuf};
use wire::sync::EventKind;

/// Where a dossier's only file lies under `root`.
fn file(root: &Path, dossier: &Sealed) -> PathBuf {
    let folder = root.join("blobs").join(dossier.id().to_string());
    folder.join(dossier.manifest.blobs[0].name())
}

/// One bit in the middle: the length stays.
fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn is_good(path: &Path, dossier: &Sealed) -> bool {
    std::fs::read(path).is_ok_and(|bytes| wire::Sha256::of(&bytes).0 == dossier.manifest.blobs[0].sha256)
}

fn read_all(province: &Province, to: &Path) -> Made {
    province.admin().backup(to, Reading::Everything).unwrap()
}

async fn told(province: &Province, kiosk: &Kiosk) -> Vec<(DossierId, EventKind)> {
    let events = sync(province, kiosk, 0).await.events;
    events.into_iter().map(|e| (e.dossier, e.kind)).collect()
}

fn acts(province: &Province, act: &str) -> usize {
    let audit = serde_json::to_value(province.admin().audit().unwrap()).unwrap();
    audit
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["act"] == act)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_no_backup_has_is_asked_for_again_and_the_others_become_durable() {
    for gone in [false, true] {
        let province = Province::start().await;
        let kiosk = province.kiosk(1).await;
        province.admin().set_durable(true).unwrap();
        let [bad, good] = [1, 2].map(|n| kiosk.seal(n, &[200_000]));
        let lost = at(&province.deliver(&kiosk, &bad).await, &province);
        let safe = at(&province.deliver(&kiosk, &good).await, &province);
        let place = tempfile::tempdir().unwrap();
        let (to, here) = (place.path().join("second disk"), file(&province.data(), &bad));
        if gone {
            std::fs::remove_file(&here).unwrap();
        } else {
            damage(&here);
        }
        let made = back_up(&province, &to).unwrap();
        assert_eq!((made.mended.asked_again, made.mended.put_back), (1, 0));
        assert_eq!(made.mended.wanted[0].receipt_number, bad.manifest.receipt_number);
        assert_eq!(made.mended.perhaps_nowhere, [], "its kiosk has it still");
        assert!(
            here.with_extension("damaged").exists() != gone,
            "set aside, not deleted"
        );
        assert_eq!(acts(&province, "ask_again"), 1);
        let answer = sync(&province, &kiosk, 0).await;
        assert!(answer.durable.covers(&safe), "the others go on");
        assert_eq!(
            told(&province, &kiosk).await,
            [(bad.id(), EventKind::OfferAgain { at: lost })],
            "and its kiosk hears that its word stands no longer, in the answer that covers it"
        );
        assert_eq!(
            inventory(&province, &kiosk, &[(bad.id(), bad.sha256())]).await,
            [bad.id()].into()
        );
        assert!(!file(&to, &bad).exists(), "nothing damaged is copied");

        // Once is enough: another backup asks nobody a second time and still tells.
        let again = read_all(&province, &to).mended;
        assert_eq!((again.asked_again, again.wanted.len()), (0, 1));
        let answer = province.deliver(&kiosk, &bad).await;
        let newer = at(&answer, &province);
        assert!(
            newer.lsn > safe.lsn && !answer.durable.covers(&newer),
            "a new place in the log"
        );
        assert!(!here.with_extension("damaged").exists(), "a whole one has come");
        let made = back_up(&province, &to).unwrap();
        assert_eq!(made.mended.wanted, []);
        assert!(sync(&province, &kiosk, 0).await.durable.covers(&newer));
        assert!(is_good(&here, &bad) && is_good(&file(&to, &bad), &bad));
        assert_eq!(told(&province, &kiosk).await.len(), 1, "told once");
    }
}

/// The control: by its length the damaged file is whole, and the watermark would go over it.
#[tokio::test(flavor = "multi_thread")]
async fn by_its_length_a_damaged_file_is_whole() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[200_000]);
    province.deliver(&kiosk, &dossier).await;
    damage(&file(&province.data(), &dossier));
    assert_eq!(
        inventory(&province, &kiosk, &[(dossier.id(), dossier.sha256())]).await,
        [].into()
    );
    let (_, answer) = province.put_dossier(&kiosk, &dossier).await;
    assert!(answer.acknowledgement.is_some(), "its word still stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn either_disk_mends_the_other() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    province.admin().set_durable(true).unwrap();
    let [here, there] = [1, 2].map(|n| kiosk.seal(n, &[200_000]));
    let word = at(&province.deliver(&kiosk, &here).await, &province);
    province.deliver(&kiosk, &there).await;
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("second disk");
    back_up(&province, &to).unwrap();
    damage(&file(&province.data(), &here));
    damage(&file(&to, &there));
    let made = read_all(&province, &to).mended;
    assert_eq!(
        (made.put_back, made.files_copied, made.asked_again),
        (1, 1, 0),
        "{made:?}"
    );
    assert!(is_good(&file(&province.data(), &here), &here) && is_good(&file(&to, &there), &there));
    assert_eq!(acts(&province, "put_back"), 1);
    assert_eq!(told(&province, &kiosk).await, [], "no kiosk is troubled");
    assert_eq!(
        at(&province.put_dossier(&kiosk, &here).await.1, &province),
        word,
        "its word stands"
    );

    // A file that is gone is seen without being read.
    std::fs::remove_file(file(&province.data(), &there)).unwrap();
    province.deliver(&kiosk, &kiosk.seal(3, &[])).await;
    assert_eq!(back_up(&province, &to).unwrap().mended.put_back, 1);
    // A damaged copy mends nothing, though it has its length.
    std::fs::remove_file(file(&province.data(), &there)).unwrap();
    damage(&file(&to, &there));
    let made = back_up(&province, &to).unwrap().mended;
    assert_eq!((made.put_back, made.asked_again), (0, 1));
    // A kiosk may have let go after three days; then the number is told, and another backup that has it mends it all.
    province.clock.forward(jiff::SignedDuration::from_hours(72));
    let made = back_up(&province, &to).unwrap().mended;
    assert_eq!(
        made.perhaps_nowhere[0].receipt_number,
        there.manifest.receipt_number
    );
    let (folder, other) = (place.path().join("third disk"), kiosk.seal(4, &[]));
    std::fs::create_dir_all(file(&folder, &there).parent().unwrap()).unwrap();
    let mut whole = std::fs::read(file(&to, &there)).unwrap();
    let middle = whole.len() / 2;
    whole[middle] ^= 1;
    std::fs::write(file(&folder, &there), whole).unwrap();
    province.deliver(&kiosk, &other).await;
    let made = back_up(&province, &folder).unwrap().mended;
    assert_eq!((made.put_back, made.wanted.len()), (1, 0), "{made:?}");
    let (_, answer) = province.put_dossier(&kiosk, &there).await;
    assert!(answer.missing.is_empty() && at(&answer, &province).lsn > word.lsn);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_failed_is_not_mended_file_by_file() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    province.admin().set_durable(true).unwrap();
    for n in 0..20 {
        province.deliver(&kiosk, &kiosk.seal(n + 1, &[500])).await;
    }
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("second disk");
    back_up(&province, &to).unwrap();
    let durable = sync(&province, &kiosk, 0).await.durable;
    province.deliver(&kiosk, &kiosk.seal(30, &[500])).await;
    std::fs::rename(province.data().join("blobs"), province.data().join("not mounted")).unwrap();
    let refused = back_up(&province, &to);
    assert!(
        matches!(refused, Err(ServiceError::Refused(Refusal::DiskFailed))),
        "{refused:?}"
    );
    std::fs::rename(province.data().join("not mounted"), province.data().join("blobs")).unwrap();
    assert_eq!(told(&province, &kiosk).await, [], "no kiosk was asked");
    assert_eq!(sync(&province, &kiosk, 0).await.durable, durable);
    back_up(&province, &to).unwrap();
}

/// Turns one bit of the closed database wherever `what` stands, also in pages that are no longer used.
fn turn_a_bit(database: &Path, what: &[u8]) {
    let mut bytes = std::fs::read(database).unwrap();
    let found: Vec<_> = (0..bytes.len() - what.len())
        .filter(|at| bytes[*at..].starts_with(what))
        .collect();
    assert!(!found.is_empty());
    for at in found {
        bytes[at + what.len() / 2] ^= 1;
    }
    std::fs::write(database, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_older_database_replaces_no_good_snapshot() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    for n in 0..5 {
        province.deliver(&kiosk, &kiosk.seal(n + 1, &[500])).await;
    }
    let sixth = kiosk.seal(9, &[500]);
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("second disk");
    let Province { dir, running, .. } = province;
    running.stop().await;
    let (data, database) = (dir.path().join("data"), dir.path().join("data/province.db"));
    let try_it = || Admin::open(&data).and_then(|mut admin| admin.backup(&to, Reading::InTurn));
    let older = std::fs::read(&database).unwrap();
    let province = Province::on(dir, crate::common::TestClock::new()).await;
    let mut kiosk = kiosk;
    kiosk.token = province.sign_in(&kiosk.key, kiosk.id).await.unwrap();
    province.deliver(&kiosk, &sixth).await;
    let Province {
        dir: _dir, running, ..
    } = province;
    running.stop().await;
    let good = std::fs::read(&database).unwrap();
    try_it().unwrap();
    let note = std::fs::read(to.join("backup.json")).unwrap();
    let snapshots = || {
        let mut all: Vec<_> = std::fs::read_dir(to.join("snapshots"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        all.retain(|name| name.to_string_lossy().ends_with(".db"));
        all
    };
    let kept = snapshots();
    let stands = |why: &str, wanted: Refusal| {
        let refused = try_it();
        assert!(
            matches!(&refused, Err(ServiceError::Refused(found)) if *found == wanted),
            "{why}: {refused:?}"
        );
        assert_eq!(std::fs::read(to.join("backup.json")).unwrap(), note, "{why}");
        assert_eq!(snapshots(), kept, "{why}");
    };
    let manifest = &sixth.envelope.manifest;
    let hash = &sixth.sha256().0[..];
    let listed = &sixth.manifest.blobs[0].segments[..];
    for (why, what) in [
        ("a bit in a sealed manifest", &manifest[8..60]),
        ("in its hash", hash),
        ("in the file's name beside it, or in it", listed),
        ("in its number", sixth.manifest.receipt_number.as_bytes()),
    ] {
        turn_a_bit(&database, what);
        stands(why, Refusal::DatabaseDamaged);
        std::fs::write(&database, &good).unwrap();
    }
    // The pages of the table become zeroes.
    let mut bytes = good.clone();
    for at in (0..good.len()).step_by(4096) {
        if good[at..at + 4096].windows(30).any(|w| w == &manifest[8..38]) {
            bytes[at..at + 4096].fill(0);
        }
    }
    std::fs::write(&database, bytes).unwrap();
    stands("pages of zeroes", Refusal::DatabaseDamaged);
    std::fs::write(&database, &older).unwrap();
    stands("the sixth dossier is gone from it", Refusal::OlderThanBackup);
    std::fs::write(&database, &good).unwrap();
    try_it().unwrap();
    assert_ne!(
        std::fs::read(to.join("backup.json")).unwrap(),
        note,
        "the whole one goes on"
    );
}

/// A carrier finds that a file is gone before any backup does: who sealed the dossier hears it at once, and then that the
/// carrier has brought it.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_device_finds_gone_and_brings_is_told_to_its_sealer() {
    let province = Province::start().await;
    let (kiosk, carrier) = (province.kiosk(1).await, province.kiosk(2).await);
    let dossier = kiosk.seal(1, &[200_000]);
    let lost = at(&province.deliver(&kiosk, &dossier).await, &province);
    assert_eq!(told(&province, &kiosk).await, [], "its own answer was enough");
    std::fs::remove_file(file(&province.data(), &dossier)).unwrap();
    let (_, answer) = province.put_dossier(&carrier, &dossier).await;
    assert!(answer.acknowledgement.is_none() && answer.missing.len() == 1);
    let gone = (dossier.id(), EventKind::OfferAgain { at: lost });
    assert_eq!(told(&province, &kiosk).await, std::slice::from_ref(&gone));
    let newer = at(&province.deliver(&carrier, &dossier).await, &province);
    let whole = (dossier.id(), EventKind::Whole { at: newer });
    assert_eq!(told(&province, &kiosk).await, [gone, whole]);
    assert_eq!(
        told(&province, &carrier).await,
        [],
        "whoever asked had it in the answer"
    );
    assert!(newer.lsn > lost.lsn);
    // The control: again by its sealer, which changes nothing and is told to nobody.
    province.put_dossier(&kiosk, &dossier).await;
    assert_eq!(told(&province, &kiosk).await.len(), 2);
}

/// The disk of the files is not mounted: nobody is asked for anything, and once it is there again nothing has changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_not_there_has_lost_nothing() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[200_000]);
    let word = at(&province.deliver(&kiosk, &dossier).await, &province);
    let (blobs, away) = (province.data().join("blobs"), province.data().join("away"));
    std::fs::rename(&blobs, &away).unwrap();
    std::fs::create_dir(&blobs).unwrap();
    let envelope = dossier.envelope.to_bytes().unwrap();
    let answer = province.put(&kiosk, &dossier.id(), envelope).await;
    assert!(answer.status().is_server_error(), "{}", answer.status());
    std::fs::remove_dir(&blobs).unwrap();
    std::fs::rename(&away, &blobs).unwrap();
    let (_, answer) = province.put_dossier(&kiosk, &dossier).await;
    assert_eq!(at(&answer, &province), word, "the same word as before");
    assert_eq!(told(&province, &kiosk).await, []);
}

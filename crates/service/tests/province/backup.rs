//! The watermark follows a real backup, and a province comes back from it.

use crate::common::{Province, TestClock};
use crate::feed::{inventory, sync};
use seal::keys::Context;
use service::admin::read_key;
use service::backup::{Made, Restored, restore};
use service::mending::Reading;
use service::{DataDir, ServiceError};
use wire::acknowledgement::Acknowledgement;
use wire::dossier::DossierAnswer;
use wire::sync::EventKind;

pub fn at(answer: &DossierAnswer, province: &Province) -> domain::delivery::Watermark {
    let key = province.admin().settings().unwrap().signing_key;
    let signed = answer.acknowledgement.as_ref().unwrap();
    let ack: Acknowledgement = signed.open(&key, Context::Acknowledgement).unwrap();
    ack.at
}

pub fn back_up(province: &Province, to: &std::path::Path) -> Result<Made, ServiceError> {
    province.admin().backup(to, Reading::InTurn)
}

fn bring_back(
    backup: &std::path::Path,
    key: &std::path::Path,
    clock: &TestClock,
) -> (tempfile::TempDir, Restored) {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::new(dir.path().join("data"));
    let now = clock.clock()();
    let done = restore(backup, &data, &read_key(key).unwrap(), now).unwrap();
    assert!(
        restore(backup, &data, &read_key(key).unwrap(), now).is_err(),
        "never over a province that is there"
    );
    (dir, done)
}

#[tokio::test(flavor = "multi_thread")]
async fn durable_is_what_the_backup_holds_and_the_rest_is_asked_for_again() {
    let province = Province::start().await;
    let mut kiosk = province.kiosk(1).await;
    let [covered, later] = [1, 2].map(|n| kiosk.seal(n, &[300_000]));
    province.admin().set_durable(true).unwrap();
    let first = at(&province.deliver(&kiosk, &covered).await, &province);
    assert!(
        !sync(&province, &kiosk, 0).await.durable.covers(&first),
        "durable before any backup was made"
    );
    let place = tempfile::tempdir().unwrap();
    let backup = place.path().join("second disk");
    assert_eq!(back_up(&province, &backup).unwrap().mended.files_copied, 1);
    let second = at(&province.deliver(&kiosk, &later).await, &province);
    let durable = sync(&province, &kiosk, 0).await.durable;
    assert!(durable.covers(&first) && !durable.covers(&second));

    // The disk dies. The recovery key comes out of its safe.
    let key = place.path().join("recovery.key");
    std::fs::copy(province.data().join("keys/recovery.key"), &key).unwrap();
    let (dir, done) = bring_back(&backup, &key, &province.clock);
    assert_eq!((done.files, done.files_missing), (1, 0));
    let restored = Province::on(dir, province.clock.clone()).await;
    kiosk.token = restored.sign_in(&kiosk.key, kiosk.id).await.unwrap();
    let pairs = [&covered, &later].map(|d| (d.id(), d.sha256()));
    let asked_for = inventory(&restored, &kiosk, &pairs).await;
    assert_eq!(asked_for, [later.id()].into(), "the backup holds the first");
    let (_, again) = restored.put_dossier(&kiosk, &covered).await;
    assert!(again.missing.is_empty(), "no file goes twice");
    assert_eq!(at(&again, &restored).epoch, done.epoch);
    assert!(
        !again.durable.covers(&at(&again, &restored)),
        "not backed up in this epoch"
    );
    let (_, forgotten) = restored.put_dossier(&kiosk, &later).await;
    assert_eq!(forgotten.missing.len(), 1);
    assert_eq!(back_up(&restored, &backup).unwrap().mended.files_copied, 0);
    assert!(
        sync(&restored, &kiosk, 0)
            .await
            .durable
            .covers(&at(&again, &restored))
    );
}

/// The control: a backup that has lost a file says so, and its kiosk is asked for the file.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_is_not_believed() {
    let province = Province::start().await;
    let mut kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[1000]);
    let old = at(&province.deliver(&kiosk, &dossier).await, &province);
    let place = tempfile::tempdir().unwrap();
    let backup = place.path().join("second disk");
    back_up(&province, &backup).unwrap();
    let file = backup.join("blobs").join(dossier.id().to_string());
    let file = file.join(dossier.manifest.blobs[0].name());
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[500] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let key = province.data().join("keys/intake.key");
    let (dir, done) = bring_back(&backup, &key, &province.clock);
    assert_eq!(done.files_missing, 1);
    let restored = Province::on(dir, province.clock.clone()).await;
    kiosk.token = restored.sign_in(&kiosk.key, kiosk.id).await.unwrap();
    // Who let it go hears so, on a word newer than the backup's too: none of that epoch stands.
    let told = sync(&restored, &kiosk, 0).await.events;
    let [event] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert!(
        matches!(event.kind, EventKind::OfferAgain { at } if at.covers(&old) && at.lsn > old.lsn + 1000),
        "{event:?}"
    );
    assert_eq!(event.dossier, dossier.id());
    let (_, answer) = restored.put_dossier(&kiosk, &dossier).await;
    assert_eq!((answer.missing.len(), answer.acknowledgement), (1, None));
    assert!(
        answer.missing[0].offset == 0 && restored.admin().dossiers().unwrap()[0].files.len() == 1,
        "nothing of the damaged copy is gone on with"
    );
}

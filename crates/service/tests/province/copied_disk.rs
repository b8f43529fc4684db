//! Two disks with one identity: both dossiers are kept, and both sides are told.

use crate::common::Province;
use crate::feed::sync;

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_disk_freezes_its_device_and_loses_nothing() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let [first, second] = [1, 2].map(|n| kiosk.seal(n, &[50]));
    province.deliver(&kiosk, &first).await;
    province.deliver(&kiosk, &second).await;
    province.put_dossier(&kiosk, &first).await;
    let word = sync(&province, &kiosk, 0).await.device.unwrap();
    assert!(!word.frozen, "two dossiers in a row are no copy");

    let of_the_copy = kiosk.seal(2, &[70]);
    province.deliver(&kiosk, &of_the_copy).await;
    let word = sync(&province, &kiosk, 0).await.device.unwrap();
    assert!(word.frozen);
    let mut admin = province.admin();
    assert_eq!(admin.dossiers().unwrap().len(), 3, "both are kept, whole");
    assert!(admin.devices().unwrap()[0].frozen_at.is_some());
    let told: Vec<_> = admin.audit().unwrap();
    assert!(told.iter().any(|e| e.why.contains(&of_the_copy.id().to_string())));

    assert!(admin.thaw_device(&kiosk.id, " ").is_err(), "a reason is needed");
    let epoch = admin
        .thaw_device(&kiosk.id, "đã tìm thấy và xóa bản sao")
        .unwrap();
    let after = sync(&province, &kiosk, 0).await.device.unwrap();
    assert_eq!((after.frozen, after.epoch), (false, epoch));
    assert_ne!(epoch, word.epoch);
}

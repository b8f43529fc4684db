//! What an operator sees of the dossiers: the last that came, and those under a number that is read over the telephone.

use crate::common::{Kiosk, Province, Sealed};
use std::process::Command;

fn said(province: &Province, words: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_donghanh-province"))
        .args(["admin", "--data"])
        .arg(province.data())
        .args(words)
        .output()
        .unwrap();
    assert!(out.status.success(), "{out:?}");
    String::from_utf8(out.stdout).unwrap()
}

async fn delivered<const N: usize>(province: &Province, kiosk: &Kiosk) -> [Sealed; N] {
    let all: [Sealed; N] = std::array::from_fn(|n| kiosk.seal(n as u32 + 1, &[10]));
    for one in &all {
        province.deliver(kiosk, one).await;
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_that_came_stand_first_and_the_rest_is_counted() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let [oldest, middle, newest] = delivered(&province, &kiosk).await;
    let ids = |max| {
        let found = province.admin().newest_dossiers(max).unwrap();
        found.iter().map(|d| d.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(2), [newest.id(), middle.id()]);
    assert_eq!(ids(9), [newest.id(), middle.id(), oldest.id()]);
    let two = said(&province, &["dossiers", "list", "--newest", "2"]);
    assert!(two.contains(&middle.id().to_string()) && !two.contains(&oldest.id().to_string()));
    assert!(two.contains("Còn 1 hồ sơ cũ hơn"), "{two}");
    let all = said(&province, &["dossiers", "list"]);
    assert!(
        all.contains(&oldest.id().to_string()) && !all.contains("cũ hơn"),
        "{all}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_read_over_the_telephone_finds_its_dossier_and_what_takes_it_back() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let [one, other] = delivered(&province, &kiosk).await;
    let void = kiosk.withdraw(3, &one);
    province.put_dossier(&kiosk, &void).await;
    let number = &one.manifest.receipt_number;
    let spoken = number.replace("DH-", "").replace('-', " ");
    let found = said(&province, &["dossiers", "find", &spoken]);
    for there in [&one, &void] {
        assert!(found.contains(&there.id().to_string()), "{found}");
    }
    assert!(!found.contains(&other.id().to_string()), "{found}");
    let nothing = said(&province, &["dossiers", "find", "DH-00002-00001-40"]);
    assert!(nothing.contains("chưa nhận"), "{nothing}");
    let admin = province.admin();
    let under = admin.dossiers_under(&number.parse().unwrap()).unwrap();
    assert_eq!(
        under.iter().map(|d| d.id).collect::<Vec<_>>(),
        [one.id(), void.id()]
    );
}

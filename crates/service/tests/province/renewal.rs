//! A device's certificate is renewed at its own asking: for whoever is in good standing, and for nobody else.

use crate::common::{Kiosk, Province};
use crate::feed::{asked, sync};
use jiff::SignedDuration;
use reqwest::StatusCode;
use seal::certificate::DeviceCertificate;
use seal::keys::Context;
use seal::signed::Signed;
use service::admin::Admin;
use wire::ProblemCode;

const LIFE_DAYS: i64 = 400;

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

async fn wanted(province: &Province, kiosk: &Kiosk) -> Option<Signed> {
    asked(province, kiosk, 0, true).await.certificate
}

fn opened(kiosk: &Kiosk, signed: &Signed) -> DeviceCertificate {
    signed
        .open(&kiosk.offer.signing_key, Context::DeviceCertificate)
        .unwrap()
}

/// Every certificate of the public file, opened.
fn listed(province: &Province, kiosk: &Kiosk) -> Vec<DeviceCertificate> {
    let file = province.admin().certificates().unwrap();
    file.certificates
        .iter()
        .map(|signed| opened(kiosk, signed))
        .collect()
}

fn renewals(admin: &Admin) -> usize {
    let entries = admin.audit().unwrap();
    let acts = entries.iter().map(|e| serde_json::to_value(e.act).unwrap());
    acts.filter(|act| act == "renew_certificate").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_near_its_end_is_renewed_once_for_whoever_asks() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let [first] = listed(&province, &kiosk).try_into().unwrap();

    // A year is left: who asks all the same gets the one that it has.
    let same = wanted(&province, &kiosk).await.unwrap();
    assert_eq!(opened(&kiosk, &same), first);
    assert_eq!(sync(&province, &kiosk, 0).await.certificate, None, "nobody asked");

    province.clock.forward(days(LIFE_DAYS - 30));
    let told = sync(&province, &kiosk, 0).await;
    assert_eq!(told.device.unwrap().certificate_ends, Some(first.valid_until));
    assert_eq!(told.certificate, None);
    assert_eq!(renewals(&province.admin()), 0, "telling renews nothing");

    let answer = asked(&province, &kiosk, 0, true).await;
    let signed = answer.certificate.unwrap();
    let renewed = opened(&kiosk, &signed);
    assert_eq!(
        answer.device.unwrap().certificate_ends,
        None,
        "nothing ends soon any more"
    );
    assert_eq!(renewed.issued_at, first.issued_at + days(LIFE_DAYS - 30));
    assert_eq!(renewed.valid_until, renewed.issued_at + days(LIFE_DAYS));
    let dates_aside = DeviceCertificate {
        issued_at: first.issued_at,
        valid_until: first.valid_until,
        ..renewed.clone()
    };
    assert_eq!(dates_aside, first, "same machine, number, key, class and counter");

    // The answer was lost, perhaps more than once; the very same bytes come again, and after a restart.
    province.clock.forward(days(3));
    assert_eq!(wanted(&province, &kiosk).await, Some(signed.clone()));
    let province = province.restart().await;
    let token = province.sign_in(&kiosk.key, kiosk.id).await.unwrap();
    let kiosk = Kiosk { token, ..kiosk };
    assert_eq!(wanted(&province, &kiosk).await, Some(signed));

    assert_eq!(renewals(&province.admin()), 1);
    assert_eq!(
        listed(&province, &kiosk),
        [first, renewed.clone()],
        "the old one stays believed"
    );
    let views = province.admin().devices().unwrap();
    assert_eq!(views[0].certificate_ends, Some(renewed.valid_until));
    assert_eq!(views[0].number, Some(kiosk.number.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_certificate_locks_nobody_out() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    province.clock.forward(days(LIFE_DAYS + 300));
    let token = province.sign_in(&kiosk.key, kiosk.id).await.unwrap();
    let kiosk = Kiosk { token, ..kiosk };
    let (status, _) = province.put_dossier(&kiosk, &kiosk.seal(1, &[])).await;
    assert_eq!(status, StatusCode::CREATED, "what was sealed is taken as ever");
    let renewed = opened(&kiosk, &wanted(&province, &kiosk).await.unwrap());
    assert_eq!(renewed.issued_at, (province.clock.clock())());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_device_gets_none_until_a_person_has_looked() {
    let province = Province::start().await;
    let (kiosk, neighbour) = (province.kiosk(1).await, province.kiosk(2).await);
    for dossier in [kiosk.seal(1, &[50]), kiosk.seal(1, &[70])] {
        province.deliver(&kiosk, &dossier).await;
    }
    let answer = asked(&province, &kiosk, 0, true).await;
    assert!(answer.device.unwrap().frozen);
    assert_eq!(answer.certificate, None, "not even the one that it has");

    province.clock.forward(days(LIFE_DAYS - 10));
    for _ in 0..3 {
        let answer = asked(&province, &kiosk, 0, true).await;
        assert_eq!(answer.certificate, None);
        assert!(
            answer.device.unwrap().certificate_ends.is_some(),
            "it goes on being told"
        );
    }
    assert_eq!(renewals(&province.admin()), 0);
    assert!(
        wanted(&province, &neighbour).await.is_some(),
        "the control: another one gets its own"
    );

    province
        .admin()
        .thaw_device(&kiosk.id, "đã tìm thấy và xóa bản sao")
        .unwrap();
    let renewed = opened(&kiosk, &wanted(&province, &kiosk).await.unwrap());
    assert_eq!((renewed.device, renewed.number), (kiosk.id, kiosk.number));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_gets_none_and_what_it_had_stays_listed() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let before = listed(&province, &kiosk);
    province.clock.forward(days(LIFE_DAYS - 10));
    province.admin().revoke_device(&kiosk.id).unwrap();
    let body = serde_json::json!({
        "nonce": wire::Nonce::random().unwrap(), "cursor": 0, "queue_depth": 0, "oldest_age_s": null,
        "app_version": "0.1.0", "certificate_wanted": true,
    });
    let request = province.client.post(province.url(wire::path::SYNC));
    let response = request.bearer_auth(kiosk.token).json(&body).send().await.unwrap();
    assert_eq!(crate::common::code_of(response).await, ProblemCode::DeviceRevoked);
    let refused = province.sign_in(&kiosk.key, kiosk.id).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::DeviceRevoked);
    assert_eq!(
        (renewals(&province.admin()), listed(&province, &kiosk)),
        (0, before)
    );
}

/// Several questions at once, each of which saw an end near: one certificate.
#[tokio::test(flavor = "multi_thread")]
async fn many_askings_at_once_are_one_renewal() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    province.clock.forward(days(LIFE_DAYS - 1));
    let ask = || wanted(&province, &kiosk);
    let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
    assert!(a.is_some() && [b, c, d].iter().all(|one| *one == a));
    assert_eq!(renewals(&province.admin()), 1);
    assert_eq!(listed(&province, &kiosk).len(), 2);
}

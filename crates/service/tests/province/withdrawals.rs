//! A counter takes its dossier back: once, before the code, whatever comes first; nobody else does.

use crate::common::{Kiosk, Province, SECRET, Sealed, code_of};
use domain::ids::DossierId;
use domain::province::CaseStatus;
use reqwest::{Response, StatusCode};
use seal::keys::OpeningKey;
use service::admin::Opened;
use service::{Refusal, ServiceError};
use wire::ProblemCode;

const ELSEWHERE: &str = "Bộ phận Một cửa xã Mường Lạn, quầy 1";

async fn put(province: &Province, kiosk: &Kiosk, sealed: &Sealed) -> Response {
    province
        .put(kiosk, &sealed.id(), sealed.envelope.to_bytes().unwrap())
        .await
}

fn status(province: &Province, dossier: &Sealed) -> CaseStatus {
    province.admin().dossier(&dossier.id()).unwrap().case.status
}

/// The events of a device, as (dossier, status).
fn events(province: &Province, kiosk: &Kiosk) -> Vec<(DossierId, String)> {
    let conn = rusqlite::Connection::open(province.data().join("province.db")).unwrap();
    let mut statement = conn
        .prepare("SELECT dossier, json_extract(kind, '$.status') FROM events WHERE device = ?1 ORDER BY seq")
        .unwrap();
    let rows = statement
        .query_map([kiosk.id.to_string()], |r| {
            Ok((r.get::<_, String>(0)?, r.get(1)?))
        })
        .unwrap();
    rows.map(|row| {
        let (dossier, status) = row.unwrap();
        (dossier.parse().unwrap(), status)
    })
    .collect()
}

async fn look_up(province: &Province, dossier: &Sealed) -> String {
    let body = format!("number={}&secret={SECRET}", dossier.manifest.receipt_number);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(format!("{}/", province.running.lookup_url))
        .header("content-type", "application/x-www-form-urlencoded");
    request.body(body).send().await.unwrap().text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_counter_takes_a_dossier_back_and_twice_is_once() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let (dossier, control) = (kiosk.seal(1, &[1000]), kiosk.seal(2, &[1000]));
    province.deliver(&kiosk, &dossier).await;
    province.deliver(&kiosk, &control).await;
    let void = kiosk.withdraw(3, &dossier);
    let (created, first) = province.put_dossier(&kiosk, &void).await;
    assert_eq!(created, StatusCode::CREATED);
    let (known, again) = province.put_dossier(&kiosk, &void).await;
    assert_eq!(known, StatusCode::OK);
    assert!(
        first.acknowledgement.is_some(),
        "nothing is missing: it is acknowledged at once"
    );
    assert_eq!(
        first.acknowledgement, again.acknowledgement,
        "the same word again"
    );
    // Another withdrawal of the same dossier, and one from the machine beside it, move nothing either.
    let beside = province.kiosk(2).await;
    for (who, more) in [
        (&kiosk, kiosk.withdraw(4, &dossier)),
        (&beside, beside.withdraw(1, &dossier)),
    ] {
        let (_, answer) = province.put_dossier(who, &more).await;
        assert!(answer.acknowledgement.is_some());
    }
    assert_eq!(
        events(&province, &kiosk),
        [(dossier.id(), "withdrawn".to_owned())]
    );
    assert_eq!(status(&province, &dossier), CaseStatus::Withdrawn);
    assert_eq!(
        status(&province, &control),
        CaseStatus::New,
        "nobody asked for this one"
    );

    assert!(look_up(&province, &dossier).await.contains("<h1>Đã rút</h1>"));
    let mut admin = province.admin();
    for (id, wanted) in [
        (dossier.id(), Refusal::CaseStatus),
        (void.id(), Refusal::IsWithdrawal),
    ] {
        let refused = admin.set_code(&id, "H21.129-250812-0035", "Cổng Dịch vụ công quốc gia");
        assert!(matches!(refused, Err(ServiceError::Refused(why)) if why == wanted));
    }
    admin.add_clerk("An", "mật khẩu của chị An").unwrap();
    let key = std::fs::read_to_string(province.data().join("keys/intake.key")).unwrap();
    let key = OpeningKey::from_text(&key).unwrap();
    let opened = admin.open_dossier(&void.id(), "An", "mật khẩu của chị An", "vì sao rút", &key);
    let Opened::Withdrawal(inside) = opened.unwrap() else {
        panic!("a withdrawal")
    };
    assert_eq!(inside.takes_back, dossier.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_counters_machine_and_a_revoked_one_take_nothing_back() {
    let province = Province::start().await;
    let (kiosk, other) = (province.kiosk(1).await, province.kiosk_of(2, ELSEWHERE).await);
    let dossier = kiosk.seal(1, &[]);
    province.deliver(&kiosk, &dossier).await;
    let foreign = other.withdraw(1, &dossier);
    assert_eq!(
        code_of(put(&province, &other, &foreign).await).await,
        ProblemCode::NotThisCounters
    );
    assert!(
        province.admin().dossier(&foreign.id()).is_err(),
        "nothing of it is kept"
    );
    // Carried by the counter's own machine it is still the other one's.
    assert_eq!(
        code_of(put(&province, &kiosk, &foreign).await).await,
        ProblemCode::NotThisCounters
    );
    let stolen = province.kiosk(3).await;
    let late = stolen.withdraw(1, &dossier);
    province.admin().revoke_device(&stolen.id).unwrap();
    assert_eq!(
        code_of(put(&province, &kiosk, &late).await).await,
        ProblemCode::NotThisCounters
    );
    assert_eq!(status(&province, &dossier), CaseStatus::New);
    // The control: the same manifest by a machine of the counter is taken.
    province.put_dossier(&kiosk, &kiosk.withdraw(2, &dossier)).await;
    assert_eq!(status(&province, &dossier), CaseStatus::Withdrawn);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_too_late_once_there_is_a_code_or_an_answer() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let (coded, answered) = (kiosk.seal(1, &[]), kiosk.seal(2, &[]));
    for dossier in [&coded, &answered] {
        province.deliver(&kiosk, dossier).await;
    }
    let mut admin = province.admin();
    admin
        .set_code(&coded.id(), "H21.129-250812-0035", "Cổng Dịch vụ công quốc gia")
        .unwrap();
    admin
        .set_status(&answered.id(), CaseStatus::NotAccepted, Some("Thiếu giấy tờ"))
        .unwrap();
    for (place, dossier, left) in [
        (3, &coded, CaseStatus::Accepted),
        (4, &answered, CaseStatus::NotAccepted),
    ] {
        let refused = put(&province, &kiosk, &kiosk.withdraw(place, dossier)).await;
        assert_eq!(code_of(refused).await, ProblemCode::WithdrawalTooLate);
        assert_eq!(status(&province, dossier), left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_come_before_the_files_and_before_the_dossier_itself() {
    let province = Province::start().await;
    let (kiosk, other) = (province.kiosk(1).await, province.kiosk_of(2, ELSEWHERE).await);
    let (half, later, untouched) = (
        kiosk.seal(1, &[1000]),
        kiosk.seal(2, &[1000]),
        kiosk.seal(3, &[1000]),
    );
    // Its form is there, its file never comes: the counter stopped sending.
    province.put_dossier(&kiosk, &half).await;
    province.put_dossier(&kiosk, &kiosk.withdraw(4, &half)).await;
    assert_eq!(status(&province, &half), CaseStatus::Withdrawn);
    assert!(look_up(&province, &half).await.contains("<h1>Đã rút</h1>"));
    // The dossier still lies on a stick.
    let void = kiosk.withdraw(5, &later);
    let (_, answer) = province.put_dossier(&kiosk, &void).await;
    assert!(
        answer.acknowledgement.is_some(),
        "taken for the day on which the dossier comes"
    );
    let stranger = other.withdraw(1, &untouched);
    province.put_dossier(&other, &stranger).await;
    assert!(
        look_up(&province, &later).await.contains("Chưa tra được"),
        "it is not there yet"
    );
    province.deliver(&kiosk, &later).await;
    assert_eq!(status(&province, &later), CaseStatus::Withdrawn);
    // What another counter sent ahead does nothing, and its machine hears of it.
    province.deliver(&kiosk, &untouched).await;
    assert_eq!(status(&province, &untouched), CaseStatus::New);
    assert_eq!(
        events(&province, &other),
        [(stranger.id(), "not_accepted".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_withdrawal_is_refused() {
    let province = Province::start().await;
    let kiosk = province.kiosk(1).await;
    let dossier = kiosk.seal(1, &[1000]);
    province.deliver(&kiosk, &dossier).await;
    let blob = dossier.manifest.blobs.clone();
    let spoilt = [
        (
            "names nothing",
            kiosk.withdraw_as(2, &dossier, |m| m.parent = None),
        ),
        (
            "brings a file",
            kiosk.withdraw_as(3, &dossier, |m| m.blobs = blob),
        ),
        (
            "names itself",
            kiosk.withdraw_as(4, &dossier, |m| m.parent = Some(m.dossier)),
        ),
    ];
    for (name, void) in spoilt {
        let code = code_of(put(&province, &kiosk, &void).await).await;
        assert_eq!(code, ProblemCode::ManifestRefused, "{name}");
    }
    let void = kiosk.withdraw(5, &dossier);
    province.put_dossier(&kiosk, &void).await;
    let of_a_void = put(&province, &kiosk, &kiosk.withdraw(6, &void)).await;
    assert_eq!(code_of(of_a_void).await, ProblemCode::ManifestRefused);
}

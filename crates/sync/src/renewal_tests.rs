//! Only a certificate that follows the one that is held is taken, and what cannot be renewed goes on being told.

use super::*;
use domain::delivery::Watermark;
use domain::ids::{DeviceId, DeviceNo};
use jiff::{SignedDuration, Timestamp};
use seal::certificate::DeviceClass;
use seal::keys::{Recipients, SigningKey};
use tempfile::TempDir;
use wire::Nonce;
use wire::enrol::EnrolOffer;
use wire::sync::SyncAnswerKind;

const PROVINCE: u8 = 9;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn day(days: i64) -> Timestamp {
    "2026-11-22T02:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

/// Of 400 days, from this day on.
fn certificate(from: i64) -> DeviceCertificate {
    DeviceCertificate {
        device: DeviceId(uuid::Uuid::from_bytes([1; 16])),
        number: DeviceNo(7),
        key: key(1).verify_key(),
        class: DeviceClass::Field,
        counter_name: "Quầy 2".into(),
        issued_at: day(from),
        valid_until: day(from + 400),
    }
}

fn signed_by(seed: u8, certificate: &DeviceCertificate) -> Signed {
    Signed::seal(&key(seed), Context::DeviceCertificate, certificate).unwrap()
}

/// A machine that was enrolled on day 0.
fn machine() -> (TempDir, Outbox) {
    let dir = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(dir.path()).unwrap();
    let enrolment = Enrolment {
        service_url: "https://province.example.vn:8443".into(),
        offer: EnrolOffer {
            root_der_b64: String::new(),
            signing_key: key(PROVINCE).verify_key(),
            recipients: Recipients {
                intake: "age1intake".into(),
                recovery: "age1recovery".into(),
            },
            lookup_base_url: String::new(),
            lookup_site: String::new(),
            counter_phone: None,
            province_name: "Tỉnh".into(),
            ticket: Nonce([0; 32]),
        },
        certificate: certificate(0),
        // As an older program left it.
        signed_certificate: None,
        device_epoch: 5,
    };
    setting::set(outbox.db(), Name::Enrolment, &enrolment).unwrap();
    (dir, outbox)
}

/// What the province says on this day.
fn answer(now: i64, ends: Option<i64>, certificate: Option<Signed>) -> SyncAnswer {
    SyncAnswer {
        answer: SyncAnswerKind::Sync,
        nonce: Nonce([0; 32]),
        epoch: 1,
        durable: Watermark { epoch: 1, lsn: 0 },
        events: Vec::new(),
        next_cursor: 0,
        more: false,
        now: day(now),
        catalogue: None,
        device: Some(DeviceWord {
            frozen: false,
            epoch: 5,
            certificate_ends: ends.map(day),
        }),
        files_after_s: None,
        certificate,
    }
}

fn held(outbox: &Outbox) -> Enrolment {
    setting::get(outbox.db(), Name::Enrolment).unwrap().unwrap()
}

fn lines(outbox: &Outbox) -> u32 {
    let sql = "SELECT count(*) FROM audit WHERE what = 'certificate_renewed'";
    outbox.db().query_row(sql, [], |r| r.get(0)).unwrap()
}

#[test]
fn a_renewed_certificate_is_taken_once_and_the_notice_goes() {
    let (_dir, outbox) = machine();
    let quiet = hear(&outbox, &answer(300, None, None), 1).unwrap();
    assert!(
        !quiet.ends && !is_wanted(&outbox).unwrap(),
        "a hundred days are left"
    );
    let told = hear(&outbox, &answer(375, Some(400), None), 2).unwrap();
    assert!(told.moved && told.ends && !told.renewed && is_wanted(&outbox).unwrap());
    let again = hear(&outbox, &answer(376, Some(400), None), 3).unwrap();
    assert!(!again.moved, "nothing new is no news");

    let new = signed_by(PROVINCE, &certificate(376));
    let page = answer(376, None, Some(new.clone()));
    let renewed = hear(&outbox, &page, 4).unwrap();
    assert_eq!(
        renewed,
        Standing {
            moved: true,
            renewed: true,
            ends: false
        }
    );
    let after = held(&outbox);
    assert_eq!(after.certificate, certificate(376));
    assert_eq!(after.signed_certificate, Some(new), "it goes along on sticks");
    assert_eq!((after.device_epoch, lines(&outbox)), (5, 1));
    assert!(!is_wanted(&outbox).unwrap());

    let twice = hear(&outbox, &page, 5).unwrap();
    assert!(
        !twice.renewed && !twice.moved && lines(&outbox) == 1,
        "the same again changes nothing"
    );
}

#[test]
fn what_does_not_follow_is_not_taken_and_the_notice_stays() {
    let new = certificate(376);
    let other = |change: fn(&mut DeviceCertificate)| {
        let mut changed = new.clone();
        change(&mut changed);
        signed_by(PROVINCE, &changed)
    };
    let mut flipped = signed_by(PROVINCE, &new);
    flipped.signature[0] ^= 1;
    let cases = [
        ("another province's", signed_by(8, &new)),
        ("a flipped bit", flipped),
        (
            "signed as something else",
            Signed::seal(&key(PROVINCE), Context::Events, &new).unwrap(),
        ),
        (
            "another machine's",
            other(|c| c.device = DeviceId(uuid::Uuid::from_bytes([2; 16]))),
        ),
        ("another number", other(|c| c.number = DeviceNo(8))),
        ("another key", other(|c| c.key = key(2).verify_key())),
        ("another class", other(|c| c.class = DeviceClass::CounterBound)),
        ("another counter", other(|c| c.counter_name = "Quầy 3".into())),
        ("no later end", other(|c| c.valid_until = day(400))),
        ("an earlier end", other(|c| c.valid_until = day(399))),
    ];
    for (name, signed) in cases {
        let (_dir, outbox) = machine();
        // Whoever sends it says also that nothing ends any more.
        let heard = hear(&outbox, &answer(376, None, Some(signed)), 1).unwrap();
        assert!(!heard.renewed && heard.ends, "{name}");
        assert_eq!(held(&outbox).certificate, certificate(0), "{name}");
        assert_eq!(lines(&outbox), 0, "{name}");
        assert!(is_wanted(&outbox).unwrap(), "{name}: asked for again");
    }
    let (_dir, outbox) = machine();
    let control = hear(&outbox, &answer(376, None, Some(signed_by(PROVINCE, &new))), 1).unwrap();
    assert!(control.renewed, "the control: unchanged, it is taken");
}

#[test]
fn an_answer_that_was_lost_and_a_province_that_came_back_are_asked_again() {
    // The province has given one, and its answer never came: it says nothing of an end any more.
    let (_dir, outbox) = machine();
    assert!(hear(&outbox, &answer(390, None, None), 1).unwrap().ends);
    assert!(is_wanted(&outbox).unwrap());
    // It came back from before it gave one: what is held here ends late, what stands there soon.
    let (_dir, outbox) = machine();
    let first = signed_by(PROVINCE, &certificate(376));
    hear(&outbox, &answer(376, None, Some(first)), 1).unwrap();
    assert!(hear(&outbox, &answer(380, Some(400), None), 2).unwrap().ends);
    let second = signed_by(PROVINCE, &certificate(380));
    assert!(
        hear(&outbox, &answer(380, None, Some(second)), 3)
            .unwrap()
            .renewed
    );
    assert_eq!(held(&outbox).certificate.valid_until, day(780));
}

#[test]
fn a_machine_that_knows_no_enrolment_hears_of_its_standing_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(dir.path()).unwrap();
    let heard = hear(
        &outbox,
        &answer(376, Some(400), Some(signed_by(PROVINCE, &certificate(376)))),
        1,
    )
    .unwrap();
    assert!(heard.ends && !heard.renewed);
    assert!(
        setting::get::<Enrolment>(outbox.db(), Name::Enrolment)
            .unwrap()
            .is_none()
    );
    let silent = SyncAnswer {
        device: None,
        ..answer(377, None, None)
    };
    assert_eq!(
        hear(&outbox, &silent, 2).unwrap(),
        Standing::default(),
        "an older province says nothing"
    );
    assert!(is_wanted(&outbox).unwrap(), "and takes nothing back");
}

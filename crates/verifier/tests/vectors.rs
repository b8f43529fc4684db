//! The test vectors in `vectors/receipt_proof.json`: this program's answers, and that the product still makes the very
//! same bytes. `DONGHANH_WRITE_VECTORS=1` writes the file anew; a change of it is a change of the format.

#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

use domain::ids::{DeviceId, DeviceNo, DossierId};
use domain::receipt_number::ReceiptNumber;
use jiff::Timestamp;
use seal::certificate::{DeviceCertificate, DeviceClass};
use seal::keys::{Context, SigningKey};
use seal::proof::ReceiptProof;
use seal::signed::Signed;
use serde_json::{Value, json};
use uuid::Uuid;
use verifier::{NotGenuine, Trust, TrustFault, verify};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/receipt_proof.json");
const KIOSK: u8 = 3;
const PROVINCE: u8 = 9;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

/// The life of a first certificate, and of the ones that renewed it in time and late, seconds.
const FIRST: [i64; 2] = [1_790_000_000, 1_820_000_000];
const RENEWED: [i64; 2] = [1_818_000_000, 1_850_000_000];
const RENEWED_LATE: [i64; 2] = [1_825_000_000, 1_857_000_000];

fn certificate(number: u32, seed: u8, signed_by: u8) -> Value {
    certificate_of(FIRST, number, seed, signed_by)
}

fn certificate_of([from, until]: [i64; 2], number: u32, seed: u8, signed_by: u8) -> Value {
    let content = DeviceCertificate {
        device: DeviceId(Uuid::from_bytes([seed; 16])),
        number: DeviceNo(number),
        key: key(seed).verify_key(),
        class: DeviceClass::CounterSoftware,
        counter_name: "Quầy 3, xã Hòa Bình Đông".into(),
        issued_at: Timestamp::from_second(from).unwrap(),
        valid_until: Timestamp::from_second(until).unwrap(),
    };
    serde_json::to_value(Signed::seal(&key(signed_by), Context::DeviceCertificate, &content).unwrap())
        .unwrap()
}

fn proof(number: (u32, u32), seed: u8, at: i64, low_trust: bool) -> String {
    let proof = ReceiptProof {
        number: ReceiptNumber::new(DeviceNo(number.0), number.1).unwrap(),
        dossier: DossierId(Uuid::from_bytes([7; 16])),
        procedure_code: "1.001193".into(),
        manifest_sha256: [5; 32],
        sealed_at: Timestamp::from_second(at).unwrap(),
        files: 4,
        low_trust,
    };
    proof.sign(&key(seed)).unwrap()
}

/// The file as the product would make it today.
fn made() -> Value {
    let good = proof((7, 42), KIOSK, 1_795_000_020, false);
    let last = if good.ends_with('0') { "1" } else { "0" };
    let changed = format!("{}{last}", &good[..good.len() - 1]);
    let case =
        |name: &str, text: &str, answer: Value| json!({ "name": name, "text": text, "answer": answer });
    let genuine =
        |number: &str, time_fits: bool| json!({ "genuine": true, "number": number, "time_fits": time_fits });
    let refused = |why: &str| json!({ "genuine": false, "why": why });
    json!({
        "trust": {
            "province_key": String::from(key(PROVINCE).verify_key()),
            "certificates": [
                certificate(7, KIOSK, PROVINCE),
                certificate(8, 4, PROVINCE),
                certificate_of(RENEWED, 7, KIOSK, PROVINCE),
                certificate_of(RENEWED_LATE, 8, 4, PROVINCE),
            ],
        },
        "cases": [
            case("genuine", &good, genuine("DH-00007-00042-22", true)),
            case("the kiosk doubted its clock", &proof((7, 43), KIOSK, 1_795_000_020, true), genuine("DH-00007-00043-19", false)),
            case("before the certificate", &proof((7, 44), KIOSK, 1_700_000_040, false), genuine("DH-00007-00044-16", false)),
            case("under the renewed certificate", &proof((7, 45), KIOSK, 1_830_000_000, false), genuine("DH-00007-00045-13", true)),
            case("after the renewed certificate, too", &proof((7, 46), KIOSK, 1_860_000_000, false), genuine("DH-00007-00046-10", false)),
            case("between two certificates", &proof((8, 1), 4, 1_822_000_020, false), genuine("DH-00008-00001-69", false)),
            case("renewed late", &proof((8, 2), 4, 1_830_000_000, false), genuine("DH-00008-00002-66", true)),
            case("the last letter changed", &changed, refused("signature")),
            case("another kiosk's key", &proof((7, 42), 4, 1_795_000_020, false), refused("signature")),
            case("a kiosk that is not known", &proof((9, 1), KIOSK, 1_795_000_020, false), refused("unknown_kiosk")),
            case("the look-up link", "HTTPS://TRACUU.TINH.EXAMPLE/T/DH-00007-00042-22", refused("no_proof")),
            case("cut short", &good[..100], refused("no_proof")),
            case("small letters", &good.to_lowercase(), refused("no_proof")),
            case("nothing", "", refused("no_proof")),
        ],
    })
}

fn file() -> Value {
    if std::env::var_os("DONGHANH_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&made()).unwrap();
        std::fs::write(FILE, text + "\n").unwrap();
    }
    serde_json::from_slice(&std::fs::read(FILE).unwrap()).unwrap()
}

#[test]
fn every_vector_is_answered_as_written() {
    let file = file();
    let trust = Trust::read(file["trust"].to_string().as_bytes(), None).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= 10);
    for case in cases {
        let answer = match verify(&trust, case["text"].as_str().unwrap()) {
            Ok(g) => json!({ "genuine": true, "number": g.claims.number, "time_fits": g.time_fits }),
            Err(why) => json!({ "genuine": false, "why": why.code() }),
        };
        assert_eq!(answer, case["answer"], "{}", case["name"]);
    }
}

/// In whatever order they stand in the file: the old certificate for what was sealed under it, the new one for the rest.
#[test]
fn a_slip_is_judged_by_the_certificate_of_its_time() {
    let (old, new) = (
        certificate(7, KIOSK, PROVINCE),
        certificate_of(RENEWED, 7, KIOSK, PROVINCE),
    );
    let before = proof((7, 42), KIOSK, 1_795_000_020, false);
    let after = proof((7, 45), KIOSK, 1_830_000_000, false);
    let fits = |certificates: &[&Value], text: &str| {
        let key = String::from(key(PROVINCE).verify_key());
        let file = json!({ "province_key": key, "certificates": certificates });
        let trust = Trust::read(file.to_string().as_bytes(), None).unwrap();
        verify(&trust, text).unwrap().time_fits
    };
    for both in [[&old, &new], [&new, &old]] {
        assert!(fits(&both, &before) && fits(&both, &after));
    }
    assert!(fits(&[&old], &before) && fits(&[&new], &after));
    assert!(
        !fits(&[&old], &after) && !fits(&[&new], &before),
        "the control: either alone vouches for its own time only"
    );
}

#[test]
fn the_product_makes_these_very_bytes() {
    assert_eq!(file(), made(), "a change of the format is a new version of it");
}

#[test]
fn every_changed_letter_is_found() {
    let file = file();
    let trust = Trust::read(file["trust"].to_string().as_bytes(), None).unwrap();
    let good = file["cases"][0]["text"].as_str().unwrap();
    for at in 4..good.len() {
        let mut letters: Vec<u8> = good.bytes().collect();
        letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(letters).unwrap();
        assert!(verify(&trust, &changed).is_err(), "letter {at}");
    }
}

#[test]
fn certificates_of_another_province_are_not_believed() {
    let forged = json!({
        "province_key": String::from(key(PROVINCE).verify_key()),
        "certificates": [certificate(7, KIOSK, PROVINCE), certificate(7, 66, 65)],
    });
    let read = |json: &Value, key: Option<&str>| Trust::read(json.to_string().as_bytes(), key).err();
    assert_eq!(read(&forged, None), Some(TrustFault::Foreign(2)));
    let own = json!({ "province_key": String::from(key(65).verify_key()), "certificates": [certificate(7, 66, 65)] });
    assert_eq!(
        read(&own, None),
        None,
        "whole in itself: only the key tells whose it is"
    );
    let known = String::from(key(PROVINCE).verify_key());
    assert_eq!(read(&own, Some(&known)), Some(TrustFault::OtherProvince));
    assert_eq!(read(&json!({}), None), Some(TrustFault::Shape));
    let trust = Trust::read(own.to_string().as_bytes(), None).unwrap();
    let good = proof((7, 42), KIOSK, 1_795_000_020, false);
    assert_eq!(verify(&trust, &good).err(), Some(NotGenuine::Signature));
}

//! The test vectors of `docs/PROTOCOL.md`: made here from fixed seeds, and compared with what stands there.
//!
//! `WRITE_VECTORS=1 cargo test -p service vectors` writes the block anew.

use crate::{vectors_of_answers, vectors_of_the_form};
use data_encoding::HEXLOWER;
use domain::delivery::Watermark;
use domain::ids::{DeviceId, DeviceNo, DossierId};
use domain::receipt_number::ReceiptNumber;
use seal::certificate::{DeviceCertificate, DeviceClass};
use seal::envelope::SealedDossier;
use seal::keys::{Context, Recipients, SigningKey};
use seal::manifest::{BlobRecord, CapturedAt, Kind, Manifest};
use seal::signed::Signed;
use std::fmt::Write;
use std::path::Path;
use wire::acknowledgement::{AckFile, Acknowledgement};
use wire::recovery::RecoveryRequest;
use wire::session::SessionRequest;
use wire::{Nonce, Sha256};

const BEGIN: &str = "<!-- vectors: begin -->\n```text\n";
const END: &str = "```\n<!-- vectors: end -->";

pub fn id(last: u8) -> [u8; 16] {
    let mut bytes = *uuid::Builder::from_bytes([0; 16])
        .with_version(uuid::Version::Random)
        .as_uuid()
        .as_bytes();
    bytes[8] = 0x80;
    bytes[15] = last;
    bytes
}

fn manifest(operator: &SigningKey) -> Manifest {
    // Fixed bytes stand where ciphertext would: encryption is random, and the vectors are about the outside.
    let blob = seal::blob::record_of(b"encrypted bytes of a file");
    Manifest {
        version: 1,
        dossier: id(1),
        device: id(2),
        device_epoch: 42,
        device_seq: 1,
        previous: [0; 32],
        receipt_number: ReceiptNumber::new(DeviceNo(7), 42).unwrap().to_string(),
        procedure_code: "1.001193".into(),
        procedure_version: "2026-11".into(),
        procedure_sha256: [3; 32],
        captured_at: CapturedAt {
            wall_ms: 1_795_305_600_000,
            last_province_ms: 0,
            low_trust: false,
        },
        kind: Kind::New,
        sealed_form: b"encrypted form".to_vec(),
        blobs: vec![BlobRecord { ..blob }],
        lookup_tag: seal::lookup::tag("135790", &DossierId(uuid::Uuid::from_bytes(id(1)))).unwrap(),
        operator: id(3),
        operator_key: *operator.verify_key().as_bytes(),
        parent: None,
        catalogue_sha256: None,
    }
}

/// It stands behind the dossier in the chain and bears its number.
fn withdrawal(of: &Manifest, sealed: &SealedDossier) -> Manifest {
    let withdrawal = Manifest {
        dossier: id(4),
        device_seq: 2,
        previous: sealed.sha256(),
        kind: Kind::Void,
        sealed_form: b"encrypted withdrawal".to_vec(),
        blobs: Vec::new(),
        lookup_tag: [0; 32],
        parent: Some(of.dossier),
        ..of.clone()
    };
    assert!(withdrawal.kind_fits() && withdrawal.takes_back() == Some(of.dossier_id()));
    withdrawal
}

fn vectors() -> String {
    let [device, operator, province] = [1, 2, 3].map(|n| SigningKey::from_seed(&[n; 32]));
    let manifest = manifest(&operator);
    let envelope = SealedDossier::sign(&manifest, &device, &operator).unwrap();
    let ack = Acknowledgement {
        dossier: manifest.dossier_id(),
        manifest_sha256: Sha256(envelope.sha256()),
        files: manifest
            .blobs
            .iter()
            .map(|b| AckFile {
                sha256: Sha256(b.sha256),
                len: b.len,
            })
            .collect(),
        at: Watermark { epoch: 42, lsn: 7 },
        received_at: "2026-11-22T02:00:00Z".parse().unwrap(),
    };
    let signed = Signed::seal(&province, Context::Acknowledgement, &ack).unwrap();
    Acknowledgement::verify(&signed, &province.verify_key(), &manifest, &ack.manifest_sha256).unwrap();
    let session = SessionRequest::sign(DeviceId(uuid::Uuid::from_bytes(id(2))), Nonce([9; 32]), &device);
    let recipients = Recipients {
        intake: "age1intake".into(),
        recovery: "age1recovery".into(),
    };
    let words = wire::enrol::words(&device.verify_key(), b"root", &province.verify_key(), &recipients);
    let certificate = DeviceCertificate {
        device: DeviceId(uuid::Uuid::from_bytes(id(2))),
        number: DeviceNo(7),
        key: device.verify_key(),
        class: DeviceClass::Field,
        counter_name: "Bộ phận Một cửa phường An Bình, quầy 1".into(),
        issued_at: "2026-11-22T02:00:00Z".parse().unwrap(),
        valid_until: "2027-11-22T02:00:00Z".parse().unwrap(),
    };
    let device_json = Signed::seal(&province, Context::DeviceCertificate, &certificate).unwrap();
    let renewed = DeviceCertificate {
        issued_at: "2027-11-01T02:00:00Z".parse().unwrap(),
        valid_until: "2028-12-05T02:00:00Z".parse().unwrap(),
        ..certificate.clone()
    };
    let renewed = Signed::seal(&province, Context::DeviceCertificate, &renewed).unwrap();
    let card = serde_json::json!({ "device": certificate.device, "counter_name": certificate.counter_name, "recipient": "age1counter" });
    let card = Signed::seal(&device, Context::CounterCard, &card).unwrap();
    let word =
        serde_json::json!({ "dossier": manifest.dossier_id(), "receipt_number": manifest.receipt_number });
    let word = Signed::seal(&device, Context::SealedElsewhere, &word).unwrap();
    let request = RecoveryRequest {
        device: certificate.device,
        nonce: Nonce([9; 32]),
        kept: "a2VwdA==".into(),
        answer_to: "age1answer".into(),
    };
    let request = Signed::seal(&device, Context::Recovery, &request).unwrap();
    let json = |signed: &Signed| serde_json::to_string(signed).unwrap();
    let mut out = String::new();
    let mut line = |name: &str, value: String| writeln!(out, "{name} = {value}").unwrap();
    line("device seed", HEXLOWER.encode(&[1; 32]));
    line(
        "device public key",
        HEXLOWER.encode(device.verify_key().as_bytes()),
    );
    line("operator seed", HEXLOWER.encode(&[2; 32]));
    line("province seed", HEXLOWER.encode(&[3; 32]));
    line(
        "province public key",
        HEXLOWER.encode(province.verify_key().as_bytes()),
    );
    line("look-up secret", "135790".into());
    line("look-up tag", HEXLOWER.encode(&manifest.lookup_tag));
    line("manifest", HEXLOWER.encode(&envelope.manifest));
    line("manifest sha256", HEXLOWER.encode(&envelope.sha256()));
    line("signature by device", HEXLOWER.encode(&envelope.by_device));
    line("signature by operator", HEXLOWER.encode(&envelope.by_operator));
    line("envelope", HEXLOWER.encode(&envelope.to_bytes().unwrap()));
    line(
        "acknowledgement bytes",
        String::from_utf8(signed.bytes.clone()).unwrap(),
    );
    line("acknowledgement signature", HEXLOWER.encode(&signed.signature));
    line(
        "acknowledgement on the wire",
        serde_json::to_string(&signed).unwrap(),
    );
    line("session request", serde_json::to_string(&session).unwrap());
    line(
        "six words (root certificate = the 4 bytes \"root\", recipients \"age1intake\", \"age1recovery\")",
        words.join(" · "),
    );
    line("device.json", json(&device_json));
    line("device.json after a renewal", json(&renewed));
    line("counter card, its document", json(&card));
    line("word of the sealing machine, its document", json(&word));
    line("recovery request, its document", json(&request));
    let withdrawal = withdrawal(&manifest, &envelope);
    let withdrawal = SealedDossier::sign(&withdrawal, &device, &operator).unwrap();
    line(
        "withdrawal of it, manifest",
        HEXLOWER.encode(&withdrawal.manifest),
    );
    line(
        "withdrawal of it, signature by device",
        HEXLOWER.encode(&withdrawal.by_device),
    );
    let key = &province;
    let sealed = [&envelope, &withdrawal];
    vectors_of_answers::lines(&mut line, key, &manifest, sealed, [&signed, &renewed]);
    vectors_of_the_form::lines(&mut line);
    out
}

#[test]
fn the_protocols_vectors_are_what_the_program_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/PROTOCOL.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the block begins");
    let (written, after) = rest.split_once(END).expect("the block ends");
    let made = vectors();
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        written, made,
        "docs/PROTOCOL.md does not say what the program does"
    );
}

#[test]
fn one_flipped_bit_in_a_vector_does_not_verify() {
    let [device, operator] = [1, 2].map(|n| SigningKey::from_seed(&[n; 32]));
    let envelope = SealedDossier::sign(&manifest(&operator), &device, &operator).unwrap();
    assert!(envelope.verify(&device.verify_key()).is_ok());
    let mut flipped = envelope;
    flipped.manifest[40] ^= 1;
    assert!(flipped.verify(&device.verify_key()).is_err());
}

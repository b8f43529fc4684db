//! Vectors of what is asked and answered, in the order of the protocol's sections: time, dossiers, batch, events, inventory,
//! catalogue. Each is read back by the types that the programs use before it stands in `docs/PROTOCOL.md`.

use crate::vectors::id;
use catalogue::{Bundle, Parts, Trust};
use data_encoding::HEXLOWER;
use domain::delivery::Watermark;
use domain::ids::DossierId;
use domain::province::{CaseStatus, OfficialCode};
use seal::envelope::SealedDossier;
use seal::keys::{Context, SigningKey};
use seal::manifest::Manifest;
use seal::signed::Signed;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::batch::{self, BatchAnswer, BatchItem};
use wire::dossier::{DossierAnswer, DossierAnswerKind, MissingBlob};
use wire::inventory::{InventoryAnswer, InventoryAnswerKind, InventoryItem, InventoryRequest};
use wire::session::{ChallengeAnswer, ChallengeRequest, SessionAnswer};
use wire::sync::{DeviceWord, Event, EventKind, SyncAnswer, SyncAnswerKind, SyncRequest};
use wire::time::{TimeAnswer, TimeRequest};
use wire::{Nonce, Problem, ProblemCode, Sha256};

const NONCE: Nonce = Nonce([9; 32]);
const DURABLE: Watermark = Watermark { epoch: 42, lsn: 7 };

fn dossier(last: u8) -> DossierId {
    DossierId(uuid::Uuid::from_bytes(id(last)))
}

/// As it goes over the wire, read back to the very same.
fn json<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    text
}

/// What is signed, and the whole as it goes over the wire; opened again with the province's key.
fn signed<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    line: &mut impl FnMut(&str, String),
    name: &str,
    key: &SigningKey,
    context: Context,
    value: &T,
) -> Signed {
    let signed = Signed::seal(key, context, value).unwrap();
    assert_eq!(&signed.open::<T>(&key.verify_key(), context).unwrap(), value);
    line(
        &format!("{name}, bytes"),
        String::from_utf8(signed.bytes.clone()).unwrap(),
    );
    line(
        &format!("{name}, on the wire"),
        serde_json::to_string(&signed).unwrap(),
    );
    signed
}

pub fn lines(
    line: &mut impl FnMut(&str, String),
    province: &SigningKey,
    manifest: &Manifest,
    sealed: [&SealedDossier; 2],
    [acknowledgement, certificate]: [&Signed; 2],
) {
    session(line);
    line("time request", json(&TimeRequest { nonce: NONCE }));
    let now = "2026-11-22T02:00:00Z".parse().unwrap();
    let time = TimeAnswer {
        nonce: NONCE,
        now,
        epoch: 42,
    };
    signed(line, "time answer", province, Context::Time, &time);
    let [first, _] = sealed;
    let hash = Sha256(first.sha256());
    let blob = &manifest.blobs[0];
    let wanted = DossierAnswer {
        answer: DossierAnswerKind::Dossier,
        dossier: manifest.dossier_id(),
        manifest_sha256: hash,
        missing: vec![MissingBlob {
            sha256: Sha256(blob.sha256),
            offset: 10,
            len: blob.len,
        }],
        acknowledgement: None,
        durable: DURABLE,
    };
    let whole = DossierAnswer {
        missing: Vec::new(),
        acknowledgement: Some(acknowledgement.clone()),
        ..wanted.clone()
    };
    let taken = signed(
        line,
        "dossier answer, a file is missing",
        province,
        Context::Events,
        &wanted,
    );
    signed(line, "dossier answer, whole", province, Context::Events, &whole);
    batches(line, sealed, taken);
    events(line, province, now, certificate);
    inventory(line, province, hash);
    published(line, province, now);
}

fn session(line: &mut impl FnMut(&str, String)) {
    let device_id = domain::ids::DeviceId(uuid::Uuid::from_bytes(id(2)));
    line("challenge request", json(&ChallengeRequest { device_id }));
    line("challenge answer", json(&ChallengeAnswer { nonce: NONCE }));
    let answer = SessionAnswer {
        token: Nonce([8; 32]),
        expires_in_s: 43_200,
    };
    line("session answer", json(&answer));
}

fn batches(line: &mut impl FnMut(&str, String), sealed: [&SealedDossier; 2], taken: Signed) {
    let envelopes = sealed.map(|s| s.to_bytes().unwrap());
    let body = batch::body(&envelopes);
    assert_eq!(
        batch::envelopes(&body).unwrap(),
        envelopes.each_ref().map(Vec::as_slice)
    );
    let answer = BatchAnswer {
        items: vec![
            BatchItem::Taken(taken),
            BatchItem::Refused(Problem::new(ProblemCode::WithdrawalTooLate)),
        ],
    };
    line(
        "batch request (the envelope, and the withdrawal of it)",
        HEXLOWER.encode(&body),
    );
    line("batch answer", json(&answer));
}

fn events(
    line: &mut impl FnMut(&str, String),
    province: &SigningKey,
    now: jiff::Timestamp,
    certificate: &Signed,
) {
    let request = SyncRequest {
        nonce: NONCE,
        cursor: 2,
        queue_depth: 3,
        oldest_age_s: Some(60),
        app_version: "0.1.0".into(),
        files_waiting: true,
        certificate_wanted: true,
    };
    line("sync request", json(&request));
    let wanted = Event {
        seq: 4,
        dossier: dossier(1),
        kind: EventKind::OfferAgain { at: DURABLE },
    };
    line("event of a dossier that is asked for again", json(&wanted));
    let whole = Event {
        seq: 5,
        kind: EventKind::Whole { at: DURABLE },
        ..wanted
    };
    line("event of a dossier that another brought", json(&whole));
    let event = Event {
        seq: 3,
        dossier: dossier(1),
        kind: EventKind::Case {
            status: CaseStatus::Accepted,
            official_code: Some(OfficialCode {
                code: "H21.129-250812-0035".into(),
                source: "Cổng Dịch vụ công quốc gia".into(),
            }),
            note: None,
        },
    };
    let answer = SyncAnswer {
        answer: SyncAnswerKind::Sync,
        nonce: NONCE,
        epoch: 42,
        durable: DURABLE,
        events: vec![event],
        next_cursor: 3,
        more: false,
        now,
        catalogue: Some(Sha256([3; 32])),
        device: Some(DeviceWord {
            frozen: false,
            epoch: 123,
            certificate_ends: Some("2026-12-12T02:00:00Z".parse().unwrap()),
        }),
        files_after_s: Some(0),
        certificate: None,
    };
    signed(line, "sync answer", province, Context::Events, &answer);
    let renewed = SyncAnswer {
        device: Some(DeviceWord {
            frozen: false,
            epoch: 123,
            certificate_ends: None,
        }),
        certificate: Some(certificate.clone()),
        ..answer.clone()
    };
    let name = "sync answer with a renewed certificate";
    signed(line, name, province, Context::Events, &renewed);
    let quiet = SyncAnswer {
        events: Vec::new(),
        next_cursor: 2,
        catalogue: None,
        device: None,
        files_after_s: None,
        ..answer
    };
    signed(
        line,
        "sync answer with all left out that may be absent",
        province,
        Context::Events,
        &quiet,
    );
}

fn inventory(line: &mut impl FnMut(&str, String), province: &SigningKey, hash: Sha256) {
    let request = InventoryRequest {
        nonce: NONCE,
        items: vec![InventoryItem {
            dossier: dossier(1),
            manifest_sha256: hash,
        }],
    };
    line("inventory request", json(&request));
    let answer = InventoryAnswer {
        answer: InventoryAnswerKind::Inventory,
        nonce: NONCE,
        epoch: 42,
        unknown: vec![dossier(1)],
    };
    signed(line, "inventory answer", province, Context::Events, &answer);
}

/// The compressed bundle differs from library to library; what it unpacks to does not.
fn published(line: &mut impl FnMut(&str, String), province: &SigningKey, now: jiff::Timestamp) {
    let mut parts = Parts::default();
    parts.put("procedures/1.001193.json", b"{}".to_vec());
    let expires = "2027-11-22T02:00:00Z".parse().unwrap();
    let bundle = Bundle::sign(parts, 5, (now, expires), province).unwrap();
    let unpacked = bundle.to_json().unwrap();
    let key = province.verify_key();
    let trust = Trust::Province(&key);
    let back = Bundle::from_json(&unpacked, trust).unwrap();
    assert_eq!(back.sha256(), bundle.sha256());
    assert!(Bundle::from_bytes(&bundle.to_bytes().unwrap(), trust).is_ok());
    line("catalogue, unpacked", String::from_utf8(unpacked).unwrap());
    line(
        "catalogue, sha256 of its manifest",
        HEXLOWER.encode(&bundle.sha256()),
    );
}

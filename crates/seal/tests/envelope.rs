//! A whole envelope: signed, sealed, read back by the province alone, refused when anything was changed.

use domain::answer::{AnswerSource, AnswerValue};
use domain::consent::{Consent, ConsentAct, FilingConfirmed};
use domain::ids::{DossierId, OperatorId};
use domain::roles::{Helper, OperatorRole, Person, Roles};
use domain::sealed_form::{FORM_VERSION, SealedAnswer, SealedForm};
use seal::SealError;
use seal::envelope::SealedDossier;
use seal::keys::{OpeningKey, Recipients, SigningKey};
use seal::manifest::{CapturedAt, Kind, MANIFEST_VERSION, Manifest};
use uuid::Uuid;

fn sealed_form() -> SealedForm {
    let helper = Helper {
        operator: OperatorId(Uuid::from_bytes([2; 16])),
        role: OperatorRole::Officer,
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    SealedForm {
        version: FORM_VERSION,
        dossier: DossierId(Uuid::from_bytes([1; 16])),
        procedure: "1.001193".into(),
        procedure_version: "1".into(),
        channel: None,
        procedure_sha256: "00".into(),
        catalogue_sha256: String::new(),
        roles: Roles {
            subject: Person {
                name: Some("Lò Thị Mây".into()),
                id_number: None,
            },
            filer: Person {
                name: Some("Lò Văn Núi".into()),
                id_number: Some("011090001234".into()),
            },
            relation: Some("father".into()),
            standing: None,
            helpers: vec![helper.clone()],
            receiver: helper,
        },
        consent: Consent {
            notice_version: "1".into(),
            notice: "…".into(),
            scope: "dossier".into(),
            act: ConsentAct::OwnScreen,
            given_at: now,
            signature: None,
            witness: None,
        },
        filing_confirmed: FilingConfirmed {
            act: ConsentAct::OwnScreen,
            at: now,
        },
        answers: vec![SealedAnswer {
            question: "child_name".into(),
            value: AnswerValue::Text("Lò Thị Mây".into()),
            source: AnswerSource::Typed,
            confirmed: true,
            upstream: Some("HoTenKS".into()),
        }],
        components: Vec::new(),
        ledger: Vec::new(),
        assistance: None,
        event: None,
    }
}

fn manifest(sealed_form: Vec<u8>, operator: &SigningKey) -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        dossier: [1; 16],
        device: [3; 16],
        device_epoch: 7,
        device_seq: 1,
        previous: [0; 32],
        receipt_number: "DH-00001-00001-74".into(),
        procedure_code: "1.001193".into(),
        procedure_version: "1".into(),
        procedure_sha256: [4; 32],
        captured_at: CapturedAt {
            wall_ms: 1,
            last_province_ms: 0,
            low_trust: false,
        },
        kind: Kind::New,
        sealed_form,
        blobs: vec![seal::blob::record_of(&[9; 3_000_000])],
        lookup_tag: [5; 32],
        operator: [2; 16],
        operator_key: *operator.verify_key().as_bytes(),
        parent: None,
        catalogue_sha256: None,
    }
}

#[test]
fn only_the_province_reads_it_and_any_change_is_seen() {
    let (intake, recovery, other) = (
        OpeningKey::generate(),
        OpeningKey::generate(),
        OpeningKey::generate(),
    );
    let to = Recipients {
        intake: intake.recipient(),
        recovery: recovery.recipient(),
    };
    let (device, operator) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
    let sealed = seal::form::seal(&sealed_form(), &to).unwrap();
    let manifest = manifest(sealed, &operator);
    assert_eq!(manifest.blobs[0].segments.len(), 3 * 32);
    let envelope = SealedDossier::sign(&manifest, &device, &operator).unwrap();
    let bytes = envelope.to_bytes().unwrap();
    let read = SealedDossier::from_bytes(&bytes).unwrap();
    assert_eq!(read.verify(&device.verify_key()).unwrap(), manifest);
    for key in [&intake, &recovery] {
        assert_eq!(
            seal::form::open(&manifest.sealed_form, key).unwrap(),
            sealed_form()
        );
    }
    assert!(matches!(
        seal::form::open(&manifest.sealed_form, &other),
        Err(SealError::Decrypt)
    ));
    for at in 0..read.manifest.len() {
        let mut changed = read.clone();
        changed.manifest[at] ^= 1;
        assert!(changed.verify(&device.verify_key()).is_err(), "byte {at}");
    }
    assert!(read.verify(&operator.verify_key()).is_err());
    assert!(
        !bytes.windows("Mây".len()).any(|w| w == "Mây".as_bytes()),
        "a name is readable in the envelope"
    );
}

#[test]
fn the_bytes_of_a_manifest_are_always_the_same() {
    let operator = SigningKey::from_seed(&[2; 32]);
    let one = manifest(vec![1, 2, 3], &operator);
    let bytes = one.to_bytes().unwrap();
    assert_eq!(Manifest::from_bytes(&bytes).unwrap().to_bytes().unwrap(), bytes);
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(
        Manifest::from_bytes(&longer).is_err(),
        "bytes behind the manifest were accepted"
    );
    let newer = Manifest {
        version: MANIFEST_VERSION + 1,
        ..one.clone()
    };
    assert!(matches!(
        Manifest::from_bytes(&newer.to_bytes().unwrap()),
        Err(SealError::TooNew(2))
    ));
    let large = Manifest {
        sealed_form: vec![0; 70_000],
        ..one
    };
    assert!(matches!(large.to_bytes(), Err(SealError::TooLarge { .. })));
}

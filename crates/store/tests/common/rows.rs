//! Rows of invented dossiers: a draft with one answer, and a seal as the outbox is given it.

use domain::answer::{Answer, AnswerSource, AnswerValue};
use domain::ids::{DossierId, ProcedureCode};
use store::outbox::Chain;
use store::tables::audit::Entry;
use store::tables::draft::{DraftBody, DraftRow};
use store::tables::item::NewItem;
use store::{Outbox, StoreError};
use uuid::Uuid;

pub fn id(n: u8) -> DossierId {
    DossierId(Uuid::from_bytes([n; 16]))
}

/// An open draft whose child has this name.
pub fn draft_row(n: u8, child_name: String) -> DraftRow {
    let mut body = DraftBody::default();
    body.answers.set(
        "child_name".into(),
        Answer::new(AnswerValue::Text(child_name), AnswerSource::Typed),
    );
    DraftRow {
        dossier: id(n),
        procedure_code: ProcedureCode::from("1.001193"),
        procedure_version: "1".into(),
        procedure_sha256: "00".into(),
        catalogue_sha256: String::new(),
        body,
        sealed: false,
        started_ms: 1,
        saved_ms: 1,
    }
}

/// The seal's one transaction for dossier `n`, with an envelope that holds a line's end.
pub fn seal_one(outbox: &mut Outbox, n: u8, chain: &Chain) -> Result<(), StoreError> {
    let new = NewItem {
        dossier: id(n),
        device_seq: chain.device_seq + 1,
        receipt_number: "DH-00001-00001-74",
        procedure_code: &ProcedureCode::from("1.001193"),
        envelope: &[n, b'\n', n],
        manifest_sha256: [n; 32],
        sealed_files: &[("ab".into(), 10)],
        sealed_ms: 5,
        takes_back: None,
    };
    let line = Entry {
        at_ms: 5,
        what: "sealed",
        dossier: Some(id(n)),
        who: None,
        note: None,
    };
    outbox.commit_sealed(chain, &new, &line)
}

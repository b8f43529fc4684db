//! The whole walk in the real windows: enrolment, interview, papers, the citizen's two acts, the seal, the receipt, the
//! province's acknowledgement, and its official code.

use crate::kiosk::{Kiosk, Side};
use crate::record::Record;
use crate::story::{self, Counter};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What came of it.
pub struct Outcome {
    pub dossier: String,
    pub number: String,
    pub receipt_pdf: PathBuf,
    pub qr_texts: Vec<String>,
    /// The papers as kept at the counter: component, hash and size.
    pub files: Vec<Value>,
    /// Each word that was seen for the dossier, with its time.
    pub states: Vec<Value>,
    pub acknowledged: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn first_dossier() {
    let _alone = crate::alone().await;
    let counter = Counter::open().await;
    let outcome = walk(&counter, &mut Record::none()).await;
    assert!(
        outcome.acknowledged,
        "the province's signed acknowledgement arrived"
    );
    assert_eq!(outcome.files.len(), 2, "both papers went: {:?}", outcome.files);
    assert!(
        outcome.receipt_pdf.metadata().is_ok_and(|pdf| pdf.len() > 5_000),
        "the receipt was saved"
    );
    counter.close().await;
}

pub async fn walk(counter: &Counter, record: &mut Record) -> Outcome {
    let kiosk = &counter.kiosk;
    story::enrol(counter, record).await;
    story::sign_in(kiosk, record).await;
    story::start_dossier(kiosk, record).await;
    story::fill(kiosk, record, None).await;
    story::add_papers(kiosk, record).await;
    story::check(kiosk, record).await;
    let files = files(&story::open_dossier(kiosk).await);
    // That was a look from outside; the next one is the operator's, and the check stands where it stood.
    story::file_and_seal(kiosk, record).await;

    let number = kiosk
        .read(Side::Operator, "receipt-number", |text| text.starts_with("DH-"))
        .await;
    let shown = kiosk
        .read(Side::Citizen, "receipt-number", |text| text.starts_with("DH-"))
        .await;
    assert_eq!(shown, number, "both screens show one number");
    let mut states = vec![json!({ "state": "đã lưu ở máy quầy", "at": jiff::Timestamp::now().to_string() })];
    let first = kiosk
        .read(Side::Operator, "receipt-word", |text| !text.is_empty())
        .await;
    assert!(
        first.contains("đã lưu ở máy quầy") || first.contains("tỉnh đã nhận"),
        "an honest word: {first}"
    );
    let (receipt_pdf, qr_texts) = print(kiosk, record).await;
    finish(kiosk, record).await;

    kiosk.press(Side::Operator, "outbox").await;
    let word = format!("word-{number}");
    reach(kiosk, &word, "tỉnh đã nhận bản điện tử", &mut states).await;
    record.step(kiosk, "acknowledged").await;
    let item = story::item(kiosk).await;
    let dossier = item["dossier"].as_str().expect("its id").to_owned();
    acknowledged_whole(counter, &dossier, files.len());

    let code = "H21.129-261122-0035";
    counter.province.admin(&[
        "code",
        "set",
        &dossier,
        "--code",
        code,
        "--source",
        "Sổ tiếp nhận của tỉnh (diễn tập)",
    ]);
    kiosk.press(Side::Operator, "send-now").await;
    reach(kiosk, &word, code, &mut states).await;
    record.step(kiosk, "official-code").await;
    Outcome {
        acknowledged: item["acknowledged"] == json!(true),
        dossier,
        number,
        receipt_pdf,
        qr_texts,
        files,
        states,
    }
}

fn files(dossier: &Value) -> Vec<Value> {
    let all = dossier["files"].as_array().expect("files");
    all.iter()
        .map(|file| json!({ "name": file["component"], "sha256": file["sha256"], "bytes": file["bytes"] }))
        .collect()
}

/// Prints; where there is no printer the paper is saved, and the screen says where.
async fn print(kiosk: &Kiosk, record: &mut Record) -> (PathBuf, Vec<String>) {
    kiosk.press(Side::Operator, "print").await;
    kiosk.see(Side::Operator, "saved-pdf").await;
    record.step(kiosk, "receipt").await;
    let item = story::item(kiosk).await;
    let receipt = kiosk
        .call(
            Side::Operator,
            "show_receipt",
            json!({ "dossier": item["dossier"] }),
        )
        .await
        .expect("the receipt");
    let qr_texts: Vec<String> = serde_json::from_value(receipt["qr_texts"].clone()).expect("texts");
    assert!(
        qr_texts
            .first()
            .is_some_and(|text| text.to_uppercase().contains("/T/DH-")),
        "the code leads to the look-up: {qr_texts:?}"
    );
    (
        PathBuf::from(receipt["saved_pdf"].as_str().expect("where it was saved")),
        qr_texts,
    )
}

async fn finish(kiosk: &Kiosk, record: &mut Record) {
    // "Đã in ra chưa?" is asked where a printer was given the paper; without one the officer leaves all the same.
    if kiosk.sees(Side::Operator, "printed-yes").await {
        kiosk.press(Side::Operator, "printed-yes").await;
    }
    kiosk.press(Side::Operator, "finish").await;
    if kiosk.sees(Side::Operator, "finish-anyway").await {
        kiosk.press(Side::Operator, "finish-anyway").await;
    }
    kiosk.see(Side::Operator, "screen-home").await;
    kiosk.see(Side::Citizen, "citizen-welcome").await;
    record.step(kiosk, "finished").await;
}

async fn reach(kiosk: &Kiosk, word: &str, want: &str, states: &mut Vec<Value>) {
    let said = kiosk.read(Side::Operator, word, |text| text.contains(want)).await;
    states.push(json!({ "state": said, "at": jiff::Timestamp::now().to_string() }));
}

/// The province holds every file of the dossier, by its hash.
fn acknowledged_whole(counter: &Counter, dossier: &str, papers: usize) {
    let held = counter.province.admin(&["dossiers", "show", dossier]);
    let files = held["files"].as_array().expect("files");
    assert!(files.len() >= papers, "every paper is at the province: {held}");
    assert!(
        files.iter().all(|file| file["held"] == json!(true)),
        "and none is missing: {held}"
    );
}

//! The citizen does not agree: nothing is sealed, nothing is kept, the paper path is shown. And somebody who agreed and then
//! thinks better of it has everything destroyed that was typed.

use crate::kiosk::Side;
use crate::people::{self, numbers, ok};
use crate::story;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn consent_refused() {
    let _alone = crate::alone().await;
    let counter = people::counter().await;
    let kiosk = &counter.kiosk;

    people::choose(kiosk).await;
    let dossier = people::open(kiosk).await;
    let early = json!({ "dossier": dossier, "question": "requester_name", "raw": { "kind": "text", "value": "Thào A Chu" } });
    assert_eq!(
        people::refused(kiosk, Side::Operator, "give_answer", early).await,
        "consent_missing",
        "no key before consent"
    );
    kiosk.press(Side::Citizen, "disagree").await;
    kiosk.see(Side::Citizen, "citizen-refused").await;
    kiosk.see(Side::Operator, "screen-refused").await;
    // The way on paper: what to bring stands before the officer.
    let path = ok(kiosk, Side::Operator, "paper_path", json!({})).await;
    let paper = path["papers"][0]["name"]["vi"]
        .as_str()
        .expect("a paper is asked for");
    kiosk
        .read(Side::Operator, "screen-refused", |text| text.contains(paper))
        .await;
    kiosk.press(Side::Operator, "finish").await;
    kiosk.see(Side::Operator, "screen-home").await;
    assert_eq!(numbers(kiosk).await, (0, 0), "no draft, nothing sealed");

    people::start(kiosk).await;
    let dossier = people::open(kiosk).await;
    kiosk
        .write(Side::Operator, "q-requester_name", "Thào A Chu")
        .await;
    kiosk
        .read(Side::Citizen, "answer-requester_name", |text| {
            text == "Thào A Chu"
        })
        .await;
    kiosk.press(Side::Citizen, "stop").await;
    kiosk.press(Side::Citizen, "stop-no").await;
    story::on_page(kiosk, people::PAGES[0]).await;
    kiosk.press(Side::Citizen, "stop").await;
    kiosk.press(Side::Citizen, "stop-yes").await;
    kiosk.see(Side::Citizen, "citizen-refused").await;
    kiosk.see(Side::Operator, "screen-refused").await;
    assert_eq!(numbers(kiosk).await, (0, 0), "what was typed is destroyed");
    let gone = json!({ "dossier": dossier });
    assert_eq!(
        people::refused(kiosk, Side::Operator, "open_dossier", gone).await,
        "dossier_unknown"
    );
    // The control: the same counter still seals for somebody who agrees.
    kiosk.press(Side::Operator, "finish").await;
    people::start(kiosk).await;
    people::fill_quickly(kiosk).await;
    people::file(kiosk).await;
    kiosk.press(Side::Operator, "seal").await;
    kiosk.see(Side::Operator, "screen-receipt").await;
    assert_eq!(numbers(kiosk).await, (0, 1), "one that was agreed to is sealed");
    ok(kiosk, Side::Operator, "finish_visit", json!({})).await;
    counter.close().await;
}

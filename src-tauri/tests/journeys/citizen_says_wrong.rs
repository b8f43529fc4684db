//! The citizen as second reader: "Sai" takes the officer to that very field, from the page and from the check; and the
//! citizen's own hand, on their own screen.

use crate::kiosk::{Kiosk, Side};
use crate::record::Record;
use crate::story::{self, Counter};
use serde_json::json;

const FOCUSED: &str = "return document.activeElement?.dataset.testid === 'q-requester_name'";

#[tokio::test(flavor = "multi_thread")]
async fn citizen_says_wrong() {
    let _alone = crate::alone().await;
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    story::sign_in(kiosk, &mut record).await;
    story::start_dossier(kiosk, &mut record).await;
    story::on_page(kiosk, "requester").await;

    typed(kiosk, "Trần Thị Bông Súng").await;
    wrong_on_the_page(kiosk).await;
    wrong_from_the_check(kiosk).await;
    their_own_hand(kiosk).await;
    nothing_else_is_theirs(kiosk).await;
    counter.close().await;
}

/// The officer writes the name, and it is saved.
async fn typed(kiosk: &Kiosk, name: &str) {
    kiosk.write(Side::Operator, "q-requester_name", name).await;
    kiosk
        .script(
            Side::Operator,
            "leave the field",
            "document.activeElement.blur(); return true",
        )
        .await;
    kiosk.see(Side::Citizen, "right-requester_name").await;
    kiosk
        .read(Side::Citizen, "answer-requester_name", |text| text == name)
        .await;
}

/// "Sai": marked on both sides, the focus in the field; a new text takes the mark away, and "Đúng" settles it.
async fn wrong_on_the_page(kiosk: &Kiosk) {
    kiosk.press(Side::Citizen, "wrong-requester_name").await;
    kiosk.see(Side::Operator, "wrong-mark-requester_name").await;
    kiosk
        .script(Side::Operator, "the officer stands in that field", FOCUSED)
        .await;
    typed(kiosk, "Trần Thị Bông Sứ").await;
    assert!(
        !kiosk.sees(Side::Operator, "wrong-mark-requester_name").await,
        "a new text is not the wrong one"
    );
    kiosk.press(Side::Citizen, "right-requester_name").await;
    kiosk
        .script(
            Side::Citizen,
            "settled",
            "return document.querySelector('[data-testid=right-requester_name]') === null",
        )
        .await;
}

/// From the check: the officer is taken to the page, and their way on leads back to the check.
async fn wrong_from_the_check(kiosk: &Kiosk) {
    kiosk.press(Side::Operator, "step-check").await;
    kiosk.see(Side::Citizen, "citizen-filing").await;
    kiosk.press(Side::Citizen, "wrong-requester_name").await;
    story::on_page(kiosk, "requester").await;
    kiosk
        .script(Side::Operator, "the officer stands in that field", FOCUSED)
        .await;
    typed(kiosk, "Trần Thị Bông Súng").await;
}

/// What the citizen writes stands in the officer's field, marked as theirs, and needs no second word.
async fn their_own_hand(kiosk: &Kiosk) {
    kiosk.press(Side::Citizen, "write-requester_name").await;
    kiosk.see(Side::Citizen, "citizen-writing").await;
    kiosk.write(Side::Citizen, "writing", "Trần Thị Bông Lau").await;
    kiosk.press(Side::Citizen, "writing-done").await;
    kiosk
        .holds(Side::Operator, "q-requester_name", "Trần Thị Bông Lau")
        .await;
    kiosk
        .read(Side::Citizen, "answer-requester_name", |text| {
            text == "Trần Thị Bông Lau"
        })
        .await;
    let view = story::open_dossier(kiosk).await;
    let pages = view["interview"]["pages"].as_array().expect("pages");
    let asked = pages
        .iter()
        .flat_map(|page| page["questions"].as_array().expect("questions"));
    let answer = asked
        .clone()
        .find(|q| q["id"] == "requester_name")
        .expect("the name");
    assert_eq!(answer["source"], "citizen", "the ledger's word for whose it is");
    assert_eq!(answer["confirmed"], json!(true), "they wrote it themselves");
}

/// Only what stands on their page, and only what they were offered to write.
async fn nothing_else_is_theirs(kiosk: &Kiosk) {
    for (question, why) in [
        ("child_name", "another page"),
        ("no_such_question", "no question"),
    ] {
        let said = kiosk
            .call(
                Side::Citizen,
                "write_answer",
                json!({ "question": question, "text": "x" }),
            )
            .await;
        assert_eq!(said.expect_err(why)["code"], "question_unknown", "{why}");
    }
}

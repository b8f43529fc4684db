//! The citizen as second reader: "Sai" takes the officer to that very field, from the page and from the check; and the
//! citizen's own hand, on their own screen.

use crate::kiosk::{Kiosk, Side};
use crate::record::Record;
use crate::story::{self, Counter};
use serde_json::json;

const FOCUSED: &str = "return document.activeElement?.dataset.testid === 'q-requester_name'";

/// A finger that comes down on the answer; `then` is what it does there.
macro_rules! finger {
    ($then:literal) => {
        concat!(
            "const answer = document.querySelector('[data-testid=touch-requester_name]');
             const box = answer.getBoundingClientRect();
             const at = (dy) => ({ bubbles: true, cancelable: true, pointerType: 'touch', isPrimary: true, pointerId: 7, button: 0,
                 clientX: box.x + 60, clientY: box.y + 30 + dy });
             const send = (kind, dy) => answer.dispatchEvent(new PointerEvent(kind, at(dy)));
             send('pointerdown', 0);",
            $then,
            "return true"
        )
    };
}
/// It lies there for two seconds.
const RESTS: &str =
    finger!("const ends = performance.now() + 1800; while (performance.now() < ends); send('pointerup', 0);");
/// It moves the page up.
const PUSHES: &str = finger!("send('pointermove', -40); send('pointermove', -80); send('pointerup', -80);");

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
    a_touch_says_wrong(kiosk).await;
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

/// A touch of the answer itself is "Sai"; a second one takes it back; a hand that rests or pushes the page says nothing.
async fn a_touch_says_wrong(kiosk: &Kiosk) {
    kiosk.see(Side::Citizen, "touch-hint").await;
    for (what, gesture) in [("rests", RESTS), ("pushes the page", PUSHES)] {
        kiosk.script(Side::Citizen, what, gesture).await;
        kiosk.settled().await;
        assert!(
            !kiosk.sees(Side::Operator, "wrong-mark-requester_name").await,
            "a hand that {what} said Sai"
        );
    }
    kiosk.press(Side::Citizen, "touch-requester_name").await;
    kiosk.see(Side::Operator, "wrong-mark-requester_name").await;
    kiosk
        .script(Side::Operator, "the officer stands in that field", FOCUSED)
        .await;
    kiosk.settled().await;
    kiosk.press(Side::Citizen, "touch-requester_name").await;
    let taken_back = "return document.querySelector('[data-testid=wrong-mark-requester_name]') === null";
    kiosk.script(Side::Operator, "it is taken back", taken_back).await;
    kiosk
        .read(Side::Citizen, "answer-requester_name", |text| {
            text == "Trần Thị Bông Súng"
        })
        .await;
}

/// From the check: the officer is taken to the page, and their way on leads back to the check.
async fn wrong_from_the_check(kiosk: &Kiosk) {
    kiosk.press(Side::Operator, "step-check").await;
    kiosk.see(Side::Citizen, "citizen-filing").await;
    kiosk.settled().await;
    kiosk.press(Side::Citizen, "touch-requester_name").await;
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

//! One monitor: the screen is turned to the citizen by one button, shows nothing else, and comes back with the PIN.

use crate::display::Display;
use crate::kiosk::Side;
use crate::record::Record;
use crate::story::{self, Around, Counter};
use serde_json::json;

/// Nothing of the officer's is in the page, not even hidden.
const NOTHING_ELSE: &str = "return !document.querySelector('[data-testid^=screen-], [data-testid=outbox], [data-testid=search], [data-testid=steps], input')";

#[tokio::test(flavor = "multi_thread")]
async fn one_screen() {
    let _alone = crate::alone().await;
    let counter = Counter::open_on(Display::start(), Around::counter()).await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    story::sign_in(kiosk, &mut record).await;
    assert_eq!(kiosk.windows().await, 1, "one monitor, one window");

    kiosk
        .press(Side::Operator, &format!("procedure-{}", story::PROCEDURE))
        .await;
    kiosk.see(Side::Operator, "screen-consent").await;
    kiosk.press(Side::Operator, "turn").await;
    kiosk.see(Side::Operator, "citizen-consent").await;
    kiosk.script(Side::Operator, "nothing else", NOTHING_ELSE).await;
    for (command, params) in [
        ("home", json!({})),
        ("outbox", json!({})),
        ("look_up", json!({ "text": "1" })),
    ] {
        let said = kiosk.call(Side::Operator, command, params).await;
        assert_eq!(
            said.expect_err(command)["code"],
            "not_for_this_window",
            "{command} rests while it is turned"
        );
    }
    // No key leads back either.
    for key in ["\u{e032}", "\u{e034}", "\u{e00c}"] {
        kiosk.keys(Side::Operator, key).await;
    }
    kiosk.press(Side::Operator, "agree").await;
    kiosk.see(Side::Operator, "citizen-page").await;
    kiosk.script(Side::Operator, "nothing else", NOTHING_ELSE).await;

    back(kiosk, "111213").await;
    kiosk
        .script(
            Side::Operator,
            "a wrong PIN",
            "return document.querySelector('[data-testid=problem][data-code=wrong_pin]') !== null",
        )
        .await;
    kiosk.press(Side::Operator, "cancel").await;
    kiosk.see(Side::Operator, "citizen-page").await;
    back(kiosk, story::PIN).await;
    kiosk.see(Side::Operator, "screen-page").await;
    kiosk
        .write(Side::Operator, "q-requester_name", "Trần Thị Bông Súng")
        .await;
    // Turned again in the middle of a word: it was saved first.
    kiosk.press(Side::Operator, "turn").await;
    kiosk
        .read(Side::Operator, "answer-requester_name", |text| {
            text == "Trần Thị Bông Súng"
        })
        .await;
    counter.close().await;
}

async fn back(kiosk: &crate::kiosk::Kiosk, pin: &str) {
    kiosk.press(Side::Operator, "staff-back").await;
    for digit in pin.chars() {
        kiosk.press(Side::Operator, &format!("pin-digit-{digit}")).await;
    }
}

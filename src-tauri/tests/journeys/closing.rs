//! No way out of the full screen without an officer: the windows stay when they are asked to close, a wrong PIN and a
//! volunteer's close nothing, an officer's does; and what was open is there again at the next start.

use crate::display::Display;
use crate::kiosk::{Kiosk, Side};
use crate::people::{self, OTHER_PIN, VOLUNTEER};
use crate::record::Record;
use crate::story::{self, Around, Counter};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn closing() {
    let _alone = crate::alone().await;
    // As at a counter: each window fills a screen of its own.
    let counter = Counter::open_on(Display::start(), Around::counter()).await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    story::sign_in(kiosk, &mut record).await;
    people::add(kiosk, VOLUNTEER, "volunteer").await;

    // No page closes its own window.
    let asked = kiosk
        .invoke(
            Side::Operator,
            "plugin:window|close",
            json!({ "label": "operator" }),
        )
        .await;
    assert!(asked.is_err(), "a page closed its window: {asked:?}");
    kiosk.see(Side::Operator, "screen-settings").await;
    let before = kiosk.windows().await;
    kiosk
        .ask(Side::Operator, "window.close(); return true", vec![])
        .await;
    // A web view that goes does so a moment later.
    kiosk.settled().await;
    kiosk.see(Side::Operator, "screen-settings").await;
    assert_eq!(kiosk.windows().await, before, "a page closed its own window");

    kiosk.press(Side::Operator, "quit").await;
    let volunteers = format!("staff-{VOLUNTEER}");
    kiosk.see(Side::Operator, "pin-digit-1").await;
    assert!(
        !kiosk.sees(Side::Operator, &volunteers).await,
        "a volunteer lets nobody out"
    );
    pin(kiosk, "111213").await;
    let refused =
        "return document.querySelector('dialog [data-testid=problem][data-code=wrong_pin]') !== null";
    kiosk.script(Side::Operator, "a wrong PIN", refused).await;
    assert!(kiosk.runs(), "a wrong PIN closed the program");
    let status = people::ok(kiosk, Side::Operator, "kiosk_status", json!({})).await;
    let volunteer = status["operators"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["name"] == json!(VOLUNTEER)))
        .expect("the volunteer");
    let theirs = json!({ "operator": volunteer["id"], "pin": OTHER_PIN });
    let code = people::refused(kiosk, Side::Operator, "quit_program", theirs).await;
    assert_eq!(code, "not_for_this_role");
    assert!(kiosk.runs(), "a volunteer's PIN closed the program");
    // And there is a way back.
    kiosk.press(Side::Operator, "cancel").await;
    kiosk.press(Side::Operator, "home").await;
    kiosk.see(Side::Operator, "screen-home").await;

    kiosk.press(Side::Operator, "settings").await;
    kiosk.press(Side::Operator, "quit").await;
    pin_to_the_end(kiosk, story::PIN).await;
    kiosk.ended().await;

    let counter = counter.pull_the_plug().await;
    story::unlock(&counter.kiosk, story::OFFICER, story::PIN).await;
    counter.kiosk.see(Side::Operator, "screen-home").await;
    counter.close().await;
}

async fn pin(kiosk: &Kiosk, digits: &str) {
    for digit in digits.chars() {
        kiosk.press(Side::Operator, &format!("pin-digit-{digit}")).await;
    }
}

/// The last digit takes the window away: nobody waits for an answer of it.
async fn pin_to_the_end(kiosk: &Kiosk, digits: &str) {
    let (last, before) = digits.char_indices().next_back().map_or(("", ""), |(at, _)| {
        let (before, last) = digits.split_at(at);
        (last, before)
    });
    pin(kiosk, before).await;
    kiosk.see(Side::Operator, "pin-digit-1").await;
    kiosk
        .press_and_part(Side::Operator, &format!("pin-digit-{last}"))
        .await;
}

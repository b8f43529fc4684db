//! No way out of the full screen without an officer: the windows stay when they are asked to close, a wrong PIN and a
//! volunteer's close nothing, an officer's does; and what was open is there again at the next start. A
//! carried machine asks about second copies first.

use crate::display::Display;
use crate::kiosk::{Kiosk, Side};
use crate::people::{self, OTHER_PIN, VOLUNTEER};
use crate::record::Record;
use crate::stage;
use crate::story::{self, Around, Counter};
use fantoccini::key::Key;
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

/// A carried machine asks first about what lies on it alone: by keys, Escape is back and Enter is the copy, never the way
/// out; and the officer's PIN copies, reads back and ends the program.
#[tokio::test(flavor = "multi_thread")]
async fn leaving_a_carried_machine() {
    let _alone = crate::alone().await;
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol_as(
        kiosk,
        &counter.province,
        "Phường Ninh Kiều, máy xách tay",
        true,
        &mut record,
    )
    .await;
    story::sign_in(kiosk, &mut record).await;
    counter.province.goes_away();
    people::start(kiosk).await;
    people::fill_quickly(kiosk).await;
    people::file(kiosk).await;
    kiosk.press(Side::Operator, "seal").await;
    people::finish(kiosk).await;

    kiosk.press(Side::Operator, "settings").await;
    kiosk.press(Side::Operator, "quit").await;
    let alone = |text: &str| text.contains("Có 1 hồ sơ chỉ có một bản");
    kiosk.read(Side::Operator, "quit-alone", alone).await;
    assert!(
        !kiosk.sees(Side::Operator, "pin-digit-1").await,
        "a PIN leads past the question"
    );
    let to_copy = "return document.activeElement?.dataset.testid === 'quit-copy'";
    kiosk
        .script(Side::Operator, "the copy has the focus", to_copy)
        .await;
    kiosk
        .keys(Side::Operator, &char::from(Key::Escape).to_string())
        .await;
    let gone = "return document.querySelector('dialog[open]') === null";
    kiosk
        .script(Side::Operator, "Escape closed the dialog", gone)
        .await;
    kiosk.press(Side::Operator, "quit").await;
    kiosk
        .script(Side::Operator, "the copy has the focus again", to_copy)
        .await;
    kiosk
        .keys(Side::Operator, &char::from(Key::Enter).to_string())
        .await;

    let stick = stage::stick();
    kiosk.press(Side::Operator, "quit-stick-other").await;
    kiosk
        .write(Side::Operator, "quit-folder", &stick.path().to_string_lossy())
        .await;
    pin_to_the_end(kiosk, story::PIN).await;
    kiosk.ended().await;
    let there = std::fs::read_dir(stick.path().join("DONGHANH")).expect("the stick");
    let copied = there.filter_map(Result::ok).filter(|one| one.path().is_dir());
    assert_eq!(copied.count(), 1, "it ended without a second copy");
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

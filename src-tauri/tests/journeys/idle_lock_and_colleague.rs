//! Nobody touches the machine: it locks over the same page. A colleague unlocks and goes on, with a reason that every later
//! reader sees; nothing that was typed is lost.

use crate::kiosk::{Kiosk, Side};
use crate::people::{self, COLLEAGUE, OTHER_PIN, ok};
use crate::story;
use serde_json::json;
use std::time::{Duration, Instant};

/// The citizen writes a part of their number, and is called away.
async fn half_written(kiosk: &Kiosk) {
    kiosk.press(Side::Citizen, "write-requester_id").await;
    kiosk.see(Side::Citizen, "citizen-writing").await;
    kiosk.write(Side::Citizen, "writing", "01107").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_lock_and_colleague() {
    let _alone = crate::alone().await;
    let counter = people::counter().await;
    let kiosk = &counter.kiosk;
    people::add(kiosk, COLLEAGUE, "officer").await;
    kiosk.press(Side::Operator, "home").await;
    people::start(kiosk).await;
    kiosk
        .write(Side::Operator, "q-requester_name", "Thào A Chu")
        .await;
    // The shortest that a head may set; the last key is saved by the lock itself.
    ok(kiosk, Side::Operator, "set_idle_lock", json!({ "seconds": 15 })).await;
    // A citizen who reads and touches their own screen keeps the officer's open, for longer than the lock waits.
    let until = Instant::now() + Duration::from_secs(22);
    while Instant::now() < until {
        let touch = "dispatchEvent(new Event('pointermove')); return true";
        kiosk.ask(Side::Citizen, touch, vec![]).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    assert!(
        !kiosk.sees(Side::Operator, "screen-signin").await,
        "it locked over a citizen who was there"
    );
    half_written(kiosk).await;
    // Now nobody is.
    kiosk.see(Side::Operator, "idle-warning").await;
    kiosk.see(Side::Operator, "screen-signin").await;
    kiosk.see(Side::Citizen, "citizen-locked").await;
    assert!(
        !kiosk.sees(Side::Citizen, "citizen-page").await,
        "nothing of anybody stays on a locked screen"
    );

    assert!(
        !kiosk.sees(Side::Citizen, "citizen-writing").await,
        "what they were writing stays on a locked screen"
    );

    people::unlock(kiosk, COLLEAGUE, OTHER_PIN).await;
    kiosk.see(Side::Operator, "screen-take-over").await;
    kiosk.see(Side::Citizen, "citizen-locked").await;
    kiosk.press(Side::Operator, "take-over-shift_change").await;
    story::on_page(kiosk, people::PAGES[0]).await;
    kiosk
        .holds(Side::Operator, "q-requester_name", "Thào A Chu")
        .await;
    // The citizen goes on where they were in the middle of a number.
    kiosk.holds(Side::Citizen, "writing", "01107").await;
    kiosk.write(Side::Citizen, "writing", "011075000333").await;
    kiosk.press(Side::Citizen, "writing-done").await;
    kiosk
        .holds(Side::Operator, "q-requester_id", "011075000333")
        .await;
    let openings = kiosk
        .read(Side::Operator, "openings", |text| text.contains("đổi ca"))
        .await;
    assert!(
        openings.contains(COLLEAGUE) && openings.contains(story::OFFICER),
        "both readers are named: {openings}"
    );

    // Handed back with a word; the head finds it among the drafts, with the word.
    kiosk.press(Side::Operator, "hand-over").await;
    kiosk
        .write(
            Side::Operator,
            "hand-over-note",
            "Chờ giấy tờ cũ, bác quay lại chiều nay",
        )
        .await;
    kiosk.press(Side::Operator, "hand-over-yes").await;
    kiosk.see(Side::Operator, "screen-home").await;
    kiosk.see(Side::Citizen, "citizen-welcome").await;
    kiosk
        .script(
            Side::Operator,
            "the word is beside the draft",
            "return document.body.innerText.includes('Chờ giấy tờ cũ')",
        )
        .await;
    counter.close().await;
}

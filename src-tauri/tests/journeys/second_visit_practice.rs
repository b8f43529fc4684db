//! Somebody with a telephone takes a practice slip home. When they come back, the step that was agreed on is handed to them,
//! they say what came of it, and the next slip goes one step on. They sign with a finger the first time.

use crate::kiosk::{Kiosk, Side};
use crate::people::{self, ok};
use serde_json::{Value, json};

/// A finger draws three lines; the events are the pad's own.
const DRAW: &str = "
    const pad = document.querySelector('[data-testid=\"signature\"]');
    if (!pad) return false;
    const box = pad.getBoundingClientRect();
    const fire = (type, x, y) => pad.dispatchEvent(new PointerEvent(type, { bubbles: true, isPrimary: true, pointerId: 1, pointerType: 'touch', clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
    for (let line = 0; line < 3; line += 1) {
        fire('pointerdown', 0.1 + line * 0.25, 0.7);
        for (let i = 1; i <= 12; i += 1) fire('pointermove', 0.1 + line * 0.25 + i * 0.015, 0.7 - 0.4 * Math.sin(i / 3));
        fire('pointerup', 0.3 + line * 0.25, 0.7);
    }
    return true;";

#[tokio::test(flavor = "multi_thread")]
async fn second_visit_practice() {
    let _alone = crate::alone().await;
    let counter = people::counter().await;
    let kiosk = &counter.kiosk;

    people::choose(kiosk).await;
    kiosk.press(Side::Citizen, "sign").await;
    kiosk.script(Side::Citizen, "a finger signs", DRAW).await;
    kiosk.press(Side::Citizen, "sign-done").await;
    kiosk.see(Side::Operator, "consent-given").await;
    kiosk.press(Side::Operator, "step-consent").await;
    kiosk
        .read(Side::Operator, "consent-act", |text| text.contains("ký"))
        .await;
    people::fill_quickly(kiosk).await;
    let first = seal(kiosk).await;
    let first_step = first["practice_next"]["vi"].as_str().expect("a slip").to_owned();
    people::finish(kiosk).await;

    people::start(kiosk).await;
    assert!(
        !kiosk.sees(Side::Citizen, "handed").await,
        "nobody is known before their number is"
    );
    kiosk
        .write(Side::Operator, "q-requester_id", "011075000333")
        .await;
    kiosk
        .read(Side::Citizen, "handed", |text| text.contains(&first_step))
        .await;
    kiosk.press(Side::Citizen, "handed-alone").await;
    kiosk
        .script(
            Side::Citizen,
            "the step is done",
            "return !document.querySelector('[data-testid=\"handed\"]')",
        )
        .await;
    people::fill_quickly(kiosk).await;
    let second = seal(kiosk).await;
    let second_step = second["practice_next"]["vi"].as_str().expect("a slip").to_owned();
    assert_ne!(first_step, second_step, "the slip goes one step on");
    people::finish(kiosk).await;
    counter.close().await;
}

async fn seal(kiosk: &Kiosk) -> Value {
    kiosk.press(Side::Operator, "next").await;
    kiosk.see(Side::Operator, "screen-filing").await;
    let dossier = people::open(kiosk).await;
    kiosk.press(Side::Operator, "phone-yes").await;
    kiosk.press(Side::Citizen, "file-it").await;
    kiosk.see(Side::Operator, "filing-confirmed").await;
    kiosk.press(Side::Operator, "seal").await;
    kiosk.see(Side::Operator, "screen-receipt").await;
    ok(
        kiosk,
        Side::Operator,
        "show_receipt",
        json!({ "dossier": dossier }),
    )
    .await
}

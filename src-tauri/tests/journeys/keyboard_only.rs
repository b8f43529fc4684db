//! A dossier from sign-in to receipt with the keyboard alone, on both sides; and with a finger alone.

use crate::hands::{Hands, reach, tap};
use crate::kiosk::Side;
use crate::record::Record;
use crate::short;
use crate::story::{self, Counter};

#[tokio::test(flavor = "multi_thread")]
async fn keyboard_only() {
    let _alone = crate::alone().await;
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    story::enrol(&counter, &mut Record::none()).await;
    let name = format!("operator-{}", story::OFFICER);
    reach(kiosk, Side::Operator, &name).await;
    kiosk.keys(Side::Operator, "\u{e007}").await;
    kiosk.keys(Side::Operator, story::PIN).await;
    short::walk(kiosk, Hands::Keys).await;

    // The shortcuts of the trained hand.
    for (key, screen) in [
        ("\u{e033}", "screen-lookup"),
        ("\u{e034}", "screen-outbox"),
        ("\u{e032}", "screen-home"),
    ] {
        kiosk.keys(Side::Operator, key).await;
        kiosk.see(Side::Operator, screen).await;
    }
    kiosk.keys(Side::Operator, "\u{e031}").await;
    kiosk.see(Side::Operator, "help-close").await;
    kiosk.keys(Side::Operator, "\u{e00c}").await;
    kiosk
        .script(
            Side::Operator,
            "the help is gone",
            "return !document.querySelector('dialog[open]')",
        )
        .await;
    kiosk.keys(Side::Operator, "\u{e039}").await;
    kiosk.see(Side::Operator, "screen-signin").await;
    counter.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn touch_only() {
    let _alone = crate::alone().await;
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    story::enrol(&counter, &mut Record::none()).await;
    tap(kiosk, Side::Operator, &format!("operator-{}", story::OFFICER)).await;
    for digit in story::PIN.chars() {
        tap(kiosk, Side::Operator, &format!("pin-digit-{digit}")).await;
    }
    // The counter has no keyboard but the one on its screen.
    tap(kiosk, Side::Operator, "settings").await;
    tap(kiosk, Side::Operator, "screen-keyboard").await;
    tap(kiosk, Side::Operator, "back").await;
    let no_key = "window.keys = 0; addEventListener('keydown', () => window.keys++, true); return true";
    for side in [Side::Operator, Side::Citizen] {
        kiosk.script(side, "count the keys", no_key).await;
    }
    short::walk(kiosk, Hands::Finger).await;
    for side in [Side::Operator, Side::Citizen] {
        let none = kiosk.script(side, "no key", "return window.keys === 0").await;
        assert_eq!(
            none,
            serde_json::json!(true),
            "{}: a key was pressed",
            side.name()
        );
    }
    counter.close().await;
}

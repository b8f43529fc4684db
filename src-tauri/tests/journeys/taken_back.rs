//! A dossier that the province has is taken back: the officer asks, the person answers on their own screen, first no and
//! then yes; and a witness presses for somebody who cannot.

use crate::kiosk::{Kiosk, Side};
use crate::people::{self, refused};
use crate::story;
use serde_json::json;

const WITNESS: &str = "Sùng Thị Hàng Xóm";

#[tokio::test(flavor = "multi_thread")]
async fn taken_back() {
    let _alone = crate::alone().await;
    let counter = people::counter().await;
    let kiosk = &counter.kiosk;
    let number = sealed(kiosk).await;
    asked(kiosk, &number, None).await;
    let agree = json!({ "agree": true });
    assert_eq!(
        refused(kiosk, Side::Operator, "confirm_withdrawal", agree).await,
        "not_for_this_window",
        "the officer does not press for them"
    );
    kiosk.press(Side::Citizen, "keep-it").await;
    kiosk.see(Side::Citizen, "citizen-receipt").await;
    assert!(
        !kiosk.sees(Side::Operator, "withdrawn").await,
        "a no leaves it as it was"
    );

    asked(kiosk, &number, None).await;
    kiosk.press(Side::Citizen, "withdraw-it").await;
    is_taken_back(kiosk, &number).await;
    people::finish(kiosk).await;

    let number = sealed(kiosk).await;
    let own =
        json!({ "dossier": story::item_of(kiosk, &number).await["dossier"], "witness": story::OFFICER });
    assert_eq!(
        refused(kiosk, Side::Operator, "ask_to_withdraw", own).await,
        "witness_unfit",
        "the officer who helps is no witness"
    );
    asked(kiosk, &number, Some(WITNESS)).await;
    kiosk
        .read(Side::Citizen, "witness-words", |text| text.contains(WITNESS))
        .await;
    kiosk.press(Side::Citizen, "withdraw-it").await;
    is_taken_back(kiosk, &number).await;
    people::finish(kiosk).await;
    counter.close().await;
}

/// A quick dossier, sealed, and the province has it; answers its number. The outbox stands on the screen.
async fn sealed(kiosk: &Kiosk) -> String {
    people::start(kiosk).await;
    people::fill_quickly(kiosk).await;
    people::file(kiosk).await;
    kiosk.press(Side::Operator, "seal").await;
    kiosk.see(Side::Operator, "screen-receipt").await;
    let number = kiosk
        .read(Side::Operator, "receipt-number", |text| text.starts_with("DH-"))
        .await;
    people::finish(kiosk).await;
    kiosk.press(Side::Operator, "outbox").await;
    word(kiosk, &number, "tỉnh đã nhận").await;
    kiosk.press(Side::Operator, "home").await;
    number
}

async fn word(kiosk: &Kiosk, number: &str, wanted: &str) {
    kiosk
        .read(Side::Operator, &format!("word-{number}"), |text| {
            text.contains(wanted)
        })
        .await;
}

/// The officer asks; the question stands on the citizen's screen, and the officer's says so.
async fn asked(kiosk: &Kiosk, number: &str, witness: Option<&str>) {
    kiosk.press(Side::Operator, "outbox").await;
    kiosk.press(Side::Operator, &format!("withdraw-{number}")).await;
    match witness {
        None => kiosk.press(Side::Operator, "withdraw-ask").await,
        Some(name) => {
            kiosk.press(Side::Operator, "withdraw-witness").await;
            kiosk.write(Side::Operator, "withdraw-witness-name", name).await;
            kiosk.press(Side::Operator, "withdraw-witness-ask").await;
        }
    }
    kiosk.see(Side::Operator, "asking-to-withdraw").await;
    kiosk.see(Side::Citizen, "citizen-withdraw").await;
}

/// Both screens say it, no receipt is printed any more, and the province's word comes by itself.
async fn is_taken_back(kiosk: &Kiosk, number: &str) {
    kiosk
        .read(Side::Citizen, "citizen-receipt", |text| text.contains("xin rút"))
        .await;
    kiosk.see(Side::Operator, "withdrawn").await;
    assert!(
        !kiosk.sees(Side::Operator, "print").await,
        "the void slip takes its place"
    );
    kiosk.press(Side::Operator, "print-void").await;
    kiosk.press(Side::Operator, "outbox").await;
    word(kiosk, number, "đã rút").await;
    kiosk.press(Side::Operator, "back").await;
    kiosk.see(Side::Operator, "screen-receipt").await;
}

//! Somebody without a telephone who can neither sign nor press: a witness stands by. The dossier is sealed as any other, and
//! the receipt has no practice slip for a telephone that is not there.

use crate::kiosk::Side;
use crate::people::{self, ok};
use crate::story;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn no_phone_no_signature() {
    let _alone = crate::alone().await;
    let counter = people::counter().await;
    let kiosk = &counter.kiosk;
    people::choose(kiosk).await;
    kiosk.press(Side::Operator, "standing_own").await;
    kiosk.see(Side::Operator, "authorisation").await;

    // The officer who helps is no witness.
    kiosk.press(Side::Operator, "witness-ask").await;
    let dossier = people::open(kiosk).await;
    let own = json!({ "dossier": dossier, "name": story::OFFICER });
    assert_eq!(
        people::refused(kiosk, Side::Operator, "name_witness", own).await,
        "witness_unfit"
    );
    kiosk
        .write(Side::Operator, "witness-name", "Sùng Thị Hàng Xóm")
        .await;
    kiosk.press(Side::Operator, "witness-set").await;
    kiosk.see(Side::Operator, "witness").await;
    kiosk.see(Side::Citizen, "witness-words").await;
    assert!(
        !kiosk.sees(Side::Citizen, "sign").await,
        "nobody is asked to sign"
    );
    kiosk.press(Side::Citizen, "agree").await;
    kiosk.see(Side::Operator, "consent-given").await;
    // The walk goes on by itself; how consent was given stands at its own step.
    kiosk.press(Side::Operator, "step-consent").await;
    kiosk
        .read(Side::Operator, "consent-act", |text| {
            text.contains("Sùng Thị Hàng Xóm")
        })
        .await;

    people::fill_quickly(kiosk).await;
    kiosk.press(Side::Operator, "next").await;
    kiosk.see(Side::Operator, "screen-filing").await;
    kiosk.press(Side::Operator, "phone-no").await;
    kiosk.press(Side::Citizen, "file-it").await;
    kiosk.see(Side::Operator, "filing-confirmed").await;
    kiosk.press(Side::Operator, "seal").await;
    kiosk.see(Side::Operator, "screen-receipt").await;
    let receipt = ok(
        kiosk,
        Side::Operator,
        "show_receipt",
        json!({ "dossier": dossier }),
    )
    .await;
    assert_eq!(
        receipt["practice_next"],
        Value::Null,
        "no slip for a telephone that is not there"
    );
    people::finish(kiosk).await;
    counter.close().await;
}

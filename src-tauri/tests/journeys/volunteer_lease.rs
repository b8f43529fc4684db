//! A volunteer works on a lease: nothing before it is opened, one dossier inside it, no list, no search, no second print,
//! and an officer seals. What is refused is asserted by the real bridge of the volunteer's own window.

use crate::kiosk::{Kiosk, Side};
use crate::people::{self, OTHER_PIN, VOLUNTEER, ok, refused};
use crate::story;
use app::access::{Needs, Windows};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn volunteer_lease() {
    let _alone = crate::alone().await;
    let counter = people::counter().await;
    let kiosk = &counter.kiosk;
    // An officer's draft, which the volunteer must not reach.
    people::start(kiosk).await;
    let officers = people::open(kiosk).await;
    kiosk.press(Side::Operator, "leave").await;
    kiosk.see(Side::Operator, "screen-home").await;
    people::add(kiosk, VOLUNTEER, "volunteer").await;
    kiosk.press(Side::Operator, "lock").await;

    // No shift, no work.
    people::unlock(kiosk, VOLUNTEER, OTHER_PIN).await;
    kiosk
        .script(
            Side::Operator,
            "the shift is asked for",
            "return document.body.innerText.includes('mở ca')",
        )
        .await;
    people::unlock(kiosk, story::OFFICER, story::PIN).await;
    kiosk.see(Side::Operator, "screen-home").await;
    kiosk.press(Side::Operator, "settings").await;
    kiosk.press(Side::Operator, &format!("lease-4-{VOLUNTEER}")).await;
    kiosk
        .read(Side::Operator, &format!("lease-{VOLUNTEER}"), |text| {
            text.contains("đang trong ca")
        })
        .await;
    kiosk.press(Side::Operator, "lock").await;

    people::unlock(kiosk, VOLUNTEER, OTHER_PIN).await;
    kiosk.see(Side::Operator, "volunteer-home").await;
    kiosk.see(Side::Operator, "lease-bar").await;
    assert!(
        kiosk.hooks(Side::Operator, "draft-").await.is_empty(),
        "no list of dossiers"
    );
    barred(kiosk, &officers).await;
    one_dossier(kiosk).await;
    counter.close().await;
}

/// What a volunteer's window is refused, whatever its page asks for.
async fn barred(kiosk: &Kiosk, officers: &str) {
    let dossier = json!({ "dossier": officers });
    for (name, params) in [
        ("look_up", json!({ "text": "1" })),
        ("outbox", json!({})),
        ("send_now", json!({})),
        ("open_dossier", dossier.clone()),
        ("discard_dossier", dossier.clone()),
        ("seal_dossier", dossier.clone()),
        ("show_receipt", dossier.clone()),
        ("release_held", dossier.clone()),
        ("withdraw_consent", dossier.clone()),
        ("leases", json!({})),
        ("take_over", json!({ "reason": "urgent" })),
        ("set_idle_lock", json!({ "seconds": 1800 })),
    ] {
        let code = refused(kiosk, Side::Operator, name, params).await;
        assert_eq!(code, "not_for_this_role", "{name}");
    }
    let place = json!({ "dossier": officers, "place": { "place": "check" } });
    assert_eq!(
        refused(kiosk, Side::Operator, "go_to", place).await,
        "not_for_this_role"
    );
    // And so is every other command of the one list that is not named as theirs.
    let theirs = app::access::VOLUNTEER_MAY;
    let others = app::COMMANDS.iter().filter(|c| {
        c.windows != Windows::CitizenActs && c.needs != Needs::Nobody && !theirs.contains(&c.name)
    });
    let mut asked = 0;
    for command in others {
        let code = refused(kiosk, Side::Operator, command.name, json!({})).await;
        assert_eq!(code, "not_for_this_role", "{}", command.name);
        asked += 1;
    }
    assert!(asked > 20, "the list is the real one: {asked}");
    // The control: what is theirs is answered.
    ok(
        kiosk,
        Side::Operator,
        "find_procedures",
        json!({ "text": "khai sinh" }),
    )
    .await;
}

async fn one_dossier(kiosk: &Kiosk) {
    people::start(kiosk).await;
    let second = json!({ "procedure": people::QUICK });
    assert_eq!(
        refused(kiosk, Side::Operator, "start_dossier", second).await,
        "one_at_a_time"
    );
    people::fill_quickly(kiosk).await;
    people::file(kiosk).await;
    assert!(
        !kiosk.sees(Side::Operator, "seal").await,
        "a volunteer has no seal"
    );
    let dossier = people::open(kiosk).await;
    let own = json!({ "dossier": dossier });
    assert_eq!(
        refused(kiosk, Side::Operator, "seal_dossier", own.clone()).await,
        "not_for_this_role"
    );

    kiosk.press(Side::Operator, "seal-officer").await;
    for digit in story::PIN.chars() {
        kiosk.press(Side::Operator, &format!("pin-digit-{digit}")).await;
    }
    kiosk.see(Side::Operator, "screen-receipt").await;
    kiosk.press(Side::Operator, "print").await;
    kiosk.see(Side::Operator, "saved-pdf").await;
    assert_eq!(
        refused(kiosk, Side::Operator, "print_receipt", own.clone()).await,
        "not_for_this_role",
        "no second print"
    );
    people::finish(kiosk).await;
    assert_eq!(
        refused(kiosk, Side::Operator, "show_receipt", own).await,
        "not_for_this_role",
        "once it is gone from the screen it is out of reach"
    );
    // Free for the next person.
    people::start(kiosk).await;
}

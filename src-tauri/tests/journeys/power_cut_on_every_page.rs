//! The plug is pulled on every page of a dossier, one after the other: each time the machine comes back to that page, with
//! what was answered.

use crate::kiosk::{Kiosk, Side};
use crate::people::{self, PAGES, ok};
use crate::story::{self, Counter};
use serde_json::{Value, json};

/// Where the walk can stand, and what the operator's window shows there.
fn places() -> Vec<(Value, &'static str)> {
    let page = |id: &str| json!({ "place": "page", "page": id, "back_to_check": false });
    vec![
        (json!({ "place": "consent" }), "screen-consent"),
        (page(PAGES[0]), "screen-page"),
        (page(PAGES[1]), "screen-page"),
        (page(PAGES[2]), "screen-page"),
        (
            json!({ "place": "papers", "back_to_check": false }),
            "screen-papers",
        ),
        (json!({ "place": "check" }), "screen-check"),
        (json!({ "place": "filing" }), "screen-filing"),
    ]
}

async fn back_where_it_was(kiosk: &Kiosk, place: &Value, screen: &str) {
    people::unlock(kiosk, story::OFFICER, story::PIN).await;
    kiosk.see(Side::Operator, screen).await;
    if let Some(page) = place["page"].as_str() {
        story::on_page(kiosk, page).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn power_cut_on_every_page() {
    let _alone = crate::alone().await;
    let mut counter = people::counter().await;
    people::choose(&counter.kiosk).await;
    // Before consent as well: the notice is there again, and nothing was taken for a yes.
    counter = counter.pull_the_plug().await;
    back_where_it_was(&counter.kiosk, &json!({ "place": "consent" }), "screen-consent").await;
    counter.kiosk.see(Side::Citizen, "citizen-consent").await;
    counter.kiosk.press(Side::Citizen, "agree").await;
    counter.kiosk.see(Side::Operator, "consent-given").await;
    people::fill_quickly(&counter.kiosk).await;
    let dossier = people::open(&counter.kiosk).await;

    for (place, screen) in places() {
        let there = json!({ "dossier": dossier, "place": place });
        ok(&counter.kiosk, Side::Operator, "go_to", there).await;
        counter = counter.pull_the_plug().await;
        back_where_it_was(&counter.kiosk, &place, screen).await;
    }
    counter = last_answer(counter, &dossier).await;
    counter.close().await;
}

/// Everything that was answered is there, and the dossier still goes to its end.
async fn last_answer(mut counter: Counter, dossier: &str) -> Counter {
    let view = ok(
        &counter.kiosk,
        Side::Operator,
        "open_dossier",
        json!({ "dossier": dossier }),
    )
    .await;
    assert_eq!(view["interview"]["complete"], json!(true), "nothing is missing");
    counter.kiosk.press(Side::Citizen, "file-it").await;
    counter.kiosk.see(Side::Operator, "filing-confirmed").await;
    counter.kiosk.press(Side::Operator, "seal").await;
    counter.kiosk.see(Side::Operator, "screen-receipt").await;
    // The citizen may not have photographed it yet.
    counter = counter.pull_the_plug().await;
    back_where_it_was(&counter.kiosk, &json!({ "place": "receipt" }), "screen-receipt").await;
    counter.kiosk.see(Side::Citizen, "citizen-receipt").await;
    // Once the visit is over it stays away.
    ok(&counter.kiosk, Side::Operator, "finish_visit", json!({})).await;
    counter = counter.pull_the_plug().await;
    back_where_it_was(&counter.kiosk, &json!({ "place": "home" }), "screen-home").await;
    counter
}

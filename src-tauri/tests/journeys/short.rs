//! A short dossier from its first press to its receipt, by whatever hands: the confirmation of an old identity number.
//! The citizen is invented.

use crate::hands::{Hands, Spelled};
use crate::kiosk::{Kiosk, Side};

const PROCEDURE: &str = "1.012566";
const NAME: (&str, &[Spelled]) = (
    "Trần Thị Bông Súng",
    &[
        ("Trân", Some('f')),
        ("Thi", Some('j')),
        ("Bông", None),
        ("Sung", Some('s')),
    ],
);
const DETAIL: (&str, &[Spelled]) = ("12 Bến Sông", &[("12", None), ("Bên", Some('s')), ("Sông", None)]);
const PURPOSE: (&str, &[Spelled]) = ("Ngân hàng", &[("Ngân", None), ("hang", Some('f'))]);

/// From home to the receipt, and home again.
pub async fn walk(kiosk: &Kiosk, hands: Hands) {
    begin(kiosk, hands).await;
    pages(kiosk, hands).await;
    papers(kiosk, hands).await;
    finish(kiosk, hands).await;
}

/// The procedure is found and opened; the citizen agrees.
pub async fn begin(kiosk: &Kiosk, hands: Hands) {
    kiosk.see(Side::Operator, "screen-home").await;
    if hands == Hands::Keys {
        // The focus waits in the search: the trained hand types and presses Enter.
        kiosk.keys(Side::Operator, "so chung minh nhan dan").await;
        kiosk.see(Side::Operator, &format!("procedure-{PROCEDURE}")).await;
        kiosk.keys(Side::Operator, "\u{e007}").await;
    } else {
        hands
            .press(kiosk, Side::Operator, &format!("procedure-{PROCEDURE}"))
            .await;
    }
    kiosk.see(Side::Operator, "screen-consent").await;
    hands.press(kiosk, Side::Citizen, "agree").await;
    hands.next(kiosk).await;
}

async fn pages(kiosk: &Kiosk, hands: Hands) {
    on_page(kiosk, "requester").await;
    let write = async |testid: &str, words: &[Spelled], text: &str| {
        hands.write(kiosk, Side::Operator, testid, words, text).await;
    };
    write("q-requester_name", NAME.1, NAME.0).await;
    write("q-requester_birth_date", &[("1/2/1960", None)], "1/2/1960").await;
    hands.pick(kiosk, "q-requester_sex", "female", 1).await;
    write("q-requester_id", &[("092160000123", None)], "092160000123").await;
    if hands == Hands::Finger {
        touched_twice(kiosk, hands).await;
    }
    confirmed(kiosk, hands).await;

    on_page(kiosk, "requester_contact").await;
    hands
        .choose(kiosk, "q-requester_residence-province", "can tho")
        .await;
    hands
        .choose(kiosk, "q-requester_residence-commune", "ninh kieu")
        .await;
    write("q-requester_residence-detail", DETAIL.1, DETAIL.0).await;
    confirmed(kiosk, hands).await;

    on_page(kiosk, "numbers").await;
    write("q-old_number", &[("361234567", None)], "361234567").await;
    hands.pick(kiosk, "q-qr_has_old", "no", 0).await;
    write("q-purpose", PURPOSE.1, PURPOSE.0).await;
    confirmed(kiosk, hands).await;
}

/// A finger on the answer itself says "Sai"; a second one, after a look, takes it back.
async fn touched_twice(kiosk: &Kiosk, hands: Hands) {
    hands.leave(kiosk).await;
    let still = "return !document.querySelector('li.typing')";
    kiosk.script(Side::Citizen, "nothing is being typed", still).await;
    // These fingers write a page within a second of the citizen's last press.
    kiosk.settled().await;
    hands.press(kiosk, Side::Citizen, "touch-requester_name").await;
    kiosk.see(Side::Operator, "wrong-mark-requester_name").await;
    kiosk.settled().await;
    hands.press(kiosk, Side::Citizen, "touch-requester_name").await;
    let gone = "return document.querySelector('[data-testid=wrong-mark-requester_name]') === null";
    kiosk.script(Side::Operator, "it is taken back", gone).await;
    kiosk.settled().await;
}

async fn on_page(kiosk: &Kiosk, page: &str) {
    let there = format!("return document.querySelector('[data-page=\"{page}\"]') !== null");
    kiosk
        .script(Side::Operator, &format!("the page {page}"), &there)
        .await;
    kiosk.see(Side::Citizen, "citizen-page").await;
}

/// The citizen reads and presses, with the same hands; then the officer goes on.
async fn confirmed(kiosk: &Kiosk, hands: Hands) {
    hands.leave(kiosk).await;
    let saved = "return document.querySelector('[data-testid=saved]').textContent.match(/\\d/) !== null";
    kiosk.script(Side::Operator, "saved", saved).await;
    let still = "return !document.querySelector('li.typing')";
    kiosk.script(Side::Citizen, "nothing is being typed", still).await;
    for hook in kiosk.hooks(Side::Citizen, "right-").await {
        hands.press(kiosk, Side::Citizen, &hook).await;
        kiosk
            .script(
                Side::Citizen,
                "taken",
                &format!("return !document.querySelector('[data-testid=\"{hook}\"]')"),
            )
            .await;
    }
    hands.press(kiosk, Side::Citizen, "all-right").await;
    kiosk.see(Side::Citizen, "all-right-done").await;
    // The officer sees it too before they go on, as a person would.
    kiosk.see(Side::Operator, "page-confirmed").await;
    hands.next(kiosk).await;
}

async fn papers(kiosk: &Kiosk, hands: Hands) {
    kiosk.see(Side::Operator, "screen-papers").await;
    // An old card is only shown; this citizen wants its picture to go along.
    hands.press(kiosk, Side::Operator, "anyway-old_card").await;
    hands.press(kiosk, Side::Operator, "add-file-old_card").await;
    hands
        .press(kiosk, Side::Operator, "original-old_card-shown_only")
        .await;
    hands.next(kiosk).await;
    kiosk.see(Side::Operator, "check-complete").await;
    hands.next(kiosk).await;
}

async fn finish(kiosk: &Kiosk, hands: Hands) {
    kiosk.see(Side::Operator, "screen-filing").await;
    hands.press(kiosk, Side::Citizen, "file-it").await;
    hands.press(kiosk, Side::Operator, "seal").await;
    kiosk.see(Side::Operator, "screen-receipt").await;
    kiosk.see(Side::Citizen, "citizen-receipt").await;
    hands.press(kiosk, Side::Operator, "print").await;
    kiosk.see(Side::Operator, "saved-pdf").await;
    hands.press(kiosk, Side::Operator, "finish").await;
    kiosk.see(Side::Operator, "screen-home").await;
    kiosk.see(Side::Citizen, "citizen-welcome").await;
}

//! What the stories about people share: names, unlocking, and a short procedure that is filled in quickly where the typing
//! is not what the story is about.

use crate::kiosk::{Kiosk, Side};
use crate::story::{self, Counter};
use serde_json::{Value, json};

/// Xác nhận số CMND: three pages, no paper asked for.
pub const QUICK: &str = "1.012566";
pub const VOLUNTEER: &str = "Lò Văn Tình Nguyện";
pub const COLLEAGUE: &str = "Giàng Thị Đổi Ca";
pub const OTHER_PIN: &str = "861530";
/// The pages of [`QUICK`], in order.
pub const PAGES: [&str; 3] = ["requester", "requester_contact", "numbers"];

pub use crate::story::unlock;

/// Adds a name at the settings' own form.
pub async fn add(kiosk: &Kiosk, name: &str, role: &str) {
    kiosk.press(Side::Operator, "settings").await;
    kiosk.press(Side::Operator, "add-operator").await;
    kiosk.write(Side::Operator, "operator-name", name).await;
    kiosk.press(Side::Operator, &format!("role-{role}")).await;
    kiosk.write(Side::Operator, "operator-pin", OTHER_PIN).await;
    kiosk.write(Side::Operator, "operator-pin-again", OTHER_PIN).await;
    // The dialog's own button: the page behind it has none of this name in the settings.
    kiosk.press(Side::Operator, "next").await;
    kiosk
        .script(
            Side::Operator,
            "the name is added",
            "return !document.querySelector('dialog[open]')",
        )
        .await;
}

/// The procedure on its button, found by its name as typed without accents.
pub async fn choose(kiosk: &Kiosk) {
    kiosk
        .write(Side::Operator, "search", "xac nhan so chung minh")
        .await;
    // The list is made anew while it is typed; a press in the middle of that falls beside.
    kiosk
        .script(
            Side::Operator,
            "one procedure is left",
            "return document.querySelectorAll('[data-testid^=\"procedure-\"]').length === 1",
        )
        .await;
    kiosk.press(Side::Operator, &format!("procedure-{QUICK}")).await;
    kiosk.see(Side::Operator, "screen-consent").await;
    kiosk.see(Side::Citizen, "citizen-consent").await;
}

/// Starts it, and the citizen presses "Đồng ý".
pub async fn start(kiosk: &Kiosk) {
    choose(kiosk).await;
    kiosk.press(Side::Citizen, "agree").await;
    kiosk.see(Side::Operator, "consent-given").await;
    kiosk.press(Side::Operator, "next").await;
    story::on_page(kiosk, PAGES[0]).await;
}

/// The dossier on the screens.
pub async fn open(kiosk: &Kiosk) -> String {
    let status = ok(kiosk, Side::Operator, "kiosk_status", json!({})).await;
    status["open"].as_str().expect("a dossier is open").to_owned()
}

pub async fn ok(kiosk: &Kiosk, side: Side, name: &str, params: Value) -> Value {
    kiosk
        .call(side, name, params)
        .await
        .unwrap_or_else(|refused| panic!("{name} was refused: {refused}"))
}

/// The code of the refusal that must come.
pub async fn refused(kiosk: &Kiosk, side: Side, name: &str, params: Value) -> String {
    match kiosk.call(side, name, params).await {
        Ok(answer) => panic!("{name} was not refused: {answer}"),
        Err(problem) => problem["code"].as_str().unwrap_or_default().to_owned(),
    }
}

/// The answers of an invented man, given through the window's own bridge; then the page is loaded again, as after a crash
/// of it, and goes back to where the dossier stands.
pub async fn fill_quickly(kiosk: &Kiosk) {
    let dossier = open(kiosk).await;
    for (question, raw) in answers() {
        let request = json!({ "dossier": dossier, "question": question, "raw": raw });
        ok(kiosk, Side::Operator, "give_answer", request).await;
    }
    for page in PAGES {
        let place = json!({ "place": "page", "page": page, "back_to_check": false });
        let view = ok(
            kiosk,
            Side::Operator,
            "go_to",
            json!({ "dossier": dossier, "place": place }),
        )
        .await;
        let pages = view["interview"]["pages"].as_array().expect("pages");
        let own = pages.iter().find(|p| p["id"] == json!(page)).expect("the page");
        let reads = || ok(kiosk, Side::Citizen, "citizen_screen", json!({}));
        for question in own["confirm"].as_array().expect("a list") {
            let screen = reads().await;
            let answers = screen["page"]["answers"].as_array().expect("answers");
            let asked = answers
                .iter()
                .find(|a| a["question"] == *question)
                .expect("it is there");
            let press = json!({ "question": question, "seen": asked["seen"] });
            ok(kiosk, Side::Citizen, "confirm_answer", press).await;
        }
        let press = json!({ "page": page, "seen": reads().await["page"]["seen"] });
        ok(kiosk, Side::Citizen, "confirm_page", press).await;
    }
    let place = json!({ "place": "check" });
    ok(
        kiosk,
        Side::Operator,
        "go_to",
        json!({ "dossier": dossier, "place": place }),
    )
    .await;
    reload(kiosk).await;
    kiosk.see(Side::Operator, "check-complete").await;
}

pub fn answers() -> Vec<(&'static str, Value)> {
    let text = |value: &str| json!({ "kind": "text", "value": value });
    vec![
        ("requester_name", text("Thào A Chu")),
        ("requester_birth_date", text("1975")),
        ("requester_sex", text("male")),
        ("requester_id", text("011075000333")),
        (
            "requester_residence",
            json!({ "kind": "address", "value": { "country": "VN", "province": "11", "commune": "03166", "detail": "Bản Nà Tông", "old_text": "" } }),
        ),
        ("old_number", text("040123456")),
        ("old_issued_on", text("1995")),
        ("qr_has_old", text("no")),
        ("purpose", text("Ngân hàng")),
    ]
}

/// The operator's page dies and is loaded again.
pub async fn reload(kiosk: &Kiosk) {
    kiosk
        .script(Side::Operator, "reload", "location.reload(); return true")
        .await;
    kiosk.forget_window();
}

/// From the check to the citizen's second act.
pub async fn file(kiosk: &Kiosk) {
    kiosk.press(Side::Operator, "next").await;
    kiosk.see(Side::Operator, "screen-filing").await;
    kiosk.press(Side::Citizen, "file-it").await;
    kiosk.see(Side::Operator, "filing-confirmed").await;
}

/// Back to the first page, both screens cleared.
pub async fn finish(kiosk: &Kiosk) {
    kiosk.press(Side::Operator, "finish").await;
    if kiosk.sees(Side::Operator, "finish-anyway").await {
        kiosk.press(Side::Operator, "finish-anyway").await;
    }
    kiosk.see(Side::Operator, "screen-home").await;
    kiosk.see(Side::Citizen, "citizen-welcome").await;
}

/// An enrolled counter with its head signed in.
pub async fn counter() -> Counter {
    let counter = Counter::open().await;
    let mut record = crate::record::Record::none();
    story::enrol(&counter, &mut record).await;
    story::sign_in(&counter.kiosk, &mut record).await;
    counter
}

/// How many drafts and sealed dossiers there are, by an officer's eyes.
pub async fn numbers(kiosk: &Kiosk) -> (usize, usize) {
    let home = ok(kiosk, Side::Operator, "home", json!({})).await;
    let outbox = ok(kiosk, Side::Operator, "outbox", json!({})).await;
    let count = |value: &Value| value.as_array().map_or(0, Vec::len);
    (count(&home["drafts"]), count(&outbox["items"]))
}

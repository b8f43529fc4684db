//! Another machine of the same counter, without windows: it is enrolled, and leaves its card on a stick, so that a
//! finished dossier can be packed to it.

use crate::province::Province;
use app::{App, Caller, KioskOptions};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const HEAD: &str = "Lý Thị Quầy Hai";
const PIN: &str = "650831";

/// Enrols it with the province and copies what it has for its neighbours to the stick.
pub async fn leaves_its_card(province: &Province, data: &Path, stick: &Path) {
    let options = KioskOptions::new(data);
    let runtime = tokio::runtime::Handle::current();
    let opened = move || {
        let kiosk = App::open(options).expect("the other machine opens");
        kiosk.start(&runtime).expect("it can reach the province");
        kiosk
    };
    let kiosk = tokio::task::spawn_blocking(opened).await.expect("it runs");
    let code = province.admin(&["code", "new"]);
    let asked = json!({
        "service_url": province.kiosk_url,
        "code": code["code"],
        "counter_name": "Phường Ninh Kiều, quầy 2",
        "field": false,
    });
    ask(&kiosk, "begin_enrolment", asked).await;
    let devices = province.admin(&["devices", "list"]);
    let waits = |device: &&Value| device["state"] == json!("pending");
    let device = devices.as_array().and_then(|all| all.iter().find(waits));
    let id = device
        .and_then(|device| device["id"].as_str())
        .expect("a device waits");
    province.admin(&["devices", "approve", id]);
    ask(&kiosk, "check_enrolment", json!({})).await;
    let head = json!({ "name": HEAD, "role": "head", "pin": PIN });
    let view = ask(&kiosk, "add_operator", head).await;
    let who = json!({ "operator": view["operators"][0]["id"], "pin": PIN });
    ask(&kiosk, "sign_in", who).await;
    ask(&kiosk, "export_sealed", json!({ "folder": stick })).await;
    tokio::task::spawn_blocking(move || kiosk.close())
        .await
        .expect("it ends");
}

async fn ask(kiosk: &Arc<App>, name: &'static str, params: Value) -> Value {
    let kiosk = Arc::clone(kiosk);
    let answer = move || app::dispatch(&kiosk, Caller::OPERATOR, name, params);
    let said = tokio::task::spawn_blocking(answer).await.expect("it answers");
    said.unwrap_or_else(|problem| panic!("{name}: {problem:?}"))
}

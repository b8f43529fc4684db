//! Another machine beside the one in the windows, without windows of its own: it is enrolled, and does on a stick what a
//! journey needs to find there.

use crate::province::Province;
use app::{App, Caller, KioskOptions};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const HEAD: &str = "Lý Thị Quầy Hai";
const PIN: &str = "650831";

pub struct Neighbour {
    kiosk: Arc<App>,
}

impl Neighbour {
    /// Enrolled with the province under this name, and its head signed in; `field` is a machine that is carried.
    pub async fn enrolled(province: &Province, data: &Path, name: &str, field: bool) -> Self {
        let options = KioskOptions::new(data);
        let runtime = tokio::runtime::Handle::current();
        let opened = move || {
            let kiosk = App::open(options).expect("the other machine opens");
            kiosk.start(&runtime).expect("it can reach the province");
            kiosk
        };
        let kiosk = tokio::task::spawn_blocking(opened).await.expect("it runs");
        let own = Self { kiosk };
        let code = province.admin(&["code", "new"]);
        let asked = json!({
            "service_url": province.kiosk_url,
            "code": code["code"],
            "counter_name": name,
            "field": field,
        });
        own.ask("begin_enrolment", asked).await;
        let devices = province.admin(&["devices", "list"]);
        let waits = |device: &&Value| device["state"] == json!("pending");
        let device = devices.as_array().and_then(|all| all.iter().find(waits));
        let id = device
            .and_then(|device| device["id"].as_str())
            .expect("a device waits");
        province.admin(&["devices", "approve", id]);
        own.ask("check_enrolment", json!({})).await;
        let head = json!({ "name": HEAD, "role": "head", "pin": PIN });
        let view = own.ask("add_operator", head).await;
        let who = json!({ "operator": view["operators"][0]["id"], "pin": PIN });
        own.ask("sign_in", who).await;
        own
    }

    /// One command of the one list, with this stick.
    pub async fn with_stick(&self, name: &'static str, stick: &Path) -> Value {
        self.ask(name, json!({ "folder": stick })).await
    }

    pub async fn ask(&self, name: &'static str, params: Value) -> Value {
        let kiosk = Arc::clone(&self.kiosk);
        let answer = move || app::dispatch(&kiosk, Caller::OPERATOR, name, params);
        let said = tokio::task::spawn_blocking(answer).await.expect("it answers");
        said.unwrap_or_else(|problem| panic!("{name}: {problem:?}"))
    }

    pub async fn close(self) {
        tokio::task::spawn_blocking(move || self.kiosk.close())
            .await
            .expect("it ends");
    }
}

//! The citizen's window, if its page were somebody else's: every command that is not theirs is refused, by the real
//! bridge of the real web view, and nothing of the operator's is heard there.

use crate::kiosk::Side;
use crate::record::Record;
use crate::story::{self, Counter};
use app::access::Windows;
use serde_json::{Value, json};

/// Listens on the citizen's own channel and on the shell's event bus, and notes the names of what is heard.
const LISTEN: &str = "
    window.heard = [];
    const bridge = window.__TAURI_INTERNALS__;
    const id = bridge.transformCallback((said) => { if (said.message) window.heard.push(said.message.event); });
    const channel = { __TAURI_TO_IPC_KEY__: () => `__CHANNEL__:${id}`, toJSON: () => `__CHANNEL__:${id}` };
    bridge.invoke('subscribe', { channel });
    return true;";

fn code(refused: &Value) -> &str {
    refused["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn citizen_window_is_refused() {
    let _alone = crate::alone().await;
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    let mut record = Record::none();
    story::enrol(&counter, &mut record).await;
    story::sign_in(kiosk, &mut record).await;
    story::start_dossier(kiosk, &mut record).await;
    story::on_page(kiosk, "requester").await;

    let operators: Vec<&str> = app::COMMANDS
        .iter()
        .filter(|c| c.windows == Windows::Operator)
        .map(|c| c.name)
        .collect();
    assert!(operators.len() > 15, "the list is the real one: {operators:?}");
    for name in &operators {
        let said = kiosk.call(Side::Citizen, name, json!({})).await;
        assert_eq!(
            said.as_ref().err().map(code),
            Some("not_for_this_window"),
            "{name}: {said:?}"
        );
    }
    // Who calls is not what the page says about itself.
    for said in [
        kiosk.invoke(Side::Citizen, "rpc", json!({ "name": "home", "params": { "window": "operator" }, "window": "operator", "label": "operator" })).await,
        kiosk.invoke(Side::Citizen, "rpc", json!({ "name": "home", "params": {}, "caller": { "window": "operator" } })).await,
    ] {
        assert_eq!(said.as_ref().err().map(code), Some("not_for_this_window"), "{said:?}");
    }
    // The shell's own commands, and the parts of it that no window was given.
    for (command, params) in [
        ("pick_files", json!({ "many": true })),
        ("pick_folder", json!({})),
        ("swap_screens", json!({})),
        (
            "plugin:event|listen",
            json!({ "event": "app-event", "target": { "kind": "Any" }, "handler": 1 }),
        ),
        ("plugin:window|close", json!({ "label": "operator" })),
        (
            "plugin:webview|create_webview_window",
            json!({ "options": { "label": "operator2", "url": "index.html" } }),
        ),
    ] {
        assert!(
            kiosk.invoke(Side::Citizen, command, params).await.is_err(),
            "{command} is not the citizen's"
        );
    }

    // Controls: the same calls work where they belong, and the citizen's own do.
    for (command, params) in [
        ("pick_files", json!({ "many": true })),
        ("pick_folder", json!({})),
    ] {
        let said = kiosk.invoke(Side::Operator, command, params).await;
        assert!(said.is_ok(), "{command} is the operator's: {said:?}");
    }
    let home = kiosk.call(Side::Operator, "home", json!({})).await;
    assert!(home.is_ok(), "the operator's own window is answered: {home:?}");
    let screen = kiosk
        .call(Side::Citizen, "citizen_screen", json!({}))
        .await
        .expect("their own screen");
    assert_eq!(screen["screen"], "page");
    let unknown = kiosk.call(Side::Citizen, "no_such_command", json!({})).await;
    assert_eq!(unknown.as_ref().err().map(code), Some("unknown_command"));

    hears_only_its_own(&counter).await;
    counter.close().await;
}

/// While the officer works, the citizen's page hears its screen and the keystrokes, and nothing else.
async fn hears_only_its_own(counter: &Counter) {
    let kiosk = &counter.kiosk;
    kiosk.script(Side::Citizen, "listen", LISTEN).await;
    kiosk
        .write(Side::Operator, "q-requester_name", "Trần Thị Bông Súng")
        .await;
    kiosk.press(Side::Operator, "q-requester_relation-mother").await;
    let heard = kiosk
        .script(
            Side::Citizen,
            "something is heard",
            "return window.heard.includes('citizen') && [...new Set(window.heard)]",
        )
        .await;
    let heard: Vec<String> = serde_json::from_value(heard).expect("names");
    assert!(
        heard.iter().all(|event| event == "citizen" || event == "typing"),
        "only their own: {heard:?}"
    );
}

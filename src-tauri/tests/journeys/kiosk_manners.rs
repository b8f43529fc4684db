//! A kiosk is no browser: nothing opens by the second button, and a page whose process dies comes back by itself, to the same
//! place, with what was typed.

use crate::kiosk::Side;
use crate::people;
use crate::story;
use serde_json::json;
use std::time::Duration;

/// Whether the page keeps such an event from what a browser would do with it.
const KEPT: &str = "const event = new MouseEvent(arguments[0], { bubbles: true, cancelable: true });
    document.querySelector('[data-testid=screen-page], main, body').dispatchEvent(event);
    return event.defaultPrevented";

#[tokio::test(flavor = "multi_thread")]
async fn kiosk_manners() {
    let _alone = crate::alone().await;
    let counter = people::counter().await;
    let kiosk = &counter.kiosk;
    people::start(kiosk).await;
    for side in [Side::Operator, Side::Citizen] {
        assert_eq!(
            kiosk.ask(side, KEPT, vec![json!("contextmenu")]).await,
            json!(true)
        );
        assert_eq!(
            kiosk.ask(side, KEPT, vec![json!("mouseover")]).await,
            json!(false),
            "the control"
        );
    }

    kiosk
        .write(Side::Operator, "q-requester_name", "Thào A Chu")
        .await;
    kiosk
        .read(Side::Citizen, "answer-requester_name", |text| {
            text == "Thào A Chu"
        })
        .await;
    // The last key is saved as a field is left; what is only on screen dies with the page, as it would with the power.
    kiosk.press(Side::Operator, "q-requester_birth_date").await;
    let screens = |window: &str| {
        let line = format!("first screen window=\"{window}\"");
        kiosk.log().matches(&line).count()
    };
    for window in ["operator", "citizen"] {
        assert_eq!(
            screens(window),
            1,
            "the control: the {window}'s page came once so far"
        );
    }
    let pages = kiosk.page_processes();
    assert!(!pages.is_empty(), "no page has a process of its own");
    for process in pages {
        let killed = std::process::Command::new("kill")
            .args(["-9", &process.to_string()])
            .status();
        assert!(
            killed.is_ok_and(|status| status.success()),
            "{process} was gone already"
        );
    }
    // The driver loses its pages with their processes; the kiosk's own log tells that each has its screen again.
    for window in ["operator", "citizen"] {
        let came_back = async {
            while screens(window) < 2 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), came_back).await;
        assert!(
            waited.is_ok(),
            "the {window}'s page did not come back: {}",
            kiosk.log()
        );
    }
    let counter = counter.pull_the_plug().await;
    let kiosk = &counter.kiosk;
    story::unlock(kiosk, story::OFFICER, story::PIN).await;
    story::on_page(kiosk, people::PAGES[0]).await;
    kiosk
        .holds(Side::Operator, "q-requester_name", "Thào A Chu")
        .await;
    counter.close().await;
}

//! Papers through the window: a made-up camera's picture becomes a page, beside one that was picked; the citizen's page
//! never sees through the camera.
//!
//! `DONGHANH_LOOK=folder` keeps pictures of both windows.

use crate::kiosk::Side;
use crate::record::Record;
use crate::story::{self, Counter};
use serde_json::{Value, json};

const PAPER: &str = "birth_certificate_hospital";

#[tokio::test(flavor = "multi_thread")]
async fn papers_in() {
    let _alone = crate::alone().await;
    let counter = Counter::open().await;
    let kiosk = &counter.kiosk;
    let quiet = &mut Record::none();
    story::enrol(&counter, quiet).await;
    story::sign_in(kiosk, quiet).await;
    story::start_dossier(kiosk, quiet).await;
    // The form is another journey's: here it says only which papers there are.
    let dossier = story::open_dossier(kiosk).await["dossier"].clone();
    for (question, value) in [("special_case", "none"), ("birth_proof", "paper")] {
        let raw = json!({ "kind": "text", "value": value });
        let given = json!({ "dossier": dossier, "question": question, "raw": raw });
        kiosk
            .call(Side::Operator, "give_answer", given)
            .await
            .expect("an answer is taken");
    }
    let there = json!({ "dossier": dossier, "place": { "place": "papers", "back_to_check": false } });
    kiosk
        .call(Side::Operator, "go_to", there)
        .await
        .expect("the papers are reached");
    // A page that comes back holds nothing: the kiosk sends it its screen again.
    kiosk
        .ask(Side::Operator, "location.reload(); return true", vec![])
        .await;

    let mut record =
        std::env::var_os("DONGHANH_LOOK").map_or_else(Record::none, |f| Record::kept_in(f.into()));
    kiosk.see(Side::Operator, "screen-papers").await;
    record.step(kiosk, "papers-empty").await;

    kiosk.press(Side::Operator, &format!("camera-{PAPER}")).await;
    let live = "const view = document.querySelector('[data-testid=camera-view]');
        return Boolean(view && view.videoWidth > 100 && view.currentTime > 0)";
    kiosk
        .script(Side::Operator, "the camera's picture moves", live)
        .await;
    record.step(kiosk, "papers-camera").await;
    kiosk.press(Side::Operator, "camera-take").await;
    kiosk.see(Side::Operator, "camera-taken").await;
    record.step(kiosk, "papers-taken").await;
    kiosk.press(Side::Operator, "camera-done").await;
    kiosk.press(Side::Operator, &format!("add-file-{PAPER}")).await;
    let shown = "const all = [...document.querySelectorAll('[data-testid^=file-] img')];
        return all.length === 2 && all.every((image) => image.complete && image.naturalWidth > 100)";
    kiosk.script(Side::Operator, "both pages are shown", shown).await;
    record.step(kiosk, "papers-two").await;

    let dossier = story::open_dossier(kiosk).await;
    let pages = dossier["files"].as_array().cloned().unwrap_or_default();
    assert_eq!(pages.len(), 2, "{pages:?}");
    assert!(
        pages
            .iter()
            .all(|p| p["media"] == "image/jpeg" && p["bytes"].as_u64().is_some_and(|n| n <= 350 * 1024)),
        "{pages:?}"
    );
    // The control: the same question from the citizen's page is refused.
    let asked = "window.camera ??= (navigator.mediaDevices?.getUserMedia({ video: true }) ?? Promise.reject(new Error('none')))
            .then(() => (window.camera_is = 'open'), () => (window.camera_is = 'closed'));
        return window.camera_is ?? false";
    let answer = kiosk
        .script(Side::Citizen, "the citizen's page asks for the camera", asked)
        .await;
    assert_eq!(answer, Value::from("closed"));
    counter.close().await;
}

//! A volunteer's shift: it ends by its hour, in the middle of whatever stands there, and nobody but an officer seals.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use stories::counter::{PIN, VOLUNTEER_PIN, all_acknowledged, volunteer};
use stories::{Counter, Kiosk, form};

#[test]
fn a_shift_ends_by_its_hour_in_the_middle_of_a_page() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let id = volunteer(&mut kiosk)?;
    let without = kiosk.refused("sign_in", json!({ "operator": id, "pin": VOLUNTEER_PIN }))?;
    ensure!(without.told().0 == "lease_needed", "{without}");
    kiosk.call("open_lease", json!({ "volunteer": id, "hours": 4 }))?;
    kiosk.call("sign_in", json!({ "operator": id, "pin": VOLUNTEER_PIN }))?;
    let dossier = form::start(&mut kiosk)?;
    kiosk.close()?;

    // Five hours later: the same machine, the same volunteer.
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(5);
    let mut kiosk = Kiosk::open_with(&counter.data(), &["--clock", &later.to_string()], &[])?;
    let over = kiosk.refused("sign_in", json!({ "operator": id, "pin": VOLUNTEER_PIN }))?;
    ensure!(over.told().0 == "lease_needed", "{over}");
    // An officer takes it over, with a reason that stays with it.
    counter.sign_in(&mut kiosk)?;
    let status = kiosk.call("kiosk_status", json!({}))?;
    ensure!(
        status["left_by"]["name"] == json!("Quàng Văn Minh"),
        "{}",
        status["left_by"]
    );
    let view = kiosk.call("take_over", json!({ "reason": "shift_change" }))?;
    ensure!(view["dossier"] == json!(dossier), "another dossier");
    let openings = view["openings"].to_string();
    ensure!(
        openings.contains("đổi ca") && openings.contains("Quàng Văn Minh"),
        "{openings}"
    );

    // The control: inside a new shift the same name is let in, and a closed one shuts the door in mid-work.
    kiosk.call("finish_visit", json!({}))?;
    kiosk.call("open_lease", json!({ "volunteer": id, "hours": 1 }))?;
    kiosk.call("sign_in", json!({ "operator": id, "pin": VOLUNTEER_PIN }))?;
    let again = kiosk.refused("open_dossier", json!({ "dossier": dossier }))?;
    ensure!(
        again.told().0 == "not_for_this_role",
        "a new shift reached an old dossier"
    );
    Ok(())
}

#[test]
fn a_volunteers_dossier_is_sealed_by_the_officer_on_the_spot() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let id = volunteer(&mut kiosk)?;
    kiosk.call("open_lease", json!({ "volunteer": id, "hours": 4 }))?;
    kiosk.call("sign_in", json!({ "operator": id, "pin": VOLUNTEER_PIN }))?;
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    form::confirm(&mut kiosk, &dossier)?;
    let own = json!({ "dossier": dossier, "officer": id, "pin": VOLUNTEER_PIN });
    let refused = kiosk.refused("seal_with_officer", own)?;
    ensure!(
        refused.told().0 == "not_for_this_role",
        "a volunteer sealed: {refused}"
    );
    let wrong = json!({ "dossier": dossier, "officer": counter.officer(), "pin": "135791" });
    ensure!(kiosk.refused("seal_with_officer", wrong)?.told().0 == "wrong_pin");
    let right = json!({ "dossier": dossier, "officer": counter.officer(), "pin": PIN });
    kiosk.call("seal_with_officer", right)?;
    kiosk.call("finish_visit", json!({}))?;
    counter.sign_in(&mut kiosk)?;
    all_acknowledged(&mut kiosk, 1)?;
    let sealed = counter.province.opened(&dossier)?;
    ensure!(
        sealed["roles"]["receiver"]["operator"] == *counter.officer(),
        "the officer received it: {}",
        sealed["roles"]
    );
    let helpers = sealed["roles"]["helpers"].as_array().context("no helpers")?;
    ensure!(
        helpers
            .first()
            .is_some_and(|h| h["operator"] == id && h["role"] == json!("volunteer")),
        "the volunteer helped: {helpers:?}"
    );
    Ok(())
}

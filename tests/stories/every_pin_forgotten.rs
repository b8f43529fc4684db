//! Everybody at the counter forgot their PIN: the draft that lay open comes back, through two clerks of the province.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use stories::province::{CLERK, PASSPHRASE};
use stories::{Counter, form};

const SECOND: &str = "Hoàng Thị Chín";
const NEW_PIN: &str = "864209";

#[test]
fn every_pin_forgotten() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let dossier = form::start(&mut kiosk)?;
    kiosk.call("sign_out", json!({}))?;
    let province = &counter.province;
    for clerk in [CLERK, SECOND] {
        province.add_clerk(clerk)?;
    }
    let stick = tempfile::tempdir_in("/dev/shm")?;
    let folder = stick.path().display().to_string();
    let key = province.data().join("keys/recovery.key").display().to_string();
    let intake = province.data().join("keys/intake.key").display().to_string();
    let head = json!({ "folder": folder, "operator": counter.officer(), "pin": NEW_PIN });
    let early = kiosk.refused("finish_recovery", head.clone())?;
    ensure!(early.told().0 == "no_recovery_answer", "{early}");

    let asked = kiosk.call("ask_recovery", json!({ "folder": folder }))?;
    let device = asked["device"].as_str().context("no device")?;
    let recover = [
        "recover",
        device,
        "--from",
        &folder,
        "--clerk",
        CLERK,
        "--why",
        "quên mã PIN",
    ];
    let request = province.admin_with(&recover, PASSPHRASE)?["request"].to_string();
    let approve = |clerk: &str, key: &str| {
        let words = [
            "recover-approve",
            &request,
            "--clerk",
            clerk,
            "--recovery-key",
            key,
            "--to",
            &folder,
        ];
        province.admin_with(&words, PASSPHRASE)
    };
    // The controls: one person alone, and a key that does not open it.
    ensure!(approve(CLERK, &key).is_err(), "one clerk was enough");
    ensure!(
        approve(SECOND, &intake).is_err(),
        "the intake key opened a counter's drafts"
    );
    let early = kiosk.refused("finish_recovery", head.clone())?;
    ensure!(early.told().0 == "no_recovery_answer", "{early}");
    approve(SECOND, &key)?;

    kiosk.call("finish_recovery", head.clone())?;
    let twice = kiosk.refused("finish_recovery", head)?;
    ensure!(
        twice.told().0 == "no_recovery_answer",
        "an answer was taken twice: {twice}"
    );
    kiosk.call(
        "sign_in",
        json!({ "operator": counter.officer(), "pin": NEW_PIN }),
    )?;
    let home = kiosk.call("home", json!({}))?;
    ensure!(
        home["drafts"][0]["dossier"] == json!(dossier),
        "the draft is lost: {}",
        home["drafts"]
    );
    kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    let told = province.admin(&["audit"])?.to_string();
    ensure!(
        told.contains("request_recovery") && told.contains("recover"),
        "{told}"
    );
    Ok(())
}

//! "Gửi ngay": whoever presses hears of each dossier what came of it, in words, and of the press as a whole.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::counter::items;
use stories::{Counter, Rule, form};

fn vi<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn each_dossier_has_its_word() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(Rule::Refuse);
    counter.network.cut();
    let bad = form::file(&mut kiosk, 0)?;
    let sealed = std::fs::read_dir(counter.data().join("sealed"))?
        .filter_map(Result::ok)
        .map(|f| f.path())
        .find(|p| p.file_name().is_some_and(|n| n.len() == 64))
        .context("no sealed file")?;
    let mut bytes = std::fs::read(&sealed)?;
    *bytes.get_mut(50).context("an empty file")? ^= 1;
    std::fs::write(&sealed, bytes)?;
    let good = form::file(&mut kiosk, 1)?;

    let offline = kiosk.call("send_now", json!({}))?;
    ensure!(
        vi(&offline, "/pass/vi").starts_with("Chưa gửi được hồ sơ nào."),
        "{}",
        offline["pass"]
    );
    ensure!(
        vi(&offline, "/network/trouble/layer") == "network",
        "{}",
        offline["network"]
    );

    ensure!(
        vi(&offline, "/network/next") == "by_itself"
            && vi(&offline, "/pass/vi") == "Chưa gửi được hồ sơ nào.",
        "the reason stands above the list and is said twice: {offline}"
    );
    for item in offline["items"].as_array().context("no items")? {
        let said = [vi(item, "/reason/vi"), vi(item, "/just_now/vi")];
        ensure!(
            said.iter().filter(|one| !one.is_empty()).count() == 1 && item["next"].is_null(),
            "one short line beside each dossier, and no press: {item}"
        );
    }

    counter.network.rule(Rule::Pass);
    let sent = kiosk.call("send_now", json!({}))?;
    let word = |dossier: &str| -> Result<String> {
        let all = sent["items"].as_array().context("no items")?;
        let one = all
            .iter()
            .find(|i| i["dossier"] == json!(dossier))
            .context("no item")?;
        Ok(vi(one, "/just_now/vi").to_owned())
    };
    ensure!(
        word(&good.dossier)? == "Vừa gửi xong, tỉnh đã nhận đủ tệp.",
        "{}",
        word(&good.dossier)?
    );
    ensure!(
        word(&bad.dossier)?.starts_with("Bản điện tử của hồ sơ hỏng hoặc mất."),
        "{}",
        word(&bad.dossier)?
    );
    for item in sent["items"].as_array().context("no items")? {
        ensure!(item["reason"].is_null(), "what came of it is said twice: {item}");
    }
    ensure!(
        vi(&sent, "/pass/vi") == "Vừa thử 2 hồ sơ: 1 đã tới tỉnh, 1 còn ở đây.",
        "{}",
        sent["pass"]
    );
    let after = items(&mut kiosk)?;
    let next = |dossier: &str| {
        let one = after.iter().find(|i| i["dossier"] == json!(dossier));
        one.map(|i| i["next"].clone()).unwrap_or_default()
    };
    ensure!(
        (next(&bad.dossier), next(&good.dossier)) == (json!("send_again"), Value::Null),
        "the press that the sentence names: {after:?}"
    );
    let again = kiosk.call("send_now", json!({}))?;
    ensure!(
        vi(&again, "/pass/vi") == "Không còn hồ sơ nào chờ gửi.",
        "{}",
        again["pass"]
    );
    ensure!(
        items(&mut kiosk)?.iter().all(|i| i["just_now"].is_null()),
        "the control: nobody pressed, and nothing came of it"
    );
    Ok(())
}

//! The province publishes, the counter pulls, a draft stays where it began and is moved by its officer, and a catalogue with
//! a mistake never leaves the province.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use stories::counter::all_acknowledged;
use stories::{Counter, Kiosk, form, wait};

const OLD_NAME: &str = "Đăng ký khai sinh";
const NEW_NAME: &str = "Đăng ký khai sinh (bản mới)";
fn at<'a>(view: &'a Value, pointer: &str) -> &'a Value {
    view.pointer(pointer).unwrap_or(&Value::Null)
}

/// The catalogue as files, with a change in the text of the birth registration.
fn folder(counter: &Counter, name: &str, change: impl FnOnce(String) -> String) -> Result<PathBuf> {
    let folder = counter.province.beside().join(name);
    for (path, bytes) in catalogue::built_in::parts().iter() {
        let file = folder.join(path);
        std::fs::create_dir_all(file.parent().context("a folder")?)?;
        std::fs::write(file, bytes)?;
    }
    let birth = folder.join(format!("procedures/{}.json", form::PROCEDURE));
    let text = change(std::fs::read_to_string(&birth)?);
    std::fs::write(birth, text)?;
    Ok(folder)
}

fn publish(counter: &Counter, folder: &Path) -> Result<Value> {
    counter
        .province
        .admin(&["publish", &folder.display().to_string()])
}

/// Waits until the kiosk itself says that it works with this version.
fn uses(kiosk: &mut Kiosk, version: u64) -> Result<Value> {
    wait::until("the published catalogue to be in use", || {
        kiosk.call("send_now", json!({}))?;
        let status = kiosk.call("kiosk_status", json!({}))?;
        Ok((at(&status, "/catalogue/version") == &json!(version)).then_some(status))
    })
}

#[test]
fn published_pulled_pinned_and_upgraded() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let before = kiosk.call("kiosk_status", json!({}))?;
    ensure!(at(&before, "/catalogue/source") == "built_in", "{before}");

    let first = counter.province.admin(&["publish", "--built-in"])?;
    ensure!(at(&first, "/version") == &json!(1), "{first}");
    let status = uses(&mut kiosk, 1)?;
    ensure!(at(&status, "/catalogue/source") == "province", "{status}");
    ensure!(at(&status, "/catalogue/trouble").is_null(), "{status}");

    // A draft begins on version 1; version 2 comes while it stands open.
    let dossier = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &dossier, 0)?;
    let second = publish(&counter, &folder(&counter, "second", with_new_question)?)?;
    ensure!(at(&second, "/version") == &json!(2), "{second}");
    uses(&mut kiosk, 2)?;
    kiosk.close()?;
    let mut kiosk = counter.reopen()?;
    let view = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    ensure!(
        at(&view, "/procedure/name/vi") == OLD_NAME,
        "the draft left its version: {view}"
    );
    ensure!(
        at(&view, "/interview/complete") == true,
        "nothing new is asked of it"
    );
    ensure!(
        at(&view, "/upgrade/ask/0/question") == "blood_group",
        "{}",
        at(&view, "/upgrade")
    );

    // Another version than the one that was read about is refused; the one that was is carried out.
    let refused = kiosk.refused(
        "upgrade_dossier",
        json!({ "dossier": dossier, "to_version": "another" }),
    )?;
    ensure!(refused.told().0 == "nothing_to_upgrade", "{refused}");
    let to = at(&view, "/upgrade/to_version");
    let moved = kiosk.call("upgrade_dossier", json!({ "dossier": dossier, "to_version": to }))?;
    ensure!(at(&moved, "/procedure/name/vi") == NEW_NAME, "{moved}");
    ensure!(at(&moved, "/upgrade").is_null() && at(&moved, "/interview/complete") == false);
    kiosk.call(
        "give_answer",
        json!({ "dossier": dossier, "question": "blood_group", "raw": { "kind": "text", "value": "O" } }),
    )?;
    form::confirm(&mut kiosk, &dossier)?;
    let sealed = form::seal(&mut kiosk, &dossier)?;
    all_acknowledged(&mut kiosk, 1)?;

    let opened = counter.province.opened(&sealed.dossier)?;
    ensure!(
        at(&opened, "/catalogue_sha256") == at(&second, "/sha256"),
        "the form names its catalogue: {opened}"
    );
    Ok(())
}

/// The birth registration with one question more.
fn with_new_question(text: String) -> String {
    let mut procedure: Value = serde_json::from_str(&text).unwrap_or_default();
    let question = json!({
        "id": "blood_group", "kind": { "type": "text" }, "required": true,
        "label": { "vi": "Nhóm máu của bé", "en": "The child's blood group" },
    });
    for (place, new) in [("/version", json!("2099.01-1")), ("/name/vi", json!(NEW_NAME))] {
        if let Some(held) = procedure.pointer_mut(place) {
            *held = new;
        }
    }
    let pages = procedure.pointer_mut("/pages").and_then(Value::as_array_mut);
    let child = pages
        .into_iter()
        .flatten()
        .find(|page| at(page, "/id") == "child")
        .and_then(|page| page.pointer_mut("/questions")?.as_array_mut());
    if let Some(questions) = child {
        questions.push(question);
    }
    procedure.to_string()
}

#[test]
fn a_catalogue_with_a_mistake_is_not_published_and_a_bad_one_is_not_taken() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.province.admin(&["publish", "--built-in"])?;
    uses(&mut kiosk, 1)?;

    let faulty = folder(&counter, "faulty", |text| {
        text.replacen("\"result_code\"", "\"result_kode\"", 1)
    })?;
    let refused = publish(&counter, &faulty)
        .err()
        .context("it was published")?
        .to_string();
    ensure!(
        refused.contains("procedures/1.001193.json:") && refused.contains("result_kode"),
        "file and line are said: {refused}"
    );

    // A paper that does not draw stays at the province too, and the clerk hears which line of which file it is; the check
    // that a clerk runs beforehand says the same.
    let unprintable = folder(&counter, "unprintable", |text| text)?;
    let slip = unprintable.join("paper/void_a5.typ");
    let text = std::fs::read_to_string(&slip)?;
    std::fs::write(&slip, format!("#let x = 1\n#let y = khong_co\n{text}"))?;
    let refused = publish(&counter, &unprintable)
        .err()
        .context("a paper that does not draw was published")?
        .to_string();
    ensure!(
        refused.contains("paper/void_a5.typ:2:") && refused.contains("không in ra được"),
        "file and line are said: {refused}"
    );
    let checked = std::process::Command::new(stories::programs::find(stories::programs::KIOSK)?)
        .args(["procedures", "check"])
        .arg(&unprintable)
        .output()?;
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    ensure!(
        !checked.status.success() && said.contains("paper/void_a5.typ:2:"),
        "{said}"
    );
    std::fs::write(&slip, text.replacen("PHIẾU HỦY", "PHIẾU  HỦY", 1))?;
    let second = publish(&counter, &unprintable)?;
    ensure!(at(&second, "/version") == &json!(2), "{second}");
    uses(&mut kiosk, 2)?;

    // What the counter holds on disk is damaged: it stands on the floor, says so, and pulls anew.
    kiosk.close()?;
    let folder = counter.data().join("catalogue");
    for entry in std::fs::read_dir(&folder)? {
        std::fs::write(entry?.path(), b"damaged")?;
    }
    let mut kiosk = counter.reopen()?;
    let status = uses(&mut kiosk, 2)?;
    ensure!(at(&status, "/catalogue/trouble").is_null(), "{status}");
    form::file(&mut kiosk, 0)?;
    all_acknowledged(&mut kiosk, 1)?;
    Ok(())
}

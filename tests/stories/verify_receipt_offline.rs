//! A receipt is held up to the counter and to the small program of its own, with the province's cable pulled. What is
//! read is what a scanner reads from the printed page.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use stories::{Counter, form, programs};

/// The codes on a page, by zbar, from the page drawn by poppler at 150 dpi: no program of ours on the way.
fn scanned(pdf: &Path, folder: &Path) -> Result<Vec<String>> {
    let page = folder.join("page");
    let drawn = Command::new("pdftoppm")
        .args(["-r", "150", "-png", "-singlefile"])
        .arg(pdf)
        .arg(&page)
        .status()
        .context("pdftoppm (package poppler-utils)")?;
    ensure!(drawn.success(), "the page was not drawn");
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(page.with_extension("png"))
        .stderr(Stdio::null())
        .output()
        .context("zbarimg (package zbar-tools)")?;
    Ok(String::from_utf8_lossy(&read.stdout)
        .lines()
        .map(str::to_owned)
        .collect())
}

fn verifier(trust: &Path, text: &str) -> Result<(Option<i32>, Value)> {
    let answer = Command::new(programs::find(programs::VERIFIER)?)
        .arg("--trust")
        .arg(trust)
        .args(["--json", text])
        .output()?;
    let said = serde_json::from_slice(&answer.stdout).unwrap_or(Value::Null);
    Ok((answer.status.code(), said))
}

fn verdict(answer: &Value) -> &str {
    let verdict = answer.pointer("/proof/verdict").and_then(Value::as_str);
    verdict.unwrap_or("none")
}

#[test]
fn verify_receipt_offline() -> Result<()> {
    let (mut counter, mut kiosk) = Counter::open()?;
    let trust = counter.province.beside().join("certificates.json");
    let certificates = counter.province.admin(&["devices", "certificates"])?;
    std::fs::write(&trust, certificates.to_string())?;
    counter.province.stop()?;

    let sealed = form::file(&mut kiosk, 0)?;
    let pdf = sealed.pdf.clone().context("no receipt was saved")?;
    let codes = scanned(&pdf, counter.province.beside())?;
    let proof = codes
        .iter()
        .find(|c| c.starts_with("VN1:"))
        .with_context(|| format!("no proof among {codes:?}"))?;
    let link = codes
        .iter()
        .find(|c| c.starts_with("HTTP"))
        .context("no look-up link")?;
    ensure!(
        link.ends_with(&sealed.number),
        "the link holds the number and no more: {link}"
    );
    ensure!(*link == link.to_uppercase(), "upper case only: {link}");
    for code in &codes {
        ensure!(!code.contains(&sealed.secret), "the secret stands in a code");
    }

    // The kiosk, with no network.
    let answer = kiosk.call("look_up", json!({ "text": proof }))?;
    ensure!(verdict(&answer) == "genuine", "{answer}");
    ensure!(answer.get("number") == Some(&json!(sealed.number)), "{answer}");
    ensure!(
        answer.pointer("/item/word/vi") == Some(&json!("đã lưu ở máy quầy")),
        "{answer}"
    );

    // A photograph of the slip says the same as its text; the proof is taken where both codes are on it.
    let folder = tempfile::tempdir()?;
    let photograph = |name: &str, texts: &[&str]| -> Result<Value> {
        let path = folder.path().join(name);
        stories::qr::sheet(texts)?.save(&path)?;
        Ok(json!({ "picture": { "from": "file", "path": path } }))
    };
    let both = photograph("phieu.png", &[link, proof])?;
    ensure!(
        kiosk.call("look_up_picture", both)? == answer,
        "the picture says something else"
    );
    let only_link = photograph("link.png", &[link])?;
    ensure!(verdict(&kiosk.call("look_up_picture", only_link)?) == "none");
    let nothing = photograph("trang.png", &[])?;
    let (code, ..) = kiosk.refused("look_up_picture", nothing)?.told();
    ensure!(code == "slip_no_code", "{code}");

    // The small program, which shares nothing with the kiosk.
    let (code, said) = verifier(&trust, proof)?;
    ensure!(
        code == Some(0) && said.get("number") == Some(&json!(sealed.number)),
        "{code:?} {said}"
    );
    ensure!(said.get("time_fits") == Some(&Value::Bool(true)), "{said}");

    // One letter changed, the other code, nothing at all: neither is fooled.
    let middle = proof.len() / 2;
    let letter = if proof.get(middle..=middle) == Some("A") {
        "B"
    } else {
        "A"
    };
    let changed = format!("{}{letter}{}", &proof[..middle], &proof[middle + 1..]);
    for (text, why) in [
        (changed.as_str(), "signature"),
        (link.as_str(), "no_proof"),
        ("", "no_proof"),
    ] {
        let (code, said) = verifier(&trust, text)?;
        ensure!(code == Some(1), "{text:?}: {code:?}");
        // A changed letter may fall on the kiosk's number: then its certificate is unknown, which is no less a no.
        let told = said.get("why").and_then(Value::as_str).unwrap_or_default();
        ensure!(told == why || told == "unknown_kiosk", "{text:?}: {said}");
    }

    // The kiosk says so too: a changed letter makes it a forgery, or another kiosk's, or no proof at all.
    match kiosk.call("look_up", json!({ "text": changed })) {
        Ok(answer) => ensure!(verdict(&answer) != "genuine", "{answer}"),
        Err(error) => {
            let (code, ..) = error.downcast::<stories::Refused>()?.told();
            ensure!(code == "receipt_number_wrong", "{code}");
        }
    }
    let answer = kiosk.call("look_up", json!({ "text": link }))?;
    ensure!(verdict(&answer) == "none", "a link proves nothing: {answer}");

    // Another province's certificates say nothing of this kiosk: never "genuine".
    let (stranger, other) = Counter::open()?;
    other.close()?;
    let foreign = stranger.province.beside().join("certificates.json");
    std::fs::write(
        &foreign,
        stranger.province.admin(&["devices", "certificates"])?.to_string(),
    )?;
    let (code, said) = verifier(&foreign, proof)?;
    ensure!(code == Some(1), "another province vouched for it: {said}");
    kiosk.close()?;
    Ok(())
}

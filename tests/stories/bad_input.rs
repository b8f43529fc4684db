//! Bad input at a real kiosk: each gets a code, a layer and a Vietnamese sentence, and what was there before is
//! there after.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use stories::counter::{PIN, items};
use stories::view::question;
use stories::{Counter, Kiosk, Refused, form, page, programs};

/// Everything that a problem must not touch: drafts with their answers and files, and the outbox.
fn dossiers(kiosk: &mut Kiosk) -> Result<Value> {
    let home = kiosk.call("home", json!({}))?;
    let mut all = Vec::new();
    for draft in home.get("drafts").and_then(Value::as_array).into_iter().flatten() {
        let view = kiosk.call("open_dossier", json!({ "dossier": draft.get("dossier") }))?;
        let pages = view.pointer("/interview/pages").cloned();
        all.push(json!({ "draft": draft.get("dossier"), "pages": pages, "files": view.get("files"), "consented": view.get("consented") }));
    }
    let sealed: Vec<Value> = items(kiosk)?.iter().map(|i| json!({ "item": i.get("dossier"), "number": i.get("receipt_number"), "delivery": i.get("delivery") })).collect();
    Ok(json!({ "drafts": all, "sealed": sealed }))
}

fn is(refused: &Refused, code: &str, layer: &str, sentence: &str) -> Result<()> {
    let (c, l, vi) = refused.told();
    ensure!(
        c == code && l == layer,
        "{code}/{layer} was meant, {c}/{l} came: {vi}"
    );
    ensure!(
        vi.contains(sentence),
        "the sentence of {code} was to hold \"{sentence}\": {vi}"
    );
    Ok(())
}

/// A draft with everything in it, and one dossier sealed with the network down.
fn counter_with_work() -> Result<(Counter, Kiosk, String)> {
    let (counter, mut kiosk) = Counter::open()?;
    counter.network.rule(stories::Rule::Refuse);
    counter.network.cut();
    form::file(&mut kiosk, 0)?;
    let draft = form::start(&mut kiosk)?;
    form::fill(&mut kiosk, &draft, 1)?;
    Ok((counter, kiosk, draft))
}

/// Faults of what was typed stand beside the field; what was typed is kept, everything else is as before.
#[test]
fn typed_wrong() -> Result<()> {
    let (_counter, mut kiosk, draft) = counter_with_work()?;
    let long = "dài ".repeat(2500);
    let tomorrow = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48))
        .strftime("%d/%m/%Y")
        .to_string();
    let table = [
        ("requester_id", "01119800012", Some("id_length"), "12 số"),
        ("requester_id", "0111980001234", Some("id_length"), "12 số"),
        (
            "requester_id",
            "01119800012x",
            Some("id_not_digits"),
            "chỉ gồm chữ số",
        ),
        ("requester_id", "012345678", None, ""),
        (
            "child_birth_date",
            tomorrow.as_str(),
            Some("date_in_future"),
            "chưa tới",
        ),
        (
            "child_birth_date",
            "31/02/2026",
            Some("date_impossible"),
            "không có ngày này",
        ),
        ("child_name", "Vàng Lò 😀", Some("pictograph"), "emoji"),
        ("child_name", long.as_str(), Some("too_long"), "rút gọn"),
        ("requester_phone", "12", Some("phone_shape"), "10 số"),
    ];
    for (id, typed, code, sentence) in table {
        let before = dossiers(&mut kiosk)?;
        let view = kiosk.call("open_dossier", json!({ "dossier": draft }))?;
        let old = question(&view, id)?;
        let view = kiosk.call(
            "give_answer",
            json!({ "dossier": draft, "question": id, "raw": { "kind": "text", "value": typed } }),
        )?;
        let shown = question(&view, id)?;
        let fault = shown.pointer("/fault/code").and_then(Value::as_str);
        ensure!(fault == code, "{id}: {fault:?} instead of {code:?}");
        let words = shown
            .pointer("/fault/words/vi")
            .and_then(Value::as_str)
            .unwrap_or_default();
        ensure!(words.contains(sentence), "{id}: {words}");
        if code.is_some() {
            ensure!(
                shown.to_string().contains(typed.trim()),
                "{id}: what was typed is lost"
            );
            let go = kiosk.refused(
                "go_to",
                json!({ "dossier": draft, "place": { "place": "filing" } }),
            )?;
            is(&go, "not_complete", "form", "Còn ô chưa xong")?;
        }
        put_back(&mut kiosk, &draft, id, old)?;
        let after = dossiers(&mut kiosk)?;
        ensure!(
            unconfirmed(before) == unconfirmed(after),
            "{id}: something else changed"
        );
    }
    Ok(())
}

/// The field as it was before; typed again it is no longer confirmed, and that is right.
fn put_back(kiosk: &mut Kiosk, draft: &str, id: &str, old: &Value) -> Result<()> {
    let shown = old.get("shown").and_then(Value::as_str).unwrap_or_default();
    let example = form::answers(1)?
        .into_iter()
        .find(|(q, _)| q == id)
        .map(|(_, raw)| raw);
    let raw = example.unwrap_or(json!({ "kind": "text", "value": shown }));
    kiosk.call(
        "give_answer",
        json!({ "dossier": draft, "question": id, "raw": raw }),
    )?;
    Ok(())
}

fn unconfirmed(mut books: Value) -> Value {
    let pages = books
        .pointer_mut("/drafts")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten();
    for pages in pages.filter_map(|d| d.get_mut("pages")?.as_array_mut()) {
        for page in pages {
            for question in page
                .get_mut("questions")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                question["confirmed"] = json!(false);
            }
        }
    }
    books
}

/// A number that does not fit sex or year of birth is a warning: the officer decides, nothing is held up.
#[test]
fn a_number_that_does_not_fit_is_a_warning() -> Result<()> {
    let (_counter, mut kiosk, draft) = counter_with_work()?;
    for (number, code) in [
        ("011098000123", "id_sex_differs"),
        ("011197000123", "id_birth_year_differs"),
    ] {
        let view = kiosk.call(
            "give_answer",
            json!({ "dossier": draft, "question": "mother_id", "raw": { "kind": "text", "value": number } }),
        )?;
        let shown = question(&view, "mother_id")?;
        let warned = shown
            .get("warnings")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|w| w.get("code") == Some(&json!(code)));
        ensure!(warned, "{number}: no {code} in {shown}");
        ensure!(
            shown.get("fault").is_none_or(Value::is_null),
            "{number}: a warning, not a fault: {shown}"
        );
        ensure!(
            view.pointer("/interview/complete") == Some(&json!(true)),
            "{number}: a warning holds nothing up"
        );
    }
    Ok(())
}

/// Decomposed text is the same name; ten times the longest kept text is refused and the answer stays.
#[test]
fn decomposed_and_endless_text() -> Result<()> {
    let (_counter, mut kiosk, draft) = counter_with_work()?;
    let nfd = "Va\u{300}ng Lo\u{300} Bi\u{300}nh Minh";
    let view = kiosk.call(
        "give_answer",
        json!({ "dossier": draft, "question": "child_name", "raw": { "kind": "text", "value": nfd } }),
    )?;
    ensure!(
        question(&view, "child_name")?.get("shown") == Some(&json!("Vàng Lò Bình Minh")),
        "NFD was not composed"
    );
    let before = dossiers(&mut kiosk)?;
    let endless = "a".repeat(100_000);
    let refused = kiosk.refused(
        "give_answer",
        json!({ "dossier": draft, "question": "child_name", "raw": { "kind": "text", "value": endless } }),
    )?;
    is(&refused, "text_too_long", "form", "phần đã gõ vẫn được giữ")?;
    ensure!(dossiers(&mut kiosk)? == before, "the refusal changed something");
    Ok(())
}

/// Header and nothing behind it, of a picture of four billion dots.
fn bomb() -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend_from_slice(&65_000_u32.to_be_bytes());
    header.extend_from_slice(&65_000_u32.to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d".to_vec();
    png.extend_from_slice(&header);
    png.extend_from_slice(&crc32(&header).to_be_bytes());
    for chunk in [&b"IDAT"[..], &b"IEND"[..]] {
        png.extend_from_slice(&[0, 0, 0, 0]);
        png.extend_from_slice(chunk);
        png.extend_from_slice(&crc32(chunk).to_be_bytes());
    }
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 1 {
            (crc >> 1) ^ 0xedb8_8320
        } else {
            crc >> 1
        }
    };
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc))
    })
}

#[test]
fn files_that_are_no_papers() -> Result<()> {
    let (counter, mut kiosk, draft) = counter_with_work()?;
    let folder = counter.data().with_file_name("picked");
    std::fs::create_dir_all(&folder)?;
    let put = |name: &str, bytes: &[u8]| -> Result<PathBuf> {
        let path = folder.join(name);
        std::fs::write(&path, bytes)?;
        Ok(path)
    };
    let whole = page::scanned(77)?;
    let huge = put("to.jpg", &whole)?;
    std::fs::File::options()
        .write(true)
        .open(&huge)?
        .set_len(200 * 1024 * 1024)?;
    let table = [
        (
            put("giay.jpg", b"MZ\x90\x00 not a picture")?,
            "file_not_a_paper",
            "không phải ảnh JPEG, PNG, TIFF hay PDF",
        ),
        (
            put("trang.html.pdf", b"<html>hello</html>")?,
            "file_not_a_paper",
            "không phải ảnh JPEG, PNG, TIFF hay PDF",
        ),
        (put("rong.jpg", b"")?, "file_empty", "Tệp rỗng"),
        (huge, "file_too_large", "quá lớn"),
        (put("bom.png", &bomb())?, "picture_too_big", "kích thước quá lớn"),
        (
            put("cut.jpg", whole.get(..60).context("short")?)?,
            "file_broken",
            "hỏng",
        ),
        (folder.join("khong-co.jpg"), "file_missing", "Không mở được"),
    ];
    let before = dossiers(&mut kiosk)?;
    for (path, code, sentence) in table {
        let params = json!({ "dossier": draft, "component": "birth_certificate_hospital", "path": path });
        let refused = kiosk
            .refused("add_file", params)
            .with_context(|| path.display().to_string())?;
        is(&refused, code, "paper", sentence)?;
        ensure!(dossiers(&mut kiosk)? == before, "{code} changed something");
    }
    // What its name says does not matter: a real picture under another name is taken.
    let misnamed = put("anh.pdf", &whole)?;
    kiosk.call(
        "add_file",
        json!({ "dossier": draft, "component": "birth_certificate_hospital", "path": misnamed }),
    )?;
    Ok(())
}

#[test]
fn a_wrong_pin_ten_times() -> Result<()> {
    let (counter, mut kiosk, _) = counter_with_work()?;
    let view = kiosk.call(
        "add_operator",
        json!({ "name": "Lò Văn Thắng", "role": "head", "pin": "246813" }),
    )?;
    let all = view
        .get("operators")
        .and_then(Value::as_array)
        .context("no operators")?;
    let other = all
        .iter()
        .map(|o| o.get("id"))
        .find(|id| *id != Some(counter.officer()))
        .flatten()
        .context("no second head")?
        .clone();
    let before = dossiers(&mut kiosk)?;
    kiosk.call("sign_out", json!({}))?;
    for attempt in 1..=10 {
        let refused = kiosk.refused(
            "sign_in",
            json!({ "operator": counter.officer(), "pin": "975318" }),
        )?;
        let (code, sentence) = if attempt < 10 {
            ("wrong_pin", "chưa đúng")
        } else {
            ("operator_locked", "Không hồ sơ nào bị mất")
        };
        is(&refused, code, "key", sentence)?;
    }
    let refused = kiosk.refused("sign_in", json!({ "operator": counter.officer(), "pin": PIN }))?;
    is(
        &refused,
        "operator_locked",
        "key",
        "Xin phụ trách quầy đặt lại PIN",
    )?;
    kiosk.call("sign_in", json!({ "operator": other, "pin": "246813" }))?;
    kiosk.call("reset_pin", json!({ "operator": counter.officer(), "pin": PIN }))?;
    counter.sign_in(&mut kiosk)?;
    ensure!(dossiers(&mut kiosk)? == before, "a lock changed a dossier");
    Ok(())
}

/// Under a limit of the system no file may grow: the seal stops before anything is promised, and works once there
/// is room.
#[test]
fn a_full_disk() -> Result<()> {
    let (counter, mut kiosk, draft) = counter_with_work()?;
    form::confirm(&mut kiosk, &draft)?;
    let before = dossiers(&mut kiosk)?;
    kiosk.close()?;
    let mut command = Command::new("bash");
    // 64 blocks of 1024 bytes: room for a commit's few pages, none for a sealed picture. The signal that comes with
    // the limit is ignored, so that the program sees an error as on a full disk. Its log lies on that disk too: a file
    // that is at the limit from the start, so that no line can be written.
    let log = counter.data().join("full.log");
    std::fs::write(&log, vec![b'\n'; 64 * 1024])?;
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" rpc --data \"$1\" 2>>\"$2\"";
    command
        .args(["-c", script])
        .arg(programs::find(programs::KIOSK)?)
        .arg(counter.data())
        .arg(&log);
    let mut kiosk = Kiosk::run(command, &counter.data())?;
    counter.sign_in(&mut kiosk)?;
    kiosk.call("open_dossier", json!({ "dossier": draft }))?;
    let refused = kiosk.refused("seal_dossier", json!({ "dossier": draft }))?;
    is(&refused, "disk_full", "disk", "Hồ sơ đã lưu vẫn còn nguyên")?;
    kiosk.kill()?;
    let mut kiosk = counter.reopen()?;
    ensure!(dossiers(&mut kiosk)? == before, "a full disk changed a dossier");
    kiosk.call("open_dossier", json!({ "dossier": draft }))?;
    kiosk.call("seal_dossier", json!({ "dossier": draft }))?;
    ensure!(
        items(&mut kiosk)?.len() == 2,
        "it does not seal once there is room"
    );
    Ok(())
}

fn does_not_open(data: &Path) -> Result<Refused> {
    match Kiosk::open(data) {
        Ok(_) => anyhow::bail!("the kiosk opened"),
        Err(error) => error.downcast::<Refused>(),
    }
}

#[test]
fn two_instances_at_once() -> Result<()> {
    let (counter, mut kiosk, _) = counter_with_work()?;
    let before = dossiers(&mut kiosk)?;
    is(
        &does_not_open(&counter.data())?,
        "already_running",
        "program",
        "đang mở sẵn",
    )?;
    ensure!(
        dossiers(&mut kiosk)? == before,
        "the second instance changed something"
    );
    Ok(())
}

#[test]
fn a_database_from_a_newer_version() -> Result<()> {
    let (counter, mut kiosk, _) = counter_with_work()?;
    let before = dossiers(&mut kiosk)?;
    kiosk.close()?;
    let version = |to: &str| -> Result<String> {
        let outbox = store::Outbox::open(&counter.data())?;
        let found: u32 = outbox.db().query_row("PRAGMA user_version", [], |r| r.get(0))?;
        outbox
            .db()
            .execute_batch(&format!("PRAGMA user_version = {to}"))?;
        Ok(found.to_string())
    };
    let ours: u32 = version("9")?.parse()?;
    is(
        &does_not_open(&counter.data())?,
        "database_newer",
        "database",
        "không có gì bị mất",
    )?;
    // The newer program puts its own version back in our place: every byte is as it was.
    let path = counter.data().join("outbox.db");
    let mut bytes = std::fs::read(&path)?;
    // The version is a big-endian number at byte 60 of the file (sqlite.org/fileformat2.html).
    bytes.splice(60..64, ours.to_be_bytes());
    std::fs::write(&path, bytes)?;
    let mut kiosk = counter.reopen()?;
    ensure!(
        dossiers(&mut kiosk)? == before,
        "refusing to open changed something"
    );
    Ok(())
}

//! Print on a captured paper at a real kiosk, read by the real program: the name on a birth certificate becomes a
//! suggestion that the citizen is asked about by itself; an empty page gives nothing, and a machine without the program
//! says so and changes nothing.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use stories::photo::{BIRTH_ANNA, Photo};
use stories::view::question;
use stories::{Counter, Kiosk, form};

const PAPER: &str = "birth_certificate_hospital";
const NAME: &str = "VÀNG LÒ ANNA";

/// Takes a picture in as a page of the certificate; answers its handle.
fn capture(kiosk: &mut Kiosk, dossier: &str, name: &str, bytes: &[u8]) -> Result<Value> {
    let path = kiosk.data().with_file_name(name);
    std::fs::write(&path, bytes)?;
    let view = kiosk.call(
        "add_file",
        json!({ "dossier": dossier, "component": PAPER, "path": path }),
    )?;
    let files = view.get("files").and_then(Value::as_array).context("no files")?;
    files
        .last()
        .and_then(|f| f.get("id").cloned())
        .context("no page was taken")
}

fn lines(kiosk: &mut Kiosk, dossier: &str, file: &Value) -> Result<Vec<Value>> {
    let read = kiosk.call("read_text", json!({ "dossier": dossier, "file": file }))?;
    read.get("lines")
        .and_then(Value::as_array)
        .cloned()
        .context("no list of lines")
}

fn stands(question: &Value, wanted: Value) -> Result<()> {
    for (at, value) in wanted.as_object().into_iter().flatten() {
        ensure!(question.get(at) == Some(value), "{at} is not {value}: {question}");
    }
    Ok(())
}

fn blank() -> Result<Vec<u8>> {
    let page = image::GrayImage::from_pixel(1240, 1754, image::Luma([244]));
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageLuma8(page).write_to(&mut jpeg, image::ImageFormat::Jpeg)?;
    Ok(jpeg.into_inner())
}

#[test]
fn the_name_is_suggested_and_the_citizen_asked() -> Result<()> {
    let (_counter, mut kiosk) = Counter::open()?;
    let dossier = form::start(&mut kiosk)?;
    let photo = Photo {
        quarters: 0,
        ..Photo::small()
    };
    let page = capture(&mut kiosk, &dossier, "giay.jpg", &photo.of(BIRTH_ANNA))?;
    let empty = capture(&mut kiosk, &dossier, "trang.jpg", &blank()?)?;
    let before = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    ensure!(
        before.get("reads_text") == Some(&json!(true)),
        "tesseract and its Vietnamese are not installed"
    );
    let found = lines(&mut kiosk, &dossier, &page)?;
    let named = found.iter().find(|line| line.get("value") == Some(&json!(NAME)));
    let named = named.with_context(|| format!("{NAME} is in no line of {found:?}"))?;
    ensure!(
        named
            .get("top")
            .and_then(Value::as_u64)
            .is_some_and(|top| (100..600).contains(&top)),
        "the line is elsewhere: {named}"
    );
    ensure!(
        found.iter().any(|line| line.get("unsure") == Some(&json!(false))),
        "nothing is certain"
    );
    // The control: a reader that makes things up is found out.
    let nothing = lines(&mut kiosk, &dossier, &empty)?;
    ensure!(nothing.is_empty(), "an empty page says {nothing:?}");
    let after = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    ensure!(
        after.get("interview") == before.get("interview"),
        "reading changed the form"
    );
    suggested_and_confirmed(&mut kiosk, &dossier, &page, named)?;
    never_in_the_place_of_another(&mut kiosk, &dossier, &page)
}

fn suggest(dossier: &str, page: &Value, question: &str, text: &str) -> Value {
    json!({ "dossier": dossier, "question": question, "text": text, "file": page, "top": 300, "height": 20 })
}

/// What holds up the filing about this field, if anything does.
fn waits_for(view: &Value, question: &str) -> Option<Value> {
    let missing = view.pointer("/interview/missing")?.as_array()?;
    missing
        .iter()
        .find(|m| m.get("question") == Some(&json!(question)))
        .cloned()
}

fn suggested_and_confirmed(kiosk: &mut Kiosk, dossier: &str, file: &Value, line: &Value) -> Result<()> {
    let (code, ..) = kiosk
        .refused("suggest_answer", suggest(dossier, file, "child_sex", "Nữ"))?
        .told();
    ensure!(code == "question_unknown", "a choice is no line of print: {code}");
    let put = json!({
        "dossier": dossier, "question": "child_name", "text": NAME,
        "file": file, "top": line.get("top"), "height": line.get("height"),
    });
    let view = kiosk.call("suggest_answer", put)?;
    let asked = json!({
        "shown": NAME, "source": "paper", "review": true, "confirm": true, "confirmed": false, "compared": false
    });
    stands(question(&view, "child_name")?, asked)?;
    // It counts as no answer, and the picture of the line is there for whoever compares.
    let waits = waits_for(&view, "child_name").context("an unread suggestion counts as an answer")?;
    ensure!(
        waits.get("kind") == Some(&json!("suggested")) && waits.get("compared") == Some(&json!(false)),
        "{waits}"
    );
    ensure!(
        view.pointer("/found_at/child_name/file") == Some(file)
            && view.pointer("/found_at/child_name/top") == line.get("top"),
        "the picture is not beside the field: {:?}",
        view.get("found_at")
    );
    // "Đúng hết" for the page does not cover it.
    let page = view
        .pointer("/interview/pages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|page| page.to_string().contains("\"child_name\""))
        .and_then(|page| page.get("id").cloned())
        .context("no page asks for the child's name")?;
    kiosk.call(
        "go_to",
        json!({ "dossier": dossier, "place": { "place": "page", "page": page, "back_to_check": false } }),
    )?;
    kiosk.citizen("confirm_page", json!({ "page": page }))?;
    let view = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    stands(
        question(&view, "child_name")?,
        json!({ "review": true, "confirmed": false }),
    )?;
    // The officer compares it with the paper; the citizen is still to be asked.
    let one = json!({ "dossier": dossier, "question": "child_name" });
    let view = kiosk.call("compare_answer", one)?;
    let waits = waits_for(&view, "child_name").context("the citizen was not asked, and it counts")?;
    ensure!(waits.get("compared") == Some(&json!(true)), "{waits}");
    kiosk.citizen("confirm_answer", json!({ "question": "child_name" }))?;
    let view = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    ensure!(
        waits_for(&view, "child_name").is_none(),
        "both agreed, and it waits"
    );
    let agreed = json!({ "source": "paper", "review": false, "confirmed": true, "compared": true });
    stands(question(&view, "child_name")?, agreed)?;
    // The officer's keys take it over.
    let view = kiosk.call(
        "give_answer",
        json!({ "dossier": dossier, "question": "child_name", "raw": { "kind": "text", "value": "Vàng Lò Anna" } }),
    )?;
    stands(
        question(&view, "child_name")?,
        json!({ "source": "typed", "review": false, "confirmed": false }),
    )
}

/// A number from the citizen's card stays against what the machine reads, until the officer has seen both and chosen; an
/// unconfirmed suggestion holds up the sealing, and says why.
fn never_in_the_place_of_another(kiosk: &mut Kiosk, dossier: &str, file: &Value) -> Result<()> {
    let (by_hand, read) = ("0912345678", "0912345670");
    form::fill(kiosk, dossier, 0)?;
    kiosk.call(
        "give_answer",
        json!({ "dossier": dossier, "question": "requester_phone", "raw": { "kind": "text", "value": by_hand } }),
    )?;
    let shown = |view: &Value| -> Result<Value> {
        Ok(question(view, "requester_phone")?
            .get("shown")
            .cloned()
            .unwrap_or_default())
    };
    let view = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    let there = shown(&view)?;
    let put = |instead_of: Value| {
        let mut put = suggest(dossier, file, "requester_phone", read);
        if let (Some(fields), false) = (put.as_object_mut(), instead_of.is_null()) {
            fields.insert("instead_of".into(), instead_of);
        }
        put
    };
    for wrong in [Value::Null, json!("0999999999")] {
        let (code, _, vi) = kiosk.refused("suggest_answer", put(wrong))?.told();
        ensure!(
            code == "answer_there" && vi.contains("Xin xem cả hai"),
            "{code} {vi}"
        );
        let view = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
        ensure!(shown(&view)? == there, "what stood there was replaced");
        ensure!(
            view.pointer("/interview/complete") == Some(&json!(true)),
            "it was complete"
        );
    }
    let view = kiosk.call("suggest_answer", put(there))?;
    stands(
        question(&view, "requester_phone")?,
        json!({ "source": "paper", "review": true }),
    )?;
    // Not compared: neither the filing nor the seal is reached, whatever the citizen presses.
    ensure!(
        view.pointer("/interview/complete") == Some(&json!(false)),
        "an unread suggestion is complete"
    );
    let filing = json!({ "dossier": dossier, "place": { "place": "filing" } });
    let (code, ..) = kiosk.refused("go_to", filing)?.told();
    ensure!(code == "not_complete", "{code}");
    kiosk.refused("seal_dossier", json!({ "dossier": dossier }))?;
    let one = json!({ "dossier": dossier, "question": "requester_phone" });
    let view = kiosk.call("compare_answer", one)?;
    ensure!(
        view.pointer("/interview/complete") == Some(&json!(true)),
        "compared, and it waits"
    );
    let (code, ..) = kiosk
        .refused(
            "compare_answer",
            json!({ "dossier": dossier, "question": "child_name" }),
        )?
        .told();
    ensure!(
        code == "question_unknown",
        "only what the machine read is compared: {code}"
    );
    Ok(())
}

#[test]
fn without_the_program_it_is_said_and_nothing_changes() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    // The kiosk itself is started by its whole path; in this folder it finds no program.
    let nowhere = counter.data().with_file_name("khong-co-gi");
    std::fs::create_dir_all(&nowhere)?;
    let path = nowhere.to_str().context("the folder's name")?;
    let mut kiosk = counter.reopen_with(&[], &[("PATH", path)])?;
    let dossier = form::start(&mut kiosk)?;
    let page = capture(&mut kiosk, &dossier, "giay.png", BIRTH_ANNA)?;
    let before = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    ensure!(
        before.get("reads_text") == Some(&json!(false)),
        "a button would be shown"
    );
    let (code, layer, vi) = kiosk
        .refused("read_text", json!({ "dossier": dossier, "file": page }))?
        .told();
    ensure!(code == "no_text_reader" && layer == "paper", "{code} {layer}");
    ensure!(
        vi.contains("Chưa ghi gì") && vi.contains("gõ tay"),
        "no way on: {vi}"
    );
    let after = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    ensure!(
        after.get("interview") == before.get("interview"),
        "it changed the form"
    );
    Ok(())
}

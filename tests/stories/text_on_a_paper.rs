//! Print on a captured paper at a real kiosk, read by the real program: the name on a birth certificate becomes a
//! suggestion that the citizen is asked about by itself; an empty page gives nothing, and a machine without the program
//! says so and changes nothing.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use stories::photo::{BIRTH_ANNA, Photo};
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

fn question<'a>(view: &'a Value, id: &str) -> Result<&'a Value> {
    view.pointer("/interview/pages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|page| page.get("questions")?.as_array())
        .flatten()
        .find(|q| q.get("id") == Some(&json!(id)))
        .with_context(|| format!("{id} is not shown"))
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
    suggested_and_confirmed(&mut kiosk, &dossier)
}

fn suggested_and_confirmed(kiosk: &mut Kiosk, dossier: &str) -> Result<()> {
    let suggest =
        |question: &str, text: &str| json!({ "dossier": dossier, "question": question, "text": text });
    let (code, ..) = kiosk
        .refused("suggest_answer", suggest("child_sex", "Nữ"))?
        .told();
    ensure!(code == "question_unknown", "a choice is no line of print: {code}");
    let view = kiosk.call("suggest_answer", suggest("child_name", NAME))?;
    let asked =
        json!({ "shown": NAME, "source": "paper", "review": true, "confirm": true, "confirmed": false });
    stands(question(&view, "child_name")?, asked)?;
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
    kiosk.citizen("confirm_answer", json!({ "question": "child_name" }))?;
    let view = kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    let agreed = json!({ "source": "paper", "review": false, "confirmed": true });
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

#[test]
fn without_the_program_it_is_said_and_nothing_changes() -> Result<()> {
    let (counter, kiosk) = Counter::open()?;
    kiosk.close()?;
    // The kiosk itself is started by its whole path; in this folder it finds no program.
    let nowhere = counter.data().with_file_name("khong-co-gi");
    std::fs::create_dir_all(&nowhere)?;
    let path = nowhere.to_str().context("the folder's name")?;
    let mut kiosk = Kiosk::open_with(&counter.data(), &[], &[("PATH", path)])?;
    counter.sign_in(&mut kiosk)?;
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

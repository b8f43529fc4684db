//! An identity card at a real kiosk: it fills the person that the officer chose; a hostile one changes nothing and the
//! counter goes on.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use stories::view::question;
use stories::{Counter, form};

const CARD: &str = "011190003456|040123456|Lò Thị Mây|05081990|Nữ|Bản Nà Tông, Xã Nà Tấu, Huyện Điện Biên|15082021||Lò Văn Pâng";

fn is_filled(view: &Value) -> Result<()> {
    let name = question(view, "requester_name")?;
    ensure!(
        name.get("shown") == Some(&json!("Lò Thị Mây")),
        "the name is filled: {name}"
    );
    ensure!(
        name.get("source") == Some(&json!("scanned")),
        "and says where it is from"
    );
    Ok(())
}

#[test]
fn a_card_fills_one_person_and_hostile_codes_fill_nobody() -> Result<()> {
    let (_counter, mut kiosk) = Counter::open()?;
    let draft = form::start(&mut kiosk)?;
    let before = kiosk.call("open_dossier", json!({ "dossier": draft }))?;
    let long = format!("011190003456||{}|05081990|Nữ|x|15082021", "Lò ".repeat(4_000));
    for (code, wanted) in [
        ("011190003456|Lò Thị Mây|05081990", "card_unreadable"),
        (long.as_str(), "card_unreadable"),
        (
            "011190003456||Lò\u{7} Mây|05081990|Nữ|x|15082021",
            "card_unreadable",
        ),
        (
            "011190003456||Nguyá»…n VÄƒn A|05081990|Nam|x|15082021",
            "card_garbled",
        ),
    ] {
        let refused = kiosk.refused(
            "fill_from_card",
            json!({ "dossier": draft, "person": "requester_name", "code": code }),
        )?;
        let (told, layer, vi) = refused.told();
        ensure!(
            told == wanted && layer == "form",
            "{wanted} was meant, {told}/{layer} came"
        );
        ensure!(
            vi.contains("Chưa điền gì"),
            "it says that nothing was filled: {vi}"
        );
        ensure!(!vi.contains("Nguy"), "a problem repeats nothing of a card: {vi}");
        let after = kiosk.call("open_dossier", json!({ "dossier": draft }))?;
        ensure!(
            after.pointer("/interview") == before.pointer("/interview"),
            "{wanted} changed the form"
        );
    }
    let view = kiosk.call(
        "fill_from_card",
        json!({ "dossier": draft, "person": "requester_name", "code": CARD }),
    )?;
    is_filled(&view)?;
    let view = kiosk.call(
        "give_answer",
        json!({ "dossier": draft, "question": "requester_name", "raw": { "kind": "text", "value": "Lò Thị Mai" } }),
    )?;
    ensure!(
        question(&view, "requester_name")?.get("source") == Some(&json!("typed")),
        "editing drops the mark"
    );
    Ok(())
}

/// A photograph of a card's back: the code on grey, with a border, as a telephone would bring it.
fn picture(text: &str) -> Result<Vec<u8>> {
    let mut image = stories::qr::sheet(&[text])?;
    for dot in image.pixels_mut() {
        dot.0 = if dot.0 == [0] { [40] } else { [215] };
    }
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageLuma8(image).write_to(&mut jpeg, image::ImageFormat::Jpeg)?;
    Ok(jpeg.into_inner())
}

#[test]
fn a_card_is_read_from_its_picture_and_other_pictures_fill_nobody() -> Result<()> {
    let (counter, mut kiosk) = Counter::open()?;
    let draft = form::start(&mut kiosk)?;
    let before = kiosk.call("open_dossier", json!({ "dossier": draft }))?;
    let path = counter.data().with_file_name("card.jpg");
    let request =
        json!({ "dossier": draft, "person": "requester_name", "picture": { "from": "file", "path": path } });
    let other = picture("HTTPS://TRACUU.TINH.EXAMPLE/T/000010000119")?;
    let plain = stories::page::scanned(3)?;
    for (bytes, wanted) in [
        (plain.as_slice(), "card_no_code"),
        (other.as_slice(), "card_unreadable"),
        (b"no picture at all".as_slice(), "file_not_a_paper"),
    ] {
        std::fs::write(&path, bytes)?;
        let (told, layer, vi) = kiosk.refused("read_card_picture", request.clone())?.told();
        ensure!(told == wanted, "{wanted} was meant, {told}/{layer} came: {vi}");
        let after = kiosk.call("open_dossier", json!({ "dossier": draft }))?;
        ensure!(
            after.pointer("/interview") == before.pointer("/interview"),
            "{wanted} changed the form"
        );
    }
    std::fs::write(&path, picture(CARD)?)?;
    let view = kiosk.call("read_card_picture", request)?;
    is_filled(&view)?;
    Ok(())
}

//! Codes on pages and cards, drawn by encoders that are not ours.

use super::{Code, CodeKind, read};
use crate::PaperError;
use crate::intake::codes_of;
use image::{GrayImage, ImageFormat, Luma};
use std::io::Cursor;

/// As an identity card says it, for an invented person.
const CARD: &str = "011190003456|112345678|L\u{f2} Th\u{1ecb} M\u{e2}y|05081990|N\u{1eef}|B\u{1ea3}n N\u{e0} T\u{f4}ng|10012022";

/// A desk with a card on it: the code is a small part of the picture, at so many pixels a dot, in uneven light.
fn picture(dots: u32, light: u8) -> Vec<u8> {
    let code = qrcode::QrCode::new(CARD).unwrap();
    let side = u32::try_from(code.width()).unwrap();
    let colours = code.to_colors();
    let desk = GrayImage::from_fn(1600, 1200, |x, y| {
        let shade = light - u8::try_from(x * 60 / 1600).unwrap();
        let (cx, cy) = (x.wrapping_sub(700) / dots, y.wrapping_sub(300) / dots);
        let on_card = (540..1500).contains(&x) && (200..900).contains(&y);
        let dark = cx < side && cy < side && {
            let at = usize::try_from(cy * side + cx).unwrap();
            colours.get(at) == Some(&qrcode::Color::Dark)
        };
        Luma([if dark {
            shade / 6
        } else if on_card {
            shade
        } else {
            shade / 3
        }])
    });
    let mut out = Cursor::new(Vec::new());
    desk.write_to(&mut out, ImageFormat::Jpeg).unwrap();
    out.into_inner()
}

#[test]
fn a_cards_code_is_read_from_a_picture() {
    for (dots, light) in [(3, 230), (5, 160), (8, 230)] {
        let found = codes_of(&picture(dots, light)).unwrap();
        assert_eq!(found.len(), 1, "{dots} pixels a dot");
        assert!(found.iter().all(|c| c.kind == CodeKind::Qr && c.text == CARD));
    }
}

#[test]
fn a_picture_without_a_code_gives_none_and_a_text_no_picture() {
    let mut png = Cursor::new(Vec::new());
    GrayImage::from_pixel(800, 600, Luma([200]))
        .write_to(&mut png, ImageFormat::Png)
        .unwrap();
    assert_eq!(codes_of(&png.into_inner()), Ok(Vec::new()));
    assert_eq!(codes_of(CARD.as_bytes()), Err(PaperError::NotAPaper));
}

/// Codes as zint draws them: bars one dot wide at 200 dpi would be too fine, these are two.
const DRAWN: [(&str, &[u8], CodeKind, &str); 4] = [
    (
        "Code 128",
        include_bytes!("../../fixtures/barcodes/code128.png"),
        CodeKind::Barcode,
        "BV-2026-004417",
    ),
    (
        "Code 39",
        include_bytes!("../../fixtures/barcodes/code39.png"),
        CodeKind::Barcode,
        "HC 0093/26",
    ),
    (
        "EAN-13",
        include_bytes!("../../fixtures/barcodes/ean13.png"),
        CodeKind::Barcode,
        "8934501234560",
    ),
    (
        "QR",
        include_bytes!("../../fixtures/barcodes/qr.png"),
        CodeKind::Qr,
        "https://xacminh.example/gcs/004417",
    ),
];

fn drawn(png: &[u8]) -> GrayImage {
    image::load_from_memory(png).unwrap().into_luma8()
}

/// A sheet of A4 at 200 dpi with lines of print on it, and some codes in a row down its right half.
fn sheet(codes: &[GrayImage]) -> GrayImage {
    let mut sheet = GrayImage::from_fn(1654, 2339, |x, y| {
        let print = (150..700).contains(&x) && y % 60 < 22 && (x * 7 + y / 60 * 13) % 23 < 11;
        Luma([if print { 40 } else { 244 }])
    });
    for (code, at) in codes.iter().zip(0..) {
        image::imageops::overlay(&mut sheet, code, 900, 200 + at * 520);
    }
    sheet
}

fn said(sheet: &GrayImage) -> Vec<(CodeKind, String)> {
    let found: Vec<Code> = read(sheet, sheet.width(), sheet.height());
    let mut said: Vec<_> = found.into_iter().map(|c| (c.kind, c.text)).collect();
    said.sort_by(|a, b| a.1.cmp(&b.1));
    said
}

#[test]
fn each_kind_of_barcode_is_read_as_it_lies_on_its_side_and_blurred() {
    for (name, png, kind, text) in DRAWN {
        let code = drawn(png);
        for (how, seen) in [
            ("as drawn", code.clone()),
            ("on its side", image::imageops::rotate90(&code)),
            ("upside down", image::imageops::rotate180(&code)),
            ("blurred", image::imageops::blur(&code, 0.8)),
        ] {
            assert_eq!(said(&sheet(&[seen])), [(kind, text.to_owned())], "{name} {how}");
        }
    }
}

#[test]
fn every_code_of_a_sheet_is_kept_and_each_text_once() {
    let all: Vec<GrayImage> = DRAWN.iter().map(|(_, png, ..)| drawn(png)).collect();
    let mut expected: Vec<_> = DRAWN
        .iter()
        .map(|(_, _, kind, text)| (*kind, (*text).to_owned()))
        .collect();
    expected.sort_by(|a, b| a.1.cmp(&b.1));
    let together = sheet(&all);
    assert_eq!(said(&together), expected);
    let sides: Vec<GrayImage> = all.iter().map(image::imageops::rotate90).collect();
    assert_eq!(said(&sheet(&sides)), expected);
    let twice = [all[0].clone(), all[0].clone(), all[3].clone()];
    assert_eq!(said(&sheet(&twice)).len(), 2, "the same code twice is one text");
    // Through the whole intake, as a page from the glass.
    let mut png = Cursor::new(Vec::new());
    together.write_to(&mut png, ImageFormat::Png).unwrap();
    let page = crate::prepare(&png.into_inner(), crate::Taken::Glass).unwrap();
    assert_eq!(page.codes.len(), 4, "{:?}", page.codes);
}

/// The controls: a barcode that lost a bar is not guessed at, and print alone is no code.
#[test]
fn a_damaged_barcode_says_nothing() {
    for (name, png, ..) in DRAWN.into_iter().take(3) {
        let mut code = drawn(png);
        let (from, height) = (code.width() / 2, code.height());
        for (x, y) in (from..from + 16).flat_map(|x| (0..height).map(move |y| (x, y))) {
            code.put_pixel(x, y, Luma([0]));
        }
        assert_eq!(said(&sheet(&[code])), [], "{name}");
    }
    assert_eq!(said(&sheet(&[])), []);
}

/// A sheet with more codes than are kept costs a bounded number of looks.
#[test]
fn a_sheet_full_of_codes_is_looked_at_so_often_and_no_more() {
    let many = (0..30).map(|i| {
        let code = qrcode::QrCode::new(format!("SO {i}")).unwrap();
        let (side, colours) = (code.width() as u32, code.to_colors());
        GrayImage::from_fn(side * 4, side * 4, |x, y| {
            let dark = colours[(y / 4 * side + x / 4) as usize] == qrcode::Color::Dark;
            Luma([if dark { 0 } else { 255 }])
        })
    });
    let mut sheet = GrayImage::from_pixel(1000, 900, Luma([255]));
    for (code, at) in many.zip(0..) {
        image::imageops::overlay(&mut sheet, &code, 20 + at % 6 * 160, 20 + at / 6 * 160);
    }
    let found = said(&sheet);
    assert!((2..=super::CODES_MAX).contains(&found.len()), "{found:?}");
}

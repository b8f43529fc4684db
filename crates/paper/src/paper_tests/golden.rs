//! The golden pictures: each paper looks as it did when a person last looked at it, to the tone mark and to the dot.

use super::archival::is_archival;
use super::entered::{BIRTH, sample, with};
use super::letters::VOWELS;
use super::likeness::{ROLL_MAX, SHEET_MAX, difference, in_four_greys, keep};
use super::papers::PAPERS;
use super::{NOW, dots, picture};
use crate::press::Drawn;
use crate::samples::content;
use crate::{ReceiptSize, Templates, draw_form, draw_receipt};
use domain::receipt::ReceiptContent;
use image::{GrayImage, Luma, imageops};
use std::path::PathBuf;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/golden")).join(format!("{name}.png"))
}

fn kept(name: &str) -> GrayImage {
    let picture = image::open(golden(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    picture.into_luma8()
}

#[test]
fn every_paper_looks_as_it_was_looked_at() {
    let writing = std::env::var_os("DONGHANH_WRITE_GOLDEN").is_some();
    let mut names = Vec::new();
    for paper in PAPERS.iter() {
        let now = paper.picture();
        if writing {
            let large = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/papers");
            std::fs::create_dir_all(large).unwrap();
            now.save(format!("{large}/{}.png", paper.name)).unwrap();
            keep(&in_four_greys(now.clone()), &golden(&paper.name));
        }
        let apart = difference(&now, &kept(&paper.name));
        let max = if paper.is_roll() { ROLL_MAX } else { SHEET_MAX };
        assert!(apart <= max, "{} looks different: {apart}", paper.name);
        is_archival(&paper.name, &paper.drawn);
        names.push(format!("{}.png", paper.name));
    }
    let folder = std::fs::read_dir(golden("x").parent().unwrap()).unwrap();
    for file in folder {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(&name), "{name} belongs to no paper");
    }
}

/// The control on whole papers: one mark of one letter, one word, one dot of ink.
#[test]
fn a_lost_tone_mark_a_changed_word_and_a_stain_are_seen() {
    let set = Templates::built_in();
    let seen = |what: &str, now: &GrayImage, name: &str| {
        let apart = difference(now, &kept(name));
        let max = if name.contains("_roll") {
            ROLL_MAX
        } else {
            SHEET_MAX
        };
        assert!(apart > max, "{what} is not seen: {apart}");
    };
    for (field, lost) in [
        ("father_name", "VÀNG A PANG"),
        ("mother_residence", "Bản Nà Tông, Xã Mường Ảng, Tỉnh Điên Biên"),
        ("relation", "Me"),
    ] {
        let drawn = sample("birth_declaration", &with(BIRTH, &[(field, lost)]), vec![]).unwrap();
        seen(lost, &picture(&drawn), "birth_declaration");
    }
    for changed in ["Đăng ký khai tử", "Đăng ky khai sinh"] {
        let content = ReceiptContent {
            procedure_name: changed.into(),
            ..content().unwrap()
        };
        let a5 = draw_receipt(&set, &content, ReceiptSize::A5, NOW).unwrap();
        seen(changed, &picture(&a5), "receipt_a5");
        let full = ReceiptContent {
            procedure_name: changed.into(),
            ..super::papers::full()
        };
        let roll = draw_receipt(&set, &full, ReceiptSize::Roll80, NOW).unwrap();
        seen(changed, &dots(&roll), "receipt_roll");
    }
    let mut stained = kept("receipt_a5");
    for (x, y) in [(30, 30), (31, 30), (30, 31), (31, 31)] {
        stained.put_pixel(x, y, Luma([0]));
    }
    seen("a stain of two by two dots", &stained, "receipt_a5");
}

/// The other control: what another rasteriser may do to the grey of an edge passes for the same.
#[test]
fn a_little_more_or_less_grey_is_not_seen() {
    let mut now = kept("receipt_a5");
    for (x, y, p) in now.enumerate_pixels_mut() {
        let shift = i16::try_from((x * 7 + y * 13) % 51).unwrap() - 25;
        p[0] = u8::try_from((i16::from(p[0]) + shift).clamp(0, 255)).unwrap();
    }
    assert_eq!(difference(&now, &kept("receipt_a5")), 0);
}

/// Each letter and what is left of it when its tone, or its hat, horn or bar, is lost.
fn losses() -> Vec<(char, char)> {
    let bare = [
        ('ă', 'a'),
        ('â', 'a'),
        ('ê', 'e'),
        ('ô', 'o'),
        ('ơ', 'o'),
        ('ư', 'u'),
        ('đ', 'd'),
    ];
    let mut all = bare.to_vec();
    for group in VOWELS.split(' ') {
        let mut letters = group.chars();
        let base = letters.next().unwrap();
        all.extend(letters.map(|toned| (toned, base)));
    }
    let capital = |c: char| c.to_uppercase().next().unwrap();
    let capitals: Vec<_> = all.iter().map(|(a, b)| (capital(*a), capital(*b))).collect();
    all.extend(capitals);
    all
}

/// Words in cells of 9 by 6 mm, ten to a line.
fn cells(font: &str, words: &[String]) -> Drawn {
    let cells: String = words.iter().map(|w| format!("[{w}], ")).collect();
    let sheet = format!(
        "#set document(title: \"x\")\n#set page(width: 90mm, height: 120mm, margin: 0mm)\n\
         #set text({font}, lang: \"vi\", fallback: false)\n#grid(columns: (9mm,) * 10, rows: 6mm, inset: 1.5mm, {cells})"
    );
    let set = Templates::built_in()
        .with_files([("marks.typ".to_owned(), sheet.into_bytes())])
        .unwrap();
    let mut form = super::entered::filled("birth_declaration", &[], vec![]);
    form.template = "marks.typ".into();
    draw_form(&set, &form, NOW).unwrap()
}

/// The smallest sizes of each font on the papers: there a mark is faintest.
#[test]
fn every_mark_that_is_lost_is_seen() {
    let losses = losses();
    assert_eq!(losses.len(), 134);
    let word = |c: &char| format!("t{c}n");
    let whole: Vec<String> = losses.iter().map(|(c, _)| word(c)).collect();
    let lost: Vec<String> = losses.iter().map(|(_, c)| word(c)).collect();
    for (font, on_a_roll) in [
        ("font: \"Be Vietnam Pro\", size: 10pt", false),
        ("font: \"Be Vietnam Pro\", size: 9pt", true),
        ("font: \"Tinos\", size: 10.5pt", false),
        ("font: \"Tinos\", size: 9.5pt, style: \"italic\"", false),
    ] {
        let draw = |words: &[String]| {
            let drawn = cells(font, words);
            if on_a_roll { dots(&drawn) } else { picture(&drawn) }
        };
        let (now, before) = (draw(&lost), in_four_greys(draw(&whole)));
        let (width, height) = (now.width() / 10, now.height() / 20);
        let faintest = losses.iter().zip(0..).map(|((c, _), at)| {
            let cut = |sheet: &GrayImage| {
                let (x, y) = (at % 10 * width, at / 10 * height);
                imageops::crop_imm(sheet, x, y, width, height).to_image()
            };
            (difference(&cut(&now), &cut(&before)), *c)
        });
        let (apart, letter) = faintest.min().unwrap();
        let max = if on_a_roll { ROLL_MAX } else { SHEET_MAX };
        println!("{font}: the faintest loss is that of {letter}, {apart}");
        assert!(apart > 2 * max, "{font}: {letter} loses its mark unseen: {apart}");
    }
}

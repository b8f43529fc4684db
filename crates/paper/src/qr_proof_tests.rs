//! Every code is read by a program that knows nothing of us (zbar), from the page at 150 dpi: clean, blurred, turned,
//! half in the shadow, and all at once.

use crate::samples::{content, receipt};
use crate::{ReceiptSize, Templates};
use image::{GrayImage, ImageFormat, Luma, imageops};
use std::io::Cursor;
use std::process::{Command, Stdio};

/// What zbar reads in a picture.
pub(crate) fn zbar(picture: &GrayImage) -> Vec<String> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // An invented receipt: the only kind of paper that tests leave in a file.
    let path = folder.path().join("code.png");
    std::fs::write(&path, png.into_inner()).unwrap();
    let answer = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(&path)
        .stderr(Stdio::null())
        .output()
        .unwrap_or_else(|e| panic!("zbarimg (package zbar-tools): {e}"));
    String::from_utf8_lossy(&answer.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// The picture turned by so many degrees about its middle, on white.
fn turned(picture: &GrayImage, degrees: f32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let side = picture.width().max(picture.height()) * 3 / 2;
    let middle = side as f32 / 2.0;
    let (half_w, half_h) = (picture.width() as f32 / 2.0, picture.height() as f32 / 2.0);
    GrayImage::from_fn(side, side, |x, y| {
        let (dx, dy) = (x as f32 - middle, y as f32 - middle);
        let at = (cos * dx + sin * dy + half_w, cos * dy - sin * dx + half_h);
        imageops::interpolate_bilinear(picture, at.0, at.1).unwrap_or(Luma([255]))
    })
}

/// The left half in the shadow of a hand, with a soft edge.
fn shadowed(picture: &GrayImage, depth: f32) -> GrayImage {
    let (width, edge) = (picture.width() as f32, picture.width() as f32 / 12.0);
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let past = ((x as f32 - width / 2.0) / edge).clamp(-1.0, 1.0);
        let light = 1.0 - depth * (1.0 - past) / 2.0;
        Luma([(f32::from(picture.get_pixel(x, y)[0]) * light) as u8])
    })
}

/// Thirty-two ways in which a telephone sees a code on paper: two of its pixels to a dot of the 150 dpi page, and a blur
/// given in those dots (1 is 0.17 mm).
fn damaged(code: &GrayImage) -> Vec<(String, GrayImage)> {
    let mut all = Vec::new();
    let (width, height) = (code.width() * 2, code.height() * 2);
    let code = &imageops::resize(code, width, height, imageops::FilterType::Triangle);
    for blur in [0.0, 0.6, 0.9, 1.2] {
        for degrees in [0.0, 4.0, 12.0, 90.0] {
            for shadow in [0.0, 0.5] {
                let soft = if blur > 0.0 {
                    imageops::blur(code, blur * 2.0)
                } else {
                    code.clone()
                };
                let picture = shadowed(&turned(&soft, degrees), shadow);
                all.push((format!("blur {blur}, turned {degrees}, shadow {shadow}"), picture));
            }
        }
    }
    all
}

/// The part of the sheet with a code in it.
fn cut(page: &GrayImage, (x, y, side): (f32, f32, f32)) -> GrayImage {
    let dots = |mm: f32| (mm / 25.4 * 150.0) as u32;
    imageops::crop_imm(page, dots(x), dots(y), dots(side), dots(side)).to_image()
}

#[test]
fn ninety_five_of_a_hundred_damaged_codes_are_read_and_none_is_inverted() {
    let content = content().unwrap();
    let drawn = receipt(&Templates::built_in(), ReceiptSize::A5).unwrap();
    let page = image::load_from_memory(&drawn.png().unwrap())
        .unwrap()
        .into_luma8();
    let corner = page.get_pixel(2, 2)[0];
    assert_eq!(corner, 255, "codes are black on white, never inverted");
    // Right of the sheet's head, and right in its lower part, generously cut: the reader has to find them.
    let codes = [
        (cut(&page, (104.0, 18.0, 44.0)), content.lookup_url),
        (cut(&page, (96.0, 139.0, 50.0)), content.proof.unwrap()),
    ];
    let mut missed = Vec::new();
    let mut tried = 0;
    for (code, text) in &codes {
        assert_eq!(
            zbar(code),
            std::slice::from_ref(text),
            "the clean code is where the test looks for it"
        );
        for (how, picture) in damaged(code) {
            tried += 1;
            if !zbar(&picture).contains(text) {
                missed.push(format!("{how}: {}", &text[..12]));
            }
        }
    }
    println!("{} of {tried} damaged codes read", tried - missed.len());
    assert_eq!(tried, 64);
    assert!(
        missed.len() <= 3,
        "{} of {tried} not read: {missed:#?}",
        missed.len()
    );
    // The control: what is damaged beyond reading is not read.
    assert!(zbar(&imageops::blur(&codes[0].0, 9.0)).is_empty());
}

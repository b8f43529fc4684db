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

/// Thirty-two ways in which a code on paper is seen badly, one dot of the camera to each dot of the page; the blur is given
/// in millimetres of the paper.
fn damaged(code: &GrayImage, dots_per_mm: f32) -> Vec<(String, GrayImage)> {
    let mut all = Vec::new();
    for blur in [0.0, 0.1, 0.15, 0.2] {
        let soft = if blur > 0.0 {
            imageops::blur(code, blur * dots_per_mm)
        } else {
            code.clone()
        };
        for degrees in [0.0, 4.0, 12.0, 90.0] {
            for shadow in [0.0, 0.5] {
                let picture = shadowed(&turned(&soft, degrees), shadow);
                all.push((
                    format!("blur {blur} mm, turned {degrees}, shadow {shadow}"),
                    picture,
                ));
            }
        }
    }
    all
}

/// A paper as it comes out of its printer, and where its codes are: found by their text, generously cut.
struct Sheet {
    picture: GrayImage,
    dots_per_mm: f32,
}

/// The page of an office printer, at 150 dots to the inch and no more.
fn a5() -> Sheet {
    let drawn = receipt(&Templates::built_in(), ReceiptSize::A5).unwrap();
    let picture = image::load_from_memory(&drawn.png().unwrap()).unwrap();
    Sheet {
        picture: picture.into_luma8(),
        dots_per_mm: 150.0 / 25.4,
    }
}

/// The dots of a thermal head, 203 to the inch, black or white.
fn roll() -> Sheet {
    let dots = receipt(&Templates::built_in(), ReceiptSize::Roll80)
        .unwrap()
        .raster()
        .unwrap();
    let height = u32::try_from(dots.height()).unwrap();
    Sheet {
        picture: GrayImage::from_raw(dots.width(), height, dots.to_luma()).unwrap(),
        dots_per_mm: 8.0,
    }
}

impl Sheet {
    /// The part of the sheet with a code in it: left, top and sides in millimetres.
    fn cut(&self, (x, y, width, height): (f32, f32, f32, f32)) -> GrayImage {
        let dots = |mm: f32| (mm * self.dots_per_mm) as u32;
        imageops::crop_imm(&self.picture, dots(x), dots(y), dots(width), dots(height)).to_image()
    }

    /// How many of the sixty-four are read; says which are not.
    fn read(&self, parts: [(GrayImage, &str); 2]) -> usize {
        assert_eq!(
            self.picture.get_pixel(2, 2)[0],
            255,
            "black on white, never inverted"
        );
        let (mut read, mut tried) = (0, 0);
        for (code, text) in &parts {
            assert_eq!(
                zbar(code),
                [*text],
                "the clean code is where the test looks for it"
            );
            for (how, picture) in damaged(code, self.dots_per_mm) {
                tried += 1;
                if zbar(&picture).iter().any(|said| said == text) {
                    read += 1;
                } else {
                    println!("not read: {how}: {}", &text[..12]);
                }
            }
        }
        println!("{read} of {tried} damaged codes read");
        assert_eq!(tried, 64);
        read
    }
}

/// Of sixty-four, 95 in a hundred.
const READ_MIN: usize = 61;

#[test]
fn both_codes_of_the_sheet_are_read_at_150_dpi_and_damaged_at_that() {
    let (sheet, content) = (a5(), content().unwrap());
    let proof = content.proof.unwrap();
    assert_eq!((sheet.picture.width(), sheet.picture.height()), (874, 1240));
    let whole = zbar(&sheet.picture);
    assert!(
        whole.contains(&content.lookup_url) && whole.contains(&proof),
        "both from the whole page: {whole:?}"
    );
    let head = sheet.cut((100.0, 18.0, 48.0, 48.0));
    let foot = sheet.cut((90.0, 125.0, 56.0, 72.0));
    let read = sheet.read([(head.clone(), &content.lookup_url), (foot.clone(), &proof)]);
    assert!(read >= READ_MIN, "{read} of 64");
    // The controls: what is damaged beyond reading is not read, and the same ways of damage at half the dots, as a page at
    // 75 dpi would have them, are too much for the number above.
    assert!(zbar(&imageops::blur(&head, 9.0)).is_empty());
    let coarse = |code: &GrayImage| {
        let (width, height) = (code.width() / 2, code.height() / 2);
        imageops::resize(code, width, height, imageops::FilterType::Triangle)
    };
    let half = damaged(&coarse(&foot), sheet.dots_per_mm / 2.0);
    let read = half.iter().filter(|(_, p)| zbar(p).contains(&proof)).count();
    assert!(
        read < READ_MIN / 2,
        "{read} of 32 read at 75 dpi: the test is too easy"
    );
}

#[test]
fn both_codes_of_the_roll_are_read_from_its_dots_and_damaged() {
    let (sheet, content) = (roll(), content().unwrap());
    let proof = content.proof.unwrap();
    let read = sheet.read([
        (sheet.cut((10.0, 164.0, 52.0, 37.0)), &content.lookup_url),
        (sheet.cut((8.0, 202.0, 56.0, 46.0)), &proof),
    ]);
    assert!(read >= READ_MIN, "{read} of 64");
}

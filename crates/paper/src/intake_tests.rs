//! What comes in: good papers get small, everything else is refused by its own name.

use super::*;
use image::{GenericImageView, GrayImage, ImageFormat, Luma, RgbaImage};
use jpeg_encoder::{ColorType, Encoder};
use std::io::Cursor;

fn rgb(width: u32, height: u32, paint: impl Fn(u32, u32) -> [u8; 3]) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| Rgb(paint(x, y))))
}

/// Noise no coder can make small; the same each time.
fn noise(x: u32, y: u32) -> [u8; 3] {
    let mut n = x.wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA6B);
    n ^= n >> 15;
    n = n.wrapping_mul(0x2C1B_3C6D);
    n ^= n >> 12;
    n = n.wrapping_mul(0x297A_2D39);
    let [a, b, c, _] = (n ^ (n >> 15)).to_le_bytes();
    [a, b, c]
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

/// A JPEG as a telephone makes it: a direction to turn it, and the place where it was taken.
fn photograph(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPSLatitude 20.2506");
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 95);
    encoder.add_exif_metadata(&exif).unwrap();
    let (w, h) = (
        u16::try_from(picture.width()).unwrap(),
        u16::try_from(picture.height()).unwrap(),
    );
    encoder.encode(picture.as_bytes(), w, h, ColorType::Rgb).unwrap();
    out
}

fn opened(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            if c & 1 == 1 {
                (c >> 1) ^ 0xEDB8_8320
            } else {
                c >> 1
            }
        })
    })
}

/// A whole, small PNG that claims another size.
fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(&rgb(1, 1, |_, _| [0, 0, 0]));
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

#[test]
fn a_file_is_judged_by_what_it_is() {
    let zip = [b"PK\x03\x04".as_slice(), &[0; 64]].concat();
    let random: Vec<u8> = (0..4096).flat_map(|i| noise(i, 7)).collect();
    let page = png(&rgb(40, 30, noise));
    let photo = photograph(&rgb(40, 30, noise), 1);
    let cases: [(&str, Vec<u8>, &str); 12] = [
        ("0 bytes", vec![], "empty_file"),
        ("random bytes", random, "not_a_paper"),
        ("a zip named .jpg", zip, "not_a_paper"),
        ("a text", "giấy khai sinh.pdf".into(), "not_a_paper"),
        (
            "a web page",
            b"<html><body>login</body></html>".to_vec(),
            "not_a_paper",
        ),
        (
            "the head of a JPEG and nothing after",
            vec![0xFF, 0xD8, 0xFF, 0xE0],
            "broken_picture",
        ),
        (
            "a PNG cut in half",
            page[..page.len() / 2].to_vec(),
            "broken_picture",
        ),
        (
            "a JPEG cut in half",
            photo[..photo.len() / 2].to_vec(),
            "broken_picture",
        ),
        (
            "a PDF's head on noise",
            [b"%PDF-1.7\n".to_vec(), noise(1, 2).repeat(99)].concat(),
            "broken_pdf",
        ),
        ("a bomb", png_claiming(50_000, 50_000), "too_many_pixels"),
        (
            "one row too many",
            png_claiming(10_000, 10_001),
            "too_many_pixels",
        ),
        (
            "too large",
            vec![0xFF; usize::try_from(INPUT_BYTES_MAX).unwrap() + 1],
            "too_large",
        ),
    ];
    for (what, bytes, code) in cases {
        assert_eq!(
            prepare(&bytes, Taken::Unknown).map_err(|e| e.code()).err(),
            Some(code),
            "{what}"
        );
    }
    // The limit itself passes the header check; the picture behind it is the one that is broken.
    assert_eq!(
        prepare(&png_claiming(10_000, 10_000), Taken::Unknown).err(),
        Some(PaperError::BrokenPicture)
    );
}

#[test]
fn a_page_gets_small_whatever_is_on_it() {
    let gradient = rgb(3000, 2000, |x, y| [(x / 12) as u8, (y / 8) as u8, 120]);
    for (what, bytes) in [
        ("noise, large", png(&rgb(2400, 1700, noise))),
        ("a gradient", photograph(&gradient, 1)),
        ("small already", photograph(&rgb(300, 200, noise), 1)),
    ] {
        let paper = prepare(&bytes, Taken::Unknown).unwrap();
        assert!(
            paper.bytes.len() <= PICTURE_BYTES_MAX,
            "{what}: {} bytes",
            paper.bytes.len()
        );
        assert_eq!(
            (paper.media, paper.pages, paper.original_bytes),
            (Media::Jpeg, 1, bytes.len() as u64)
        );
        let page = opened(&paper.bytes);
        assert_eq!(page.dimensions(), (paper.width, paper.height), "{what}");
        assert!(paper.width.max(paper.height) <= LONG_SIDE_MAX, "{what}");
        let thumbnail = opened(&paper.thumbnail_jpeg);
        assert!(
            thumbnail.width().max(thumbnail.height()) <= THUMBNAIL_SIDE_MAX,
            "{what}"
        );
    }
}

#[test]
fn a_page_that_fits_keeps_its_resolution() {
    let paper = prepare(
        &photograph(&rgb(2339, 1654, |x, _| [(x / 10) as u8, 80, 80]), 1),
        Taken::Unknown,
    )
    .unwrap();
    assert_eq!((paper.width, paper.height), (2339, 1654));
    let larger = prepare(
        &photograph(&rgb(4678, 3308, |x, _| [(x / 20) as u8, 80, 80]), 1),
        Taken::Unknown,
    )
    .unwrap();
    assert_eq!((larger.width, larger.height), (2339, 1654));
}

#[test]
fn a_photograph_is_turned_upright_and_tells_no_place() {
    // Red on the left. Turned by 90 degrees clockwise (6), red is on top; by 180 (3), on the right.
    let scene = rgb(60, 40, |x, _| if x < 30 { [230, 20, 20] } else { [20, 20, 230] });
    for (orientation, size, red_at) in [
        (1, (60, 40), (5, 20)),
        (6, (40, 60), (20, 5)),
        (3, (60, 40), (55, 20)),
    ] {
        let bytes = photograph(&scene, orientation);
        assert!(
            holds(&bytes, b"GPSLatitude"),
            "the photograph has a place to lose"
        );
        let paper = prepare(&bytes, Taken::Unknown).unwrap();
        assert_eq!((paper.width, paper.height), size, "orientation {orientation}");
        let [r, _, b, _] = opened(&paper.bytes).get_pixel(red_at.0, red_at.1).0;
        assert!(r > 150 && b < 100, "orientation {orientation}: {r} {b}");
        assert!(
            !holds(&paper.bytes, b"GPSLatitude") && !holds(&paper.bytes, b"Exif"),
            "orientation {orientation}"
        );
        assert!(!holds(&paper.thumbnail_jpeg, b"Exif"));
    }
}

#[test]
fn a_picture_with_one_scan_a_colour_keeps_its_colours() {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 80);
    encoder.set_optimized_huffman_tables(true);
    encoder
        .encode(&[200, 40, 90].repeat(64 * 64), 64, 64, ColorType::Rgb)
        .unwrap();
    let [r, g, b, _] = opened(&prepare(&bytes, Taken::Unknown).unwrap().bytes)
        .get_pixel(30, 30)
        .0;
    assert!(
        r.abs_diff(200) < 8 && g.abs_diff(40) < 8 && b.abs_diff(90) < 8,
        "{r} {g} {b}"
    );
    let [usual, ..] = opened(&bytes).get_pixel(30, 30).0;
    assert!(
        usual.abs_diff(200) > 8,
        "image's own decoder reads it right now: it could be used again"
    );
}

#[test]
fn what_hides_behind_a_picture_does_not_come_along() {
    let mut bytes = photograph(&rgb(40, 30, noise), 1);
    bytes.extend(b"PK\x03\x04 payload");
    assert!(!holds(
        &prepare(&bytes, Taken::Unknown).unwrap().bytes,
        b"payload"
    ));
}

#[test]
fn grey_stays_grey_and_glass_becomes_white() {
    let grey = DynamicImage::ImageLuma8(GrayImage::from_pixel(50, 50, Luma([90])));
    let paper = prepare(&png(&grey), Taken::Unknown).unwrap();
    assert!(!opened(&paper.bytes).color().has_color());
    let glass = DynamicImage::ImageRgba8(RgbaImage::new(50, 50));
    let [r, g, b, _] = opened(&prepare(&png(&glass), Taken::Unknown).unwrap().bytes)
        .get_pixel(25, 25)
        .0;
    assert_eq!([r, g, b], [255, 255, 255]);
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|w| w == what)
}

//! PDF/A-2b by other programs' word: what goes out, and what came in as several pages of one paper.

use super::{NOW, piped};
use crate::press::Drawn;
use crate::samples::receipt;
use crate::{ReceiptSize, Sheets, Templates, pdf_of};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use lopdf::{Document, Object, Stream, dictionary};

/// By qpdf the file is sound.
fn is_sound(pdf: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    // An invented paper: the only kind that tests leave in a file.
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let (sound, said) = piped("qpdf", &["--check", &path.display().to_string()], b"");
    if sound { Ok(()) } else { Err(said) }
}

/// By pdffonts every font is embedded, cut to its letters, and says what they mean. How many there are.
fn fonts_are_embedded(pdf: &[u8]) -> Result<usize, String> {
    let (_, fonts) = piped("pdffonts", &["-"], pdf);
    let listed: Vec<&str> = fonts.lines().skip(2).collect();
    let embedded = |font: &&str| {
        let marks: Vec<&str> = font.split_whitespace().collect();
        marks.windows(3).any(|w| w == ["yes", "yes", "yes"])
    };
    match listed.iter().find(|font| !embedded(font)) {
        Some(font) => Err(format!("not embedded, cut and readable: {font}")),
        None => Ok(listed.len()),
    }
}

fn says_that_it_is_archival(pdf: &[u8]) -> bool {
    let raw = String::from_utf8_lossy(pdf);
    raw.contains("<pdfaid:part>2</pdfaid:part>") && raw.contains("<pdfaid:conformance>B")
}

/// A paper of ours: sound, with at least one font, and PDF/A-2b.
pub(super) fn is_archival(name: &str, drawn: &Drawn) {
    is_sound(&drawn.pdf).unwrap_or_else(|said| panic!("{name}: {said}"));
    let fonts = fonts_are_embedded(&drawn.pdf).unwrap_or_else(|said| panic!("{name}: {said}"));
    assert!(fonts > 0, "{name} has no font");
    assert!(says_that_it_is_archival(&drawn.pdf), "{name} is not PDF/A-2b");
}

/// A page as it is kept: a JPEG.
fn page(shade: u8) -> Vec<u8> {
    let sheet = RgbImage::from_fn(827, 1170, |x, y| {
        let ink = (x / 8 + y / 40) % 5 == 0 && x % 3 != 0;
        Rgb(if ink { [30, 40, 60] } else { [shade; 3] })
    });
    let mut jpeg = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(sheet)
        .write_to(&mut jpeg, ImageFormat::Jpeg)
        .unwrap();
    jpeg.into_inner()
}

#[test]
fn captured_pages_are_one_archival_file() {
    let pages: Vec<Vec<u8>> = (0..20).map(|i| page(236 + i)).collect();
    let pdf = pdf_of(Sheets {
        title: "Giấy chứng sinh",
        made: NOW,
        pages: &pages,
    })
    .unwrap();
    assert_eq!(is_sound(&pdf), Ok(()));
    assert_eq!(fonts_are_embedded(&pdf), Ok(0), "pictures alone");
    assert!(says_that_it_is_archival(&pdf));
    let (_, images) = piped("pdfimages", &["-list", "-"], &pdf);
    let jpegs = images.lines().filter(|line| line.contains(" jpeg ")).count();
    assert_eq!(jpegs, 20, "each page is a JPEG still: {images}");
}

/// The controls: a file that is cut off, one with a font that it does not carry, and a plain PDF.
#[test]
fn what_is_not_archival_is_told() {
    let drawn = receipt(&Templates::built_in(), ReceiptSize::A5).unwrap();
    let (whole, _) = drawn.pdf.split_at(drawn.pdf.len() * 2 / 3);
    assert!(is_sound(whole).is_err(), "a file cut off passes for a sound one");

    let mut plain = Document::with_version("1.7");
    let pages = plain.new_object_id();
    let font =
        plain.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier" });
    let fonts = dictionary! { "Font" => dictionary! { "F1" => font } };
    let words = b"BT /F1 12 Tf 20 20 Td (Giay chung sinh) Tj ET".to_vec();
    let content = plain.add_object(Stream::new(dictionary! {}, words));
    let page = plain.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => fonts,
        "MediaBox" => vec![0.into(), 0.into(), 200.into(), 300.into()],
    });
    let kids: Vec<Object> = vec![page.into()];
    let tree = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => 1 };
    plain.objects.insert(pages, tree.into());
    let root = plain.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    plain.trailer.set("Root", root);
    let mut pdf = Vec::new();
    plain.save_to(&mut pdf).unwrap();
    assert_eq!(is_sound(&pdf), Ok(()), "sound, and yet");
    let told = fonts_are_embedded(&pdf).unwrap_err();
    assert!(told.contains("Courier"), "{told}");
    assert!(!says_that_it_is_archival(&pdf));
}

//! PDFs that come in: plain ones are kept and shown, the rest is refused by its own name.

use super::{PDF_BYTES_MAX, PDF_PAGES_MAX};
use crate::{Media, Taken, prepare};
use image::{DynamicImage, GenericImageView, ImageFormat};
use lopdf::encryption::EncryptionState;
use lopdf::{Document, EncryptionVersion, Object, Permissions, Stream, dictionary};

fn opened(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap()
}

fn pdf_with(pages: usize, catalog_extra: Vec<(&str, Object)>, more: Vec<Object>) -> Document {
    let mut doc = Document::with_version("1.5");
    let pages_id = doc.new_object_id();
    let content = doc.add_object(Stream::new(
        dictionary! {},
        b"0 0 1 rg 20 20 100 100 re f".to_vec(),
    ));
    let kids: Vec<Object> = (0..pages)
        .map(|_| {
            doc.add_object(dictionary! {
                "Type" => "Page", "Parent" => pages_id, "Contents" => content,
                "MediaBox" => vec![0.into(), 0.into(), 200.into(), 300.into()],
            })
            .into()
        })
        .collect();
    let count = i64::try_from(pages).unwrap();
    doc.objects.insert(
        pages_id,
        dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into(),
    );
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => pages_id };
    for (key, value) in catalog_extra {
        catalog.set(key, value);
    }
    let catalog_id = doc.add_object(catalog);
    doc.trailer.set("Root", catalog_id);
    for object in more {
        doc.add_object(object);
    }
    doc
}

fn saved(mut doc: Document) -> Vec<u8> {
    let mut out = Vec::new();
    doc.save_to(&mut out).unwrap();
    out
}

#[test]
fn a_plain_pdf_is_kept_byte_for_byte_and_shown() {
    let go_to = dictionary! { "Type" => "Action", "S" => "GoTo", "D" => "page1" };
    let bytes = saved(pdf_with(3, vec![("OpenAction", go_to.into())], vec![]));
    let paper = prepare(&bytes, Taken::Unknown).unwrap();
    assert_eq!((paper.media, paper.pages, &paper.bytes), (Media::Pdf, 3, &bytes));
    let thumbnail = opened(&paper.thumbnail_jpeg);
    assert_eq!(thumbnail.dimensions(), (320, 480));
    let [_, _, blue, _] = thumbnail.get_pixel(100, 400).0;
    let [red, ..] = thumbnail.get_pixel(100, 400).0;
    assert!(blue > 200 && red < 60, "the square is drawn: {red} {blue}");
}

fn locked(user_password: &str) -> Document {
    let mut doc = pdf_with(1, vec![], vec![]);
    let id = Object::string_literal("0123456789abcdef");
    doc.trailer.set("ID", vec![id.clone(), id]);
    let version = EncryptionVersion::V2 {
        document: &doc,
        owner_password: "owner",
        user_password,
        key_length: 128,
        permissions: Permissions::PRINTABLE,
    };
    let state = EncryptionState::try_from(version).unwrap();
    doc.encrypt(&state).unwrap();
    doc
}

#[test]
fn a_pdf_that_acts_or_is_locked_or_is_endless_is_refused() {
    let script = || dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)") };
    let launch = dictionary! { "Type" => "Action", "S" => "Launch", "F" => Object::string_literal("a.exe") };
    let attached = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, b"MZ".to_vec());
    let deep = (0..40).fold(Object::Null, |inner, _| Object::Array(vec![inner]));
    let limit = usize::try_from(PDF_PAGES_MAX).unwrap();
    let heavy = vec![7_u8; usize::try_from(PDF_BYTES_MAX).unwrap()];
    let cases = [
        (
            "a script on opening",
            pdf_with(1, vec![("OpenAction", script().into())], vec![]),
            "active_pdf",
        ),
        (
            "a script in an array",
            pdf_with(1, vec![], vec![vec![script().into()].into()]),
            "active_pdf",
        ),
        (
            "a program to start",
            pdf_with(1, vec![], vec![launch.into()]),
            "active_pdf",
        ),
        (
            "an attached file",
            pdf_with(1, vec![], vec![attached.into()]),
            "active_pdf",
        ),
        (
            "nesting without end",
            pdf_with(1, vec![], vec![deep]),
            "active_pdf",
        ),
        ("a lock", locked("geheim"), "locked_pdf"),
        ("a lock that opens by itself", locked(""), "locked_pdf"),
        ("no page", pdf_with(0, vec![], vec![]), "broken_pdf"),
        (
            "one page too many",
            pdf_with(limit + 1, vec![], vec![]),
            "too_many_pages",
        ),
        (
            "too large",
            pdf_with(1, vec![], vec![Stream::new(dictionary! {}, heavy).into()]),
            "too_large",
        ),
    ];
    for (what, doc, code) in cases {
        assert_eq!(
            prepare(&saved(doc), Taken::Unknown).map_err(|e| e.code()).err(),
            Some(code),
            "{what}"
        );
    }
    assert_eq!(
        prepare(&saved(pdf_with(limit, vec![], vec![])), Taken::Unknown)
            .unwrap()
            .pages,
        PDF_PAGES_MAX
    );
}

#[test]
fn a_pdf_that_would_be_dear_to_draw_is_kept_without_a_picture() {
    let image = |w: i64| {
        let d = dictionary! { "Type" => "XObject", "Subtype" => "Image", "Width" => w, "Height" => 9_000 };
        Object::from(Stream::new(d, vec![0; 9]))
    };
    let mut inflating = Stream::new(dictionary! {}, vec![b' '; 65 * 1024 * 1024]);
    inflating.compress().unwrap();
    for (what, object, drawn) in [
        ("a picture of a sane size", image(3_000), true),
        ("a huge picture", image(90_000), false),
        ("a stream that inflates", inflating.into(), false),
        ("a pattern", dictionary! { "PatternType" => 1 }.into(), false),
    ] {
        let paper = prepare(&saved(pdf_with(1, vec![], vec![object])), Taken::Unknown).unwrap();
        assert_eq!(!paper.thumbnail_jpeg.is_empty(), drawn, "{what}");
    }
}

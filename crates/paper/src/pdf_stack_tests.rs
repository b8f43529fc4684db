//! What office scanners deliver comes apart into its pages; whatever a picture would lose something of stays whole.

use super::is_stack;
use crate::intake::sheet;
use crate::{Media, Sheets, Taken, pdf_of, prepare, same_page};
use jiff::Timestamp;
use lopdf::{Document, Object, Stream, dictionary};
use std::sync::LazyLock;

const PAGES: [&[u8]; 2] = [
    include_bytes!("../../../tests/fixtures/pages/birth_anna.png"),
    include_bytes!("../../../tests/fixtures/pages/witness.png"),
];

fn scanned() -> Vec<Vec<u8>> {
    static ONCE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        PAGES
            .map(|png| prepare(png, Taken::Glass).unwrap().bytes)
            .to_vec()
    });
    ONCE.clone()
}

fn stack(pages: &[Vec<u8>]) -> Vec<u8> {
    pdf_of(Sheets {
        title: "Quét",
        made: Timestamp::UNIX_EPOCH,
        pages,
    })
    .unwrap()
}

#[test]
fn a_stack_comes_apart_into_the_pages_that_went_in() {
    let pages = scanned();
    let pdf = stack(&pages);
    let whole = prepare(&pdf, Taken::Unknown).unwrap();
    assert!(whole.stack && whole.media == Media::Pdf && whole.pages == 2);
    for (n, page) in pages.iter().enumerate() {
        let drawn = sheet(&pdf, u32::try_from(n).unwrap(), Taken::Glass).unwrap();
        assert_eq!(
            (drawn.media, drawn.warnings.as_slice()),
            (Media::Jpeg, [].as_slice()),
            "page {n}"
        );
        let (long, wide) = (drawn.height.abs_diff(2339), drawn.width.abs_diff(1654));
        assert!(long <= 3 && wide <= 3, "{} by {}", drawn.width, drawn.height);
        let before = prepare(page, Taken::Glass).unwrap().fingerprint;
        assert!(same_page(&before, &drawn.fingerprint), "page {n} is another");
        let other = prepare(&pages[1 - n], Taken::Glass).unwrap().fingerprint;
        assert!(!same_page(&other, &drawn.fingerprint), "every page is the same");
    }
    assert!(sheet(&pdf, 2, Taken::Glass).is_err(), "a third page of two");
}

/// One page with what a scanner, or something else, may write on it.
fn page_of(
    instructions: &str,
    page_extra: Vec<(&str, Object)>,
    catalog_extra: Vec<(&str, Object)>,
) -> Document {
    let mut doc = Document::with_version("1.7");
    let jpeg = scanned().remove(0);
    let image = doc.add_object(Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 1654, "Height" => 2339,
            "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8, "Filter" => "DCTDecode",
        },
        jpeg,
    ));
    let form = doc.add_object(Stream::new(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()] },
        b"0 0 9 9 re f".to_vec(),
    ));
    let content = doc.add_object(Stream::new(dictionary! {}, instructions.as_bytes().to_vec()));
    let pages = doc.new_object_id();
    let mut page = dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "Resources" => dictionary! { "XObject" => dictionary! { "Im0" => image, "Fm0" => form } },
    };
    for (key, value) in page_extra {
        page.set(key, value);
    }
    let page = doc.add_object(page);
    let kids = dictionary! {
        "Type" => "Pages", "Kids" => vec![Object::from(page)], "Count" => 1,
        // Inherited, as many scanners write it.
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    };
    doc.objects.insert(pages, kids.into());
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => pages };
    for (key, value) in catalog_extra {
        catalog.set(key, value);
    }
    let catalog = doc.add_object(catalog);
    doc.trailer.set("Root", catalog);
    doc
}

#[test]
fn only_what_is_nothing_but_a_scan_is_a_stack() {
    let full = "q 595 0 0 842 0 0 cm /Im0 Do Q";
    let plain = |instructions: String| page_of(&instructions, vec![], vec![]);
    let signed =
        dictionary! { "Type" => "Sig", "ByteRange" => vec![0.into(), 9.into(), 20.into(), 9.into()] };
    let form = dictionary! { "Fields" => Object::Array(vec![]) };
    for (what, doc, wanted) in [
        ("a scan", plain(full.to_owned()), true),
        (
            "a scan in two strips",
            plain("q 595 0 0 421 0 0 cm /Im0 Do Q q 595 0 0 421 0 421 cm /Im0 Do Q".to_owned()),
            true,
        ),
        (
            "a scan upside down in its page",
            plain("q -595 0 0 -842 595 842 cm /Im0 Do Q".to_owned()),
            true,
        ),
        (
            "a scan with its text, unseen",
            plain(format!("{full} BT 3 Tr (Anna) Tj ET")),
            true,
        ),
        (
            "a scan with letters on it",
            plain(format!("{full} BT (Anna) Tj ET")),
            false,
        ),
        (
            "unseen text, and seen after Q",
            plain(format!("q 3 Tr Q {full} BT (Anna) Tj ET")),
            false,
        ),
        (
            "a picture in a letter",
            plain("q 200 0 0 200 0 0 cm /Im0 Do Q".to_owned()),
            false,
        ),
        ("a form within", plain(format!("{full} /Fm0 Do")), false),
        (
            "a name that is not there",
            plain("q 595 0 0 842 0 0 cm /Im9 Do Q".to_owned()),
            false,
        ),
        ("nothing", plain(String::new()), false),
        (
            "a remark",
            page_of(full, vec![("Annots", Object::Array(vec![]))], vec![]),
            false,
        ),
        (
            "a form to fill in",
            page_of(full, vec![], vec![("AcroForm", form.into())]),
            false,
        ),
        (
            "a signature",
            page_of(full, vec![], vec![("Perms", signed.into())]),
            false,
        ),
    ] {
        assert_eq!(is_stack(&doc), wanted, "{what}");
    }
}

#[test]
fn a_turned_page_is_drawn_as_it_is_shown() {
    let full = "q 595 0 0 842 0 0 cm /Im0 Do Q";
    let drawn = |turn: i64| {
        let mut bytes = Vec::new();
        page_of(full, vec![("Rotate", turn.into())], vec![])
            .save_to(&mut bytes)
            .unwrap();
        sheet(&bytes, 0, Taken::Glass).unwrap()
    };
    assert!(drawn(0).warnings.is_empty());
    assert_eq!(drawn(180).warnings, [crate::PageWarning::UpsideDown]);
    let sideways = drawn(90);
    assert!(sideways.width > sideways.height && sideways.warnings == [crate::PageWarning::Sideways]);
}

/// How office scanners press black and white, and how some press grey.
#[test]
fn pages_pressed_as_jbig2_and_jpeg_2000_come_apart_too() {
    let witness = prepare(PAGES[1], Taken::Glass).unwrap().fingerprint;
    let anna = prepare(PAGES[0], Taken::Glass).unwrap().fingerprint;
    let pressed: [&[u8]; 2] = [
        include_bytes!("../../../tests/fixtures/pages/jbig2.pdf"),
        include_bytes!("../../../tests/fixtures/pages/jpeg2000.pdf"),
    ];
    for pdf in pressed {
        let whole = prepare(pdf, Taken::Unknown).unwrap();
        assert!(whole.stack, "no stack");
        let page = sheet(pdf, 0, Taken::Glass).unwrap();
        assert!(same_page(&witness, &page.fingerprint), "another page");
        assert!(!same_page(&anna, &page.fingerprint), "every page is the same");
        assert_eq!(page.warnings, [], "drawn badly");
    }
}

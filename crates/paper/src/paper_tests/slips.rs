//! Nothing is cut off at an edge; what comes out of a thermal printer is judged by its dots, and its codes are read from them.

use super::entered::filled;
use super::papers::{PAPERS, full};
use super::{NOW, dots, picture, run, text};
use crate::press::Drawn;
use crate::qr_proof_tests::zbar;
use crate::samples::{content, voided, waiting};
use crate::{Raster, ReceiptSize, SlipPrint, Templates, WaitingSlip, draw_form, draw_void, draw_waiting};
use domain::receipt::ReceiptContent;
use image::GrayImage;
use std::collections::BTreeSet;

const ROLL: SlipPrint = SlipPrint {
    size: ReceiptSize::Roll80,
    now: NOW,
};
/// A millimetre of dots, for a roll that lies crooked.
const ROLL_MARGIN: u32 = 8;
/// Four millimetres and a bit at 150 dpi: what office printers cannot reach.
const SHEET_MARGIN: u32 = 25;

fn roll_of(receipt: ReceiptContent) -> Drawn {
    draw_void(&Templates::built_in(), &voided(receipt), ROLL).unwrap()
}

/// Is there ink where a letter would be cut off, so many pixels from any of the four edges?
fn touches_the_edge(picture: &GrayImage, margin: u32) -> bool {
    let (right, bottom) = (picture.width() - margin, picture.height() - margin);
    let inside = |x, y| (margin..right).contains(&x) && (margin..bottom).contains(&y);
    picture
        .enumerate_pixels()
        .any(|(x, y, p)| p[0] < 128 && !inside(x, y))
}

#[test]
fn no_sheet_loses_ink_at_an_edge() {
    let sheets = || PAPERS.iter().filter(|paper| !paper.is_roll());
    for paper in sheets() {
        let picture = paper.picture();
        assert!(
            !touches_the_edge(&picture, SHEET_MARGIN),
            "{} is cut off",
            paper.name
        );
    }
    assert_eq!(sheets().count(), 29);
    // The control: a mail address that the form does not break.
    let set = Templates::built_in();
    let broken = set.text("ct01.typ").unwrap();
    let whole = broken.replace("address(get(\"email\"))", "get(\"email\")");
    let set = set
        .with_files([("ct01.typ".to_owned(), whole.into_bytes())])
        .unwrap();
    let mail = "nguyen.phuc.hoang.ton.nu.thi.diem.phuong@hopthu.vidu.example";
    let form = filled("ct01", &[("email", mail)], vec![]);
    let cut = picture(&draw_form(&set, &form, NOW).unwrap());
    assert!(
        touches_the_edge(&cut, SHEET_MARGIN),
        "a line too long is not noticed"
    );
}

#[test]
fn no_slip_of_the_roll_loses_ink_at_an_edge() {
    let mut tried = 0;
    for paper in PAPERS.iter().filter(|paper| paper.is_roll()) {
        let dots = dots(&paper.drawn);
        assert_eq!(
            dots.width(),
            Raster::ROLL_DOTS,
            "{}: 72 mm at 203 dpi",
            paper.name
        );
        assert!(!touches_the_edge(&dots, ROLL_MARGIN), "{} is cut off", paper.name);
        assert_eq!(paper.drawn.pages(), 1, "{} is one strip", paper.name);
        tried += 1;
    }
    assert_eq!(tried, 8, "receipts, void slips, waiting slips");
    // The control: a code that no line holds.
    let wide = WaitingSlip {
        code: "4D0C6A5277F10B3E".into(),
        ..waiting()
    };
    let cut = draw_waiting(&Templates::built_in(), &wide, ROLL).unwrap();
    assert!(
        touches_the_edge(&dots(&cut), ROLL_MARGIN),
        "a line too long is not noticed"
    );
}

#[test]
fn the_void_slips_code_is_read_from_the_dots_and_from_the_sheet() {
    let receipt = content().unwrap();
    let link = [receipt.lookup_url.clone()];
    let roll = roll_of(receipt.clone());
    assert_eq!(zbar(&dots(&roll)), link);
    let a5 = draw_void(&Templates::built_in(), &voided(receipt.clone()), NOW).unwrap();
    assert_eq!(zbar(&picture(&a5)), link);
    // The control: another dossier's slip says another thing, and dots without the code say nothing.
    let other = ReceiptContent {
        lookup_url: "HTTPS://TRACUU.TINH.EXAMPLE/T/DH-00001-00002-16".into(),
        ..receipt
    };
    assert_ne!(zbar(&dots(&roll_of(other))), link);
    let slip = draw_waiting(&Templates::built_in(), &waiting(), ROLL).unwrap();
    assert!(zbar(&dots(&slip)).is_empty(), "a waiting slip has no code");
}

/// Both sizes make the same promises, word for word.
#[test]
fn the_roll_says_what_the_sheet_says() {
    let set = Templates::built_in();
    let words = |drawn: &Drawn| {
        let said = text(drawn);
        let bare = said.split(' ').map(|word| word.trim_matches([':', '.', ',']));
        // A dash of its own between two columns is no word.
        let words = bare.filter(|word| word.chars().any(char::is_alphanumeric));
        words.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    for slip in [voided(full()), super::papers::asked(full())] {
        let roll = draw_void(&set, &slip, ROLL).unwrap();
        let sheet = draw_void(&set, &slip, NOW).unwrap();
        assert_eq!(words(&roll), words(&sheet));
    }
    let roll = draw_waiting(&set, &waiting(), ROLL).unwrap();
    let sheet = draw_waiting(&set, &waiting(), NOW).unwrap();
    assert_eq!(words(&roll), words(&sheet));
    assert!(run(&text(&roll)).contains(&run(&waiting().code)));
}

#[test]
fn a_void_slip_that_is_not_certain_leaves_the_receipt_good() {
    let set = Templates::built_in();
    let said = |certain| {
        let slip = crate::Voided {
            certain,
            ..super::papers::asked(content().unwrap())
        };
        text(&draw_void(&set, &slip, ROLL).unwrap())
    };
    assert!(said(false).contains("Giữ phiếu hỗ trợ cũ") && !said(false).contains("PHIẾU HỦY"));
    assert!(said(true).contains("Phiếu hỗ trợ cũ không còn giá trị") && !said(true).contains("XIN RÚT"));
}

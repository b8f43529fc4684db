//! The printed receipt, read back by programs that know nothing of how it was made: the words by `pdftotext`,
//! the codes by an independent decoder from the picture.

use super::{ReceiptSize, draw_receipt};
use crate::press::Drawn;
use crate::samples::line;
use crate::{PaperError, Templates, prepare};
use domain::receipt::{OriginalPlace, PaperMark, ReceiptContent, ReceiptPaperLine};
use jiff::Timestamp;
use rxing::{BarcodeFormat, DecodeHints};
use std::io::Write;
use std::process::{Command, Stdio};

fn content() -> ReceiptContent {
    crate::samples::content().unwrap()
}

fn render(content: &ReceiptContent, size: ReceiptSize) -> Result<Drawn, PaperError> {
    draw_receipt(&Templates::built_in(), content, size, Timestamp::UNIX_EPOCH)
}

fn drawn(content: &ReceiptContent) -> Drawn {
    render(content, ReceiptSize::A5).unwrap()
}

fn piped(program: &str, args: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|e| panic!("{program} (package poppler-utils): {e}"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// The sheet's text, its white space made single.
fn text(paper: &Drawn) -> String {
    let raw = piped("pdftotext", &["-", "-"], &paper.pdf);
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn pages(paper: &Drawn) -> u32 {
    prepare(&paper.pdf, crate::Taken::Unknown).unwrap().pages
}

/// Both codes, looked for where they stand: the upper and the lower part of the picture.
fn codes(paper: &Drawn) -> Vec<Option<String>> {
    let picture = image::load_from_memory(&paper.png().unwrap())
        .unwrap()
        .into_luma8();
    let (width, half) = (picture.width(), picture.height() / 2);
    [0, half]
        .map(|top| {
            let part = image::imageops::crop_imm(&picture, 0, top, width, half)
                .to_image()
                .into_raw();
            let mut hints = DecodeHints {
                TryHarder: Some(true),
                ..Default::default()
            };
            let found = rxing::helpers::detect_in_luma_with_hints(
                part,
                width,
                half,
                Some(BarcodeFormat::QR_CODE),
                &mut hints,
            );
            found.ok().map(|f| f.getText().to_owned())
        })
        .to_vec()
}

#[test]
fn every_line_is_on_the_paper() {
    let said = text(&drawn(&content()));
    for expected in [
        "PHIẾU HỖ TRỢ NỘP HỒ SƠ – không phải Giấy tiếp nhận và hẹn trả kết quả",
        "DH-00001-00001-19",
        "Đăng ký khai sinh",
        "thủ tục 1.001193",
        "Quầy 3, xã Hòa Bình Đông",
        "Lưu lúc 09:12 ngày 22/11/2026",
        "Giấy chứng sinh (bản chính, 1 bản chụp)",
        "quầy giữ",
        "Giấy chứng nhận kết hôn của cha mẹ (bản sao, 2 bản chụp)",
        "đã trả",
        "Thẻ căn cước của người đi đăng ký (xuất trình)",
        "chỉ xem",
        "Hồ sơ đã lưu ở máy quầy, CHƯA tới hệ thống.",
        "đã lưu ở máy quầy",
        "tỉnh đã nhận bản điện tử",
        "đã tiếp nhận, mã …",
        "1 ngày làm việc, tính từ khi có mã.",
        "Đến ngày 25/11/2026 chưa có mã, xin mang phiếu này tới quầy.",
        "Lệ phí: miễn, vì khai sinh đúng hạn. Phiếu này không phải biên lai.",
        "482 913",
        "tracuu.tinh.example",
        "0229 399 1022",
        "Không ai gọi hỏi mã này hay OTP.",
        "Ông/bà đã đồng ý cho quầy dùng dữ liệu này để nộp hồ sơ.",
        "Người hỗ trợ: cán bộ một cửa.",
    ] {
        assert!(said.contains(expected), "{expected:?} is missing in: {said}");
    }
    for absent in [
        "BẢN IN LẠI",
        "Lần sau",
        "biên nhận",
        "Độc lập",
        "đã nộp",
        "trang 1",
    ] {
        assert!(!said.contains(absent), "{absent:?} must not be there: {said}");
    }
}

/// The roll makes the same promises, and its dots hold both codes.
#[test]
fn the_roll_says_the_same_and_its_codes_are_read_from_the_dots() {
    let content = content();
    let roll = render(&content, ReceiptSize::Roll80).unwrap();
    let said = text(&roll);
    for expected in [
        "PHIẾU HỖ TRỢ NỘP HỒ SƠ",
        "không phải Giấy tiếp nhận và hẹn trả kết quả",
        "DH-00001-00001-19",
        "Lưu lúc 09:12 ngày 22/11/2026",
        "Giấy chứng sinh (bản chính, 1 bản chụp): quầy giữ",
        "Hồ sơ đã lưu ở máy quầy, CHƯA tới hệ thống.",
        "1 ngày làm việc, tính từ khi có mã.",
        "Đến ngày 25/11/2026 chưa có mã, xin mang phiếu này tới quầy.",
        "Phiếu này không phải biên lai.",
        "482 913",
        "Không ai gọi hỏi mã này hay OTP.",
        "Người hỗ trợ: cán bộ một cửa.",
    ] {
        assert!(said.contains(expected), "{expected:?} is missing in: {said}");
    }
    let dots = roll.raster().unwrap();
    assert_eq!(dots.width(), crate::Raster::ROLL_DOTS, "72 mm at 203 dpi");
    let picture = image::GrayImage::from_raw(
        dots.width(),
        u32::try_from(dots.height()).unwrap(),
        dots.to_luma(),
    )
    .unwrap();
    let codes = crate::qr_proof_tests::zbar(&picture);
    assert!(codes.contains(&content.lookup_url), "{codes:?}");
    assert!(codes.contains(&content.proof.unwrap()), "{codes:?}");
}

/// What a counter gives out on its fullest day still is one sheet; [`a_long_dossier_goes_on_overleaf_and_loses_no_line`]
/// is for nine whose names take two lines each: at a size that old eyes read they do not fit.
#[test]
fn nine_papers_with_a_long_procedure_fit_one_sheet() {
    assert_eq!(drawn(&crate::samples::nine_papers().unwrap()).pages(), 1);
}

#[test]
fn a_reprint_says_so_and_a_practice_slip_is_below() {
    let steps = [
        "Vào dichvucong.gov.vn, đăng nhập bằng VNeID.",
        "Chụp giấy chứng sinh rồi gửi.",
    ];
    let paper = drawn(&ReceiptContent {
        copy_no: 2,
        practice: steps.map(str::to_owned).to_vec(),
        ..content()
    });
    let said = text(&paper);
    assert!(said.contains("BẢN IN LẠI, lần 2"), "{said}");
    let at = |what: &str| {
        said.find(what)
            .unwrap_or_else(|| panic!("{what:?} is missing in: {said}"))
    };
    assert!(at("482 913") < at("Lần sau, ông/bà có thể tự làm"));
    assert!(at(steps[0]) < at(steps[1]));
    assert_eq!(pages(&paper), 1);
}

#[test]
fn what_is_not_known_is_not_promised() {
    let bare = ReceiptContent {
        papers: vec![],
        working_days: None,
        fee_line: None,
        counter_phone: None,
        proof: None,
        ..content()
    };
    let paper = drawn(&bare);
    let said = text(&paper);
    assert!(said.contains("Thời hạn: tính từ khi có mã."), "{said}");
    assert!(said.contains("Không có giấy tờ kèm theo."), "{said}");
    assert!(said.contains("Phiếu này không phải biên lai."), "{said}");
    assert!(
        !said.contains("ngày làm việc") && !said.contains("Gọi hỏi"),
        "{said}"
    );
    assert_eq!(codes(&paper), [Some(bare.lookup_url), None]);
}

#[test]
fn both_codes_are_read_from_the_picture() {
    let content = content();
    let paper = drawn(&content);
    assert_eq!(codes(&paper), [Some(content.lookup_url), content.proof]);
}

#[test]
fn every_letter_in_every_tone_is_printed_and_read_back() {
    let vowels = "aáàảãạ ăắằẳẵặ âấầẩẫậ eéèẻẽẹ êếềểễệ iíìỉĩị oóòỏõọ ôốồổỗộ ơớờởỡợ uúùủũụ ưứừửữự yýỳỷỹỵ đ";
    // One-letter words are glued by readers, so that each letter stands inside a word.
    let words: Vec<String> = vowels
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(|c| [format!("th{c}n"), format!("TH{}N", c.to_uppercase())])
        .collect();
    let papers: Vec<ReceiptPaperLine> = words
        .chunks(30)
        .map(|w| line(&w.join(" "), 1, PaperMark::Copy, OriginalPlace::None))
        .collect();
    let said = text(&drawn(&ReceiptContent { papers, ..content() }));
    for word in &words {
        assert!(said.contains(word.as_str()), "{word} is missing in: {said}");
    }
}

#[test]
fn a_letter_without_a_glyph_is_an_error_and_no_blank() {
    for (letter, name) in [('☐', "Tờ khai ☐"), ('→', "Từ → đến"), ('👶', "Bé 👶")] {
        let papers = vec![line(name, 1, PaperMark::Original, OriginalPlace::Returned)];
        let refused = render(&ReceiptContent { papers, ..content() }, ReceiptSize::A5).err();
        assert_eq!(refused, Some(PaperError::MissingGlyph { letter: Some(letter) }));
    }
}

#[test]
fn text_is_never_markup() {
    let tricky = "#panic() *đậm* _nghiêng_ $x$ <a> @b \\ \"#read(\\\"/etc/passwd\\\")\"";
    let said = text(&drawn(&ReceiptContent {
        procedure_name: tricky.into(),
        ..content()
    }));
    assert!(said.contains("#panic() *đậm* _nghiêng_ $x$ <a> @b \\"), "{said}");
}

#[test]
fn a_long_dossier_goes_on_overleaf_and_loses_no_line() {
    let name = "Văn bản thỏa thuận của các thành viên hộ gia đình về nơi cư trú, tờ số";
    let papers: Vec<ReceiptPaperLine> = (1..=20)
        .map(|i| {
            line(
                &format!("{name} {i}."),
                1,
                PaperMark::Original,
                OriginalPlace::Returned,
            )
        })
        .collect();
    let paper = drawn(&ReceiptContent { papers, ..content() });
    assert!(pages(&paper) > 1);
    let said = text(&paper);
    for i in 1..=20 {
        assert!(said.contains(&format!("tờ số {i}.")), "{i}: {said}");
    }
    assert!(said.contains("trang 1/"), "{said}");
}

#[test]
fn the_sheet_is_archival_a5_and_the_same_each_time() {
    let paper = drawn(&content());
    assert_eq!(paper.pdf, drawn(&content()).pdf);
    assert_eq!(pages(&paper), 1);
    let about = piped("pdfinfo", &["-"], &paper.pdf);
    assert!(about.contains("419.528 x 595.276 pts"), "{about}");
    let raw = String::from_utf8_lossy(&paper.pdf);
    assert!(raw.contains("<pdfaid:part>2</pdfaid:part>") && raw.contains("<pdfaid:conformance>B"));
    let picture = image::load_from_memory(&paper.png().unwrap()).unwrap();
    assert_eq!((picture.width(), picture.height()), (874, 1240), "A5 at 150 dpi");
    assert!(
        !format!("{:?}", content()).contains("482913"),
        "the secret stays out of logs"
    );
}

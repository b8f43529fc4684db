//! Every paper that goes out, as a picture and as text: golden pictures, what was entered read back, PDF/A by other
//! programs' word. `DONGHANH_WRITE_GOLDEN=1` writes the pictures anew, and large ones to `target/papers/`: look at these
//! before the small ones are committed.

use crate::press::Drawn;
use crate::samples::{content, handed_over, line, nine_papers, receipt, reception, voided, waiting};
use crate::{
    AgencyForm, PaperError, ReceiptSize, Templates, Voided, draw_agency_form, draw_form, draw_handed_over,
    draw_receipt, draw_void, draw_waiting,
};
use domain::official_form::FilledForm;
use domain::receipt::{OriginalPlace, PaperMark, ReceiptContent};
use image::GrayImage;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// The longest name of a person that a register has to hold, and some.
const LONG_NAME: &str =
    "Nguyễn Phúc Hoàng Tôn Nữ Thị Diễm Phương Thảo Nguyên Khuê Ưng Vượng Đặng Ngọc Quỳnh Uyển";
const VOWELS: &str = "aáàảãạ ăắằẳẵặ âấầẩẫậ eéèẻẽẹ êếềểễệ iíìỉĩị oóòỏõọ ôốồổỗộ ơớờởỡợ uúùủũụ ưứừửữự yýỳỷỹỵ đ";

/// Words with every letter in every tone, small and capital.
fn every_letter() -> Vec<String> {
    let letters = VOWELS.chars().filter(|c| !c.is_whitespace());
    letters
        .flat_map(|c| [format!("th{c}n"), format!("TH{}N", c.to_uppercase())])
        .collect()
}

pub(crate) fn piped(program: &str, args: &[&str], input: &[u8]) -> (bool, String) {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{program} (packages poppler-utils, qpdf): {e}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeding = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn text(drawn: &Drawn) -> String {
    let (_, raw) = piped("pdftotext", &["-layout", "-", "-"], &drawn.pdf);
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Says the same whatever breaks the lines: text without white space.
fn run(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn sample(form: &str, fields: &[(&str, &str)], rows: Vec<Map<String, Value>>) -> Result<Drawn, PaperError> {
    let templates = Templates::built_in();
    let known = templates.forms().iter().find(|f| f.id == form).unwrap().clone();
    let mut filled: FilledForm = crate::samples::blank(&known);
    for (name, value) in fields {
        let value = if *value == "✓" {
            json!(true)
        } else {
            json!(value)
        };
        filled.fields.insert((*name).to_owned(), value);
    }
    filled.rows = rows;
    draw_form(&templates, &filled, NOW)
}

fn members(count: usize) -> Vec<Map<String, Value>> {
    let row = |i: usize| {
        json!({
            "name": format!("SÙNG THỊ {}", every_letter()[(i * 2) % 130].to_uppercase()),
            "birth_date": "05/03/1990",
            "sex": if i.is_multiple_of(2) { "Nữ" } else { "Nam" },
            "id": format!("0110{:08}", 90_000_000 + i),
            "relation": "Con đẻ",
        })
    };
    (0..count).filter_map(|i| row(i).as_object().cloned()).collect()
}

const BIRTH: &[(&str, &str)] = &[
    ("requester_name", "LÒ THỊ MÂY"),
    ("requester_residence", "Bản Nà Tông, Xã Mường Ảng, Tỉnh Điện Biên"),
    (
        "requester_paper",
        "Thẻ căn cước (căn cước công dân) số 011195000123 do Bộ Công an cấp ngày 11/01/2025",
    ),
    ("relation", "Mẹ"),
    ("child_name", "VÀNG LÒ BÌNH MINH"),
    ("birth_date", "05/11/2026"),
    (
        "birth_words",
        "Ngày mồng năm tháng mười một năm hai nghìn không trăm hai mươi sáu",
    ),
    ("sex", "Nam"),
    ("ethnicity", "Hmông"),
    ("nationality", "Việt Nam"),
    (
        "birth_place",
        "Trung tâm Y tế Mường Ảng, Xã Mường Ảng, Tỉnh Điện Biên",
    ),
    ("home_place", "Bản Nà Tông, Xã Mường Ảng, Tỉnh Điện Biên"),
    ("mother_name", "LÒ THỊ MÂY"),
    ("mother_born", "02/05/1995"),
    ("mother_ethnicity", "Thái"),
    ("mother_nationality", "Việt Nam"),
    ("mother_residence", "Bản Nà Tông, Xã Mường Ảng, Tỉnh Điện Biên"),
    ("father_name", "VÀNG A PÂNG"),
    ("father_born", "1990"),
    ("father_ethnicity", "Hmông"),
    ("father_nationality", "Việt Nam"),
    ("copies_yes", "✓"),
    ("copies", "2"),
];

const CT01: &[(&str, &str)] = &[
    ("name", "VÀNG THỊ DÍN"),
    ("birth_date", "02/05/1996"),
    ("sex", "Nữ"),
    ("id", "011196000777"),
    ("phone", "0912345671"),
    ("email", "din.vang@example.vn"),
    ("head_name", "SÙNG A TẾNH"),
    ("head_relation", "Con dâu"),
    ("head_id", "011070000888"),
    (
        "request",
        "Đăng ký thường trú tại Bản Nà Tông, Xã Mường Ảng, Tỉnh Điện Biên; nơi thường trú cũ: Bản Huổi Lèng, Xã Mường Chà, Tỉnh Điện Biên",
    ),
    ("consent_head", "written"),
    ("consent_head_name", "SÙNG A TẾNH"),
    ("consent_head_id", "011070000888"),
    ("consent_owner", "vneid"),
    ("consent_owner_name", "SÙNG A TẾNH"),
    ("declarant_name", "VÀNG THỊ DÍN"),
];

const PERSON: &[(&str, &str)] = &[
    ("requester_name", "LÒ THỊ MÂY"),
    ("requester_residence", "Bản Nà Tông, Xã Mường Ảng, Tỉnh Điện Biên"),
    (
        "requester_paper",
        "Thẻ căn cước (căn cước công dân) số 011195000123",
    ),
    ("sex", "Nam"),
    ("ethnicity", "Thái"),
    ("nationality", "Việt Nam"),
];

fn with<'a>(base: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [base, more].concat()
}

/// Every paper there is, by the name of its golden picture.
fn papers() -> Vec<(&'static str, Drawn)> {
    let templates = Templates::built_in();
    let content = content().unwrap();
    let practice = [
        "Vào dichvucong.gov.vn, đăng nhập bằng VNeID.",
        "Chụp rõ giấy chứng sinh rồi gửi.",
    ];
    let full = ReceiptContent {
        practice: practice.map(str::to_owned).to_vec(),
        practice_next: Some(1),
        copy_no: 1,
        ..content.clone()
    };
    let long =
        |i| format!("Văn bản thỏa thuận của các thành viên hộ gia đình về nơi cư trú của trẻ, tờ số {i}");
    let nine = (1..=9).map(|i| line(&long(i), 2, PaperMark::Original, OriginalPlace::KeptByCounter));
    let overleaf = ReceiptContent {
        papers: nine.collect(),
        ..full.clone()
    };
    let death = with(
        PERSON,
        &[
            ("relation", "Con của người mất"),
            ("deceased_name", "LÒ VĂN PÂNG"),
            ("birth_date", "1941"),
            ("last_residence", "Bản Nà Tông, Xã Mường Ảng, Tỉnh Điện Biên"),
            ("death_date", "ngày 05 tháng 11 năm 2026"),
            ("death_time", "09 giờ 15 phút"),
            (
                "death_words",
                "Ngày mồng năm tháng mười một năm hai nghìn không trăm hai mươi sáu",
            ),
            ("death_place", "Tại nhà"),
            ("cause", "Tuổi già"),
            ("copies_no", "✓"),
        ],
    );
    let marriage = [
        ("wife_name", "LÒ THỊ MÂY"),
        ("wife_birth_date", "02/05/2000"),
        ("wife_ethnicity", "Thái"),
        ("wife_nationality", "Việt Nam"),
        ("wife_residence", "Bản Nà Tông, Xã Mường Ảng, Tỉnh Điện Biên"),
        ("wife_marriages", "Chưa từng đăng ký kết hôn"),
        ("husband_name", "VÀNG A PÂNG"),
        ("husband_birth_date", "03/02/1998"),
        (
            "husband_paper",
            "Thẻ căn cước (căn cước công dân) số 011098000321",
        ),
        ("copies_yes", "✓"),
        ("copies", "2"),
    ];
    let status = with(
        PERSON,
        &[
            ("relation", "Bản thân"),
            ("subject_name", "LÒ THỊ MÂY"),
            ("birth_date", "02/05/2000"),
            ("residence", "Bản Nà Tông, Xã Mường Ảng, Tỉnh Điện Biên"),
            ("status", "Chưa đăng ký kết hôn với ai"),
            (
                "purpose",
                "Để kết hôn với VÀNG A PÂNG, tại Ủy ban nhân dân xã Mường Ảng",
            ),
        ],
    );
    let lived = json!({ "place": "Bản Huổi Lèng, Xã Mường Chà, Tỉnh Điện Biên", "from": "02/05/2018", "until": "10/08/2024" });
    let authorised = [
        ("from_name", "LÒ THỊ MÂY"),
        ("agent_name", "VÀNG A PÂNG"),
        ("agent_id", "011098000321"),
        ("procedure", "Đăng ký khai sinh"),
        ("close_relative", "✓"),
    ];
    vec![
        ("receipt_a5", receipt(&templates, ReceiptSize::A5).unwrap()),
        (
            "receipt_a5_reprint",
            draw_receipt(&templates, &full, ReceiptSize::A5, NOW).unwrap(),
        ),
        (
            "receipt_a5_nine_papers",
            draw_receipt(&templates, &nine_papers().unwrap(), ReceiptSize::A5, NOW).unwrap(),
        ),
        (
            "receipt_a5_overleaf",
            draw_receipt(&templates, &overleaf, ReceiptSize::A5, NOW).unwrap(),
        ),
        (
            "receipt_roll",
            draw_receipt(&templates, &full, ReceiptSize::Roll80, NOW).unwrap(),
        ),
        (
            "void_a5",
            draw_void(&templates, &voided(content.clone()), NOW).unwrap(),
        ),
        (
            "void_a5_asked",
            draw_void(
                &templates,
                &Voided {
                    certain: false,
                    word: "đã xin rút, chờ tỉnh xác nhận".into(),
                    ..voided(content.clone())
                },
                NOW,
            )
            .unwrap(),
        ),
        ("waiting_slip", draw_waiting(&templates, &waiting(), NOW).unwrap()),
        (
            "papers_handed_over",
            draw_handed_over(&templates, &handed_over(&content), NOW).unwrap(),
        ),
        (
            "reception_slip",
            draw_agency_form(
                &templates,
                AgencyForm::Reception,
                &reception(content.clone()),
                NOW,
            )
            .unwrap(),
        ),
        (
            "control_slip",
            draw_agency_form(&templates, AgencyForm::Control, &reception(content), NOW).unwrap(),
        ),
        (
            "birth_declaration",
            sample("birth_declaration", BIRTH, vec![]).unwrap(),
        ),
        (
            "death_declaration",
            sample("death_declaration", &death, vec![]).unwrap(),
        ),
        (
            "marriage_declaration",
            sample("marriage_declaration", &marriage, vec![]).unwrap(),
        ),
        (
            "marital_status_declaration",
            sample(
                "marital_status_declaration",
                &status,
                vec![lived.as_object().unwrap().clone()],
            )
            .unwrap(),
        ),
        ("ct01", sample("ct01", CT01, members(2)).unwrap()),
        (
            "authorisation",
            sample("authorisation", &authorised, vec![]).unwrap(),
        ),
    ]
}

fn golden(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/golden")).join(format!("{name}.png"))
}

/// A page small enough to keep: 60 dpi, sixteen greys.
fn small(drawn: &Drawn) -> GrayImage {
    let page = image::load_from_memory(&drawn.png().unwrap())
        .unwrap()
        .into_luma8();
    let (width, height) = (page.width() * 2 / 5, page.height() * 2 / 5);
    let mut small = image::imageops::resize(&page, width, height, image::imageops::FilterType::Triangle);
    small.pixels_mut().for_each(|p| p[0] = p[0] / 17 * 17);
    small
}

/// Mean difference over blocks of 8x8: one moved word is seen, another rasteriser's grey is not.
fn worst_block(a: &GrayImage, b: &GrayImage) -> u32 {
    if a.dimensions() != b.dimensions() {
        return u32::MAX;
    }
    let mut sums = std::collections::HashMap::new();
    for (x, y, p) in a.enumerate_pixels() {
        let difference = u32::from(p[0].abs_diff(b.get_pixel(x, y)[0]));
        *sums.entry((x / 8, y / 8)).or_insert(0) += difference;
    }
    sums.values().max().copied().unwrap_or(0) / 64
}

/// A block may differ by so much of 255 in the mean.
const TOLERANCE: u32 = 24;

#[test]
fn every_paper_looks_as_it_was_looked_at() {
    let writing = std::env::var_os("DONGHANH_WRITE_GOLDEN").is_some();
    for (name, drawn) in papers() {
        let now = small(&drawn);
        if writing {
            let large = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/papers");
            std::fs::create_dir_all(large).unwrap();
            std::fs::write(format!("{large}/{name}.png"), drawn.png().unwrap()).unwrap();
            now.save(golden(name)).unwrap();
        }
        let kept = image::open(golden(name))
            .unwrap_or_else(|e| panic!("{name}: {e}"))
            .into_luma8();
        assert!(worst_block(&now, &kept) <= TOLERANCE, "{name} looks different");
        is_archival(name, &drawn);
    }
}

/// The control: a sheet with one word changed does not look the same.
#[test]
fn a_changed_word_is_seen() {
    let changed = ReceiptContent {
        procedure_name: "Đăng ký khai tử".into(),
        ..content().unwrap()
    };
    let drawn = draw_receipt(&Templates::built_in(), &changed, ReceiptSize::A5, NOW).unwrap();
    let kept = image::open(golden("receipt_a5")).unwrap().into_luma8();
    assert!(worst_block(&small(&drawn), &kept) > TOLERANCE);
}

/// By qpdf the file is sound, by pdffonts every font is embedded with its letters' meanings, and it says PDF/A-2b.
fn is_archival(name: &str, drawn: &Drawn) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, &drawn.pdf).unwrap();
    let (sound, said) = piped("qpdf", &["--check", &path.display().to_string()], b"");
    assert!(sound, "{name}: {said}");
    let (_, fonts) = piped("pdffonts", &["-"], &drawn.pdf);
    let listed: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!listed.is_empty(), "{name} has no font: {fonts}");
    for font in listed {
        let marks: Vec<&str> = font.split_whitespace().collect();
        let embedded = marks.windows(3).any(|w| w == ["yes", "yes", "yes"]);
        assert!(embedded, "{name}: not embedded, subset and readable: {font}");
    }
    let raw = String::from_utf8_lossy(&drawn.pdf);
    assert!(
        raw.contains("<pdfaid:part>2</pdfaid:part>") && raw.contains("<pdfaid:conformance>B"),
        "{name}"
    );
}

#[test]
fn what_was_entered_is_what_the_paper_says() {
    for (form, fields, rows) in [("birth_declaration", BIRTH, vec![]), ("ct01", CT01, members(40))] {
        let drawn = sample(form, fields, rows.clone()).unwrap();
        let said = run(&text(&drawn));
        let ticks = ["consent_head", "consent_owner", "copies_yes"];
        for (name, value) in fields.iter().filter(|(name, _)| !ticks.contains(name)) {
            assert!(
                said.contains(&run(value)),
                "{form}: {name} {value:?} is missing in {said}"
            );
        }
        for row in &rows {
            for column in ["name", "id"] {
                let value = row[column].as_str().unwrap();
                assert!(said.contains(&run(value)), "{form}: {value} is missing");
            }
        }
        assert!(
            rows.is_empty() || drawn.pages() > 1,
            "forty members need a second page"
        );
    }
}

#[test]
fn the_longest_names_and_every_letter_stand_on_every_form() {
    let letters = every_letter();
    let all = letters.join(" ");
    let capitals = LONG_NAME.to_uppercase();
    let templates = Templates::built_in();
    for form in templates.forms() {
        let map = form.maps.first().unwrap();
        let mut filled = crate::samples::blank(form);
        // The first line of text takes every letter, every name the longest name.
        for name in map.fields.keys() {
            let value = match name.as_str() {
                n if n.ends_with("_name") || n == "name" => capitals.as_str(),
                "requester_residence" | "request" | "wife_residence" | "procedure" => all.as_str(),
                _ => continue,
            };
            filled.fields.insert(name.clone(), json!(value));
        }
        let said = run(&text(&draw_form(&templates, &filled, NOW).unwrap()));
        // Words, not the whole name: two columns of a table mix their lines.
        let cut: Vec<&str> = capitals.split(' ').filter(|w| !said.contains(w)).collect();
        assert!(cut.is_empty(), "{}: the long name is cut: {cut:?}", form.id);
        let missing: Vec<&String> = letters.iter().filter(|w| !said.contains(w.as_str())).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", form.id);
    }
}

#[test]
fn a_letter_that_tinos_lacks_is_an_error() {
    let refused = sample("birth_declaration", &[("child_name", "BÉ 👶")], vec![]).err();
    assert_eq!(refused, Some(PaperError::MissingGlyph { letter: Some('👶') }));
}

#[test]
fn a_long_list_of_papers_goes_on_overleaf() {
    let mut list = handed_over(&content().unwrap());
    list.papers = (1..=40)
        .map(|i| {
            line(
                &format!("Giấy tờ số {i}."),
                1,
                PaperMark::Original,
                OriginalPlace::Returned,
            )
        })
        .collect();
    let drawn = draw_handed_over(&Templates::built_in(), &list, NOW).unwrap();
    let said = text(&drawn);
    assert!(drawn.pages() > 1);
    assert!(
        (1..=40).all(|i| said.contains(&format!("Giấy tờ số {i}."))),
        "{said}"
    );
}

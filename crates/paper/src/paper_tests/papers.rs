//! Every paper there is, by the name of its golden picture.

use super::entered::{BIRTH, CT01, PERSON, filled, members, sample, with};
use super::letters::{
    HIGHLAND_NAME, LONG_COMMUNE, LONG_ETHNICITY, LONG_NAME, LONG_NATIONALITY, LONG_PROVINCE, every_letter,
    long_place,
};
use super::{NOW, dots, picture};
use crate::press::Drawn;
use crate::samples::{content, handed_over, line, nine_papers, receipt, reception, voided, waiting};
use crate::{
    AgencyForm, Print, ReceiptSize, SlipPrint, Templates, Voided, WaitingSlip, draw_agency_form, draw_form,
    draw_handed_over, draw_receipt, draw_void, draw_waiting,
};
use domain::receipt::{OriginalPlace, PaperMark, ReceiptContent, ReceiptPaperLine};
use image::GrayImage;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

pub(super) struct Paper {
    pub(super) name: String,
    pub(super) drawn: Drawn,
}

impl Paper {
    fn new(name: impl Into<String>, drawn: Result<Drawn, crate::PaperError>) -> Self {
        let name = name.into();
        let drawn = drawn.unwrap_or_else(|e| panic!("{name}: {e}"));
        Self { name, drawn }
    }

    pub(super) fn is_roll(&self) -> bool {
        self.name.contains("_roll")
    }

    /// As it comes out of its printer: a roll's is made of dots.
    pub(super) fn picture(&self) -> GrayImage {
        if self.is_roll() {
            dots(&self.drawn)
        } else {
            picture(&self.drawn)
        }
    }
}

/// Drawn once for all tests: thirty-seven papers take a while.
pub(super) static PAPERS: LazyLock<Vec<Paper>> = LazyLock::new(|| {
    [receipts(), slips(), lists(), forms(), longest()]
        .into_iter()
        .flatten()
        .collect()
});

/// With everything that a receipt can hold, printed for the second time.
pub(super) fn full() -> ReceiptContent {
    let practice = [
        "Vào dichvucong.gov.vn, đăng nhập bằng VNeID.",
        "Chụp rõ giấy chứng sinh rồi gửi.",
    ];
    ReceiptContent {
        practice: practice.map(str::to_owned).to_vec(),
        practice_next: Some(1),
        copy_no: 1,
        ..content().unwrap()
    }
}

/// Every letter in every tone, where the names of papers stand.
fn letters() -> ReceiptContent {
    let lines = every_letter();
    let papers: Vec<ReceiptPaperLine> = lines
        .chunks(20)
        .map(|w| line(&w.join(" "), 0, PaperMark::Shown, OriginalPlace::None))
        .collect();
    ReceiptContent {
        papers,
        ..content().unwrap()
    }
}

/// The longest names of places and of a procedure.
fn far_away() -> ReceiptContent {
    let long = |i: usize| {
        format!("Văn bản thỏa thuận của các thành viên hộ gia đình về nơi cư trú của trẻ, tờ số {i}")
    };
    ReceiptContent {
        counter_name: format!("Quầy 12, {LONG_COMMUNE}, {LONG_PROVINCE}"),
        papers: (1..=2)
            .map(|i| line(&long(i), 12, PaperMark::Copy, OriginalPlace::CopyKept))
            .collect(),
        lookup_site: "tracuu.dichvucong.thanhphohochiminh.gov.vn".into(),
        ..nine_papers().unwrap()
    }
}

fn receipts() -> Vec<Paper> {
    let draw = |content: &ReceiptContent, size| draw_receipt(&Templates::built_in(), content, size, NOW);
    let long =
        |i| format!("Văn bản thỏa thuận của các thành viên hộ gia đình về nơi cư trú của trẻ, tờ số {i}");
    let nine = (1..=9).map(|i| line(&long(i), 2, PaperMark::Original, OriginalPlace::KeptByCounter));
    let overleaf = ReceiptContent {
        papers: nine.collect(),
        ..full()
    };
    let (a5, roll) = (ReceiptSize::A5, ReceiptSize::Roll80);
    vec![
        Paper::new("receipt_a5", receipt(&Templates::built_in(), a5)),
        Paper::new("receipt_a5_reprint", draw(&full(), a5)),
        Paper::new("receipt_a5_nine_papers", draw(&nine_papers().unwrap(), a5)),
        Paper::new("receipt_a5_overleaf", draw(&overleaf, a5)),
        Paper::new("receipt_a5_letters", draw(&letters(), a5)),
        Paper::new("receipt_a5_longest", draw(&far_away(), a5)),
        Paper::new("receipt_roll", draw(&full(), roll)),
        Paper::new("receipt_roll_letters", draw(&letters(), roll)),
        Paper::new("receipt_roll_longest", draw(&far_away(), roll)),
    ]
}

/// Asked for, and not yet certain.
pub(super) fn asked(receipt: ReceiptContent) -> Voided {
    Voided {
        certain: false,
        word: "đã xin rút, chờ tỉnh xác nhận".into(),
        ..voided(receipt)
    }
}

/// The waiting slip with the longest names.
pub(super) fn waiting_far_away() -> WaitingSlip {
    let counter = |i: u32| format!("Bộ phận Một cửa {LONG_COMMUNE}, {LONG_PROVINCE}, quầy số {i}");
    WaitingSlip {
        procedure: nine_papers().unwrap().procedure_name,
        here: format!("Nhà văn hóa tổ dân phố số 12, {LONG_COMMUNE}"),
        counter: (1..=3).map(counter).collect(),
        ..waiting()
    }
}

fn slips() -> Vec<Paper> {
    let set = &Templates::built_in();
    let mut all = Vec::new();
    for (size, void, wait) in [
        (ReceiptSize::A5, "void_a5", "waiting_slip"),
        (ReceiptSize::Roll80, "void_roll", "waiting_roll"),
    ] {
        let print = SlipPrint { size, now: NOW };
        let sample = content().unwrap();
        let again = Voided {
            copy_no: 1,
            ..voided(far_away())
        };
        all.extend([
            Paper::new(void, draw_void(set, &voided(sample.clone()), print)),
            Paper::new(format!("{void}_asked"), draw_void(set, &asked(sample), print)),
            Paper::new(format!("{void}_longest"), draw_void(set, &again, print)),
            Paper::new(wait, draw_waiting(set, &waiting(), print)),
            Paper::new(
                format!("{wait}_longest"),
                draw_waiting(set, &waiting_far_away(), print),
            ),
        ]);
    }
    all
}

fn lists() -> Vec<Paper> {
    let set = &Templates::built_in();
    let again = Print { now: NOW, copy_no: 2 };
    let sample = content().unwrap();
    let slip = reception(sample.clone());
    vec![
        Paper::new(
            "papers_handed_over",
            draw_handed_over(set, &handed_over(&sample), NOW),
        ),
        Paper::new(
            "papers_handed_over_again",
            draw_handed_over(set, &handed_over(&far_away()), again),
        ),
        Paper::new(
            "reception_slip",
            draw_agency_form(set, AgencyForm::Reception, &slip, NOW),
        ),
        Paper::new(
            "control_slip",
            draw_agency_form(set, AgencyForm::Control, &slip, again),
        ),
    ]
}

pub(super) fn lived() -> Map<String, Value> {
    let row = json!({
        "place": "Bản Huổi Lèng, Xã Mường Chà, Tỉnh Điện Biên", "from": "02/05/2018", "until": "10/08/2024",
    });
    row.as_object().unwrap().clone()
}

const MARRIAGE: &[(&str, &str)] = &[
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

const AUTHORISED: &[(&str, &str)] = &[
    ("from_name", "LÒ THỊ MÂY"),
    ("agent_name", "VÀNG A PÂNG"),
    ("agent_id", "011098000321"),
    ("procedure", "Đăng ký khai sinh"),
    ("close_relative", "✓"),
];

fn forms() -> Vec<Paper> {
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
    let letters = every_letter();
    let small = letters.join(" ");
    let capitals = letters.join(" ").to_uppercase();
    let lettered = [
        ("requester_name", small.as_str()),
        ("requester_residence", small.as_str()),
        ("child_name", capitals.as_str()),
    ];
    let form = |name: &str, fields: &[(&str, &str)], rows| Paper::new(name, sample(name, fields, rows));
    vec![
        form("birth_declaration", BIRTH, vec![]),
        Paper::new(
            "birth_declaration_letters",
            sample("birth_declaration", &lettered, vec![]),
        ),
        form("death_declaration", &death, vec![]),
        form("marriage_declaration", MARRIAGE, vec![]),
        form("marital_status_declaration", &status, vec![lived()]),
        form("ct01", CT01, members(2)),
        Paper::new("ct01_forty_members", sample("ct01", CT01, members(40))),
        form("authorisation", AUTHORISED, vec![]),
    ]
}

/// Every form with the longest of everything, as it is printed for the second time.
fn longest() -> Vec<Paper> {
    let set = Templates::built_in();
    let again = Print { now: NOW, copy_no: 1 };
    let draw = |id: &str| {
        let mut form = filled(id, &[], vec![]);
        let known = set.forms().iter().find(|f| f.id == id).unwrap();
        let maps = known.maps.iter();
        for (at, field) in maps.flat_map(|map| map.fields.keys()).enumerate() {
            form.fields.insert(field.clone(), json!(longest_for(field, at)));
        }
        if known.maps.iter().any(|map| map.rows.is_some()) {
            form.rows = long_rows(id);
        }
        Paper::new(format!("{id}_longest"), draw_form(&set, &form, again))
    };
    set.forms().iter().map(|form| draw(&form.id)).collect()
}

fn longest_for(field: &str, at: usize) -> Value {
    json!(match field {
        "copies_yes" => return json!(true),
        "copies_no" | "close_relative" => return json!(false),
        f if f.starts_with("consent_") && !f.ends_with("_name") && !f.ends_with("_id") =>
            "written".to_owned(),
        f if f.ends_with("name") && at.is_multiple_of(2) => HIGHLAND_NAME.to_uppercase(),
        f if f.ends_with("name") => LONG_NAME.to_uppercase(),
        f if f.ends_with("ethnicity") => LONG_ETHNICITY.to_owned(),
        f if f.ends_with("nationality") => LONG_NATIONALITY.to_owned(),
        f if f.ends_with("id") => "011195000123".to_owned(),
        "phone" => "0912 345 671".to_owned(),
        "email" => "nguyen.phuc.hoang.ton.nu.thi.diem.phuong@hopthu.vidu.example".to_owned(),
        "sex" => "Nam".to_owned(),
        "copies" => "12".to_owned(),
        f if f.ends_with("born") || f.ends_with("birth_date") => "02/05/1995".to_owned(),
        "relation" | "head_relation" => "Người được cha, mẹ ủy quyền".to_owned(),
        f if f.ends_with("words") =>
            "Ngày hai mươi mốt tháng mười một năm một nghìn chín trăm chín mươi chín".to_owned(),
        "death_date" => "ngày 05 tháng 11 năm 2026".to_owned(),
        "death_time" => "09 giờ 15 phút".to_owned(),
        _ => long_place(),
    })
}

fn long_rows(form: &str) -> Vec<Map<String, Value>> {
    let mut rows = if form == "ct01" { members(3) } else { vec![lived()] };
    for (row, name) in rows.iter_mut().zip([LONG_NAME, HIGHLAND_NAME].iter().cycle()) {
        if row.contains_key("name") {
            row.insert("name".into(), json!(name.to_uppercase()));
        } else {
            row.insert("place".into(), json!(long_place()));
        }
    }
    rows
}

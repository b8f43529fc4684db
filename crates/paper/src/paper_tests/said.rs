//! What was entered is what the paper says: every field of every form, every fact of every slip, read back from the PDF.

use super::entered::{filled, members};
use super::papers::{asked, full, lived};
use super::{NOW, run, text};
use crate::press::Drawn;
use crate::samples::{content, handed_over, line, reception, voided, waiting};
use crate::{
    AgencyForm, PaperError, ReceiptSize, SlipPrint, Templates, draw_agency_form, draw_form, draw_handed_over,
    draw_receipt, draw_void, draw_waiting,
};
use domain::official_form::OfficialForm;
use domain::receipt::{OriginalPlace, PaperMark, ReceiptContent, TogetherLine};
use serde_json::{Value, json};

type Draw = Box<dyn Fn(&Templates) -> Result<Drawn, PaperError>>;

/// A paper, the template that draws it, and everything that has to stand on it.
struct Case {
    template: String,
    draw: Draw,
    entered: Vec<String>,
}

impl Case {
    fn new(
        template: &str,
        entered: impl IntoIterator<Item = String>,
        draw: impl Fn(&Templates) -> Result<Drawn, PaperError> + 'static,
    ) -> Self {
        Self {
            template: template.to_owned(),
            draw: Box::new(draw),
            entered: entered.into_iter().collect(),
        }
    }

    /// What of it is not on the paper, with this set of templates.
    fn missing(&self, set: &Templates) -> Vec<String> {
        let drawn = (self.draw)(set).unwrap_or_else(|e| panic!("{}: {e}", self.template));
        let said = run(&text(&drawn));
        let combining = said.chars().find(|c| ('\u{300}'..='\u{36f}').contains(c));
        assert_eq!(
            combining, None,
            "{}: a letter came apart from its mark",
            self.template
        );
        let not_there = |value: &&String| !said.contains(&run(value));
        self.entered.iter().filter(not_there).cloned().collect()
    }
}

fn texts<const N: usize>(all: [&str; N]) -> Vec<String> {
    all.map(str::to_owned).to_vec()
}

/// Every field of the form with a text of its own, so that a field that is not drawn is missed. Ticks hold; a consent is a
/// word that the template knows.
fn form(form: &OfficialForm) -> Case {
    let mut one = filled(&form.id, &[], vec![]);
    let mut entered = Vec::new();
    for (name, at) in form.maps.iter().flat_map(|map| map.fields.keys()).zip(10..) {
        let value = match name.as_str() {
            "copies_yes" | "copies_no" | "close_relative" => json!(true),
            "consent_head" | "consent_owner" | "consent_guardian" => json!("separate_paper"),
            n if n == "id" || n == "head_id" => json!(format!("0111950012{at}")),
            // A letter in each tone, and nothing that stands in another value.
            _ => json!(format!("Đặng Ngữ Uyển {at}ệỗ")),
        };
        one.fields.entry(name.clone()).or_insert(value);
    }
    let ticks = ["consent_head", "consent_owner", "consent_guardian"];
    let written = one
        .fields
        .iter()
        .filter(|(name, _)| !ticks.contains(&name.as_str()));
    entered.extend(written.filter_map(|(_, value)| value.as_str().map(str::to_owned)));
    if form.maps.iter().any(|map| map.rows.is_some()) {
        one.rows = if form.id == "ct01" {
            members(40)
        } else {
            vec![lived(), lived()]
        };
        let cells = one
            .rows
            .iter()
            .flat_map(|row| row.values().filter_map(Value::as_str));
        entered.extend(cells.map(str::to_owned));
    }
    assert!(entered.len() > 5, "{} has hardly a field", form.id);
    Case::new(&form.template, entered, move |set| draw_form(set, &one, NOW))
}

/// Everything that a receipt can say.
fn whole_receipt() -> ReceiptContent {
    let other = |number: Option<&str>| TogetherLine {
        name: format!("Đăng ký thường trú {}", number.unwrap_or("sau")),
        number: number.map(str::to_owned),
        secret: number.map(|_| "204117".into()),
    };
    let mut papers = content().unwrap().papers;
    papers.push(line(
        "Văn bản ủy quyền",
        3,
        PaperMark::Copy,
        OriginalPlace::CopyKept,
    ));
    papers.push(line("Ảnh của trẻ", 4, PaperMark::Copy, OriginalPlace::None));
    ReceiptContent {
        papers,
        together: vec![other(Some("DH-00001-00002-16")), other(None)],
        copy_no: 3,
        ..full()
    }
}

/// What every paper about one receipt says of it.
fn about(receipt: &ReceiptContent) -> Vec<String> {
    let mut all = texts([
        "DH-00001-00001-19",
        "Đăng ký khai sinh",
        "Quầy 3, xã Hòa Bình Đông",
    ]);
    all.extend(receipt.papers.iter().map(|paper| paper.name.clone()));
    all
}

fn receipt(template: &str, size: ReceiptSize) -> Case {
    let content = whole_receipt();
    let mut entered = about(&content);
    entered.extend(texts([
        "1.001193",
        "09:12 ngày 22/11/2026",
        "0229 399 1022",
        "1 ngày làm việc, tính từ khi có mã",
        "Lệ phí: miễn, vì khai sinh đúng hạn",
        "ngày 25/11/2026",
        "tracuu.tinh.example",
        "482 913",
        "cán bộ một cửa",
        "Ông/bà đã đồng ý cho quầy dùng dữ liệu này để nộp hồ sơ",
        "lần 3",
        "bước 2",
        "Vào dichvucong.gov.vn, đăng nhập bằng VNeID.",
        "Chụp rõ giấy chứng sinh rồi gửi.",
        "Đăng ký thường trú DH-00001-00002-16",
        "Đăng ký thường trú sau",
        "mã tra cứu 204 117",
        "(bản chính, 1 bản chụp)",
        "(bản sao, 2 bản chụp)",
        "(xuất trình)",
        "(bản sao, 3 bản chụp)",
        "(bản sao, 4 bản chụp)",
        "quầy giữ bản sao",
        "không có bản giấy",
    ]));
    Case::new(template, entered, move |set| {
        draw_receipt(set, &content, size, NOW)
    })
}

fn void(template: &str, size: ReceiptSize, certain: bool) -> Case {
    let receipt = whole_receipt();
    let mut entered = about(&receipt);
    let mut slip = if certain { voided(receipt) } else { asked(receipt) };
    slip.copy_no = 3;
    entered.extend(texts([
        "thủ tục 1.001193",
        "09:12 ngày 22/11/2026",
        "15:40 22/11/2026",
        "in ngày 22/11/2026",
        "0229 399 1022",
        "lần 3",
        "XIN NHẬN LẠI",
    ]));
    entered.push(format!("Trạng thái: {}.", slip.word));
    entered.extend((!certain).then(|| "tracuu.tinh.example".to_owned()));
    let print = SlipPrint { size, now: NOW };
    Case::new(template, entered, move |set| draw_void(set, &slip, print))
}

fn wait(template: &str, size: ReceiptSize) -> Case {
    let entered = texts([
        "4D0C-6A52",
        "Đăng ký khai sinh",
        "09:20 24/11/2026",
        "Nhà văn hóa bản Nậm Pọng",
        "Bộ phận Một cửa xã Na Sang, quầy 1",
    ]);
    let print = SlipPrint { size, now: NOW };
    Case::new(template, entered, move |set| draw_waiting(set, &waiting(), print))
}

fn lists() -> Vec<Case> {
    let receipt = whole_receipt();
    let on = "ngày 22 tháng 11 năm 2026".to_owned();
    let list = handed_over(&receipt);
    let signed = about(&receipt).into_iter().chain([on.clone()]);
    let mut all = vec![Case::new("papers_handed_over.typ", signed, move |set| {
        draw_handed_over(set, &list, NOW)
    })];
    for form in AgencyForm::ALL {
        let mut entered = about(&receipt);
        entered.extend(texts([
            "H21.129-261122-0035",
            "Cổng Dịch vụ công quốc gia",
            "0229 399 1022",
        ]));
        entered.push(on.clone());
        match form {
            AgencyForm::Reception => entered.extend(texts([
                "1 ngày làm việc",
                "miễn, vì khai sinh đúng hạn",
                "tracuu.tinh.example",
            ])),
            // It goes from hand to hand with the papers, and does not list them.
            AgencyForm::Control => entered.retain(|e| receipt.papers.iter().all(|paper| paper.name != *e)),
        }
        let slip = reception(receipt.clone());
        all.push(Case::new(&form.template(), entered, move |set| {
            draw_agency_form(set, form, &slip, NOW)
        }));
    }
    all
}

fn cases() -> Vec<Case> {
    let (a5, roll) = (ReceiptSize::A5, ReceiptSize::Roll80);
    let mut all: Vec<Case> = Templates::built_in().forms().iter().map(form).collect();
    all.extend(lists());
    all.extend([
        receipt("receipt_a5.typ", a5),
        receipt("receipt_roll.typ", roll),
        void("void_a5.typ", a5, true),
        void("void_a5.typ", a5, false),
        void("void_roll.typ", roll, true),
        void("void_roll.typ", roll, false),
        wait("waiting_slip.typ", a5),
        wait("waiting_roll.typ", roll),
    ]);
    all
}

#[test]
fn what_was_entered_is_what_every_paper_says() {
    let set = Templates::built_in();
    let mut drawn: Vec<String> = Vec::new();
    for case in cases() {
        let missing = case.missing(&set);
        assert!(missing.is_empty(), "{}: {missing:?}", case.template);
        drawn.push(case.template);
    }
    // Whoever adds a paper adds what it has to say.
    for (name, _) in set.files().filter(|(name, _)| name.ends_with(".typ")) {
        let shared = crate::press::LIBRARIES.contains(&name);
        assert!(
            shared || drawn.iter().any(|d| d == name),
            "nobody reads {name} back"
        );
    }
}

/// The control: each template, made to forget one fact, is found out by that fact.
#[test]
fn a_template_that_forgets_a_field_is_found_out() {
    let built_in = Templates::built_in();
    for (template, forgotten) in [
        ("authorisation.typ", "get(key + \"_residence\")"),
        ("birth_declaration.typ", "get(\"home_place\")"),
        ("ct01.typ", "address(get(\"email\"))"),
        ("death_declaration.typ", "get(\"cause\")"),
        ("marital_status_declaration.typ", "get(\"purpose\")"),
        ("marriage_declaration.typ", "get(side + \"_\" + key)"),
        ("papers_handed_over.typ", "p.name"),
        ("reception_slip.typ", "p.name"),
        ("control_slip.typ", "d.procedure_name"),
        ("receipt_a5.typ", "text(weight: 600, d.counter_phone)"),
        ("receipt_roll.typ", "p.secret"),
        ("void_a5.typ", "d.word"),
        ("void_roll.typ", "d.word"),
        ("waiting_slip.typ", "slip.here"),
        ("waiting_roll.typ", "slip.at"),
    ] {
        let text = built_in.text(template).unwrap();
        assert!(text.contains(forgotten), "{template} has no {forgotten}");
        let forgetful = text.replace(forgotten, "[…]").replace("#[…]", "…");
        let set = built_in
            .with_files([(template.to_owned(), forgetful.into_bytes())])
            .unwrap();
        let found_out = cases()
            .iter()
            .filter(|case| case.template == template)
            .all(|case| !case.missing(&set).is_empty());
        assert!(found_out, "{template} forgets {forgotten} and nobody notices");
    }
}

#[test]
fn a_long_list_of_papers_goes_on_overleaf() {
    let mut list = handed_over(&content().unwrap());
    let name = |i: i32| format!("Giấy tờ số {i}.");
    list.papers = (1..=40)
        .map(|i| line(&name(i), 1, PaperMark::Original, OriginalPlace::Returned))
        .collect();
    let drawn = draw_handed_over(&Templates::built_in(), &list, NOW).unwrap();
    let said = text(&drawn);
    assert!(drawn.pages() > 1);
    assert!((1..=40).all(|i| said.contains(&name(i))), "{said}");
}

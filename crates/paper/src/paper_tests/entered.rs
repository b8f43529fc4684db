//! What invented people enter into the official forms.

use super::NOW;
use super::letters::every_letter;
use crate::press::Drawn;
use crate::{PaperError, Templates, draw_form};
use domain::official_form::FilledForm;
use serde_json::{Map, Value, json};

/// A form of the built-in set with these fields; `✓` is a tick.
pub(super) fn filled(form: &str, fields: &[(&str, &str)], rows: Vec<Map<String, Value>>) -> FilledForm {
    let templates = Templates::built_in();
    let known = templates.forms().iter().find(|f| f.id == form).unwrap();
    let mut filled = crate::samples::blank(known);
    for (name, value) in fields {
        let value = if *value == "✓" {
            json!(true)
        } else {
            json!(value)
        };
        filled.fields.insert((*name).to_owned(), value);
    }
    filled.rows = rows;
    filled
}

pub(super) fn sample(
    form: &str,
    fields: &[(&str, &str)],
    rows: Vec<Map<String, Value>>,
) -> Result<Drawn, PaperError> {
    draw_form(&Templates::built_in(), &filled(form, fields, rows), NOW)
}

/// A household; each name has another letter in it.
pub(super) fn members(count: usize) -> Vec<Map<String, Value>> {
    let letters = every_letter();
    let row = |i: usize| {
        json!({
            "name": format!("SÙNG THỊ {}", letters[(i * 2) % 130].to_uppercase()),
            "birth_date": "05/03/1990",
            "sex": if i.is_multiple_of(2) { "Nữ" } else { "Nam" },
            "id": format!("0110{:08}", 90_000_000 + i),
            "relation": "Con đẻ",
        })
    };
    (0..count).filter_map(|i| row(i).as_object().cloned()).collect()
}

pub(super) const BIRTH: &[(&str, &str)] = &[
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

pub(super) const CT01: &[(&str, &str)] = &[
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

pub(super) const PERSON: &[(&str, &str)] = &[
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

pub(super) fn with<'a>(base: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [base, more].concat()
}

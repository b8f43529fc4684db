//! Letters and names that are hard on a paper: every vowel in every tone, the longest names there are.

use super::entered::{filled, sample};
use super::{NOW, run, text};
use crate::{PaperError, Templates, draw_form};
use serde_json::{Value, json};

/// The longest name of a person that a register has to hold, and some.
pub(super) const LONG_NAME: &str =
    "Nguyễn Phúc Hoàng Tôn Nữ Thị Diễm Phương Thảo Nguyên Khuê Ưng Vượng Đặng Ngọc Quỳnh Uyển";
/// As families in the highlands write them: letters that Vietnamese itself does not have.
pub(super) const HIGHLAND_NAME: &str =
    "H’Ƀluĕ Niê Kdăm Êban Siŭ Rơ Čăm Blŏ Y Krĭng Hđơk Buôn Krông Mlô Duôn Du";
pub(super) const LONG_COMMUNE: &str = "Phường Văn Miếu - Quốc Tử Giám";
pub(super) const LONG_PROVINCE: &str = "Thành phố Hồ Chí Minh";
pub(super) const LONG_ETHNICITY: &str = "Người nước ngoài";
pub(super) const LONG_NATIONALITY: &str = "Các Tiểu Vương quốc Ả Rập Thống nhất";
pub(super) const VOWELS: &str =
    "aáàảãạ ăắằẳẵặ âấầẩẫậ eéèẻẽẹ êếềểễệ iíìỉĩị oóòỏõọ ôốồổỗộ ơớờởỡợ uúùủũụ ưứừửữự yýỳỷỹỵ đ";

/// Words with every letter in every tone, small and capital.
pub(super) fn every_letter() -> Vec<String> {
    let letters = VOWELS.chars().filter(|c| !c.is_whitespace());
    letters
        .flat_map(|c| [format!("th{c}n"), format!("TH{}N", c.to_uppercase())])
        .collect()
}

/// An address with the longest of everything.
pub(super) fn long_place() -> String {
    format!("Tổ dân phố số 12 đường Nguyễn Thị Minh Khai nối dài, {LONG_COMMUNE}, {LONG_PROVINCE}")
}

/// The lists grow: what is called the longest here has to stay that.
#[test]
fn the_longest_names_are_those_of_the_lists() {
    let longest = |names: Vec<String>| names.into_iter().max_by_key(|n| n.chars().count()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let units: Value = serde_json::from_str(include_str!("../../../../assets/units/units.json")).unwrap();
    let provinces = units["provinces"].as_array().unwrap();
    let communes = provinces.iter().flat_map(|p| p["communes"].as_array().unwrap());
    assert_eq!(longest(communes.map(|c| text(&c[1])).collect()), LONG_COMMUNE);
    let full = provinces.iter().map(|p| text(&p["full_name"]));
    assert_eq!(longest(full.collect()), LONG_PROVINCE);
    for (list, known) in [
        (
            include_str!("../../../../assets/units/ethnic_groups.json"),
            LONG_ETHNICITY,
        ),
        (
            include_str!("../../../../assets/units/nationalities.json"),
            LONG_NATIONALITY,
        ),
    ] {
        let list: Vec<Value> = serde_json::from_str(list).unwrap();
        assert_eq!(longest(list.iter().map(|one| text(&one["vi"])).collect()), known);
    }
}

#[test]
fn the_longest_names_and_every_letter_stand_on_every_form() {
    let letters = every_letter();
    let all = letters.join(" ");
    let templates = Templates::built_in();
    for form in templates.forms() {
        for name in [LONG_NAME, HIGHLAND_NAME].map(str::to_uppercase) {
            let map = form.maps.first().unwrap();
            let mut filled = filled(&form.id, &[], vec![]);
            // The first line of text takes every letter, every name the longest name.
            for field in map.fields.keys() {
                let value = match field.as_str() {
                    n if n.ends_with("_name") || n == "name" => name.as_str(),
                    "requester_residence" | "request" | "wife_residence" | "procedure" => all.as_str(),
                    _ => continue,
                };
                filled.fields.insert(field.clone(), json!(value));
            }
            let said = run(&text(&draw_form(&templates, &filled, NOW).unwrap()));
            assert!(said.contains(&run(&name)), "{}: {name} is cut", form.id);
            let missing: Vec<&String> = letters.iter().filter(|w| !said.contains(w.as_str())).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", form.id);
        }
    }
}

#[test]
fn a_letter_that_tinos_lacks_is_an_error() {
    let refused = sample("birth_declaration", &[("child_name", "BÉ 👶")], vec![]).err();
    assert_eq!(refused, Some(PaperError::MissingGlyph { letter: Some('👶') }));
}

//! Money in figures and in words, on a form that a province publishes: none of the built-in forms asks for an amount.

use super::{NOW, run, text};
use crate::{Templates, draw_form};
use domain::answer::{AnswerSource, Answers};
use domain::ids::QuestionId;
use domain::interview::{Lists, RawAnswer, record};
use domain::official_form::FormFacts;
use domain::procedure::Procedure;
use jiff::civil::date;

/// Certifying a contract asks for the value in it.
const CONTRACT: &[u8] = include_bytes!("../../../../assets/procedures/2.001035.json");
const FORM: &str = r#"{
  "id": "contract_value",
  "name": {"vi": "Bản khai giá trị giao dịch", "en": "Value of a contract"},
  "template": "contract_value.typ",
  "basis": {"vi": "Mẫu của tỉnh", "verified": true},
  "maps": [{
    "procedures": ["2.001035"],
    "fields": {"value": {"money": "value"}, "value_words": {"money_words": "value"}}
  }]
}"#;
const TEMPLATE: &str = r#"
#import "office.typ": *
#show: official.with(title: "Bản khai giá trị giao dịch")
#field([Giá trị], get("value"))
#field([Bằng chữ], get("value_words"))
"#;

fn lists() -> Lists {
    macro_rules! list {
        ($name:literal) => {
            include_str!(concat!("../../../../assets/units/", $name))
        };
    }
    Lists::from_json(
        list!("ethnic_groups.json"),
        list!("nationalities.json"),
        list!("birth_province_codes.json"),
        list!("units.json"),
        list!("household_relations.json"),
    )
    .unwrap()
}

/// What the form says where somebody typed this.
fn said(typed: &str) -> String {
    let files = [
        ("contract_value.json".to_owned(), FORM.as_bytes().to_vec()),
        ("contract_value.typ".to_owned(), TEMPLATE.as_bytes().to_vec()),
    ];
    let set = Templates::built_in().with_files(files).unwrap();
    let procedure = Procedure::from_json(CONTRACT).unwrap();
    let form = set.forms().iter().find(|f| f.id == "contract_value").unwrap();
    form.check_against(&procedure).unwrap();
    let (lists, mut answers) = (lists(), Answers::default());
    let fault = record(
        &procedure,
        &mut answers,
        &QuestionId::from("value"),
        &RawAnswer::Text(typed.to_owned()),
        AnswerSource::Typed,
        date(2026, 11, 24),
        &lists,
    );
    assert_eq!(fault, None);
    let facts = FormFacts {
        procedure: &procedure,
        answers: &answers,
        lists: &lists,
    };
    text(&draw_form(&set, &form.fill(facts).unwrap(), NOW).unwrap())
}

#[test]
fn an_amount_stands_in_figures_and_in_words() {
    let said = said("1.250.015.000");
    for expected in [
        "1.250.015.000 đồng",
        "Một tỷ hai trăm năm mươi triệu không trăm mười lăm nghìn đồng",
    ] {
        assert!(
            run(&said).contains(&run(expected)),
            "{expected} is missing in {said}"
        );
    }
}

/// The control: another amount has other words.
#[test]
fn another_amount_has_other_words() {
    let said = said("8000");
    assert!(
        said.contains("8.000 đồng") && said.contains("Tám nghìn đồng"),
        "{said}"
    );
    assert!(!said.contains("triệu"), "{said}");
}

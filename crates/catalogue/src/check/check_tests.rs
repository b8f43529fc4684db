use super::*;
use crate::built_in;

const BIRTH: &str = include_str!("../../../../assets/procedures/1.001193.json");
const FILE: &str = "procedures/1.001193.json";

fn line_of(text: &str, needle: &str) -> usize {
    let at = text.find(needle).unwrap_or_else(|| panic!("no {needle}"));
    text[..at].matches('\n').count() + 1
}

/// The findings after a text was put in place of another, and the line on which it stands.
fn after(from: &str, to: &str) -> (Vec<Finding>, usize) {
    assert!(BIRTH.contains(from), "the file has no {from}");
    let text = BIRTH.replacen(from, to, 1);
    let found = check_procedure(FILE, text.as_bytes()).unwrap_err();
    (found, line_of(&text, to.trim_start()))
}

#[test]
fn what_was_built_in_has_no_mistake() {
    let found = check_parts(&built_in::parts());
    assert!(
        found.is_empty(),
        "{}",
        found.iter().map(ToString::to_string).collect::<String>()
    );
}

#[test]
fn an_unknown_field_is_said_with_its_line_and_hides_no_other() {
    let text = BIRTH
        .replacen("\"result_code\":", "\"result_kode\":", 1)
        .replacen("\"near_days\":", "\"near_day\": 1,\n    \"near_days\":", 1)
        .replacen("\"code\": \"1.001193\"", "\"code\": \"khai-sinh\"", 1);
    let found = check_procedure(FILE, text.as_bytes()).unwrap_err();
    let said: Vec<(Option<usize>, bool)> = found
        .iter()
        .map(|f| (f.line, f.words.vi.contains("chính tả")))
        .collect();
    assert_eq!(
        said,
        [
            (Some(line_of(&text, "khai-sinh")), false),
            (Some(line_of(&text, "result_kode")), true),
            (Some(line_of(&text, "near_day\"")), true),
        ],
        "{found:#?}"
    );
    assert!(found[1].words.vi.contains("result_kode") && found[1].words.en.contains("result_code"));
}

#[test]
fn an_unknown_field_inside_a_kind_is_found() {
    let (found, line) = after(
        "\"type\": \"person_name\"",
        "\"type\": \"person_name\", \"longest\": 3",
    );
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].words.vi.contains("longest"), "{}", found[0]);
    assert_eq!(found[0].line, Some(line));
}

#[test]
fn a_condition_on_no_question_a_loop_and_a_source_that_is_not_there() {
    let (found, line) = after("\"from\": \"child_birth_date\"", "\"from\": \"child_birthday\"");
    assert_eq!((found[0].line, found.len()), (Some(line), 1), "{found:#?}");
    assert!(found[0].words.vi.contains("child_birthday"));
    let text = BIRTH.replacen(
        "\"id\": \"child_name\",",
        "\"id\": \"child_name\", \"when\": {\"answered\": \"child_name\"},",
        1,
    );
    let found = check_procedure(FILE, text.as_bytes()).unwrap_err();
    assert!(
        found.iter().any(|f| f.words.en.contains("epends on itself")
            && f.line
                .is_some_and(|line| line.abs_diff(line_of(&text, "\"id\": \"child_name\", \"when\"")) <= 1)),
        "{found:#?}"
    );
}

#[test]
fn an_expression_without_end_is_refused_by_its_depth() {
    let deep = format!(
        "{}{{\"answered\": \"child_name\"}}{}",
        "{\"not\": ".repeat(9),
        "}".repeat(9)
    );
    let text = BIRTH.replacen(
        "\"id\": \"copies\",",
        &format!("\"id\": \"copies\", \"required_when\": {deep},"),
        1,
    );
    let found = check_procedure(FILE, text.as_bytes()).unwrap_err();
    assert!(
        found.iter().any(|f| f.words.vi.contains("quá 8 tầng")),
        "{found:#?}"
    );
    let endless = format!(
        "{}{{\"answered\": \"child_name\"}}{}",
        "{\"not\": ".repeat(5000),
        "}".repeat(5000)
    );
    let text = BIRTH.replacen(
        "\"id\": \"copies\",",
        &format!("\"id\": \"copies\", \"required_when\": {endless},"),
        1,
    );
    assert_eq!(check_procedure(FILE, text.as_bytes()).unwrap_err().len(), 1);
}

#[test]
fn a_missing_field_is_said_at_the_beginning_of_its_block_and_broken_json_where_it_breaks() {
    let text = "{\n  \"code\": \"1.001193\",\n  \"name\": {\n    \"vi\": \"Tên\"\n  }\n}";
    let found = check_procedure(FILE, text.as_bytes()).unwrap_err();
    assert_eq!(found[0].line, Some(3), "{found:#?}");
    assert!(found[0].words.vi.contains("\"en\""));
    let found = check_procedure(FILE, b"{\n  \"code\" \"1.001193\"\n}").unwrap_err();
    assert_eq!(found[0].line, Some(2));
    assert!(found[0].words.vi.contains("JSON"));
    assert!(check_procedure(FILE, "\u{feff}\0ă".as_bytes()).is_err());
    assert!(check_procedure(FILE, b"").is_err());
}

#[test]
fn a_code_that_stands_twice_and_a_wrong_name() {
    let mut parts = built_in::parts();
    parts.put("procedures/copy.json", BIRTH.as_bytes().to_vec());
    let found = check_parts(&parts);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].to_string().starts_with("procedures/copy.json:"),
        "{}",
        found[0]
    );
    assert!(
        found[0]
            .words
            .vi
            .contains("đã có trong tệp procedures/1.001193.json")
    );
    let mut parts = built_in::parts();
    parts.put("units/units.json", b"{}".to_vec());
    assert_eq!(check_parts(&parts)[0].file, "units");
}

#[test]
fn every_kind_of_mistake_has_words_in_both_languages() {
    let name = || "x".to_owned();
    let kinds = [
        MistakeKind::Code,
        MistakeKind::Twice(name()),
        MistakeKind::UnknownQuestion(name()),
        MistakeKind::UnknownPaper(name()),
        MistakeKind::UnknownSource(name()),
        MistakeKind::WrongType {
            question: name(),
            wanted: "date",
        },
        MistakeKind::UnknownOption {
            question: name(),
            value: name(),
        },
        MistakeKind::TooDeep(8),
        MistakeKind::TooLong(64),
        MistakeKind::Loop,
        MistakeKind::TooMany(12),
        MistakeKind::Empty,
        MistakeKind::Bounds,
        MistakeKind::NotClean,
        MistakeKind::Column,
        MistakeKind::Term(400),
        MistakeKind::CardPart(name()),
        MistakeKind::Computed,
    ];
    for kind in kinds {
        let words = words::mistake(&kind);
        assert!(
            words.vi.ends_with('.') && words.en.ends_with('.') && words.vi != words.en,
            "{words:?}"
        );
    }
}

#[test]
fn a_paper_that_does_not_draw_is_said_with_its_line() {
    let mut parts = built_in::parts();
    parts.put(
        "paper/void_a5.typ",
        b"#let a = 1\n#let b = no_such_name\n".to_vec(),
    );
    let found = check_parts(&parts);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (found[0].file.as_str(), found[0].line),
        ("paper/void_a5.typ", Some(2))
    );
    assert!(found[0].words.vi.contains("không in ra được"), "{}", found[0]);
    assert!(found[0].words.en.contains("no_such_name"), "{}", found[0]);
    // A changed one that draws passes.
    let mut parts = built_in::parts();
    let slip = parts.get("paper/void_a5.typ").unwrap();
    let text = String::from_utf8(slip.to_vec()).unwrap();
    let other = text.replace("PHIẾU HỦY HỒ SƠ", "PHIẾU HỦY");
    assert_ne!(text, other);
    parts.put("paper/void_a5.typ", other.into_bytes());
    assert!(check_parts(&parts).is_empty());
}

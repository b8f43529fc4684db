//! The official forms that are built in: every field names a question that exists, and real answers stand where the
//! form has them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops where its ground is gone"
)]

mod common;

use common::{Filled, facts, fill, keeps, lists};
use domain::interview::sendable;
use domain::official_form::{FilledForm, FormFacts, FormFault, OfficialForm};
use domain::procedure::Procedure;
use serde_json::Value;
use std::path::PathBuf;

fn assets(folder: &str) -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(p).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

fn forms() -> Vec<OfficialForm> {
    let read = |(name, bytes): &(String, Vec<u8>)| {
        OfficialForm::from_json(bytes).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    assets("paper").iter().map(read).collect()
}

fn procedures() -> Vec<Procedure> {
    assets("procedures")
        .iter()
        .map(|(name, bytes)| Procedure::from_json(bytes).unwrap_or_else(|e| panic!("{name}: {e}")))
        .collect()
}

#[test]
fn every_field_names_a_question_of_its_procedure() {
    let (forms, procedures) = (forms(), procedures());
    assert!(forms.len() >= 6, "only {} forms", forms.len());
    let mut mapped = 0;
    for form in &forms {
        for map in &form.maps {
            for code in &map.procedures {
                let known = procedures.iter().find(|p| p.code == *code);
                let procedure = known.unwrap_or_else(|| panic!("{}: no procedure {code}", form.id));
                form.check_against(procedure).unwrap_or_else(|e| panic!("{e}"));
                mapped += 1;
            }
        }
    }
    assert!(mapped >= 20, "only {mapped} maps");
}

/// The controls: a question that is not there, a column that is not there, terms without end.
#[test]
fn a_wrong_map_is_found() {
    let procedure = procedures()
        .into_iter()
        .find(|p| p.code.as_str() == "1.004222")
        .unwrap();
    let ct01 = assets("paper")
        .into_iter()
        .find(|(name, _)| name == "ct01.json")
        .unwrap()
        .1;
    let changed = |from: &str, to: &str| {
        let text = String::from_utf8(ct01.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        OfficialForm::from_json(text.replace(from, to).as_bytes())
    };
    let fault = |form: OfficialForm| form.check_against(&procedure).unwrap_err().to_string();
    assert!(
        fault(changed("\"subject_name\"", "\"subject_nam\"").unwrap()).contains("no question subject_nam")
    );
    assert!(fault(changed("\"member_id\"", "\"member_no\"").unwrap()).contains("no column member_no"));
    assert!(matches!(changed("\"maps\"", "\"map\""), Err(FormFault::Json(_))));
    let deep = (0..9).fold("{\"fixed\":\"x\"}".to_owned(), |term, _| {
        format!("{{\"first\":[{term}]}}")
    });
    let form = format!(
        "{{\"id\":\"a\",\"name\":{{\"vi\":\"a\",\"en\":\"a\"}},\"template\":\"a.typ\",\
         \"basis\":{{\"vi\":\"a\",\"verified\":true}},\"maps\":[{{\"procedures\":[\"*\"],\"fields\":{{\"f\":{deep}}}}}]}}"
    );
    assert!(matches!(
        OfficialForm::from_json(form.as_bytes()),
        Err(FormFault::TooDeep)
    ));
}

fn filled(form: &str, code: &str, fixture: &str) -> FilledForm {
    let procedure = procedures()
        .into_iter()
        .find(|p| p.code.as_str() == code)
        .unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/");
    let example: Filled =
        serde_json::from_slice(&std::fs::read(format!("{folder}{fixture}")).unwrap()).unwrap();
    let given = fill(&procedure, &example.answers, keeps);
    let answers = sendable(&procedure, &given, &facts(&example.files));
    let facts = FormFacts {
        procedure: &procedure,
        answers: &answers,
        lists: lists(),
    };
    let form = forms().into_iter().find(|f| f.id == form).unwrap();
    assert!(form.applies(facts), "{} is offered", form.id);
    form.fill(facts).unwrap()
}

fn check(form: &FilledForm, expected: &[(&str, &str)]) {
    for (field, value) in expected {
        let stands = form
            .fields
            .get(*field)
            .and_then(Value::as_str)
            .unwrap_or("(blank)");
        assert_eq!(stands, *value, "{}: {field}", form.id);
    }
}

#[test]
fn a_birth_as_the_office_writes_it() {
    let form = filled("birth_declaration", "1.001193", "birth_anna.json");
    check(
        &form,
        &[
            ("requester_name", "LÒ THỊ MÂY"),
            ("relation", "Mẹ"),
            ("child_name", "VÀNG LÒ ANNA"),
            ("birth_date", "01/11/2026"),
            (
                "birth_words",
                "Ngày mồng một tháng mười một năm hai nghìn không trăm hai mươi sáu",
            ),
            ("sex", "Nữ"),
            ("mother_name", "LÒ THỊ MÂY"),
            ("mother_born", "14/02/1998"),
            ("father_name", "VÀNG A PÁO"),
            ("father_born", "1995"),
            ("copies", "2"),
        ],
    );
    assert_eq!(form.fields.get("copies_yes"), Some(&Value::Bool(true)));
    assert_eq!(form.fields.get("copies_no"), None, "a tick is there or not there");
    let paper = form
        .fields
        .get("requester_paper")
        .and_then(Value::as_str)
        .unwrap();
    assert!(paper.contains("số 011198000123"), "{paper}");
    let home = form
        .fields
        .get("requester_residence")
        .and_then(Value::as_str)
        .unwrap();
    assert!(
        home.starts_with("Bản Nà Tông, ") && !home.contains("trên thẻ"),
        "{home}"
    );
    assert!(form.note.is_some(), "what is not verified says so");
    let printed = format!("{form:?}");
    assert!(!printed.contains("ANNA"), "values stay out of logs: {printed}");
}

#[test]
fn a_move_with_its_members_and_consents() {
    let form = filled("ct01", "1.004222", "procedures/1.004222.json");
    check(
        &form,
        &[
            ("name", "VÀNG THỊ DÍN"),
            ("id", "011196000777"),
            ("head_name", "SÙNG A TẾNH"),
            ("head_relation", "Con dâu"),
            ("consent_head", "vneid"),
            ("consent_head_name", "SÙNG A TẾNH"),
            ("declarant_name", "VÀNG THỊ DÍN"),
        ],
    );
    let request = form.fields.get("request").and_then(Value::as_str).unwrap();
    assert!(
        request.starts_with("Đăng ký thường trú tại Bản Nà Tông, "),
        "{request}"
    );
    assert!(!form.rows.is_empty());
    assert_eq!(
        form.rows
            .first()
            .and_then(|r| r.get("name"))
            .and_then(Value::as_str),
        Some("SÙNG THỊ HOA MAI")
    );
}

#[test]
fn a_death_with_its_hour_and_its_paper() {
    let form = filled("death_declaration", "1.000656", "procedures/1.000656.json");
    check(
        &form,
        &[
            ("deceased_name", "LÒ VĂN INH"),
            ("birth_date", "1948"),
            ("death_date", "ngày 15 tháng 11 năm 2026"),
            ("death_time", "04 giờ 05 phút"),
            (
                "notice",
                "Giấy báo tử số 17/BT do Trạm y tế xã Mường Chà cấp ngày 15/11/2026",
            ),
        ],
    );
}

/// An authorisation is offered to an agent and to nobody else.
#[test]
fn the_authorisation_waits_for_an_agent() {
    let procedure = procedures()
        .into_iter()
        .find(|p| p.code.as_str() == "1.000656")
        .unwrap();
    let form = forms().into_iter().find(|f| f.id == "authorisation").unwrap();
    for (relation, offered) in [("child", false), ("agent", true), ("agent_close", true)] {
        let entries = [("requester_relation".into(), common::text(relation))];
        let given = fill(&procedure, &entries, keeps);
        let files = std::collections::BTreeMap::new();
        let answers = sendable(&procedure, &given, &facts(&files));
        let facts = FormFacts {
            procedure: &procedure,
            answers: &answers,
            lists: lists(),
        };
        assert_eq!(form.applies(facts), offered, "{relation}");
    }
}

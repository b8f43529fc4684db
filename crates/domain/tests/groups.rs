//! Answer types beyond the birth form: time, money, insurance numbers, and repeated groups whose rows lose nothing.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where its ground is gone"
)]

mod common;

use common::{PUBLISHED, Recorder, TODAY, facts, keeps, lists, shown, text};
use domain::answer::{AnswerSource, AnswerValue, Answers};
use domain::interview::{Missing, QuestionKindView, QuestionView, RawAnswer, record, sendable, view};
use domain::procedure::{Channel, Procedure, ProcedureFault};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn words(word: &str) -> Value {
    json!({"vi": word, "en": word})
}

fn members() -> Value {
    let column = |id: &str, kind: Value, required: bool| json!({"id": id, "kind": kind, "label": words(id), "required": required});
    let sex = json!({"type": "choice", "options": [{"value": "male", "label": words("Nam")}, {"value": "female", "label": words("Nữ")}]});
    let mut number = column("member_id", json!({"type": "id_number"}), false);
    number["id_check"] = json!({"sex": {"question": "member_sex"}, "born": "member_born"});
    json!([
        column("member_name", json!({"type": "person_name"}), true),
        column(
            "member_born",
            json!({"type": "date", "partial_allowed": true, "not_future": true}),
            true
        ),
        column("member_sex", sex, true),
        number,
        column(
            "member_relation",
            json!({"type": "list_choice", "list": "household_relations"}),
            true
        ),
    ])
}

/// The published birth form with a page of its own for each new type, for want of a smaller one.
fn with_group(change: impl FnOnce(&mut Value)) -> Result<Procedure, ProcedureFault> {
    let mut value: Value = serde_json::from_slice(PUBLISHED).unwrap();
    let question = |id: &str, kind: Value| json!({"id": id, "kind": kind, "label": words(id)});
    let mut page = json!({"id": "more", "title": words("Thêm"), "say": words("Thêm"), "questions": [
        question("members", json!({"type": "group", "min": 1, "max": 3, "questions": members()})),
        question("hour", json!({"type": "time"})),
        question("amount", json!({"type": "money", "max": 2_000_000})),
        question("insurance", json!({"type": "insurance_number"})),
        question("why_many", json!({"type": "text"})),
    ]});
    page["questions"][4]["when"] =
        json!({"compare": {"left": {"rows": "members"}, "op": "ge", "right": {"number": 2}}});
    change(&mut page);
    value["pages"].as_array_mut().unwrap().push(page);
    let fee = json!({"label": words("Mỗi người"), "dong": 10_000, "times": "members", "source": "tthc"});
    value["extra_fees"].as_array_mut().unwrap().push(fee);
    Procedure::from_json(value.to_string().as_bytes())
}

fn row(cells: &[(&str, &str)]) -> BTreeMap<domain::ids::QuestionId, RawAnswer> {
    cells
        .iter()
        .map(|(id, typed)| ((*id).into(), text(typed)))
        .collect()
}

fn pang() -> BTreeMap<domain::ids::QuestionId, RawAnswer> {
    row(&[
        ("member_name", "Lò Văn Pâng"),
        ("member_born", "3/2/1990"),
        ("member_sex", "male"),
        ("member_id", "011 090 000 789"),
        ("member_relation", "con_de"),
    ])
}

struct Room {
    procedure: Procedure,
    answers: Answers,
}

impl Room {
    fn new() -> Self {
        Self {
            procedure: with_group(|_| {}).unwrap(),
            answers: Answers::default(),
        }
    }

    /// The fault of what was sent, and the question as it then stands.
    fn send(&mut self, id: &str, raw: RawAnswer) -> (Option<&'static str>, QuestionView) {
        let fault = record(
            &self.procedure,
            &mut self.answers,
            &id.into(),
            &raw,
            AnswerSource::Typed,
            TODAY,
            lists(),
        );
        (fault.map(|fault| fault.code()), self.question(id).unwrap())
    }

    fn question(&self, id: &str) -> Option<QuestionView> {
        let files = BTreeMap::new();
        shown(&view(&self.procedure, &self.answers, &facts(&files)), id).cloned()
    }
}

fn rows_of(question: &QuestionView) -> Vec<Vec<QuestionView>> {
    match &question.kind {
        QuestionKindView::Group { rows, .. } => rows.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn time_money_and_insurance_show_back_as_meant() {
    let mut room = Room::new();
    for (id, typed, fault, shown) in [
        ("hour", "5 giờ 7 phút", None, "05:07"),
        ("hour", "lúc sáng", Some("time_unreadable"), "lúc sáng"),
        ("amount", "1500000", None, "1.500.000 đồng"),
        ("amount", "3.000.000", Some("number_out_of_range"), "3.000.000"),
        ("amount", "1,5 triệu", Some("money_unreadable"), "1,5 triệu"),
        ("insurance", "te 1 11 0123456789", None, "TE1110123456789"),
        ("insurance", "12345", Some("insurance_shape"), "12345"),
    ] {
        let (found, question) = room.send(id, text(typed));
        assert_eq!((found, question.shown.as_str()), (fault, shown), "{typed}");
        assert_eq!(
            question.fault.map(|f| f.code).as_deref(),
            fault,
            "{typed}: judged again alike"
        );
    }
}

#[test]
fn rows_keep_every_cell_that_was_typed() {
    let mut room = Room::new();
    let (fault, empty) = room.send("members", RawAnswer::Clear);
    assert_eq!(fault, None);
    assert!(
        matches!(&empty.kind, QuestionKindView::Group { columns, rows, min: 1, max: 3 } if columns.len() == 5 && rows.is_empty())
    );

    let mut bad = pang();
    bad.insert("member_born".into(), text("31/2/1990"));
    let (fault, question) = room.send("members", RawAnswer::Rows(vec![pang(), bad]));
    assert_eq!(fault, Some("row_faulty"));
    let words = question.fault.clone().unwrap().words.vi;
    assert!(words.starts_with("Dòng 2 "), "{words}");
    let rows = rows_of(&question);
    let cell = &rows[1][1];
    assert_eq!(
        (cell.shown.as_str(), cell.fault.as_ref().unwrap().code.as_str()),
        ("31/2/1990", "date_impossible")
    );
    assert_eq!(
        rows[1][0].shown, "Lò Văn Pâng",
        "the good cells of a bad row stay"
    );
    assert_eq!(rows[0][3].shown, "011 090 000 789");
    let files = BTreeMap::new();
    assert!(
        sendable(&room.procedure, &room.answers, &facts(&files))
            .get(&"members".into())
            .is_none()
    );

    let (fault, question) = room.send("members", RawAnswer::Rows(vec![pang(), BTreeMap::new()]));
    assert_eq!(fault, Some("row_incomplete"), "a row that was just added");
    assert_eq!(rows_of(&question).len(), 2);

    let (fault, question) = room.send("members", RawAnswer::Rows(vec![pang(); 4]));
    assert_eq!(
        (fault, rows_of(&question).len()),
        (Some("row_count"), 4),
        "nothing is thrown away"
    );

    let (fault, question) = room.send("members", RawAnswer::Rows(vec![pang()]));
    assert_eq!(fault, None);
    assert_eq!(
        question.shown,
        "1. Lò Văn Pâng, 03/02/1990, Nam, 011 090 000 789, Con đẻ"
    );
    let sent = sendable(&room.procedure, &room.answers, &facts(&files));
    assert_eq!(
        sent.value(&"members".into())
            .and_then(AnswerValue::as_rows)
            .map(<[_]>::len),
        Some(1)
    );

    let (fault, question) = room.send("members", RawAnswer::Rows(Vec::new()));
    assert_eq!((fault, question.value), (None, None), "no rows is no answer");
}

#[test]
fn what_no_column_asks_for_changes_nothing() {
    let mut room = Room::new();
    room.send("members", RawAnswer::Rows(vec![pang()]));
    let before = room.answers.clone();
    let nested = RawAnswer::Rows(vec![BTreeMap::from([(
        "member_name".into(),
        RawAnswer::Rows(Vec::new()),
    )])]);
    let long = "9".repeat(20_001);
    for raw in [
        RawAnswer::Rows(vec![row(&[("stranger", "1")])]),
        RawAnswer::Rows(vec![pang(); 51]),
        RawAnswer::Rows(vec![row(&[("member_name", &long)])]),
        nested,
        text("Lò Văn Pâng"),
    ] {
        assert_eq!(room.send("members", raw).0, Some("wrong_kind"));
        assert_eq!(room.answers, before);
    }
    assert_eq!(
        room.send("hour", RawAnswer::Rows(Vec::new())).0,
        Some("wrong_kind")
    );
}

#[test]
fn a_row_is_compared_with_itself_and_only_warns() {
    let mut room = Room::new();
    let mut woman = pang();
    woman.insert("member_sex".into(), text("female"));
    let (fault, question) = room.send("members", RawAnswer::Rows(vec![pang(), woman]));
    assert_eq!(fault, None);
    let codes = |cell: &QuestionView| cell.warnings.iter().map(|w| w.code.clone()).collect::<Vec<_>>();
    let rows = rows_of(&question);
    assert_eq!(
        (codes(&rows[0][3]), codes(&rows[1][3])),
        (vec![], vec!["id_sex_differs".to_owned()])
    );
    assert_eq!(codes(&question), ["id_sex_differs"], "the check page sees it too");
}

#[test]
fn rows_count_in_conditions_and_fees() {
    let mut room = Room::new();
    room.send("members", RawAnswer::Rows(vec![pang()]));
    assert!(room.question("why_many").is_none());
    room.send("members", RawAnswer::Rows(vec![pang(), pang()]));
    assert!(room.question("why_many").is_some());
    let files = BTreeMap::new();
    let now = view(
        &room.procedure,
        &room.answers,
        &domain::interview::Facts {
            channel: Some(Channel::Direct),
            ..facts(&files)
        },
    );
    assert_eq!(now.fee_lines.last().and_then(|line| line.dong), Some(20_000));
    assert!(now.missing.iter().all(|m| !matches!(m, Missing::Faulty { .. })));
}

#[test]
fn mistakes_in_a_group_are_found_when_it_is_loaded() {
    let mistakes = |change: fn(&mut Value)| match with_group(change) {
        Ok(_) => Vec::new(),
        Err(ProcedureFault::Mistakes(found)) => found.iter().map(ToString::to_string).collect(),
        Err(ProcedureFault::Json(fault)) => vec![fault.to_string()],
    };
    assert_eq!(mistakes(|_| {}), Vec::<String>::new());
    let column = "a column of a group takes no condition, prefill, rule, confirmation or group of its own";
    type Case = (fn(&mut Value), String);
    let cases: [Case; 8] = [
        (
            |p| p["questions"][0]["kind"]["max"] = json!(51),
            "pages.more.members: the bounds are the wrong way round or too wide".into(),
        ),
        (
            |p| p["questions"][0]["kind"]["min"] = json!(4),
            "pages.more.members: the bounds are the wrong way round or too wide".into(),
        ),
        (
            |p| p["questions"][0]["kind"]["questions"] = json!([]),
            "pages.more.members: empty".into(),
        ),
        (
            |p| p["questions"][0]["kind"]["questions"][0]["confirm"] = json!(true),
            format!("pages.more.members.member_name: {column}"),
        ),
        (
            |p| {
                p["questions"][0]["kind"]["questions"][0]["kind"] =
                    json!({"type": "group", "max": 2, "questions": members()})
            },
            format!("pages.more.members.member_name: {column}"),
        ),
        (
            |p| p["questions"][0]["kind"]["questions"][3]["id_check"]["born"] = json!("child_birth_date"),
            "pages.more.members.member_id: there is no question \"child_birth_date\"".into(),
        ),
        (
            |p| p["questions"][0]["kind"]["questions"][0]["id"] = json!("hour"),
            "questions: \"hour\" stands twice".into(),
        ),
        (
            |p| p["questions"][4]["when"]["compare"]["left"] = json!({"rows": "hour"}),
            "pages.more.why_many.when: question \"hour\" does not answer with a group".into(),
        ),
    ];
    for (change, expected) in cases {
        let found = mistakes(change);
        assert!(found.contains(&expected), "wanted {expected:?}, found {found:#?}");
    }
}

/// Is every typed cell, good or bad, still to be read on the screen?
fn keeps_every_cell(recorder: Recorder) -> bool {
    let mut room = Room::new();
    let mut bad = pang();
    bad.insert("member_born".into(), text("31/2/1990"));
    recorder(
        &room.procedure,
        &mut room.answers,
        &"members".into(),
        &RawAnswer::Rows(vec![pang(), bad]),
    );
    let shown: Vec<Vec<String>> = rows_of(&room.question("members").unwrap())
        .iter()
        .map(|row| row.iter().map(|cell| cell.shown.clone()).collect())
        .collect();
    shown.len() == 2
        && shown.iter().all(|row| row.iter().all(|cell| !cell.is_empty()))
        && shown[1][1] == "31/2/1990"
}

#[test]
fn a_recorder_that_drops_bad_cells_is_noticed() {
    assert!(keeps_every_cell(keeps));
    // Negative control: a recorder that sends only rows without fault.
    let drops: Recorder = |procedure, answers, question, raw| {
        if let RawAnswer::Rows(rows) = raw {
            keeps(procedure, answers, question, &RawAnswer::Rows(rows[..1].to_vec()));
        }
    };
    assert!(!keeps_every_cell(drops));
}

//! The published procedure: it says what it should, it asks for what the law lists, and it has a path to the end.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is gone"
)]

mod common;

use common::{anna, facts, fill, keeps, procedure, shown, text};
use domain::answer::{AnswerSource, Answers};
use domain::interview::{Missing, PageState, RawAnswer, next_page, previous_page, sendable, view};
use domain::procedure::{CONFIRM_MAX, Question, QuestionKind};
use std::collections::BTreeMap;

/// Every field of the national e-form for this procedure.
const UPSTREAM: &[&str] = &[
    "QuanHe",
    "HoVaTenC",
    "SoDinhDanhC",
    "LoaiGiayToDinhDanhC",
    "SoGiayToDinhDanhC",
    "NgayCapDDC",
    "NoiCapDDC",
    "DanTocC",
    "nycLoaiCuTru",
    "nycNoiCuTru",
    "HoTenKS",
    "NgaySinhChon",
    "NgaySinhChonBangChu",
    "GioiTinhKS",
    "DanTocKS",
    "QuocTichKS",
    "nksNoiSinh",
    "nksQueQuan",
    "HoTenMeKS",
    "NamSinhMeKS",
    "DanTocMeKS",
    "QuocTichMeKS",
    "SoDinhDanhMe",
    "LoaiGiayToDinhDanhMe",
    "SoGiayToDinhDanhMe",
    "NgayCapDDMe",
    "NoiCapDDMe",
    "HoTenChaKS",
    "NamSinhChaKS",
    "DanTocChaKS",
    "QuocTichChaKS",
    "SoDinhDanhCha",
    "LoaiGiayToDinhDanhCha",
    "SoGiayToDinhDanhCha",
    "NgayCapDDCha",
    "NoiCapDDCha",
    "loaiDangKy",
    "CapBanSao",
    "SoLuong",
];

#[test]
fn every_field_of_the_national_form_is_asked_for_once() {
    let procedure = procedure();
    let names: Vec<&str> = procedure
        .questions()
        .filter_map(|q| q.upstream.as_deref())
        .collect();
    for field in UPSTREAM {
        assert_eq!(names.iter().filter(|name| *name == field).count(), 1, "{field}");
    }
    let relation = procedure.question(&"requester_relation".into()).unwrap();
    let values = ["self", "father", "mother", "other"].map(|value| relation.upstream_value(value).unwrap());
    assert_eq!(values, ["BanThan", "ChaDe", "MeDe", "Khac"]);
}

#[test]
fn a_dozen_answers_at_most_are_confirmed_one_by_one() {
    let procedure = procedure();
    let marked: Vec<&Question> = procedure.questions().filter(|q| q.confirm).collect();
    assert_eq!(marked.len(), CONFIRM_MAX);
    for question in marked {
        let fits = matches!(
            question.kind,
            QuestionKind::PersonName {}
                | QuestionKind::Date { .. }
                | QuestionKind::Address { .. }
                | QuestionKind::IdNumber {}
        );
        assert!(fits, "{} is not a name, date, address or number", question.id);
    }
}

#[test]
fn a_filled_form_is_complete_and_every_answer_counts() {
    let (procedure, anna) = (procedure(), anna());
    let answers = fill(&procedure, &anna.answers, keeps);
    let done = view(&procedure, &answers, &facts(&anna.files));
    assert_eq!(done.missing, [], "nothing is missing");
    assert!(done.complete);
    assert!(done.warnings.is_empty(), "{:?}", done.warnings);
    for page in &done.pages {
        assert_eq!(page.state, PageState::Complete, "{}", page.id);
    }
    // Negative control: without any one of the required answers that nothing else can fill in, it is not.
    let needed = [
        "requester_relation",
        "requester_name",
        "requester_id",
        "requester_residence",
        "birth_proof",
    ];
    let needed =
        needed
            .into_iter()
            .chain(["child_name", "child_birth_date", "child_sex", "child_home_place"]);
    for question in needed.chain(["father_name", "father_residence", "parents_married", "copies"]) {
        let mut fewer = answers.clone();
        assert!(
            fewer.remove(&question.into()).is_some(),
            "{question} is in the fixture"
        );
        let lacking = view(&procedure, &fewer, &facts(&anna.files));
        let named = lacking
            .missing
            .iter()
            .any(|m| matches!(m, Missing::Question { question: q, .. } if q.as_str() == question));
        assert!(!lacking.complete && named, "{question}");
    }
    let bare = BTreeMap::new();
    let unpapered = view(&procedure, &answers, &facts(&bare));
    assert!(
        matches!(unpapered.missing.as_slice(), [Missing::Paper { component, .. }] if component.as_str() == "birth_certificate_hospital")
    );
}

#[test]
fn what_is_sent_is_what_is_seen() {
    let (procedure, anna) = (procedure(), anna());
    let mut answers = fill(&procedure, &anna.answers, keeps);
    // Typed while a relation "other" was chosen, hidden now.
    keeps(
        &procedure,
        &mut answers,
        &"requester_relation".into(),
        &text("other"),
    );
    keeps(
        &procedure,
        &mut answers,
        &"requester_capacity".into(),
        &text("relative"),
    );
    keeps(
        &procedure,
        &mut answers,
        &"requester_relation".into(),
        &text("mother"),
    );
    keeps(
        &procedure,
        &mut answers,
        &"marriage_date".into(),
        &text("31/2/2020"),
    );
    let sent = sendable(&procedure, &answers, &facts(&anna.files));
    assert_eq!(
        sent.text(&"child_birth_words".into()),
        Some("Ngày mồng một tháng mười một năm hai nghìn không trăm hai mươi sáu")
    );
    assert_eq!(
        sent.text(&"mother_name".into()),
        Some("Lò Thị Mây"),
        "taken from the applicant"
    );
    assert_eq!(
        sent.get(&"mother_name".into()).unwrap().source,
        AnswerSource::Computed
    );
    assert_eq!(sent.text(&"registration_type".into()), Some("on_time"));
    assert_eq!(sent.text(&"requester_phone".into()), Some("0912345678"));
    assert!(
        sent.get(&"requester_capacity".into()).is_none(),
        "hidden: kept, not sent"
    );
    assert!(
        answers.get(&"requester_capacity".into()).is_some(),
        "hidden: kept, not sent"
    );
    assert!(
        sent.get(&"marriage_date".into()).is_none(),
        "a faulty answer is never sent"
    );
}

#[test]
fn the_applicant_fills_the_parents_page_by_reference() {
    let procedure = procedure();
    let files = BTreeMap::new();
    let mut answers = fill(&procedure, &anna().answers, keeps);
    let mother = |answers: &Answers, question: &str| {
        let now = view(&procedure, answers, &facts(&files));
        let shown = shown(&now, question).unwrap();
        (
            shown.shown.clone(),
            shown.source,
            shown.taken_from.clone().map(|q| q.0),
            shown.confirm,
        )
    };
    let taken = Some("requester_name".to_owned());
    assert_eq!(
        mother(&answers, "mother_name"),
        (
            "Lò Thị Mây".into(),
            Some(AnswerSource::Computed),
            taken.clone(),
            false
        )
    );
    keeps(
        &procedure,
        &mut answers,
        &"mother_name".into(),
        &text("Lò Thị Mai"),
    );
    assert_eq!(
        mother(&answers, "mother_name"),
        ("Lò Thị Mai".into(), Some(AnswerSource::Typed), None, true)
    );
    keeps(&procedure, &mut answers, &"mother_name".into(), &RawAnswer::Clear);
    assert_eq!(
        mother(&answers, "mother_name").2,
        taken,
        "emptied: by reference again"
    );
    keeps(
        &procedure,
        &mut answers,
        &"requester_relation".into(),
        &text("father"),
    );
    assert_eq!(
        mother(&answers, "mother_name").1,
        None,
        "the father files: nothing is known of the mother"
    );
    assert_eq!(
        mother(&answers, "father_name").0,
        "Vàng A Páo",
        "what was typed stays"
    );
}

#[test]
fn warnings_do_not_block() {
    let (procedure, anna) = (procedure(), anna());
    let warned = |question: &str, value: &str| {
        let mut answers = fill(&procedure, &anna.answers, keeps);
        keeps(&procedure, &mut answers, &question.into(), &text(value));
        let now = view(&procedure, &answers, &facts(&anna.files));
        let codes: Vec<String> = now.warnings.iter().map(|w| w.fault.code.clone()).collect();
        (codes, now.complete)
    };
    // The card's structure says a man of 1999.
    assert_eq!(
        warned("father_id", "001099012345"),
        (vec!["id_birth_year_differs".into()], true)
    );
    assert_eq!(
        warned("father_id", "011195000456"),
        (vec!["id_sex_differs".into()], true)
    );
    assert_eq!(
        warned("father_id", "097095000456"),
        (vec!["id_place_unknown".into()], true)
    );
    assert_eq!(
        warned("child_ethnicity", "01"),
        (vec!["child_ethnicity_of_neither".into()], true)
    );
    assert_eq!(
        warned("parents_married", "no"),
        (vec!["recognition_needed".into()], true)
    );
    assert_eq!(
        warned("registration_type", "late"),
        (vec!["on_time_but_late".into()], true)
    );
    assert_eq!(
        warned("father_birth_date", "2016"),
        (
            vec!["father_very_young".into(), "id_birth_year_differs".into()],
            true
        )
    );
}

#[test]
fn contradictions_block() {
    let (procedure, anna) = (procedure(), anna());
    for (question, value, code) in [
        ("father_birth_date", "2/11/2026", "father_born_after_child"),
        ("mother_recorded", "blank", "mother_blank_but_files"),
        ("special_case", "abandoned", "case_against_relation"),
        ("father_id", "011198000123", "same_number_twice"),
    ] {
        let mut answers = fill(&procedure, &anna.answers, keeps);
        keeps(&procedure, &mut answers, &question.into(), &text(value));
        let now = view(&procedure, &answers, &facts(&anna.files));
        let fault = shown(&now, question).unwrap().fault.clone();
        assert_eq!(fault.map(|fault| fault.code).as_deref(), Some(code), "{question}");
        assert!(!now.complete, "{question}");
        assert!(
            sendable(&procedure, &answers, &facts(&anna.files))
                .get(&question.into())
                .is_none(),
            "{question}"
        );
    }
}

#[test]
fn confirmation_is_for_what_was_typed() {
    let (procedure, anna) = (procedure(), anna());
    let mut answers = fill(&procedure, &anna.answers, keeps);
    let open = |answers: &Answers| view(&procedure, answers, &facts(&anna.files)).unconfirmed.len();
    assert_eq!(open(&answers), 9, "the mother's three come from the applicant");
    assert!(answers.confirm(&"child_name".into(), true));
    assert_eq!(open(&answers), 8);
    keeps(
        &procedure,
        &mut answers,
        &"child_name".into(),
        &text("  Vàng Lò  Anna "),
    );
    assert_eq!(open(&answers), 8, "the same value stays confirmed");
    keeps(
        &procedure,
        &mut answers,
        &"child_name".into(),
        &text("Vàng Lò Ana"),
    );
    assert_eq!(open(&answers), 9, "a new value is not");
    answers.0.get_mut(&"requester_name".into()).unwrap().source = AnswerSource::Scanned;
    assert_eq!(open(&answers), 8, "a card needs no confirmation");
}

#[test]
fn what_was_read_on_a_paper_is_a_suggestion_until_it_is_confirmed() {
    let (procedure, anna) = (procedure(), anna());
    let mut answers = fill(&procedure, &anna.answers, keeps);
    let plain = |answers: &Answers| {
        let view = view(&procedure, answers, &facts(&anna.files));
        let questions = view.pages.into_iter().flat_map(|page| page.questions);
        let mut typed = questions.filter(|q| q.source.is_some() && q.source != Some(AnswerSource::Computed));
        typed.find(|q| q.id == "requester_phone".into()).unwrap()
    };
    let marks = |answers: &Answers| {
        let q = plain(answers);
        (q.review, q.confirm, q.confirmed)
    };
    keeps(
        &procedure,
        &mut answers,
        &"requester_phone".into(),
        &text("0912345678"),
    );
    assert_eq!(
        marks(&answers),
        (false, false, false),
        "typed, this field is not asked about"
    );
    answers.0.get_mut(&"requester_phone".into()).unwrap().source = AnswerSource::Paper;
    assert_eq!(marks(&answers), (true, true, false));
    let waits = |answers: &Answers| {
        let missing = view(&procedure, answers, &facts(&anna.files)).missing;
        missing.into_iter().find_map(|m| match m {
            Missing::Suggested {
                question, compared, ..
            } => Some((question.to_string(), compared)),
            _ => None,
        })
    };
    let sent = |answers: &Answers, question: &str| {
        sendable(&procedure, answers, &facts(&anna.files))
            .get(&question.into())
            .is_some()
    };
    assert_eq!(
        waits(&answers),
        Some(("requester_phone".into(), false)),
        "it counts as no answer"
    );
    assert!(!sent(&answers, "requester_phone"), "and stands on no form");
    assert!(answers.confirm(&"requester_phone".into(), true));
    assert_eq!(
        marks(&answers),
        (true, true, true),
        "the citizen's word does not compare it with the paper"
    );
    assert!(answers.compare(&"requester_phone".into()));
    assert_eq!(marks(&answers), (false, true, true));
    assert_eq!(waits(&answers), None);
    assert!(sent(&answers, "requester_phone"));
    // A field that the citizen confirms one by one waits for both.
    answers.0.get_mut(&"child_name".into()).unwrap().source = AnswerSource::Paper;
    assert!(answers.compare(&"child_name".into()));
    assert_eq!(waits(&answers), Some(("child_name".into(), true)));
    assert!(answers.confirm(&"child_name".into(), true));
    assert_eq!(waits(&answers), None);
}

#[test]
fn the_way_goes_over_pages_that_apply() {
    let procedure = procedure();
    let files = BTreeMap::new();
    let answers = fill(&procedure, &[("special_case".into(), text("abandoned"))], keeps);
    let now = view(&procedure, &answers, &facts(&files));
    let next = |page: &str| next_page(&procedure, &now, &page.into()).map(|p| p.0.clone());
    let back = |page: &str| previous_page(&procedure, &now, &page.into()).map(|p| p.0.clone());
    assert_eq!(next("requester").as_deref(), Some("requester_papers"));
    assert_eq!(
        next("child_places").as_deref(),
        Some("registration"),
        "no parents' pages for a foundling"
    );
    assert_eq!(
        next("mother").as_deref(),
        Some("registration"),
        "from a page that was just hidden"
    );
    assert_eq!(next("registration"), None);
    assert_eq!(back("registration").as_deref(), Some("child_places"));
    assert_eq!(back("requester"), None);
}

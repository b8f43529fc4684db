//! What the counter types: good, bad and hostile, through the same door. Nothing typed is lost by a fault.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is gone"
)]

mod common;

use common::{PUBLISHED, TODAY, facts, keeps, lists, procedure, shown, text};
use domain::answer::{Address, AnswerValue, Answers};
use domain::interview::{AnswerFault, Lists, NAME_CHARS_MAX, RawAnswer, accept, sendable, view};
use domain::procedure::{Procedure, QuestionKind};
use std::collections::BTreeMap;

fn read(question: &str, typed: &str) -> Result<Option<AnswerValue>, &'static str> {
    accept(&procedure(), &question.into(), &text(typed), TODAY, lists()).map_err(AnswerFault::code)
}

fn check(question: &str, typed: &str, expected: Result<&str, &str>) {
    let got = read(question, typed).map(|value| match value {
        Some(AnswerValue::Date(date)) => date.to_string(),
        Some(AnswerValue::Number(number)) => number.to_string(),
        Some(other) => other.as_str().unwrap_or_default().to_owned(),
        None => String::new(),
    });
    assert_eq!(
        got.as_deref(),
        expected.as_ref().copied(),
        "{question}: {typed:?}"
    );
}

#[test]
fn names_of_every_people_are_taken() {
    check("child_name", "  Vàng   Lò Anna ", Ok("Vàng Lò Anna"));
    check("child_name", "Y Ku'Ênuôl", Ok("Y Ku'Ênuôl"));
    check("child_name", "H’Mai Niê Kdăm", Ok("H’Mai Niê Kdăm"));
    check("child_name", "Ka-Sô Liêng", Ok("Ka-Sô Liêng"));
    check("child_name", "Pá", Ok("Pá"));
    check(
        "child_name",
        "Nguye\u{302}\u{303}n Thi\u{323} Hue\u{302}\u{301}",
        Ok("Nguyễn Thị Huế"),
    );
    check("child_name", "Bé 👶", Err("pictograph"));
    check("child_name", "Anna 2", Err("name_sign"));
    check("child_name", "<b>Anna</b>", Err("name_sign"));
    check("child_name", "---", Err("name_sign"));
    check("child_name", " \t\u{0} ", Ok(""));
}

#[test]
fn length_is_bounded_and_said() {
    let long = "Lò ".repeat(10_000);
    for (question, max) in [
        ("child_name", NAME_CHARS_MAX),
        ("marriage_number", 50),
        ("requester_id", NAME_CHARS_MAX),
    ] {
        let fault = accept(&procedure(), &question.into(), &text(&long), TODAY, lists()).unwrap_err();
        assert_eq!(fault, AnswerFault::TooLong { max }, "{question}");
        assert!(fault.words().vi.contains(&max.to_string()), "{question}");
    }
    let name = "ễ".repeat(NAME_CHARS_MAX as usize);
    check("child_name", &name, Ok(&name));
    check("child_name", &format!("{name}ễ"), Err("too_long"));
}

#[test]
fn numbers_of_persons_and_telephones() {
    check("requester_id", "011 198 000 123", Ok("011198000123"));
    check("requester_id", "123456789", Ok("123456789"));
    check("requester_id", "01119800012", Err("id_length"));
    check("requester_id", "01119800012O", Err("id_not_digits"));
    check("requester_phone", "+84 912.345.678", Ok("0912345678"));
    check("requester_phone", "0215 3825 123", Ok("02153825123"));
    check("requester_phone", "0112345678", Err("phone_shape"));
    check("requester_phone", "091234567", Err("phone_shape"));
}

#[test]
fn dates_numbers_and_choices() {
    check("child_birth_date", "22112026", Ok("22/11/2026"));
    check("child_birth_date", "23/11/2026", Err("date_in_future"));
    check("child_birth_date", "2026", Err("date_incomplete"));
    check("child_birth_date", "31/2/2026", Err("date_impossible"));
    check("child_birth_date", "1/2/26", Err("date_unreadable"));
    check("father_birth_date", "1960", Ok("1960"));
    check("father_birth_date", "2027", Err("date_in_future"));
    check("copies", "2", Ok("2"));
    check("copies", "0", Err("number_out_of_range"));
    check("copies", "hai", Err("number_unreadable"));
    check("copies", "99999999999999999999", Err("number_unreadable"));
    check("child_sex", "female", Ok("female"));
    check("child_sex", "Nữ", Err("not_an_option"));
    check("child_ethnicity", "08", Ok("08"));
    check("child_ethnicity", "99", Err("not_an_option"));
}

#[test]
fn addresses_are_of_today() {
    let place = |country: &str, province: &str, commune: &str, detail: &str| {
        let own = |s: &str| s.to_owned();
        let (country, province, commune, detail) = (own(country), own(province), own(commune), own(detail));
        let address = Address {
            country,
            province,
            commune,
            detail,
            old_text: "Xã cũ, Huyện cũ".into(),
        };
        let raw = RawAnswer::Address(address);
        accept(&procedure(), &"requester_residence".into(), &raw, TODAY, lists())
            .map(|_| ())
            .map_err(AnswerFault::code)
    };
    assert_eq!(place("VN", "11", "03166", "Bản Nà Tông"), Ok(()));
    assert_eq!(
        place("vn", "11", "03166", "Bản Nà Tông"),
        Ok(()),
        "the code is put right"
    );
    assert_eq!(
        place("VN", "", "", "Bản Nà Tông"),
        Err("address_incomplete"),
        "the old text is not guessed from"
    );
    assert_eq!(
        place("VN", "01", "03166", "Bản Nà Tông"),
        Err("commune_not_in_province")
    );
    assert_eq!(place("VN", "11", "03166", " "), Err("address_detail"));
    assert_eq!(place("LA", "", "", "Luang Prabang"), Ok(()));
    assert_eq!(place("LA", "", "", ""), Err("address_detail"));
    assert_eq!(place("XX", "", "", "Đâu đó"), Err("not_an_option"));
    assert_eq!(place("VN", "11", "03166", "Bản 🏠"), Err("pictograph"));
    assert_eq!(place("VN", "11", "03166", &"a".repeat(10_000)), Err("too_long"));
}

#[test]
fn the_wrong_door_is_refused_and_changes_nothing() {
    let procedure = procedure();
    let mut answers = Answers::default();
    for (question, raw, code) in [
        ("nobody", text("x"), "unknown_question"),
        ("child_birth_words", text("Ngày mồng một"), "not_editable"),
        ("child_name", RawAnswer::Flag(true), "wrong_kind"),
        ("wants_copies", text("yes"), "wrong_kind"),
        ("requester_residence", text("Bản Nà Tông"), "wrong_kind"),
    ] {
        let fault = accept(&procedure, &question.into(), &raw, TODAY, lists()).unwrap_err();
        assert_eq!(fault.code(), code, "{question}");
        keeps(&procedure, &mut answers, &question.into(), &raw);
        assert!(answers.is_empty(), "{question}");
    }
}

#[test]
fn a_faulty_text_stays_as_typed_and_heals_by_itself() {
    let procedure = procedure();
    let files = BTreeMap::new();
    let mut answers = Answers::default();
    let question = "child_birth_date".into();
    keeps(&procedure, &mut answers, &question, &text(" 23/11/2026"));
    assert!(
        answers.value(&question) == Some(&AnswerValue::Raw(" 23/11/2026".into())),
        "every key is kept"
    );
    let now = view(&procedure, &answers, &facts(&files));
    let held = shown(&now, "child_birth_date").unwrap();
    let fault = held.fault.clone().unwrap();
    assert_eq!(
        (fault.code.as_str(), held.shown.as_str()),
        ("date_in_future", " 23/11/2026")
    );
    assert_eq!(fault.words.vi, "Ngày này chưa tới. Xin xem lại.");
    assert!(
        sendable(&procedure, &answers, &facts(&files))
            .get(&question)
            .is_none()
    );
    assert!(
        shown(&now, "child_birth_words").unwrap().value.is_none(),
        "nothing is worked out from a faulty answer"
    );

    let mut tomorrow = facts(&files);
    tomorrow.today = TODAY.tomorrow().unwrap();
    let later = view(&procedure, &answers, &tomorrow);
    assert!(
        shown(&later, "child_birth_date").unwrap().fault.is_none(),
        "the day has come"
    );

    let address = Address {
        country: "VN".into(),
        old_text: "Xã cũ".into(),
        ..Address::default()
    };
    keeps(
        &procedure,
        &mut answers,
        &"child_home_place".into(),
        &RawAnswer::Address(address),
    );
    let now = view(&procedure, &answers, &facts(&files));
    let held = shown(&now, "child_home_place").unwrap();
    assert_eq!(held.fault.clone().unwrap().code, "address_incomplete");
    assert_eq!(
        held.value.as_ref().unwrap().as_address().unwrap().old_text,
        "Xã cũ",
        "what the card said is kept"
    );
}

#[test]
fn every_fault_speaks_both_languages_and_no_answer_leaks() {
    let faults = [
        AnswerFault::UnknownQuestion,
        AnswerFault::NotEditable,
        AnswerFault::WrongKind,
        AnswerFault::TooLong { max: 9 },
        AnswerFault::Pictograph,
        AnswerFault::NameSign,
        AnswerFault::IdLength,
        AnswerFault::IdNotDigits,
        AnswerFault::DateUnreadable,
        AnswerFault::DateImpossible,
        AnswerFault::DateInFuture,
        AnswerFault::DateIncomplete,
        AnswerFault::NotAnOption,
        AnswerFault::NumberUnreadable,
        AnswerFault::NumberOutOfRange { min: 1, max: 5 },
        AnswerFault::PhoneShape,
        AnswerFault::AddressIncomplete,
        AnswerFault::CommuneNotInProvince,
        AnswerFault::AddressDetail,
    ];
    let codes: std::collections::BTreeSet<_> = faults.iter().map(|fault| fault.code()).collect();
    assert_eq!(codes.len(), faults.len(), "codes are distinct");
    for words in faults.map(AnswerFault::words) {
        assert!(words.vi.ends_with('.') && words.en.ends_with('.'), "{words:?}");
    }
    let now = {
        let mut answers = Answers::default();
        keeps(
            &procedure(),
            &mut answers,
            &"child_name".into(),
            &text("Vàng Lò Anna"),
        );
        view(&procedure(), &answers, &facts(&BTreeMap::new()))
    };
    assert!(
        !format!("{now:?} {:?}", now.pages).contains("Anna"),
        "views are not for logs"
    );
}

#[test]
fn values_are_shown_as_people_read_them() {
    let procedure = procedure();
    let files = BTreeMap::new();
    let mut answers = Answers::default();
    for (question, typed) in [
        ("requester_id", "011198000123"),
        ("child_sex", "female"),
        ("child_ethnicity", "08"),
    ] {
        keeps(&procedure, &mut answers, &question.into(), &text(typed));
    }
    keeps(
        &procedure,
        &mut answers,
        &"requester_phone".into(),
        &text("0912345678"),
    );
    keeps(
        &procedure,
        &mut answers,
        &"child_birth_place".into(),
        &common::home(),
    );
    let now = view(&procedure, &answers, &facts(&files));
    let read = |question: &str| {
        let held = shown(&now, question).unwrap();
        (held.shown.clone(), held.shown_en.clone())
    };
    let same = |text: &str| (text.to_owned(), text.to_owned());
    assert_eq!(read("requester_id"), same("011 198 000 123"));
    assert_eq!(read("requester_phone"), same("0912 345 678"));
    assert_eq!(read("child_sex"), ("Nữ".into(), "Female".into()));
    assert_eq!(read("child_nationality"), ("Việt Nam".into(), "Viet Nam".into()));
    assert_eq!(read("wants_copies"), ("Không".into(), "No".into()));
    assert_eq!(
        read("child_birth_place"),
        same("Bản Nà Tông, Xã Mường Chà, Tỉnh Điện Biên")
    );
}

#[test]
fn lists_that_are_wrong_are_named() {
    let units = include_str!("../../../assets/units/units.json");
    let twice = r#"[{"code":"01","vi":"Kinh","en":"Kinh"},{"code":"01","vi":"Tày","en":"Tày"}]"#;
    let fault = |ethnic, nations| {
        Lists::from_json(ethnic, nations, "{}", units, "[]")
            .unwrap_err()
            .to_string()
    };
    assert_eq!(fault(twice, "[]"), "list ethnic holds code 01 twice");
    assert!(fault("[]", "{").starts_with("list nationalities"));
}

#[test]
fn a_free_text_has_its_own_bound() {
    let procedure: Procedure = Procedure::from_json(PUBLISHED).unwrap();
    let place = procedure.question(&"marriage_place".into()).unwrap();
    assert!(matches!(place.kind, QuestionKind::Text { max: Some(200), .. }));
    check("marriage_place", &"a".repeat(200), Ok(&"a".repeat(200)));
    check("marriage_place", &"a".repeat(201), Err("too_long"));
    check("marriage_place", "Xã Mường Chà 🎉", Err("pictograph"));
}

//! A card fills one person of a form, marked as scanned, and nobody else.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where its ground is gone"
)]

mod common;

use common::{TODAY, lists, procedure};
use domain::answer::{Address, AnswerSource, Answers};
use domain::id_card;
use domain::interview::{RawAnswer, fill_from_card, record};

const CARD: &str = "011190003456|040123456|Lò Thị Mây|05081990|Nữ|Bản Nà Tông, Huyện Điện Biên|15082021";

fn fill(answers: &mut Answers, person: &str) -> Vec<String> {
    let procedure = procedure();
    let block = procedure
        .cards
        .iter()
        .find(|b| b.name == person.into())
        .unwrap()
        .clone();
    let card = id_card::read(CARD).unwrap();
    fill_from_card(&procedure, answers, &block, &card, TODAY, lists())
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_mother_is_filled_and_nobody_else() {
    let mut answers = Answers::default();
    let filled = fill(&mut answers, "mother_name");
    assert!(filled.iter().all(|q| q.starts_with("mother_")), "{filled:?}");
    assert_eq!(answers.len(), filled.len());
    assert!(answers.iter().all(|(_, a)| a.source == AnswerSource::Scanned));
    assert_eq!(answers.text(&"mother_name".into()), Some("Lò Thị Mây"));
    assert_eq!(answers.text(&"mother_id".into()), Some("011190003456"));
    assert_eq!(answers.text(&"mother_doc_type".into()), Some("identity_card"));
    assert_eq!(
        answers
            .date(&"mother_birth_date".into())
            .unwrap()
            .whole()
            .unwrap()
            .to_string(),
        "1990-08-05"
    );
}

#[test]
fn the_address_of_today_is_asked_and_the_cards_own_kept_beside_it() {
    let mut answers = Answers::default();
    fill(&mut answers, "mother_name");
    let kept = answers
        .value(&"mother_residence".into())
        .unwrap()
        .as_address()
        .unwrap()
        .clone();
    assert_eq!(kept.old_text, "Bản Nà Tông, Huyện Điện Biên");
    assert!(
        kept.province.is_empty() && kept.commune.is_empty(),
        "never guessed"
    );

    // What the person already said of today stays.
    let told = Address {
        country: "VN".into(),
        province: "11".into(),
        commune: "03325".into(),
        detail: "Bản Mới".into(),
        old_text: String::new(),
    };
    record(
        &procedure(),
        &mut answers,
        &"mother_residence".into(),
        &RawAnswer::Address(told),
        AnswerSource::Typed,
        TODAY,
        lists(),
    );
    fill(&mut answers, "mother_name");
    let kept = answers
        .value(&"mother_residence".into())
        .unwrap()
        .as_address()
        .unwrap();
    assert_eq!(
        (kept.detail.as_str(), kept.commune.as_str()),
        ("Bản Mới", "03325")
    );
    assert_eq!(kept.old_text, "Bản Nà Tông, Huyện Điện Biên");
}

#[test]
fn editing_drops_the_mark_and_scanning_again_keeps_what_is_equal() {
    let mut answers = Answers::default();
    fill(&mut answers, "requester_name");
    let name = "requester_name".into();
    answers.confirm(&name, true);
    fill(&mut answers, "requester_name");
    assert!(
        answers.get(&name).unwrap().confirmed,
        "the same card changes nothing"
    );
    record(
        &procedure(),
        &mut answers,
        &name,
        &RawAnswer::Text("Lò Thị Mai".into()),
        AnswerSource::Typed,
        TODAY,
        lists(),
    );
    assert_eq!(answers.get(&name).unwrap().source, AnswerSource::Typed);
    assert!(!answers.get(&name).unwrap().confirmed);
}

//! Fills one person of a form from their identity card.
//!
//! **Invariant:** what is filled is marked as scanned, and only what stands on the card is filled: the address of the
//! card is kept beside the address of today as text, and the units of today stay as the person gave them.

use super::accept::RawAnswer;
use super::lists::Lists;
use super::record::record;
use crate::answer::{Address, AnswerSource, Answers};
use crate::id_card::IdCard;
use crate::id_number::Sex;
use crate::ids::QuestionId;
use crate::procedure::{CardBlock, Procedure, Question, QuestionKind};
use jiff::civil::Date;

/// Puts what a card says into one person's questions; answers which questions were filled.
pub fn fill_from_card(
    procedure: &Procedure,
    answers: &mut Answers,
    person: &CardBlock,
    card: &IdCard,
    today: Date,
    lists: &Lists,
) -> Vec<QuestionId> {
    let text = |value: &str| Some(RawAnswer::Text(value.to_owned()));
    let fields = [
        (Some(&person.name), text(&card.name)),
        (person.number.as_ref(), text(card.number.as_str())),
        (
            person.birth_date.as_ref(),
            card.born.whole().and_then(|d| text(&written(d))),
        ),
        (person.sex.as_ref(), text(sex_value(card.sex))),
        (person.document_type.as_ref(), text("identity_card")),
        (person.document_number.as_ref(), text(card.number.as_str())),
        (
            person.document_date.as_ref(),
            card.issued.and_then(|d| text(&written(d))),
        ),
        (
            person.address.as_ref(),
            person.address.as_ref().map(|id| address(answers, id, card)),
        ),
    ];
    let mut filled = Vec::new();
    for (question, raw) in fields {
        if let (Some(question), Some(raw)) = (question, raw) {
            record(
                procedure,
                answers,
                question,
                &raw,
                AnswerSource::Scanned,
                today,
                lists,
            );
            filled.push(question.clone());
        }
    }
    filled
}

/// The address as it is, with the card's words beside it.
fn address(answers: &Answers, question: &QuestionId, card: &IdCard) -> RawAnswer {
    let now = answers.value(question).and_then(|value| value.as_address());
    let mut address = now.cloned().unwrap_or_else(|| Address {
        country: "VN".into(),
        ..Address::default()
    });
    address.old_text.clone_from(&card.address);
    RawAnswer::Address(address)
}

fn written(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

const fn sex_value(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
    }
}

/// Can a question hold this part of a card? Asked when a procedure is checked.
pub(crate) fn holds(part: &str, question: &Question) -> bool {
    let has = |value: &str| matches!(&question.kind, QuestionKind::Choice { options } if options.iter().any(|option| option.value == value));
    match part {
        "name" => matches!(question.kind, QuestionKind::PersonName {}),
        "number" => matches!(question.kind, QuestionKind::IdNumber { .. }),
        "birth_date" | "document_date" => matches!(question.kind, QuestionKind::Date { .. }),
        "sex" => has("male") && has("female"),
        "document_type" => has("identity_card"),
        "document_number" => matches!(
            question.kind,
            QuestionKind::Text { .. } | QuestionKind::IdNumber { .. }
        ),
        "address" => matches!(question.kind, QuestionKind::Address { .. }),
        _ => false,
    }
}

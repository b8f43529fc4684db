//! What every interview test needs: the published procedure, the lists, a filled form of invented people, and a
//! recorder that can be swapped for a wrong one, so that each property has a negative control.
#![expect(dead_code, reason = "each test program uses its own part")]

use domain::answer::{Address, AnswerSource, Answers};
use domain::ids::{ComponentId, QuestionId};
use domain::interview::{
    Facts, InterviewView, Lists, Missing, QuestionKindView, QuestionView, RawAnswer, record, view,
};
use domain::procedure::{Channel, Procedure};
use jiff::civil::{Date, Time, date, time};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub const PUBLISHED: &[u8] = include_bytes!("../../../../assets/procedures/1.001193.json");
pub const TODAY: Date = date(2026, 11, 22);

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    Lists::from_json(
        include_str!("../../../../assets/units/ethnic_groups.json"),
        include_str!("../../../../assets/units/nationalities.json"),
        include_str!("../../../../assets/units/birth_province_codes.json"),
        include_str!("../../../../assets/units/units.json"),
        include_str!("../../../../assets/units/household_relations.json"),
    )
    .unwrap()
});

pub fn lists() -> &'static Lists {
    &LISTS
}

pub fn procedure() -> Procedure {
    Procedure::from_json(PUBLISHED).unwrap_or_else(|fault| panic!("{fault:#?}"))
}

/// A filled form: what was typed, in order, and the files that were captured.
#[derive(Clone, Deserialize)]
pub struct Filled {
    pub answers: Vec<(QuestionId, RawAnswer)>,
    pub files: BTreeMap<ComponentId, usize>,
}

pub fn anna() -> Filled {
    serde_json::from_str(include_str!("../fixtures/birth_anna.json")).unwrap()
}

pub fn facts(files: &BTreeMap<ComponentId, usize>) -> Facts<'_> {
    Facts {
        today: TODAY,
        now_time: time(9, 0, 0, 0),
        files,
        channel: Some(Channel::Direct),
        lists: lists(),
    }
}

pub fn at(hour: i8, minute: i8) -> Time {
    time(hour, minute, 0, 0)
}

pub type Recorder = fn(&Procedure, &mut Answers, &QuestionId, &RawAnswer);

/// The real one.
pub fn keeps(procedure: &Procedure, answers: &mut Answers, question: &QuestionId, raw: &RawAnswer) {
    record(
        procedure,
        answers,
        question,
        raw,
        AnswerSource::Typed,
        TODAY,
        lists(),
    );
}

/// The habit of the live portal, as a negative control: a new relation wipes the applicant's block.
pub fn wipes(procedure: &Procedure, answers: &mut Answers, question: &QuestionId, raw: &RawAnswer) {
    keeps(procedure, answers, question, raw);
    if question.as_str() == "requester_relation" {
        let block = |id: &QuestionId| id.as_str().starts_with("requester_") && id != question;
        answers.0.retain(|id, _| !block(id));
    }
}

pub fn fill(procedure: &Procedure, entries: &[(QuestionId, RawAnswer)], recorder: Recorder) -> Answers {
    let mut answers = Answers::default();
    for (question, raw) in entries {
        recorder(procedure, &mut answers, question, raw);
    }
    answers
}

pub fn text(typed: &str) -> RawAnswer {
    RawAnswer::Text(typed.to_owned())
}

pub fn home() -> RawAnswer {
    RawAnswer::Address(Address {
        country: "VN".into(),
        province: "11".into(),
        commune: "03166".into(),
        detail: "Bản Nà Tông".into(),
        old_text: String::new(),
    })
}

pub fn shown<'a>(view: &'a InterviewView, question: &str) -> Option<&'a QuestionView> {
    view.pages
        .iter()
        .flat_map(|page| &page.questions)
        .find(|q| q.id.as_str() == question)
}

/// A valid answer of an invented person for any question.
pub fn valid_answer(question: &QuestionView, turn: usize) -> RawAnswer {
    let id = question.id.as_str();
    match &question.kind {
        QuestionKindView::PersonName { .. } => text("Lò Văn Thử"),
        QuestionKindView::Text { .. } => text("Ghi thử 12"),
        QuestionKindView::IdNumber => text(if id.starts_with("father") {
            "011060000456"
        } else {
            "011160000123"
        }),
        QuestionKindView::Phone => text("0912 345 678"),
        QuestionKindView::Flag => RawAnswer::Flag(turn % 2 == 1),
        QuestionKindView::Number { min, .. } => text(&min.to_string()),
        QuestionKindView::Address { .. } => home(),
        QuestionKindView::Date { .. } if id == "child_birth_date" => text("12/11/2026"),
        QuestionKindView::Date { .. } if id.starts_with("requester") => text("1/2/1990"),
        // A refused date is tried a year earlier each time: parents come before their children.
        QuestionKindView::Date { .. } => text(&format!("1/2/{}", 1960 - turn)),
        QuestionKindView::Choice { options } => {
            let option = options.get(turn % options.len()).unwrap();
            text(&option.value)
        }
        QuestionKindView::ListChoice { list } => {
            let options = lists().options(*list);
            let option = options.get(turn % options.len()).unwrap();
            text(&option.value)
        }
        QuestionKindView::InsuranceNumber => text("TE1110123456789"),
        QuestionKindView::Time => text("14:05"),
        QuestionKindView::Money { min, .. } => text(&min.to_string()),
        QuestionKindView::Group { columns, min, .. } => {
            let row = || {
                columns
                    .iter()
                    .map(|c| (c.id.clone(), valid_answer(c, turn)))
                    .collect()
            };
            RawAnswer::Rows((0..(*min).max(1)).map(|_| row()).collect())
        }
        QuestionKindView::Computed => panic!("{id} is never missing"),
    }
}

/// Answers what is missing until nothing is, as a patient officer would: a refused choice gets its next option.
/// Every paper is at hand. Gives the last view.
pub fn complete(procedure: &Procedure, answers: &mut Answers) -> InterviewView {
    let files = procedure
        .papers
        .iter()
        .map(|p| (p.id.clone(), p.min_files as usize))
        .collect();
    for turn in 0..24 {
        let now = view(procedure, answers, &facts(&files));
        if now.complete {
            return now;
        }
        for missing in &now.missing {
            let (question, turn) = match missing {
                Missing::Question { question, .. } => (question, 0),
                Missing::Faulty { question, .. } => (question, turn),
                Missing::Paper { .. } | Missing::Suggested { .. } | Missing::Channel | Missing::Standing => {
                    continue;
                }
            };
            let asked = shown(&now, question.as_str()).unwrap();
            keeps(procedure, answers, question, &valid_answer(asked, turn));
        }
    }
    view(procedure, answers, &facts(&files))
}

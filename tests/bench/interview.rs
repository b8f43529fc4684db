//! From an answer to the whole new view, in the core, against writing that view as JSON for a window.

use crate::sides::{Figure, Gate, timed};
use anyhow::Context as _;
use domain::answer::{AnswerSource, Answers};
use domain::ids::QuestionId;
use domain::interview::{self, Facts, Lists, RawAnswer};
use domain::procedure::Procedure;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

const PROCEDURE: &[u8] = include_bytes!("../../assets/procedures/1.001193.json");
const FILLED: &str = include_str!("../../crates/domain/tests/fixtures/birth_anna.json");
/// The form with the most questions.
const LARGEST: &[u8] = include_bytes!("../../assets/procedures/2.002622.json");
const LARGEST_FILLED: &str = include_str!("../../crates/domain/tests/fixtures/procedures/2.002622.json");
/// A keystroke is saved and shown anew within this.
const VIEW_WITHIN: Duration = Duration::from_millis(1);
const VIEWS: usize = 3_000;
/// Answers in one measurement: one alone is too short for a clock.
const ANSWERS: u32 = 200;

pub fn answer_to_view(rounds: usize) -> anyhow::Result<Figure> {
    let procedure = Procedure::from_json(PROCEDURE)?;
    let lists = lists()?;
    let (today, now_time) = (jiff::civil::date(2026, 11, 22), jiff::civil::time(9, 0, 0, 0));
    let mut answers = fill(&procedure, FILLED, &lists, today)?;
    let files = BTreeMap::new();
    let facts = Facts {
        today,
        now_time,
        files: &files,
        channel: None,
        lists: &lists,
    };
    let view = interview::view(&procedure, &answers, &facts);
    let question = "child_name".into();
    let ours = || {
        timed(|| {
            for n in 0..ANSWERS {
                let raw = RawAnswer::Text(format!("Lò Thị Mây {}", if n % 2 == 0 { "Xanh" } else { "Hồng" }));
                interview::record(
                    &procedure,
                    &mut answers,
                    &question,
                    &raw,
                    AnswerSource::Typed,
                    today,
                    &lists,
                );
                black_box(interview::view(&procedure, &answers, &facts));
            }
            Ok(())
        })
        .map(|t| t / ANSWERS)
    };
    let other = || {
        timed(|| {
            (0..ANSWERS).try_for_each(|_| serde_json::to_vec(&view).map(black_box).map(drop).context("view"))
        })
        .map(|t| t / ANSWERS)
    };
    Figure::measure(
        ("answer to new view", Gate::AtMost(4.0)),
        ("one answer recorded, the whole view made anew", ours),
        ("that view written as JSON", other),
        rounds,
    )
}

/// One answer into the largest form there is, and its whole view: the 99th percentile.
pub fn answer_to_largest_view() -> anyhow::Result<Figure> {
    let procedure = Procedure::from_json(LARGEST)?;
    let lists = lists()?;
    let (today, now_time) = (jiff::civil::date(2026, 11, 22), jiff::civil::time(9, 0, 0, 0));
    let mut answers = fill(&procedure, LARGEST_FILLED, &lists, today)?;
    let files = BTreeMap::new();
    let facts = Facts {
        today,
        now_time,
        files: &files,
        channel: None,
        lists: &lists,
    };
    let question = "child_name".into();
    Figure::promised(
        "answer to new view, largest form, p99",
        ("one answer recorded, the whole view made anew", |run| {
            let raw = RawAnswer::Text(format!(
                "Lò Thị Mây {}",
                if run % 2 == 0 { "Xanh" } else { "Hồng" }
            ));
            interview::record(
                &procedure,
                &mut answers,
                &question,
                &raw,
                AnswerSource::Typed,
                today,
                &lists,
            );
            black_box(interview::view(&procedure, &answers, &facts));
            Ok(())
        }),
        ("the promise", VIEW_WITHIN),
        VIEWS,
    )
}

fn lists() -> anyhow::Result<Lists> {
    Ok(Lists::from_json(
        include_str!("../../assets/units/ethnic_groups.json"),
        include_str!("../../assets/units/nationalities.json"),
        include_str!("../../assets/units/birth_province_codes.json"),
        include_str!("../../assets/units/units.json"),
        include_str!("../../assets/units/household_relations.json"),
    )?)
}

/// The fixture's answers, given as a person would give them.
fn fill(
    procedure: &Procedure,
    filled: &str,
    lists: &Lists,
    today: jiff::civil::Date,
) -> anyhow::Result<Answers> {
    #[derive(serde::Deserialize)]
    struct Filled {
        answers: Vec<(QuestionId, RawAnswer)>,
    }
    let filled: Filled = serde_json::from_str(filled)?;
    let mut answers = Answers::default();
    for (question, raw) in filled.answers {
        interview::record(
            procedure,
            &mut answers,
            &question,
            &raw,
            AnswerSource::Typed,
            today,
            lists,
        );
    }
    Ok(answers)
}

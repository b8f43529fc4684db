//! Life events: one happening that asks for several procedures, filled once.
//!
//! **Invariants:** each procedure stays a dossier of its own, accepted or returned on its own; only what a file names is
//! carried, only where the other form accepts it, and never over what a person put there. What is carried is marked
//! [`AnswerSource::Kept`], and the citizen confirms it anew in each dossier.

use crate::answer::{AnswerSource, AnswerValue, Answers};
use crate::ids::{DossierId, EventId, ProcedureCode, QuestionId};
use crate::interview::{Lists, RawAnswer, accept, record};
use crate::procedure::{Procedure, QuestionKind};
use crate::text::Words;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::mem::discriminant;

/// One file of `assets/life_events/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LifeEvent {
    pub id: String,
    /// What a person says at the counter: "Nhà có người mất".
    pub name: Words,
    pub say: Words,
    /// In the order in which they are filled in.
    pub steps: Vec<Step>,
}

/// One procedure of a life event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub procedure: ProcedureCode,
    pub why: Words,
    /// What follows from the event itself, such as the reason for a removal.
    #[serde(default)]
    pub given: Vec<Given>,
    #[serde(default)]
    pub answers: Vec<Carry>,
}

/// A choice that the event answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub to: QuestionId,
    pub value: String,
}

/// Which answer of which earlier step goes where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Carry {
    pub of: ProcedureCode,
    pub from: QuestionId,
    pub to: QuestionId,
}

/// What ties the dossiers of one event together; it stands in each of them, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventLink {
    pub id: EventId,
    /// The file's id.
    pub event: String,
    pub dossiers: Vec<LinkedDossier>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkedDossier {
    pub dossier: DossierId,
    pub procedure: ProcedureCode,
}

impl LifeEvent {
    #[must_use]
    pub fn step(&self, procedure: &ProcedureCode) -> Option<&Step> {
        self.steps.iter().find(|step| step.procedure == *procedure)
    }

    /// Every mistake of the file, in words; none where it may be used.
    pub fn mistakes<'a>(&self, find: impl Fn(&ProcedureCode) -> Option<&'a Procedure>) -> Vec<String> {
        let mut found = Vec::new();
        if self.steps.len() < 2 {
            found.push(format!("{}: fewer than two procedures", self.id));
        }
        for (at, step) in self.steps.iter().enumerate() {
            let earlier = self
                .steps
                .iter()
                .take(at)
                .map(|s| &s.procedure)
                .collect::<Vec<_>>();
            if earlier.contains(&&step.procedure) {
                found.push(format!("{}: {} stands twice", self.id, step.procedure));
            }
            let Some(procedure) = find(&step.procedure) else {
                found.push(format!("{}: no procedure {}", self.id, step.procedure));
                continue;
            };
            let at = |to: &QuestionId| format!("{}: {} of {}", self.id, to, step.procedure);
            for given in &step.given {
                if !is_option(procedure, given) {
                    found.push(format!("{} has no option {}", at(&given.to), given.value));
                }
            }
            for carry in &step.answers {
                if !earlier.contains(&&carry.of) {
                    found.push(format!(
                        "{} is filled from {}, no earlier step",
                        at(&carry.to),
                        carry.of
                    ));
                } else if !find(&carry.of).is_some_and(|from| fits(from, procedure, carry)) {
                    found.push(format!(
                        "{} cannot hold {} of {}",
                        at(&carry.to),
                        carry.from,
                        carry.of
                    ));
                }
            }
        }
        found
    }
}

fn is_option(procedure: &Procedure, given: &Given) -> bool {
    procedure.question(&given.to).is_some_and(
        |q| matches!(&q.kind, QuestionKind::Choice { options } if options.iter().any(|o| o.value == given.value)),
    )
}

fn fits(from: &Procedure, to: &Procedure, carry: &Carry) -> bool {
    let (Some(from), Some(to)) = (from.question(&carry.from), to.question(&carry.to)) else {
        return false;
    };
    match (&from.kind, &to.kind) {
        (QuestionKind::ListChoice { list: a }, QuestionKind::ListChoice { list: b }) => a == b,
        (QuestionKind::Choice { options: a }, QuestionKind::Choice { options: b }) => {
            a.iter().any(|x| b.iter().any(|y| x.value == y.value))
        }
        (QuestionKind::Group { .. } | QuestionKind::Computed {}, _) => false,
        (a, b) => discriminant(a) == discriminant(b),
    }
}

/// As it would be typed: what another form is given has to pass that form's own eyes.
fn typed(value: &AnswerValue) -> Option<RawAnswer> {
    Some(match value {
        AnswerValue::Text(text) | AnswerValue::Choice(text) => RawAnswer::Text(text.clone()),
        AnswerValue::Date(date) => RawAnswer::Text(date.to_string()),
        AnswerValue::Number(number) => RawAnswer::Text(number.to_string()),
        AnswerValue::Address(address) => RawAnswer::Address(address.clone()),
        AnswerValue::Flag(flag) => RawAnswer::Flag(*flag),
        AnswerValue::Rows(_) | AnswerValue::Raw(_) => return None,
    })
}

/// Fills one dossier of an event from the sendable answers of the others; answers which questions changed.
pub fn carry(
    step: &Step,
    sources: &BTreeMap<ProcedureCode, Answers>,
    (procedure, answers): (&Procedure, &mut Answers),
    today: Date,
    lists: &Lists,
) -> Vec<QuestionId> {
    let given = step.given.iter().map(|given| {
        (
            &given.to,
            Some(RawAnswer::Text(given.value.clone())),
            AnswerSource::Computed,
        )
    });
    let carried = step.answers.iter().map(|carry| {
        let value = sources.get(&carry.of).and_then(|held| held.value(&carry.from));
        (&carry.to, value.and_then(typed), AnswerSource::Kept)
    });
    let wanted: Vec<_> = given.chain(carried).collect();
    let mut changed = Vec::new();
    for (to, raw, source) in wanted {
        let Some(raw) = raw else { continue };
        // A person's own word stands, whatever another form says.
        let ours = answers
            .get(to)
            .is_none_or(|held| matches!(held.source, AnswerSource::Kept | AnswerSource::Computed));
        let Ok(Some(value)) = accept(procedure, to, &raw, today, lists) else {
            continue;
        };
        if ours && answers.value(to) != Some(&value) {
            record(procedure, answers, to, &raw, source, today, lists);
            changed.push(to.clone());
        }
    }
    changed
}

//! Which step of a procedure a person tries next. A step is a place in the procedure's own list of steps at home.
//!
//! **Invariant:** nobody is sent past a step that they have not done with their own hand, and nobody is held on one
//! that they have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What came of the step that was handed to a person. They press it themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// Done with their own hand.
    Alone,
    /// Help was wanted.
    Helped,
}

/// A step in somebody's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HandedStep {
    pub step: u32,
    pub outcome: Option<StepOutcome>,
}

/// The step to try next time; none where every step is learned, or there are none.
#[must_use]
pub fn next(steps: usize, handed: Option<HandedStep>) -> Option<u32> {
    let wanted = match handed {
        None => 0,
        Some(HandedStep {
            step,
            outcome: Some(StepOutcome::Alone),
        }) => step.saturating_add(1),
        Some(HandedStep {
            step,
            outcome: Some(StepOutcome::Helped) | None,
        }) => step,
    };
    let there = usize::try_from(wanted).is_ok_and(|wanted| wanted < steps);
    there.then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_at_a_time_and_never_past_the_last() {
        let handed = |step, outcome| Some(HandedStep { step, outcome });
        for (steps, before, want) in [
            (4, None, Some(0)),
            (0, None, None),
            (4, handed(0, None), Some(0)),
            (4, handed(0, Some(StepOutcome::Helped)), Some(0)),
            (4, handed(0, Some(StepOutcome::Alone)), Some(1)),
            (4, handed(3, Some(StepOutcome::Alone)), None),
            (2, handed(3, None), None),
            (4, handed(u32::MAX, Some(StepOutcome::Alone)), None),
        ] {
            assert_eq!(next(steps, before), want, "{steps} {before:?}");
        }
    }
}

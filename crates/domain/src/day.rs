//! A counter's day in numbers: dossiers and assists that are no dossier, counted apart by one and the same code.
//!
//! **Invariant:** nothing is counted twice: an assist never moves a count of dossiers, and a dossier never one of assists.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Help that ends in no dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum AssistKind {
    /// An e-ID or portal account was opened or recovered, on the person's own telephone.
    Account,
    /// Papers were scanned or photographed for them.
    Scanned,
    /// A dossier or a result was looked up.
    LookedUp,
    /// Told what to bring, where to go.
    Advised,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum AssistOutcome {
    Done,
    /// To be gone on with another day.
    NotFinished,
    /// Only somebody else can do it, such as the police for the e-ID.
    SentElsewhere,
}

/// One thing that happened today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayEvent {
    Dossier {
        acknowledged: bool,
        accepted: bool,
    },
    Assist {
        kind: AssistKind,
        outcome: AssistOutcome,
    },
}

/// Dossiers sealed today, and how far they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct DossierCounts {
    pub sealed: u32,
    pub acknowledged: u32,
    pub accepted: u32,
}

/// Assists of today by kind. `done` is how many of all of them reached what was wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct AssistCounts {
    pub account: u32,
    pub scanned: u32,
    pub looked_up: u32,
    pub advised: u32,
    pub done: u32,
}

impl AssistCounts {
    #[must_use]
    pub fn all(&self) -> u32 {
        self.account + self.scanned + self.looked_up + self.advised
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayCounts {
    pub dossiers: DossierCounts,
    pub assists: AssistCounts,
}

/// Counts a day.
#[must_use]
pub fn count(events: impl IntoIterator<Item = DayEvent>) -> DayCounts {
    let mut counts = DayCounts::default();
    for event in events {
        match event {
            DayEvent::Dossier {
                acknowledged,
                accepted,
            } => {
                counts.dossiers.sealed += 1;
                counts.dossiers.acknowledged += u32::from(acknowledged);
                counts.dossiers.accepted += u32::from(accepted);
            }
            DayEvent::Assist { kind, outcome } => {
                let own = match kind {
                    AssistKind::Account => &mut counts.assists.account,
                    AssistKind::Scanned => &mut counts.assists.scanned,
                    AssistKind::LookedUp => &mut counts.assists.looked_up,
                    AssistKind::Advised => &mut counts.assists.advised,
                };
                *own += 1;
                counts.assists.done += u32::from(outcome == AssistOutcome::Done);
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dossiers_and_assists_never_count_for_each_other() {
        let dossier = DayEvent::Dossier {
            acknowledged: true,
            accepted: false,
        };
        let assist = |kind| DayEvent::Assist {
            kind,
            outcome: AssistOutcome::Done,
        };
        let mixed = count([
            dossier,
            assist(AssistKind::Account),
            dossier,
            assist(AssistKind::Advised),
            assist(AssistKind::Account),
        ]);
        assert_eq!(mixed.dossiers, count([dossier, dossier]).dossiers);
        assert_eq!(
            (mixed.assists.all(), mixed.assists.account, mixed.assists.done),
            (3, 2, 3)
        );
        assert_eq!(count([]), DayCounts::default());
    }
}

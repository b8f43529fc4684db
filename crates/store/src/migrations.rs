//! The numbered schemas, each with its step up and its step down. A file is never edited after its release; the version is
//! the table's length.
//!
//! **Invariant:** whatever a step down has no place for stands in its `unheld`, so that nothing goes without being counted
//! and said; what is left out there is made anew by the step up.

/// One schema.
#[derive(Debug)]
pub(crate) struct Migration {
    pub up: &'static str,
    /// None for the first: below it there is nothing.
    pub down: Option<Down>,
}

/// The way from one schema to the one before it.
#[derive(Debug)]
pub(crate) struct Down {
    pub sql: &'static str,
    /// What the schema before has no place for, each with the question of how many there are.
    pub unheld: &'static [(Unheld, &'static str)],
}

/// What an older schema has no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unheld {
    /// The province has not said that it holds this withdrawal for good: an older program would take it for a dossier.
    WithdrawalUnderWay,
    /// A withdrawal that the province holds. Its row goes with its dossier's, ninety days after that.
    WithdrawalDone,
    /// Held because the person took their consent back; a program of that time cannot read the word, and stops at it.
    ConsentWithdrawn,
    /// Another machine's dossier that the province does not hold durably yet.
    CarriedUnderWay,
    /// A row that cannot be read; a program of that time stops at it.
    UnreadableRow,
    /// Sheets in the scanner's tray that belong to no dossier yet.
    TraySheet,
    /// Which machine sealed a dossier that was carried for it and that the province holds.
    CarriedDone,
    /// On which stick a copy lies.
    CopyOnStick,
    /// A volunteer's shift.
    Shift,
    /// Help that ended in no dossier, for the statistics.
    Assist,
    /// What was noticed about a page of an open draft, and its place in its paper.
    PageNote,
    /// Which step somebody tries next time.
    PracticeStep,
    /// Which catalogue an open draft stands on.
    DraftsCatalogue,
}

impl Unheld {
    /// Is it work that would be lost or done wrongly? What only helps the memory may stay behind in the copy.
    #[must_use]
    pub fn is_work(self) -> bool {
        match self {
            Self::WithdrawalUnderWay
            | Self::WithdrawalDone
            | Self::ConsentWithdrawn
            | Self::CarriedUnderWay
            | Self::UnreadableRow
            | Self::TraySheet => true,
            Self::CarriedDone
            | Self::CopyOnStick
            | Self::Shift
            | Self::Assist
            | Self::PageNote
            | Self::PracticeStep
            | Self::DraftsCatalogue => false,
        }
    }
}

/// `outbox.db`.
pub(crate) const OUTBOX: &[Migration] = &[
    Migration {
        up: include_str!("migrations/outbox_0001.sql"),
        down: None,
    },
    Migration {
        up: include_str!("migrations/outbox_0002_people.sql"),
        down: Some(Down {
            sql: include_str!("migrations/outbox_0002_people.down.sql"),
            unheld: &[
                (
                    Unheld::ConsentWithdrawn,
                    "SELECT count(*) FROM item WHERE delivery LIKE '%\"consent_withdrawn\"%'",
                ),
                (Unheld::Shift, "SELECT count(*) FROM lease"),
                (Unheld::Assist, "SELECT count(*) FROM assist"),
            ],
        }),
    },
    Migration {
        up: include_str!("migrations/outbox_0003_copies.sql"),
        down: Some(Down {
            sql: include_str!("migrations/outbox_0003_copies.down.sql"),
            unheld: &[
                (
                    Unheld::CarriedUnderWay,
                    "SELECT count(*) FROM item WHERE carried_from IS NOT NULL AND state NOT IN ('durable', 'purged')",
                ),
                (
                    Unheld::UnreadableRow,
                    "SELECT count(*) FROM item WHERE state = 'unreadable'",
                ),
                (
                    Unheld::CarriedDone,
                    "SELECT count(*) FROM item WHERE carried_from IS NOT NULL AND state IN ('durable', 'purged')",
                ),
                (Unheld::CopyOnStick, "SELECT count(*) FROM copy"),
            ],
        }),
    },
    Migration {
        up: include_str!("migrations/outbox_0004_withdrawals.sql"),
        down: Some(Down {
            sql: include_str!("migrations/outbox_0004_withdrawals.down.sql"),
            unheld: &[
                (
                    Unheld::WithdrawalUnderWay,
                    "SELECT count(*) FROM item WHERE takes_back IS NOT NULL AND state NOT IN ('durable', 'purged')",
                ),
                (
                    Unheld::WithdrawalDone,
                    "SELECT count(*) FROM item WHERE takes_back IS NOT NULL AND state IN ('durable', 'purged')",
                ),
            ],
        }),
    },
];

/// `drafts.db`.
pub(crate) const DRAFTS: &[Migration] = &[
    Migration {
        up: include_str!("migrations/drafts_0001.sql"),
        down: None,
    },
    Migration {
        up: include_str!("migrations/drafts_0002.sql"),
        down: Some(Down {
            sql: include_str!("migrations/drafts_0002.down.sql"),
            unheld: &[(
                Unheld::DraftsCatalogue,
                "SELECT count(*) FROM draft WHERE sealed = 0 AND catalogue_sha256 <> ''",
            )],
        }),
    },
    Migration {
        up: include_str!("migrations/drafts_0003_practice.sql"),
        down: Some(Down {
            sql: include_str!("migrations/drafts_0003_practice.down.sql"),
            unheld: &[(Unheld::PracticeStep, "SELECT count(*) FROM practice")],
        }),
    },
    Migration {
        up: include_str!("migrations/drafts_0004_papers.sql"),
        down: Some(Down {
            sql: include_str!("migrations/drafts_0004_papers.down.sql"),
            unheld: &[
                (Unheld::TraySheet, "SELECT count(*) FROM tray_sheet"),
                (
                    Unheld::PageNote,
                    "SELECT count(*) FROM paper_file JOIN draft USING (dossier)
                     WHERE sealed = 0 AND (place <> 0 OR warnings <> '[]' OR codes <> '[]' OR fingerprint <> x'' OR same_as IS NOT NULL)",
                ),
            ],
        }),
    },
];

/// The newest schema that this program knows.
pub(crate) fn newest(migrations: &[Migration]) -> u32 {
    u32::try_from(migrations.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_but_the_first_has_a_way_back() {
        for all in [OUTBOX, DRAFTS] {
            let without: Vec<usize> = (0..all.len()).filter(|at| all[*at].down.is_none()).collect();
            assert_eq!(without, [0], "a schema was released without its way back");
        }
    }
}

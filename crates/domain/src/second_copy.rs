//! The rule of two copies: what is sealed away from the counter lies in two places before its machine leaves the hands
//! of whoever sealed it.
//!
//! **Invariants:** the rule asks and holds nobody: whoever must go goes, and the book says so. What a stick cannot help
//! (a damaged file, what was taken back) is not asked for.

use crate::delivery::{Delivery, HeldReason, QuarantineReason};
use crate::withdrawal::{VoidItem, is_taken_back};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where one sealed dossier lies, as far as the machine that asks can know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lying {
    pub delivery: Delivery,
    /// It is a withdrawal itself: what it takes back is elsewhere, and it can be asked for again.
    pub withdrawal: bool,
    /// The withdrawal that names it: while that stands, no more copies are made.
    pub void: Option<VoidItem>,
    /// Another machine sealed it, and has it.
    pub carried: bool,
    /// On a stick or another machine's disk, written and read back.
    pub on_stick: bool,
}

/// Why somebody leaves on dossiers with one copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum WhyOneCopy {
    NoStick,
    StickFails,
    /// An empty battery, an emergency: no time to copy.
    MustGo,
}

/// What becomes of the wish to end the program. `only_here` counts dossiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// The program ends.
    Free,
    /// The person is asked first.
    Asked { only_here: u32 },
    /// The program ends, and the book says why.
    Despite { only_here: u32, why: WhyOneCopy },
}

impl Lying {
    /// Does it go onto a stick that is to hold everything? What the province's backup does not hold does, but for what
    /// was taken back.
    #[must_use]
    pub fn goes_out(&self) -> bool {
        let unsafe_there = match self.delivery {
            Delivery::Sealed
            | Delivery::Registered
            | Delivery::Received { .. }
            | Delivery::Quarantined { .. } => true,
            Delivery::Held { reason } => reason != HeldReason::ConsentWithdrawn,
            Delivery::Durable { .. } | Delivery::Purged { .. } => false,
        };
        unsafe_there && !is_taken_back(self.void)
    }

    /// Is this machine the only place of it, where a second copy is still of use?
    #[must_use]
    pub fn only_here(&self) -> bool {
        let damaged = QuarantineReason::FileDamaged;
        let helped_by_none = match self.delivery {
            // The province has it.
            Delivery::Received { .. } => true,
            Delivery::Quarantined { reason } => reason == damaged,
            Delivery::Sealed
            | Delivery::Registered
            | Delivery::Held { .. }
            | Delivery::Durable { .. }
            | Delivery::Purged { .. } => false,
        };
        self.goes_out() && !(helped_by_none || self.withdrawal || self.carried || self.on_stick)
    }
}

impl WhyOneCopy {
    /// The word in the book.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoStick => "no_stick",
            Self::StickFails => "stick_fails",
            Self::MustGo => "must_go",
        }
    }
}

/// `field`: the machine is carried to homes and villages. One that stays at the counter is asked nothing: its second
/// copies are the province's.
#[must_use]
pub fn leaving(field: bool, only_here: u32, why: Option<WhyOneCopy>) -> Leaving {
    match (field, only_here, why) {
        (false, _, _) | (true, 0, _) => Leaving::Free,
        (true, only_here, Some(why)) => Leaving::Despite { only_here, why },
        (true, only_here, None) => Leaving::Asked { only_here },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Watermark;
    use crate::province::CaseStatus;

    const NOWHERE_ELSE: Lying = Lying {
        delivery: Delivery::Sealed,
        withdrawal: false,
        void: None,
        carried: false,
        on_stick: false,
    };

    #[test]
    fn a_dossier_is_only_here_until_a_stick_or_the_province_has_it() {
        let at = Watermark { epoch: 1, lsn: 7 };
        let held = |reason| Delivery::Held { reason };
        let aside = |reason| Delivery::Quarantined { reason };
        let asked = Some(VoidItem {
            delivery: Delivery::Sealed,
            case: CaseStatus::New,
        });
        for (delivery, wanted, goes_out) in [
            (Delivery::Sealed, true, true),
            (Delivery::Registered, true, true),
            (held(HeldReason::FormRefused), true, true),
            (held(HeldReason::UnknownAnswer), true, true),
            (held(HeldReason::ConsentWithdrawn), false, false),
            (aside(QuarantineReason::CrashedTwice), true, true),
            (aside(QuarantineReason::FileDamaged), false, true),
            (Delivery::Received { at }, false, true),
            (Delivery::Durable { at }, false, false),
            (Delivery::Purged { at }, false, false),
        ] {
            let lying = Lying {
                delivery,
                ..NOWHERE_ELSE
            };
            assert_eq!(lying.only_here(), wanted, "{delivery:?}");
            assert_eq!(lying.goes_out(), goes_out, "{delivery:?}");
            // Whatever its state, one of these is enough.
            for (name, elsewhere) in [
                (
                    "withdrawal",
                    Lying {
                        withdrawal: true,
                        ..lying
                    },
                ),
                ("taken back", Lying { void: asked, ..lying }),
                (
                    "carried",
                    Lying {
                        carried: true,
                        ..lying
                    },
                ),
                (
                    "on a stick",
                    Lying {
                        on_stick: true,
                        ..lying
                    },
                ),
            ] {
                assert!(!elsewhere.only_here(), "{delivery:?}, {name}");
            }
        }
    }

    /// Whoever refused the withdrawal is to get the dossier: it is asked about and copied like any other.
    #[test]
    fn a_withdrawal_that_was_refused_takes_nothing_back() {
        let at = Watermark { epoch: 1, lsn: 7 };
        let void = |delivery, case| Some(VoidItem { delivery, case });
        let held = |reason| Delivery::Held { reason };
        for (void, taken_back) in [
            (None, false),
            (void(Delivery::Sealed, CaseStatus::New), true),
            (void(Delivery::Received { at }, CaseStatus::New), true),
            (void(held(HeldReason::UnknownAnswer), CaseStatus::New), true),
            (void(held(HeldReason::WithdrawalTooLate), CaseStatus::New), false),
            (void(held(HeldReason::NotThisCounters), CaseStatus::New), false),
            (void(Delivery::Received { at }, CaseStatus::NotAccepted), false),
        ] {
            let lying = Lying { void, ..NOWHERE_ELSE };
            assert_eq!(lying.only_here(), !taken_back, "{void:?}");
            assert_eq!(lying.goes_out(), !taken_back, "{void:?}");
        }
    }

    #[test]
    fn a_machine_that_is_carried_is_asked_and_nobody_is_held() {
        let why = WhyOneCopy::NoStick;
        for (field, only_here, given, wanted) in [
            (false, 0, None, Leaving::Free),
            (false, 9, None, Leaving::Free),
            (false, 9, Some(why), Leaving::Free),
            (true, 0, None, Leaving::Free),
            // Nothing is written down that was not so.
            (true, 0, Some(why), Leaving::Free),
            (true, 1, None, Leaving::Asked { only_here: 1 }),
            (true, 2, Some(why), Leaving::Despite { only_here: 2, why }),
        ] {
            assert_eq!(
                leaving(field, only_here, given),
                wanted,
                "{field} {only_here} {given:?}"
            );
        }
        for (why, word) in [
            (WhyOneCopy::NoStick, "\"no_stick\""),
            (WhyOneCopy::StickFails, "\"stick_fails\""),
            (WhyOneCopy::MustGo, "\"must_go\""),
        ] {
            assert_eq!(
                serde_json::to_string(&why).ok().as_deref(),
                Some(word),
                "one word on the wire and in the book"
            );
            assert_eq!(format!("\"{}\"", why.as_str()), word);
        }
    }
}

//! The rule of two copies: what is sealed away from the counter lies in two places before its machine is shut down.
//!
//! **Invariants:** the rule asks and holds nobody: whoever must go goes, and the book says so. What a stick cannot help
//! (a damaged file, what was taken back) is not asked for.

use crate::delivery::{Delivery, HeldReason, QuarantineReason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where one sealed dossier lies, as far as the machine that asks can know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lying {
    pub delivery: Delivery,
    /// It is a withdrawal itself: what it takes back is elsewhere, and it can be asked for again.
    pub withdrawal: bool,
    /// A withdrawal of it is under way: no more copies are made.
    pub taken_back: bool,
    /// Another machine sealed it, and has it.
    pub carried: bool,
    /// On a stick or another machine's disk, written and read back.
    pub on_stick: bool,
}

/// Why a machine is shut down on dossiers with one copy.
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
    /// Is this machine the only place of it, where a second copy is still of use?
    #[must_use]
    pub fn only_here(&self) -> bool {
        let wants_copy = match self.delivery {
            Delivery::Sealed | Delivery::Registered => true,
            Delivery::Held { reason } => reason != HeldReason::ConsentWithdrawn,
            Delivery::Quarantined { reason } => reason != QuarantineReason::FileDamaged,
            Delivery::Received { .. } | Delivery::Durable { .. } | Delivery::Purged { .. } => false,
        };
        wants_copy && !(self.withdrawal || self.taken_back || self.carried || self.on_stick)
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

    const NOWHERE_ELSE: Lying = Lying {
        delivery: Delivery::Sealed,
        withdrawal: false,
        taken_back: false,
        carried: false,
        on_stick: false,
    };

    #[test]
    fn a_dossier_is_only_here_until_a_stick_or_the_province_has_it() {
        let at = Watermark { epoch: 1, lsn: 7 };
        let held = |reason| Delivery::Held { reason };
        let aside = |reason| Delivery::Quarantined { reason };
        for (delivery, wanted) in [
            (Delivery::Sealed, true),
            (Delivery::Registered, true),
            (held(HeldReason::FormRefused), true),
            (held(HeldReason::UnknownAnswer), true),
            (held(HeldReason::ConsentWithdrawn), false),
            (aside(QuarantineReason::CrashedTwice), true),
            (aside(QuarantineReason::FileDamaged), false),
            (Delivery::Received { at }, false),
            (Delivery::Durable { at }, false),
            (Delivery::Purged { at }, false),
        ] {
            let lying = Lying {
                delivery,
                ..NOWHERE_ELSE
            };
            assert_eq!(lying.only_here(), wanted, "{delivery:?}");
            // Whatever its state, one of these is enough.
            for (name, elsewhere) in [
                (
                    "withdrawal",
                    Lying {
                        withdrawal: true,
                        ..lying
                    },
                ),
                (
                    "taken back",
                    Lying {
                        taken_back: true,
                        ..lying
                    },
                ),
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

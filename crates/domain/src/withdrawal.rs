//! Taking a sealed dossier back: why, what the province is told, and the word for where it stands.
//!
//! **Invariants:** "đã rút" is said only of what never left the counter, of what the province's signed acknowledgement
//! answers for, or of what the province says itself; until then the word is "đã xin rút". What the province has refused
//! to give back is not called withdrawn.

use crate::consent::{ConsentAct, Witness};
use crate::delivery::{Delivery, HeldReason, one_word};
use crate::ids::DossierId;
use crate::province::{CaseStatus, OfficialCode};
use crate::roles::Helper;
use crate::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Version of [`SealedWithdrawal`]. Readers keep every version that was ever sealed.
pub const WITHDRAWAL_VERSION: u32 = 1;

/// Why a dossier is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The person took their consent back; the counter wrote it down.
    ConsentWithdrawn,
    /// The person asks for the dossier itself, by an act of their own.
    Asked,
}

/// What stands encrypted inside a void manifest: no answer and no paper, only what is taken back, by whom and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SealedWithdrawal {
    pub version: u32,
    /// The withdrawal's own id.
    pub withdrawal: DossierId,
    pub takes_back: DossierId,
    /// SHA-256 of the manifest that is taken back, lower-case hex.
    pub manifest_sha256: String,
    pub receipt_number: String,
    pub ground: Ground,
    /// The citizen's own act; none where the counter wrote down that consent was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<ConsentAct>,
    /// Who pressed for somebody who cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
    /// Who sealed it.
    pub by: Helper,
    pub at: jiff::Timestamp,
}

/// Where the taking back of one dossier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// Nobody asked.
    None,
    /// It never left the counter, and stays there.
    Kept,
    /// Asked; the province has not answered yet.
    Asked,
    /// The province's signed word is here.
    Taken,
    /// The province does not give it back.
    Refused,
    /// The request itself waits for a person.
    Stuck,
}

/// The void item of a dossier, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoidItem {
    pub delivery: Delivery,
    /// The province's word on the request itself: "not accepted" where it refused after it had acknowledged.
    pub case: CaseStatus,
}

/// Could the province have this dossier, or come by it? Only what was never tried and lies on no stick is certainly at the
/// counter alone. `attempted`: an attempt was ever begun; `copies`: copies on sticks.
#[must_use]
pub fn may_have_left(delivery: &Delivery, attempted: bool, copies: bool) -> bool {
    let here = match delivery {
        Delivery::Sealed | Delivery::Held { .. } | Delivery::Quarantined { .. } => true,
        Delivery::Registered
        | Delivery::Received { .. }
        | Delivery::Durable { .. }
        | Delivery::Purged { .. } => false,
    };
    !here || attempted || copies
}

/// Did its owner take a dossier back by a withdrawal that still stands? One that the province refused does not: the
/// dossier is the province's to handle, and has to get there again where a restored province forgot it. What was told
/// of the dossier's own case before the restore counts no more.
#[must_use]
pub fn is_taken_back(void: Option<VoidItem>) -> bool {
    void.is_some() && Withdrawal::of(&Delivery::Sealed, CaseStatus::New, void).is_asked()
}

impl Withdrawal {
    /// From the dossier's own row and that of the void item that names it.
    #[must_use]
    pub fn of(delivery: &Delivery, case: CaseStatus, void: Option<VoidItem>) -> Self {
        if case == CaseStatus::Withdrawn {
            return Self::Taken;
        }
        let Some(void) = void else {
            let reason = HeldReason::ConsentWithdrawn;
            return if *delivery == (Delivery::Held { reason }) {
                Self::Kept
            } else {
                Self::None
            };
        };
        if void.case == CaseStatus::NotAccepted {
            return Self::Refused;
        }
        match void.delivery {
            Delivery::Sealed | Delivery::Registered => Self::Asked,
            Delivery::Received { .. } | Delivery::Durable { .. } | Delivery::Purged { .. } => Self::Taken,
            Delivery::Held {
                reason: HeldReason::WithdrawalTooLate | HeldReason::NotThisCounters,
            } => Self::Refused,
            Delivery::Held { .. } | Delivery::Quarantined { .. } => Self::Stuck,
        }
    }

    /// Is the dossier to be treated as taken back: no receipt is printed for it any more, and the void slip is.
    #[must_use]
    pub fn is_asked(self) -> bool {
        match self {
            Self::Kept | Self::Asked | Self::Taken | Self::Stuck => true,
            Self::None | Self::Refused => false,
        }
    }

    /// Is it certain that nobody will handle it?
    #[must_use]
    pub fn is_certain(self) -> bool {
        matches!(self, Self::Kept | Self::Taken)
    }

    /// [`one_word`] for a dossier that may have been taken back.
    #[must_use]
    pub fn word(self, delivery: &Delivery, case: CaseStatus, code: Option<&OfficialCode>) -> Words {
        match self {
            Self::None | Self::Refused => one_word(delivery, case, code),
            // The province's own word, with its code where it gave one.
            Self::Taken if case == CaseStatus::Withdrawn => one_word(delivery, case, code),
            Self::Taken => CaseStatus::Withdrawn.words(),
            Self::Kept => Words::new("đã rút, không gửi đi", "withdrawn, never sent"),
            Self::Asked | Self::Stuck => Words::new("đã xin rút", "withdrawal asked for"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{QuarantineReason, Watermark};

    const AT: Watermark = Watermark { epoch: 7, lsn: 10 };
    const DURABLE: Delivery = Delivery::Durable { at: AT };

    fn held(reason: HeldReason) -> Delivery {
        Delivery::Held { reason }
    }

    #[test]
    fn where_a_withdrawal_stands() {
        let void = |delivery| {
            Some(VoidItem {
                delivery,
                case: CaseStatus::New,
            })
        };
        let refused_later = Some(VoidItem {
            delivery: DURABLE,
            case: CaseStatus::NotAccepted,
        });
        let taken_back = held(HeldReason::ConsentWithdrawn);
        let table = [
            ("nobody asked", DURABLE, None, Withdrawal::None),
            (
                "held for another reason",
                held(HeldReason::Fork),
                None,
                Withdrawal::None,
            ),
            ("never left", taken_back, None, Withdrawal::Kept),
            ("on its way", DURABLE, void(Delivery::Sealed), Withdrawal::Asked),
            (
                "acknowledged",
                taken_back,
                void(Delivery::Received { at: AT }),
                Withdrawal::Taken,
            ),
            ("safe there", DURABLE, void(DURABLE), Withdrawal::Taken),
            (
                "too late",
                DURABLE,
                void(held(HeldReason::WithdrawalTooLate)),
                Withdrawal::Refused,
            ),
            (
                "another's",
                DURABLE,
                void(held(HeldReason::NotThisCounters)),
                Withdrawal::Refused,
            ),
            (
                "refused when the dossier came",
                DURABLE,
                refused_later,
                Withdrawal::Refused,
            ),
            (
                "not understood",
                DURABLE,
                void(held(HeldReason::UnknownAnswer)),
                Withdrawal::Stuck,
            ),
            (
                "damaged",
                DURABLE,
                void(Delivery::Quarantined {
                    reason: QuarantineReason::FileDamaged,
                }),
                Withdrawal::Stuck,
            ),
        ];
        for (name, delivery, void, wanted) in table {
            assert_eq!(Withdrawal::of(&delivery, CaseStatus::New, void), wanted, "{name}");
            let by_province = Withdrawal::of(&delivery, CaseStatus::Withdrawn, void);
            assert_eq!(
                by_province,
                Withdrawal::Taken,
                "the province says so itself: {name}"
            );
        }
    }

    #[test]
    fn only_what_was_never_tried_is_here_alone() {
        let table = [
            ("sealed", Delivery::Sealed, false, false, false),
            ("tried once", Delivery::Sealed, true, false, true),
            ("on a stick", Delivery::Sealed, false, true, true),
            ("held, tried", held(HeldReason::FormRefused), true, false, true),
            ("received", Delivery::Received { at: AT }, false, false, true),
        ];
        for (name, delivery, attempted, copies, wanted) in table {
            assert_eq!(may_have_left(&delivery, attempted, copies), wanted, "{name}");
        }
    }

    #[test]
    fn withdrawn_is_said_only_of_what_is() {
        let code = OfficialCode {
            code: "H21.129-250812-0035".into(),
            source: "x".into(),
        };
        let word = |w: Withdrawal, case, code| w.word(&DURABLE, case, code).vi;
        assert_eq!(word(Withdrawal::Asked, CaseStatus::New, None), "đã xin rút");
        assert_eq!(word(Withdrawal::Stuck, CaseStatus::New, None), "đã xin rút");
        assert_eq!(word(Withdrawal::Taken, CaseStatus::New, None), "đã rút");
        assert_eq!(word(Withdrawal::Taken, CaseStatus::Withdrawn, None), "đã rút");
        let refused = word(Withdrawal::Refused, CaseStatus::Accepted, Some(&code));
        assert_eq!(refused, "đã tiếp nhận, mã H21.129-250812-0035");
        assert!(!Withdrawal::Refused.is_asked() && !Withdrawal::Asked.is_certain());
    }
}

//! How a sealed dossier gets from the counter to the province: the queue's state machine, pure.
//!
//! **Invariants:** no event deletes a dossier; only [`Event::PurgeDue`] lets its bytes go, and only from
//! [`Delivery::Durable`]; one acknowledgement is taken once. Time alone never moves a state.
//! Business status, payment and hand-over are other fields, elsewhere.

use crate::province::{CaseStatus, OfficialCode};
use crate::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The province's epoch (changes when it is restored from a backup) and position in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct Watermark {
    #[ts(type = "number")]
    pub epoch: u64,
    #[ts(type = "number")]
    pub lsn: u64,
}

impl Watermark {
    /// Does this watermark cover `other`? Only within one epoch.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.epoch == other.epoch && self.lsn >= other.lsn
    }
}

/// What only a person can mend. The words for each, and the press that comes next, are in [`crate::next_step`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum HeldReason {
    /// The province answered that the form or a field cannot be taken.
    FormRefused,
    /// A file is larger than the province takes.
    TooLarge,
    /// The same dossier id is known there with another content.
    Fork,
    /// The procedure's version is unknown to the province.
    CatalogueUnknown,
    /// The file's bytes did not arrive as they left, twice.
    DamagedOnTheWay,
    /// An answer that this version does not know.
    UnknownAnswer,
    /// The person took their consent back before it was sent: it stays here and is not sent again.
    ConsentWithdrawn,
    /// A withdrawal: the province has given the official code, or has ended the case.
    WithdrawalTooLate,
    /// A withdrawal: the dossier that it names was sealed at another counter, or the machine that asks was revoked.
    NotThisCounters,
}

/// The province answered a question of the link itself (sign-in, the small question, the inventory) with something that
/// this version does not know. Nothing was refused, nothing is lost; only a person can find out what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownAnswer {
    /// The number of the answer, for whoever is called.
    pub status: u16,
}

/// What makes an item unfit to be sent from here. It is kept and can be exported, never deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// A sealed file is missing or its hash is wrong.
    FileDamaged,
    /// The program died twice while working on it.
    CrashedTwice,
}

/// Where a sealed dossier stands on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Delivery {
    /// Durable at the counter.
    Sealed,
    /// The province knows that it exists; files are on their way.
    Registered,
    /// The province holds every byte, fsynced: a signed acknowledgement is stored here.
    Received {
        at: Watermark,
    },
    /// The province's backup covers it.
    Durable {
        at: Watermark,
    },
    /// The local bytes are gone; the index row and the acknowledgement stay.
    Purged {
        at: Watermark,
    },
    Held {
        reason: HeldReason,
    },
    Quarantined {
        reason: QuarantineReason,
    },
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The province has the manifest, by a signed answer with our hash.
    Registered,
    /// A verified acknowledgement that names every file.
    Acknowledged {
        at: Watermark,
    },
    /// The province's durable watermark moved.
    Watermark {
        durable: Watermark,
    },
    /// The province was restored: it does not know this dossier any more, or acknowledged it in an epoch that has ended.
    Forgotten,
    NeedsPerson {
        reason: HeldReason,
    },
    /// A person decided to try again.
    Released,
    /// The province does not give it back, so it holds it: offered again, it answers with its acknowledgement.
    NotGivenBack,
    Unfit {
        reason: QuarantineReason,
    },
    /// Durable for the whole keeping time, and the same epoch still.
    PurgeDue,
}

/// An event that this state does not take. Nothing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} does not apply to {state:?}")]
pub struct Refusal {
    pub state: Delivery,
    pub event: Event,
}

impl Delivery {
    /// The word in the database.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Registered => "registered",
            Self::Received { .. } => "received",
            Self::Durable { .. } => "durable",
            Self::Purged { .. } => "purged",
            Self::Held { .. } => "held",
            Self::Quarantined { .. } => "quarantined",
        }
    }

    /// Is there something to send?
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(self, Self::Sealed | Self::Registered)
    }

    /// Is the acknowledgement stored?
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        matches!(
            self,
            Self::Received { .. } | Self::Durable { .. } | Self::Purged { .. }
        )
    }

    /// One transition, pure.
    ///
    /// # Errors
    /// [`Refusal`] where the event does not apply; repeats of what is known already answer the same state.
    pub fn step(self, event: Event) -> Result<Self, Refusal> {
        let refused = Err(Refusal { state: self, event });
        match (self, event) {
            (Self::Sealed | Self::Registered, Event::Registered) => Ok(Self::Registered),
            // What is held or set aside can be found received after all: the answer was lost and not the dossier, or a copy
            // of it came there by another way.
            (
                Self::Sealed | Self::Registered | Self::Held { .. } | Self::Quarantined { .. },
                Event::Acknowledged { at },
            ) => Ok(Self::Received { at }),
            (
                Self::Received { .. } | Self::Durable { .. } | Self::Purged { .. },
                Event::Acknowledged { .. } | Event::Registered,
            ) => Ok(self),
            (Self::Held { .. }, Event::Registered) => Ok(self),
            (Self::Received { at }, Event::Watermark { durable }) if durable.covers(&at) => {
                Ok(Self::Durable { at })
            }
            (_, Event::Watermark { .. }) => Ok(self),
            (Self::Registered | Self::Received { .. } | Self::Durable { .. }, Event::Forgotten) => {
                Ok(Self::Sealed)
            }
            (Self::Sealed | Self::Registered, Event::NeedsPerson { reason }) => Ok(Self::Held { reason }),
            // What a person took back stays taken back, whatever a late answer says.
            (
                Self::Held {
                    reason: HeldReason::ConsentWithdrawn,
                },
                Event::NeedsPerson { .. },
            ) => Ok(self),
            (Self::Held { .. }, Event::NeedsPerson { reason }) => Ok(Self::Held { reason }),
            (
                Self::Held {
                    reason: HeldReason::ConsentWithdrawn,
                },
                Event::Released,
            ) => refused,
            (Self::Held { .. } | Self::Quarantined { .. }, Event::Released) => Ok(Self::Sealed),
            (
                Self::Held {
                    reason: HeldReason::ConsentWithdrawn,
                },
                Event::NotGivenBack,
            ) => Ok(Self::Sealed),
            (_, Event::NotGivenBack) => Ok(self),
            // Of what is purged the province can lose its copy: then there is none.
            (
                Self::Sealed | Self::Registered | Self::Held { .. } | Self::Purged { .. },
                Event::Unfit { reason },
            ) => Ok(Self::Quarantined { reason }),
            (Self::Durable { at }, Event::PurgeDue) => Ok(Self::Purged { at }),
            (
                Self::Sealed
                | Self::Registered
                | Self::Received { .. }
                | Self::Durable { .. }
                | Self::Purged { .. }
                | Self::Held { .. }
                | Self::Quarantined { .. },
                Event::Registered
                | Event::Forgotten
                | Event::NeedsPerson { .. }
                | Event::Released
                | Event::Unfit { .. }
                | Event::PurgeDue,
            ) => refused,
        }
    }
}

/// The one word for a dossier, everywhere: counter, receipt, look-up, hotline.
///
/// "Đã tiếp nhận" needs the official code; "tỉnh đã nhận" is said from durable on.
#[must_use]
pub fn one_word(delivery: &Delivery, case: CaseStatus, code: Option<&OfficialCode>) -> Words {
    if let Some(official) = code {
        let status = case.words();
        return if case == CaseStatus::Accepted {
            Words::new(
                format!("đã tiếp nhận, mã {}", official.code),
                format!("accepted, code {}", official.code),
            )
        } else {
            Words::new(
                format!("{}, mã {}", status.vi, official.code),
                format!("{}, code {}", status.en, official.code),
            )
        };
    }
    match (delivery, case) {
        (_, CaseStatus::NotAccepted | CaseStatus::SupplementWanted | CaseStatus::Withdrawn) => case.words(),
        (Delivery::Durable { .. } | Delivery::Purged { .. }, _) => Words::new(
            "tỉnh đã nhận bản điện tử",
            "the province has received the electronic copy",
        ),
        (
            Delivery::Quarantined {
                reason: QuarantineReason::FileDamaged,
            },
            _,
        ) => Words::new(
            "bản điện tử bị hỏng, xin mang giấy lại",
            "the electronic copy is damaged, please bring the papers again",
        ),
        (
            Delivery::Sealed
            | Delivery::Registered
            | Delivery::Received { .. }
            | Delivery::Held { .. }
            | Delivery::Quarantined {
                reason: QuarantineReason::CrashedTwice,
            },
            _,
        ) => saved(),
    }
}

/// The word for what lies at the counter, whole.
fn saved() -> Words {
    Words::new("đã lưu ở máy quầy", "saved at the counter")
}

/// [`one_word`] on the machine of a dossier whose files are gone from it. Where it would be called saved there, the province
/// is still to be asked whether it has it.
#[must_use]
pub fn one_word_of_gone(word: Words) -> Words {
    if word != saved() {
        return word;
    }
    Words::new("đang hỏi lại tỉnh", "the province is being asked")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: Watermark = Watermark { epoch: 7, lsn: 10 };

    #[test]
    fn the_straight_way() {
        let durable = [
            Event::Registered,
            Event::Acknowledged { at: AT },
            Event::Watermark {
                durable: Watermark { epoch: 7, lsn: 10 },
            },
        ]
        .into_iter()
        .try_fold(Delivery::Sealed, Delivery::step);
        assert_eq!(durable, Ok(Delivery::Durable { at: AT }));
    }

    #[test]
    fn another_epochs_watermark_covers_nothing() {
        let received = Delivery::Received { at: AT };
        assert_eq!(
            received.step(Event::Watermark {
                durable: Watermark { epoch: 8, lsn: 99 }
            }),
            Ok(received)
        );
    }

    #[test]
    fn the_words_never_say_filed_without_a_code() {
        let durable = Delivery::Durable { at: AT };
        assert_eq!(
            one_word(&Delivery::Received { at: AT }, CaseStatus::New, None).vi,
            "đã lưu ở máy quầy"
        );
        assert_eq!(
            one_word(&durable, CaseStatus::New, None).vi,
            "tỉnh đã nhận bản điện tử"
        );
        let code = OfficialCode {
            code: "H21.129-250812-0035".into(),
            source: "x".into(),
        };
        assert_eq!(
            one_word(&durable, CaseStatus::Accepted, Some(&code)).vi,
            "đã tiếp nhận, mã H21.129-250812-0035"
        );
    }

    #[test]
    fn what_is_damaged_here_is_not_told_as_saved() {
        let word = |reason| one_word(&Delivery::Quarantined { reason }, CaseStatus::New, None).vi;
        assert_eq!(
            word(QuarantineReason::FileDamaged),
            "bản điện tử bị hỏng, xin mang giấy lại"
        );
        assert_eq!(word(QuarantineReason::CrashedTwice), "đã lưu ở máy quầy");
    }

    #[test]
    fn what_is_gone_here_is_not_told_as_saved_and_any_other_word_stays() {
        let of = |delivery: Delivery| one_word(&delivery, CaseStatus::New, None);
        for delivery in [Delivery::Sealed, Delivery::Registered] {
            assert_eq!(one_word_of_gone(of(delivery)).vi, "đang hỏi lại tỉnh");
        }
        let durable = of(Delivery::Durable { at: AT });
        assert_eq!(one_word_of_gone(durable.clone()), durable);
    }

    #[test]
    fn whoever_holds_it_an_acknowledgement_is_taken() {
        let received = Delivery::Received { at: AT };
        let (held, damaged) = (HeldReason::FormRefused, QuarantineReason::FileDamaged);
        for state in [
            Delivery::Sealed,
            Delivery::Registered,
            Delivery::Held { reason: held },
            Delivery::Quarantined { reason: damaged },
            Delivery::Quarantined {
                reason: QuarantineReason::CrashedTwice,
            },
        ] {
            assert_eq!(
                state.step(Event::Acknowledged { at: AT }),
                Ok(received),
                "{state:?}"
            );
        }
        let later = Watermark { epoch: 7, lsn: 11 };
        for state in [
            received,
            Delivery::Durable { at: AT },
            Delivery::Purged { at: AT },
        ] {
            assert_eq!(
                state.step(Event::Acknowledged { at: later }),
                Ok(state),
                "the first word stays"
            );
        }
    }

    fn any_event() -> impl Strategy<Value = Event> {
        let mark = (1..3_u64, 0..20_u64).prop_map(|(epoch, lsn)| Watermark { epoch, lsn });
        prop_oneof![
            Just(Event::Registered),
            mark.clone().prop_map(|at| Event::Acknowledged { at }),
            mark.prop_map(|durable| Event::Watermark { durable }),
            Just(Event::Forgotten),
            Just(Event::NeedsPerson {
                reason: HeldReason::UnknownAnswer
            }),
            Just(Event::Released),
            Just(Event::NotGivenBack),
            Just(Event::Unfit {
                reason: QuarantineReason::FileDamaged
            }),
            Just(Event::PurgeDue),
        ]
    }

    proptest! {
        /// Bytes go only after a durable acknowledgement; and a purged dossier stays purged.
        #[test]
        fn no_sequence_of_events_loses_a_dossier(events in proptest::collection::vec(any_event(), 0..60)) {
            let mut state = Delivery::Sealed;
            for event in events {
                let before = state;
                if let Ok(next) = state.step(event) {
                    if let Delivery::Purged { .. } = next {
                        let was_durable = matches!(before, Delivery::Durable { .. } | Delivery::Purged { .. });
                        prop_assert!(was_durable, "purged without a durable acknowledgement");
                    }
                    if next.is_acknowledged() && !before.is_acknowledged() {
                        let by_acknowledgement = matches!(event, Event::Acknowledged { .. });
                        prop_assert!(by_acknowledgement, "acknowledged without an acknowledgement");
                    }
                    state = next;
                }
            }
        }
    }
}

//! Whose fault it is that a call for a dossier failed, its own or the link's: pure, for one pass.
//!
//! **Invariant:** no dossier holds up the others by failing again and again. A call that broke off or met a service in
//! trouble speaks against its own dossier first, which goes later and after the others; against the link only when the
//! next one fails, too. What failed before proves nothing by failing again: it is left for another pass, and the others go on.

use crate::failure::{Failure, Scope};

/// Calls for dossiers that fail in a row, with nothing that came through between them: then it is not one dossier.
pub const IN_A_ROW_MAX: u32 = 2;

/// What the calls of one pass have shown. The first small question was answered, or none of them would have been made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Suspicion {
    in_a_row: u32,
    last: Option<Failure>,
    shaky_rest: bool,
}

impl Suspicion {
    /// One call was made, for one dossier or several; `steady`: none of them failed before. Answers what ends the pass.
    pub fn heard(
        &mut self,
        came: impl IntoIterator<Item = Option<Failure>>,
        steady: bool,
    ) -> Option<Failure> {
        let (mut answered, mut doubtful, mut link) = (false, None, None);
        for failure in came {
            match failure {
                // What is damaged here never left.
                Some(Failure::Local(_)) => {}
                Some(f) if f.may_be_the_items() => doubtful = Some(f),
                Some(f) if f.scope() != Scope::Item => link = link.or(Some(f)),
                Some(_) | None => answered = true,
            }
        }
        if link.is_some() {
            return link;
        }
        if answered {
            (self.in_a_row, self.last) = (0, None);
            return None;
        }
        let failure = doubtful?;
        (self.in_a_row, self.last) = (self.in_a_row.saturating_add(1), Some(failure));
        if self.in_a_row < IN_A_ROW_MAX {
            return None;
        }
        if !steady && !self.shaky_rest {
            self.shaky_rest = true;
            return None;
        }
        Some(failure)
    }

    /// What failed before has no further turn in this pass.
    #[must_use]
    pub fn shaky_rest(self) -> bool {
        self.shaky_rest
    }

    /// Nothing is left to be done: was it the link after all?
    #[must_use]
    pub fn at_the_end(self) -> Option<Failure> {
        self.last.filter(|_| self.in_a_row >= IN_A_ROW_MAX)
    }

    /// What the last call failed with, where none came through behind it: for whoever pressed and waits for a word.
    #[must_use]
    pub fn unanswered(self) -> Option<Failure> {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::delivery::{HeldReason, QuarantineReason};
    use proptest::prelude::*;

    const BROKE: Option<Failure> = Some(Failure::Network);
    const ILL: Option<Failure> = Some(Failure::Server { retry_after: None });
    const REFUSED: Option<Failure> = Some(Failure::Held(HeldReason::FormRefused));
    const DAMAGED: Option<Failure> = Some(Failure::Local(QuarantineReason::FileDamaged));
    const PORTAL: Option<Failure> = Some(Failure::NotTheService);

    /// Calls of one form each: what came, whether it failed before.
    fn check(why: &str, calls: &[(Option<Failure>, bool)], ends: Option<Failure>, rest: bool) {
        let mut suspicion = Suspicion::default();
        let mut ended = None;
        for (came, steady) in calls {
            assert_eq!(ended, None, "{why}: over already");
            ended = suspicion.heard([*came], *steady);
        }
        let ended = ended.or(suspicion.at_the_end());
        assert_eq!((ended, suspicion.shaky_rest()), (ends, rest), "{why}");
    }

    #[test]
    fn one_is_the_dossier_and_two_are_the_link() {
        let (steady, shaky) = (true, false);
        check("one alone", &[(BROKE, steady)], None, false);
        check("two in a row", &[(BROKE, steady), (ILL, steady)], ILL, false);
        check(
            "one came through between",
            &[(BROKE, steady), (None, steady), (BROKE, steady)],
            None,
            false,
        );
        check(
            "a refusal is an answer",
            &[(ILL, steady), (REFUSED, steady), (ILL, steady)],
            None,
            false,
        );
        check(
            "what is damaged here is none",
            &[(ILL, steady), (DAMAGED, steady), (ILL, steady)],
            ILL,
            false,
        );
        check("a portal is the link at once", &[(PORTAL, steady)], PORTAL, false);
        check(
            "two that failed before rest",
            &[(ILL, shaky), (ILL, shaky), (None, steady)],
            None,
            true,
        );
        check(
            "and it was the link",
            &[(ILL, shaky), (ILL, shaky), (BROKE, steady)],
            BROKE,
            true,
        );
        check(
            "and nothing else is left",
            &[(ILL, shaky), (BROKE, shaky)],
            BROKE,
            true,
        );
    }

    #[test]
    fn a_request_of_several_is_one_call_and_one_word_in_it_proves_the_link() {
        let mut suspicion = Suspicion::default();
        assert_eq!(suspicion.heard([BROKE, BROKE, BROKE], true), None);
        assert_eq!(suspicion.unanswered(), BROKE);
        assert_eq!(suspicion.heard([ILL, None, ILL], true), None);
        assert_eq!(suspicion.unanswered(), None);
        assert_eq!(suspicion.heard([ILL, PORTAL, None], true), PORTAL);
    }

    proptest! {
        /// However many fail for ever, the others all go through; and a dead link costs few calls.
        #[test]
        fn the_poisoned_hold_up_nobody_and_a_dead_link_is_left_alone(poisoned in 0_usize..60, others in 0_usize..60) {
            let mut suspicion = Suspicion::default();
            let mut calls = 0;
            // What failed before goes behind what did not, as the queue has it.
            for _ in 0..others {
                prop_assert_eq!(suspicion.heard([None], true), None);
            }
            for _ in 0..poisoned {
                if suspicion.shaky_rest() {
                    break;
                }
                calls += 1;
                prop_assert_eq!(suspicion.heard([ILL], false), None);
            }
            prop_assert!(calls <= 2);
            // Files of dossiers that never failed come behind forms that did.
            prop_assert_eq!(suspicion.heard([None], true), None);
            let mut dead = Suspicion::default();
            let over = (0..poisoned + others).position(|n| dead.heard([BROKE], n >= poisoned).is_some());
            prop_assert!(over.is_none_or(|at| at < poisoned.max(3) + 3));
        }
    }
}

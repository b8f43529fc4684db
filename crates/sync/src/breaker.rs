//! One breaker for the whole link: after [`FAILURES_MAX`] failures in a row a pass first asks for the signed
//! time, and goes on only when it comes. Pure.
//!
//! **Invariant:** that the first small question was answered closes nothing: only what was asked for does, a dossier's own
//! call that came through or a pass that nothing ended early. Else a service that answers questions and takes nothing
//! would be tried every few seconds for ever.

use crate::failure::{Failure, Scope};

/// Failures of link or service in a row that open the breaker.
pub const FAILURES_MAX: u32 = 5;

/// How the link has done lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
}

impl Breaker {
    /// Failures in a row.
    #[must_use]
    pub fn failures(self) -> u32 {
        self.failures
    }

    /// Ask with the smallest question first?
    #[must_use]
    pub fn is_open(self) -> bool {
        self.failures >= FAILURES_MAX
    }

    /// A dossier's own call came through, or a whole pass.
    pub fn worked(&mut self) {
        self.failures = 0;
    }

    /// An item's own failure says nothing about the link.
    pub fn failed(&mut self, failure: Failure) {
        match failure.scope() {
            Scope::Link | Scope::Device | Scope::Machine => self.failures = self.failures.saturating_add(1),
            Scope::Item => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::delivery::HeldReason;

    #[test]
    fn five_link_failures_open_it_and_one_that_comes_through_closes_it() {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            assert!(!breaker.is_open());
            breaker.failed(Failure::Held(HeldReason::Fork));
            breaker.failed(Failure::Network);
        }
        assert!(breaker.is_open());
        breaker.worked();
        assert_eq!(breaker, Breaker::default());
    }
}

//! Who is there: the session, and beside it what every gate asks.
//!
//! **Invariants:** a gate never waits for a save that the session is busy with; signed out is seen at once, signed in only
//! where there is something to work with; no command works on drafts that cannot be relied on.

use crate::access::Needs;
use crate::kiosk::{App, locked};
use crate::mending;
use crate::problem::{Problem, ProblemCode};
use crate::session::Session;
use domain::roles::OperatorRole;
use std::sync::{Mutex, MutexGuard};

/// What every gate asks, kept beside the session: a keystroke must not wait for the save that the session is busy with.
#[derive(Debug, Clone, Copy)]
struct Who {
    role: OperatorRole,
    lease: Option<domain::lease::Lease>,
}

/// Nobody, at first.
#[derive(Default)]
pub(crate) struct SignedIn {
    session: Mutex<Option<Session>>,
    who: Mutex<Option<Who>>,
}

impl App {
    /// A volunteer's shift that is over locks the machine, in the middle of whatever stands there.
    pub(crate) fn lease_holds(&self, needs: Needs) -> Result<(), Problem> {
        if needs == Needs::Nobody {
            return Ok(());
        }
        let lease = locked(&self.signed_in.who).and_then(|who| who.lease);
        let over = lease.is_some_and(|l| l.state(self.clock.now_ms()) != domain::lease::LeaseState::Open);
        if over {
            crate::commands::sign_in::lock(self);
            return Err(ProblemCode::LeaseEnded.into());
        }
        Ok(())
    }

    pub(crate) fn session(&self) -> MutexGuard<'_, Option<Session>> {
        locked(&self.signed_in.session)
    }

    /// Signs somebody in, or out; the keys of whoever was here before are wiped.
    pub(crate) fn set_session(&self, session: Option<Session>) {
        let who = session.as_ref().map(|s| Who {
            role: s.operator.role,
            lease: s.lease,
        });
        // Out at once, in only when there is something to work with.
        *locked(&self.signed_in.who) = None;
        let before = std::mem::replace(&mut *self.session(), session);
        drop(before);
        *locked(&self.signed_in.who) = who;
    }

    /// Works with the signed-in session, on drafts that can be relied on.
    pub(crate) fn with_session<T>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.with_whoever(|session| work(session.ok_or(ProblemCode::SignInFirst)?))
    }

    /// The same where nobody need be signed in.
    pub(crate) fn with_whoever<T>(
        &self,
        work: impl FnOnce(Option<&mut Session>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut session = self.session();
        let Some(session) = session.as_mut() else {
            return work(None);
        };
        mending::make_sure(self, session)?;
        let came = work(Some(session));
        mending::heed(self, session, came)
    }

    #[must_use]
    pub fn role(&self) -> Option<OperatorRole> {
        locked(&self.signed_in.who).map(|who| who.role)
    }
}

//! Signing in and out: what is put right before anybody works, and what stands open for whom.
//!
//! **Invariant:** nobody works on drafts whose seals were cut off half-way.

use super::kiosk::kiosk_status;
use super::people::{key_check, unlock};
use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::session::{Session, Watch};
use crate::views::KioskView;
use domain::ids::{DossierId, OperatorId};
use domain::lease::{Lease, LeaseState};
use domain::roles::OperatorRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::tables::operator::OperatorRow;
use store::tables::{draft, item, lease, practice, receipt, setting};
use ts_rs::TS;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SignIn {
    pub operator: OperatorId,
    pub pin: String,
}

pub fn sign_in(app: &App, caller: Caller, request: SignIn) -> Result<KioskView, Problem> {
    let (operator, drafts_key, signing) = unlock(app, &request.operator, &request.pin)?;
    let expected: Option<String> = setting::get(app.outbox().db(), setting::Name::DraftsKeyCheck)?;
    if expected.as_deref() != Some(key_check(&drafts_key).as_str()) {
        return Err(ProblemCode::KeyUnreadable.into());
    }
    let lease = open_lease(app, &operator)?;
    // The old session's database is closed before it is opened again.
    app.set_session(None);
    let drafts = crate::mending::open(app, &drafts_key)?;
    let mut session = Session {
        operator,
        signing,
        drafts_key,
        drafts,
        open: None,
        lease,
        watch: Watch {
            outbox: Arc::clone(&app.outbox),
            clock: app.clock.clone(),
        },
    };
    let came = put_right(app, &mut session);
    match crate::mending::heed(app, &mut session, came) {
        // Damage that the opening did not meet: they are new ones now.
        Err(problem) if problem.code == ProblemCode::DraftsSetAside => put_right(app, &mut session)?,
        other => other?,
    }
    app.set_session(Some(session));
    super::citizen::show(app);
    kiosk_status(app, caller, Nothing {})
}

/// What is done with the drafts before anybody works on them.
fn put_right(app: &App, session: &mut Session) -> Result<(), Problem> {
    finish_interrupted_seals(app, session)?;
    app.shelf.keep_for(&draft::open_ones(session.drafts.db())?)?;
    practice::forget_before(session.drafts.db(), app.clock.now_ms() - super::practice::KEEP_MS)?;
    if session.lease.is_none() {
        crate::expiry::sweep(app, session)?;
        crate::expiry::drop_receipts(app, session)?;
        crate::expiry::drop_damaged(app)?;
    }
    crate::rebuild::keep_card(app);
    resume(app, session)
}

/// Marks drafts that the outbox holds already: the step between the seal's two transactions.
fn finish_interrupted_seals(app: &App, session: &mut Session) -> Result<(), Problem> {
    for row in draft::open_ones(session.drafts.db())? {
        if item::get(app.outbox().db(), &row.dossier)?.is_some() {
            draft::mark_sealed(session.drafts.db_mut(), &row.dossier, app.bound_to_hardware)?;
        }
    }
    Ok(())
}

/// A volunteer comes in through a lease that is open, and through nothing else.
fn open_lease(app: &App, operator: &OperatorRow) -> Result<Option<Lease>, Problem> {
    if operator.role != OperatorRole::Volunteer {
        return Ok(None);
    }
    let found = lease::of(app.outbox().db(), &operator.id)?;
    let open = found.filter(|l| l.state(app.clock.now_ms()) == LeaseState::Open);
    open.map(Some).ok_or_else(|| ProblemCode::LeaseNeeded.into())
}

/// Back to what stood open, for the same person. A colleague is asked for a reason first (`take_over`).
fn resume(app: &App, session: &mut Session) -> Result<(), Problem> {
    if let Some(lease) = session.lease {
        return resume_lease(session, lease.dossier);
    }
    let Some(left) = app.screens().left_open else {
        return receipt_again(app, session);
    };
    let there = draft::get(session.drafts.db(), &left.dossier)?.is_some_and(|row| !row.sealed);
    if !there {
        return app.set_left_open(None);
    }
    if left.by != session.operator.id {
        return Ok(());
    }
    session.load(left.dossier, "resumed")
}

/// The citizen may still be photographing their receipt: whoever unlocks goes on with it.
fn receipt_again(app: &App, session: &Session) -> Result<(), Problem> {
    let Some(dossier) = app.receipt_shown()? else {
        return Ok(());
    };
    if !session.operator.role.may_seal() || receipt::get(session.drafts.db(), &dossier)?.is_none() {
        return Ok(());
    }
    session.note(crate::session::OPENED, dossier, "receipt")?;
    app.screens().receipt = Some(dossier);
    Ok(())
}

/// A volunteer comes back to the one dossier of their shift, whatever stood on the screens in between.
fn resume_lease(session: &mut Session, dossier: Option<DossierId>) -> Result<(), Problem> {
    let Some(dossier) = dossier else { return Ok(()) };
    let there = draft::get(session.drafts.db(), &dossier)?.is_some_and(|row| !row.sealed);
    if there {
        session.load(dossier, "resumed")
    } else {
        session.let_go(dossier)
    }
}

/// Locks: the keys are wiped, both screens show nothing of anybody, and what stood open is remembered by its id.
pub(crate) fn lock(app: &App) {
    app.set_session(None);
    super::scanner::forget(app);
    {
        let mut screens = app.screens();
        screens.turned = false;
        screens.receipt = None;
        screens.withdrawing = None;
        screens.refused = None;
        screens.coaching = None;
    }
    super::citizen::show(app);
}

pub fn sign_out(app: &App, caller: Caller, _: Nothing) -> Result<KioskView, Problem> {
    // There is nobody to sign in again.
    crate::preview::not_here(app)?;
    super::drill::stop(app)?;
    lock(app);
    kiosk_status(app, caller, Nothing {})
}

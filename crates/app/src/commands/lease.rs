//! Shifts for volunteers: an officer opens one, with an end; an officer or the end closes it.

use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::LeaseView;
use domain::ids::OperatorId;
use domain::lease::Lease;
use domain::roles::OperatorRole;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::{audit, lease, operator};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct OpenLease {
    pub volunteer: OperatorId,
    pub hours: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct CloseLease {
    pub volunteer: OperatorId,
}

pub fn leases(app: &App, _: Caller, _: Nothing) -> Result<Vec<LeaseView>, Problem> {
    let now_ms = app.clock.now_ms();
    let all = lease::all(app.outbox().db())?;
    Ok(all.iter().map(|l| LeaseView::of(l, now_ms)).collect())
}

fn volunteer(app: &App, id: &OperatorId) -> Result<(), Problem> {
    let row = operator::get(app.outbox().db(), id)?.ok_or(ProblemCode::OperatorUnknown)?;
    if row.role == OperatorRole::Volunteer {
        Ok(())
    } else {
        Err(ProblemCode::OperatorUnknown.into())
    }
}

/// The shift and its line in the book.
fn written(app: &App, lease: &Lease, what: &str, who: OperatorId) -> Result<(), Problem> {
    let outbox = app.outbox();
    lease::put(outbox.db(), lease)?;
    let about = lease.volunteer.to_string();
    audit::append(
        outbox.db(),
        &audit::Entry {
            at_ms: app.clock.now_ms(),
            what,
            dossier: None,
            who: Some(who),
            note: Some(&about),
        },
    )?;
    Ok(())
}

pub fn open_lease(app: &App, caller: Caller, request: OpenLease) -> Result<Vec<LeaseView>, Problem> {
    volunteer(app, &request.volunteer)?;
    let who = app.with_session(|s| Ok(s.operator.id))?;
    let shift = Lease::open(request.volunteer, who, app.clock.now_ms(), request.hours);
    written(app, &shift, "lease_opened", who)?;
    leases(app, caller, Nothing {})
}

pub fn close_lease(app: &App, caller: Caller, request: CloseLease) -> Result<Vec<LeaseView>, Problem> {
    let who = app.with_session(|s| Ok(s.operator.id))?;
    let found = lease::of(app.outbox().db(), &request.volunteer)?;
    if let Some(mut shift) = found {
        shift.closed_ms = Some(app.clock.now_ms());
        written(app, &shift, "lease_closed", who)?;
    }
    leases(app, caller, Nothing {})
}

//! Who stands where at the counter, and consent taken back after sealing.

use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::views::{DossierView, OutboxView};
use domain::consent::Witness;
use domain::delivery::{Event, HeldReason};
use domain::ids::DossierId;
use domain::roles::Standing;
use domain::text::{clean, fold};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::{audit, item};
use ts_rs::TS;

/// Characters of a witness's name.
const NAME_MAX: usize = 80;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetStanding {
    pub dossier: DossierId,
    pub standing: Standing,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct NameWitness {
    pub dossier: DossierId,
    /// None: the person signs or presses after all.
    pub name: Option<String>,
}

pub fn set_standing(app: &App, _: Caller, request: SetStanding) -> Result<DossierView, Problem> {
    app.with_session(|session| {
        session.open(request.dossier)?.body.standing = Some(request.standing);
        super::dossier::save_and_show(app, session)
    })
}

/// A witness is somebody else than whoever helps, and is named before the act, not after.
pub fn name_witness(app: &App, _: Caller, request: NameWitness) -> Result<DossierView, Problem> {
    let name = request.name.map(|name| clean(&name));
    app.with_session(|session| {
        let helper = fold(&session.operator.name);
        let row = session.open(request.dossier)?;
        let unfit =
            |name: &String| name.is_empty() || name.chars().count() > NAME_MAX || fold(name) == helper;
        if row.body.consent.is_some() || name.as_ref().is_some_and(unfit) {
            return Err(ProblemCode::WitnessUnfit.into());
        }
        row.body.witness = name.map(|name| Witness { name });
        super::dossier::save_and_show(app, session)
    })
}

/// After sealing: what has not gone stays and is not sent; what has gone the province has to be told, and the book says so.
pub fn withdraw_consent(app: &App, caller: Caller, request: OneDossier) -> Result<OutboxView, Problem> {
    let who = app.with_session(|s| Ok(s.operator.id))?;
    let line = audit::Entry {
        at_ms: app.clock.now_ms(),
        what: "consent_withdrawn",
        dossier: Some(request.dossier),
        who: Some(who),
        note: Some("sealed"),
    };
    let reason = HeldReason::ConsentWithdrawn;
    if item::get(app.outbox().db(), &request.dossier)?.is_none() {
        return Err(ProblemCode::DossierUnknown.into());
    }
    // First: an index that is made again must not send it.
    app.files.records().mark_withdrawn(&request.dossier)?;
    app.outbox()
        .step(&request.dossier, Event::NeedsPerson { reason }, |db| {
            audit::append(db, &line)
        })?;
    super::outbox::outbox(app, caller, Nothing {})
}

//! Who stands where at the counter.

use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::session::Session;
use crate::views::DossierView;
use domain::consent::Witness;
use domain::ids::DossierId;
use domain::roles::Standing;
use domain::text::{clean, fold};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
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
        let row = session.open(request.dossier)?;
        if row.body.standing != Some(request.standing) {
            row.body.standing = Some(request.standing);
            // It stood on the screen that the citizen agreed to.
            row.body.filing = None;
        }
        super::dossier::save_and_show(app, session)
    })
}

/// A witness is somebody else than whoever helps, and is named before the act, not after.
pub fn name_witness(app: &App, _: Caller, request: NameWitness) -> Result<DossierView, Problem> {
    app.with_session(|session| {
        let witness = request.name.map(|name| witness(session, &name)).transpose()?;
        let row = session.open(request.dossier)?;
        if row.body.consent.is_some() {
            return Err(ProblemCode::WitnessUnfit.into());
        }
        row.body.witness = witness;
        super::dossier::save_and_show(app, session)
    })
}

/// Whoever helps is no witness.
pub(crate) fn witness(session: &Session, name: &str) -> Result<Witness, Problem> {
    let name = clean(name);
    if name.is_empty() || name.chars().count() > NAME_MAX || fold(&name) == fold(&session.operator.name) {
        return Err(ProblemCode::WitnessUnfit.into());
    }
    Ok(Witness { name })
}

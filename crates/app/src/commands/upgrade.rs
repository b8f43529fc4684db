//! A draft moves to the current version of its procedure, once the officer has read what that does and accepted.

use super::dossier::save_and_show;
use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::views::{DossierView, Place};
use crate::walk;
use data_encoding::HEXLOWER;
use domain::ids::DossierId;
use domain::interview::upgrade::Upgrade;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::tables::draft::{self, DraftRow};
use store::tables::paper_file;
use ts_rs::TS;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct UpgradeDossier {
    pub dossier: DossierId,
    /// The version that the officer read about; another one by now is read first.
    pub to_version: String,
}

pub fn upgrade_dossier(app: &App, _: Caller, request: UpgradeDossier) -> Result<DossierView, Problem> {
    app.with_session(|session| {
        let row = session.open(request.dossier)?.clone();
        let files = paper_file::of_dossier(session.drafts.db(), &row.dossier)?;
        let (catalogue, plan) = walk::plan(app, &row, &files)?.ok_or(ProblemCode::NothingToUpgrade)?;
        if plan.view.to_version != request.to_version {
            return Err(ProblemCode::NothingToUpgrade.into());
        }
        let entry = catalogue
            .offered(&row.procedure_code)
            .ok_or(ProblemCode::ProcedureUnknown)?;
        let mut moved = DraftRow {
            procedure_version: entry.procedure.version.clone(),
            procedure_sha256: HEXLOWER.encode(&entry.sha256),
            catalogue_sha256: HEXLOWER.encode(&catalogue.sha256),
            ..row
        };
        settle(&mut moved, plan);
        // Where the draft stands on a page that is gone, it goes back to the beginning of what is there.
        if let Place::Page { page, .. } = walk::place(&moved)
            && entry.procedure.page(&page).is_none()
        {
            let first = entry.procedure.pages.first().ok_or(ProblemCode::Internal)?;
            let place = Place::Page {
                page: first.id.clone(),
                back_to_check: false,
            };
            walk::set_place(&mut moved, &place)?;
        }
        if walk::place(&moved) == Place::Filing {
            walk::set_place(&mut moved, &Place::Check)?;
        }
        draft::move_to(session.drafts.db(), &moved, app.clock.now_ms())?;
        session.open = Some(moved);
        save_and_show(app, session)
    })
}

/// The second act is asked for anew: what was to be filed is another form now.
fn settle(row: &mut DraftRow, plan: Upgrade) {
    row.body
        .wrong
        .retain(|question| plan.answers.get(question).is_some());
    row.body
        .pages_confirmed
        .retain(|page| plan.unchanged_pages.contains(page));
    row.body.answers = plan.answers;
    row.body.filing = None;
}

//! Which papers apply as things stand, and which of them are still wanted.

use super::resolve::Resolution;
use super::view::PaperNeed;
use crate::expr::Scope;
use crate::procedure::{Paper, PaperNeedRule, Procedure};

/// The papers that apply, in the procedure's order.
pub(super) fn needs(procedure: &Procedure, resolution: &Resolution<'_>) -> Vec<PaperNeed> {
    let applies = |paper: &&Paper| paper.when.as_ref().is_none_or(|when| when.holds(resolution));
    procedure
        .papers
        .iter()
        .filter(applies)
        .map(|paper| need(procedure, paper, resolution))
        .collect()
}

fn need(procedure: &Procedure, paper: &Paper, resolution: &Resolution<'_>) -> PaperNeed {
    let files = u32::try_from(resolution.files(&paper.id)).unwrap_or(u32::MAX);
    let replaced = paper
        .replaced_when
        .as_ref()
        .is_some_and(|when| when.holds(resolution));
    let required = paper.need == PaperNeedRule::Required && !replaced;
    let enough = !required || files >= paper.min_files;
    PaperNeed {
        id: paper.id.clone(),
        name: paper.name.clone(),
        mark: paper.mark,
        required,
        files,
        min_files: paper.min_files,
        max_files: paper.max_files,
        satisfied: enough && files <= paper.max_files,
        note: paper.note.clone(),
        replaced_by_data: replaced,
        source: procedure.law(&paper.source).map(|_| paper.source.clone()),
    }
}

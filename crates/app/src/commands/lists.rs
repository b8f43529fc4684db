//! The lists that questions name (nationalities, ethnic groups, …): each asked for once, not carried in every view.

use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::Problem;
use crate::views::ListView;
use crate::walk;
use domain::procedure::ListName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use ts_rs::TS;

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema, TS)]
pub struct GetList {
    pub list: ListName,
}

/// As the catalogue of the open dossier has it; none open, as new dossiers will.
pub fn get_list(app: &App, _: Caller, request: GetList) -> Result<ListView, Problem> {
    let catalogue = app.with_session(|session| match session.current() {
        Ok(row) => app.shelf.of_draft(row),
        Err(_) => Ok(app.catalogue()),
    })?;
    Ok(ListView {
        lists: walk::lists_of(&catalogue),
        list: request.list,
        options: Arc::clone(&catalogue.lists.options(request.list)),
    })
}

//! The tray of the scanner's folder: what lies in it, and which paper each sheet goes to.

use crate::access::Caller;
use crate::intake::{self, For};
use crate::kiosk::{App, locked};
use crate::problem::{Problem, ProblemCode};
use crate::schema::Nothing;
use crate::views::{DossierView, TraySheetView, TrayView};
use crate::{clock, scan_folder, walk};
use domain::ids::{ComponentId, DossierId, PaperFileId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use store::tables::setting::{self, Name};
use store::tables::tray_sheet::{self, TraySheetRow};
use ts_rs::TS;

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetScanFolder {
    /// Where the scanner delivers; nothing turns it off.
    pub path: Option<String>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct TakeFromTray {
    pub dossier: DossierId,
    pub component: ComponentId,
    /// In the order in which they become pages.
    pub sheets: Vec<PaperFileId>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct OneSheet {
    pub sheet: PaperFileId,
}

fn view(app: &App) -> Result<TrayView, Problem> {
    let folder = scan_folder::chosen(app)?;
    let sheets = app.with_session(|session| Ok(tray_sheet::all(session.drafts.db())?))?;
    Ok(TrayView {
        folder_there: folder.as_ref().is_none_or(|f| f.is_dir()),
        folder: folder.map(|f| f.to_string_lossy().into_owned()),
        sheets: sheets.into_iter().map(sheet_view).collect(),
        refused: locked(&app.scan_folder).refused(),
    })
}

fn sheet_view(row: TraySheetRow) -> TraySheetView {
    TraySheetView {
        id: row.id,
        pages: row.pages,
        warnings: walk::listed(&row.warnings),
        added_at: clock::minute_and_day(row.added_ms),
    }
}

pub fn tray(app: &App, _: Caller, _: Nothing) -> Result<TrayView, Problem> {
    view(app)
}

pub fn set_scan_folder(app: &App, _: Caller, request: SetScanFolder) -> Result<TrayView, Problem> {
    let path = request.path.map(PathBuf::from);
    if let Some(path) = &path {
        let ours = path.starts_with(&app.dir) || app.dir.starts_with(path);
        if !path.is_absolute() || !path.is_dir() || ours {
            return Err(ProblemCode::FolderMissing.into());
        }
    }
    match &path {
        Some(path) => setting::set(app.outbox().db(), Name::ScanFolder, path)?,
        None => setting::remove(app.outbox().db(), Name::ScanFolder)?,
    }
    *locked(&app.scan_folder) = scan_folder::Folder::default();
    view(app)
}

pub fn take_from_tray(app: &App, _: Caller, request: TakeFromTray) -> Result<DossierView, Problem> {
    let at = For {
        dossier: request.dossier,
        component: request.component,
        replaces: None,
    };
    app.with_session(|session| {
        for sheet in &request.sheets {
            intake::check(app, session, &at)?;
            let fingerprint = tray_sheet::fingerprint(session.drafts.db(), sheet)?;
            let same_as = intake::twin_of(session, &at, &fingerprint)?;
            tray_sheet::give_to(
                session.drafts.db_mut(),
                sheet,
                (&at.dossier, &at.component),
                same_as,
            )?;
        }
        intake::added(app, session, &at)
    })
}

pub fn discard_from_tray(app: &App, _: Caller, request: OneSheet) -> Result<TrayView, Problem> {
    app.with_session(|session| Ok(tray_sheet::remove(session.drafts.db(), &request.sheet)?))?;
    view(app)
}

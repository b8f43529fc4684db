//! The pages of each paper: added from disk or from the window, ordered, turned, replaced, removed; and where the
//! original is.

use crate::access::Caller;
use crate::commands::dossier::save_and_show;
use crate::intake::{self, For, papers_changed};
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::views::DossierView;
use domain::ids::{ComponentId, DossierId, PaperFileId};
use domain::receipt::OriginalPlace;
use paper::{INPUT_BYTES_MAX, Taken};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io::Read;
use store::tables::paper_file::{self, PaperFileRow};
use ts_rs::TS;

/// The papers page in the assistance ledger.
pub const PAPERS_PAGE: &str = "papers";

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct AddFile {
    pub dossier: DossierId,
    pub component: ComponentId,
    /// Where the file lies on this machine.
    pub path: String,
    /// The page whose place it takes.
    #[serde(default)]
    #[ts(optional)]
    pub replaces: Option<PaperFileId>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct AddCapture {
    pub dossier: DossierId,
    pub component: ComponentId,
    /// What the shell answered when the window handed the bytes in.
    pub handle: PaperFileId,
    /// Taken with the camera of this machine, not dropped as a file.
    pub camera: bool,
    /// The page whose place it takes.
    #[serde(default)]
    #[ts(optional)]
    pub replaces: Option<PaperFileId>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct OneFile {
    pub dossier: DossierId,
    pub file: PaperFileId,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct TurnFile {
    pub dossier: DossierId,
    pub file: PaperFileId,
    /// Quarters of a circle, clockwise: 1, 2 or 3.
    pub quarters: u8,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct MoveFile {
    pub dossier: DossierId,
    pub file: PaperFileId,
    /// Its new place among the pages of its paper, counted from 0.
    pub to: u32,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetOriginal {
    pub dossier: DossierId,
    pub component: ComponentId,
    pub original: OriginalPlace,
}

/// Reads at most the limit and one byte more: a file of any size costs no more memory than that.
pub(crate) fn read_bounded(path: &std::path::Path) -> Result<Vec<u8>, Problem> {
    let missing = |_| Problem::new(ProblemCode::FileMissing);
    let meta = std::fs::metadata(path).map_err(missing)?;
    if !meta.is_file() {
        return Err(ProblemCode::FileMissing.into());
    }
    if meta.len() > INPUT_BYTES_MAX {
        return Err(ProblemCode::FileTooLarge.into());
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .map_err(missing)?
        .take(INPUT_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(missing)?;
    Ok(bytes)
}

pub fn add_file(app: &App, _: Caller, request: AddFile) -> Result<DossierView, Problem> {
    let at = For {
        dossier: request.dossier,
        component: request.component,
        replaces: request.replaces,
    };
    app.with_session(|session| intake::check(app, session, &at))?;
    let bytes = read_bounded(std::path::Path::new(&request.path))?;
    intake::take_in(app, &at, bytes, Taken::Unknown)
}

pub fn add_capture(app: &App, _: Caller, request: AddCapture) -> Result<DossierView, Problem> {
    let bytes = app.handed_in(request.handle).ok_or(ProblemCode::FileMissing)?;
    let taken = if request.camera {
        Taken::Camera
    } else {
        Taken::Unknown
    };
    let at = For {
        dossier: request.dossier,
        component: request.component,
        replaces: request.replaces,
    };
    intake::take_in(app, &at, bytes, taken)
}

pub(crate) fn page(
    session: &crate::session::Session,
    dossier: &DossierId,
    file: PaperFileId,
) -> Result<PaperFileRow, Problem> {
    let files = paper_file::of_dossier(session.drafts.db(), dossier)?;
    files
        .into_iter()
        .find(|f| f.id == file)
        .ok_or_else(|| ProblemCode::FileMissing.into())
}

pub fn turn_file(app: &App, _: Caller, request: TurnFile) -> Result<DossierView, Problem> {
    let (row, bytes) = app.with_session(|session| {
        session.open(request.dossier)?;
        let row = page(session, &request.dossier, request.file)?;
        if row.media != "image/jpeg" {
            return Err(ProblemCode::PdfNotTurned.into());
        }
        Ok((row, paper_file::content(session.drafts.db(), &request.file)?))
    })?;
    let turned = app.reader.turn(bytes, request.quarters)?;
    let row = PaperFileRow {
        bytes: u32::try_from(turned.bytes.len()).unwrap_or(u32::MAX),
        sha256: intake::sha256_of(&turned),
        warnings: intake::warnings_of_turned(&row.warnings, &turned),
        ..row
    };
    let content = intake::content_of(&turned);
    changed(app, request.dossier, |session| {
        Ok(paper_file::redraw(
            session.drafts.db(),
            &request.dossier,
            &row,
            content,
        )?)
    })
}

pub fn move_file(app: &App, _: Caller, request: MoveFile) -> Result<DossierView, Problem> {
    changed(app, request.dossier, |session| {
        let component = page(session, &request.dossier, request.file)?.component;
        let files = paper_file::of_dossier(session.drafts.db(), &request.dossier)?;
        let mut order: Vec<PaperFileId> = files
            .into_iter()
            .filter(|f| f.component == component && f.id != request.file)
            .map(|f| f.id)
            .collect();
        let to = usize::try_from(request.to).unwrap_or(usize::MAX).min(order.len());
        order.insert(to, request.file);
        Ok(paper_file::set_order(
            session.drafts.db_mut(),
            &request.dossier,
            &order,
        )?)
    })
}

pub fn remove_file(app: &App, _: Caller, request: OneFile) -> Result<DossierView, Problem> {
    changed(app, request.dossier, |session| {
        Ok(paper_file::remove(
            session.drafts.db(),
            &request.dossier,
            &request.file,
        )?)
    })
}

/// Changes the papers of a dossier that is open and not sealed, and shows them.
fn changed(
    app: &App,
    dossier: DossierId,
    work: impl FnOnce(&mut crate::session::Session) -> Result<(), Problem>,
) -> Result<DossierView, Problem> {
    let citizen_window = app.screens().citizen_window;
    app.with_session(|session| {
        session.open(dossier)?;
        work(session)?;
        papers_changed(session.open(dossier)?, citizen_window);
        save_and_show(app, session)
    })
}

pub fn set_original(app: &App, _: Caller, request: SetOriginal) -> Result<DossierView, Problem> {
    app.with_session(|session| {
        let row = session.open(request.dossier)?;
        if row.body.consent.is_none() {
            return Err(ProblemCode::ConsentMissing.into());
        }
        crate::walk::entry(app, row)?
            .procedure
            .paper(&request.component)
            .ok_or(ProblemCode::QuestionUnknown)?;
        row.body.originals.insert(request.component, request.original);
        row.body.filing = None;
        save_and_show(app, session)
    })
}

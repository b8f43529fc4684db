//! Papers: picked from disk, checked by content, made small, shown back, encrypted from the first byte.

use crate::access::Caller;
use crate::commands::dossier::save_and_show;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::session::tally;
use crate::views::DossierView;
use domain::ids::{ComponentId, DossierId, PageId, PaperFileId};
use domain::ledger::Hand;
use domain::receipt::OriginalPlace;
use paper::{INPUT_BYTES_MAX, Media};
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
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct RemoveFile {
    pub dossier: DossierId,
    pub file: PaperFileId,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SetOriginal {
    pub dossier: DossierId,
    pub component: ComponentId,
    pub original: OriginalPlace,
}

/// Reads at most the limit and one byte more: a file of any size costs no more memory than that.
fn read_bounded(path: &str) -> Result<Vec<u8>, Problem> {
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
    // The slow part happens before the session is taken, so that the screens stay alive.
    app.with_session(|session| match session.open(request.dossier)?.body.consent {
        Some(_) => Ok(()),
        None => Err(ProblemCode::ConsentMissing.into()),
    })?;
    let prepared = paper::prepare(&read_bounded(&request.path)?)?;
    let citizen_window = app.screens().citizen_window;
    app.with_session(|session| {
        let row = session.open(request.dossier)?;
        let entry = crate::walk::entry(app, row)?;
        let paper = entry
            .procedure
            .paper(&request.component)
            .ok_or(ProblemCode::QuestionUnknown)?;
        let there = paper_file::of_dossier(session.drafts.db(), &request.dossier)?;
        let own = there.iter().filter(|f| f.component == request.component).count();
        if u32::try_from(own).unwrap_or(u32::MAX) >= paper.max_files.max(1) {
            return Err(ProblemCode::TooManyPages.into());
        }
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let file = PaperFileRow {
            id: PaperFileId(seal::random::uuid()?),
            component: request.component.clone(),
            media: match prepared.media {
                Media::Jpeg => "image/jpeg".into(),
                Media::Pdf => "application/pdf".into(),
            },
            bytes: u32::try_from(prepared.bytes.len()).unwrap_or(u32::MAX),
            original_bytes: small(prepared.original_bytes),
            pages: prepared.pages,
            sha256: data_encoding::HEXLOWER.encode(&seal::manifest::sha256(&prepared.bytes)),
            has_thumbnail: !prepared.thumbnail_jpeg.is_empty(),
        };
        paper_file::insert(
            session.drafts.db(),
            &request.dossier,
            &file,
            &prepared.bytes,
            &prepared.thumbnail_jpeg,
            app.clock.now_ms(),
        )?;
        let row = session.open(request.dossier)?;
        row.body
            .originals
            .entry(request.component)
            .or_insert(OriginalPlace::Returned);
        papers_changed(row, citizen_window);
        save_and_show(app, session)
    })
}

fn papers_changed(row: &mut store::tables::draft::DraftRow, citizen_window: bool) {
    let page = PageId::from(PAPERS_PAGE);
    row.body.filing = None;
    row.body.pages_confirmed.remove(&page);
    tally(row, &page, Hand::Operator, citizen_window);
}

pub fn remove_file(app: &App, _: Caller, request: RemoveFile) -> Result<DossierView, Problem> {
    let citizen_window = app.screens().citizen_window;
    app.with_session(|session| {
        session.open(request.dossier)?;
        paper_file::remove(session.drafts.db(), &request.dossier, &request.file)?;
        papers_changed(session.open(request.dossier)?, citizen_window);
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

//! Papers that come in, from wherever: opened in the bounded process, then written, encrypted, into the draft.
//!
//! **Invariant:** bytes of a paper are in memory, in a pipe or in the encrypted database, and nowhere else; a paper that
//! cannot be opened safely changes nothing.

use crate::commands::dossier::save_and_show;
use crate::commands::papers::PAPERS_PAGE;
use crate::events::AppEvent;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::sealed_papers;
use crate::session::{Session, tally};
use crate::views::{CodeView, DossierView, PageWarning};
use domain::ids::{ComponentId, DossierId, PageId, PaperFileId};
use domain::ledger::Hand;
use domain::receipt::OriginalPlace;
use paper::{Media, PreparedFile, Taken};
use store::tables::draft::DraftRow;
use store::tables::paper_file::{self, Content, PaperFileRow};

/// Most pages of one paper: what a joined file can hold, and the province takes.
const PAPER_PAGES_MAX: u32 = paper::PDF_PAGES_MAX;

/// Which paper of which dossier a page is for, and the page whose place it takes.
#[derive(Debug, Clone)]
pub(crate) struct For {
    pub dossier: DossierId,
    pub component: ComponentId,
    pub replaces: Option<PaperFileId>,
}

/// Refuses early what would be refused late: before a scanner moves or a picture is opened.
pub(crate) fn check(app: &App, session: &mut Session, at: &For) -> Result<(), Problem> {
    // A picture takes the least room: it joins those that are there.
    room_for(app, session, at, (sealed_papers::JPEG, 1))
}

/// A paper's pictures are one file however many there are; each PDF that stays whole is one more.
fn room_for(app: &App, session: &mut Session, at: &For, (media, pages): (&str, u32)) -> Result<(), Problem> {
    let row = session.open(at.dossier)?;
    if row.body.consent.is_none() {
        return Err(ProblemCode::ConsentMissing.into());
    }
    let entry = crate::walk::entry(app, row)?;
    let paper = entry
        .procedure
        .paper(&at.component)
        .ok_or(ProblemCode::QuestionUnknown)?;
    let mut own = paper_file::of_dossier(session.drafts.db(), &at.dossier)?;
    own.retain(|f| f.component == at.component && Some(f.id) != at.replaces);
    let joins = media == sealed_papers::JPEG && own.iter().any(|f| f.media == sealed_papers::JPEG);
    let files = sealed_papers::group(&own).len() + usize::from(!joins);
    let most = usize::try_from(paper.max_files.max(1)).unwrap_or(usize::MAX);
    let all: u32 = own.iter().map(|f| f.pages).sum::<u32>().saturating_add(pages);
    if files > most || all > PAPER_PAGES_MAX {
        return Err(ProblemCode::PaperFull.into());
    }
    Ok(())
}

/// Opens the bytes and puts in what is there: one page, a PDF, or the pages of a scanned PDF. The slow part happens
/// before the session is taken, so that the screens stay alive meanwhile.
pub(crate) fn take_in(app: &App, at: &For, bytes: Vec<u8>, taken: Taken) -> Result<DossierView, Problem> {
    app.with_session(|session| check(app, session, at))?;
    let told = |ready, of| app.tell(AppEvent::PagesReady { ready, of });
    let prepared = app.reader.take_in(bytes, taken, &told)?;
    app.with_session(|session| put_in(app, session, at, &prepared))
}

/// Puts opened pages in, all or none, and shows them on both screens.
pub(crate) fn put_in(
    app: &App,
    session: &mut Session,
    at: &For,
    prepared: &[PreparedFile],
) -> Result<DossierView, Problem> {
    // Looked at again: somebody may have filled the paper, or left the dossier, while the page was opened.
    let Some(first) = prepared.first() else {
        return Err(ProblemCode::FileEmpty.into());
    };
    let pages: u32 = prepared.iter().map(|p| p.pages).sum();
    room_for(app, session, at, (media(first), pages))?;
    let mut rows: Vec<(PaperFileRow, Content<'_>)> = Vec::with_capacity(prepared.len());
    for page in prepared {
        // Among the pages of one scan a twin is told as well.
        let before = rows
            .iter()
            .find(|(_, content)| paper::same_page(content.fingerprint, &page.fingerprint))
            .map(|(row, _)| row.id);
        let same_as = match before {
            Some(id) => Some(id),
            None => twin(session, at, page)?,
        };
        rows.push((row(page, at.component.clone(), same_as)?, content_of(page)));
    }
    let (db, now_ms) = (session.drafts.db_mut(), app.clock.now_ms());
    paper_file::put(db, &at.dossier, at.replaces.as_ref(), &rows, now_ms)?;
    added(app, session, at)
}

/// What follows whenever a page was added to a paper.
pub(crate) fn added(app: &App, session: &mut Session, at: &For) -> Result<DossierView, Problem> {
    let citizen_window = app.screens().citizen_window;
    let row = session.open(at.dossier)?;
    row.body
        .originals
        .entry(at.component.clone())
        .or_insert(OriginalPlace::Returned);
    papers_changed(row, citizen_window);
    save_and_show(app, session)
}

/// The page of this dossier that was there before and is the same.
fn twin(session: &Session, at: &For, page: &PreparedFile) -> Result<Option<PaperFileId>, Problem> {
    match twin_of(session, at, &page.fingerprint)? {
        Some(id) => Ok(Some(id)),
        // A PDF that stays whole is the same where its bytes are.
        None => {
            let there = paper_file::of_dossier(session.drafts.db(), &at.dossier)?;
            let sha256 = sha256_of(page);
            let same = there
                .iter()
                .find(|f| f.sha256 == sha256 && Some(f.id) != at.replaces);
            Ok(same.map(|f| f.id))
        }
    }
}

/// The page of this dossier on which the ink lies as here.
pub(crate) fn twin_of(
    session: &Session,
    at: &For,
    fingerprint: &[u8],
) -> Result<Option<PaperFileId>, Problem> {
    let there = paper_file::fingerprints(session.drafts.db(), &at.dossier)?;
    let same = there
        .into_iter()
        .filter(|(id, _)| Some(*id) != at.replaces)
        .find(|(_, before)| paper::same_page(before, fingerprint));
    Ok(same.map(|(id, _)| id))
}

pub(crate) fn sha256_of(prepared: &PreparedFile) -> String {
    data_encoding::HEXLOWER.encode(&seal::manifest::sha256(&prepared.bytes))
}

fn row(
    prepared: &PreparedFile,
    component: ComponentId,
    same_as: Option<PaperFileId>,
) -> Result<PaperFileRow, Problem> {
    let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(PaperFileRow {
        id: PaperFileId(seal::random::uuid()?),
        component,
        media: media(prepared).into(),
        bytes: small(prepared.bytes.len() as u64),
        original_bytes: small(prepared.original_bytes),
        pages: prepared.pages,
        sha256: sha256_of(prepared),
        has_thumbnail: !prepared.thumbnail_jpeg.is_empty(),
        warnings: warnings_json(prepared),
        codes: codes_json(prepared),
        same_as,
    })
}

pub(crate) fn content_of(prepared: &PreparedFile) -> Content<'_> {
    Content {
        readable: &prepared.bytes,
        thumbnail: &prepared.thumbnail_jpeg,
        fingerprint: &prepared.fingerprint,
    }
}

pub(crate) fn media(prepared: &PreparedFile) -> &'static str {
    match prepared.media {
        Media::Jpeg => "image/jpeg",
        Media::Pdf => "application/pdf",
    }
}

/// A list of plain words cannot fail to be written; were it to, the page would go without remarks.
pub(crate) fn warnings_json(prepared: &PreparedFile) -> String {
    let warnings: Vec<PageWarning> = prepared.warnings.iter().copied().map(PageWarning::from).collect();
    serde_json::to_string(&warnings).unwrap_or_else(|_| "[]".into())
}

/// The same for a page that was turned: what a turn cannot mend stays told.
pub(crate) fn warnings_of_turned(before: &str, turned: &PreparedFile) -> String {
    let before: Vec<PageWarning> = serde_json::from_str(before).unwrap_or_default();
    let mut told: Vec<PageWarning> = turned.warnings.iter().copied().map(PageWarning::from).collect();
    let stays = |w: &PageWarning| matches!(w, PageWarning::CutOff | PageWarning::Dark | PageWarning::Far);
    if before.contains(&PageWarning::Far) {
        // Letters this small have no up and down that could be told.
        told.retain(|w| !matches!(w, PageWarning::UpsideDown | PageWarning::Sideways));
    }
    told.extend(before.into_iter().filter(stays));
    serde_json::to_string(&told).unwrap_or_else(|_| "[]".into())
}

pub(crate) fn codes_json(prepared: &PreparedFile) -> String {
    let codes: Vec<CodeView> = prepared.codes.iter().cloned().map(CodeView::from).collect();
    serde_json::to_string(&codes).unwrap_or_else(|_| "[]".into())
}

/// What the citizen confirmed about the papers is no longer what is there.
pub(crate) fn papers_changed(row: &mut DraftRow, citizen_window: bool) {
    let page = PageId::from(PAPERS_PAGE);
    row.body.filing = None;
    row.body.pages_confirmed.remove(&page);
    tally(row, &page, Hand::Operator, citizen_window);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_mends_what_a_turn_can_mend_and_nothing_else() {
        let turned = |warnings: Vec<paper::PageWarning>| PreparedFile {
            media: Media::Jpeg,
            bytes: Vec::new(),
            width: 1,
            height: 1,
            pages: 1,
            original_bytes: 1,
            thumbnail_jpeg: Vec::new(),
            warnings,
            fingerprint: Vec::new(),
            codes: Vec::new(),
            cut_out: true,
            stack: false,
        };
        for (before, now, after) in [
            (r#"["sideways"]"#, vec![], "[]"),
            (
                r#"["sideways","cut_off","dark"]"#,
                vec![],
                r#"["cut_off","dark"]"#,
            ),
            (
                r#"["cut_off"]"#,
                vec![paper::PageWarning::UpsideDown],
                r#"["upside_down","cut_off"]"#,
            ),
            (r#"["far"]"#, vec![paper::PageWarning::UpsideDown], r#"["far"]"#),
        ] {
            assert_eq!(warnings_of_turned(before, &turned(now)), after, "{before}");
        }
    }
}

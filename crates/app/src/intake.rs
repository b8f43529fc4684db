//! Papers that come in, from wherever: opened in the bounded process, then written, encrypted, into the draft.
//!
//! **Invariant:** bytes of a paper are in memory, in a pipe or in the encrypted database, and nowhere else; a paper that
//! cannot be opened safely changes nothing.

use crate::commands::dossier::save_and_show;
use crate::commands::papers::PAPERS_PAGE;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::session::{Session, tally};
use crate::views::{CodeView, DossierView, PageWarning};
use domain::ids::{ComponentId, DossierId, PageId, PaperFileId};
use domain::ledger::Hand;
use domain::receipt::OriginalPlace;
use paper::{Media, PreparedFile, Taken};
use store::tables::draft::DraftRow;
use store::tables::paper_file::{self, Content, PaperFileRow};

/// Which paper of which dossier a page is for, and the page whose place it takes.
#[derive(Debug, Clone)]
pub(crate) struct For {
    pub dossier: DossierId,
    pub component: ComponentId,
    pub replaces: Option<PaperFileId>,
}

/// Refuses early what would be refused late: before a scanner moves or a picture is opened.
pub(crate) fn check(app: &App, session: &mut Session, at: &For) -> Result<(), Problem> {
    let row = session.open(at.dossier)?;
    if row.body.consent.is_none() {
        return Err(ProblemCode::ConsentMissing.into());
    }
    let entry = crate::walk::entry(app, row)?;
    let paper = entry
        .procedure
        .paper(&at.component)
        .ok_or(ProblemCode::QuestionUnknown)?;
    let most = paper.max_files.max(1);
    let there = paper_file::of_dossier(session.drafts.db(), &at.dossier)?;
    let own = there.iter().filter(|f| f.component == at.component).count();
    let full = u32::try_from(own).unwrap_or(u32::MAX) >= most;
    if full && at.replaces.is_none() {
        return Err(ProblemCode::PaperFull.into());
    }
    Ok(())
}

/// Opens the bytes and puts the page in. The slow part happens before the session is taken, so that the screens stay
/// alive meanwhile.
pub(crate) fn take_in(app: &App, at: &For, bytes: Vec<u8>, taken: Taken) -> Result<DossierView, Problem> {
    app.with_session(|session| check(app, session, at))?;
    let prepared = app.reader.prepare(bytes, taken)?;
    app.with_session(|session| put_in(app, session, at, &prepared))
}

/// Puts an opened page in and shows it on both screens.
pub(crate) fn put_in(
    app: &App,
    session: &mut Session,
    at: &For,
    prepared: &PreparedFile,
) -> Result<DossierView, Problem> {
    // Looked at again: somebody may have filled the paper, or left the dossier, while the page was opened.
    check(app, session, at)?;
    let same_as = twin(session, at, &prepared.fingerprint)?;
    let row = row(prepared, at.component.clone(), same_as)?;
    let content = Content {
        readable: &prepared.bytes,
        thumbnail: &prepared.thumbnail_jpeg,
        fingerprint: &prepared.fingerprint,
    };
    let (db, now_ms) = (session.drafts.db_mut(), app.clock.now_ms());
    match &at.replaces {
        Some(old) => paper_file::replace(db, &at.dossier, old, &row, content, now_ms)?,
        None => paper_file::insert(db, &at.dossier, &row, content, now_ms)?,
    }
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
pub(crate) fn twin(session: &Session, at: &For, fingerprint: &[u8]) -> Result<Option<PaperFileId>, Problem> {
    let there = paper_file::fingerprints(session.drafts.db(), &at.dossier)?;
    let same = there
        .into_iter()
        .filter(|(id, _)| Some(*id) != at.replaces)
        .find(|(_, before)| paper::same_page(before, fingerprint));
    Ok(same.map(|(id, _)| id))
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
        sha256: data_encoding::HEXLOWER.encode(&seal::manifest::sha256(&prepared.bytes)),
        has_thumbnail: !prepared.thumbnail_jpeg.is_empty(),
        warnings: warnings_json(prepared),
        codes: codes_json(prepared),
        same_as,
    })
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

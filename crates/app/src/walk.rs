//! The walk through a dossier: the same open draft, seen from the operator's side and from the citizen's.

use crate::card;
use crate::catalogue::{Catalogue, Entry};
use crate::clock;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::seen::Seen;
use crate::session::{OPENED, Session};
use crate::views::{
    CitizenAnswer, CitizenPage, CitizenPaper, DossierView, FileView, FoundAtView, HandedOverView,
    HandedStepView, OpeningView, PeopleView, Place, PracticeView,
};
use domain::answer::AnswerSource;
use domain::ids::{ComponentId, DossierId, OperatorId, QuestionId};
use domain::interview::upgrade::{Upgrade, upgrade};
use domain::interview::{self, AnswerFault, Facts, InterviewView, Lists, PageView, RawAnswer};
use domain::procedure::{Channel, Procedure};
use domain::roles::{self, Filing, Standing};
use jiff::civil::{Date, Time};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::tables::draft::DraftRow;
use store::tables::paper_file::{self, PaperFileRow};
use store::tables::{audit, operator};

/// The field of government whose rule on close relatives is known.
const CIVIL_STATUS: &str = "Hộ tịch";
/// Openings on the screen: more than a draft has in a week.
const OPENINGS_SHOWN_MAX: u32 = 12;

/// Where the draft stands; the beginning where nothing readable is stored.
pub fn place(row: &DraftRow) -> Place {
    serde_json::from_value(row.body.place.clone()).unwrap_or(Place::Consent)
}

pub fn set_place(row: &mut DraftRow, place: &Place) -> Result<(), Problem> {
    row.body.place = serde_json::to_value(place).map_err(|_| ProblemCode::Internal)?;
    Ok(())
}

/// The procedure that a draft stands on: the version that it started on, or was moved to.
pub fn entry(app: &App, row: &DraftRow) -> Result<Arc<Entry>, Problem> {
    let catalogue = app.shelf.of_draft(row)?;
    entry_in(&catalogue, row)
}

fn entry_in(catalogue: &Catalogue, row: &DraftRow) -> Result<Arc<Entry>, Problem> {
    catalogue
        .get(&row.procedure_code)
        .cloned()
        .ok_or_else(|| ProblemCode::ProcedureUnknown.into())
}

fn facts_of<'a>(
    entry: &Entry,
    lists: &'a Lists,
    (today, now_time): (Date, Time),
    files: &'a BTreeMap<ComponentId, usize>,
    channel: Option<Channel>,
) -> Facts<'a> {
    Facts {
        today,
        now_time,
        files,
        channel: card::channel_chosen(&entry.procedure, channel),
        lists,
    }
}

/// Works with the interview's facts of this moment.
pub fn with_facts<T>(
    app: &App,
    row: &DraftRow,
    files: &[PaperFileRow],
    work: impl FnOnce(&Entry, &Facts<'_>) -> T,
) -> Result<T, Problem> {
    let catalogue = app.shelf.of_draft(row)?;
    let entry = entry_in(&catalogue, row)?;
    let counts = crate::sealed_papers::counted(files);
    let facts = facts_of(
        &entry,
        &catalogue.lists,
        clock::at_counter(app.clock.now()),
        &counts,
        row.body.channel,
    );
    Ok(work(&entry, &facts))
}

pub fn interview(app: &App, row: &DraftRow, files: &[PaperFileRow]) -> Result<InterviewView, Problem> {
    with_facts(app, row, files, |entry, facts| {
        let procedure = &entry.procedure;
        let view = interview::view(procedure, &row.body.answers, facts);
        let answers = interview::sendable(procedure, &row.body.answers, facts);
        roles::with_standing(view, &procedure.people, &answers, row.body.standing)
    })
}

/// Records an answer by the procedure that the draft stands on. What is wrong with it, and whether it is another than before.
pub(crate) fn record(
    app: &App,
    row: &mut DraftRow,
    question: &QuestionId,
    raw: &RawAnswer,
    source: AnswerSource,
) -> Result<(Option<AnswerFault>, bool), Problem> {
    let catalogue = app.shelf.of_draft(row)?;
    let entry = entry_in(&catalogue, row)?;
    let (today, _) = clock::at_counter(app.clock.now());
    let before = row.body.answers.value(question).cloned();
    let fault = interview::record(
        &entry.procedure,
        &mut row.body.answers,
        question,
        raw,
        source,
        today,
        &catalogue.lists,
    );
    let changed = row.body.answers.value(question) != before.as_ref();
    Ok((fault, changed))
}

/// In what standing the dossier is filed, as it is sealed; none where nobody said so, or nobody need.
pub fn standing(app: &App, row: &DraftRow, files: &[PaperFileRow]) -> Result<Option<Standing>, Problem> {
    Ok(filing(app, row, files)?.standing(row.body.standing))
}

/// Who files for whom, and in what standing.
fn filing(app: &App, row: &DraftRow, files: &[PaperFileRow]) -> Result<Filing, Problem> {
    with_facts(app, row, files, |entry, facts| {
        let answers = interview::sendable(&entry.procedure, &row.body.answers, facts);
        Filing::of(&entry.procedure.people, &answers, row.body.standing)
    })
}

/// The plan of moving a draft to the current version of its procedure; `None` where it stands on it already, and where
/// the procedure is not offered any more (then it is finished as it was begun).
pub fn plan(
    app: &App,
    row: &DraftRow,
    files: &[PaperFileRow],
) -> Result<Option<(Arc<Catalogue>, Upgrade)>, Problem> {
    let (own, current) = (app.shelf.of_draft(row)?, app.catalogue());
    let old = entry_in(&own, row)?;
    let Some(new) = current.offered(&row.procedure_code) else {
        return Ok(None);
    };
    if new.sha256 == old.sha256 {
        return Ok(None);
    }
    let counts = crate::sealed_papers::counted(files);
    let at = clock::at_counter(app.clock.now());
    let (before, after) = (
        facts_of(&old, &own.lists, at, &counts, row.body.channel),
        facts_of(new, &current.lists, at, &counts, row.body.channel),
    );
    let plan = upgrade(
        (&old.procedure, &before),
        (&new.procedure, &after),
        &row.body.answers,
    );
    Ok(Some((Arc::clone(&current), plan)))
}

/// The open dossier, whole, for the operator.
pub fn dossier_view(app: &App, session: &mut Session) -> Result<DossierView, Problem> {
    let row = session.open.as_ref().ok_or(ProblemCode::DossierUnknown)?;
    let files = paper_file::of_dossier(session.drafts.db(), &row.dossier)?;
    let view = interview(app, row, &files)?;
    let filing = filing(app, row, &files)?;
    let entry = entry(app, row)?;
    let procedure = &entry.procedure;
    let upgrade = plan(app, row, &files)?.map(|(_, plan)| plan.view);
    let own = app.shelf.of_draft(row)?;
    let remarks = view.papers.iter().filter_map(|need| {
        let place = row.body.originals.get(&need.id)?;
        Some((need.id.clone(), domain::paper_remark::remark(need.mark, *place)?))
    });
    Ok(DossierView {
        paper_remarks: remarks.collect(),
        page_bytes_max: u32::try_from(paper::PICTURE_BYTES_MAX).unwrap_or(u32::MAX),
        dossier: row.dossier,
        procedure: card::card(procedure),
        place: place(row),
        offer: card::offer(procedure, &view, row.body.channel, app.bound_to_hardware),
        consented: row.body.consent.is_some(),
        filing_confirmed: row.body.filing.is_some(),
        found_at: found_at(row, &view, &files),
        interview: view,
        lists: lists_of(&own),
        upgrade,
        files: file_views(files),
        reads_text: app.text_reader.reads(),
        originals: row.body.originals.clone(),
        wrong: row.body.wrong.iter().cloned().collect(),
        pages_confirmed: row.body.pages_confirmed.iter().cloned().collect(),
        saved_at: clock::second(jiff::Timestamp::from_millisecond(row.saved_ms).unwrap_or_default()),
        sealed: row.sealed,
        people: people(row, procedure, filing),
        practice: PracticeView {
            has_phone: row.body.has_phone,
            handed: handed(row, procedure),
        },
        openings: openings(app, &row.dossier)?,
        handed_over: handed_over(app, row)?,
    })
}

fn found_at(
    row: &DraftRow,
    view: &InterviewView,
    files: &[PaperFileRow],
) -> BTreeMap<QuestionId, FoundAtView> {
    let questions = view.pages.iter().flat_map(|page| &page.questions);
    let suggested = questions.filter(|q| q.review && q.source == Some(AnswerSource::Paper));
    let there = suggested.filter_map(|q| {
        let found = row.body.found_at.get(&q.id)?;
        let picture = files.iter().any(|file| file.id == found.file);
        let at = FoundAtView {
            file: found.file,
            top: found.top,
            height: found.height,
        };
        picture.then(|| (q.id.clone(), at))
    });
    there.collect()
}

/// The lists of a catalogue, by a name that no other catalogue's have.
pub(crate) fn lists_of(catalogue: &Catalogue) -> String {
    data_encoding::HEXLOWER.encode(catalogue.sha256.get(..8).unwrap_or_default())
}

/// The law of civil status knows close relatives; elsewhere the officer does.
fn people(row: &DraftRow, procedure: &Procedure, filing: Filing) -> PeopleView {
    let civil_status = procedure.domain.vi == CIVIL_STATUS;
    let standing = filing.standing(row.body.standing);
    PeopleView {
        standing,
        authorisation: standing.map(|s| s.authorisation(civil_status)),
        witness: row.body.witness.as_ref().map(|w| w.name.clone()),
        consent_act: row.body.consent.as_ref().map(|c| c.act),
    }
}

/// The step in the person's hands, as long as its procedure still has it.
pub fn handed(row: &DraftRow, procedure: &Procedure) -> Option<HandedStepView> {
    let handed = row.body.handed?;
    let words = procedure.practice.get(usize::try_from(handed.step).ok()?)?;
    Some(HandedStepView {
        words: words.clone(),
        number: handed.step + 1,
        of: u32::try_from(procedure.practice.len()).unwrap_or(u32::MAX),
        outcome: handed.outcome,
    })
}

fn name_of(app: &App, id: &OperatorId) -> Result<String, Problem> {
    let row = operator::get(app.outbox().db(), id)?;
    Ok(row.map(|o| o.name).unwrap_or_default())
}

/// Who opened it, when and why, the newest first: draft or sealed.
pub(crate) fn openings(app: &App, dossier: &DossierId) -> Result<Vec<OpeningView>, Problem> {
    let lines = audit::of_dossier(app.outbox().db(), dossier, OPENED, OPENINGS_SHOWN_MAX)?;
    lines
        .into_iter()
        .map(|line| {
            Ok(OpeningView {
                who: line.who.map_or(Ok(String::new()), |who| name_of(app, &who))?,
                at: clock::minute_and_day(line.at_ms),
                reason: crate::commands::hand_over::reason_words(line.note.as_deref().unwrap_or_default()),
            })
        })
        .collect()
}

/// What somebody who left a draft to the counter wrote for whoever goes on.
pub fn handed_over(app: &App, row: &DraftRow) -> Result<Option<HandedOverView>, Problem> {
    let Some(left) = &row.body.handed_over else {
        return Ok(None);
    };
    Ok(Some(HandedOverView {
        who: name_of(app, &left.by)?,
        at: clock::minute_and_day(left.at_ms),
        note: left.note.clone(),
    }))
}

/// A list that was stored as JSON; empty where an older program stored something else.
pub(crate) fn listed<T: serde::de::DeserializeOwned>(json: &str) -> Vec<T> {
    serde_json::from_str(json).unwrap_or_default()
}

fn file_views(rows: Vec<PaperFileRow>) -> Vec<FileView> {
    let there: std::collections::BTreeSet<_> = rows.iter().map(|row| row.id).collect();
    let mut views: Vec<FileView> = rows.into_iter().map(file_view).collect();
    for view in &mut views {
        // The other one was removed: it is no longer there twice.
        view.same_as = view.same_as.filter(|id| there.contains(id));
    }
    views
}

fn file_view(row: PaperFileRow) -> FileView {
    FileView {
        warnings: listed(&row.warnings),
        codes: listed(&row.codes),
        same_as: row.same_as,
        has_picture: row.media == "image/jpeg" || row.has_thumbnail,
        id: row.id,
        component: row.component,
        media: row.media,
        bytes: row.bytes,
        original_bytes: row.original_bytes,
        pages: row.pages,
        sha256: row.sha256,
    }
}

/// A page as the citizen reads it.
pub fn citizen_page(row: &DraftRow, page: &PageView) -> CitizenPage {
    let answers = page.questions.iter().map(|q| CitizenAnswer {
        question: q.id.clone(),
        label: q.label.clone(),
        shown: q.shown.clone(),
        shown_en: q.shown_en.clone(),
        confirm_each: q.confirm,
        confirmed: q.confirmed,
        wrong: row.body.wrong.contains(&q.id),
        writes: crate::commands::citizen_writes::way(q),
        fault: q.fault.as_ref().map(|fault| fault.words.clone()),
        seen: Seen::answer(q.id.as_str(), &q.shown, &q.shown_en),
    });
    let answers: Vec<CitizenAnswer> = answers.collect();
    CitizenPage {
        page: page.id.clone(),
        title: page.title.clone(),
        say: page.say.clone(),
        seen: Seen::page(page.id.as_str(), &answers),
        answers,
        confirmed: row.body.pages_confirmed.contains(&page.id),
    }
}

/// The papers as the citizen sees them.
pub fn citizen_papers(row: &DraftRow, view: &InterviewView, files: &[PaperFileRow]) -> Vec<CitizenPaper> {
    let paper = |need: &interview::PaperNeed| {
        let own = files.iter().filter(|f| f.component == need.id);
        CitizenPaper {
            name: need.name.clone(),
            pictures: own
                .clone()
                .filter(|f| f.media == "image/jpeg" || f.has_thumbnail)
                .map(|f| f.id.to_string())
                .collect(),
            files: u32::try_from(own.count()).unwrap_or(u32::MAX),
            original: row.body.originals.get(&need.id).copied(),
        }
    };
    view.papers.iter().map(paper).collect()
}

//! Sealing, the receipt on screen and on paper, and clearing the counter for the next person.

use crate::access::Caller;
use crate::events::AppEvent;
use crate::kiosk::{App, Ground, locked};
use crate::printing::{self, Handed, What};
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::session::Session;
use crate::views::{CitizenView, HomeView, PrintOutcome, ReceiptView};
use crate::withdrawal;
use domain::ids::{DossierId, OperatorId};
use domain::procedure::Procedure;
use domain::receipt::ReceiptContent;
use domain::text::Words;
use domain::withdrawal::Withdrawal;
use paper::Job;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::PathBuf;
use store::tables::receipt::{self, ReceiptRow};
use store::tables::{audit, item};
use ts_rs::TS;

/// The line in the book for a void slip.
const VOID_MADE: &str = "void_slip_made";
/// More void slips than are ever printed for one dossier.
const VOIDS_MAX: u32 = 99;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct Printed {
    pub dossier: DossierId,
    pub came_out: bool,
}

pub fn seal_dossier(app: &App, _: Caller, request: OneDossier) -> Result<ReceiptView, Problem> {
    // A second press finds the dossier sealed and shows its receipt: sealing is a state, not an action.
    let sealed_already = item::get(app.outbox().db(), &request.dossier)?.is_some();
    app.with_session(|session| {
        if !sealed_already {
            crate::life_events::carry_on(app, session, &request.dossier)?;
            crate::seal_dossier::seal(app, session, request.dossier)?;
        }
        shown(app, session, request.dossier)
    })
    .inspect(|_| app.kick())
}

pub fn show_receipt(app: &App, _: Caller, request: OneDossier) -> Result<ReceiptView, Problem> {
    app.with_session(|session| {
        // The window asks again for what it shows already: that is no new opening.
        if app.screens().receipt != Some(request.dossier) && row_of(session, &request.dossier).is_ok() {
            session.note(crate::session::OPENED, request.dossier, "receipt")?;
        }
        shown(app, session, request.dossier)
    })
}

#[derive(Clone, Serialize, Deserialize, JsonSchema, TS)]
pub struct SealWithOfficer {
    pub dossier: DossierId,
    pub officer: OperatorId,
    pub pin: String,
}

/// A volunteer's dossier, sealed by an officer on the spot: it is the officer's PIN, hand and name.
pub fn seal_with_officer(app: &App, _: Caller, request: SealWithOfficer) -> Result<ReceiptView, Problem> {
    let (officer, _, signing) = super::people::unlock(app, &request.officer, &request.pin)?;
    if !officer.role.may_seal() {
        return Err(ProblemCode::NotForThisRole.into());
    }
    app.with_session(|session| {
        session.open(request.dossier)?;
        session.note(crate::session::OPENED, request.dossier, "sealed_by")?;
        let own = (
            std::mem::replace(&mut session.operator, officer),
            std::mem::replace(&mut session.signing, signing),
        );
        let sealed = crate::seal_dossier::seal(app, session, request.dossier);
        (session.operator, session.signing) = own;
        sealed?;
        shown(app, session, request.dossier)
    })
    .inspect(|_| app.kick())
}

fn shown(app: &App, session: &mut Session, dossier: DossierId) -> Result<ReceiptView, Problem> {
    app.put_receipt(Some(dossier))?;
    app.screens()
        .withdrawing
        .take_if(|asked| asked.dossier != dossier);
    session.open = None;
    session.let_go(dossier)?;
    app.set_left_open(None)?;
    let view = receipt_view(app, session, &dossier)?;
    app.tell(AppEvent::Citizen {
        view: Box::new(super::citizen::view_of(app, Some(session))?),
    });
    Ok(view)
}

/// The receipt's words are Vietnamese; a screen in English has the step from the procedure, while that says the same.
fn in_both_languages(step: &str, procedure: Option<&Procedure>) -> Words {
    let known = procedure.and_then(|p| p.practice.iter().find(|words| words.vi == step));
    known.cloned().unwrap_or_else(|| Words::new(step, step))
}

fn row_of(session: &Session, dossier: &DossierId) -> Result<ReceiptRow, Problem> {
    receipt::get(session.drafts.db(), dossier)?.ok_or_else(|| ProblemCode::DossierUnknown.into())
}

fn outcome(word: &str) -> PrintOutcome {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).unwrap_or(PrintOutcome::NotPrinted)
}

fn outcome_word(outcome: PrintOutcome) -> &'static str {
    match outcome {
        PrintOutcome::NotPrinted => "not_printed",
        PrintOutcome::Sent => "sent",
        PrintOutcome::CameOut => "came_out",
        PrintOutcome::DidNotComeOut => "did_not_come_out",
    }
}

pub(crate) fn receipt_view(
    app: &App,
    session: &Session,
    dossier: &DossierId,
) -> Result<ReceiptView, Problem> {
    let row = row_of(session, dossier)?;
    let sealed = item::get(app.outbox().db(), dossier)?.ok_or(ProblemCode::DossierUnknown)?;
    let content = row.content;
    let catalogue = app.catalogue();
    let procedure = catalogue.get(&sealed.procedure_code).map(|e| &e.procedure);
    let saved = pdf_path(app, &content);
    let standing = withdrawal::standing(&app.outbox(), &sealed)?;
    let word = withdrawal::word(&app.outbox(), &app.files, &sealed)?;
    let practice_next = content
        .practice_next
        .and_then(|step| content.practice.get(usize::try_from(step).ok()?))
        .map(|step| in_both_languages(step, procedure));
    let mut qr_texts = vec![content.lookup_url.clone()];
    qr_texts.extend(content.proof.clone());
    Ok(ReceiptView {
        dossier: *dossier,
        number: content.number.to_string(),
        secret: content.secret,
        procedure: procedure.map_or_else(
            || Words {
                vi: content.procedure_name.clone(),
                en: content.procedure_name.clone(),
            },
            |procedure| procedure.name.clone(),
        ),
        copies: super::outbox::copies(app, &sealed)?,
        reason: standing.of_withdrawal(&sealed).map(|told| told.words),
        delivery: sealed.delivery,
        word,
        qr_svg: paper::qr_svg(&content.lookup_url)?,
        lookup_url: content.lookup_url,
        lookup_site: content.lookup_site,
        qr_texts,
        prints: row.prints,
        outcome: outcome(&row.outcome),
        printer: printing::printer_for(app, What::Receipt)?.is_some(),
        practice_next,
        withdrawn: standing.withdrawal.is_asked(),
        withdrawal: standing.withdrawal,
        asking: app
            .screens()
            .withdrawing
            .as_ref()
            .is_some_and(|asked| asked.dossier == *dossier),
        papers: u32::try_from(content.papers.len()).unwrap_or(u32::MAX),
        saved_pdf: saved.exists().then(|| saved.display().to_string()),
        openings: crate::walk::openings(app, dossier)?,
    })
}

/// Their receipt on the citizen's screen.
pub(crate) fn citizen_receipt(
    app: &App,
    session: &Session,
    dossier: &DossierId,
) -> Result<CitizenView, Problem> {
    let view = receipt_view(app, session, dossier)?;
    Ok(CitizenView::Receipt {
        number: view.number,
        secret: view.secret,
        word: view.word,
        qr_svg: view.qr_svg,
        lookup_site: view.lookup_site,
        withdrawn: view.withdrawn,
    })
}

/// Named by the number alone: no personal data in a file's name.
fn pdf_path(app: &App, content: &ReceiptContent) -> PathBuf {
    app.receipts_dir().join(format!("{}.pdf", content.number))
}

fn save_pdf(app: &App, content: &ReceiptContent, pdf: &[u8]) -> Result<(), Problem> {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(app.receipts_dir())?;
        let path = pdf_path(app, content);
        let tmp = path.with_extension("tmp");
        let mut file = std::fs::File::create(&tmp)?;
        file.write_all(pdf)?;
        file.sync_all()?;
        std::fs::rename(tmp, path)
    };
    write().map_err(|e| Problem::from(store::StoreError::from(e)))
}

/// A volunteer hands out the receipt that is on the screens, once; a second print is an officer's.
fn may_print(app: &App, session: &Session, row: &ReceiptRow, dossier: &DossierId) -> Result<(), Problem> {
    let first = row.prints == 0 && app.screens().receipt == Some(*dossier);
    if session.lease.is_some() && !first {
        return Err(ProblemCode::NotForThisRole.into());
    }
    Ok(())
}

pub fn print_receipt(app: &App, _: Caller, request: OneDossier) -> Result<ReceiptView, Problem> {
    if app.ground == Ground::Drill {
        return Err(ProblemCode::DrillOnly.into());
    }
    let (row, together) = app.with_session(|s| {
        let row = row_of(s, &request.dossier)?;
        may_print(app, s, &row, &request.dossier)?;
        if receipt_view(app, s, &request.dossier)?.withdrawn {
            return Err(ProblemCode::AlreadyWithdrawn.into());
        }
        let together = super::life_event::together(app, s, row.content.event.as_ref(), &request.dossier)?;
        Ok((row, together))
    })?;
    let content = ReceiptContent {
        copy_no: row.prints,
        together,
        ..row.content
    };
    printing::take_back(app, &request.dossier);
    let printer = printing::printer_for(app, What::Receipt)?;
    let (drawn_size, size) = printing::receipt_size(printer.as_deref());
    let drawn = printing::draw(app, |templates| {
        paper::draw_receipt(templates, &content, drawn_size, app.clock.now())
    })?;
    let handed = match printer {
        Some(printer) => printing::hand_over(
            printer.as_ref(),
            &Job {
                drawn: &drawn,
                title: &content.number.to_string(),
                size,
            },
        ),
        // No printer: the sheet is saved where the officer can find it, and stays on the citizen's screen.
        None => match save_pdf(app, &content, &drawn.pdf) {
            Ok(()) => return saved(app, request.dossier),
            Err(problem) => Handed::NotGiven(problem),
        },
    };
    settle(app, request.dossier, "receipt_made", handed)
}

/// With no printer the saved sheet is the first copy.
fn saved(app: &App, dossier: DossierId) -> Result<ReceiptView, Problem> {
    app.with_session(|session| {
        told(app, session, dossier, "receipt_made", PrintOutcome::NotPrinted)?;
        receipt::count_print(
            session.drafts.db(),
            &dossier,
            outcome_word(PrintOutcome::NotPrinted),
        )?;
        receipt_view(app, session, &dossier)
    })
}

/// Writes down what became of a slip. What may have come out, in whole or in part, is counted, so that the next one
/// says that it is a re-print; what was never given to a printer is not.
fn settle(app: &App, dossier: DossierId, what: &'static str, handed: Handed) -> Result<ReceiptView, Problem> {
    let (outcome, counted, problem) = match handed {
        Handed::Taken(job) => {
            locked(&app.unanswered).remember(dossier, job);
            (PrintOutcome::Sent, true, None)
        }
        Handed::Failed(problem) => (PrintOutcome::DidNotComeOut, true, Some(problem)),
        Handed::NotGiven(problem) => (PrintOutcome::DidNotComeOut, false, Some(problem)),
    };
    app.with_session(|session| {
        told(app, session, dossier, what, outcome)?;
        let db = session.drafts.db();
        if counted {
            receipt::count_print(db, &dossier, outcome_word(outcome))?;
        } else {
            receipt::set_outcome(db, &dossier, outcome_word(outcome))?;
        }
        problem.map_or(Ok(()), Err)?;
        receipt_view(app, session, &dossier)
    })
}

fn told(
    app: &App,
    session: &Session,
    dossier: DossierId,
    what: &'static str,
    outcome: PrintOutcome,
) -> Result<(), Problem> {
    let line = audit::Entry {
        at_ms: app.clock.now_ms(),
        what,
        dossier: Some(dossier),
        who: Some(session.operator.id),
        note: Some(outcome_word(outcome)),
    };
    Ok(audit::append(app.outbox().db(), &line)?)
}

/// What the void slip says of where the withdrawal stands; none where there is nothing to void.
fn void_word(withdrawal: Withdrawal, word: &Words) -> Option<String> {
    match withdrawal {
        Withdrawal::None | Withdrawal::Refused => None,
        Withdrawal::Kept => Some("nằm lại ở máy quầy, không gửi đi".into()),
        Withdrawal::Asked | Withdrawal::Stuck => Some(format!("{}, chờ tỉnh xác nhận", word.vi)),
        Withdrawal::Taken => Some(format!("{}, tỉnh đã xác nhận", word.vi)),
    }
}

pub fn print_void(app: &App, _: Caller, request: OneDossier) -> Result<ReceiptView, Problem> {
    let dossier = request.dossier;
    let row = app.with_session(|s| row_of(s, &dossier))?;
    let sealed = item::get(app.outbox().db(), &dossier)?.ok_or(ProblemCode::DossierUnknown)?;
    let (standing, asked_at, word, before) = {
        let outbox = app.outbox();
        (
            withdrawal::standing(&outbox, &sealed)?.withdrawal,
            withdrawal::asked_at(&outbox, &dossier)?,
            withdrawal::word(&outbox, &app.files, &sealed)?,
            audit::of_dossier(outbox.db(), &dossier, VOID_MADE, VOIDS_MAX)?,
        )
    };
    let word = void_word(standing, &word).ok_or(ProblemCode::NotWithdrawn)?;
    let sent = |line: &&audit::Line| line.note.as_deref() == Some(outcome_word(PrintOutcome::Sent));
    let now = app.clock.now();
    let slip = paper::Voided {
        on: printing::day_of(now),
        asked_at,
        word,
        certain: standing.is_certain(),
        copy_no: u32::try_from(before.iter().filter(sent).count()).unwrap_or(u32::MAX),
        receipt: row.content,
    };
    let printer = printing::slip_printer(app)?.ok_or(ProblemCode::NoPrinter)?;
    let (drawn_size, size) = printing::receipt_size(Some(printer.as_ref()));
    let drawn = printing::draw(app, |templates| {
        let print = paper::SlipPrint {
            size: drawn_size,
            now,
        };
        paper::draw_void(templates, &slip, print)
    })?;
    let job = Job {
        drawn: &drawn,
        title: &slip.receipt.number.to_string(),
        size,
    };
    // The receipt that it voids must not come out after it.
    printing::take_back(app, &dossier);
    let handed = printing::hand_over(printer.as_ref(), &job);
    app.with_session(|session| {
        // It is counted for itself: the receipt that it voids keeps its own count.
        let (outcome, problem) = match handed {
            Handed::Taken(job) => {
                locked(&app.unanswered).remember(dossier, job);
                (PrintOutcome::Sent, None)
            }
            Handed::Failed(problem) | Handed::NotGiven(problem) => {
                (PrintOutcome::DidNotComeOut, Some(problem))
            }
        };
        told(app, session, dossier, VOID_MADE, outcome)?;
        // The question "has paper come out?" is asked of it as of a receipt.
        receipt::set_outcome(session.drafts.db(), &dossier, outcome_word(outcome))?;
        problem.map_or(Ok(()), Err)?;
        receipt_view(app, session, &dossier)
    })
}

pub fn printed(app: &App, _: Caller, request: Printed) -> Result<ReceiptView, Problem> {
    let outcome = if request.came_out {
        PrintOutcome::CameOut
    } else {
        PrintOutcome::DidNotComeOut
    };
    let view = app.with_session(|session| {
        row_of(session, &request.dossier)?;
        if session.lease.is_some() && app.screens().receipt != Some(request.dossier) {
            return Err(ProblemCode::NotForThisRole.into());
        }
        receipt::set_outcome(session.drafts.db(), &request.dossier, outcome_word(outcome))?;
        receipt_view(app, session, &request.dossier)
    })?;
    if request.came_out {
        locked(&app.unanswered).forget(&request.dossier);
    } else {
        printing::take_back(app, &request.dossier);
    }
    Ok(view)
}

pub fn finish_visit(app: &App, caller: Caller, _: Nothing) -> Result<HomeView, Problem> {
    crate::room::refill(app);
    app.put_receipt(None)?;
    let language = {
        let mut screens = app.screens();
        screens.withdrawing = None;
        screens.refused = None;
        screens.coaching = None;
        screens.turned = false;
        screens.language.take()
    };
    app.with_session(|session| {
        // What a volunteer leaves unfinished goes to the officers: they cannot come back to it.
        if session.lease.is_some() && session.current().is_ok() {
            super::hand_over::mark(app, session, "")?;
        }
        session.open = None;
        app.set_left_open(None)
    })?;
    if language.is_some() {
        app.tell(AppEvent::Kiosk);
    }
    super::citizen::show(app);
    super::home::home(app, caller, Nothing {})
}

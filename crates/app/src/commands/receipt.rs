//! Sealing, the receipt on screen and on paper, and clearing the counter for the next person.

use crate::access::Caller;
use crate::kiosk::App;
use crate::problem::{Problem, ProblemCode};
use crate::schema::{Nothing, OneDossier};
use crate::session::Session;
use crate::views::{CitizenView, HomeView, PrintOutcome, ReceiptView};
use domain::delivery::one_word;
use domain::ids::DossierId;
use domain::receipt::ReceiptContent;
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::PathBuf;
use store::tables::receipt::{self, ReceiptRow};
use store::tables::{audit, item};
use ts_rs::TS;

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
            crate::seal_dossier::seal(app, session, request.dossier)?;
        }
        shown(app, session, request.dossier)
    })
    .inspect(|_| app.kick())
}

pub fn show_receipt(app: &App, _: Caller, request: OneDossier) -> Result<ReceiptView, Problem> {
    app.with_session(|session| shown(app, session, request.dossier))
}

fn shown(app: &App, session: &mut Session, dossier: DossierId) -> Result<ReceiptView, Problem> {
    app.screens().receipt = Some(dossier);
    session.open = None;
    let view = receipt_view(app, session, &dossier)?;
    app.tell(crate::events::AppEvent::Citizen {
        view: citizen_receipt(app, session, &dossier)?,
    });
    Ok(view)
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

fn receipt_view(app: &App, session: &Session, dossier: &DossierId) -> Result<ReceiptView, Problem> {
    let row = row_of(session, dossier)?;
    let sealed = item::get(app.outbox().db(), dossier)?.ok_or(ProblemCode::DossierUnknown)?;
    let content = row.content;
    let procedure = app
        .catalogue()
        .get(&sealed.procedure_code)
        .map(|e| e.procedure.name.clone());
    let saved = pdf_path(app, &content);
    let mut qr_texts = vec![content.lookup_url.clone()];
    qr_texts.extend(content.proof.clone());
    Ok(ReceiptView {
        dossier: *dossier,
        number: content.number.to_string(),
        secret: content.secret,
        procedure: procedure.unwrap_or(Words {
            vi: content.procedure_name.clone(),
            en: content.procedure_name,
        }),
        delivery: sealed.delivery,
        word: one_word(
            &sealed.delivery,
            sealed.case_status,
            sealed.official_code.as_ref(),
        ),
        qr_svg: paper::qr_svg(&content.lookup_url)?,
        lookup_url: content.lookup_url,
        lookup_site: content.lookup_site,
        qr_texts,
        prints: row.prints,
        outcome: outcome(&row.outcome),
        printer: paper::find_printer().is_some(),
        saved_pdf: saved.exists().then(|| saved.display().to_string()),
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

pub fn print_receipt(app: &App, _: Caller, request: OneDossier) -> Result<ReceiptView, Problem> {
    let (who, row) = app.with_session(|s| Ok((s.operator.id, row_of(s, &request.dossier)?)))?;
    let content = ReceiptContent {
        copy_no: row.prints,
        ..row.content
    };
    let made = paper::render(&content, app.clock.now())?;
    let sent = match paper::find_printer() {
        Some(printer) => printer
            .print(&made.pdf, &content.number.to_string())
            .map(|_| PrintOutcome::Sent)
            .map_err(Problem::from),
        // No printer: the sheet is saved where the officer can find it, and stays on the citizen's screen.
        None => save_pdf(app, &content, &made.pdf).map(|()| PrintOutcome::NotPrinted),
    };
    let outcome = sent.as_ref().map_or(PrintOutcome::DidNotComeOut, |o| *o);
    audit::append(
        app.outbox().db(),
        &audit::Entry {
            at_ms: app.clock.now_ms(),
            what: "receipt_made",
            dossier: Some(request.dossier),
            who: Some(who),
            note: Some(outcome_word(outcome)),
        },
    )?;
    app.with_session(|session| {
        receipt::count_print(session.drafts.db(), &request.dossier, outcome_word(outcome))?;
        sent?;
        receipt_view(app, session, &request.dossier)
    })
}

pub fn printed(app: &App, _: Caller, request: Printed) -> Result<ReceiptView, Problem> {
    let outcome = if request.came_out {
        PrintOutcome::CameOut
    } else {
        PrintOutcome::DidNotComeOut
    };
    app.with_session(|session| {
        row_of(session, &request.dossier)?;
        receipt::set_outcome(session.drafts.db(), &request.dossier, outcome_word(outcome))?;
        receipt_view(app, session, &request.dossier)
    })
}

pub fn finish_visit(app: &App, caller: Caller, _: Nothing) -> Result<HomeView, Problem> {
    {
        let mut screens = app.screens();
        screens.receipt = None;
        screens.refused = None;
        screens.turned = false;
    }
    app.with_session(|session| {
        session.open = None;
        Ok(())
    })?;
    super::citizen::show(app);
    super::home::home(app, caller, Nothing {})
}

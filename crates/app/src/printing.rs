//! Which printer a paper goes to, and how it is handed over.
//!
//! **Invariant:** a printer that says it cannot print is not given a paper, so that nothing comes out of it later, when
//! somebody else stands there. What was handed over and failed may have come out in part: the caller counts it.

use crate::kiosk::{App, locked};
use crate::problem::Problem;
use domain::ids::DossierId;
use jiff::Timestamp;
use paper::{Job, PaperSize, Printer, PrinterAddress, Stock};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::tables::setting;

/// What is printed decides where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Receipts: sheets or a roll.
    Receipt,
    /// Official forms and lists: sheets.
    Form,
}

/// The printers that a person chose. None: the machine's own default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub receipt: Option<PrinterAddress>,
    pub forms: Option<PrinterAddress>,
}

/// # Errors
/// The database's.
pub fn chosen(app: &App) -> Result<Chosen, Problem> {
    Ok(setting::get(app.outbox().db(), setting::Name::Printers)?.unwrap_or_default())
}

/// The printer for a paper, if there is one.
///
/// # Errors
/// The database's.
pub fn printer_for(app: &App, what: What) -> Result<Option<Box<dyn Printer>>, Problem> {
    let chosen = chosen(app)?;
    let address = match what {
        What::Receipt => chosen.receipt,
        What::Form => chosen.forms,
    };
    match address {
        Some(address) => Ok(address.printer()),
        None => Ok(paper::find_printer()),
    }
}

/// The printer for void and waiting slips: the office's, with room for two signatures; where there is none, the receipts'
/// own, for a laptop on a home visit has a roll alone.
///
/// # Errors
/// The database's.
pub fn slip_printer(app: &App) -> Result<Option<Box<dyn Printer>>, Problem> {
    match printer_for(app, What::Form)? {
        Some(printer) => Ok(Some(printer)),
        None => printer_for(app, What::Receipt),
    }
}

/// Draws a paper as the catalogue of today has it; where its file does not draw, as the program was built with it: a
/// person at the counter gets a paper whatever was published.
///
/// # Errors
/// A letter that no font has, a code that is too long.
pub fn draw(
    app: &App,
    paper: impl Fn(&paper::Templates) -> Result<paper::Drawn, paper::PaperError>,
) -> Result<paper::Drawn, Problem> {
    let drawn = paper(&app.templates()).or_else(|e| match e {
        paper::PaperError::BadTemplate => {
            tracing::error!("a paper of the catalogue does not draw");
            paper(&paper::Templates::built_in())
        }
        other => Err(other),
    });
    Ok(drawn?)
}

/// What became of a job.
#[derive(Debug)]
pub enum Handed {
    /// The printer took it: the person is asked whether paper came out.
    Taken(paper::PrintJob),
    /// The printer said beforehand that it cannot, or is not there: nothing came out.
    NotGiven(Problem),
    /// It failed on the way: something may have come out.
    Failed(Problem),
}

/// Asks the printer, then hands the paper over.
pub fn hand_over(printer: &dyn Printer, job: &Job<'_>) -> Handed {
    if let Some(trouble) = printer.state().trouble() {
        return Handed::NotGiven(trouble.into());
    }
    match printer.print(job) {
        Ok(job) => Handed::Taken(job),
        Err(e @ (paper::PaperError::NoPrinter | paper::PaperError::PrinterOff)) => Handed::NotGiven(e.into()),
        Err(e) => Handed::Failed(e.into()),
    }
}

/// Slips that printers took and nobody has held yet, by dossier. Gone with the program: a queue that still holds one
/// after that is emptied at the printer.
#[derive(Debug, Default)]
pub struct Unanswered(HashMap<DossierId, paper::PrintJob>);

impl Unanswered {
    pub fn remember(&mut self, dossier: DossierId, job: paper::PrintJob) {
        self.0.insert(dossier, job);
    }

    /// It is in a hand.
    pub fn forget(&mut self, dossier: &DossierId) -> Option<paper::PrintJob> {
        self.0.remove(dossier)
    }
}

/// A slip that did not come out, or is asked for anew, must not come out of a queue later, when somebody else stands
/// there. That the printer system no longer knows the job is the usual answer and no trouble.
pub fn take_back(app: &App, dossier: &DossierId) {
    let job = locked(&app.unanswered).forget(dossier);
    if let Some(Err(e)) = job.map(|job| job.take_back()) {
        tracing::info!(code = e.code(), "a slip was not in the printer's queue any more");
    }
}

/// The receipt's size for a printer; a sheet where there is none.
#[must_use]
pub fn receipt_size(printer: Option<&dyn Printer>) -> (paper::ReceiptSize, PaperSize) {
    match printer.map(Printer::stock) {
        Some(Stock::Roll) => (paper::ReceiptSize::Roll80, PaperSize::Roll80),
        Some(Stock::Sheets) | None => (paper::ReceiptSize::A5, PaperSize::A5),
    }
}

/// A name that tells which printer, for a person.
#[must_use]
pub fn words(address: &PrinterAddress) -> String {
    match address {
        PrinterAddress::Queue { name } => name.clone(),
        PrinterAddress::Device { path } => format!("USB {path}"),
        PrinterAddress::Socket { address } => address.clone(),
    }
}

/// The counter's own day of a moment.
#[must_use]
pub fn day_of(now: Timestamp) -> jiff::civil::Date {
    crate::clock::at_counter(now).0
}

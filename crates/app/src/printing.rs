//! Which printer a paper goes to, and how it is handed over.
//!
//! **Invariant:** a printer that says it cannot print is not given a paper, so that nothing comes out of it later, when
//! somebody else stands there. What was handed over and failed may have come out in part: the caller counts it.

use crate::kiosk::App;
use crate::problem::Problem;
use jiff::Timestamp;
use paper::{Job, PaperSize, Printer, PrinterAddress, Stock};
use serde::{Deserialize, Serialize};
use store::tables::setting;

/// What is printed decides where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Receipts and void slips: sheets or a roll.
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
    Taken,
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
        Ok(_) => Handed::Taken,
        Err(e @ (paper::PaperError::NoPrinter | paper::PaperError::PrinterOff)) => Handed::NotGiven(e.into()),
        Err(e) => Handed::Failed(e.into()),
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

//! Printers. What is particular to a kind of printer stands behind [`Printer`].
//!
//! **Invariant:** nothing about a person is in a job's title, and no paper becomes a temporary file. A job that was
//! taken is not yet a sheet in a hand: printers lie, so the caller asks the person.
//!
//! Deliberately absent: Windows (nothing is found there yet).

use crate::PaperError;
use crate::press::Drawn;
use serde::{Deserialize, Serialize};

#[cfg(unix)]
mod cups;
mod thermal;

#[cfg(unix)]
pub use cups::CupsPrinter;
pub use thermal::ThermalPrinter;

/// A job that the printer has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintJob {
    pub printer: String,
    /// The printer system's own name of the job; empty where it gives none.
    pub id: String,
}

impl PrintJob {
    /// Takes the job out of its queue where it still stands in one; some seconds at most. A roll has none: what it was
    /// given is printed or lost.
    ///
    /// # Errors
    /// As [`CupsPrinter::take_back`].
    pub fn take_back(&self) -> Result<(), PaperError> {
        #[cfg(unix)]
        if !self.id.is_empty() {
            return CupsPrinter::named(self.printer.as_str()).take_back(self);
        }
        Ok(())
    }
}

/// One paper to be printed.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    pub drawn: &'a Drawn,
    /// Seen by everybody at the printer: a receipt number or a form's name and no more.
    pub title: &'a str,
    pub size: PaperSize,
}

/// The size of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperSize {
    A4,
    A5,
    Roll80,
}

impl PaperSize {
    #[cfg(unix)]
    fn cups(self) -> &'static str {
        match self {
            Self::A4 => "A4",
            Self::A5 => "A5",
            // No roll goes through CUPS: a raw queue says "completed" with no paper.
            Self::Roll80 => "Custom.80x297mm",
        }
    }
}

/// What a printer is loaded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stock {
    Sheets,
    Roll,
}

/// What the printer says of itself. Many say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterState {
    Ready,
    NoPaper,
    CoverOpen,
    Jam,
    /// Switched off or unplugged.
    Off,
    /// Somebody paused it, or it stopped after an error.
    Stopped,
    /// There is no such printer any more.
    Gone,
    /// It gave no answer that tells.
    Unknown,
}

impl PrinterState {
    /// Why it is of no use to send a paper now; none where it may come out.
    #[must_use]
    pub fn trouble(self) -> Option<PaperError> {
        match self {
            Self::Ready | Self::Unknown => None,
            Self::NoPaper => Some(PaperError::NoPaper),
            Self::CoverOpen => Some(PaperError::CoverOpen),
            Self::Jam => Some(PaperError::PaperJam),
            Self::Off => Some(PaperError::PrinterOff),
            Self::Stopped => Some(PaperError::PrinterStopped),
            Self::Gone => Some(PaperError::NoPrinter),
        }
    }
}

/// Something that puts a paper into a hand.
pub trait Printer: Send + Sync {
    fn stock(&self) -> Stock;

    /// Asks the printer; some seconds at most.
    fn state(&self) -> PrinterState;

    /// Hands one paper over. Blocks until the printer has taken it, some seconds at most.
    ///
    /// # Errors
    /// Any of the printer's errors. After `PrinterStopped` a part of the paper may have come out.
    fn print(&self, job: &Job<'_>) -> Result<PrintJob, PaperError>;
}

/// Where a printer is: what a person chose in the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrinterAddress {
    /// A queue of the printer system: an office printer.
    Queue { name: String },
    /// A thermal printer on a USB cable, such as `/dev/usb/lp0`.
    Device { path: String },
    /// A thermal printer on the network, `host:9100`.
    Socket { address: String },
}

impl PrinterAddress {
    /// The printer there. Whether it answers is told by [`Printer::state`].
    #[must_use]
    pub fn printer(&self) -> Option<Box<dyn Printer>> {
        match self {
            #[cfg(unix)]
            Self::Queue { name } => Some(Box::new(CupsPrinter::named(name.as_str()))),
            #[cfg(not(unix))]
            Self::Queue { .. } => None,
            Self::Device { path } => Some(Box::new(ThermalPrinter::device(path.as_str()))),
            Self::Socket { address } => Some(Box::new(ThermalPrinter::socket(address.as_str()))),
        }
    }
}

/// The printer that this machine prints on by itself: its default one, else its only one.
#[must_use]
pub fn find_printer() -> Option<Box<dyn Printer>> {
    #[cfg(unix)]
    return CupsPrinter::find().map(|p| Box::new(p) as Box<dyn Printer>);
    #[cfg(not(unix))]
    None
}

/// Every printer that can be chosen: the queues, then the thermal printers on USB.
#[must_use]
pub fn all_printers() -> Vec<PrinterAddress> {
    #[cfg(unix)]
    let queues = CupsPrinter::queues().unwrap_or_default();
    #[cfg(not(unix))]
    let queues = Vec::new();
    let named = queues.into_iter().map(|name| PrinterAddress::Queue { name });
    named.chain(thermal::devices()).collect()
}

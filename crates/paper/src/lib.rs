//! Everything that touches paper: the receipt that goes out, the pictures and PDFs that come in, the printer.
//!
//! **Invariant:** nothing here writes a plain file. Bytes come in, bytes go out; where they rest, encrypted,
//! is the store's business. No clock either: the caller passes the time in.
//!
//! Deliberately absent: scanners, cameras, the 80 mm roll and the official forms.

mod decode;
mod error;
mod intake;
mod jpeg;
mod pdf_check;
mod pdf_cost;
mod pdf_sketch;
mod press;
mod printer;
mod qr;
mod receipt;
mod waiting;

pub use decode::PIXELS_MAX;
pub use error::PaperError;
pub use intake::{
    INPUT_BYTES_MAX, LONG_SIDE_MAX, Media, PICTURE_BYTES_MAX, PreparedFile, THUMBNAIL_SIDE_MAX, prepare,
};
pub use pdf_check::{PDF_BYTES_MAX, PDF_PAGES_MAX};
#[cfg(unix)]
pub use printer::CupsPrinter;
pub use printer::{PrintJob, Printer, find_printer};
pub use qr::qr_svg;
pub use receipt::{ReceiptPaper, render};
pub use waiting::{WaitingSlip, waiting_slip};

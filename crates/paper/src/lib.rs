//! Everything that touches paper: the receipt that goes out, the pictures and PDFs that come in, the printer.
//!
//! **Invariant:** nothing here writes a plain file. Bytes come in, bytes go out; where they rest, encrypted,
//! is the store's business. No clock either: the caller passes the time in.
//!
//! Deliberately absent: scanners and cameras.

mod decode;
mod error;
mod intake;
mod jpeg;
#[cfg(test)]
mod paper_tests;
mod pdf_check;
mod pdf_cost;
mod pdf_sketch;
mod press;
mod printer;
mod qr;
#[cfg(test)]
mod qr_proof_tests;
mod raster;
mod receipt;
mod samples;
mod sheets;
mod templates;

pub use decode::PIXELS_MAX;
pub use error::PaperError;
pub use intake::{
    INPUT_BYTES_MAX, LONG_SIDE_MAX, Media, PICTURE_BYTES_MAX, PreparedFile, THUMBNAIL_SIDE_MAX, prepare,
};
pub use pdf_check::{PDF_BYTES_MAX, PDF_PAGES_MAX};
pub use press::Drawn;
#[cfg(unix)]
pub use printer::CupsPrinter;
pub use printer::{
    Job, PaperSize, PrintJob, Printer, PrinterAddress, PrinterState, Stock, ThermalPrinter, all_printers,
    find_printer,
};
pub use qr::qr_svg;
pub use raster::Raster;
pub use receipt::{ReceiptSize, draw_receipt};
pub use sheets::{HandedOver, Reception, Voided, draw_form, draw_handed_over, draw_reception, draw_void};
pub use templates::{TemplateFault, Templates};

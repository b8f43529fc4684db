//! Everything that touches paper: the receipt that goes out, the pictures and PDFs that come in, the printer.
//!
//! **Invariant:** nothing here writes a plain file. Bytes come in, bytes go out; where they rest, encrypted,
//! is the store's business. No clock either: the caller passes the time in.
//!
//! Deliberately absent: cameras (the window has them).

pub mod codes;
mod decode;
mod error;
mod intake;
mod jpeg;
mod page;
mod pages;
#[cfg(test)]
mod paper_tests;
mod pdf_check;
mod pdf_cost;
mod pdf_draw;
mod pdf_stack;
mod press;
mod printer;
mod qr;
#[cfg(test)]
mod qr_proof_tests;
mod raster;
mod reader;
mod receipt;
#[cfg(unix)]
mod samples;
mod scanner;
mod sheets;
mod slips;
mod templates;
mod text_reader;
mod tiff_pages;

pub use decode::PIXELS_MAX;
pub use error::PaperError;
pub use intake::{
    INPUT_BYTES_MAX, LONG_SIDE_MAX, Media, PICTURE_BYTES_MAX, PreparedFile, THUMBNAIL_SIDE_MAX, prepare, turn,
};
pub use page::{A4_LONG, A4_SHORT, FINGERPRINT_BYTES, PageWarning, Taken, same_page};
pub use pages::{Sheets, pdf_of};
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
pub use reader::{Reader, is_asked_for, serve};
pub use receipt::{ReceiptSize, draw_receipt};
#[cfg(unix)]
pub use scanner::{MadeRight, SaneScanners, ScannerInfo, SheetSource};
pub use sheets::{AgencyForm, HandedOver, Print, Reception, draw_agency_form, draw_form, draw_handed_over};
pub use slips::{SlipPrint, Voided, WaitingSlip, draw_void, draw_waiting};
pub use templates::{Blame, TemplateFault, Templates};
pub use text_reader::{Tesseract, TextLine, TextReader};

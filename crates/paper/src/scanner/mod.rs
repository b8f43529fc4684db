//! Scanners, flatbed and feeder, through SANE's own program `scanimage`; driverless ones come with sane-airscan.
//!
//! **Invariant:** no sheet touches the disk. `scanimage` writes a batch to files only; here those files are pipes with
//! names (`mkfifo`), read as the sheet comes, so that nothing plain ever lies anywhere.
//!
//! Deliberately absent: settings. A counter scans A4 in colour at 200 dpi; what can be grey is made grey later.

mod line;
mod options;
mod sane;

pub use line::MadeRight;
pub use sane::SaneScanners;

use crate::PaperError;

/// A scanner that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannerInfo {
    /// SANE's name for it: goes back unread.
    pub id: String,
    /// Maker and model.
    pub name: String,
    pub glass: bool,
    pub feeder: bool,
}

/// Sheets, one after the other, as they come. The feeder's end is the end; a jam is the last item, and an error.
pub trait SheetSource {
    /// The next sheet as PNG or JPEG; `None` after the last.
    fn next_sheet(&mut self) -> Option<Result<Vec<u8>, PaperError>>;
}

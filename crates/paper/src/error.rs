//! What can go wrong with paper, by what the person at the counter can do about it.
//!
//! **Invariant:** no variant carries text from a file or a form; a message is safe in a log.

/// Why a paper could not be taken in, drawn or printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperError {
    #[error("the file is empty")]
    Empty,
    #[error("the content is neither JPEG, PNG nor PDF")]
    NotAPaper,
    #[error("the file has {bytes} bytes, more than {limit}")]
    TooLarge { bytes: u64, limit: u64 },
    #[error("the picture is {width}x{height}, more than can be opened safely")]
    TooManyPixels { width: u32, height: u32 },
    #[error("the picture cannot be read to its end")]
    BrokenPicture,
    #[error("the PDF cannot be read")]
    BrokenPdf,
    #[error("the PDF is locked with a password")]
    LockedPdf,
    #[error("the PDF carries a script, an action or an attached file")]
    ActivePdf,
    #[error("the PDF has {pages} pages, more than {limit}")]
    TooManyPages { pages: u32, limit: u32 },
    #[error("the process that read the file ended over it")]
    ReaderDied,
    #[error("the process that read the file did not end in time")]
    ReaderSlow,
    #[error("there is no scanner, or it cannot be reached")]
    NoScanner,
    #[error("there is no sheet in the scanner")]
    ScannerEmpty,
    #[error("the scanner stopped: a jam, an open cover, or it was switched off")]
    ScannerFailed,
    #[error("there is no program that reads print, or it lacks Vietnamese")]
    NoTextReader,
    #[error("the program that reads print gave up on the page")]
    TextNotRead,
    /// A letter is in none of the paper's fonts. The code point alone tells nobody's name.
    #[error("a letter cannot be printed{}", .letter.map(|c| format!(": U+{:04X}", u32::from(c))).unwrap_or_default())]
    MissingGlyph { letter: Option<char> },
    #[error("the paper's template does not work")]
    BadTemplate,
    #[error("the text does not fit into a QR code")]
    QrTooLong,
    #[error("there is no printer")]
    NoPrinter,
    #[error("the printer system refused the job")]
    PrinterFailed,
    #[error("the printer system did not answer in time")]
    PrinterSilent,
    #[error("the printer has no paper")]
    NoPaper,
    #[error("the printer's cover is open")]
    CoverOpen,
    #[error("paper is stuck in the printer")]
    PaperJam,
    #[error("the printer is off or unplugged")]
    PrinterOff,
    #[error("the printer stopped; a part of the paper may have come out")]
    PrinterStopped,
}

impl PaperError {
    /// The stable code that the edge exports; the words for a person belong to the UI.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::NotAPaper => "not_a_paper",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::BrokenPicture => "broken_picture",
            Self::BrokenPdf => "broken_pdf",
            Self::LockedPdf => "locked_pdf",
            Self::ActivePdf => "active_pdf",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::ReaderDied => "reader_died",
            Self::ReaderSlow => "reader_slow",
            Self::NoScanner => "no_scanner",
            Self::ScannerEmpty => "scanner_empty",
            Self::ScannerFailed => "scanner_failed",
            Self::NoTextReader => "no_text_reader",
            Self::TextNotRead => "text_not_read",
            Self::MissingGlyph { .. } => "missing_glyph",
            Self::BadTemplate => "bad_template",
            Self::QrTooLong => "qr_too_long",
            Self::NoPrinter => "no_printer",
            Self::PrinterFailed => "printer_failed",
            Self::PrinterSilent => "printer_silent",
            Self::NoPaper => "no_paper",
            Self::CoverOpen => "cover_open",
            Self::PaperJam => "paper_jam",
            Self::PrinterOff => "printer_off",
            Self::PrinterStopped => "printer_stopped",
        }
    }
}

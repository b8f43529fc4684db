//! What is told of a captured page, of the scanners, and of the tray.

use crate::problem::Problem;
use domain::ids::PaperFileId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a person should look at before going on. Advice: the person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum PageWarning {
    Blank,
    UpsideDown,
    Sideways,
    Blurred,
    CutOff,
    Dark,
    /// Taken from too far away.
    Far,
}

impl From<paper::PageWarning> for PageWarning {
    fn from(warning: paper::PageWarning) -> Self {
        use paper::PageWarning as W;
        match warning {
            W::Blank => Self::Blank,
            W::UpsideDown => Self::UpsideDown,
            W::Sideways => Self::Sideways,
            W::Blurred => Self::Blurred,
            W::CutOff => Self::CutOff,
            W::Dark => Self::Dark,
            W::Far => Self::Far,
        }
    }
}

/// A QR code or barcode that was read on a page: a stranger's text, shown and never acted on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct CodeView {
    /// A QR code; otherwise a barcode.
    pub qr: bool,
    pub text: String,
}

impl std::fmt::Debug for CodeView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CodeView({} bytes)", self.text.len())
    }
}

impl From<paper::codes::Code> for CodeView {
    fn from(code: paper::codes::Code) -> Self {
        Self {
            qr: code.kind == paper::codes::CodeKind::Qr,
            text: code.text,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ScannerView {
    pub id: String,
    /// Maker and model.
    pub name: String,
    pub glass: bool,
    pub feeder: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ScannersView {
    pub scanners: Vec<ScannerView>,
}

/// A sheet from the scanner's folder that belongs to no paper yet. Its picture is at `file/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TraySheetView {
    pub id: PaperFileId,
    pub pages: u32,
    pub warnings: Vec<PageWarning>,
    pub added_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TrayView {
    /// The scanner's folder, where one is set.
    pub folder: Option<String>,
    /// It can be reached now.
    pub folder_there: bool,
    pub sheets: Vec<TraySheetView>,
    /// Why files still lie in the folder, one a file.
    pub refused: Vec<Problem>,
}

/// The print on a page as the machine reads it. Stored nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ReadTextView {
    /// From the top of the page down; empty where no print was found.
    pub lines: Vec<TextLineView>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct TextLineView {
    pub text: String,
    /// What stands after the line's label, where it has one.
    pub value: String,
    /// A word of it is a guess.
    pub unsure: bool,
    /// Where it stands, in thousandths of the page's height.
    pub top: u16,
    pub height: u16,
}

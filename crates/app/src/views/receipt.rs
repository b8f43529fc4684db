//! The receipt on screen.

use domain::delivery::Delivery;
use domain::ids::DossierId;
use domain::text::Words;
use domain::withdrawal::Withdrawal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What became of the paper. Printers lie, so the person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum PrintOutcome {
    NotPrinted,
    /// Handed to the printer; nobody has said yet whether paper came out.
    Sent,
    CameOut,
    DidNotComeOut,
}

/// Holds the look-up secret: shown to the citizen who filed and the operator beside them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct ReceiptView {
    pub dossier: DossierId,
    pub number: String,
    pub secret: String,
    pub procedure: Words,
    pub delivery: Delivery,
    pub word: Words,
    pub copies: super::CopiesView,
    pub lookup_url: String,
    pub lookup_site: String,
    /// QR 1 as SVG, for a photograph of the screen.
    pub qr_svg: String,
    /// Every code on the page, as text.
    pub qr_texts: Vec<String>,
    pub prints: u32,
    pub outcome: PrintOutcome,
    /// Papers that stand on it: the sheet that both sides sign lists the same.
    pub papers: u32,
    /// A printer was found.
    pub printer: bool,
    /// Its owner withdrew it: the void slip can be printed.
    pub withdrawn: bool,
    /// How far the withdrawal has come.
    pub withdrawal: Withdrawal,
    /// Why it waits, or what is to be done; none where nothing is.
    pub reason: Option<Words>,
    /// The citizen is being asked whether they take it back.
    pub asking: bool,
    /// Where the PDF was saved, when there is no printer or on request.
    pub saved_pdf: Option<String>,
    /// The step of the practice slip to try next time; none where there is no slip.
    pub practice_next: Option<Words>,
    /// Who opened the dossier, before the seal and after.
    pub openings: Vec<super::OpeningView>,
}

impl std::fmt::Debug for ReceiptView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReceiptView({})", self.number)
    }
}

//! Official forms and printers on screen.

use domain::ids::DossierId;
use domain::procedure::PaperMark;
use domain::text::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A form that can be printed from this dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct FormCard {
    /// What `show_form` and `print_form` are called with.
    pub form: String,
    pub name: Words,
    /// Where its wording was read, where that was not the gazette.
    pub unverified: Option<Words>,
}

/// The forms of a dossier, and whether a printer was found for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct FormsView {
    pub dossier: DossierId,
    pub forms: Vec<FormCard>,
    pub printer: bool,
}

/// A paper that a procedure asks for, before anybody has answered anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PaperToBring {
    pub name: Words,
    pub mark: PaperMark,
    pub required: bool,
}

/// The way on paper: what to bring, and the forms that can be printed empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PaperPathView {
    pub procedure: Words,
    pub papers: Vec<PaperToBring>,
    pub forms: Vec<FormCard>,
    pub printer: bool,
}

/// A form as it will come out of the printer. Holds what the citizen answered: for the operator's screen alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct FormView {
    pub dossier: DossierId,
    pub form: String,
    pub name: Words,
    pub pages: u32,
    /// All pages below one another, a PNG as a data URL.
    pub picture: String,
    /// It was handed to a printer by this call: the person is asked whether paper came out.
    pub sent: bool,
}

impl std::fmt::Debug for FormView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FormView({}, {} pages)", self.form, self.pages)
    }
}

/// One printer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PrinterCard {
    /// What `choose_printer` is called with.
    pub address: String,
    pub name: String,
    /// A thermal roll: for receipts only.
    pub roll: bool,
    /// What it says is wrong with it.
    pub trouble: Option<Words>,
}

/// The printers of this counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
pub struct PrintersView {
    pub printers: Vec<PrinterCard>,
    /// Chosen for receipts; none is the machine's default.
    pub receipt: Option<String>,
    pub forms: Option<String>,
    /// The machine has a default printer of its own.
    pub has_default: bool,
}

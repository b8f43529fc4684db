//! The slips that a person takes home beside the receipt: a dossier withdrawn, a dossier that waits for an officer. On a
//! sheet or on the roll, as the receipt.
//!
//! **Invariant:** both sizes say the same: what is promised is worded in the templates, and this file only formats facts.

use crate::press::{Drawn, PRESS, Sheet};
use crate::qr::qr_modules;
use crate::receipt::{day, unended};
use crate::templates::Templates;
use crate::{PaperError, ReceiptSize, qr_svg};
use domain::receipt::ReceiptContent;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// What a slip is printed on, and when. A moment alone stands for a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlipPrint {
    pub size: ReceiptSize,
    /// Goes into the PDF's properties only.
    pub now: Timestamp,
}

impl From<Timestamp> for SlipPrint {
    fn from(now: Timestamp) -> Self {
        Self {
            size: ReceiptSize::A5,
            now,
        }
    }
}

/// What the void slip says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voided {
    pub receipt: ReceiptContent,
    /// The day of this print.
    pub on: Date,
    /// When the counter noted it, `HH:MM dd/MM/yyyy`; none where the province did.
    pub asked_at: Option<String>,
    /// The word for where the withdrawal stands.
    pub word: String,
    /// Nobody will handle it: it never left, or the province has confirmed. Until then the slip promises nothing.
    pub certain: bool,
    pub copy_no: u32,
}

/// Draws the void slip, with the code that leads to the dossier's state.
///
/// # Errors
/// As [`crate::draw_receipt`].
pub fn draw_void(
    templates: &Templates,
    slip: &Voided,
    print: impl Into<SlipPrint>,
) -> Result<Drawn, PaperError> {
    let print = print.into();
    let receipt = &slip.receipt;
    let data = json!({
        "number": receipt.number.to_string(),
        "procedure_name": receipt.procedure_name.trim(),
        "procedure_code": receipt.procedure_code,
        "counter_name": receipt.counter_name.trim(),
        "counter_phone": receipt.counter_phone,
        "sealed_on": day(receipt.sealed_on),
        "sealed_at": receipt.sealed_at_time,
        "on": day(slip.on),
        "asked_at": slip.asked_at,
        "word": unended(&slip.word),
        "certain": slip.certain,
        "papers": receipt.papers,
        "copy_no": slip.copy_no,
        "lookup_site": receipt.lookup_site,
        "lookup_modules": qr_modules(&receipt.lookup_url)?,
    });
    let template = match print.size {
        ReceiptSize::A5 => "void_a5.typ",
        ReceiptSize::Roll80 => "void_roll.typ",
    };
    let ident = format!("void {} copy {}", receipt.number, slip.copy_no);
    let code = ("lookup.svg", qr_svg(&receipt.lookup_url)?.into_bytes());
    draw(templates, template, &data, vec![code], &ident, print)
}

/// The slip of a dossier that waits for an officer: a code, a procedure and places; nobody's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingSlip {
    pub code: String,
    pub procedure: String,
    /// Where it was filled in.
    pub here: String,
    /// Where an officer looks at it.
    pub counter: Vec<String>,
    /// `HH:MM dd/MM/yyyy`.
    pub at: String,
}

/// Draws the slip that says "chờ cán bộ kiểm tra".
///
/// # Errors
/// As [`crate::draw_receipt`].
pub fn draw_waiting(
    templates: &Templates,
    slip: &WaitingSlip,
    print: impl Into<SlipPrint>,
) -> Result<Drawn, PaperError> {
    let print = print.into();
    let data = json!({
        "code": slip.code,
        "procedure": slip.procedure.trim(),
        "here": slip.here.trim(),
        "counter": slip.counter,
        "at": slip.at,
    });
    let template = match print.size {
        ReceiptSize::A5 => "waiting_slip.typ",
        ReceiptSize::Roll80 => "waiting_roll.typ",
    };
    let ident = format!("waiting {}", slip.code);
    draw(templates, template, &data, Vec::new(), &ident, print)
}

fn draw(
    templates: &Templates,
    template: &str,
    data: &Value,
    mut files: Vec<(&'static str, Vec<u8>)>,
    ident: &str,
    print: SlipPrint,
) -> Result<Drawn, PaperError> {
    let bytes = serde_json::to_vec(data).map_err(|_| PaperError::BadTemplate)?;
    files.push(("data.json", bytes));
    let sheet = Sheet {
        templates,
        template,
        files,
    };
    PRESS.print(&sheet, &format!("{ident} {:?}", print.size), print.now)
}

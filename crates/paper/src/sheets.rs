//! The other papers that go out: official forms, the list of papers handed over, the void slip, the agency's slip.
//!
//! **Invariant:** data reach a template as JSON only. What is not known is left out, and the paper shows a line for
//! the pen. The agency's reception slip is drawn only from what the province has decided.

use crate::PaperError;
use crate::press::{Drawn, PRESS, Sheet};
use crate::receipt::{day, unended};
use crate::templates::Templates;
use domain::official_form::{FilledForm, long_date_vi};
use domain::province::OfficialCode;
use domain::receipt::{ReceiptContent, ReceiptPaperLine};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// Draws an official form, A4.
///
/// # Errors
/// As [`crate::draw_receipt`].
pub fn draw_form(templates: &Templates, form: &FilledForm, now: Timestamp) -> Result<Drawn, PaperError> {
    let data = json!({ "name": form.name, "note": form.note, "fields": form.fields, "rows": form.rows });
    draw(
        templates,
        &form.template,
        &data,
        &format!("form {}", form.id),
        now,
    )
}

/// The sheet that says which papers were seen, kept and given back; both sides sign it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    pub procedure_name: String,
    pub counter_name: String,
    /// The receipt number, once there is one.
    pub number: Option<String>,
    pub papers: Vec<ReceiptPaperLine>,
    pub on: Date,
}

/// Draws the list of papers handed over, A4.
///
/// # Errors
/// As [`crate::draw_receipt`].
pub fn draw_handed_over(
    templates: &Templates,
    list: &HandedOver,
    now: Timestamp,
) -> Result<Drawn, PaperError> {
    let data = json!({
        "procedure_name": list.procedure_name,
        "counter_name": list.counter_name,
        "number": list.number,
        "papers": list.papers,
        "on": long_date_vi(list.on.into()),
    });
    draw(
        templates,
        "papers_handed_over.typ",
        &data,
        "papers handed over",
        now,
    )
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

/// Draws the void slip, A5.
///
/// # Errors
/// As [`crate::draw_receipt`].
pub fn draw_void(templates: &Templates, slip: &Voided, now: Timestamp) -> Result<Drawn, PaperError> {
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
    });
    draw(
        templates,
        "void_a5.typ",
        &data,
        &format!("void {}", receipt.number),
        now,
    )
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

/// Draws the slip that says "chờ cán bộ kiểm tra", A5.
///
/// # Errors
/// As [`crate::draw_receipt`].
pub fn draw_waiting(templates: &Templates, slip: &WaitingSlip, now: Timestamp) -> Result<Drawn, PaperError> {
    let data = json!({
        "code": slip.code,
        "procedure": slip.procedure.trim(),
        "here": slip.here.trim(),
        "counter": slip.counter,
        "at": slip.at,
    });
    draw(
        templates,
        "waiting_slip.typ",
        &data,
        &format!("waiting {}", slip.code),
        now,
    )
}

/// The agency's forms that can be drawn from what the province has decided (decision 0048).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgencyForm {
    /// 01, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả".
    Reception,
    /// 06, "Phiếu kiểm soát quá trình giải quyết hồ sơ".
    Control,
}

impl AgencyForm {
    pub const ALL: [Self; 2] = [Self::Reception, Self::Control];

    /// What it is asked for by; its template has the same name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Reception => "reception_slip",
            Self::Control => "control_slip",
        }
    }

    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.id() == id)
    }

    pub(crate) fn template(self) -> String {
        format!("{}.typ", self.id())
    }
}

/// What the province has decided, for the agency's forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reception {
    pub receipt: ReceiptContent,
    pub code: OfficialCode,
    pub on: Date,
}

/// Draws it with the code that the province gave. Names, the day of the result and signatures stay lines for the pen:
/// they are the agency's to write.
///
/// # Errors
/// As [`crate::draw_receipt`].
pub fn draw_agency_form(
    templates: &Templates,
    form: AgencyForm,
    slip: &Reception,
    now: Timestamp,
) -> Result<Drawn, PaperError> {
    let receipt = &slip.receipt;
    let data = json!({
        "code": slip.code.code,
        "source": slip.code.source,
        "number": receipt.number.to_string(),
        "procedure_name": receipt.procedure_name.trim(),
        "counter_name": receipt.counter_name.trim(),
        "counter_phone": receipt.counter_phone,
        "working_days": receipt.working_days,
        "fee": receipt.fee_line,
        "papers": receipt.papers,
        "lookup_site": receipt.lookup_site,
        "on": long_date_vi(slip.on.into()),
    });
    draw(
        templates,
        &form.template(),
        &data,
        &format!("{} {}", form.id(), receipt.number),
        now,
    )
}

fn draw(
    templates: &Templates,
    template: &str,
    data: &Value,
    ident: &str,
    now: Timestamp,
) -> Result<Drawn, PaperError> {
    let bytes = serde_json::to_vec(data).map_err(|_| PaperError::BadTemplate)?;
    let sheet = Sheet {
        templates,
        template,
        files: vec![("data.json", bytes)],
    };
    PRESS.print(&sheet, ident, now)
}

//! The other papers that go out: official forms, the list of papers handed over, the agency's forms; all A4.
//!
//! **Invariant:** data reach a template as JSON only. What is not known is left out, and the paper shows a line for
//! the pen. The agency's reception slip is drawn only from what the province has decided.
//!
//! The slips of A5 or of a roll stand in `slips.rs`.

use crate::PaperError;
use crate::press::{Drawn, PRESS, Sheet};
use crate::templates::Templates;
use domain::official_form::{FilledForm, long_date_vi};
use domain::province::OfficialCode;
use domain::receipt::{ReceiptContent, ReceiptPaperLine};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// Which print of a paper it is, and when it is made. A moment alone stands for the first print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Print {
    /// Goes into the PDF's properties only.
    pub now: Timestamp,
    /// How often it was printed before; from the second print on, the foot of each page says "In lại lần N".
    pub copy_no: u32,
}

impl From<Timestamp> for Print {
    fn from(now: Timestamp) -> Self {
        Self { now, copy_no: 0 }
    }
}

/// Draws an official form, A4.
///
/// # Errors
/// As [`crate::draw_receipt`].
pub fn draw_form(
    templates: &Templates,
    form: &FilledForm,
    print: impl Into<Print>,
) -> Result<Drawn, PaperError> {
    let data = json!({ "name": form.name, "note": form.note, "fields": form.fields, "rows": form.rows });
    draw(
        templates,
        &form.template,
        data,
        &format!("form {}", form.id),
        print.into(),
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
    print: impl Into<Print>,
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
        data,
        "papers handed over",
        print.into(),
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
    print: impl Into<Print>,
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
        data,
        &format!("{} {}", form.id(), receipt.number),
        print.into(),
    )
}

fn draw(
    templates: &Templates,
    template: &str,
    mut data: Value,
    ident: &str,
    print: Print,
) -> Result<Drawn, PaperError> {
    if let Value::Object(fields) = &mut data {
        fields.insert("copy_no".to_owned(), print.copy_no.into());
    }
    let bytes = serde_json::to_vec(&data).map_err(|_| PaperError::BadTemplate)?;
    let sheet = Sheet {
        templates,
        template,
        files: vec![("data.json", bytes)],
    };
    PRESS.print(&sheet, &format!("{ident} copy {}", print.copy_no), print.now)
}

//! The receipt: what the domain says, drawn on one A5 sheet.
//!
//! **Invariant:** the sheet says nothing that [`ReceiptContent`] does not say, and the words of its promises live
//! in the template, which is data. A sheet that would lack a letter is an error, never a blank.
//!
//! Deliberately absent: names, ID numbers, a motto, a seal, a due date.

use crate::press::{PRESS, Sheet};
use crate::{PaperError, qr_svg};
use domain::receipt::{ReceiptContent, ReceiptPaperLine};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

const TEMPLATE: &str = include_str!("../../../assets/paper/receipt_a5.typ");

/// A drawn receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptPaper {
    /// PDF/A-2b, A5 portrait; one page, unless so many papers are listed that the type would become too small.
    pub pdf: Vec<u8>,
    /// The same at 150 dpi, for the screens.
    pub png: Vec<u8>,
}

impl std::fmt::Debug for ReceiptPaper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "ReceiptPaper(pdf {} bytes, png {} bytes)",
            self.pdf.len(),
            self.png.len()
        )
    }
}

/// Draws the receipt. `now` goes into the PDF's properties only; the same input gives the same bytes.
///
/// # Errors
/// [`PaperError::MissingGlyph`] where a text holds a letter that the font lacks, [`PaperError::QrTooLong`] for a
/// link or proof that no QR code holds, [`PaperError::BadTemplate`] where the template itself is at fault.
pub fn render(content: &ReceiptContent, now: Timestamp) -> Result<ReceiptPaper, PaperError> {
    let view = ReceiptView::of(content);
    let data = serde_json::to_vec(&view).map_err(|_| PaperError::BadTemplate)?;
    let mut files = vec![
        ("data.json", data),
        ("lookup.svg", qr_svg(&content.lookup_url)?.into_bytes()),
    ];
    if let Some(proof) = &content.proof {
        files.push(("proof.svg", qr_svg(proof)?.into_bytes()));
    }
    let sheet = Sheet {
        template_name: "receipt_a5.typ",
        template: TEMPLATE,
        files,
    };
    let printed = PRESS.print(
        &sheet,
        &format!("receipt {} copy {}", content.number, content.copy_no),
        now,
    )?;
    Ok(ReceiptPaper {
        pdf: printed.pdf,
        png: printed.png,
    })
}

/// What the template reads: facts in their printed form, no sentence.
#[derive(Serialize)]
struct ReceiptView<'a> {
    number: String,
    copy_no: u32,
    procedure_name: &'a str,
    procedure_code: &'a str,
    counter_name: &'a str,
    counter_phone: Option<&'a str>,
    sealed_on: String,
    sealed_at: &'a str,
    papers: &'a [ReceiptPaperLine],
    working_days: Option<u32>,
    calendar_days: Option<u32>,
    come_back_on: String,
    fee: Option<&'a str>,
    lookup_site: &'a str,
    secret: String,
    has_proof: bool,
    consent: &'a str,
    assisted_by: &'a str,
    practice: &'a [String],
    together: Vec<Together<'a>>,
}

/// Another dossier of the same life event.
#[derive(Serialize)]
struct Together<'a> {
    name: &'a str,
    number: Option<&'a str>,
    secret: Option<String>,
}

impl<'a> ReceiptView<'a> {
    fn of(c: &'a ReceiptContent) -> Self {
        Self {
            number: c.number.to_string(),
            copy_no: c.copy_no,
            procedure_name: c.procedure_name.trim(),
            procedure_code: &c.procedure_code,
            counter_name: c.counter_name.trim(),
            counter_phone: c.counter_phone.as_deref(),
            sealed_on: day(c.sealed_on),
            sealed_at: &c.sealed_at_time,
            papers: &c.papers,
            working_days: c.working_days,
            calendar_days: c.calendar_days,
            come_back_on: day(c.come_back_on),
            fee: c.fee_line.as_deref().map(unended).filter(|s| !s.is_empty()),
            lookup_site: &c.lookup_site,
            secret: in_threes(&c.secret),
            has_proof: c.proof.is_some(),
            consent: unended(&c.consent_line),
            assisted_by: unended(&c.assisted_by),
            practice: &c.practice,
            together: c
                .together
                .iter()
                .map(|one| Together {
                    name: one.name.trim(),
                    number: one.number.as_deref(),
                    secret: one.secret.as_deref().map(in_threes),
                })
                .collect(),
        }
    }
}

fn day(date: Date) -> String {
    date.strftime("%d/%m/%Y").to_string()
}

/// The template ends its sentences itself.
fn unended(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

/// `482913` as `482 913`: people read a number aloud in threes.
fn in_threes(digits: &str) -> String {
    let letters: Vec<char> = digits.chars().collect();
    letters
        .chunks(3)
        .map(|three| three.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;

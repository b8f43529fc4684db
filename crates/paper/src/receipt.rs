//! The receipt: from its content to an A5 sheet or an 80 mm roll.
//!
//! **Invariant:** what is promised on the paper is worded in the templates alone; this file only formats facts. No
//! name, no ID number, no motto, no seal, no due date can stand on it: the content has no place for them. A sheet
//! that would lack a letter is an error, never a blank.

use crate::press::{Drawn, PRESS, Sheet};
use crate::qr::qr_modules;
use crate::templates::Templates;
use crate::{PaperError, qr_svg};
use domain::receipt::{ReceiptContent, ReceiptPaperLine};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

/// What a receipt is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptSize {
    /// A sheet, A5 portrait.
    A5,
    /// A thermal roll of 80 mm, as long as it must be.
    Roll80,
}

/// Draws the receipt. `now` goes into the PDF's properties only; the same input gives the same bytes.
///
/// # Errors
/// [`PaperError::MissingGlyph`] where a text holds a letter that the font lacks, [`PaperError::QrTooLong`] for a
/// link or proof that no QR code holds, [`PaperError::BadTemplate`] where the template itself is at fault.
pub fn draw_receipt(
    templates: &Templates,
    content: &ReceiptContent,
    size: ReceiptSize,
    now: Timestamp,
) -> Result<Drawn, PaperError> {
    let view = ReceiptView::of(content)?;
    let data = serde_json::to_vec(&view).map_err(|_| PaperError::BadTemplate)?;
    let mut files = vec![
        ("data.json", data),
        ("lookup.svg", qr_svg(&content.lookup_url)?.into_bytes()),
    ];
    if let Some(proof) = &content.proof {
        files.push(("proof.svg", qr_svg(proof)?.into_bytes()));
    }
    let sheet = Sheet {
        templates,
        template: match size {
            ReceiptSize::A5 => "receipt_a5.typ",
            ReceiptSize::Roll80 => "receipt_roll.typ",
        },
        files,
    };
    let ident = format!("receipt {} copy {} {size:?}", content.number, content.copy_no);
    PRESS.print(&sheet, &ident, now)
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
    /// Counted from 0.
    practice_next: Option<u32>,
    together: Vec<Together<'a>>,
    lookup_modules: usize,
    proof_modules: usize,
}

/// Another dossier of the same life event.
#[derive(Serialize)]
struct Together<'a> {
    name: &'a str,
    number: Option<&'a str>,
    secret: Option<String>,
}

impl<'a> ReceiptView<'a> {
    fn of(c: &'a ReceiptContent) -> Result<Self, PaperError> {
        Ok(Self {
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
            practice_next: c.practice_next,
            together: c
                .together
                .iter()
                .map(|one| Together {
                    name: one.name.trim(),
                    number: one.number.as_deref(),
                    secret: one.secret.as_deref().map(in_threes),
                })
                .collect(),
            lookup_modules: qr_modules(&c.lookup_url)?,
            proof_modules: c.proof.as_deref().map_or(Ok(0), qr_modules)?,
        })
    }
}

pub(crate) fn day(date: Date) -> String {
    date.strftime("%d/%m/%Y").to_string()
}

/// The template ends its sentences itself.
pub(crate) fn unended(text: &str) -> &str {
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

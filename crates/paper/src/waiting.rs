//! The slip of a dossier that waits for an officer. It carries a code, a procedure and places; nobody's name.

use crate::PaperError;
use crate::press::{PRESS, Sheet};
use jiff::Timestamp;
use serde::Serialize;

/// What stands on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// The slip as PDF/A-2b.
///
/// # Errors
/// [`PaperError::MissingGlyph`], [`PaperError::BadTemplate`].
pub fn waiting_slip(slip: &WaitingSlip, now: Timestamp) -> Result<Vec<u8>, PaperError> {
    let json = serde_json::to_vec(slip).map_err(|_| PaperError::BadTemplate)?;
    let sheet = Sheet {
        template_name: "waiting_slip.typ",
        template: include_str!("waiting_slip.typ"),
        files: vec![("slip.json", json)],
    };
    Ok(PRESS.print(&sheet, &slip.code, now)?.pdf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_slip_has_a_glyph() {
        let slip = WaitingSlip {
            code: "4D0C-6A52".into(),
            procedure: "Đăng ký khai sinh".into(),
            here: "Nhà văn hóa bản Nậm Pọng".into(),
            counter: vec!["Bộ phận Một cửa xã Na Sang, quầy 1".into()],
            at: "09:20 24/11/2026".into(),
        };
        let now = "2026-11-24T02:20:00Z".parse().unwrap();
        let pdf = waiting_slip(&slip, now).unwrap();
        assert!(pdf.starts_with(b"%PDF") && pdf.len() > 5_000, "{}", pdf.len());
        let odd = WaitingSlip {
            here: "\u{10FFFF}".into(),
            ..slip
        };
        assert!(
            waiting_slip(&odd, now).is_err(),
            "a letter that no font has is not left out"
        );
    }
}

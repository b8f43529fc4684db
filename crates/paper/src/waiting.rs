//! The slip of a dossier that waits for an officer. It carries a code, a procedure and places; nobody's name.

use crate::PaperError;
use crate::press::{Drawn, PRESS, Sheet};
use crate::templates::Templates;
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

/// Draws the slip, A5.
///
/// # Errors
/// As [`crate::draw_receipt`].
pub fn draw_waiting(templates: &Templates, slip: &WaitingSlip, now: Timestamp) -> Result<Drawn, PaperError> {
    let json = serde_json::to_vec(slip).map_err(|_| PaperError::BadTemplate)?;
    let sheet = Sheet {
        templates,
        template: "waiting_a5.typ",
        files: vec![("data.json", json)],
    };
    PRESS.print(&sheet, &format!("waiting {}", slip.code), now)
}

/// An invented one: what a set of templates is tried on.
pub(crate) fn sample() -> WaitingSlip {
    WaitingSlip {
        code: "4D0C-6A52".into(),
        procedure: "Đăng ký khai sinh".into(),
        here: "Nhà văn hóa bản Nậm Pọng".into(),
        counter: vec!["Bộ phận Một cửa xã Na Sang, quầy 1".into()],
        at: "09:20 24/11/2026".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slip_is_one_page_and_leaves_no_letter_out() {
        let templates = Templates::built_in();
        let now = "2026-11-24T02:20:00Z".parse().unwrap();
        let drawn = draw_waiting(&templates, &sample(), now).unwrap();
        assert_eq!(drawn.pages(), 1);
        if let Some(folder) = std::env::var_os("PAPER_PICTURES") {
            std::fs::write(
                std::path::Path::new(&folder).join("waiting_a5.png"),
                drawn.png().unwrap(),
            )
            .unwrap();
        }
        let odd = WaitingSlip {
            here: "\u{10FFFF}".into(),
            ..sample()
        };
        assert!(
            draw_waiting(&templates, &odd, now).is_err(),
            "a letter that no font has is not left out"
        );
    }
}

//! QR codes as SVG, for paper.
//!
//! **Invariant:** what is encoded is upper-case or base45 text, so that a code stays small (alphanumeric mode)
//! and survives a scanner that types like a keyboard. The caller sees to it that no secret and no name is in it.

use crate::PaperError;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// The text as an SVG picture with its quiet zone of four modules (ISO/IEC 18004), error correction M.
///
/// # Errors
/// [`PaperError::QrTooLong`] where no version of the code holds the text.
pub fn qr_svg(text: &str) -> Result<String, PaperError> {
    Ok(code(text)?
        .render::<svg::Color<'_>>()
        .module_dimensions(4, 4)
        .quiet_zone(true)
        .build())
}

/// Modules across, with the quiet zone on both sides: what a roll needs to give each a whole number of dots.
///
/// # Errors
/// As [`qr_svg`].
pub(crate) fn qr_modules(text: &str) -> Result<usize, PaperError> {
    Ok(code(text)?.width() + 8)
}

fn code(text: &str) -> Result<QrCode, PaperError> {
    QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| PaperError::QrTooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_too_long_for_any_version_is_refused() {
        assert!(qr_svg(&"A".repeat(3391)).is_ok());
        assert_eq!(qr_svg(&"A".repeat(3392)), Err(PaperError::QrTooLong));
    }

    #[test]
    fn the_link_stays_a_small_code_and_the_proof_fits_a_roll() {
        let version =
            |text: &str| match QrCode::with_error_correction_level(text, EcLevel::M).map(|c| c.version()) {
                Ok(qrcode::Version::Normal(v)) => v,
                other => panic!("not a plain QR code: {other:?}"),
            };
        assert!(version("HTTPS://TRA.VIDU.EXAMPLE/T/DH-00001-00001-42") <= 3);
        // 144 bytes of proof are 216 letters of base45; with its mark the code may have version 8 at most.
        assert!(version(&format!("VN1:{}", "A".repeat(216))) <= 8);
        assert!(
            version(&format!("VN1:{}", "a".repeat(216))) > 8,
            "lower case leaves the small mode"
        );
    }
}

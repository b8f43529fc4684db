//! QR codes and barcodes on papers, read from pixels.
//!
//! **Invariant:** what a code says is text of a stranger: it is shown to a person, never acted on. Used for papers here
//! and for identity cards elsewhere.

use crate::{PaperError, Reader};
use image::DynamicImage;
use rxing::{BarcodeFormat, DecodeHints};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Longest text of a code that is kept: a version 40 QR code holds less.
const TEXT_BYTES_MAX: usize = 4296;

/// What kind of code it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    Qr,
    Barcode,
}

/// A code and what it says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    pub kind: CodeKind,
    pub text: String,
}

impl std::fmt::Debug for Code {
    /// What a code says may name somebody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Code({:?}, {} bytes)", self.kind, self.text.len())
    }
}

/// What the QR codes on a picture (JPEG or PNG) say, largest scale first; none found is an empty list. The picture is
/// opened in the bounded process, as every file of a stranger.
///
/// # Errors
/// Those of [`Reader::prepare`].
pub fn qr_texts(reader: &Reader, picture: Vec<u8>) -> Result<Vec<String>, PaperError> {
    let codes = reader.codes(picture)?;
    let qr = codes.into_iter().filter(|code| code.kind == CodeKind::Qr);
    Ok(qr.map(|code| code.text).collect())
}

/// The codes of a picture, looked for in it as it is and made smaller: a telephone's picture has more pixels a dot than
/// the search expects, a scanner's may have too few to lose any. A card lies as it was held, so no way up is tried.
pub(crate) fn in_picture(picture: &DynamicImage) -> Vec<Code> {
    let grey = picture.to_luma8();
    for part in [1, 2, 3] {
        let (w, h) = (grey.width() / part, grey.height() / part);
        if w < 40 || h < 40 {
            break;
        }
        let found = if part == 1 {
            read(&grey, w, h)
        } else {
            read(&image::imageops::thumbnail(&grey, w, h), w, h)
        };
        if let Some(code) = found {
            return vec![code];
        }
    }
    Vec::new()
}

/// The code in a grey picture, where there is one that can be read.
#[must_use]
pub fn read(luma: &[u8], width: u32, height: u32) -> Option<Code> {
    if width == 0 || height == 0 || luma.len() as u64 != u64::from(width) * u64::from(height) {
        return None;
    }
    let formats = [
        BarcodeFormat::QR_CODE,
        BarcodeFormat::CODE_128,
        BarcodeFormat::CODE_39,
        BarcodeFormat::EAN_13,
    ];
    let mut hints = DecodeHints {
        TryHarder: Some(true),
        PossibleFormats: Some(HashSet::from(formats)),
        ..DecodeHints::default()
    };
    let found =
        rxing::helpers::detect_in_luma_with_hints(luma.to_vec(), width, height, None, &mut hints).ok()?;
    let text = found.getText().to_owned();
    let kind = match found.getBarcodeFormat() {
        BarcodeFormat::QR_CODE => CodeKind::Qr,
        _ => CodeKind::Barcode,
    };
    (!text.is_empty() && text.len() <= TEXT_BYTES_MAX).then_some(Code { kind, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PaperError;
    use crate::intake::codes_of;
    use image::{GrayImage, ImageFormat, Luma};
    use std::io::Cursor;

    /// As an identity card says it, for an invented person.
    const CARD: &str = "011190003456|112345678|L\u{f2} Th\u{1ecb} M\u{e2}y|05081990|N\u{1eef}|B\u{1ea3}n N\u{e0} T\u{f4}ng|10012022";

    /// A desk with a card on it: the code is a small part of the picture, at so many pixels a dot, in uneven light.
    fn picture(dots: u32, light: u8) -> Vec<u8> {
        let code = qrcode::QrCode::new(CARD).unwrap();
        let side = u32::try_from(code.width()).unwrap();
        let colours = code.to_colors();
        let desk = GrayImage::from_fn(1600, 1200, |x, y| {
            let shade = light - u8::try_from(x * 60 / 1600).unwrap();
            let (cx, cy) = (x.wrapping_sub(700) / dots, y.wrapping_sub(300) / dots);
            let on_card = (540..1500).contains(&x) && (200..900).contains(&y);
            let dark = cx < side && cy < side && {
                let at = usize::try_from(cy * side + cx).unwrap();
                colours.get(at) == Some(&qrcode::Color::Dark)
            };
            Luma([if dark {
                shade / 6
            } else if on_card {
                shade
            } else {
                shade / 3
            }])
        });
        let mut out = Cursor::new(Vec::new());
        desk.write_to(&mut out, ImageFormat::Jpeg).unwrap();
        out.into_inner()
    }

    #[test]
    fn a_cards_code_is_read_from_a_picture() {
        for (dots, light) in [(3, 230), (5, 160), (8, 230)] {
            let found = codes_of(&picture(dots, light)).unwrap();
            assert_eq!(found.len(), 1, "{dots} pixels a dot");
            assert!(found.iter().all(|c| c.kind == CodeKind::Qr && c.text == CARD));
        }
    }

    #[test]
    fn a_picture_without_a_code_gives_none_and_a_text_no_picture() {
        let mut png = Cursor::new(Vec::new());
        GrayImage::from_pixel(800, 600, Luma([200]))
            .write_to(&mut png, ImageFormat::Png)
            .unwrap();
        assert_eq!(codes_of(&png.into_inner()), Ok(Vec::new()));
        assert_eq!(codes_of(CARD.as_bytes()), Err(PaperError::NotAPaper));
    }
}

//! QR codes and barcodes on papers, read from pixels.
//!
//! **Invariant:** what a code says is text of a stranger: it is shown to a person, never acted on. Used for papers here
//! and for identity cards elsewhere.

mod cover;

use crate::{PaperError, Reader};
use image::DynamicImage;
use rxing::{BarcodeFormat, DecodeHints, RXingResult};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashSet;

/// Codes of one page that are kept, and how often it is looked at: an envelope of a hospital has three.
const CODES_MAX: usize = 6;
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
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The codes in a grey picture, each text once. A code that was read is covered, and the rest is looked at again: so many
/// times at most that a sheet made of codes costs no more than a few looks.
#[must_use]
pub fn read(luma: &[u8], width: u32, height: u32) -> Vec<Code> {
    if width == 0 || height == 0 || luma.len() as u64 != u64::from(width) * u64::from(height) {
        return Vec::new();
    }
    let mut left = Cow::Borrowed(luma);
    let mut codes = Vec::new();
    for _ in 0..CODES_MAX {
        let Some(found) = find(&left, width, height) else {
            break;
        };
        cover::cover(left.to_mut(), width, height, &found);
        let code = code(&found);
        let readable = !code.text.is_empty() && code.text.len() <= TEXT_BYTES_MAX;
        if readable && !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn find(luma: &[u8], width: u32, height: u32) -> Option<RXingResult> {
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
    rxing::helpers::detect_in_luma_with_hints(luma.to_vec(), width, height, None, &mut hints).ok()
}

fn code(found: &RXingResult) -> Code {
    let kind = match found.getBarcodeFormat() {
        BarcodeFormat::QR_CODE => CodeKind::Qr,
        _ => CodeKind::Barcode,
    };
    let text = found.getText().to_owned();
    Code { kind, text }
}

#[cfg(test)]
mod tests;

//! A sheet with QR codes on it, as a picture.

use anyhow::Result;
use image::{GrayImage, Luma};

/// Dots of a module's side.
const MODULE: u32 = 6;
/// White around each code, in dots.
const MARGIN: u32 = 60;

/// The codes side by side, black on white; a white sheet where there are none.
///
/// # Errors
/// A text that no code holds.
pub fn sheet(texts: &[&str]) -> Result<GrayImage> {
    let mut codes = Vec::new();
    for text in texts {
        codes.push(qrcode::QrCode::new(text)?);
    }
    let side = |code: &qrcode::QrCode| u32::try_from(code.width()).unwrap_or(0) * MODULE;
    let width: u32 = codes.iter().map(|c| side(c) + MARGIN).sum::<u32>() + MARGIN;
    let height = codes.iter().map(side).max().unwrap_or(400) + 2 * MARGIN;
    let mut picture = GrayImage::from_pixel(width.max(400), height, Luma([255]));
    let mut left = MARGIN;
    for code in &codes {
        let colors = code.to_colors();
        for (x, y, dot) in picture.enumerate_pixels_mut() {
            let (Some(x), Some(y)) = (x.checked_sub(left), y.checked_sub(MARGIN)) else {
                continue;
            };
            let (column, row) = ((x / MODULE) as usize, (y / MODULE) as usize);
            let within = column < code.width() && row < code.width();
            if within && colors.get(row * code.width() + column) == Some(&qrcode::Color::Dark) {
                *dot = Luma([0]);
            }
        }
        left += side(code) + MARGIN;
    }
    Ok(picture)
}

//! Pixels to JPEG within a budget.
//!
//! **Invariant:** what leaves here was drawn anew from pixels: no EXIF, no position, no thumbnail, no hidden tail.

use crate::PaperError;
use image::imageops::FilterType;
use image::{DynamicImage, GenericImageView};
use jpeg_encoder::{ColorType, Encoder};

/// Steps of quality, best first. Below the last one, print of 9 pt stops being legible at 200 dpi.
const QUALITIES: [u8; 4] = [82, 75, 68, 60];
/// How often a picture that no quality fits is made smaller before it is given up.
const SHRINKS_MAX: u32 = 12;

/// The picture as JPEG of at most `budget` bytes, with the size it has then: quality goes down first, size after.
pub(crate) fn within(picture: DynamicImage, budget: usize) -> Result<(Vec<u8>, u32, u32), PaperError> {
    let mut picture = picture;
    for _ in 0..SHRINKS_MAX {
        for quality in QUALITIES {
            let bytes = encode(&picture, quality)?;
            if bytes.len() <= budget {
                return Ok((bytes, picture.width(), picture.height()));
            }
        }
        let (w, h) = picture.dimensions();
        picture = picture.resize(w * 4 / 5, h * 4 / 5, FilterType::Triangle);
    }
    Err(PaperError::BrokenPicture)
}

/// A small copy for a list, quickly made: nobody reads it.
pub(crate) fn thumbnail(picture: &DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side {
        return picture.clone();
    }
    picture.thumbnail(side, side)
}

pub(crate) fn encode(picture: &DynamicImage, quality: u8) -> Result<Vec<u8>, PaperError> {
    if !matches!(picture, DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_)) {
        return encode(&DynamicImage::ImageRgb8(picture.to_rgb8()), quality);
    }
    let color = if picture.color().has_color() {
        ColorType::Rgb
    } else {
        ColorType::Luma
    };
    let side = |n: u32| u16::try_from(n).map_err(|_| PaperError::BrokenPicture);
    let mut bytes = Vec::new();
    // Tables made for the picture would save a tenth, but then each colour gets a scan of its own, which common
    // readers get wrong without a word.
    Encoder::new(&mut bytes, quality)
        .encode(
            picture.as_bytes(),
            side(picture.width())?,
            side(picture.height())?,
            color,
        )
        .map_err(|_| PaperError::BrokenPicture)?;
    Ok(bytes)
}

//! Papers that come in as files: judged by what they are, made small, drawn anew.
//!
//! **Invariant:** a file's name is never looked at, and a header is believed before a pixel is allocated. A picture
//! always leaves as a fresh JPEG within [`PICTURE_BYTES_MAX`]; a PDF leaves as it came or not at all.
//!
//! Deliberately absent: straightening, and a process of its own for decoding.

use crate::decode::{self, Decoded};
use crate::{PaperError, jpeg, pdf_check, pdf_sketch};
use image::{DynamicImage, Rgb, RgbImage};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Largest file taken in, in bytes. The caller refuses more by the file's size, before reading it.
pub const INPUT_BYTES_MAX: u64 = 25 * 1024 * 1024;
/// The longer side of a kept picture, in pixels: A4 at 200 dpi.
pub const LONG_SIDE_MAX: u32 = 2339;
/// Budget of a kept picture, in bytes: one page over a slow link.
pub const PICTURE_BYTES_MAX: usize = 350 * 1024;
/// The longer side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE_MAX: u32 = 480;
const THUMBNAIL_QUALITY: u8 = 70;

/// What a prepared file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    Jpeg,
    Pdf,
}

/// A paper, ready to be hashed, shown and sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct PreparedFile {
    pub media: Media,
    pub bytes: Vec<u8>,
    /// Pixels; 0 for a PDF.
    pub width: u32,
    /// Pixels; 0 for a PDF.
    pub height: u32,
    pub pages: u32,
    /// Size of what was handed in, in bytes.
    pub original_bytes: u64,
    /// At most [`THUMBNAIL_SIDE_MAX`] on its longer side; empty for a PDF that could not be drawn cheaply.
    pub thumbnail_jpeg: Vec<u8>,
}

impl std::fmt::Debug for PreparedFile {
    /// The paper's content stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "PreparedFile({:?}, {} bytes, {} pages)",
            self.media,
            self.bytes.len(),
            self.pages
        )
    }
}

/// Takes a JPEG, PNG or PDF in. Pure: the same bytes give the same paper.
///
/// # Errors
/// By what the person can do: `Empty`, `NotAPaper`, `TooLarge`, `TooManyPixels`, `BrokenPicture`, `BrokenPdf`,
/// `LockedPdf`, `ActivePdf`, `TooManyPages`.
pub fn prepare(bytes: &[u8]) -> Result<PreparedFile, PaperError> {
    let original_bytes = bytes.len() as u64;
    if original_bytes > INPUT_BYTES_MAX {
        return Err(PaperError::TooLarge {
            bytes: original_bytes,
            limit: INPUT_BYTES_MAX,
        });
    }
    match bytes {
        [] => Err(PaperError::Empty),
        [0xFF, 0xD8, 0xFF, ..] => picture(bytes, |b| decode::jpeg(b, LONG_SIDE_MAX)),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => picture(bytes, decode::png),
        [b'%', b'P', b'D', b'F', b'-', ..] => pdf(bytes),
        _ => Err(PaperError::NotAPaper),
    }
}

/// A decoder that stumbles over a hostile file costs that file, never the program.
fn contained<T>(broken: PaperError, work: impl FnOnce() -> Result<T, PaperError>) -> Result<T, PaperError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(broken))
}

fn picture(
    bytes: &[u8],
    read: impl FnOnce(&[u8]) -> Result<Decoded, PaperError>,
) -> Result<PreparedFile, PaperError> {
    let (decoded, turn) = contained(PaperError::BrokenPicture, || read(bytes))?;
    // Made smaller before it is turned: turning copies every pixel.
    let mut page = jpeg::shrink(opaque(decoded), LONG_SIDE_MAX);
    page.apply_orientation(turn);
    let thumbnail_jpeg = jpeg::encode(&jpeg::shrink(page.clone(), THUMBNAIL_SIDE_MAX), THUMBNAIL_QUALITY)?;
    let (out, width, height) = jpeg::within(page, PICTURE_BYTES_MAX)?;
    Ok(PreparedFile {
        media: Media::Jpeg,
        bytes: out,
        width,
        height,
        pages: 1,
        original_bytes: bytes.len() as u64,
        thumbnail_jpeg,
    })
}

/// Eight bits a channel, and what was see-through lies on white: JPEG would make it black.
fn opaque(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return if picture.color().has_color() {
            DynamicImage::ImageRgb8(picture.into_rgb8())
        } else {
            DynamicImage::ImageLuma8(picture.into_luma8())
        };
    }
    let see_through = picture.into_rgba8();
    let mut on_white = RgbImage::new(see_through.width(), see_through.height());
    for (to, from) in on_white.pixels_mut().zip(see_through.pixels()) {
        let [r, g, b, a] = from.0.map(u16::from);
        let blend = |c: u16| u8::try_from((c * a + 255 * (255 - a)) / 255).unwrap_or(u8::MAX);
        *to = Rgb([blend(r), blend(g), blend(b)]);
    }
    DynamicImage::ImageRgb8(on_white)
}

fn pdf(bytes: &[u8]) -> Result<PreparedFile, PaperError> {
    let checked = contained(PaperError::BrokenPdf, || pdf_check::check(bytes))?;
    Ok(PreparedFile {
        media: Media::Pdf,
        bytes: bytes.to_vec(),
        width: 0,
        height: 0,
        pages: checked.pages,
        original_bytes: bytes.len() as u64,
        thumbnail_jpeg: if checked.cheap_to_draw {
            pdf_sketch::first_page(bytes)
        } else {
            Vec::new()
        },
    })
}

#[cfg(test)]
#[path = "intake_tests.rs"]
mod tests;

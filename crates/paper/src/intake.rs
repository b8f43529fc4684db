//! Papers that come in as files: judged by what they are, made small, drawn anew.
//!
//! **Invariant:** a file's name is never looked at, and a header is believed before a pixel is allocated. A picture
//! always leaves as a fresh JPEG within [`PICTURE_BYTES_MAX`]; a PDF leaves as it came or not at all, and a page of it is
//! drawn beside it.
//!
//! The kiosk calls this through [`Reader`](crate::Reader), in a process of its own.

use crate::codes::{self, Code};
use crate::decode::{self, Decoded};
use crate::page::{self, PageWarning, Taken};
use crate::{PaperError, jpeg, pdf_check, pdf_draw, tiff_pages};
use image::metadata::Orientation;
use image::{DynamicImage, Rgb, RgbImage};
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Largest file taken in, in bytes. The caller refuses more by the file's size, before reading it.
pub const INPUT_BYTES_MAX: u64 = 25 * 1024 * 1024;
/// The longer side of a kept picture, in pixels: A4 at 200 dpi.
pub const LONG_SIDE_MAX: u32 = page::A4_LONG;
/// Budget of a kept picture, in bytes: one page over a slow link.
pub const PICTURE_BYTES_MAX: usize = 350 * 1024;
/// The longer side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE_MAX: u32 = 480;
const THUMBNAIL_QUALITY: u8 = 70;
/// What a picture's longer side may be halved to before codes are looked for: a card's code is a small part of it.
const CODES_SIDE: u32 = 3000;

/// What a prepared file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// What a person should look at before going on.
    pub warnings: Vec<PageWarning>,
    /// For [`same_page`](crate::same_page); empty for a PDF.
    pub fingerprint: Vec<u8>,
    /// QR codes and barcodes on the page.
    pub codes: Vec<Code>,
    /// The sheet was found in the photograph and cut out.
    pub cut_out: bool,
    /// A PDF that is nothing but scanned sheets: its pages, drawn by [`sheet`], say as much as the file does.
    pub stack: bool,
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

/// Takes a JPEG, PNG, TIFF or PDF in. Pure: the same bytes give the same paper. Of a TIFF it is the first page, and
/// `pages` says how many there are: [`sheet`] gives the others.
///
/// # Errors
/// By what the person can do: `Empty`, `NotAPaper`, `TooLarge`, `TooManyPixels`, `BrokenPicture`, `BrokenPdf`,
/// `LockedPdf`, `ActivePdf`, `TooManyPages`.
pub fn prepare(bytes: &[u8], taken: Taken) -> Result<PreparedFile, PaperError> {
    let original_bytes = bytes.len() as u64;
    if original_bytes > INPUT_BYTES_MAX {
        return Err(PaperError::TooLarge {
            bytes: original_bytes,
            limit: INPUT_BYTES_MAX,
        });
    }
    match bytes {
        [] => Err(PaperError::Empty),
        [0xFF, 0xD8, 0xFF, ..] => picture(bytes, taken, |b| decode::jpeg(b, LONG_SIDE_MAX)),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => picture(bytes, taken, decode::png),
        [b'%', b'P', b'D', b'F', b'-', ..] => pdf(bytes),
        _ if tiff_pages::is_tiff(bytes) => {
            let pages = contained(PaperError::BrokenPicture, || tiff_pages::count(bytes))?;
            let mut first = picture(bytes, taken, |b| tiff_pages::page(b, 0))?;
            first.pages = pages;
            Ok(first)
        }
        _ => Err(PaperError::NotAPaper),
    }
}

/// Turns a page that was taken in, clockwise by quarters of a circle. Its tones stay as they are.
///
/// # Errors
/// `BrokenPicture`.
pub fn turn(bytes: &[u8], quarters: u8) -> Result<PreparedFile, PaperError> {
    let turn = match quarters % 4 {
        1 => Orientation::Rotate90,
        2 => Orientation::Rotate180,
        3 => Orientation::Rotate270,
        _ => Orientation::NoTransforms,
    };
    let (mut picture, _) = contained(PaperError::BrokenPicture, || decode::jpeg(bytes, LONG_SIDE_MAX))?;
    picture.apply_orientation(turn);
    let page = page::judged_again(picture);
    finished(page, bytes.len() as u64)
}

/// The QR codes and barcodes of a JPEG, a PNG or a TIFF's first page; the picture itself is not kept.
///
/// # Errors
/// As [`prepare`].
pub(crate) fn codes_of(bytes: &[u8]) -> Result<Vec<Code>, PaperError> {
    contained(PaperError::BrokenPicture, || {
        let (picture, turn) = match bytes {
            [] => return Err(PaperError::Empty),
            [0xFF, 0xD8, 0xFF, ..] => decode::jpeg(bytes, CODES_SIDE)?,
            [0x89, b'P', b'N', b'G', ..] => decode::png(bytes)?,
            _ if tiff_pages::is_tiff(bytes) => tiff_pages::page(bytes, 0)?,
            _ => return Err(PaperError::NotAPaper),
        };
        let mut picture = opaque(picture);
        picture.apply_orientation(turn);
        Ok(codes::in_picture(&picture))
    })
}

/// A decoder that stumbles over a hostile file costs that file, never the program.
fn contained<T>(broken: PaperError, work: impl FnOnce() -> Result<T, PaperError>) -> Result<T, PaperError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(broken))
}

fn picture(
    bytes: &[u8],
    taken: Taken,
    read: impl FnOnce(&[u8]) -> Result<Decoded, PaperError>,
) -> Result<PreparedFile, PaperError> {
    contained(PaperError::BrokenPicture, || {
        let (decoded, turn) = read(bytes)?;
        finished(page::make(opaque(decoded), turn, taken), bytes.len() as u64)
    })
}

fn finished(page: page::MadePage, original_bytes: u64) -> Result<PreparedFile, PaperError> {
    let thumbnail_jpeg = jpeg::encode(
        &jpeg::thumbnail(&page.picture, THUMBNAIL_SIDE_MAX),
        THUMBNAIL_QUALITY,
    )?;
    let codes = codes_on(&page.picture);
    let (bytes, width, height) = jpeg::within(page.picture, PICTURE_BYTES_MAX)?;
    Ok(PreparedFile {
        media: Media::Jpeg,
        bytes,
        width,
        height,
        pages: 1,
        original_bytes,
        thumbnail_jpeg,
        warnings: page.warnings,
        fingerprint: page.fingerprint,
        codes,
        cut_out: page.cut_out,
        stack: false,
    })
}

/// A code that cannot be read costs nothing but the codes.
fn codes_on(picture: &DynamicImage) -> Vec<Code> {
    let grey = picture.to_luma8();
    let (w, h) = grey.dimensions();
    catch_unwind(AssertUnwindSafe(|| codes::read(&grey, w, h))).unwrap_or_default()
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
            pdf_draw::first_page(bytes)
        } else {
            Vec::new()
        },
        warnings: Vec::new(),
        fingerprint: Vec::new(),
        codes: Vec::new(),
        cut_out: false,
        stack: checked.stack,
    })
}

/// One page of a PDF or a TIFF, counted from 0, as a picture made right like any other.
///
/// # Errors
/// As [`prepare`]; `BrokenPdf` where the page cannot be drawn.
pub(crate) fn sheet(bytes: &[u8], number: u32, taken: Taken) -> Result<PreparedFile, PaperError> {
    if tiff_pages::is_tiff(bytes) {
        return picture(bytes, taken, |b| tiff_pages::page(b, number));
    }
    let checked = contained(PaperError::BrokenPdf, || pdf_check::check(bytes))?;
    let drawn = pdf_draw::page(bytes, &checked.document, number).ok_or(PaperError::BrokenPdf)?;
    contained(PaperError::BrokenPicture, || {
        let page = page::make(opaque(drawn), Orientation::NoTransforms, taken);
        finished(page, bytes.len() as u64 / u64::from(checked.pages))
    })
}

#[cfg(test)]
#[path = "intake_tests.rs"]
mod tests;

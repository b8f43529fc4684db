//! Pictures to pixels: never more than the header allowed, never half a page.
//!
//! **Invariant:** a picture that ends too early is refused. `image`'s own JPEG decoder paints what is missing grey
//! and mistakes the colours of files with one scan a colour, both without a word; so JPEG is read by `jpeg-decoder`.

use crate::PaperError;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};
use std::io::Cursor;

/// Largest picture opened, in pixels.
pub const PIXELS_MAX: u64 = 100_000_000;
/// Memory that one decoder may take, in bytes.
const DECODER_BYTES_MAX: usize = 512 * 1024 * 1024;

/// The pixels as stored, and how they have to be turned to stand upright.
pub(crate) type Decoded = (DynamicImage, Orientation);

/// Reads a JPEG whose sides need not be larger than `enough` pixels: what is larger is halved while reading.
pub(crate) fn jpeg(bytes: &[u8], enough: u32) -> Result<Decoded, PaperError> {
    let broken = |_| PaperError::BrokenPicture;
    let mut decoder = Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(DECODER_BYTES_MAX);
    decoder.read_info().map_err(broken)?;
    let told = decoder.info().ok_or(PaperError::BrokenPicture)?;
    bounded(told.width.into(), told.height.into())?;
    let enough = u16::try_from(enough).unwrap_or(u16::MAX);
    let (width, height) = decoder.scale(enough, enough).map_err(broken)?;
    let pixels = decoder.decode().map_err(broken)?;
    let turn = decoder
        .exif_data()
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms);
    let (width, height) = (u32::from(width), u32::from(height));
    let picture = match told.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        // Medical pictures and files for a printing press: no camera and no scanner at a counter makes them.
        PixelFormat::L16 | PixelFormat::CMYK32 => None,
    };
    Ok((picture.ok_or(PaperError::BrokenPicture)?, turn))
}

pub(crate) fn png(bytes: &[u8]) -> Result<Decoded, PaperError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_BYTES_MAX as u64);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| refusal(&e, (0, 0)))?;
    let (width, height) = decoder.dimensions();
    bounded(width, height)?;
    // The limits above bind the decoder's own room; the pixels themselves are counted here, before there are any.
    if decoder.total_bytes() > DECODER_BYTES_MAX as u64 {
        return Err(PaperError::TooManyPixels { width, height });
    }
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|e| refusal(&e, (width, height)))?;
    Ok((picture, turn))
}

fn bounded(width: u32, height: u32) -> Result<(), PaperError> {
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(PaperError::TooManyPixels { width, height });
    }
    Ok(())
}

fn refusal(error: &ImageError, (width, height): (u32, u32)) -> PaperError {
    if matches!(error, ImageError::Limits(_)) {
        PaperError::TooManyPixels { width, height }
    } else {
        PaperError::BrokenPicture
    }
}

//! TIFF files, as many office copiers write them: one or several pages, in black and white (CCITT group 4), in grey or in
//! colour.
//!
//! **Invariant:** a page is opened only after its header was believed, and a page that ends too early is refused, never
//! filled up. Pages are counted one past the limit and no further: a file may say that its pages go round in a ring.

use crate::PaperError;
use crate::decode::{Decoded, PIXELS_MAX};
use crate::pdf_check::PDF_PAGES_MAX;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use std::io::Cursor;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

/// Memory for one page, in bytes.
const PAGE_BYTES_MAX: usize = 512 * 1024 * 1024;

/// TIFF 6.0, section 2: the order of bytes, then 42.
pub(crate) fn is_tiff(bytes: &[u8]) -> bool {
    matches!(bytes, [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..])
}

fn broken<E>(_: E) -> PaperError {
    PaperError::BrokenPicture
}

fn open(bytes: &[u8]) -> Result<Decoder<Cursor<&[u8]>>, PaperError> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = PAGE_BYTES_MAX;
    limits.intermediate_buffer_size = PAGE_BYTES_MAX;
    Ok(Decoder::new(Cursor::new(bytes))
        .map_err(broken)?
        .with_limits(limits))
}

/// How many pages the file has.
///
/// # Errors
/// `BrokenPicture`; `TooManyPages`.
pub(crate) fn count(bytes: &[u8]) -> Result<u32, PaperError> {
    let mut decoder = open(bytes)?;
    let mut pages = 1;
    while decoder.more_images() {
        pages += 1;
        if pages > PDF_PAGES_MAX {
            return Err(PaperError::TooManyPages {
                pages,
                limit: PDF_PAGES_MAX,
            });
        }
        decoder.next_image().map_err(broken)?;
    }
    Ok(pages)
}

/// One page, counted from 0.
///
/// # Errors
/// `BrokenPicture`, for colours of a printing press too; `TooManyPixels`.
pub(crate) fn page(bytes: &[u8], number: u32) -> Result<Decoded, PaperError> {
    let mut decoder = open(bytes)?;
    for _ in 0..number {
        if !decoder.more_images() {
            return Err(PaperError::BrokenPicture);
        }
        decoder.next_image().map_err(broken)?;
    }
    let (width, height) = decoder.dimensions().map_err(broken)?;
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(PaperError::TooManyPixels { width, height });
    }
    let colour = decoder.colortype().map_err(broken)?;
    let turn = decoder
        .find_tag_unsigned::<u8>(Tag::Orientation)
        .ok()
        .flatten()
        .and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms);
    let DecodingResult::U8(pixels) = decoder.read_image().map_err(broken)? else {
        return Err(PaperError::BrokenPicture);
    };
    let picture = match colour {
        ColorType::Gray(1) => {
            GrayImage::from_raw(width, height, unpacked(&pixels, width)).map(DynamicImage::ImageLuma8)
        }
        ColorType::Gray(8) => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        ColorType::RGB(8) => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        ColorType::YCbCr(8) => RgbImage::from_raw(width, height, to_rgb(pixels)).map(DynamicImage::ImageRgb8),
        _ => None,
    };
    Ok((picture.ok_or(PaperError::BrokenPicture)?, turn))
}

/// A byte a pixel in place of a bit; a row begins with a byte of its own.
fn unpacked(packed: &[u8], width: u32) -> Vec<u8> {
    let width = width as usize;
    packed
        .chunks(width.div_ceil(8))
        .flat_map(|row| {
            row.iter()
                .flat_map(|byte| {
                    (0..8)
                        .rev()
                        .map(move |bit| if byte >> bit & 1 == 1 { 255 } else { 0 })
                })
                .take(width)
        })
        .collect()
}

/// ITU-R BT.601 over the whole range, as in JFIF: what TIFF 6.0, section 21, takes where nothing else is said.
fn to_rgb(mut pixels: Vec<u8>) -> Vec<u8> {
    for pixel in pixels.chunks_exact_mut(3) {
        if let [y, cb, cr] = pixel {
            let (light, blue, red) = (i32::from(*y), i32::from(*cb) - 128, i32::from(*cr) - 128);
            let channel = |thousandths: i32| {
                u8::try_from((light + (thousandths + 500).div_euclid(1000)).clamp(0, 255)).unwrap_or(u8::MAX)
            };
            (*y, *cb, *cr) = (
                channel(1402 * red),
                channel(-344 * blue - 714 * red),
                channel(1772 * blue),
            );
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use crate::{Media, PaperError, Taken, prepare, same_page};
    use tiff::encoder::TiffEncoder;
    use tiff::encoder::colortype::Gray8;

    const STACK: &[u8] = include_bytes!("../../../tests/fixtures/pages/stack_g4.tif");
    const COLOUR: &[u8] = include_bytes!("../../../tests/fixtures/pages/colour_jpeg.tif");
    const ANNA: &[u8] = include_bytes!("../../../tests/fixtures/pages/birth_anna.png");
    const WITNESS: &[u8] = include_bytes!("../../../tests/fixtures/pages/witness.png");

    #[test]
    fn a_fax_of_two_pages_is_those_two() {
        let first = prepare(STACK, Taken::Glass).unwrap();
        assert_eq!((first.media, first.pages), (Media::Jpeg, 2));
        let second = crate::intake::sheet(STACK, 1, Taken::Glass).unwrap();
        let [anna, witness] = [ANNA, WITNESS].map(|png| prepare(png, Taken::Glass).unwrap().fingerprint);
        assert!(same_page(&anna, &first.fingerprint) && same_page(&witness, &second.fingerprint));
        assert!(!same_page(&anna, &second.fingerprint), "every page is the same");
        assert!(crate::intake::sheet(STACK, 2, Taken::Glass).is_err());
    }

    #[test]
    fn a_red_seal_stays_red() {
        let (picture, _) = super::page(COLOUR, 0).unwrap();
        let picture = picture.to_rgb8();
        assert_eq!(picture.dimensions(), (620, 877));
        let red = picture
            .pixels()
            .filter(|p| p.0[0] > 150 && p.0[1] < 80 && p.0[2] < 80)
            .count();
        assert!(red > 500, "{red} red pixels");
        let [r, g, b] = picture.get_pixel(2, 2).0;
        assert!(r > 245 && g > 245 && b > 245, "the paper is {r} {g} {b}");
    }

    fn pages(count: u32) -> Vec<u8> {
        let mut out = std::io::Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut out).unwrap();
        for _ in 0..count {
            encoder.write_image::<Gray8>(40, 40, &[200; 1600]).unwrap();
        }
        out.into_inner()
    }

    #[test]
    fn damaged_endless_and_huge_ones_are_refused() {
        assert_eq!(super::count(&pages(60)).unwrap(), 60);
        assert!(matches!(
            prepare(&pages(61), Taken::Glass),
            Err(PaperError::TooManyPages { .. })
        ));
        for cut in [9, 200, STACK.len() / 2, STACK.len() - 3] {
            let half = prepare(&STACK[..cut], Taken::Glass);
            let whole = half.is_ok_and(|p| p.pages == 2 && super::page(&STACK[..cut], 1).is_ok());
            assert!(!whole, "cut at {cut}");
        }
        // A ring: the first page says that it is followed by itself.
        let mut ring = pages(1);
        let first: [u8; 4] = ring[4..8].try_into().unwrap();
        let at = u32::from_le_bytes(first) as usize;
        let entries = usize::from(u16::from_le_bytes([ring[at], ring[at + 1]]));
        ring[at + 2 + entries * 12..at + 6 + entries * 12].copy_from_slice(&first);
        assert!(prepare(&ring, Taken::Glass).is_err());
        let mut huge = Vec::from(*b"II\x2a\0\x08\0\0\0\x02\0");
        for (tag, value) in [(256_u16, 200_000_u32), (257, 200_000)] {
            huge.extend(tag.to_le_bytes());
            huge.extend([4, 0, 1, 0, 0, 0]);
            huge.extend(value.to_le_bytes());
        }
        huge.extend([0; 4]);
        assert!(prepare(&huge, Taken::Glass).is_err());
    }
}

//! A paper as a scanner would give it: yellowish and grainy, lines of writing, a round red stamp, a little crooked.
//! Invented from first to last; there is nothing on it to read.

use crate::seeded::Seeded;
use anyhow::Result;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

/// A4 at 150 dots an inch.
const WIDTH: u32 = 1240;
const HEIGHT: u32 = 1754;
const INK: Rgb<u8> = Rgb([38, 38, 58]);
const STAMP: Rgb<u8> = Rgb([196, 44, 52]);

/// One page as JPEG bytes; another seed, another page.
///
/// # Errors
/// Where it cannot be encoded.
pub fn scanned(seed: u64) -> Result<Vec<u8>> {
    let mut random = Seeded::new(seed);
    let mut page = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| paper(&mut random, x, y));
    for line in 0..34_u32 {
        write_line(&mut page, &mut random, 150 + line * 42, line % 9 == 8);
    }
    stamp(&mut page, &mut random);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 85).encode_image(&page)?;
    Ok(bytes)
}

fn grain(random: &mut Seeded, most: u64) -> u8 {
    u8::try_from(random.below(most)).unwrap_or(0)
}

/// Darker towards the spine, grainy everywhere.
fn paper(random: &mut Seeded, x: u32, _y: u32) -> Rgb<u8> {
    let shade = u8::try_from(26_u32.saturating_sub(x / 8)).unwrap_or(0);
    let light = 246 - shade - grain(random, 10);
    Rgb([light, light.saturating_sub(4), light.saturating_sub(16)])
}

fn dot(page: &mut RgbImage, x: u32, y: u32, colour: Rgb<u8>) {
    if let Some(pixel) = page.get_pixel_mut_checked(x, y) {
        *pixel = colour;
    }
}

/// Words of strokes; the whole line leans by one pixel in eighty, as a page on a scanner does.
fn write_line(page: &mut RgbImage, random: &mut Seeded, y: u32, short: bool) {
    let end = if short { WIDTH / 2 } else { WIDTH - 130 };
    let mut x = 130;
    while x < end {
        for _ in 0..3 + random.below(6) {
            letter(page, random, x, y + x / 80);
            x += 11;
        }
        x += 14;
    }
}

fn letter(page: &mut RgbImage, random: &mut Seeded, x: u32, y: u32) {
    let tall = 11 + u32::from(grain(random, 7));
    let lean = random.below(3);
    for step in 0..tall {
        let across = x + u32::try_from(u64::from(step) * lean / 6).unwrap_or(0);
        dot(page, across, y + 18 - step, INK);
        dot(page, across + 1, y + 18 - step, INK);
    }
    for step in 0..7 {
        dot(page, x + step, y + 18 - (step * tall) / 14, INK);
        dot(page, x + step, y + 19 - (step * tall) / 14, INK);
    }
}

fn stamp(page: &mut RgbImage, random: &mut Seeded) {
    let (cx, cy) = (890_i64, 1430_i64);
    for y in cy - 130..cy + 130 {
        for x in cx - 130..cx + 130 {
            let far = (x - cx).pow(2) + (y - cy).pow(2);
            let ring = (120_i64.pow(2)..128_i64.pow(2)).contains(&far)
                || (84_i64.pow(2)..88_i64.pow(2)).contains(&far);
            // Worn rubber: every fifth dot is missing.
            if ring
                && random.below(5) > 0
                && let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
            {
                dot(page, x, y, STAMP);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::scanned;

    #[test]
    fn a_page_is_a_picture_of_ordinary_size_and_can_be_had_again() {
        let page = scanned(7).unwrap();
        let picture = image::load_from_memory(&page).unwrap();
        assert_eq!((picture.width(), picture.height()), (super::WIDTH, super::HEIGHT));
        assert!((100_000..4_000_000).contains(&page.len()), "{} bytes", page.len());
        assert_eq!(page, scanned(7).unwrap(), "the same seed, the same page");
        assert_ne!(page, scanned(8).unwrap());
        if let Some(path) = std::env::var_os("STORY_PAGE") {
            std::fs::write(path, page).unwrap();
        }
    }
}

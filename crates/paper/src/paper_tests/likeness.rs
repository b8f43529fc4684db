//! Are two pictures of a paper the same to a reader? One lost tone mark makes them different, another rasteriser's grey
//! does not.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, GrayImage, ImageEncoder};
use std::path::Path;

/// A kept picture has four greys: this is half the way from one to the next, and what rounding may change.
const HALF_STEP: u32 = 43;
/// Side of a cell; a mark is looked for in squares of two by two of them, each a cell further than the one before.
const CELL: u32 = 4;
/// What of 255 a square of a sheet may differ by, summed over its pixels, beyond the rounding. The faintest mark that can be
/// lost differs by more than twice that (`every_mark_that_is_lost_is_seen`).
pub(super) const SHEET_MAX: u32 = 150;
/// The same for a roll: a dot at the half tone may fall to either side, and three of them may.
pub(super) const ROLL_MAX: u32 = 3 * (255 - HALF_STEP);

/// The picture in the four greys in which it is kept.
pub(super) fn in_four_greys(mut picture: GrayImage) -> GrayImage {
    let step = |v: u8| u8::try_from((u16::from(v) + 42) / 85 * 85).unwrap();
    picture.pixels_mut().for_each(|p| p[0] = step(p[0]));
    picture
}

pub(super) fn keep(picture: &GrayImage, at: &Path) {
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter)
        .write_image(picture, picture.width(), picture.height(), ExtendedColorType::L8)
        .unwrap();
    std::fs::write(at, png).unwrap();
}

/// The most that any square of two by two cells differs by.
pub(super) fn difference(a: &GrayImage, b: &GrayImage) -> u32 {
    if a.dimensions() != b.dimensions() {
        return u32::MAX;
    }
    let across = (a.width() / CELL + 2) as usize;
    let down = (a.height() / CELL + 2) as usize;
    let mut cells = vec![0_u32; across * down];
    for ((x, y, p), q) in a.enumerate_pixels().zip(b.pixels()) {
        let apart = u32::from(p[0].abs_diff(q[0]));
        cells[(y / CELL) as usize * across + (x / CELL) as usize] += apart.saturating_sub(HALF_STEP);
    }
    let square = |at: usize| cells[at] + cells[at + 1] + cells[at + across] + cells[at + across + 1];
    let last = cells.len() - across - 1;
    (0..last).map(square).max().unwrap_or(0)
}

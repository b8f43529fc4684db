//! Which way up a page is, told from its print: letters reach above their line more often than below it, and in
//! Vietnamese far more often, because most accents stand on top.
//!
//! **Invariant:** few lines, or lines that do not agree, are "unknown": no warning comes from a guess.
#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns are indexed inside loops bounded by the picture's own sides"
)]

use super::judge::INK;
use image::GrayImage;

/// Lines that must be seen before anything is said.
const LINES_MIN: usize = 3;
/// How much more ink must lie on the wrong side.
const CLEARLY: f64 = 1.3;
/// Height of a line of print, in pixels at 200 dpi: 5 pt to 40 pt.
const LINE_MIN: usize = 12;
const LINE_MAX: usize = 130;
/// Strips across the page: lines that lean or stand in columns are still whole in one of them.
const STRIPS: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Upright,
    UpsideDown,
    Sideways,
    Unknown,
}

/// Ink above and below the middle zone of all lines together.
#[derive(Default)]
struct Reach {
    lines: usize,
    above: f64,
    below: f64,
    /// Ink in lines, to compare level with upright lines.
    ink: f64,
}

pub(super) fn way(page: &GrayImage) -> Way {
    let level = reach(page);
    let turned = image::imageops::rotate90(page);
    let sideways = reach(&turned);
    if sideways.lines >= LINES_MIN && sideways.ink > 1.6 * level.ink {
        return Way::Sideways;
    }
    if level.lines < LINES_MIN {
        return Way::Unknown;
    }
    if level.below > CLEARLY * level.above {
        Way::UpsideDown
    } else if level.above > level.below {
        Way::Upright
    } else {
        Way::Unknown
    }
}

fn reach(page: &GrayImage) -> Reach {
    let (w, h) = (page.width() as usize, page.height() as usize);
    let mut all = Reach::default();
    let (mx, my) = (w / 20, h / 40);
    let strip = (w - 2 * mx) / STRIPS;
    for n in 0..STRIPS {
        let (from, to) = (mx + n * strip, mx + (n + 1) * strip);
        let rows: Vec<f64> = page
            .as_raw()
            .chunks_exact(w.max(1))
            .enumerate()
            .map(|(y, row)| {
                if y < my || y + my >= h {
                    return 0.0;
                }
                row[from..to].iter().filter(|v| **v < INK).count() as f64
            })
            .collect();
        lines(&rows, strip as f64, &mut all);
    }
    all
}

/// Bands of rows with ink between rows without.
fn lines(rows: &[f64], width: f64, all: &mut Reach) {
    let empty = width * 0.004;
    let mut start = None;
    for (y, ink) in rows.iter().enumerate() {
        match (start, *ink > empty) {
            (None, true) => start = Some(y),
            (Some(from), false) => {
                start = None;
                line(&rows[from..y], width, all);
            }
            (None, false) | (Some(_), true) => {}
        }
    }
}

fn line(rows: &[f64], width: f64, all: &mut Reach) {
    let peak = rows.iter().copied().fold(0.0, f64::max);
    let ink: f64 = rows.iter().sum();
    // A ruled line is one dark stripe, a picture has no middle zone: neither says which way is up.
    let is_print = (LINE_MIN..=LINE_MAX).contains(&rows.len()) && peak > width * 0.04 && peak < width * 0.75;
    if !is_print {
        return;
    }
    let strong = |v: &f64| *v > peak * 0.5;
    let (Some(top), Some(bottom)) = (rows.iter().position(strong), rows.iter().rposition(strong)) else {
        return;
    };
    let core = bottom + 1 - top;
    // Small letters fill a third to three quarters of their line's height; anything else is no line of print.
    if core * 5 < rows.len() || core * 20 > rows.len() * 19 {
        return;
    }
    all.lines += 1;
    all.above += rows[..top].iter().sum::<f64>() / peak;
    all.below += rows[bottom + 1..].iter().sum::<f64>() / peak;
    all.ink += ink;
}

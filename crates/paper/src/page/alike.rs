//! The same page twice: how the ink is spread over the page, coarse enough to survive another photograph of it, fine
//! enough to tell two filled-in copies of one form apart.
#![expect(
    clippy::indexing_slicing,
    reason = "cells are indexed inside loops bounded by the grid's own sides"
)]

use super::grey::Grey;
use super::judge::INK;
use image::GrayImage;

const ACROSS: usize = 52;
const DOWN: usize = 72;
/// Length of a fingerprint.
pub const FINGERPRINT_BYTES: usize = ACROSS * DOWN;
/// How alike two pages must be spread to be told as the same; 1 is one picture with itself. Two photographs of one page
/// reach 0.99.
const SAME_FROM: f64 = 0.95;
/// So many cells may differ by anything: a fold, a finger, a speck.
const APART_CELLS: usize = 10;
/// How far the next one may: photographs of one page stay below 15, copies of one form for two children begin at 29.
const APART_MAX: u8 = 21;

/// Ink in each of the page's cells; all zero for a page without any.
pub(super) fn fingerprint(page: &GrayImage) -> Vec<u8> {
    let (w, h) = (page.width() as usize, page.height() as usize);
    let mut ink = vec![0_u32; FINGERPRINT_BYTES];
    for (y, row) in page.as_raw().chunks_exact(w.max(1)).enumerate() {
        let cells = (y * DOWN / h.max(1)).min(DOWN - 1) * ACROSS;
        for (x, v) in row.iter().enumerate() {
            ink[cells + (x * ACROSS / w).min(ACROSS - 1)] += u32::from(*v < INK);
        }
    }
    let cell = (w * h / FINGERPRINT_BYTES).max(1) as u32;
    let grid = Grey {
        w: ACROSS,
        h: DOWN,
        // Half a cell black is as dark as print gets.
        px: ink
            .into_iter()
            .map(|n| u8::try_from(n * 512 / cell).unwrap_or(u8::MAX))
            .collect(),
    };
    let mut grid = grid.blurred(1);
    // The rim is where two cuts of one sheet differ.
    for (i, v) in grid.px.iter_mut().enumerate() {
        let (x, y) = (i % ACROSS, i / ACROSS);
        if x == 0 || y == 0 || x == ACROSS - 1 || y == DOWN - 1 {
            *v = 0;
        }
    }
    grid.px
}

/// Whether two fingerprints are of one page, the same way up or upside down.
#[must_use]
pub fn same_page(a: &[u8], b: &[u8]) -> bool {
    best_fit(a, b).is_some_and(|(alike, apart)| alike >= SAME_FROM && apart <= APART_MAX)
}

/// How alike two prints are where they lie best on each other, and how far apart their most different cells are then:
/// another name on the same form is a small part of the page, and all of some cells.
pub(super) fn best_fit(a: &[u8], b: &[u8]) -> Option<(f64, u8)> {
    if a.len() != FINGERPRINT_BYTES || b.len() != FINGERPRINT_BYTES {
        return None;
    }
    let turned: Vec<u8> = b.iter().rev().copied().collect();
    // Two cuts of one sheet differ by a few millimetres.
    let shifts = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
    let tried = shifts.flat_map(|by| [shifted(b, by), shifted(&turned, by)]);
    let (alike, best) = tried
        .map(|print| (likeness(a, &print), print))
        .max_by(|p, q| p.0.total_cmp(&q.0))?;
    let mut apart: Vec<u8> = a.iter().zip(&best).map(|(x, y)| x.abs_diff(*y)).collect();
    apart.sort_unstable_by(|p, q| q.cmp(p));
    Some((alike, apart.get(APART_CELLS).copied().unwrap_or(0)))
}

fn shifted(print: &[u8], (dx, dy): (i32, i32)) -> Vec<u8> {
    let at = |i: usize| {
        let (x, y) = ((i % ACROSS) as i32 + dx, (i / ACROSS) as i32 + dy);
        let inside = (0..ACROSS as i32).contains(&x) && (0..DOWN as i32).contains(&y);
        if inside {
            print[y as usize * ACROSS + x as usize]
        } else {
            0
        }
    };
    (0..print.len()).map(at).collect()
}

/// Correlation; 0 where one of the pages is blank, for blank pages are all alike.
fn likeness(a: &[u8], b: &[u8]) -> f64 {
    let mean = |v: &[u8]| v.iter().map(|x| f64::from(*x)).sum::<f64>() / v.len().max(1) as f64;
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (dx, dy) = (f64::from(*x) - ma, f64::from(*y) - mb);
        ab += dx * dy;
        aa += dx * dx;
        bb += dy * dy;
    }
    if aa < 1.0 || bb < 1.0 {
        return 0.0;
    }
    ab / (aa * bb).sqrt()
}

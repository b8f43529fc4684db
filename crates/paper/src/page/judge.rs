//! What a person should be told of a page: measured on the evened page, each against one named threshold.
#![expect(
    clippy::indexing_slicing,
    reason = "rows are cut from the picture's own width; windows are bounded by the loop"
)]

use super::level::Evened;
use super::upright::{self, Way};
use super::{PageWarning, grey};
use image::GrayImage;

/// Darker than this on evened paper is ink.
pub(super) const INK: u8 = 150;
/// Less of the page covered by ink is a blank page: one short word on A4 covers more.
const BLANK_BELOW: f64 = 0.0004;
/// Paper that was darker than this had too little light.
const DARK_BELOW: u8 = 92;
/// Pixels from bright to dark at the median edge; sharp print at 200 dpi takes two to four.
const EDGE_PIXELS_MAX: u32 = 6;
/// Edges needed to speak of sharpness at all.
const EDGES_MIN: u32 = 150;
/// Change of brightness that makes an edge.
const EDGE_STEP: u8 = 50;

pub(super) fn warnings(page: &GrayImage, evened: &Evened) -> Vec<PageWarning> {
    let mut told = Vec::new();
    if evened.paper_was < DARK_BELOW {
        told.push(PageWarning::Dark);
    }
    if evened.paper_share > 0.9 || ink_share(page) >= BLANK_BELOW {
        told.extend(of_evened(page));
    }
    told
}

/// What the evened page itself tells, whenever it is looked at.
pub(super) fn of_evened(page: &GrayImage) -> Vec<PageWarning> {
    let mut told = Vec::new();
    if ink_share(page) < BLANK_BELOW {
        told.push(PageWarning::Blank);
        return told;
    }
    if is_blurred(page) {
        told.push(PageWarning::Blurred);
        // Rows of a blurred page cannot be told from each other.
        return told;
    }
    match upright::way(page) {
        Way::UpsideDown => told.push(PageWarning::UpsideDown),
        Way::Sideways => told.push(PageWarning::Sideways),
        Way::Upright | Way::Unknown => {}
    }
    told
}

/// Share of ink without the rim, where shadows of the cut lie.
fn ink_share(page: &GrayImage) -> f64 {
    let (w, h) = (page.width() as usize, page.height() as usize);
    let (mx, my) = (w / 25, h / 25);
    let (mut ink, mut all) = (0_u64, 0_u64);
    for row in page.as_raw().chunks_exact(w.max(1)).take(h - my).skip(my) {
        let inner = &row[mx..w - mx];
        ink += inner.iter().filter(|v| **v < INK).count() as u64;
        all += inner.len() as u64;
    }
    ink as f64 / (all as f64).max(1.0)
}

/// How many pixels a change from paper to ink takes (Marziliano and others, "A no-reference perceptual blur metric",
/// 2002), at the median of all edges met on every fourth row.
fn is_blurred(page: &GrayImage) -> bool {
    let w = page.width() as usize;
    let mut widths = [0_u32; 256];
    for row in page.as_raw().chunks_exact(w.max(1)).step_by(4) {
        edges(row, |width| widths[width.min(255)] += 1);
    }
    let edges: u32 = widths.iter().sum();
    edges >= EDGES_MIN && u32::from(grey::percentile(&widths, 0.5)) > EDGE_PIXELS_MAX
}

/// Runs that only fall or only rise, by enough to be an edge.
fn edges(row: &[u8], mut met: impl FnMut(usize)) {
    let mut start = 0;
    for i in 1..row.len() {
        let goes_on =
            i > start + 1 && (row[i] >= row[i - 1]) == (row[i - 1] >= row[i - 2]) && row[i] != row[i - 1];
        if i == start + 1 || goes_on {
            continue;
        }
        let last = i - 1;
        if row[last].abs_diff(row[start]) >= EDGE_STEP {
            met(last - start);
        }
        start = last;
    }
}

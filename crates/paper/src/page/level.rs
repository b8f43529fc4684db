//! Shadows evened: what is paper becomes white everywhere, and what is not keeps its tones. Colour is kept where it
//! says something (a seal, a signature in ink, a photograph) and dropped where it is only the lamp's.
#![expect(
    clippy::indexing_slicing,
    reason = "cells and pixels are indexed inside loops bounded by the picture's own sides"
)]

use super::grey::{Grey, histogram, percentile};
use image::{DynamicImage, GrayImage, RgbImage};

/// Side of a cell in which the paper's brightness is taken, in pixels.
const CELL: usize = 24;
/// Dark things up to twice this many cells wide (a photograph of 4 cm) do not pass for shadow.
const CLOSING_CELLS: usize = 6;
/// What the paper's brightness becomes.
const PAPER_WHITE: f32 = 246.0;
/// A shadow darker than this share of white is not made up for: noise would be all that comes out.
const GAIN_MAX: f32 = 2.6;
/// From here up, what is left of the paper's grain goes to white.
const GRAIN_FROM: f32 = 205.0;
const GRAIN_TO: f32 = 232.0;
/// How far a spot's colours lie apart, against the paper around it, to count as colour.
const COLOUR_APART: f32 = 0.17;
/// Paper, even yellow paper under a warm lamp, is less coloured than this.
const GROUND_SATURATION_MAX: f32 = 0.6;
/// Coloured spots of 64 that make a coloured patch, and patches that make a coloured page.
const SPOTS_MIN: u32 = 14;
const PATCHES_MIN: u32 = 3;

pub(super) struct Evened {
    pub picture: DynamicImage,
    /// Brightness of the paper before anything was evened: its median.
    pub paper_was: u8,
    /// Share of the page that is as bright as the paper around it: low on photographs.
    pub paper_share: f64,
}

/// The paper's brightness and colour, cell by cell.
struct Ground {
    w: usize,
    h: usize,
    luma: Grey,
    colour: Vec<[f32; 3]>,
    /// The colour that the paper has where it shows.
    usual: [f32; 3],
}

pub(super) fn even(page: RgbImage) -> Evened {
    let ground = Ground::of(&page);
    let paper_was = ground.luma.percentile(0.5);
    let paper_share = paper_share(&page, &ground);
    // A ground as strong as this is no paper under a lamp: it is what the picture shows.
    let strong = saturation(ground.usual) > GROUND_SATURATION_MAX;
    let coloured = strong || is_coloured(&page, &ground);
    let picture = if strong || paper_share < 0.45 {
        // A photograph, or a card with a picture all over: its tones are what it says.
        if coloured {
            DynamicImage::ImageRgb8(page)
        } else {
            DynamicImage::ImageLuma8(DynamicImage::ImageRgb8(page).into_luma8())
        }
    } else if coloured {
        DynamicImage::ImageRgb8(evened_colour(page, &ground))
    } else {
        DynamicImage::ImageLuma8(evened_grey(&page, &ground))
    };
    Evened {
        picture,
        paper_was,
        paper_share,
    }
}

#[inline]
fn luma(r: u8, g: u8, b: u8) -> u8 {
    // Rec. 601 in eighths of a thousand: near enough, and without a division.
    ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8) as u8
}

impl Ground {
    fn of(page: &RgbImage) -> Self {
        let (pw, ph) = (page.width() as usize, page.height() as usize);
        let (w, h) = (pw.div_ceil(CELL).max(1), ph.div_ceil(CELL).max(1));
        let mut raw = Grey::new(w, h);
        let mut colour = Vec::with_capacity(w * h);
        for cy in 0..h {
            for cx in 0..w {
                let (bright, mean) = cell(page, cx, cy);
                raw.px[cy * w + cx] = bright;
                colour.push(mean);
            }
        }
        let closed = raw.brightest(CLOSING_CELLS).darkest(CLOSING_CELLS);
        // Where closing filled something dark, the paper's colour is not the dark thing's.
        let usual = usual_colour(&raw, &closed, &colour);
        for (i, c) in colour.iter_mut().enumerate() {
            if raw.px[i] < closed.px[i].saturating_sub(12) {
                *c = usual;
            }
        }
        Self {
            w,
            h,
            luma: closed.blurred(2).blurred(1),
            colour,
            usual,
        }
    }

    /// Brightness of the paper at a pixel of one row, cell by cell interpolated.
    fn row(&self, y: usize, width: usize, out: &mut Vec<f32>) {
        let fy = ((y as f32 + 0.5) / CELL as f32 - 0.5).clamp(0.0, (self.h - 1) as f32);
        let (y0, b) = (fy as usize, fy.fract());
        let y1 = (y0 + 1).min(self.h - 1);
        let mixed: Vec<f32> = (0..self.w)
            .map(|x| {
                f32::from(self.luma.px[y0 * self.w + x]) * (1.0 - b)
                    + f32::from(self.luma.px[y1 * self.w + x]) * b
            })
            .collect();
        out.clear();
        for x in 0..width {
            let fx = ((x as f32 + 0.5) / CELL as f32 - 0.5).clamp(0.0, (self.w - 1) as f32);
            let (x0, a) = (fx as usize, fx.fract());
            let x1 = (x0 + 1).min(self.w - 1);
            out.push(mixed[x0] * (1.0 - a) + mixed[x1] * a);
        }
    }
}

/// The paper in a cell: its brightness (what most of the brighter part has) and its mean colour.
fn cell(page: &RgbImage, cx: usize, cy: usize) -> (u8, [f32; 3]) {
    let (pw, ph) = (page.width() as usize, page.height() as usize);
    let raw = page.as_raw();
    let mut seen: Vec<(u8, usize)> = Vec::with_capacity(64);
    for y in (cy * CELL..((cy + 1) * CELL).min(ph)).step_by(3) {
        for x in (cx * CELL..((cx + 1) * CELL).min(pw)).step_by(3) {
            let at = (y * pw + x) * 3;
            seen.push((luma(raw[at], raw[at + 1], raw[at + 2]), at));
        }
    }
    let counts = histogram(seen.iter().map(|s| s.0));
    let bright = percentile(&counts, 0.8);
    let (mut sum, mut n) = ([0.0_f32; 3], 0.0_f32);
    for (v, at) in seen {
        if v.abs_diff(bright) <= 16 {
            for (c, s) in sum.iter_mut().enumerate() {
                *s += f32::from(raw[at + c]);
            }
            n += 1.0;
        }
    }
    (bright, sum.map(|s| (s / n.max(1.0)).max(1.0)))
}

/// The colour that the paper has where it shows.
fn usual_colour(raw: &Grey, closed: &Grey, colour: &[[f32; 3]]) -> [f32; 3] {
    let (mut sum, mut n) = ([0.0_f32; 3], 0.0_f32);
    for (i, c) in colour.iter().enumerate() {
        if raw.px[i].saturating_add(6) >= closed.px[i] {
            for (s, v) in sum.iter_mut().zip(c) {
                *s += v;
            }
            n += 1.0;
        }
    }
    sum.map(|s| (s / n.max(1.0)).max(1.0))
}

/// How far the strongest part of a colour is from the weakest, as a share of the strongest.
fn saturation([r, g, b]: [f32; 3]) -> f32 {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    (most - least) / most.max(1.0)
}

fn paper_share(page: &RgbImage, ground: &Ground) -> f64 {
    let (mut near, mut all) = (0_u32, 0_u32);
    let (pw, raw) = (page.width() as usize, page.as_raw());
    for y in (0..page.height() as usize).step_by(8) {
        for x in (0..pw).step_by(8) {
            let at = (y * pw + x) * 3;
            let here = luma(raw[at], raw[at + 1], raw[at + 2]);
            let paper = ground.luma.at(x / CELL, y / CELL);
            all += 1;
            near += u32::from(f32::from(here) > f32::from(paper) * 0.86);
        }
    }
    f64::from(near) / f64::from(all.max(1))
}

/// Looks at spots of four by four pixels: grain and the coder's colour noise are gone there, a stroke is not.
fn is_coloured(page: &RgbImage, ground: &Ground) -> bool {
    let (pw, ph) = (page.width() as usize, page.height() as usize);
    let patch = 32;
    let mut patches = 0;
    for y in (0..ph.saturating_sub(patch - 1)).step_by(patch) {
        for x in (0..pw.saturating_sub(patch - 1)).step_by(patch) {
            let paper = ground.colour[(y / CELL).min(ground.h - 1) * ground.w + (x / CELL).min(ground.w - 1)];
            if coloured_spots(page, (x, y), paper) >= SPOTS_MIN {
                patches += 1;
                if patches >= PATCHES_MIN {
                    return true;
                }
            }
        }
    }
    false
}

fn coloured_spots(page: &RgbImage, (x0, y0): (usize, usize), paper: [f32; 3]) -> u32 {
    let (pw, raw) = (page.width() as usize, page.as_raw());
    let mut spots = 0;
    for y in (y0..y0 + 32).step_by(4) {
        for x in (x0..x0 + 32).step_by(4) {
            let mut sum = [0_u32; 3];
            for dy in [0, 1, 2, 3] {
                let at = ((y + dy) * pw + x) * 3;
                for px in raw[at..at + 12].chunks_exact(3) {
                    sum[0] += u32::from(px[0]);
                    sum[1] += u32::from(px[1]);
                    sum[2] += u32::from(px[2]);
                }
            }
            let c = [0, 1, 2].map(|i| sum[i] as f32 / 16.0 / paper[i]);
            let apart = c[0].max(c[1]).max(c[2]) - c[0].min(c[1]).min(c[2]);
            spots += u32::from(apart > COLOUR_APART);
        }
    }
    spots
}

/// Tones after evening: the paper's grain goes to white, everything darker stays as it is.
fn tones() -> [u8; 256] {
    let mut table = [0_u8; 256];
    for (v, to) in table.iter_mut().enumerate() {
        let v = v as f32;
        let t = ((v - GRAIN_FROM) / (GRAIN_TO - GRAIN_FROM)).clamp(0.0, 1.0);
        *to = (v + (255.0 - v) * t * t * (3.0 - 2.0 * t)).min(255.0) as u8;
    }
    table
}

fn gains(ground: &[f32], out: &mut Vec<f32>) {
    out.clear();
    out.extend(
        ground
            .iter()
            .map(|g| (PAPER_WHITE / g.max(1.0)).clamp(0.9, GAIN_MAX)),
    );
}

fn evened_colour(mut page: RgbImage, ground: &Ground) -> RgbImage {
    let width = page.width() as usize;
    let tones = tones();
    // The lamp's tint goes with the shadow: paper is white, not yellow.
    let lightness = ground.usual.iter().sum::<f32>() / 3.0;
    let tint = ground.usual.map(|c| (lightness / c).clamp(0.7, 1.5));
    let (mut row, mut gain) = (Vec::new(), Vec::new());
    for (y, line) in page.as_mut().chunks_exact_mut((width * 3).max(1)).enumerate() {
        ground.row(y, width, &mut row);
        gains(&row, &mut gain);
        for (px, g) in line.chunks_exact_mut(3).zip(&gain) {
            for (c, t) in px.iter_mut().zip(tint) {
                *c = tones[usize::from((f32::from(*c) * g * t).min(255.0) as u8)];
            }
        }
    }
    page
}

fn evened_grey(page: &RgbImage, ground: &Ground) -> GrayImage {
    let width = page.width() as usize;
    let tones = tones();
    let mut out = GrayImage::new(page.width(), page.height());
    let (mut row, mut gain) = (Vec::new(), Vec::new());
    let lines = page.as_raw().chunks_exact((width * 3).max(1));
    for (y, (line, to)) in lines.zip(out.as_mut().chunks_exact_mut(width.max(1))).enumerate() {
        ground.row(y, width, &mut row);
        gains(&row, &mut gain);
        for ((px, t), g) in line.chunks_exact(3).zip(to).zip(&gain) {
            let v = f32::from(luma(px[0], px[1], px[2])) * g;
            *t = tones[usize::from(v.min(255.0) as u8)];
        }
    }
    out
}

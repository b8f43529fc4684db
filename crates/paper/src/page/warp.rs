//! The sheet alone and flat: one pass over the pixels of the page, each looked up where the camera saw it.
//!
//! **Invariant:** turning, straightening, cutting and scaling happen in this one pass: nothing is resampled twice.
#![expect(
    clippy::indexing_slicing,
    reason = "reads and writes stay inside rows whose length is taken from the pictures themselves"
)]

use super::quad::{Homography, Point, Quad, page_size};

use image::metadata::Orientation;
use image::{Rgb, RgbImage};

/// Letters of 9 pt need about this many pixels of the sheet's longer side.
const LONG_SIDE_MIN: f64 = 1250.0;

/// Where the page's corners lie in the upright picture, and how large the page becomes.
pub(super) struct Plan {
    quad: Quad,
    size: (u32, u32),
    seen: f64,
}

impl Plan {
    /// For a sheet that was found in the sketch.
    pub fn of_sheet(quad: &Quad, sketch: (u32, u32), upright: (u32, u32)) -> Self {
        let by = (
            f64::from(upright.0) / f64::from(sketch.0.max(1)),
            f64::from(upright.1) / f64::from(sketch.1.max(1)),
        );
        let frame = (f64::from(upright.0), f64::from(upright.1));
        let whole = quad.scaled(by);
        let size = whole.page_size(frame);
        Self {
            seen: whole.sides().into_iter().fold(0.0, f64::max),
            quad: whole.inset(0.008),
            size,
        }
    }

    /// For a page that fills its frame and leans by so many degrees.
    pub fn of_frame(upright: (u32, u32), degrees: f64) -> Self {
        let (w, h) = (f64::from(upright.0), f64::from(upright.1));
        let (sin, cos) = degrees.to_radians().sin_cos();
        let turned = |(x, y): Point| {
            let (dx, dy) = (x - w / 2.0, y - h / 2.0);
            (w / 2.0 + dx * cos - dy * sin, h / 2.0 + dx * sin + dy * cos)
        };
        Self {
            quad: Quad([(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)].map(turned)),
            size: page_size(w / h.max(1.0), w.max(h)),
            seen: w.max(h),
        }
    }

    pub fn far(&self) -> bool {
        self.seen < LONG_SIDE_MIN
    }
}

/// The size of a picture once it is turned as the camera says.
pub(super) fn turned_size((w, h): (u32, u32), turn: Orientation) -> (u32, u32) {
    match turn {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (h, w),
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => (w, h),
    }
}

/// A point of the upright picture in the picture as it is stored, whose size is `(w, h)`.
fn stored((x, y): Point, (w, h): (f64, f64), turn: Orientation) -> Point {
    match turn {
        Orientation::NoTransforms => (x, y),
        Orientation::Rotate180 => (w - x, h - y),
        Orientation::FlipHorizontal => (w - x, y),
        Orientation::FlipVertical => (x, h - y),
        Orientation::Rotate90 => (y, h - x),
        Orientation::Rotate270 => (w - y, x),
        Orientation::Rotate90FlipH => (y, x),
        Orientation::Rotate270FlipH => (w - y, h - x),
    }
}

/// A small upright copy, each pixel the mean of what it stands for.
pub(super) fn sketch(full: &RgbImage, turn: Orientation, side: u32) -> RgbImage {
    let longer = full.width().max(full.height());
    let step = (longer / side.max(1)).max(1);
    let (w, h) = ((full.width() / step).max(1), (full.height() / step).max(1));
    let mut small = RgbImage::new(w, h);
    let row_bytes = full.width() as usize * 3;
    // Every second pixel of a cell tells its mean well enough.
    let hop = (step / 4).max(1) as usize;
    let step = step as usize;
    let raw = full.as_raw();
    for (x, y, to) in small.enumerate_pixels_mut() {
        let (x0, y0) = (x as usize * step, y as usize * step);
        let (mut sum, mut n) = ([0_u32; 3], 0_u32);
        for yy in (y0..(y0 + step).min(full.height() as usize)).step_by(hop) {
            for xx in (x0..(x0 + step).min(full.width() as usize)).step_by(hop) {
                let at = yy * row_bytes + xx * 3;
                sum[0] += u32::from(raw[at]);
                sum[1] += u32::from(raw[at + 1]);
                sum[2] += u32::from(raw[at + 2]);
                n += 1;
            }
        }
        *to = Rgb(sum.map(|s| u8::try_from(s / n.max(1)).unwrap_or(u8::MAX)));
    }
    let mut upright = image::DynamicImage::ImageRgb8(small);
    upright.apply_orientation(turn);
    upright.into_rgb8()
}

/// The flat page.
pub(super) fn flatten(full: &RgbImage, turn: Orientation, plan: &Plan) -> RgbImage {
    let (w, h) = plan.size;
    let stored_size = (f64::from(full.width()), f64::from(full.height()));
    let corners = plan.quad.0.map(|p| stored(p, stored_size, turn));
    let (pw, ph) = (f64::from(w), f64::from(h));
    let page = [(0.0, 0.0), (pw, 0.0), (pw, ph), (0.0, ph)];
    let Some(map) = Homography::between(&page, &corners) else {
        return full.clone();
    };
    if is_same(&corners, full, (w, h)) {
        return full.clone();
    }
    let shrink = plan.seen / f64::from(w.max(h)).max(1.0);
    // Where much is made smaller, one look a pixel would miss thin strokes.
    let looks = if shrink > 1.35 { 2 } else { 1 };
    let mut out = RgbImage::new(w, h);
    let row_bytes = w as usize * 3;
    for (y, row) in out.as_mut().chunks_exact_mut(row_bytes.max(1)).enumerate() {
        fill_row(full, &map, y, row, looks);
    }
    out
}

fn is_same(corners: &[Point; 4], full: &RgbImage, size: (u32, u32)) -> bool {
    let (w, h) = (f64::from(full.width()), f64::from(full.height()));
    let plain = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)];
    full.dimensions() == size
        && corners
            .iter()
            .zip(plain)
            .all(|(a, b)| (a.0 - b.0).abs() < 0.5 && (a.1 - b.1).abs() < 0.5)
}

fn fill_row(full: &RgbImage, map: &Homography, y: usize, row: &mut [u8], looks: usize) {
    let h = map.0.map(|v| v as f32);
    let offsets: &[f32] = if looks == 2 { &[0.25, 0.75] } else { &[0.5] };
    let share = 1.0 / (offsets.len() * offsets.len()) as f32;
    for (x, to) in row.chunks_exact_mut(3).enumerate() {
        let mut sum = [0.0_f32; 3];
        for oy in offsets {
            let py = y as f32 + oy;
            for ox in offsets {
                let px = x as f32 + ox;
                let d = 1.0 / (h[6] * px + h[7] * py + h[8]);
                let u = (h[0] * px + h[1] * py + h[2]) * d - 0.5;
                let v = (h[3] * px + h[4] * py + h[5]) * d - 0.5;
                let c = look(full, u, v);
                sum[0] += c[0];
                sum[1] += c[1];
                sum[2] += c[2];
            }
        }
        to[0] = (sum[0] * share + 0.5) as u8;
        to[1] = (sum[1] * share + 0.5) as u8;
        to[2] = (sum[2] * share + 0.5) as u8;
    }
}

/// Between the four pixels around; white beyond the picture.
#[inline]
fn look(full: &RgbImage, u: f32, v: f32) -> [f32; 3] {
    let (w, h) = (full.width() as i32, full.height() as i32);
    let (fx, fy) = (u.floor(), v.floor());
    let (x, y) = (fx as i32, fy as i32);
    if x < -1 || y < -1 || x > w - 1 || y > h - 1 {
        return [255.0; 3];
    }
    let (x0, y0) = (x.max(0) as usize, y.max(0) as usize);
    let (x1, y1) = ((x + 1).min(w - 1) as usize, (y + 1).min(h - 1) as usize);
    let (a, b) = (u - fx, v - fy);
    let raw = full.as_raw();
    let stride = w as usize * 3;
    let (p00, p10) = (y0 * stride + x0 * 3, y0 * stride + x1 * 3);
    let (p01, p11) = (y1 * stride + x0 * 3, y1 * stride + x1 * 3);
    let mut out = [0.0; 3];
    for (c, to) in out.iter_mut().enumerate() {
        let top = f32::from(raw[p00 + c]) * (1.0 - a) + f32::from(raw[p10 + c]) * a;
        let low = f32::from(raw[p01 + c]) * (1.0 - a) + f32::from(raw[p11 + c]) * a;
        *to = top * (1.0 - b) + low * b;
    }
    out
}

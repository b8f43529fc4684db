//! Four corners: their shape, and the mapping that carries a flat sheet onto them.
#![expect(
    clippy::indexing_slicing,
    reason = "fixed arrays of four corners and eight unknowns, indexed by constants and bounded loops"
)]

use super::{A4_LONG, A4_SHORT};

/// The longer side over the shorter: A4 and A5, and a card (ISO/IEC 7810 ID-1).
const A4: f64 = A4_LONG as f64 / A4_SHORT as f64;
const CARD: f64 = 85.6 / 53.98;
/// How near to a usual shape a sheet is taken for one, as a logarithm.
const SHAPE_NEAR: f64 = 0.12;

pub(super) type Point = (f64, f64);

/// Corners in order: top left, top right, bottom right, bottom left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quad(pub [Point; 4]);

impl Quad {
    /// The same corners in reading order, whatever order they came in.
    pub fn ordered(corners: [Point; 4]) -> Self {
        let centre = (
            corners.iter().map(|p| p.0).sum::<f64>() / 4.0,
            corners.iter().map(|p| p.1).sum::<f64>() / 4.0,
        );
        let angle = |p: &Point| (p.1 - centre.1).atan2(p.0 - centre.0);
        let mut round = corners;
        round.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
        // The corner nearest to the top left of the frame starts; from there the order is clockwise.
        let first = (0..4)
            .min_by(|a, b| (round[*a].0 + round[*a].1).total_cmp(&(round[*b].0 + round[*b].1)))
            .unwrap_or(0);
        round.rotate_left(first);
        Self(round)
    }

    pub fn sides(&self) -> [f64; 4] {
        let p = &self.0;
        [0, 1, 2, 3].map(|i| distance(p[i], p[(i + 1) % 4]))
    }

    pub fn area(&self) -> f64 {
        area(&self.0)
    }

    /// Convex, with no corner sharper than a sheet of paper shows from above a desk.
    pub fn is_a_sheet(&self) -> bool {
        let p = &self.0;
        let plausible = (0..4).all(|i| {
            let (a, b, c) = (p[(i + 3) % 4], p[i], p[(i + 1) % 4]);
            let cross = (c.0 - b.0) * (a.1 - b.1) - (c.1 - b.1) * (a.0 - b.0);
            let dot = (c.0 - b.0) * (a.0 - b.0) + (c.1 - b.1) * (a.1 - b.1);
            let angle = cross.atan2(dot).to_degrees();
            (48.0..=132.0).contains(&angle)
        });
        let s = self.sides();
        let near = |a: f64, b: f64| a.max(b) < 2.2 * a.min(b);
        plausible && near(s[0], s[2]) && near(s[1], s[3])
    }

    /// The sheet is the frame, but for a rim that a scanner's lid leaves.
    pub fn fills(&self, (w, h): (u32, u32)) -> bool {
        let (w, h) = (f64::from(w), f64::from(h));
        let frame = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)];
        let near = |(p, q): (&Point, Point)| distance(*p, q) < 0.025 * w.max(h);
        self.0.iter().zip(frame).all(near)
    }

    pub fn scaled(&self, by: (f64, f64)) -> Self {
        Self(self.0.map(|p| (p.0 * by.0, p.1 * by.1)))
    }

    /// Every corner moved towards the middle by this share: the rim of the sheet is not the sheet.
    pub fn inset(&self, share: f64) -> Self {
        let centre = (
            self.0.iter().map(|p| p.0).sum::<f64>() / 4.0,
            self.0.iter().map(|p| p.1).sum::<f64>() / 4.0,
        );
        Self(
            self.0
                .map(|p| (p.0 + (centre.0 - p.0) * share, p.1 + (centre.1 - p.1) * share)),
        )
    }

    /// Width over height of the flat sheet, from how its sides run together (Zhang and He, "Whiteboard scanning and
    /// image enhancement", 2007), or the mean of opposite sides where the sheet was seen straight on. Both are off by a
    /// tenth for a sheet held loosely; what nearly is a sheet or a card of the usual shape is one.
    pub fn aspect(&self, frame: (f64, f64)) -> f64 {
        let s = self.sides();
        let plain = (s[0] + s[2]) / (s[1] + s[3]).max(1.0);
        // A wild answer of the formula is noise in the corners, not a strange sheet.
        let seen = self
            .aspect_by_perspective(frame)
            .filter(|a| (a / plain).abs().ln().abs() < 0.5)
            .unwrap_or(plain);
        let off = |aspect: f64, shape: f64| (long_over_short(aspect) / shape).ln().abs();
        let shape = if off(plain, CARD) < off(plain, A4) && off(seen, CARD) < off(seen, A4) {
            CARD
        } else {
            A4
        };
        if off(plain, shape).min(off(seen, shape)) > SHAPE_NEAR {
            seen
        } else if plain < 1.0 {
            1.0 / shape
        } else {
            shape
        }
    }

    fn aspect_by_perspective(&self, (w, h): (f64, f64)) -> Option<f64> {
        let at = |i: usize| [self.0[i].0 - w / 2.0, self.0[i].1 - h / 2.0, 1.0];
        let (m1, m2, m3, m4) = (at(0), at(1), at(3), at(2));
        let k2 = dot(cross(m1, m4), m3) / dot(cross(m2, m4), m3);
        let k3 = dot(cross(m1, m4), m2) / dot(cross(m3, m4), m2);
        let n2 = [0, 1, 2].map(|i| k2 * m2[i] - m1[i]);
        let n3 = [0, 1, 2].map(|i| k3 * m3[i] - m1[i]);
        if n2[2].abs() < 0.02 && n3[2].abs() < 0.02 {
            return None;
        }
        let f2 = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2]);
        let f2 = if f2.is_finite() && f2 > 0.0 {
            f2
        } else {
            // One pair of sides stays parallel: a usual telephone's focal length answers for the rest.
            (w.max(h) * 0.8).powi(2)
        };
        let length = |n: [f64; 3]| n[2] * n[2] + (n[0] * n[0] + n[1] * n[1]) / f2;
        let ratio = (length(n2) / length(n3)).sqrt();
        ratio.is_finite().then_some(ratio)
    }

    /// Size of the flat page, never larger than it was seen.
    pub fn page_size(&self, frame: (f64, f64)) -> (u32, u32) {
        let s = self.sides();
        let seen = s.iter().copied().fold(0.0, f64::max);
        page_size(self.aspect(frame), seen)
    }
}

/// Pixels for a page of this shape (width over height) whose longer side was seen with `seen` pixels.
pub(super) fn page_size(aspect: f64, seen: f64) -> (u32, u32) {
    let upright = aspect < 1.0;
    let ratio = long_over_short(aspect);
    // A scanner's A4 is off by a few pixels.
    let ratio = if (ratio / A4).ln().abs() < 0.015 {
        A4
    } else {
        ratio.min(20.0)
    };
    let long = f64::from(A4_LONG).min(seen.max(16.0));
    let short = (long / ratio).max(1.0);
    let (long, short) = (long.round() as u32, short.round() as u32);
    if upright { (short, long) } else { (long, short) }
}

fn long_over_short(aspect: f64) -> f64 {
    let aspect = aspect.abs().max(0.01);
    aspect.max(1.0 / aspect)
}

pub(super) fn is_a4(w: f64, h: f64, tolerance: f64) -> bool {
    let ratio = w.max(h) / w.min(h).max(1.0);
    (ratio / A4).ln().abs() < tolerance
}

pub(super) fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

pub(super) fn area(points: &[Point]) -> f64 {
    let next = points.iter().cycle().skip(1);
    let doubled: f64 = points.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    doubled.abs() / 2.0
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Carries points of one plane onto another as a camera does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Homography(pub [f64; 9]);

impl Homography {
    /// From four corners of a flat page to where they were seen. None where three of them lie on a line.
    pub fn between(from: &[Point; 4], to: &[Point; 4]) -> Option<Self> {
        let mut rows = [[0.0; 9]; 8];
        for i in 0..4 {
            let ((x, y), (u, v)) = (from[i], to[i]);
            rows[2 * i] = [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u];
            rows[2 * i + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v];
        }
        let h = solve(rows)?;
        Some(Self([h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1.0]))
    }
}

/// Eight equations by elimination with the largest pivot.
fn solve(mut rows: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        if rows[pivot][column].abs() < 1e-9 {
            return None;
        }
        rows.swap(column, pivot);
        let lead = rows[column];
        for (i, row) in rows.iter_mut().enumerate() {
            if i == column {
                continue;
            }
            let factor = row[column] / lead[column];
            for (value, top) in row.iter_mut().zip(lead) {
                *value -= factor * top;
            }
        }
    }
    let mut out = [0.0; 8];
    for (i, value) in out.iter_mut().enumerate() {
        *value = rows[i][8] / rows[i][i];
    }
    Some(out)
}

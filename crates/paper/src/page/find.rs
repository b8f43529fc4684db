//! Where the sheet lies: paper is brighter and less coloured than what it lies on.
//!
//! Several thresholds are tried, because a shadow across the sheet moves the best one; the candidate whose outline is
//! filled best wins. **Invariant:** a doubtful outline is no outline: the caller keeps the whole frame then.
#![expect(
    clippy::indexing_slicing,
    reason = "every index is bounded by the mask's own sides in the loop around it"
)]

use super::grey::Grey;
use super::quad::{Point, Quad, area, distance};
use image::RgbImage;

/// A sheet smaller than this share of the frame is not what was photographed.
const SHARE_MIN: f64 = 0.05;
/// From this share on the sheet is the frame.
const SHARE_MAX: f64 = 0.985;
/// How much of its four-sided outline a sheet must fill.
const FILLED_MIN: f64 = 0.9;
/// Corners of the outline that are tried for the four best.
const CORNERS_TRIED_MAX: usize = 28;
/// How much brighter the sheet is inside than outside its sides, so many pixels away from them.
const STEP_MIN: i32 = 14;
const STEP_REACH: f64 = 4.0;
/// How near to the frame's rim a side lies on it, in pixels of the sketch.
const RIM: f64 = 2.5;

pub(super) struct Sheet {
    /// In pixels of the sketch.
    pub quad: Quad,
    /// One to three of its sides leave the frame.
    pub cut: bool,
}

pub(super) fn sheet(sketch: &RgbImage) -> Option<Sheet> {
    let paperness = paperness(sketch).blurred(1);
    let otsu = f64::from(paperness.otsu());
    let bright = f64::from(paperness.percentile(0.95));
    let thresholds = [otsu, otsu * 0.85, otsu * 0.7, f64::midpoint(otsu, bright)];
    let mut best: Option<(f64, Sheet)> = None;
    for threshold in thresholds {
        let mask = mask(&paperness, threshold as u8);
        let Some((score, sheet)) = candidate(&mask) else {
            continue;
        };
        if !stands_out(&paperness, &sheet.quad) {
            continue;
        }
        if best.as_ref().is_none_or(|(s, _)| score > *s) {
            best = Some((score, sheet));
        }
    }
    best.map(|(_, sheet)| sheet)
}

/// The weakest of a pixel's colours: high on white paper, low on wood, cloth and skin.
fn paperness(sketch: &RgbImage) -> Grey {
    Grey {
        w: sketch.width() as usize,
        h: sketch.height() as usize,
        px: sketch
            .pixels()
            .map(|p| p.0.into_iter().min().unwrap_or(0))
            .collect(),
    }
}

/// The largest bright patch with its holes (letters, seals, photographs) filled.
fn mask(paperness: &Grey, threshold: u8) -> Grey {
    let mut bright = Grey {
        w: paperness.w,
        h: paperness.h,
        px: paperness.px.iter().map(|v| u8::from(*v > threshold)).collect(),
    };
    // Print that touches the rim of the sheet must not bite into it.
    bright = bright.brightest(3).darkest(3);
    // Thin bridges to other bright things on the desk are cut.
    bright = bright.darkest(2).brightest(2);
    let largest = largest_patch(&bright);
    fill_holes(&largest)
}

/// Visits what hangs together with a pixel; answers how many there are.
fn flood(grid: &Grey, seen: &mut [bool], start: usize, wanted: u8, mut visit: impl FnMut(usize)) -> usize {
    let mut open = vec![start];
    let mut count = 0;
    seen[start] = true;
    while let Some(at) = open.pop() {
        count += 1;
        visit(at);
        let (x, y) = (at % grid.w, at / grid.w);
        let near = [
            (x > 0).then(|| at - 1),
            (x + 1 < grid.w).then(|| at + 1),
            (y > 0).then(|| at - grid.w),
            (y + 1 < grid.h).then(|| at + grid.w),
        ];
        for next in near.into_iter().flatten() {
            if !seen[next] && grid.px[next] == wanted {
                seen[next] = true;
                open.push(next);
            }
        }
    }
    count
}

fn largest_patch(bright: &Grey) -> Grey {
    let mut seen = vec![false; bright.px.len()];
    let mut best: Vec<usize> = Vec::new();
    for start in 0..bright.px.len() {
        if seen[start] || bright.px[start] == 0 {
            continue;
        }
        let mut patch = Vec::new();
        let count = flood(bright, &mut seen, start, 1, |at| patch.push(at));
        if count > best.len() {
            best = patch;
        }
    }
    let mut out = Grey::new(bright.w, bright.h);
    best.into_iter().for_each(|at| out.px[at] = 1);
    out
}

fn fill_holes(patch: &Grey) -> Grey {
    let mut outside = vec![false; patch.px.len()];
    let rim = (0..patch.w)
        .flat_map(|x| [x, (patch.h - 1) * patch.w + x])
        .chain((0..patch.h).flat_map(|y| [y * patch.w, y * patch.w + patch.w - 1]));
    for start in rim {
        if !outside[start] && patch.px[start] == 0 {
            flood(patch, &mut outside, start, 0, |_| ());
        }
    }
    Grey {
        w: patch.w,
        h: patch.h,
        px: outside.iter().map(|out| u8::from(!out)).collect(),
    }
}

fn candidate(mask: &Grey) -> Option<(f64, Sheet)> {
    let frame = (mask.w as f64, mask.h as f64);
    let filled = mask.px.iter().filter(|v| **v == 1).count() as f64;
    let share = filled / (frame.0 * frame.1).max(1.0);
    if !(SHARE_MIN..SHARE_MAX).contains(&share) {
        return None;
    }
    let outline = outline(mask);
    let hull = thinned(hull(outline.clone()));
    let rough = largest_quad(&hull)?;
    let quad = refined(&rough, &outline, frame).unwrap_or(rough);
    let score = filled / quad.area().max(1.0);
    if !(FILLED_MIN..1.0 / FILLED_MIN).contains(&score) || !quad.is_a_sheet() {
        return None;
    }
    let on_rim = sides_on_rim(&quad, frame);
    let sheet = Sheet {
        quad,
        cut: (1..4).contains(&on_rim),
    };
    // A perfect fit scores 1; too much is as wrong as too little. Of two good fits the larger sheet is meant.
    Some((1.0 - (1.0 - score).abs() * 2.0 + share * 0.3, sheet))
}

/// First and last pixel of every row and column.
fn outline(mask: &Grey) -> Vec<Point> {
    let mut points = Vec::new();
    for y in 0..mask.h {
        let row = &mask.px[y * mask.w..(y + 1) * mask.w];
        if let (Some(a), Some(b)) = (
            row.iter().position(|v| *v == 1),
            row.iter().rposition(|v| *v == 1),
        ) {
            points.push((a as f64, y as f64 + 0.5));
            points.push((b as f64 + 1.0, y as f64 + 0.5));
        }
    }
    let turned = mask.transposed();
    for x in 0..turned.h {
        let column = &turned.px[x * turned.w..(x + 1) * turned.w];
        if let (Some(a), Some(b)) = (
            column.iter().position(|v| *v == 1),
            column.iter().rposition(|v| *v == 1),
        ) {
            points.push((x as f64 + 0.5, a as f64));
            points.push((x as f64 + 0.5, b as f64 + 1.0));
        }
    }
    points
}

/// The convex hull (Andrew's monotone chain).
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let turn = |o: Point, a: Point, b: Point| (a.0 - o.0) * (b.1 - o.1) - (a.1 - o.1) * (b.0 - o.0);
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for p in points {
            while chain.len() >= 2 && turn(chain[chain.len() - 2], chain[chain.len() - 1], p) <= 0.0 {
                chain.pop();
            }
            chain.push(p);
        }
        chain.pop();
        chain
    };
    let mut lower = half(&mut points.iter().copied());
    lower.extend(half(&mut points.iter().rev().copied()));
    lower
}

/// The hull with its least important corners left out.
fn thinned(mut hull: Vec<Point>) -> Vec<Point> {
    while hull.len() > CORNERS_TRIED_MAX {
        let n = hull.len();
        let least = (0..n).min_by(|a, b| {
            let spike = |i: usize| area(&[hull[(i + n - 1) % n], hull[i], hull[(i + 1) % n]]);
            spike(*a).total_cmp(&spike(*b))
        });
        match least {
            Some(at) => hull.remove(at),
            None => break,
        };
    }
    hull
}

fn largest_quad(hull: &[Point]) -> Option<Quad> {
    let n = hull.len();
    let mut best: Option<(f64, [Point; 4])> = None;
    for a in 0..n {
        for b in a + 1..n {
            for c in b + 1..n {
                for d in c + 1..n {
                    let corners = [hull[a], hull[b], hull[c], hull[d]];
                    let size = area(&corners);
                    if best.as_ref().is_none_or(|(s, _)| size > *s) {
                        best = Some((size, corners));
                    }
                }
            }
        }
    }
    best.map(|(_, corners)| Quad::ordered(corners))
}

/// Each side laid through the outline's points along it; the corners are where the sides meet.
fn refined(rough: &Quad, outline: &[Point], frame: (f64, f64)) -> Option<Quad> {
    let p = &rough.0;
    let mut lines = Vec::with_capacity(4);
    for i in 0..4 {
        lines.push(side(p[i], p[(i + 1) % 4], outline)?);
    }
    let mut corners = [(0.0, 0.0); 4];
    for (i, corner) in corners.iter_mut().enumerate() {
        let (x, y) = meeting(lines[(i + 3) % 4], lines[i])?;
        // A rounded or dog-eared corner lies outside the outline by a little, never outside the frame.
        *corner = (x.clamp(0.0, frame.0), y.clamp(0.0, frame.1));
    }
    let moved = (0..4).map(|i| distance(corners[i], p[i])).fold(0.0, f64::max);
    (moved < 0.08 * frame.0.max(frame.1)).then_some(Quad(corners))
}

/// A line as a point and a direction.
type Line = (Point, Point);

fn side(a: Point, b: Point, outline: &[Point]) -> Option<Line> {
    let length = distance(a, b);
    let along = ((b.0 - a.0) / length, (b.1 - a.1) / length);
    let reach = (0.02 * length).max(3.0);
    let mut near: Vec<Point> = outline
        .iter()
        .copied()
        .filter(|p| {
            let (dx, dy) = (p.0 - a.0, p.1 - a.1);
            let t = (dx * along.0 + dy * along.1) / length;
            let off = (dx * along.1 - dy * along.0).abs();
            (0.06..0.94).contains(&t) && off < reach
        })
        .collect();
    let mut line = fitted(&near)?;
    // Twice without the worst third: a finger or a fold on the rim pulls the line no more.
    for _ in 0..2 {
        let off = |p: &Point| ((p.0 - line.0.0) * line.1.1 - (p.1 - line.0.1) * line.1.0).abs();
        near.sort_by(|p, q| off(p).total_cmp(&off(q)));
        near.truncate((near.len() * 3 / 4).max(8));
        line = fitted(&near)?;
    }
    Some(line)
}

/// Total least squares.
fn fitted(points: &[Point]) -> Option<Line> {
    if points.len() < 6 {
        return None;
    }
    let n = points.len() as f64;
    let mean = (
        points.iter().map(|p| p.0).sum::<f64>() / n,
        points.iter().map(|p| p.1).sum::<f64>() / n,
    );
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for p in points {
        let (dx, dy) = (p.0 - mean.0, p.1 - mean.1);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    Some((mean, (angle.cos(), angle.sin())))
}

fn meeting((p, d): Line, (q, e): Line) -> Option<Point> {
    let across = d.0 * e.1 - d.1 * e.0;
    if across.abs() < 1e-6 {
        return None;
    }
    let t = ((q.0 - p.0) * e.1 - (q.1 - p.1) * e.0) / across;
    Some((p.0 + t * d.0, p.1 + t * d.1))
}

/// Whether the sheet ends where its sides are: a slow change of light has no sides.
fn stands_out(paperness: &Grey, quad: &Quad) -> bool {
    let frame = (paperness.w as f64, paperness.h as f64);
    let p = &quad.0;
    (0..4).all(|i| {
        let (a, b) = (p[i], p[(i + 1) % 4]);
        if on_rim(a, b, frame) {
            return true;
        }
        let length = distance(a, b).max(1.0);
        // Clockwise corners: the sheet lies to the right of each side.
        let inward = (-(b.1 - a.1) / length, (b.0 - a.0) / length);
        let mut steps: Vec<i32> = (2..=18)
            .filter_map(|n| {
                let t = f64::from(n) / 20.0;
                let at = |away: f64| {
                    let x = a.0 + (b.0 - a.0) * t + inward.0 * away;
                    let y = a.1 + (b.1 - a.1) * t + inward.1 * away;
                    let inside = x >= 0.0 && y >= 0.0 && x < frame.0 && y < frame.1;
                    inside.then(|| i32::from(paperness.at(x as usize, y as usize)))
                };
                Some(at(STEP_REACH)? - at(-STEP_REACH)?)
            })
            .collect();
        steps.sort_unstable();
        steps.get(steps.len() / 2).is_none_or(|step| *step >= STEP_MIN)
    })
}

fn on_rim(a: Point, b: Point, (w, h): (f64, f64)) -> bool {
    let both = |on: &dyn Fn(Point) -> bool| on(a) && on(b);
    both(&|p| p.0 < RIM) || both(&|p| p.0 > w - RIM) || both(&|p| p.1 < RIM) || both(&|p| p.1 > h - RIM)
}

fn sides_on_rim(quad: &Quad, frame: (f64, f64)) -> usize {
    let p = &quad.0;
    (0..4).filter(|i| on_rim(p[*i], p[(i + 1) % 4], frame)).count()
}

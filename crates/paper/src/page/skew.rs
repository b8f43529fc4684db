//! How far the lines of print are from level, for a page that fills its frame.

use super::grey::Grey;
use image::RgbImage;

/// A sheet in a feeder leans by no more; beyond it the lines are something else.
const DEGREES_MAX: f64 = 6.0;
/// How much better than untouched the best angle must be to be believed.
const GAIN_MIN: f64 = 1.06;

/// Degrees, clockwise positive, by which the print leans; 0 where that cannot be told.
pub(super) fn of(sketch: &RgbImage) -> f64 {
    let ink = ink(sketch);
    if ink.len() < 300 {
        return 0.0;
    }
    let height = f64::from(sketch.height());
    let score = |degrees: f64| sharpness(&ink, degrees, height);
    let coarse = best(&score, 0.0, DEGREES_MAX, 0.5);
    let fine = best(&score, coarse, 0.5, 0.1);
    let believed = fine.abs() < DEGREES_MAX && score(fine) > GAIN_MIN * score(0.0);
    if believed { fine } else { 0.0 }
}

fn best(score: &impl Fn(f64) -> f64, around: f64, reach: f64, step: f64) -> f64 {
    let steps = (reach / step).round() as i32;
    (-steps..=steps)
        .map(|n| around + f64::from(n) * step)
        .map(|degrees| (degrees, score(degrees)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(around, |(degrees, _)| degrees)
}

/// Points much darker than their surroundings, without the rim of the frame.
fn ink(sketch: &RgbImage) -> Vec<(f64, f64)> {
    let (w, h) = (sketch.width() as usize, sketch.height() as usize);
    let luma = image::DynamicImage::ImageRgb8(sketch.clone()).into_luma8();
    let grey = Grey {
        w,
        h,
        px: luma.into_raw(),
    };
    let around = grey.blurred(8);
    let (mx, my) = (w / 20, h / 20);
    let mut points = Vec::new();
    for y in my..h.saturating_sub(my) {
        for x in mx..w.saturating_sub(mx) {
            if i32::from(grey.at(x, y)) + 18 < i32::from(around.at(x, y)) {
                points.push((x as f64, y as f64));
            }
        }
    }
    points
}

/// How unequal the rows are once the print is turned back by this angle: level lines leave white rows between.
fn sharpness(ink: &[(f64, f64)], degrees: f64, height: f64) -> f64 {
    let slope = degrees.to_radians().tan();
    let room = height as usize * 2 + 4;
    let mut rows = vec![0.0_f64; room];
    for (x, y) in ink {
        let at = y - x * slope + height * 0.5;
        let row = at.floor();
        let share = at - row;
        if row < 0.0 {
            continue;
        }
        if let Some(r) = rows.get_mut(row as usize) {
            *r += 1.0 - share;
        }
        if let Some(r) = rows.get_mut(row as usize + 1) {
            *r += share;
        }
    }
    rows.iter().map(|n| n * n).sum()
}

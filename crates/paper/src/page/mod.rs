//! A picture of a paper made right: found in the photograph, straightened, cut, evened, kept small, and judged.
//!
//! The steps are [`find`] (where the sheet lies), [`warp`] (the sheet alone, flat, A4 at 200 dpi), [`level`] (shadows
//! evened, grey unless colour says something), [`judge`] (what a person should be told) and [`alike`] (the same page
//! twice). **Invariant:** nothing is drawn that was not in the picture, and a page that cannot be found is kept whole.
//!
//! Deliberately absent: any decision to refuse. A warning is advice; the person at the counter decides.

mod alike;
mod find;
mod grey;
mod judge;
mod level;
mod quad;
mod skew;
mod upright;
mod warp;

pub use alike::{FINGERPRINT_BYTES, same_page};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use serde::{Deserialize, Serialize};

/// The longer side of a kept page, in pixels: A4 at 200 dpi.
pub const A4_LONG: u32 = 2339;
/// The shorter side of A4 at 200 dpi.
pub const A4_SHORT: u32 = 1654;
/// The longer side of the small picture in which the sheet is looked for.
const SKETCH_SIDE: u32 = 480;

/// Where a picture was taken: under glass the frame is the sheet's own, before a camera it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    Camera,
    Glass,
    /// A file that somebody chose: judged by its own shape.
    Unknown,
}

/// What a person should look at before going on. The order is the order of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageWarning {
    Blank,
    UpsideDown,
    Sideways,
    Blurred,
    CutOff,
    Dark,
    /// Taken from too far away: the letters have too few pixels.
    Far,
}

/// A page, flat and upright as it was held.
pub(crate) struct MadePage {
    /// Grey where no colour says anything.
    pub picture: DynamicImage,
    pub warnings: Vec<PageWarning>,
    /// For [`same_page`].
    pub fingerprint: Vec<u8>,
    /// The sheet was found in the picture and cut out.
    pub cut_out: bool,
}

/// Makes a decoded picture right. `turn` is how the camera said it was held.
pub(crate) fn make(picture: DynamicImage, turn: Orientation, taken: Taken) -> MadePage {
    let full = picture.into_rgb8();
    let sketch = warp::sketch(&full, turn, SKETCH_SIDE);
    let upright = warp::turned_size(full.dimensions(), turn);
    let glass = match taken {
        Taken::Glass => true,
        Taken::Camera => false,
        Taken::Unknown => quad::is_a4(f64::from(upright.0), f64::from(upright.1), 0.015),
    };
    let found = find::sheet(&sketch).filter(|sheet| !(glass && sheet.quad.fills(sketch.dimensions())));
    let cut_off = found.as_ref().is_some_and(|sheet| sheet.cut) && !glass;
    let plan = match &found {
        Some(sheet) => warp::Plan::of_sheet(&sheet.quad, sketch.dimensions(), upright),
        None => warp::Plan::of_frame(upright, skew::of(&sketch)),
    };
    let flat = warp::flatten(&full, turn, &plan);
    drop(full);
    finish(flat, found.is_some(), cut_off, plan.far())
}

/// A page that was made right before, after it was turned.
pub(crate) fn judged_again(picture: DynamicImage) -> MadePage {
    let grey = picture.to_luma8();
    MadePage {
        warnings: judge::of_evened(&grey),
        fingerprint: alike::fingerprint(&grey),
        picture,
        cut_out: false,
    }
}

fn finish(flat: RgbImage, cut_out: bool, cut_off: bool, far: bool) -> MadePage {
    let evened = level::even(flat);
    let grey = evened.picture.to_luma8();
    let mut warnings = judge::warnings(&grey, &evened);
    if cut_off {
        warnings.push(PageWarning::CutOff);
    }
    if far && !warnings.contains(&PageWarning::Blank) {
        // Letters this small have no up and down that could be told.
        warnings.retain(|told| !matches!(told, PageWarning::UpsideDown | PageWarning::Sideways));
        warnings.push(PageWarning::Far);
    }
    warnings.sort_unstable();
    MadePage {
        fingerprint: alike::fingerprint(&grey),
        picture: evened.picture,
        warnings,
        cut_out,
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;

//! Photographs of invented papers, made up: a printed page on a desk, seen at an angle, in uneven light, with grain.
//!
//! The pages themselves are in `tests/fixtures/pages/`, drawn once at 300 dots an inch; everything else is worked out
//! here, the same each time. Used by the stories, the bench and the tests of the crate that makes pages right.

use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, ImageFormat, Rgb, RgbImage};

/// A filled-in birth certificate of a health station, A4.
pub const BIRTH_ANNA: &[u8] = include_bytes!("../fixtures/pages/birth_anna.png");
/// The same form, another child.
pub const BIRTH_MINH: &[u8] = include_bytes!("../fixtures/pages/birth_minh.png");
/// A witness's statement.
pub const WITNESS: &[u8] = include_bytes!("../fixtures/pages/witness.png");

/// How the page was photographed.
#[derive(Debug, Clone, Copy)]
pub struct Photo {
    pub width: u32,
    pub height: u32,
    /// Corners of the sheet as shares of the frame: top left, top right, bottom right, bottom left.
    pub corners: [(f32, f32); 4],
    /// Brightness of the paper where the light is best, of 255.
    pub light: f32,
    /// Share of the light that is missing in the darkest corner.
    pub shadow: f32,
    /// Grain, in steps of brightness.
    pub grain: u32,
    /// Radius of the blur, in pixels.
    pub blur: u32,
    /// A round red seal.
    pub seal: bool,
    /// Quarters of a circle by which the sheet lies turned.
    pub quarters: u8,
    /// Colour of the desk.
    pub desk: [u8; 3],
}

impl Photo {
    /// Twelve million dots, held a little askew.
    #[must_use]
    pub const fn twelve_megapixels() -> Self {
        Self {
            width: 3000,
            height: 4000,
            corners: [(0.12, 0.08), (0.9, 0.11), (0.94, 0.93), (0.06, 0.9)],
            light: 228.0,
            shadow: 0.4,
            grain: 10,
            blur: 0,
            seal: true,
            quarters: 0,
            desk: [112, 82, 58],
        }
    }

    /// The same view by a smaller camera: quick to make, large enough to read.
    #[must_use]
    pub const fn small() -> Self {
        Self {
            width: 1500,
            height: 2000,
            ..Self::twelve_megapixels()
        }
    }

    /// The photograph. Empty where the page is none of ours.
    #[must_use]
    pub fn of(&self, page: &[u8]) -> Vec<u8> {
        let Ok(page) = image::load_from_memory_with_format(page, ImageFormat::Png) else {
            return Vec::new();
        };
        let sheet = match self.quarters % 4 {
            1 => page.rotate90(),
            2 => page.rotate180(),
            3 => page.rotate270(),
            _ => page,
        };
        let seen = self.seen(&sheet.into_luma8());
        let seen = if self.blur > 0 {
            blurred(&seen, self.blur)
        } else {
            seen
        };
        let mut bytes = Vec::new();
        // Encoding into memory does not fail for a picture of this size.
        let _ = JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&seen);
        bytes
    }

    fn seen(&self, sheet: &GrayImage) -> RgbImage {
        let (w, h) = (self.width as f32, self.height as f32);
        let corners = self.corners.map(|(x, y)| (x * w, y * h));
        let map = onto_unit_square(corners);
        RgbImage::from_fn(self.width, self.height, |x, y| {
            let (u, v) = carried(&map, x as f32 + 0.5, y as f32 + 0.5);
            let grain = (random(x, y) % (2 * self.grain + 1)) as f32 - self.grain as f32;
            let far = (x as f32 / w * 0.4 + y as f32 / h * 0.6).clamp(0.0, 1.0);
            let light = self.light / 255.0 * (1.0 - self.shadow * far);
            let on_sheet = (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v);
            let base = if on_sheet {
                self.on_sheet(sheet, u, v)
            } else {
                self.on_desk(x, y)
            };
            Rgb(base.map(|c| (f32::from(c) * light + grain).clamp(0.0, 255.0) as u8))
        })
    }

    fn on_sheet(&self, sheet: &GrayImage, u: f32, v: f32) -> [u8; 3] {
        let ink = sampled(sheet, u, v);
        // A ring and a star-like middle, where the certificate is signed.
        let (u, v) = match self.quarters % 4 {
            1 => (v, 1.0 - u),
            2 => (1.0 - u, 1.0 - v),
            3 => (1.0 - v, u),
            _ => (u, v),
        };
        let (dx, dy) = (u - 0.66, (v - 0.64) * 1.414);
        let r = (dx * dx + dy * dy).sqrt();
        let in_seal = self.seal && ((0.075..0.085).contains(&r) || r < 0.03);
        if in_seal && ink > 100 {
            [205, 48, 58]
        } else {
            [ink, ink, ink.saturating_sub(ink / 40)]
        }
    }

    fn on_desk(&self, x: u32, y: u32) -> [u8; 3] {
        let vein = (((x / 7) + (y / 190) * 3) % 5) as u8 * 4;
        self.desk.map(|c| c.saturating_sub(vein))
    }
}

/// Noise that no coder can make small; the same each time.
fn random(x: u32, y: u32) -> u32 {
    let mut n = x.wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA6B);
    n ^= n >> 15;
    n = n.wrapping_mul(0x2C1B_3C6D);
    n ^ (n >> 12)
}

/// Between the four dots around.
fn sampled(sheet: &GrayImage, u: f32, v: f32) -> u8 {
    let (x, y) = (u * (sheet.width() - 1) as f32, v * (sheet.height() - 1) as f32);
    let (x0, y0) = (x as u32, y as u32);
    let (a, b) = (x - x0 as f32, y - y0 as f32);
    let at = |x: u32, y: u32| {
        let pixel = sheet.get_pixel_checked(x.min(sheet.width() - 1), y.min(sheet.height() - 1));
        pixel.map_or(255.0, |p| f32::from(p.0.first().copied().unwrap_or(255)))
    };
    let top = at(x0, y0) * (1.0 - a) + at(x0 + 1, y0) * a;
    let low = at(x0, y0 + 1) * (1.0 - a) + at(x0 + 1, y0 + 1) * a;
    (top * (1.0 - b) + low * b) as u8
}

fn blurred(picture: &RgbImage, radius: u32) -> RgbImage {
    image::imageops::fast_blur(picture, radius as f32)
}

/// The projective map from a quadrilateral onto the unit square (Heckbert 1989), as nine numbers.
fn onto_unit_square(q: [(f32, f32); 4]) -> [f32; 9] {
    let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = q;
    let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
    let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
    let down = dx1 * dy2 - dx2 * dy1;
    let (g, h) = ((sx * dy2 - dx2 * sy) / down, (dx1 * sy - sx * dy1) / down);
    let [a, b, c] = [x1 - x0 + g * x1, x3 - x0 + h * x3, x0];
    let [d, e, f] = [y1 - y0 + g * y1, y3 - y0 + h * y3, y0];
    // The inverse, up to a factor: the adjugate.
    [
        e - f * h,
        c * h - b,
        b * f - c * e,
        f * g - d,
        a - c * g,
        c * d - a * f,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    ]
}

fn carried(m: &[f32; 9], x: f32, y: f32) -> (f32, f32) {
    let [a, b, c, d, e, f, g, h, i] = *m;
    let w = g * x + h * y + i;
    ((a * x + b * y + c) / w, (d * x + e * y + f) / w)
}

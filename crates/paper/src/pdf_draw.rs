//! Pictures of a PDF's pages: a small one of the first, so that a person sees what was picked, and a whole one of any.
//!
//! **Invariant:** drawing may fail: whatever goes wrong, and whatever takes too long, the answer is "no picture" and
//! the PDF itself is kept all the same.

use crate::intake::THUMBNAIL_SIDE_MAX;
use crate::{jpeg, pdf_stack};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings, render};
use image::{DynamicImage, RgbaImage};
use lopdf::Document;
use std::sync::mpsc;
use std::time::Duration;

/// How long a person waits for the small picture.
const SKETCH_WAIT_MAX: Duration = Duration::from_secs(4);
/// How long a whole page may take; the reading process around it has less processor time than that.
const PAGE_WAIT_MAX: Duration = Duration::from_secs(40);
/// A recursive drawing needs more than a thread's usual two megabytes.
const STACK_BYTES: usize = 16 * 1024 * 1024;
const QUALITY: u8 = 70;
/// What a page is drawn at: 200 dpi where nothing says how fine it is, never more than 300.
const PIXELS_A_POINT: f32 = 200.0 / 72.0;
const PIXELS_A_POINT_MAX: f32 = 300.0 / 72.0;
/// The longer side of a drawn page, in pixels: A4 at 300 dpi and a margin for other sheets.
const SIDE_MAX: f32 = 5000.0;

/// The first page as a small JPEG, or nothing. Only for what [`crate::pdf_cost`] calls cheap.
pub(crate) fn first_page(bytes: &[u8]) -> Vec<u8> {
    #[expect(clippy::cast_precision_loss, reason = "480 is exact in a float")]
    let small = |longer: f32| THUMBNAIL_SIDE_MAX as f32 / longer;
    drawn(bytes, 0, SKETCH_WAIT_MAX, small)
        .and_then(|picture| jpeg::encode(&picture, QUALITY).ok())
        .unwrap_or_default()
}

/// A whole page, counted from 0, as fine as the pictures on it.
pub(crate) fn page(bytes: &[u8], document: &Document, number: u32) -> Option<DynamicImage> {
    let id = document.page_iter().nth(number as usize)?;
    let finest = pdf_stack::pixels_a_point(document, id).unwrap_or(PIXELS_A_POINT);
    let scale = finest.clamp(1.0, PIXELS_A_POINT_MAX);
    drawn(bytes, number, PAGE_WAIT_MAX, move |longer| {
        scale.min(SIDE_MAX / longer)
    })
}

/// A drawing that runs over its time is left behind on its thread, and ends with the process.
fn drawn(
    bytes: &[u8],
    number: u32,
    wait: Duration,
    scale: impl FnOnce(f32) -> f32 + Send + 'static,
) -> Option<DynamicImage> {
    let (done, picture) = mpsc::sync_channel(1);
    let bytes = bytes.to_vec();
    std::thread::Builder::new()
        .name("pdf-drawing".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            // The receiver may have stopped waiting; then nobody wants the picture any more.
            let _ = done.send(draw(bytes, number, scale));
        })
        .ok()?;
    picture.recv_timeout(wait).ok().flatten()
}

fn draw(bytes: Vec<u8>, number: u32, scale: impl FnOnce(f32) -> f32) -> Option<DynamicImage> {
    let pdf = Pdf::new(bytes).ok()?;
    let page = pdf.pages().get(number as usize)?;
    let (width, height) = page.render_dimensions();
    let longer = width.max(height);
    if !(longer.is_finite() && width.min(height) >= 1.0) {
        return None;
    }
    let scale = scale(longer);
    let settings = RenderSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
        ..RenderSettings::default()
    };
    let pixmap = render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &settings,
    );
    let (w, h) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    let picture = RgbaImage::from_raw(w, h, pixmap.data_as_u8_slice().to_vec())?;
    Some(DynamicImage::ImageRgba8(picture))
}

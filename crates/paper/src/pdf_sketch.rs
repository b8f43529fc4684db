//! A small picture of a PDF's first page, so that a person sees what was picked.
//!
//! **Invariant:** a convenience that may fail: whatever goes wrong, and whatever takes too long, the answer is
//! "no picture" and the paper is taken in all the same.

use crate::intake::THUMBNAIL_SIDE_MAX;
use crate::jpeg;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings, render};
use image::{DynamicImage, RgbaImage};
use std::sync::mpsc;
use std::time::Duration;

/// How long a person waits for the picture of a page.
const WAIT_MAX: Duration = Duration::from_secs(4);
/// A recursive drawing needs more than a thread's usual two megabytes.
const STACK_BYTES: usize = 16 * 1024 * 1024;
const QUALITY: u8 = 70;

/// The first page as JPEG, or nothing.
///
/// A drawing that runs over [`WAIT_MAX`] is left behind on its thread; the check before has bounded what it can take.
pub(crate) fn first_page(bytes: &[u8]) -> Vec<u8> {
    let (done, drawn) = mpsc::sync_channel(1);
    let bytes = bytes.to_vec();
    let started = std::thread::Builder::new()
        .name("pdf-sketch".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            // The receiver may have stopped waiting; then nobody wants the picture any more.
            let _ = done.send(draw(bytes));
        });
    if started.is_err() {
        return Vec::new();
    }
    drawn.recv_timeout(WAIT_MAX).ok().flatten().unwrap_or_default()
}

fn draw(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let pdf = Pdf::new(bytes).ok()?;
    let page = pdf.pages().first()?;
    let (width, height) = page.render_dimensions();
    let longer = width.max(height);
    if !(longer.is_finite() && width.min(height) >= 1.0) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "480 is exact in a float")]
    let scale = THUMBNAIL_SIDE_MAX as f32 / longer;
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
    jpeg::encode(&DynamicImage::ImageRgba8(picture), QUALITY).ok()
}

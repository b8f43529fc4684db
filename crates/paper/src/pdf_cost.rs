//! Whether a PDF's page can be drawn in bounded time and memory. Only such a page gets a thumbnail.
//!
//! **Invariant:** every stream that the drawing may open has been opened here first, up to a limit, or has been
//! judged by its own header. Where in doubt, the answer is no: a missing thumbnail costs nothing.

use image::{ImageFormat, ImageReader};
use lopdf::{Dictionary, Document, Object, Stream};
use std::io::Cursor;

/// Largest picture in a page that is drawn, in pixels: A3 at 400 dpi.
const DRAWN_PIXELS_MAX: u64 = 40_000_000;
/// What all streams of a file may inflate to together, in bytes.
const INFLATED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Widest fax-coded picture, in pixels.
const FAX_COLUMNS_MAX: i64 = 20_000;

pub(crate) fn cheap_to_draw(document: &Document) -> bool {
    let mut purse = INFLATED_BYTES_MAX;
    document.objects.values().all(|object| match object {
        Object::Stream(stream) => plain(document, &stream.dict) && affordable(stream, &mut purse),
        Object::Dictionary(d) => plain(document, d),
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::String(..)
        | Object::Array(_)
        | Object::Reference(_) => true,
    })
}

fn is(d: &Dictionary, key: &[u8], name: &[u8]) -> bool {
    d.get(key).and_then(Object::as_name).is_ok_and(|n| n == name)
}

/// No pattern, shading, drawn letter or nested form: each can repeat itself without end.
fn plain(document: &Document, d: &Dictionary) -> bool {
    let repeats = d.has(b"PatternType") || d.has(b"ShadingType") || is(d, b"Subtype", b"Type3");
    let nests = is(d, b"Subtype", b"Form") && draws_objects(document, d);
    !(repeats || nests)
}

/// A form that draws forms: ten levels of ten are ten thousand million.
fn draws_objects(document: &Document, form: &Dictionary) -> bool {
    let resources = form
        .get(b"Resources")
        .and_then(|r| document.dereference(r))
        .and_then(|(_, r)| r.as_dict());
    resources.is_ok_and(|r| r.has(b"XObject"))
}

fn affordable(stream: &Stream, purse: &mut usize) -> bool {
    let d = &stream.dict;
    let filters = stream.filters().unwrap_or_default();
    let coding = filters.last().copied().unwrap_or_default();
    if is(d, b"Subtype", b"Image") && !within(side(d, b"Width"), side(d, b"Height")) {
        return false;
    }
    match coding {
        b"DCTDecode" | b"DCT" => filters.len() == 1 && photograph_fits(&stream.content),
        b"CCITTFaxDecode" | b"CCF" => filters.len() == 1 && fax_fits(d),
        b"JPXDecode" | b"JBIG2Decode" => false,
        _ => pay(stream, purse),
    }
}

fn pay(stream: &Stream, purse: &mut usize) -> bool {
    let Ok(inflated) = stream.get_plain_content_with_limit(*purse) else {
        return false;
    };
    *purse = purse.saturating_sub(inflated.len());
    true
}

fn side(d: &Dictionary, key: &[u8]) -> u64 {
    d.get(key)
        .and_then(Object::as_i64)
        .ok()
        .and_then(|n| u64::try_from(n).ok())
        .unwrap_or(u64::MAX)
}

fn within(width: u64, height: u64) -> bool {
    width
        .checked_mul(height)
        .is_some_and(|pixels| pixels <= DRAWN_PIXELS_MAX)
}

/// The size in the JPEG's own header counts, whatever the PDF says of it.
fn photograph_fits(jpeg: &[u8]) -> bool {
    ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg)
        .into_dimensions()
        .is_ok_and(|(w, h)| within(u64::from(w), u64::from(h)))
}

fn fax_fits(d: &Dictionary) -> bool {
    let parms = d.get(b"DecodeParms").and_then(Object::as_dict);
    parms
        .and_then(|p| p.get(b"Columns"))
        .and_then(Object::as_i64)
        .is_ok_and(|n| n <= FAX_COLUMNS_MAX)
}

//! Which PDFs are stacks of scanned sheets: what an office scanner delivers, with nothing in it that a picture of its
//! pages would lose.
//!
//! **Invariant:** where in doubt the answer is no, and the PDF stays as it came. A file that bears a signature, a form to
//! fill in, a remark or a letter that can be seen is no stack: of such a file the bytes are the paper.

use crate::pdf_check::any_dictionary;
use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object, ObjectId};

/// What the drawing instructions of one page may inflate to, in bytes: a scanned page needs a hundred, its hidden
/// text some thousands.
const CONTENT_BYTES_MAX: usize = 1024 * 1024;
/// How much of the sheet pictures must cover together.
const COVERED_MIN: f32 = 0.6;
/// ISO 32000-1, 9.3.6: text that is neither filled nor stroked, as recognised text under a scan is.
const INVISIBLE: i64 = 3;
/// Keys that only a signed file or a form has (ISO 32000-1, 12.7, 12.8).
const BOUND_TO_BYTES: [&[u8]; 3] = [b"ByteRange", b"AcroForm", b"SigFlags"];

/// Whether every page is one scanned sheet.
pub(crate) fn is_stack(document: &Document) -> bool {
    let bound = document.objects.values().any(|o| any_dictionary(o, is_bound));
    !bound
        && document
            .page_iter()
            .all(|page| is_sheet(document, page).unwrap_or(false))
}

fn is_bound(d: &Dictionary) -> bool {
    BOUND_TO_BYTES.iter().any(|key| d.has(key))
}

fn is_sheet(document: &Document, page: ObjectId) -> Option<bool> {
    if document.get_dictionary(page).ok()?.has(b"Annots") {
        return Some(false);
    }
    let content = document
        .get_page_content_with_limit(page, CONTENT_BYTES_MAX)
        .ok()?;
    let sheet = area(document, page)?;
    let mut pen = Pen::default();
    let mut below = Vec::new();
    let mut covered = 0.0;
    for step in &Content::decode(&content).ok()?.operations {
        match step.operator.as_str() {
            "q" => below.push(pen),
            "Q" => pen = below.pop().unwrap_or_default(),
            "cm" => pen.scale *= determinant(&step.operands)?,
            "Tr" => pen.invisible = step.operands.first()?.as_i64().ok()? == INVISIBLE,
            "Tj" | "TJ" | "'" | "\"" if !pen.invisible => return Some(false),
            "Do" if is_picture(document, page, step.operands.first()?.as_name().ok()?)? => {
                covered += pen.scale.abs();
            }
            // A form inside the page, or a picture inside the instructions: no scanner of an office writes those.
            "Do" | "BI" => return Some(false),
            _ => {}
        }
    }
    Some(covered >= sheet * COVERED_MIN)
}

/// What matters here of the state that `q` keeps and `Q` brings back.
#[derive(Clone, Copy)]
struct Pen {
    /// What a picture, one unit by one, covers, in square points.
    scale: f32,
    invisible: bool,
}

impl Default for Pen {
    fn default() -> Self {
        Self {
            scale: 1.0,
            invisible: false,
        }
    }
}

fn determinant(matrix: &[Object]) -> Option<f32> {
    let at = |n: usize| matrix.get(n)?.as_float().ok();
    Some(at(0)? * at(3)? - at(1)? * at(2)?)
}

/// The page's size in square points, from the page or from what stands above it.
fn area(document: &Document, page: ObjectId) -> Option<f32> {
    let mut node = document.get_dictionary(page).ok()?;
    // Deep enough for sixty pages, and an end for a tree that bites its tail.
    for _ in 0..16 {
        if let Ok(stated) = node.get(b"MediaBox") {
            let (_, corners) = document.dereference(stated).ok()?;
            let corners = corners.as_array().ok()?;
            let at = |n: usize| corners.get(n)?.as_float().ok();
            return Some(((at(2)? - at(0)?) * (at(3)? - at(1)?)).abs());
        }
        let above = node.get(b"Parent").ok()?.as_reference().ok()?;
        node = document.get_dictionary(above).ok()?;
    }
    None
}

fn is_picture(document: &Document, page: ObjectId, name: &[u8]) -> Option<bool> {
    let (own, above) = document.get_page_resources(page).ok()?;
    let above = above.iter().filter_map(|id| document.get_dictionary(*id).ok());
    let found = own.into_iter().chain(above).find_map(|resources| {
        let (_, objects) = document.dereference(resources.get(b"XObject").ok()?).ok()?;
        let (_, object) = document
            .dereference(objects.as_dict().ok()?.get(name).ok()?)
            .ok()?;
        object.as_stream().ok()
    })?;
    Some(is_image(&found.dict))
}

fn is_image(d: &Dictionary) -> bool {
    d.get(b"Subtype")
        .and_then(Object::as_name)
        .is_ok_and(|kind| kind == b"Image")
}

/// The finest picture of a page, in pixels a point, so that drawing it loses nothing; none where it has no picture.
pub(crate) fn pixels_a_point(document: &Document, page: ObjectId) -> Option<f32> {
    let sheet = area(document, page)?;
    let images = document.get_page_images(page).ok()?;
    let pixels = images
        .iter()
        .filter_map(|i| Some(i.width.checked_mul(i.height)? as f32))
        .fold(0.0, f32::max);
    (pixels > 0.0 && sheet > 0.0).then(|| (pixels / sheet).sqrt())
}

#[cfg(test)]
#[path = "pdf_stack_tests.rs"]
mod tests;

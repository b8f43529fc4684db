//! Which PDFs are papers: readable without a key, of bounded size, and with nothing in them that acts.
//!
//! **Invariant:** a PDF is kept byte for byte or refused; it is never repaired. What is compressed is opened only
//! up to a named limit, so that a small file cannot grow into all of memory.

use crate::{PaperError, pdf_cost, pdf_stack};
use lopdf::{Dictionary, Document, LoadOptions, Object};

/// Largest PDF kept as it came, in bytes; a stack of scanned sheets may be as large as any file that comes in, because
/// its pages are made small.
pub const PDF_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// Most pages of a PDF.
pub const PDF_PAGES_MAX: u32 = 60;
/// What one compressed table of objects may grow to, in bytes.
const OBJECT_STREAM_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many such tables a file may have: sixty pages of an office program need fewer than a hundred.
const OBJECT_STREAMS_MAX: usize = 256;
/// How deep dictionaries are followed; deeper nesting is no paper.
const DEPTH_MAX: u32 = 32;
/// Keys that stand for something that acts or travels along (ISO 32000-1, 7.11.4, 12.6.4, 12.7.8, 13).
const ACTIVE_KEYS: [&[u8]; 6] = [
    b"JS",
    b"JavaScript",
    b"EmbeddedFiles",
    b"EF",
    b"XFA",
    b"RichMediaContent",
];
/// Kinds of action, annotation and stream that do.
const ACTIVE_NAMES: [&[u8]; 12] = [
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"Rendition",
    b"Movie",
    b"Sound",
    b"FileAttachment",
    b"RichMedia",
    b"EmbeddedFile",
    b"3D",
];

/// What the check found out.
pub(crate) struct CheckedPdf {
    pub pages: u32,
    /// Nothing in the file makes drawing its first page dear.
    pub cheap_to_draw: bool,
    /// Every page is one scanned sheet.
    pub stack: bool,
    pub document: Document,
}

pub(crate) fn check(bytes: &[u8]) -> Result<CheckedPdf, PaperError> {
    let document = load(bytes)?;
    if document.objects.values().any(|o| any_dictionary(o, acts)) {
        return Err(PaperError::ActivePdf);
    }
    // Counting goes one past the limit and no further: a tree of pages may be told to be endless.
    let counted = document.page_iter().take(PDF_PAGES_MAX as usize + 1).count();
    let pages = u32::try_from(counted).unwrap_or(u32::MAX);
    match pages {
        0 => Err(PaperError::BrokenPdf),
        n if n > PDF_PAGES_MAX => Err(PaperError::TooManyPages {
            pages: n,
            limit: PDF_PAGES_MAX,
        }),
        _ => sized(bytes.len() as u64, pages, document),
    }
}

fn sized(bytes: u64, pages: u32, document: Document) -> Result<CheckedPdf, PaperError> {
    let stack = pdf_stack::is_stack(&document);
    if !stack && bytes > PDF_BYTES_MAX {
        return Err(PaperError::TooLarge {
            bytes,
            limit: PDF_BYTES_MAX,
        });
    }
    Ok(CheckedPdf {
        pages,
        cheap_to_draw: pdf_cost::cheap_to_draw(&document),
        stack,
        document,
    })
}

fn load(bytes: &[u8]) -> Result<Document, PaperError> {
    if bytes.windows(7).filter(|w| w == b"/ObjStm").count() > OBJECT_STREAMS_MAX {
        return Err(PaperError::BrokenPdf);
    }
    let options = LoadOptions::with_max_decompressed_size(OBJECT_STREAM_BYTES_MAX);
    let document = Document::load_mem_with_options(bytes, options).map_err(|_| {
        // What a lock does not let be read looks broken in many ways; the lock itself is named in the clear.
        if holds(bytes, b"/Encrypt") {
            PaperError::LockedPdf
        } else {
            PaperError::BrokenPdf
        }
    })?;
    // A file with an empty password opens here, and would not open for everybody who has to read it later.
    if document.is_encrypted() || document.was_encrypted() {
        return Err(PaperError::LockedPdf);
    }
    Ok(document)
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|w| w == word)
}

/// Whether any dictionary within an object, itself included, is such a one. Deeper than a paper goes, it counts as one.
pub(crate) fn any_dictionary(object: &Object, wanted: fn(&Dictionary) -> bool) -> bool {
    within(object, wanted, 0)
}

fn within(object: &Object, wanted: fn(&Dictionary) -> bool, depth: u32) -> bool {
    if depth > DEPTH_MAX {
        return true;
    }
    let inside = |d: &Dictionary| wanted(d) || d.iter().any(|(_, value)| within(value, wanted, depth + 1));
    match object {
        Object::Dictionary(d) => inside(d),
        Object::Stream(s) => inside(&s.dict),
        Object::Array(a) => a.iter().any(|o| within(o, wanted, depth + 1)),
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::String(..)
        | Object::Reference(_) => false,
    }
}

fn acts(d: &Dictionary) -> bool {
    let named = |key: &[u8]| {
        d.get(key)
            .and_then(Object::as_name)
            .is_ok_and(|n| ACTIVE_NAMES.contains(&n))
    };
    named(b"S") || named(b"Type") || named(b"Subtype") || ACTIVE_KEYS.iter().any(|key| d.has(key))
}

#[cfg(test)]
#[path = "pdf_tests.rs"]
mod tests;

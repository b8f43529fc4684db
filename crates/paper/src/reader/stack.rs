//! A file as the papers in it: a PDF of nothing but scanned sheets comes in page by page, like a batch of the feeder;
//! so does a TIFF, which is nothing else.
//!
//! **Invariant:** every page of a stack is there, in its order, or the PDF stays whole and the TIFF is refused; and a PDF
//! that stays whole is byte for byte what came, with what a look at its pages says beside it.

use super::Reader;
use crate::intake::{Media, PreparedFile};
use crate::page::{PageWarning, Taken};
use crate::{PDF_BYTES_MAX, PaperError, tiff_pages};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// How many pages of a PDF that stays whole are looked at: a person waits meanwhile.
const LOOKED_AT_MAX: u32 = 10;
/// Reading processes at once; each may take much memory.
const AT_ONCE_MAX: usize = 4;

/// Hears how many pages of how many are ready: a person waits meanwhile.
pub type Told<'a> = &'a (dyn Fn(u32, u32) + Sync);

impl Reader {
    /// Takes a file in: one paper, or the pages of a TIFF or of a PDF that is a stack of scanned sheets; `told` hears of each page.
    ///
    /// # Errors
    /// As [`Reader::prepare`].
    pub fn take_in(
        &self,
        bytes: Vec<u8>,
        taken: Taken,
        told: Told<'_>,
    ) -> Result<Vec<PreparedFile>, PaperError> {
        let pages = tiff_pages::is_tiff(&bytes).then(|| bytes.clone());
        let whole = self.prepare(bytes, taken)?;
        if let Some(pages) = pages.filter(|_| whole.pages > 1) {
            let sheets = self.pages(&pages, whole.pages, whole.pages, told);
            let all: Option<Vec<_>> = sheets.into_iter().collect();
            return all.ok_or(PaperError::BrokenPicture);
        }
        if whole.media != Media::Pdf {
            return Ok(vec![whole]);
        }
        if whole.stack {
            let sheets = self.pages(&whole.bytes, whole.pages, whole.pages, told);
            if sheets.iter().all(Option::is_some) {
                return Ok(sheets.into_iter().flatten().collect());
            }
            let bytes = whole.bytes.len() as u64;
            if bytes > PDF_BYTES_MAX {
                return Err(PaperError::TooLarge {
                    bytes,
                    limit: PDF_BYTES_MAX,
                });
            }
        }
        Ok(vec![self.looked_at(whole)])
    }

    /// What the pages say, told of the file: codes, and what a person should look at.
    fn looked_at(&self, mut whole: PreparedFile) -> PreparedFile {
        let pages = self.pages(
            &whole.bytes,
            whole.pages,
            whole.pages.min(LOOKED_AT_MAX),
            &|_, _| (),
        );
        let mut thumbnails = Vec::new();
        for page in pages.into_iter().flatten() {
            // Drawn from letters and lines, a page is neither blurred nor dark, nor is it cut off by a camera.
            let told = page.warnings.into_iter().filter(|w| {
                matches!(
                    w,
                    PageWarning::Blank | PageWarning::UpsideDown | PageWarning::Sideways
                )
            });
            whole.warnings.extend(told);
            for code in page.codes {
                if !whole.codes.contains(&code) {
                    whole.codes.push(code);
                }
            }
            if whole.pages == 1 {
                whole.fingerprint = page.fingerprint;
            }
            thumbnails.push(page.thumbnail_jpeg);
        }
        whole.warnings.sort_unstable();
        whole.warnings.dedup();
        if whole.thumbnail_jpeg.is_empty() {
            whole.thumbnail_jpeg = thumbnails.into_iter().next().unwrap_or_default();
        }
        whole
    }

    /// The first pages, each from a process of its own; nothing in the place of one that could not be drawn.
    fn pages(&self, file: &[u8], of: u32, count: u32, told: Told<'_>) -> Vec<Option<PreparedFile>> {
        let (next, ready) = (AtomicU32::new(0), AtomicU32::new(0));
        let drawn = Mutex::new(vec![None; count as usize]);
        let workers = thread::available_parallelism().map_or(1, |n| n.get().min(AT_ONCE_MAX));
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return;
                        }
                        let page = self.sheet(file.to_vec(), number, of).ok();
                        if page.is_none() {
                            // Whoever made one page that cannot be drawn may have made sixty: nobody waits for those.
                            next.store(count, Ordering::Relaxed);
                        }
                        told(ready.fetch_add(1, Ordering::Relaxed) + 1, count);
                        let mut drawn = drawn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        if let Some(place) = drawn.get_mut(number as usize) {
                            *place = page;
                        }
                    }
                });
            }
        });
        drawn
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

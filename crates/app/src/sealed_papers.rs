//! Captured pages as the files that are sealed: one photographed page is a JPEG, several pages of one paper are one
//! PDF/A, and a PDF that came in stays as it came.
//!
//! **Invariant:** no page is left out and none is encoded again; the order is the one on the screen.

use crate::problem::Problem;
use domain::ids::{ComponentId, PaperFileId};
use paper::Sheets;
use std::collections::BTreeMap;
use store::Drafts;
use store::tables::paper_file::{self, PaperFileRow};
use zeroize::Zeroizing;

/// One file to be sealed, and what the form says of it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub component: ComponentId,
    /// The id of its first page.
    pub id: PaperFileId,
    pub pages_of: Vec<PaperFileId>,
    pub media: String,
    pub bytes: u64,
    pub pages: u32,
    pub sha256: String,
}

/// Which pages make which file: known before a byte is read, so that both passes agree.
pub(crate) fn group(files: &[PaperFileRow]) -> Vec<Document> {
    let mut documents: Vec<Document> = Vec::new();
    for file in files {
        let joined = documents
            .iter_mut()
            .find(|d| d.component == file.component && d.media == JPEG && file.media == JPEG);
        match joined {
            Some(document) => {
                document.pages_of.push(file.id);
                document.pages += file.pages;
            }
            None => documents.push(Document {
                component: file.component.clone(),
                id: file.id,
                pages_of: vec![file.id],
                media: file.media.clone(),
                bytes: u64::from(file.bytes),
                pages: file.pages,
                sha256: file.sha256.clone(),
            }),
        }
    }
    for document in documents.iter_mut().filter(|d| d.pages_of.len() > 1) {
        document.media = PDF.into();
    }
    documents
}

/// How many files each paper's pages make.
pub(crate) fn counted(files: &[PaperFileRow]) -> BTreeMap<ComponentId, usize> {
    let mut counts = BTreeMap::new();
    for document in group(files) {
        *counts.entry(document.component).or_insert(0) += 1;
    }
    counts
}

pub(crate) const JPEG: &str = "image/jpeg";
pub(crate) const PDF: &str = "application/pdf";

/// The file's bytes. Where pages are joined, what is known of the file is set with them.
pub(crate) fn readable(
    drafts: &Drafts,
    document: &mut Document,
    title: &str,
    now: jiff::Timestamp,
) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let read = |id: &PaperFileId| paper_file::content(drafts.db(), id);
    let pages = document
        .pages_of
        .iter()
        .map(read)
        .collect::<Result<Vec<_>, _>>()?;
    let pages = Zeroizing::new(pages);
    if let [only] = pages.as_slice() {
        return Ok(Zeroizing::new(only.clone()));
    }
    let joined = Zeroizing::new(paper::pdf_of(Sheets {
        title,
        made: now,
        pages: &pages,
    })?);
    document.bytes = joined.len() as u64;
    document.sha256 = data_encoding::HEXLOWER.encode(&seal::manifest::sha256(&joined));
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(n: u128, component: &str, media: &str) -> PaperFileRow {
        PaperFileRow {
            id: PaperFileId(uuid::Uuid::from_u128(n)),
            component: ComponentId(component.into()),
            media: media.into(),
            bytes: 10,
            original_bytes: 10,
            pages: if media == PDF { 3 } else { 1 },
            sha256: n.to_string(),
            has_thumbnail: false,
            warnings: "[]".into(),
            codes: "[]".into(),
            same_as: None,
        }
    }

    #[test]
    fn pages_of_one_paper_become_one_file_and_nothing_is_left_out() {
        let files = [
            page(1, "a", JPEG),
            page(2, "a", PDF),
            page(3, "a", JPEG),
            page(4, "b", JPEG),
        ];
        let documents = group(&files);
        let told: Vec<_> = documents
            .iter()
            .map(|d| (d.component.as_str(), d.media.as_str(), d.pages, d.pages_of.len()))
            .collect();
        assert_eq!(told, [("a", PDF, 2, 2), ("a", PDF, 3, 1), ("b", JPEG, 1, 1)]);
        let pages: usize = documents.iter().map(|d| d.pages_of.len()).sum();
        assert_eq!(pages, files.len());
        let counted: Vec<_> = counted(&files).into_values().collect();
        assert_eq!(counted, [2, 1]);
    }
}

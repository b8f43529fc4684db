//! The way through the pages: on and back, by the pages that apply now.

use super::view::InterviewView;
use crate::ids::PageId;
use crate::procedure::Procedure;

/// The page after the current one, among those that apply; `None` at the end (papers and check-answers follow).
///
/// The current page may have just been hidden by an answer: then the next one after its place counts.
#[must_use]
pub fn next_page<'a>(procedure: &'a Procedure, view: &InterviewView, current: &PageId) -> Option<&'a PageId> {
    let after = procedure
        .pages
        .iter()
        .map(|page| &page.id)
        .skip_while(|id| *id != current)
        .skip(1);
    after.into_iter().find(|id| applies(view, id))
}

/// The page before the current one, among those that apply; `None` on the first.
#[must_use]
pub fn previous_page<'a>(
    procedure: &'a Procedure,
    view: &InterviewView,
    current: &PageId,
) -> Option<&'a PageId> {
    let before = procedure
        .pages
        .iter()
        .map(|page| &page.id)
        .take_while(|id| *id != current);
    before.filter(|id| applies(view, id)).last()
}

fn applies(view: &InterviewView, page: &PageId) -> bool {
    view.pages.iter().any(|shown| shown.id == *page)
}

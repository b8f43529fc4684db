//! Which papers stand on the receipt and on the sheet that both sides sign, what each of them was, and who has it.
//!
//! **Invariant:** both papers take their lines from here, so that they cannot contradict each other; a paper that was
//! neither captured nor said to be there has no line.

use domain::ids::ComponentId;
use domain::interview::InterviewView;
use domain::receipt::{OriginalPlace, PaperMark, ReceiptPaperLine};
use std::collections::BTreeMap;
use store::tables::paper_file::PaperFileRow;

/// The lines, in the procedure's order.
pub(crate) fn lines(
    view: &InterviewView,
    files: &[PaperFileRow],
    originals: &BTreeMap<ComponentId, OriginalPlace>,
) -> Vec<ReceiptPaperLine> {
    let lines = view.papers.iter().filter_map(|need| {
        let count = files.iter().filter(|f| f.component == need.id).count();
        let place = originals.get(&need.id).copied();
        let said = place.is_some_and(|place| need.mark == PaperMark::Shown || place.tells_of_a_paper());
        let place = place.unwrap_or(OriginalPlace::None);
        (count > 0 || said).then(|| ReceiptPaperLine {
            name: need.name.vi.clone(),
            count: u32::try_from(count).unwrap_or(u32::MAX),
            mark: place.brought(need.mark),
            original: place,
        })
    });
    lines.collect()
}

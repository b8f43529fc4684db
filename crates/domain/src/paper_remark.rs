//! A paper that was handed over, held against what the procedure asks: nothing missing, and nothing taken that must not be.
//!
//! Papers to be shown are checked and given back, and no copy of them may be demanded (the procedures' own mark
//! [`PaperMark::Shown`], each with its source). Where a copy is asked for, the original goes back.

use crate::procedure::PaperMark;
use crate::receipt::OriginalPlace;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the counter should still put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaperRemark {
    /// The procedure wants the original; only a copy was handed over.
    OriginalWanted,
    /// The original must not stay at the counter.
    GiveBack,
    /// A copy was kept of a paper that only has to be shown.
    CopyNotAsked,
}

/// What is amiss about a paper in this place; nothing where it is as the procedure asks.
#[must_use]
pub fn remark(mark: PaperMark, place: OriginalPlace) -> Option<PaperRemark> {
    use OriginalPlace as P;
    match (mark, place) {
        (PaperMark::Original, P::CopyKept) => Some(PaperRemark::OriginalWanted),
        (PaperMark::Shown | PaperMark::Copy, P::KeptByCounter) => Some(PaperRemark::GiveBack),
        (PaperMark::Shown, P::CopyKept) => Some(PaperRemark::CopyNotAsked),
        (PaperMark::Original, P::Returned | P::KeptByCounter | P::ShownOnly | P::None)
        | (PaperMark::Copy, P::Returned | P::ShownOnly | P::CopyKept | P::None)
        | (PaperMark::Shown, P::Returned | P::ShownOnly | P::None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_that_must_go_back() {
        use OriginalPlace as P;
        use PaperMark as M;
        let cases = [
            (M::Original, P::KeptByCounter, None),
            (M::Original, P::CopyKept, Some(PaperRemark::OriginalWanted)),
            (M::Copy, P::CopyKept, None),
            (M::Copy, P::KeptByCounter, Some(PaperRemark::GiveBack)),
            (M::Shown, P::ShownOnly, None),
            (M::Shown, P::KeptByCounter, Some(PaperRemark::GiveBack)),
            (M::Shown, P::CopyKept, Some(PaperRemark::CopyNotAsked)),
            (M::Shown, P::Returned, None),
        ];
        for (mark, place, wanted) in cases {
            assert_eq!(remark(mark, place), wanted, "{mark:?} {place:?}");
        }
    }
}

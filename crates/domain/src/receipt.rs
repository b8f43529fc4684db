//! What the receipt says. A receipt tells the truth with no network: no name, no ID number, no due date.

use crate::calendar::WorkCalendar;
use crate::ids::DossierId;
pub use crate::procedure::PaperMark;
use crate::receipt_number::ReceiptNumber;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where the paper original is when the citizen leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum OriginalPlace {
    /// Đã trả người dân.
    Returned,
    /// Quầy giữ.
    KeptByCounter,
    /// Chỉ xem rồi trả.
    ShownOnly,
    /// Quầy giữ bản sao: the original, if there was one, went back.
    CopyKept,
    /// There was no paper: an electronic file was picked.
    None,
}

impl OriginalPlace {
    /// What was brought, held against what the procedure asks: a copy that was kept is no original, a paper that was
    /// only looked at was shown.
    #[must_use]
    pub const fn brought(self, asked: PaperMark) -> PaperMark {
        match (self, asked) {
            (Self::CopyKept, _) => PaperMark::Copy,
            (Self::ShownOnly, _) => PaperMark::Shown,
            // What has to be shown only and was kept all the same is somebody's original.
            (Self::KeptByCounter, PaperMark::Shown) => PaperMark::Original,
            (Self::KeptByCounter | Self::Returned | Self::None, asked) => asked,
        }
    }

    /// Does it say of itself that a paper was there, without a captured page?
    #[must_use]
    pub const fn tells_of_a_paper(self) -> bool {
        match self {
            Self::KeptByCounter | Self::CopyKept | Self::ShownOnly => true,
            Self::Returned | Self::None => false,
        }
    }
}

/// One line of the papers table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptPaperLine {
    pub name: String,
    /// Captured files.
    pub count: u32,
    /// What was brought: [`OriginalPlace::brought`].
    pub mark: PaperMark,
    pub original: OriginalPlace,
}

/// Another dossier of the same life event; without a number until it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TogetherLine {
    pub name: String,
    pub number: Option<String>,
    /// Its own look-up secret.
    pub secret: Option<String>,
}

/// Everything on the sheet. Kept, encrypted, so that a re-print is the same receipt marked as a copy.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptContent {
    pub dossier: DossierId,
    pub number: ReceiptNumber,
    pub procedure_code: String,
    pub procedure_name: String,
    pub counter_name: String,
    pub counter_phone: Option<String>,
    pub sealed_on: Date,
    /// `HH:MM`, the counter's clock.
    pub sealed_at_time: String,
    pub papers: Vec<ReceiptPaperLine>,
    /// Working days, counted from the official code; `None` where the law gives none.
    pub working_days: Option<u32>,
    /// Calendar days, counted in the same way, where the law counts those.
    #[serde(default)]
    pub calendar_days: Option<u32>,
    pub fee_line: Option<String>,
    /// "Đến … chưa có mã, mang phiếu tới quầy".
    pub come_back_on: Date,
    /// Link of QR 1: upper case, the number only.
    pub lookup_url: String,
    /// The same place in a form that a person can type.
    pub lookup_site: String,
    /// Six digits, printed for typing, never inside a QR.
    pub secret: String,
    /// Text of QR 2, `VN1:…`: the signed proof.
    pub proof: Option<String>,
    /// 0 for the first print.
    pub copy_no: u32,
    /// The helper's role, never a name.
    pub assisted_by: String,
    pub consent_line: String,
    /// Steps of the practice slip; empty where there is none.
    pub practice: Vec<String>,
    /// Which of those steps to try next time, counted from 0; none where there is no slip or nothing is left to learn.
    #[serde(default)]
    pub practice_next: Option<u32>,
    /// The life event that the dossier is a part of.
    #[serde(default)]
    pub event: Option<crate::life_event::EventLink>,
    /// The other dossiers of that event as they stand when this sheet is printed.
    #[serde(default)]
    pub together: Vec<TogetherLine>,
}

impl std::fmt::Debug for ReceiptContent {
    /// The look-up secret and the papers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReceiptContent({})", self.number)
    }
}

/// Working days after sealing on which a citizen without a code is asked to come to the counter.
pub const COME_BACK_AFTER_WORKING_DAYS: u32 = 3;

/// The date `days` working days after `from`, skipping Saturdays, Sundays and the given days off.
///
/// The calendar is signed yearly data; swapped working Saturdays are not counted on, so the date can only be later than
/// the law's, never earlier.
#[must_use]
pub fn working_days_after(from: Date, days: u32, calendar: &WorkCalendar) -> Date {
    let mut day = from;
    let mut left = days;
    while left > 0 {
        let Ok(next) = day.tomorrow() else { return day };
        day = next;
        if calendar.is_working(day) && !calendar.is_made_up(day) {
            left -= 1;
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn what_was_brought_follows_from_where_it_is() {
        use OriginalPlace as O;
        use PaperMark as M;
        for (place, asked, brought) in [
            (O::CopyKept, M::Original, M::Copy),
            (O::ShownOnly, M::Original, M::Shown),
            (O::KeptByCounter, M::Shown, M::Original),
            (O::KeptByCounter, M::Copy, M::Copy),
            (O::Returned, M::Original, M::Original),
            (O::None, M::Copy, M::Copy),
        ] {
            assert_eq!(place.brought(asked), brought, "{place:?} for {asked:?}");
        }
    }

    #[test]
    fn weekends_and_days_off_do_not_count() {
        let calendar = WorkCalendar::from_json(include_str!("../../../assets/holidays.json")).unwrap();
        for (from, days, to) in [
            (date(2026, 11, 23), 3, date(2026, 11, 26)),
            (date(2026, 11, 20), 1, date(2026, 11, 23)),
            (date(2026, 12, 31), 1, date(2027, 1, 4)),
            (date(2026, 8, 21), 1, date(2026, 8, 24)),
        ] {
            assert_eq!(working_days_after(from, days, &calendar), to, "{from} + {days}");
        }
    }
}

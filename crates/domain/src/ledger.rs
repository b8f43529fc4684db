//! The assistance ledger: for every page, who pressed. Derived from what happened, never asked.
//!
//! **Invariant:** a page is `Unknown` where the citizen had no input of their own; no target counts those,
//! and nothing here is printed as a reproach.

use crate::ids::PageId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whose hand an act on a page was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    Operator,
    Citizen,
}

/// How a page came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Assistance {
    /// tự làm
    Alone,
    /// làm cùng
    Together,
    /// làm thay
    OnBehalf,
    /// không xác định
    Unknown,
}

/// What was counted on one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageTally {
    pub page: PageId,
    pub operator_acts: u32,
    pub citizen_acts: u32,
    /// The citizen pressed "Đúng hết" on a screen of their own.
    pub citizen_confirmed: bool,
    /// The citizen had a screen of their own while the page was open.
    pub citizen_had_input: bool,
}

impl PageTally {
    #[must_use]
    pub fn new(page: PageId) -> Self {
        Self {
            page,
            operator_acts: 0,
            citizen_acts: 0,
            citizen_confirmed: false,
            citizen_had_input: false,
        }
    }

    pub fn count(&mut self, hand: Hand) {
        match hand {
            Hand::Operator => self.operator_acts += 1,
            Hand::Citizen => self.citizen_acts += 1,
        }
    }

    /// The word for the page, from the tally alone.
    #[must_use]
    pub fn assistance(&self) -> Assistance {
        match (
            self.citizen_had_input,
            self.operator_acts,
            self.citizen_acts,
            self.citizen_confirmed,
        ) {
            (false, ..) => Assistance::Unknown,
            (true, 0, 0, false) => Assistance::Unknown,
            (true, 0, ..) => Assistance::Alone,
            (true, _, 0, false) => Assistance::OnBehalf,
            (true, ..) => Assistance::Together,
        }
    }
}

/// A page in the sealed ledger: the tally and the word that follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerPage {
    #[serde(flatten)]
    pub tally: PageTally,
    pub assistance: Assistance,
}

impl From<PageTally> for LedgerPage {
    fn from(tally: PageTally) -> Self {
        Self {
            assistance: tally.assistance(),
            tally,
        }
    }
}

/// The ledger of a whole dossier: every page that was shown, in order, also those on which nobody pressed anything.
#[must_use]
pub fn of_pages<'a>(pages: impl Iterator<Item = &'a PageId>, tallies: &[PageTally]) -> Vec<LedgerPage> {
    pages
        .map(|page| {
            let own = tallies.iter().find(|t| &t.page == page).cloned();
            LedgerPage::from(own.unwrap_or_else(|| PageTally::new(page.clone())))
        })
        .collect()
}

/// One word for the dossier. Pages that nobody can judge are left out; where all are such, so is the dossier.
#[must_use]
pub fn summary(pages: &[LedgerPage]) -> Assistance {
    let known = || {
        pages
            .iter()
            .map(|p| p.assistance)
            .filter(|a| *a != Assistance::Unknown)
    };
    if known().next().is_none() {
        Assistance::Unknown
    } else if known().all(|a| a == Assistance::Alone) {
        Assistance::Alone
    } else if known().all(|a| a == Assistance::OnBehalf) {
        Assistance::OnBehalf
    } else {
        Assistance::Together
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_follows_from_who_pressed() {
        for (own, operator, citizen, confirmed, word) in [
            (false, 9, 0, false, Assistance::Unknown),
            (true, 9, 0, false, Assistance::OnBehalf),
            (true, 9, 0, true, Assistance::Together),
            (true, 3, 2, false, Assistance::Together),
            (true, 0, 4, true, Assistance::Alone),
            (true, 0, 0, false, Assistance::Unknown),
        ] {
            let tally = PageTally {
                page: "mother".into(),
                operator_acts: operator,
                citizen_acts: citizen,
                citizen_confirmed: confirmed,
                citizen_had_input: own,
            };
            assert_eq!(tally.assistance(), word, "{tally:?}");
        }
    }

    #[test]
    fn a_dossier_has_the_word_of_its_pages() {
        use Assistance as A;
        for (pages, word) in [
            (vec![], A::Unknown),
            (vec![A::Unknown, A::Unknown], A::Unknown),
            (vec![A::Alone, A::Unknown], A::Alone),
            (vec![A::OnBehalf, A::OnBehalf], A::OnBehalf),
            (vec![A::OnBehalf, A::Alone], A::Together),
            (vec![A::Together], A::Together),
        ] {
            let pages: Vec<LedgerPage> = pages
                .into_iter()
                .map(|assistance| LedgerPage {
                    tally: PageTally::new("mother".into()),
                    assistance,
                })
                .collect();
            assert_eq!(summary(&pages), word, "{pages:?}");
        }
    }

    #[test]
    fn a_page_on_which_nobody_pressed_is_in_the_ledger_too() {
        let mut tally = PageTally::new("child".into());
        tally.count(Hand::Operator);
        let pages = [PageId::from("requester"), PageId::from("child")];
        let ledger = of_pages(pages.iter(), &[tally]);
        assert_eq!(ledger.len(), 2);
        assert!(ledger.iter().all(|p| p.assistance == Assistance::Unknown));
    }
}

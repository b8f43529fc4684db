//! Who is signed in, with the keys that signing in opened. Dropping it locks: the keys are wiped and the
//! encrypted database is closed.

use crate::problem::{Problem, ProblemCode};
use domain::ids::DossierId;
use domain::ledger::{Hand, PageTally};
use domain::roles::Helper;
use seal::keys::SigningKey;
use store::Drafts;
use store::tables::draft::{self, DraftRow};
use store::tables::operator::OperatorRow;
use zeroize::Zeroizing;

pub struct Session {
    pub operator: OperatorRow,
    pub signing: SigningKey,
    pub drafts_key: Zeroizing<[u8; 32]>,
    pub drafts: Drafts,
    /// The dossier on both screens.
    pub open: Option<DraftRow>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}

impl Session {
    #[must_use]
    pub fn helper(&self) -> Helper {
        Helper {
            operator: self.operator.id,
            role: self.operator.role,
        }
    }

    /// The dossier on the screens, if it is this one; else it is loaded from disk.
    ///
    /// # Errors
    /// `dossier_unknown`, `dossier_sealed`.
    pub fn open(&mut self, dossier: DossierId) -> Result<&mut DraftRow, Problem> {
        let there = self.open.as_ref().is_some_and(|row| row.dossier == dossier);
        if !there {
            let row = draft::get(self.drafts.db(), &dossier)?.ok_or(ProblemCode::DossierUnknown)?;
            self.open = Some(row);
        }
        match &mut self.open {
            Some(row) if row.sealed => Err(ProblemCode::DossierSealed.into()),
            Some(row) => Ok(row),
            None => Err(ProblemCode::DossierUnknown.into()),
        }
    }

    /// The dossier on the screens.
    ///
    /// # Errors
    /// `dossier_unknown` where none is.
    pub fn current(&mut self) -> Result<&mut DraftRow, Problem> {
        self.open
            .as_mut()
            .filter(|row| !row.sealed)
            .ok_or_else(|| ProblemCode::DossierUnknown.into())
    }

    /// Writes the open draft, encrypted, to disk: when this returns it survives a power cut.
    ///
    /// # Errors
    /// `disk_full`, `disk_trouble`; the change stays in memory and is written with the next.
    pub fn save(&mut self, now_ms: i64) -> Result<(), Problem> {
        let helper = self.helper();
        let Some(row) = &mut self.open else { return Ok(()) };
        if !row.body.helpers.iter().any(|h| h.operator == helper.operator) {
            row.body.helpers.push(helper);
        }
        draft::save(self.drafts.db(), &row.dossier, &row.body, now_ms)?;
        row.saved_ms = now_ms;
        Ok(())
    }
}

/// Counts an act on a page of the ledger.
pub fn tally(row: &mut DraftRow, page: &domain::ids::PageId, hand: Hand, citizen_has_input: bool) {
    let at = row.body.tallies.iter().position(|t| &t.page == page);
    let at = at.unwrap_or_else(|| {
        row.body.tallies.push(PageTally::new(page.clone()));
        row.body.tallies.len() - 1
    });
    if let Some(tally) = row.body.tallies.get_mut(at) {
        tally.count(hand);
        tally.citizen_had_input |= citizen_has_input;
    }
}

//! Who is signed in, with the keys that signing in opened. Dropping it locks: the keys are wiped and the
//! encrypted database is closed.

use crate::clock::Clock;
use crate::kiosk::locked;
use crate::problem::{Problem, ProblemCode};
use domain::ids::DossierId;
use domain::lease::Lease;
use domain::ledger::{Hand, PageTally};
use domain::roles::Helper;
use seal::keys::SigningKey;
use std::sync::{Arc, Mutex};
use store::tables::audit;
use store::tables::draft::{self, DraftRow};
use store::tables::lease;
use store::tables::operator::OperatorRow;
use store::{Drafts, Outbox};
use zeroize::Zeroizing;

/// The word for every opening in the book.
pub const OPENED: &str = "opened";

/// Writes down who opened which dossier, and why.
pub struct Watch {
    pub outbox: Arc<Mutex<Outbox>>,
    pub clock: Clock,
}

pub struct Session {
    pub operator: OperatorRow,
    pub signing: SigningKey,
    pub drafts_key: Zeroizing<[u8; 32]>,
    pub drafts: Drafts,
    /// The dossier on both screens.
    pub open: Option<DraftRow>,
    /// A volunteer's shift; none for officers.
    pub lease: Option<Lease>,
    pub watch: Watch,
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
            self.load(dossier, "opened")?;
        }
        match &mut self.open {
            Some(row) if row.sealed => Err(ProblemCode::DossierSealed.into()),
            Some(row) => Ok(row),
            None => Err(ProblemCode::DossierUnknown.into()),
        }
    }

    /// Loads a dossier from disk, if this person may reach it, and writes the opening down with its reason.
    ///
    /// # Errors
    /// `not_for_this_role` for a volunteer's every dossier but their own; `dossier_unknown`.
    pub fn load(&mut self, dossier: DossierId, reason: &str) -> Result<(), Problem> {
        let now_ms = self.watch.clock.now_ms();
        if self.lease.is_some_and(|lease| !lease.reaches(dossier, now_ms)) {
            return Err(ProblemCode::NotForThisRole.into());
        }
        let row = draft::get(self.drafts.db(), &dossier)?.ok_or(ProblemCode::DossierUnknown)?;
        if row.body.packed.is_some() {
            return Err(ProblemCode::WaitingForOfficer.into());
        }
        self.note(OPENED, dossier, reason)?;
        if self.lease.is_none() {
            // What an officer has in hand is no volunteer's any more.
            lease::release(locked(&self.watch.outbox).db(), &dossier)?;
        }
        let mut row = row;
        if row.body.warned_ms.take().is_some() {
            // Somebody came back for it.
            draft::save(self.drafts.db(), &dossier, &row.body, now_ms)?;
        }
        self.open = Some(row);
        Ok(())
    }

    /// Writes a line about a dossier into the book.
    ///
    /// # Errors
    /// The write errors.
    pub fn note(&self, what: &str, dossier: DossierId, reason: &str) -> Result<(), Problem> {
        let line = audit::Entry {
            at_ms: self.watch.clock.now_ms(),
            what,
            dossier: Some(dossier),
            who: Some(self.operator.id),
            note: Some(reason),
        };
        Ok(audit::append(locked(&self.watch.outbox).db(), &line)?)
    }

    /// The dossier in front of a volunteer: kept with the lease, so that a new sign-in in the same shift finds it.
    ///
    /// # Errors
    /// `one_at_a_time`, `lease_ended`.
    pub fn take_dossier(&mut self, dossier: DossierId) -> Result<(), Problem> {
        let now_ms = self.watch.clock.now_ms();
        let Some(held) = &mut self.lease else {
            return Ok(());
        };
        if !held.is_free(now_ms) {
            return Err(ProblemCode::OneAtATime.into());
        }
        lease::set_dossier(locked(&self.watch.outbox).db(), &held.volunteer, Some(&dossier))?;
        held.dossier = Some(dossier);
        Ok(())
    }

    /// Sealed, handed over or destroyed: the volunteer is free for the next person.
    ///
    /// # Errors
    /// The write errors.
    pub fn let_go(&mut self, dossier: DossierId) -> Result<(), Problem> {
        if let Some(held) = &mut self.lease
            && held.dossier == Some(dossier)
        {
            lease::set_dossier(locked(&self.watch.outbox).db(), &held.volunteer, None)?;
            held.dossier = None;
        }
        Ok(())
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

/// Counts an act on a page of the ledger. A person for whom a witness presses has no input of their own: what the witness
/// does tells nothing about them.
pub fn tally(row: &mut DraftRow, page: &domain::ids::PageId, hand: Hand, citizen_has_input: bool) {
    let witnessed = row.body.witness.is_some();
    if witnessed && hand == Hand::Citizen {
        return;
    }
    let at = row.body.tallies.iter().position(|t| &t.page == page);
    let at = at.unwrap_or_else(|| {
        row.body.tallies.push(PageTally::new(page.clone()));
        row.body.tallies.len() - 1
    });
    if let Some(tally) = row.body.tallies.get_mut(at) {
        tally.count(hand);
        tally.citizen_had_input |= citizen_has_input && !witnessed;
    }
}

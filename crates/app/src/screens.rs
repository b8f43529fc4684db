//! What both screens are about, beside the open dossier itself, and what of it outlives a lock or a power cut.
//!
//! **Invariant:** what stands here belongs to one visit; what is on disk too is written before it is shown.

use crate::kiosk::App;
use crate::problem::Problem;
use crate::views::{HalfWritten, Language};
use domain::consent::Witness;
use domain::ids::{DossierId, OperatorId, ProcedureCode};
use serde::{Deserialize, Serialize};
use store::tables::setting;

/// A dossier that was on the screens: it opens where it was for the same person, and for a colleague with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeftOpen {
    pub dossier: DossierId,
    pub by: OperatorId,
    pub at_ms: i64,
}

/// How long after it was shown a receipt comes back by itself.
const RECEIPT_COMES_BACK_MS: i64 = 30 * 60 * 1000;

/// A receipt that was on the screens when somebody locked or the plug was pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReceiptShown {
    pub dossier: DossierId,
    pub at_ms: i64,
}

/// A dossier whose owner is being asked whether they take it back, and who presses where they cannot.
#[derive(Debug, Clone)]
pub(crate) struct Withdrawing {
    pub dossier: DossierId,
    pub witness: Option<Witness>,
}

/// What the citizen is writing with their own hand and has not ended: in memory alone, for as long as its dossier stands
/// open, so that a lock over it loses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Writing {
    pub dossier: DossierId,
    pub half: HalfWritten,
}

/// What both screens are about, beside the open dossier itself.
#[derive(Debug, Default)]
pub(crate) struct Screens {
    /// The citizen has a window of their own.
    pub citizen_window: bool,
    pub one_screen: bool,
    pub turned: bool,
    /// A receipt is being shown. Also on disk.
    pub receipt: Option<DossierId>,
    /// The citizen is asked whether they take this dossier back.
    pub withdrawing: Option<Withdrawing>,
    /// What stands open, or stood open when somebody locked or the plug was pulled. Also on disk.
    pub left_open: Option<LeftOpen>,
    /// What the citizen is writing themselves.
    pub writing: Option<Writing>,
    /// What the citizen chose to read for this visit. The counter's own is a setting.
    pub language: Option<Language>,
    /// The step of the coaching that both screens show.
    pub coaching: Option<crate::commands::assist::Coach>,
    /// Consent was refused for this procedure: the paper path is shown.
    pub refused: Option<ProcedureCode>,
}

impl App {
    /// Remembers, on disk, what stands on the screens.
    pub(crate) fn set_left_open(&self, left: Option<LeftOpen>) -> Result<(), Problem> {
        {
            let outbox = self.outbox();
            match &left {
                Some(left) => setting::set(outbox.db(), setting::Name::LeftOpen, left)?,
                None => setting::remove(outbox.db(), setting::Name::LeftOpen)?,
            }
        }
        let mut screens = self.screens();
        // Another dossier, or none: what was written for this one goes with it.
        screens
            .writing
            .take_if(|writing| left.is_none_or(|left| left.dossier != writing.dossier));
        screens.left_open = left;
        Ok(())
    }

    /// Puts a receipt on the screens, or takes it away, and remembers that on disk. A lock clears the screens alone.
    pub(crate) fn put_receipt(&self, receipt: Option<DossierId>) -> Result<(), Problem> {
        if receipt.is_some() && self.screens().receipt == receipt {
            return Ok(());
        }
        {
            let outbox = self.outbox();
            match receipt {
                Some(dossier) => {
                    let at_ms = self.clock.now_ms();
                    let shown = ReceiptShown { dossier, at_ms };
                    setting::set(outbox.db(), setting::Name::ReceiptShown, &shown)?;
                }
                None => setting::remove(outbox.db(), setting::Name::ReceiptShown)?,
            }
        }
        self.screens().receipt = receipt;
        Ok(())
    }

    /// The receipt that stood on the screens not long ago, for the time after a lock or a crash.
    pub(crate) fn receipt_shown(&self) -> Result<Option<DossierId>, Problem> {
        let known: Option<ReceiptShown> = setting::get(self.outbox().db(), setting::Name::ReceiptShown)?;
        let since = |known: &ReceiptShown| self.clock.now_ms().saturating_sub(known.at_ms);
        // Later it is no longer the same visit, and another person may sit there.
        Ok(known
            .filter(|known| (0..RECEIPT_COMES_BACK_MS).contains(&since(known)))
            .map(|known| known.dossier))
    }

    /// What both screens speak: the citizen's choice for their visit, else the counter's.
    pub(crate) fn language(&self) -> Result<Language, Problem> {
        let chosen = self.screens().language;
        Ok(match chosen {
            Some(language) => language,
            None => setting::get(self.outbox().db(), setting::Name::Language)?.unwrap_or(Language::Vi),
        })
    }
}

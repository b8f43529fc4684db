//! Official codes and statuses, each with its event to the kiosk and its audit entry in one transaction.

use super::{ADMIN, Admin};
use crate::store::audit::{self, Act, Entry};
use crate::store::cases::{self, Case};
use crate::{Refusal, ServiceError};
use domain::ids::DossierId;
use domain::province::{CaseStatus, NotAnOfficialCode, OfficialCode};

impl Admin {
    /// Enters an official code with the source that gave it.
    ///
    /// # Errors
    /// [`Refusal::CodeShape`], [`Refusal::CodeSource`], [`Refusal::NoSuchDossier`], [`Refusal::NotComplete`],
    /// [`Refusal::CaseStatus`].
    pub fn set_code(&mut self, id: &DossierId, code: &str, source: &str) -> Result<Case, ServiceError> {
        let code = OfficialCode::new(code, source).map_err(|why| match why {
            NotAnOfficialCode::Shape => Refusal::CodeShape,
            NotAnOfficialCode::NoSource => Refusal::CodeSource,
        })?;
        self.write(|tx, now| {
            let why = format!("{} ({})", code.code, code.source);
            let (case, _) = cases::set_code(tx, id, code, now)?;
            audit::append(tx, &Entry::dossier(now, ADMIN, Act::EnterCode, id, &why))?;
            Ok(case)
        })
    }

    /// Moves a case to another status. The note goes to the counter: what is wanted, never a name.
    ///
    /// # Errors
    /// [`Refusal::NoSuchDossier`], [`Refusal::NotComplete`], [`Refusal::CaseStatus`], [`Refusal::CodeMissing`].
    pub fn set_status(
        &mut self,
        id: &DossierId,
        to: CaseStatus,
        note: Option<&str>,
    ) -> Result<Case, ServiceError> {
        self.write(|tx, now| {
            let (case, _) = cases::set_status(tx, id, to, note, now)?;
            audit::append(
                tx,
                &Entry::dossier(now, ADMIN, Act::ChangeStatus, id, to.as_str()),
            )?;
            Ok(case)
        })
    }
}

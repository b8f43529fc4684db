//! Dossiers that come by a stick: the same checks, the same acknowledgement, no network.
//!
//! **Invariants:** files are whole, hashed and named before the transaction that names them; the same stick twice
//! changes nothing; what is refused stays on the stick and is told by its id and a word.

use super::{ADMIN, Admin};
use crate::blobs::BlobFiles;
use crate::intake::{self, Taken};
use crate::store::audit::{self, Act, Entry};
use crate::store::devices::{self, DeviceState};
use crate::{Refusal, ServiceError};
use domain::ids::DossierId;
use seal::manifest::Manifest;
use seal::signed::Signed;
use serde::Serialize;
use std::path::Path;
use wire::ProblemCode;
use wire::parcel::{self, Parcel};

/// What came of a stick.
#[derive(Debug, Default, Serialize)]
pub struct Imported {
    pub taken: Vec<DossierId>,
    /// Held already; their acknowledgements are on the stick now.
    pub known: Vec<DossierId>,
    pub refused: Vec<RefusedParcel>,
}

#[derive(Debug, Serialize)]
pub struct RefusedParcel {
    pub dossier: DossierId,
    pub why: String,
}

impl Admin {
    /// Takes every parcel of a stick in, and leaves the acknowledgements on it.
    ///
    /// # Errors
    /// [`Refusal::NoParcels`]; the database's and the disk's. What was taken before stays taken.
    pub fn import(&mut self, from: &Path) -> Result<Imported, ServiceError> {
        let found = parcel::list(from).map_err(ServiceError::io("reading the stick"))?;
        if found.is_empty() {
            return Err(Refusal::NoParcels.into());
        }
        let mut came = Imported::default();
        for (dossier, folder) in found {
            let parcel = Parcel::read(dossier, folder);
            let result = match parcel {
                Ok(parcel) => self.import_one(&parcel),
                Err(_) => Err(ProblemCode::ManifestRefused.into()),
            };
            match result {
                Ok(true) => came.taken.push(dossier),
                Ok(false) => came.known.push(dossier),
                Err(e @ (ServiceError::Problem(_) | ServiceError::Seal(_) | ServiceError::Refused(_))) => {
                    let why = e.to_string();
                    came.refused.push(RefusedParcel { dossier, why });
                }
                Err(other) => return Err(other),
            }
        }
        Ok(came)
    }

    /// `true` where it was not held before.
    fn import_one(&mut self, parcel: &Parcel) -> Result<bool, ServiceError> {
        let manifest = Manifest::from_bytes(&parcel.envelope.manifest)?;
        let device = devices::find(&self.conn, &manifest.device_id())?.ok_or(Refusal::NoSuchDevice)?;
        // What a device sealed before it was revoked is taken by this road.
        if !matches!(device.state, DeviceState::Approved | DeviceState::Revoked) {
            return Err(Refusal::DeviceState.into());
        }
        let manifest = intake::verify(&parcel.envelope, Some(&parcel.dossier), &device.id, &device.key)?;
        let files = BlobFiles::new(self.dir.blobs());
        for blob in &manifest.blobs {
            let source = parcel.open(blob).map_err(|_| Refusal::FileMismatch)?;
            files.bring(&parcel.dossier, blob, source)?;
        }
        let key = self.dir.signing_key()?;
        let taken = self.write(|tx, now| {
            let taken = intake::take(tx, &files, &key, &manifest, &parcel.envelope, None, now)?;
            if !matches!(taken, Taken::Known(_)) {
                let entry = Entry::dossier(now, ADMIN, Act::Import, &parcel.dossier, "by a stick");
                audit::append(tx, &entry)?;
            }
            Ok(taken)
        })?;
        let (new, answer) = match taken {
            Taken::New(answer) => (true, answer),
            Taken::Known(answer) => (false, answer),
            // Both contents are kept; a person looks.
            Taken::Fork => return Err(ProblemCode::Fork.into()),
        };
        if let Some(signed) = answer.acknowledgement {
            leave_word(parcel, &signed);
        }
        Ok(new)
    }
}

/// Back on the stick for whoever brought it. A stick that can no longer be written changes nothing about the dossier.
fn leave_word(parcel: &Parcel, signed: &Signed) {
    if let Err(e) = parcel::leave_acknowledgement(&parcel.folder, signed) {
        tracing::warn!(error = %e, "the acknowledgement could not be left on the stick");
    }
}

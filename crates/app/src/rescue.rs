//! Sealed dossiers off a machine that does not open any more: from the records beside the sealed files, to a stick that the
//! province reads.
//!
//! **Invariants:** nothing in the data folder is made, changed or removed; no key, no PIN and no index is needed, because
//! what is sealed is encrypted to the province and signed already; what a person took back stays here; what counts as
//! copied was read back from the stick. Absent on purpose: unfinished dossiers, which only their own machine can read.

use crate::kiosk::Enrolment;
use crate::parcels::{Outgoing, Put, Stick};
use crate::problem::{Problem, ProblemCode};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::keys::VerifyKey;
use seal::manifest::Manifest;
use std::collections::BTreeSet;
use std::path::Path;
use store::instance::InstanceLock;
use store::records::Record;
use store::tables::setting::Name;
use store::{Card, SealedFiles, StoreError};

/// Why a dossier is not on the stick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its record cannot be read, or is not what was signed.
    Record,
    /// A file of it is missing, or is not what was sealed.
    File,
    /// The stick holds another content under its id; that was left alone.
    OtherOnStick,
}

/// What came of it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rescued {
    pub copied: u32,
    /// On the stick before, whole.
    pub there: u32,
    /// The person took them back.
    pub withdrawn: u32,
    /// The province holds them durably, and their files went.
    pub gone: u32,
    /// Sealed files that no record here names.
    pub strays: u32,
    pub faults: Vec<(DossierId, Fault)>,
}

/// A record, and what its envelope says.
struct Told {
    record: Record,
    manifest: Manifest,
}

/// Copies every sealed dossier of a closed kiosk to a stick, or to another disk.
///
/// # Errors
/// `already_running`, `folder_missing`, and those of the stick: what was copied before stays, and another run goes on.
pub fn rescue(data_dir: &Path, to: &Path) -> Result<Rescued, Problem> {
    if !data_dir.join("sealed").is_dir() {
        return Err(ProblemCode::FolderMissing.into());
    }
    // A disk on which nothing can be written any more has nobody else at it either.
    let _instance = match InstanceLock::take(data_dir) {
        Err(StoreError::InUse) => return Err(ProblemCode::AlreadyRunning.into()),
        other => other.ok(),
    };
    let files = SealedFiles::as_they_lie(data_dir);
    let stick = Stick::open(to, data_dir)?;
    let enrolment: Option<Enrolment> = Card::read(data_dir).and_then(|card| card.setting(Name::Enrolment));
    let mut done = Rescued::default();
    let told = told(&files, enrolment.as_ref(), &mut done)?;
    let taken_back: BTreeSet<DossierId> = told.iter().filter_map(|one| one.manifest.takes_back()).collect();
    for one in &told {
        let dossier = one.record.dossier;
        if one.record.gone {
            done.gone += 1;
        } else if one.record.withdrawn || taken_back.contains(&dossier) {
            done.withdrawn += 1;
        } else {
            let own = one.record.carried_from.is_none();
            let signed = enrolment.as_ref().and_then(|e| e.signed_certificate.as_ref());
            let outgoing = Outgoing {
                dossier,
                envelope: &one.record.envelope,
                certificate: signed.filter(|_| own),
            };
            match stick.put(&outgoing, &files)? {
                Put::Copied => done.copied += 1,
                Put::There => done.there += 1,
                Put::Other => done.faults.push((dossier, Fault::OtherOnStick)),
                Put::DamagedHere => done.faults.push((dossier, Fault::File)),
            }
        }
    }
    let named: BTreeSet<String> = told
        .iter()
        .flat_map(|one| one.manifest.blobs.iter().map(seal::manifest::BlobRecord::name))
        .collect();
    let strays = files.names()?.difference(&named).count();
    done.strays = u32::try_from(strays).unwrap_or(u32::MAX);
    Ok(done)
}

/// Every record that can be read; the others are faults.
fn told(
    files: &SealedFiles,
    enrolment: Option<&Enrolment>,
    done: &mut Rescued,
) -> Result<Vec<Told>, StoreError> {
    let own = enrolment.map(|e| e.certificate.key);
    let mut told = Vec::new();
    for dossier in files.records().dossiers()? {
        // A place of the disk that does not answer costs one dossier, not those behind it.
        let read = files.records().read(&dossier).ok().flatten();
        match read.and_then(|record| understood(record, own.as_ref())) {
            Some(one) => told.push(one),
            None => done.faults.push((dossier, Fault::Record)),
        }
    }
    Ok(told)
}

/// Verified where the sealer's key is known here; where it is not, the province knows it.
fn understood(record: Record, own: Option<&VerifyKey>) -> Option<Told> {
    let sealed = SealedDossier::from_bytes(&record.envelope).ok()?;
    let manifest = match (&record.carried_from, own) {
        (Some(other), _) => sealed.verify(&other.parse().ok()?).ok()?,
        (None, Some(own)) => sealed.verify(own).ok()?,
        (None, None) => Manifest::from_bytes(&sealed.manifest).ok()?,
    };
    (manifest.dossier_id() == record.dossier).then_some(Told { record, manifest })
}

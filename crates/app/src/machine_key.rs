//! Which secret is this machine's. The device's key is locked with it, in the index and on both cards: what opens that is
//! the right one, and nothing else is kept to know it by.
//!
//! **Invariant:** where the machine is enrolled, or sealed dossiers lie here, no secret is ever made: a new one opens
//! nothing, and would make a wrong PIN of every right one.

use crate::kiosk::DeviceKey;
use crate::problem::{Problem, ProblemCode};
use seal::wrap;
use serde::de::IgnoredAny;
use store::guard::{KeyGuard, Secret};
use store::tables::setting::{self, Name};
use store::{Card, Outbox, SealedFiles, StoreError};

/// The secret that opens this machine's key; a new one on a machine that nobody knows yet.
///
/// # Errors
/// `machine_key_lost`: then nothing was made and nothing was changed. `disk_full`, `disk_trouble`.
pub(crate) fn find(
    guard: &dyn KeyGuard,
    index: Option<&Outbox>,
    card: Option<&Card>,
    files: &SealedFiles,
) -> Result<Secret, Problem> {
    let in_index = index.and_then(|outbox| setting::get(outbox.db(), Name::DeviceKey).ok().flatten());
    let on_card = card.and_then(|card| card.setting(Name::DeviceKey));
    let locks: Vec<DeviceKey> = in_index.into_iter().chain(on_card).collect();
    let fits = |secret: &[u8; 32]| locks.is_empty() || locks.iter().any(|lock| opens(secret, lock));
    if let Some(secret) = guard.held(&fits)? {
        return Ok(secret);
    }
    if is_known(index, card, files)? {
        return Err(ProblemCode::MachineKeyLost.into());
    }
    if let Some(outbox) = index {
        // An enrolment that was asked for with a key that nobody can open is asked for anew.
        setting::remove(outbox.db(), Name::DeviceKey)?;
        setting::remove(outbox.db(), Name::PendingEnrolment)?;
    }
    Ok(guard.make()?)
}

fn opens(secret: &[u8; 32], lock: &DeviceKey) -> bool {
    wrap::open_with_machine(secret, &lock.wrapped_seed, lock.id.as_bytes()).is_ok()
}

/// Does anything here stand on a secret that was? What cannot be read counts as something.
fn is_known(index: Option<&Outbox>, card: Option<&Card>, files: &SealedFiles) -> Result<bool, StoreError> {
    let in_index = index
        .map(|outbox| setting::get::<IgnoredAny>(outbox.db(), Name::Enrolment))
        .is_some_and(|came| !matches!(came, Ok(None)));
    let on_card = card.is_some_and(|card| card.setting::<IgnoredAny>(Name::Enrolment).is_some());
    Ok(in_index || on_card || !files.records().dossiers()?.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::DeviceId;
    use std::path::Path;
    use store::guard::FileGuard;

    const SECRET: [u8; 32] = [3; 32];

    fn find_in(dir: &Path) -> Result<Secret, ProblemCode> {
        let outbox = Outbox::open(dir).unwrap();
        let (files, card) = (SealedFiles::open(dir).unwrap(), Card::read(dir));
        find(&FileGuard::new(dir), Some(&outbox), card.as_ref(), &files).map_err(|problem| problem.code)
    }

    /// A machine whose key is locked with [`SECRET`].
    fn machine(dir: &Path) -> Outbox {
        let outbox = Outbox::open(dir).unwrap();
        SealedFiles::open(dir).unwrap();
        let id = DeviceId(seal::random::uuid().unwrap());
        let wrapped_seed = wrap::with_machine(&SECRET, &[8; 32], id.as_bytes()).unwrap();
        setting::set(outbox.db(), Name::DeviceKey, &DeviceKey { id, wrapped_seed }).unwrap();
        outbox
    }

    #[test]
    fn a_machine_that_is_enrolled_gets_no_other_secret() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = machine(dir.path());
        setting::set(outbox.db(), Name::Enrolment, &"enrolled").unwrap();
        outbox.keep_card().unwrap();
        let key = dir.path().join("machine.key");
        assert_eq!(find_in(dir.path()), Err(ProblemCode::MachineKeyLost));
        assert!(!key.exists(), "a secret was made");
        std::fs::write(&key, [4; 32]).unwrap();
        assert_eq!(find_in(dir.path()), Err(ProblemCode::MachineKeyLost));
        assert_eq!(
            std::fs::read(&key).unwrap(),
            [4; 32],
            "what lay there was changed"
        );
        std::fs::write(&key, SECRET).unwrap();
        assert_eq!(*find_in(dir.path()).unwrap(), SECRET);
        // The card alone knows it, where the index is gone.
        std::fs::remove_file(dir.path().join("machine/machine.key")).unwrap();
        std::fs::write(&key, [4; 32]).unwrap();
        drop(outbox);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(dir.path().join(format!("outbox.db{end}")));
        }
        assert_eq!(find_in(dir.path()), Err(ProblemCode::MachineKeyLost));
    }

    #[test]
    fn a_machine_that_nobody_knows_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = machine(dir.path());
        setting::set(outbox.db(), Name::PendingEnrolment, &"asked").unwrap();
        let made = find_in(dir.path()).unwrap();
        assert_ne!(*made, SECRET);
        let left: Option<IgnoredAny> = setting::get(outbox.db(), Name::DeviceKey).unwrap();
        assert!(left.is_none(), "a key that nothing opens stays");
        assert_eq!(*find_in(dir.path()).unwrap(), *made, "made twice");
        // Sealed dossiers alone are reason enough.
        let files = SealedFiles::open(dir.path()).unwrap();
        let dossier = domain::ids::DossierId(seal::random::uuid().unwrap());
        files
            .records()
            .write(&dossier, None, b"envelope")
            .unwrap()
            .name()
            .unwrap();
        for place in ["machine.key", "machine/machine.key"] {
            std::fs::remove_file(dir.path().join(place)).unwrap();
        }
        assert_eq!(find_in(dir.path()), Err(ProblemCode::MachineKeyLost));
    }
}

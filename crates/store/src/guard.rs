//! The machine's own secret, behind one trait: a TPM or DPAPI holds it where there is one.
//!
//! **Invariants:** there is no silent fall-back: a guard says what it is, and the device's class follows it; it answers a
//! secret only where that fits what was locked with it, and makes a new one only when it is told to. As files the secret
//! lies in two places, each whole or not at all, and one is mended from the other.

use crate::StoreError;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// 32 bytes that never leave this machine.
pub type Secret = Zeroizing<[u8; 32]>;

const FILE: &str = "machine.key";
/// The second place's folder: not the one of the sealed files, which a technician may well copy by hand.
const SECOND: &str = "machine";

/// Keeps the machine's secret.
pub trait KeyGuard: Send + Sync {
    /// The secret that is held here and `fits` what it must open; with it every place is whole again. `None` where there
    /// is no such secret: then nothing was changed.
    ///
    /// # Errors
    /// [`StoreError::Io`] where a place cannot be read and no other holds it: that says nothing of what lies there.
    fn held(&self, fits: &dyn Fn(&[u8; 32]) -> bool) -> Result<Option<Secret>, StoreError>;

    /// A new secret. **Invariant:** whoever asks knows that nothing is locked with another one.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Full`].
    fn make(&self) -> Result<Secret, StoreError>;

    /// Is the secret bound to the hardware? If not, no readable copy stays after sealing.
    fn bound_to_hardware(&self) -> bool;
}

/// Two files that only this account can read: software protection, and it says so.
#[derive(Debug)]
pub struct FileGuard {
    places: [PathBuf; 2],
}

impl FileGuard {
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self {
            // The first is where, and as, programs that knew one place have it.
            places: [dir.join(FILE), dir.join(SECOND).join(FILE)],
        }
    }
}

impl KeyGuard for FileGuard {
    fn held(&self, fits: &dyn Fn(&[u8; 32]) -> bool) -> Result<Option<Secret>, StoreError> {
        let found = self.places.each_ref().map(|place| read(place));
        let whole = found.iter().filter_map(|came| came.as_ref().ok()?.as_ref());
        let Some(secret) = whole.into_iter().find(|secret| fits(secret)).cloned() else {
            for came in found {
                came?;
            }
            return Ok(None);
        };
        for (place, came) in self.places.iter().zip(found) {
            let same = matches!(came, Ok(Some(there)) if *there == *secret);
            if !same && let Err(error) = write(place, &secret) {
                // The one that is whole opens everything; the next opening tries again.
                tracing::error!(%error, "a second copy of the machine's secret could not be written");
            }
        }
        Ok(Some(secret))
    }

    fn make(&self) -> Result<Secret, StoreError> {
        let secret = Zeroizing::new(seal::random::bytes::<32>().map_err(|_| StoreError::Content)?);
        for place in &self.places {
            write(place, &secret)?;
        }
        Ok(secret)
    }

    fn bound_to_hardware(&self) -> bool {
        false
    }
}

/// `None` where nothing lies there, or something of another length: a secret is written whole.
fn read(place: &Path) -> io::Result<Option<Secret>> {
    let file = match File::open(place) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    // One more than there may be, so that a longer file is seen. Room beforehand: what grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64));
    file.take(33).read_to_end(&mut bytes)?;
    let fixed = <[u8; 32]>::try_from(bytes.as_slice());
    Ok(fixed.ok().map(Zeroizing::new))
}

fn write(place: &Path, secret: &[u8; 32]) -> Result<(), StoreError> {
    if let Some(folder) = place.parent().filter(|folder| !folder.is_dir()) {
        fs::create_dir_all(folder)?;
        crate::sealed_files::sync_folder(folder)?;
    }
    let tmp = place.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&tmp)?;
    file.write_all(secret)?;
    file.sync_all()?;
    fs::rename(&tmp, place)?;
    crate::sealed_files::sync_folder(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(dir: &Path) -> [PathBuf; 2] {
        FileGuard::new(dir).places
    }

    fn any(_: &[u8; 32]) -> bool {
        true
    }

    #[test]
    fn one_place_mends_the_other_and_neither_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let guard = FileGuard::new(dir.path());
        assert!(guard.held(&any).unwrap().is_none(), "a secret out of nothing");
        assert!(!dir.path().join(FILE).exists(), "looking made one");
        let made = guard.make().unwrap();
        let damages: [fn(&Path); 4] = [
            |place| fs::remove_file(place).unwrap(),
            |place| fs::write(place, b"").unwrap(),
            |place| fs::write(place, [7; 33]).unwrap(),
            // Whole by its length, and another machine's.
            |place| fs::write(place, [7; 32]).unwrap(),
        ];
        for damage in damages {
            for place in places(dir.path()) {
                damage(&place);
                let held = guard.held(&|secret| *secret == *made).unwrap();
                assert_eq!(held.as_deref(), Some(&*made));
                for place in places(dir.path()) {
                    assert_eq!(fs::read(place).unwrap(), *made, "it was not mended");
                }
            }
            for place in places(dir.path()) {
                damage(&place);
            }
            let before = places(dir.path()).map(|place| fs::read(place).ok());
            assert!(guard.held(&|secret| *secret == *made).unwrap().is_none());
            let after = places(dir.path()).map(|place| fs::read(place).ok());
            assert_eq!(before, after, "nothing fits, and something was written");
            for place in places(dir.path()) {
                fs::write(place, *made).unwrap();
            }
        }
    }

    #[test]
    fn a_machine_with_one_file_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), [5; 32]).unwrap();
        let held = FileGuard::new(dir.path()).held(&any).unwrap();
        assert_eq!(held.as_deref(), Some(&[5; 32]));
        for place in places(dir.path()) {
            assert_eq!(fs::read(&place).unwrap(), [5; 32]);
        }
    }

    #[test]
    fn a_place_that_cannot_be_read_is_no_empty_one() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(FILE)).unwrap();
        let guard = FileGuard::new(dir.path());
        assert!(matches!(guard.held(&any), Err(StoreError::Io(_))));
        fs::create_dir(dir.path().join(SECOND)).unwrap();
        fs::write(dir.path().join(SECOND).join(FILE), [5; 32]).unwrap();
        assert_eq!(guard.held(&any).unwrap().as_deref(), Some(&[5; 32]));
    }
}

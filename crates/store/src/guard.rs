//! The machine's own secret, behind one trait: a TPM or DPAPI holds it where there is one.
//!
//! **Invariant:** there is no silent fall-back: a guard says what it is, and the device's class follows it.

use crate::StoreError;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Keeps 32 bytes that never leave this machine.
pub trait KeyGuard: Send + Sync {
    /// The machine's secret, made at the first call.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Content`].
    fn machine_secret(&self) -> Result<Zeroizing<[u8; 32]>, StoreError>;

    /// Is the secret bound to the hardware? If not, no readable copy stays after sealing.
    fn bound_to_hardware(&self) -> bool;
}

/// A file that only this account can read: software protection, and it says so.
#[derive(Debug)]
pub struct FileGuard {
    path: PathBuf,
}

impl FileGuard {
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self {
            path: dir.join("machine.key"),
        }
    }

    fn create(&self) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        let secret = Zeroizing::new(seal::random::bytes::<32>().map_err(|_| StoreError::Content)?);
        let tmp = self.path.with_extension("new");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&tmp)?;
        file.write_all(secret.as_ref())?;
        file.sync_all()?;
        fs::rename(&tmp, &self.path)?;
        crate::sealed_files::sync_folder(&self.path)?;
        Ok(secret)
    }
}

impl KeyGuard for FileGuard {
    fn machine_secret(&self) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        match fs::read(&self.path) {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                let fixed: [u8; 32] = bytes.as_slice().try_into().map_err(|_| StoreError::Content)?;
                Ok(Zeroizing::new(fixed))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => self.create(),
            Err(e) => Err(e.into()),
        }
    }

    fn bound_to_hardware(&self) -> bool {
        false
    }
}

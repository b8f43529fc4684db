//! A province's directory: settings, keys, database, files. Made once by [`init`], opened by `serve` and `admin`.
//!
//! **Invariants:** each private key is a file of its own, readable by its owner only; what `serve` needs to know
//! of the intake and recovery keys is their public side, in the settings; it never opens the private ones.

use crate::{Refusal, ServiceError};
use data_encoding::BASE64;
use seal::keys::{OpeningKey, Recipients, SigningKey, VerifyKey};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// `province.json`: everything public.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    pub version: u32,
    pub name: String,
    pub counter_phone: Option<String>,
    /// Address of the look-up page as citizens reach it; the listener's own where none is given.
    pub lookup_base_url: Option<String>,
    pub signing_key: VerifyKey,
    pub recipients: Recipients,
    pub root_der_b64: String,
}

/// What [`init`] is told.
#[derive(Debug, Clone)]
pub struct InitOptions {
    pub name: String,
    /// Names and addresses that kiosks reach this service by; they stand in its certificate.
    pub hosts: Vec<String>,
    pub counter_phone: Option<String>,
    pub lookup_base_url: Option<String>,
}

impl Default for InitOptions {
    fn default() -> Self {
        Self {
            name: "Tỉnh thử nghiệm".into(),
            hosts: vec!["127.0.0.1".into(), "localhost".into()],
            counter_phone: None,
            lookup_base_url: None,
        }
    }
}

/// The directory.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

impl DataDir {
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    #[must_use]
    pub fn settings_file(&self) -> PathBuf {
        self.0.join("province.json")
    }

    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("province.db")
    }

    #[must_use]
    pub fn blobs(&self) -> PathBuf {
        self.0.join("blobs")
    }

    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.0.join("serve.lock")
    }

    /// Held by whoever makes a backup: two at once would mend each other's files.
    #[must_use]
    pub fn backup_lock_file(&self) -> PathBuf {
        self.0.join("backup.lock")
    }

    /// One private key or certificate.
    #[must_use]
    pub fn key_file(&self, name: &str) -> PathBuf {
        self.0.join("keys").join(name)
    }

    /// # Errors
    /// [`Refusal::NotADataDirectory`], [`ServiceError::Damaged`].
    pub fn settings(&self) -> Result<Settings, ServiceError> {
        let text = match std::fs::read(self.settings_file()) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(Refusal::NotADataDirectory.into());
            }
            other => other.map_err(ServiceError::io("reading the settings"))?,
        };
        serde_json::from_slice(&text).map_err(|_| ServiceError::Damaged("settings"))
    }

    /// # Errors
    /// [`ServiceError::Io`], [`ServiceError::Damaged`].
    pub fn signing_key(&self) -> Result<SigningKey, ServiceError> {
        let text = std::fs::read_to_string(self.key_file(SIGNING_KEY))
            .map_err(ServiceError::io("reading the signing key"))?;
        let seed = BASE64
            .decode(text.trim().as_bytes())
            .map_err(|_| ServiceError::Damaged("signing key"))?;
        let seed: [u8; 32] = seed
            .try_into()
            .map_err(|_| ServiceError::Damaged("signing key"))?;
        Ok(SigningKey::from_seed(&seed))
    }
}

pub const SIGNING_KEY: &str = "signing.key";
/// Opens dossiers. Belongs to the opening step; `serve` never reads it.
pub const INTAKE_KEY: &str = "intake.key";
/// Opens dossiers when the intake key is lost. Belongs in a safe, not on this machine.
pub const RECOVERY_KEY: &str = "recovery.key";
pub const ROOT_KEY: &str = "root.key.pem";
pub const ROOT_CERTIFICATE: &str = "root.crt.pem";
pub const SERVER_KEY: &str = "server.key.pem";
pub const SERVER_CERTIFICATE: &str = "server.crt.pem";

/// Makes a province: root and server certificate, signing key, intake and recovery key, database with its epoch.
///
/// The settings come last: a directory without them is not a province yet, and `init` may begin again.
///
/// # Errors
/// [`Refusal::AlreadyThere`], [`Refusal::NotADataDirectory`] where something else lies there, [`ServiceError::Io`].
pub fn init(dir: &DataDir, options: &InitOptions) -> Result<Settings, ServiceError> {
    if dir.settings_file().exists() {
        return Err(Refusal::AlreadyThere.into());
    }
    if dir.database().exists() {
        return Err(Refusal::NotADataDirectory.into());
    }
    make_private_dir(dir.path())?;
    make_private_dir(&dir.path().join("keys"))?;
    make_private_dir(&dir.blobs())?;
    let certificates = crate::certificates::make(&options.name, &options.hosts)?;
    for (name, text) in [
        (ROOT_KEY, &certificates.root_key_pem),
        (ROOT_CERTIFICATE, &certificates.root_pem),
        (SERVER_KEY, &certificates.server_key_pem),
        (SERVER_CERTIFICATE, &certificates.server_pem),
    ] {
        write_private(&dir.key_file(name), text.as_bytes())?;
    }
    let signing = SigningKey::generate()?;
    write_private(
        &dir.key_file(SIGNING_KEY),
        BASE64.encode(signing.seed().as_slice()).as_bytes(),
    )?;
    let (intake, recovery) = (OpeningKey::generate(), OpeningKey::generate());
    write_private(&dir.key_file(INTAKE_KEY), intake.to_text().as_bytes())?;
    write_private(&dir.key_file(RECOVERY_KEY), recovery.to_text().as_bytes())?;
    let settings = Settings {
        version: 1,
        name: options.name.clone(),
        counter_phone: options.counter_phone.clone(),
        lookup_base_url: options.lookup_base_url.clone(),
        signing_key: signing.verify_key(),
        recipients: Recipients {
            intake: intake.recipient(),
            recovery: recovery.recipient(),
        },
        root_der_b64: BASE64.encode(&certificates.root_der),
    };
    let json = serde_json::to_vec_pretty(&settings).map_err(|_| ServiceError::Damaged("settings"))?;
    write_private(&dir.settings_file(), &json)?;
    sync_dir(dir.path())?;
    drop(crate::store::open(&dir.database())?);
    Ok(settings)
}

/// Host names for a service that listens on `address` alone.
#[must_use]
pub fn hosts_of(address: IpAddr) -> Vec<String> {
    let mut hosts = InitOptions::default().hosts;
    let own = address.to_string();
    if !address.is_unspecified() && !hosts.contains(&own) {
        hosts.push(own);
    }
    hosts
}

/// # Errors
/// [`ServiceError::Io`].
pub fn make_private_dir(path: &Path) -> Result<(), ServiceError> {
    std::fs::create_dir_all(path).map_err(ServiceError::io("making a directory"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(path, private).map_err(ServiceError::io("protecting a directory"))?;
    }
    Ok(())
}

/// Writes a file that only its owner reads: beside it first, fsynced, then renamed over the old one.
///
/// # Errors
/// [`ServiceError::Io`].
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || -> std::io::Result<()> {
        let mut file = options.open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(ServiceError::io("writing a private file"))
}

/// A rename is durable only once its directory is.
///
/// # Errors
/// [`ServiceError::Io`].
pub fn sync_dir(path: &Path) -> Result<(), ServiceError> {
    // Windows gives no handle to a directory this way; its file system journals renames by itself.
    if cfg!(unix) {
        File::open(path)
            .and_then(|dir| dir.sync_all())
            .map_err(ServiceError::io("syncing a directory"))?;
    }
    Ok(())
}

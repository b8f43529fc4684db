//! Administration: what a person with access to the machine may do, while `serve` runs on the same directory.
//!
//! **Invariants:** every change is one IMMEDIATE transaction together with its audit entry and its event; opening
//! and exporting need a clerk's passphrase and a reason, and are recorded before anything is shown; exporting needs
//! a second clerk.

mod cases;
mod catalogue;
pub mod cli;
mod devices;
mod dossiers;
mod import;
mod matter;
mod open;
mod recovery;
mod table;
mod views;

pub use crate::store::matters::SameMatter;
pub use catalogue::{Publication, PublishedView};
pub use import::{Imported, RefusedParcel};
pub use open::{Exported, Opened, read_key};
pub use views::{BlobView, CaseView, DeviceView, DossierView};

use crate::app::{Clock, system_clock};
use crate::backup::Made;
use crate::mending::{Mended, Reading};
use crate::province::{DataDir, Settings};
use crate::store::audit::{self, Act, Entry};
use crate::store::enrol_codes::NewCode;
use crate::store::{clerks, enrol_codes, immediate, meta};
use crate::{Refusal, ServiceError};
use domain::text::clean;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction};
use std::path::PathBuf;

/// Who stands in the audit for what needs no clerk: whoever has this machine's account.
const ADMIN: &str = "admin";

/// An open administration.
pub struct Admin {
    dir: DataDir,
    conn: Connection,
    clock: Clock,
}

impl Admin {
    /// # Errors
    /// [`Refusal::NotADataDirectory`], the database's.
    pub fn open(data: impl Into<PathBuf>) -> Result<Self, ServiceError> {
        Self::open_at(data, system_clock())
    }

    /// With a clock of one's own.
    ///
    /// # Errors
    /// As [`Admin::open`].
    pub fn open_at(data: impl Into<PathBuf>, clock: Clock) -> Result<Self, ServiceError> {
        let dir = DataDir::new(data);
        dir.settings()?;
        let conn = crate::store::open(&dir.database())?;
        Ok(Self { dir, conn, clock })
    }

    /// # Errors
    /// As [`DataDir::settings`].
    pub fn settings(&self) -> Result<Settings, ServiceError> {
        self.dir.settings()
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let now = self.now();
        immediate(&mut self.conn, |tx| work(tx, now))
    }

    /// A new one-time enrolment code.
    ///
    /// # Errors
    /// The database's.
    pub fn new_code(&mut self) -> Result<NewCode, ServiceError> {
        self.write(|tx, now| enrol_codes::make(tx, now))
    }

    /// A clerk who may open and, with a second one, export.
    ///
    /// # Errors
    /// [`Refusal::PassphraseShort`], [`Refusal::ClerkExists`].
    pub fn add_clerk(&mut self, name: &str, passphrase: &str) -> Result<(), ServiceError> {
        let name = clean(name);
        self.write(|tx, now| clerks::add(tx, &name, passphrase, now))
    }

    /// Checks a clerk; a wrong passphrase is recorded.
    fn check_clerk(
        &mut self,
        name: &str,
        passphrase: &str,
        on: Option<String>,
    ) -> Result<String, ServiceError> {
        let name = clean(name);
        match clerks::check(&self.conn, &name, passphrase) {
            Err(ServiceError::Refused(Refusal::ClerkUnknown)) => {
                let entry = Entry {
                    at: self.now(),
                    who: name,
                    act: Act::Denied,
                    on,
                    why: "passphrase".into(),
                };
                self.write(|tx, _| audit::append(tx, &entry))?;
                Err(Refusal::ClerkUnknown.into())
            }
            other => other.map(|()| name),
        }
    }

    /// Every recorded act, once the chain has been checked.
    ///
    /// # Errors
    /// [`Refusal::AuditBroken`].
    pub fn audit(&self) -> Result<Vec<Entry>, ServiceError> {
        audit::verified(&self.conn)
    }

    /// Copies everything to a folder on another disk, mends what is damaged on either, and moves the durable watermark to
    /// what the copy covers.
    ///
    /// # Errors
    /// As [`crate::backup::make`].
    pub fn backup(&mut self, to: &std::path::Path, reading: Reading) -> Result<Made, ServiceError> {
        let now = self.now();
        crate::backup::make(&self.dir, &mut self.conn, to, reading, now)
    }

    /// Reads on through the files here and in the backup, and mends them.
    ///
    /// # Errors
    /// As [`crate::backup::read_on`].
    pub(crate) fn read_on(&mut self, to: &std::path::Path) -> Result<Mended, ServiceError> {
        let now = self.now();
        crate::backup::read_on(&self.dir, &mut self.conn, to, now)
    }

    /// Whether durable means "in the backup" or "on this disk".
    ///
    /// # Errors
    /// The database's.
    pub fn set_durable(&mut self, follows_backup: bool) -> Result<(), ServiceError> {
        self.write(|tx, at| {
            meta::set_follows_backup(tx, follows_backup)?;
            let entry = Entry {
                at,
                who: ADMIN.into(),
                act: Act::SetDurable,
                on: None,
                why: if follows_backup { "backup" } else { "disk" }.into(),
            };
            audit::append(tx, &entry)
        })
    }

    /// To be called once after the database came back from a backup: a new epoch, so that kiosks offer again what
    /// this database has forgotten.
    ///
    /// # Errors
    /// The database's.
    pub fn restored(&mut self) -> Result<u64, ServiceError> {
        self.write(new_epoch)
    }
}

/// A new epoch, recorded.
pub(crate) fn new_epoch(tx: &Transaction<'_>, at: Timestamp) -> Result<u64, ServiceError> {
    let epoch = meta::restored(tx)?;
    let entry = Entry {
        at,
        who: ADMIN.into(),
        act: Act::NewEpoch,
        on: None,
        why: "restored from a backup".into(),
    };
    audit::append(tx, &entry)?;
    Ok(epoch)
}

/// A reason in words, or a refusal.
fn reason(why: &str) -> Result<String, ServiceError> {
    let why = clean(why);
    if why.is_empty() {
        Err(Refusal::NoReason.into())
    } else {
        Ok(why)
    }
}

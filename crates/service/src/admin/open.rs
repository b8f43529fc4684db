//! Opening and exporting: the only place that decrypts.
//!
//! **Invariants:** the act is committed to the audit before a byte is shown or written; what is written was
//! compared with the hashes that stand inside the form; nothing decrypted stays in the data directory. What is learnt of
//! whose matter it is stays as a keyed hash alone (`matter`), in the transaction that says that the dossier was opened.

use super::{Admin, matter, reason};
use crate::blobs::BlobFiles;
use crate::province::{make_private_dir, sync_dir, write_private};
use crate::store::audit::{self, Act, Entry};
use crate::store::matters::SameMatter;
use crate::store::{dossiers, exports};
use crate::{Refusal, ServiceError};
use data_encoding::HEXLOWER;
use domain::ids::DossierId;
use domain::province::Intake;
use domain::sealed_form::{SealedFile, SealedForm};
use domain::withdrawal::SealedWithdrawal;
use seal::keys::OpeningKey;
use seal::manifest::{BlobRecord, Manifest};
use std::path::{Path, PathBuf};
use wire::Sha256;

/// What was sealed, opened.
pub enum Opened {
    Dossier {
        form: Box<SealedForm>,
        /// Where the same matter may lie, too.
        same_matter: Vec<SameMatter>,
    },
    /// Who took a dossier back, and why.
    Withdrawal(SealedWithdrawal),
}

/// Where an export was written.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Exported {
    pub dir: PathBuf,
    /// Names of the files in it, the form first.
    pub files: Vec<String>,
    /// Where the same matter may lie, too.
    pub same_matter: Vec<SameMatter>,
}

/// The intake or recovery key from its file.
///
/// # Errors
/// [`ServiceError::Io`], [`seal::SealError::Key`].
pub fn read_key(path: &Path) -> Result<OpeningKey, ServiceError> {
    let text = std::fs::read_to_string(path).map_err(ServiceError::io("reading the opening key"))?;
    Ok(OpeningKey::from_text(&text)?)
}

impl Admin {
    /// The manifest of a dossier that is whole.
    fn manifest(&self, id: &DossierId) -> Result<Manifest, ServiceError> {
        let row = dossiers::find(&self.conn, id)?.ok_or(Refusal::NoSuchDossier)?;
        if row.state == Intake::Registered {
            return Err(Refusal::NotComplete.into());
        }
        let envelope = dossiers::envelope(&self.conn, id)?.ok_or(Refusal::NoSuchDossier)?;
        let manifest = Manifest::from_bytes(&envelope.manifest)?;
        // Nobody is shown another person's form because a disk rotted.
        if manifest.dossier_id() == *id {
            Ok(manifest)
        } else {
            Err(ServiceError::Damaged("dossier's envelope"))
        }
    }

    /// Decrypts the form for a clerk. Recorded before it is decrypted.
    ///
    /// # Errors
    /// [`Refusal::ClerkUnknown`], [`Refusal::NoReason`], [`Refusal::NoSuchDossier`], [`Refusal::NotComplete`],
    /// [`ServiceError::Seal`] with another key.
    pub fn open_dossier(
        &mut self,
        id: &DossierId,
        clerk: &str,
        passphrase: &str,
        why: &str,
        key: &OpeningKey,
    ) -> Result<Opened, ServiceError> {
        let why = reason(why)?;
        let clerk = self.check_clerk(clerk, passphrase, Some(id.to_string()))?;
        let manifest = self.manifest(id)?;
        self.write(|tx, now| audit::append(tx, &Entry::dossier(now, &clerk, Act::Open, id, &why)))?;
        if manifest.takes_back().is_some() {
            let withdrawal = seal::form::open_withdrawal(&manifest.sealed_form, key)?;
            self.write(|tx, _| dossiers::opened(tx, id))?;
            return Ok(Opened::Withdrawal(withdrawal));
        }
        let form = Box::new(seal::form::open(&manifest.sealed_form, key)?);
        let tag = self.matter_tag(manifest.kind, &form, key)?;
        let same_matter = self.write(|tx, now| {
            dossiers::opened(tx, id)?;
            matter::note(tx, now, &clerk, id, tag)
        })?;
        Ok(Opened::Dossier { form, same_matter })
    }

    /// Asks for an export. Somebody else must approve it.
    ///
    /// # Errors
    /// As [`Admin::open_dossier`].
    pub fn request_export(
        &mut self,
        id: &DossierId,
        clerk: &str,
        passphrase: &str,
        why: &str,
        to: &Path,
    ) -> Result<i64, ServiceError> {
        let why = reason(why)?;
        let clerk = self.check_clerk(clerk, passphrase, Some(id.to_string()))?;
        if self.manifest(id)?.takes_back().is_some() {
            return Err(Refusal::IsWithdrawal.into());
        }
        let to = std::path::absolute(to).map_err(ServiceError::io("reading the export directory"))?;
        self.write(|tx, now| {
            audit::append(tx, &Entry::dossier(now, &clerk, Act::RequestExport, id, &why))?;
            exports::request(tx, id, &clerk, &why, &to, now)
        })
    }

    /// Approves a request of another clerk and writes the dossier out in the clear.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRequest`], [`Refusal::SamePerson`], [`Refusal::FileMismatch`], [`Refusal::ExportExists`], and
    /// those of [`Admin::open_dossier`].
    pub fn approve_export(
        &mut self,
        request: i64,
        clerk: &str,
        passphrase: &str,
        key: &OpeningKey,
    ) -> Result<Exported, ServiceError> {
        let asked = exports::open(&self.conn, request)?;
        let id = asked.dossier;
        let clerk = self.check_clerk(clerk, passphrase, Some(id.to_string()))?;
        if clerk == asked.requested_by {
            let denied = Entry::dossier(self.now(), &clerk, Act::Denied, &id, "second person");
            self.write(|tx, _| audit::append(tx, &denied))?;
            return Err(Refusal::SamePerson.into());
        }
        let manifest = self.manifest(&id)?;
        let target = asked.to_dir.join(&manifest.receipt_number);
        if target.exists() {
            return Err(Refusal::ExportExists.into());
        }
        // Everything is decrypted and compared in memory first: a wrong key leaves the request open.
        let (form, files) = self.decrypted(&manifest, key)?;
        let tag = self.matter_tag(manifest.kind, &form, key)?;
        let same_matter = self.write(|tx, now| {
            exports::approve(tx, asked.id, &clerk, now)?;
            let why = format!("{} (request {} by {})", asked.why, asked.id, asked.requested_by);
            audit::append(tx, &Entry::dossier(now, &clerk, Act::Export, &id, &why))?;
            dossiers::opened(tx, &id)?;
            matter::note(tx, now, &clerk, &id, tag)
        })?;
        let files = write_out(&target, &form, files)?;
        Ok(Exported {
            dir: target,
            files,
            same_matter,
        })
    }

    fn decrypted(
        &self,
        manifest: &Manifest,
        key: &OpeningKey,
    ) -> Result<(SealedForm, Vec<ReadableFile>), ServiceError> {
        let form = seal::form::open(&manifest.sealed_form, key)?;
        let store = BlobFiles::new(self.dir.blobs());
        let named = form
            .components
            .iter()
            .flat_map(|c| c.files.iter().map(move |file| (c, file)));
        let mut files = Vec::new();
        for (at, (component, file)) in named.enumerate() {
            let record = manifest
                .blobs
                .iter()
                .find(|b| b.name() == file.blob)
                .ok_or(Refusal::FileMismatch)?;
            let bytes = readable(&store, &manifest.dossier_id(), record, file, key)?;
            let name = format!(
                "{:02}-{}.{}",
                at + 1,
                plain(component.component.as_str()),
                extension(&file.media)
            );
            files.push(ReadableFile { name, bytes });
        }
        Ok((form, files))
    }
}

struct ReadableFile {
    name: String,
    bytes: zeroize::Zeroizing<Vec<u8>>,
}

/// One file, decrypted and compared with the hash inside the form.
fn readable(
    store: &BlobFiles,
    dossier: &DossierId,
    record: &BlobRecord,
    file: &SealedFile,
    key: &OpeningKey,
) -> Result<zeroize::Zeroizing<Vec<u8>>, ServiceError> {
    let sealed =
        std::fs::read(store.whole(dossier, record)).map_err(ServiceError::io("reading a sealed file"))?;
    if Sha256::of(&sealed).0 != record.sha256 {
        return Err(Refusal::FileMismatch.into());
    }
    let bytes = seal::form::decrypt(&sealed, key)?;
    if HEXLOWER.encode(&Sha256::of(&bytes).0) == file.readable_sha256 {
        Ok(bytes)
    } else {
        Err(Refusal::FileMismatch.into())
    }
}

/// A name for a file system: the form comes from a kiosk and may say anything.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                c
            } else {
                '_'
            }
        })
        .take(60)
        .collect()
}

fn extension(media: &str) -> &'static str {
    match media {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}

fn write_out(dir: &Path, form: &SealedForm, files: Vec<ReadableFile>) -> Result<Vec<String>, ServiceError> {
    make_private_dir(dir)?;
    let json = serde_json::to_vec_pretty(form).map_err(|_| ServiceError::Damaged("form"))?;
    let json = zeroize::Zeroizing::new(json);
    write_private(&dir.join("form.json"), &json)?;
    let mut names = vec!["form.json".to_owned()];
    for file in files {
        write_private(&dir.join(&file.name), &file.bytes)?;
        names.push(file.name);
    }
    sync_dir(dir)?;
    Ok(names)
}

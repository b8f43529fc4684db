//! A record beside the sealed files for each sealed dossier: its envelope, and what became of it. Where `outbox.db` is
//! damaged, the index is made again from these.
//!
//! **Invariants:** a record gets its name only after its row was committed, so that what was never sealed is never
//! found here; it goes just before its row. The envelope is on disk whole before the row is; the province's
//! word and the marks beside it only spare a question, and whoever reads them verifies them. What stands here is signed
//! and sealed: no name, no number of a citizen's.

use crate::sealed_files::sync_folder;
use crate::tables::{audit, item};
use crate::{Outbox, SealedFiles, StoreError};
use domain::delivery::{Delivery, HeldReason};
use domain::ids::DossierId;
use seal::envelope::ENVELOPE_BYTES_MAX;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A header's line and a signed acknowledgement have room beside the envelope's own length.
const BYTES_MAX: usize = ENVELOPE_BYTES_MAX + 64 * 1024;

/// What lies beside the envelope, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Envelope,
    /// The province's signed acknowledgement.
    Word,
    /// The files went because the province holds them durably, or are not whole here while it does.
    Gone,
    /// The person took it back before it went: it is never sent.
    Withdrawn,
}

impl Part {
    fn end(self) -> &'static str {
        match self {
            Self::Envelope => "envelope",
            Self::Word => "word",
            Self::Gone => "gone",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The first line of a record; the envelope follows it.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    /// The public key of the device that sealed it, where this machine only carries it.
    carried_from: Option<String>,
}

/// One record as it was read; nothing is verified yet.
#[derive(Debug)]
pub struct Record {
    pub dossier: DossierId,
    pub carried_from: Option<String>,
    pub envelope: Vec<u8>,
    /// Signed JSON, as it came.
    pub word: Option<String>,
    pub gone: bool,
    pub withdrawn: bool,
}

/// The records of one folder of sealed files.
#[derive(Debug, Clone)]
pub struct Records {
    dir: PathBuf,
}

/// A record that is whole on disk and has no name yet. Dropped without one, it goes.
#[derive(Debug)]
pub struct Unnamed {
    tmp: PathBuf,
    name: PathBuf,
}

impl Unnamed {
    /// Gives it its name, once the row is committed.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn name(self) -> Result<(), StoreError> {
        fs::rename(&self.tmp, &self.name)?;
        sync_folder(&self.name)
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        // Named already, or removed at the next start.
        let _ = fs::remove_file(&self.tmp);
    }
}

impl Records {
    pub(crate) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    fn path(&self, dossier: &DossierId, part: Part) -> PathBuf {
        self.dir.join(format!("{dossier}.{}", part.end()))
    }

    fn beside(&self) -> Result<PathBuf, StoreError> {
        let unique = seal::random::uuid().map_err(|_| StoreError::Content)?;
        Ok(self.dir.join(format!("{unique}.tmp")))
    }

    /// Writes a record durably and leaves it without a name.
    ///
    /// # Errors
    /// [`StoreError::Full`] with nothing left behind.
    pub fn write(
        &self,
        dossier: &DossierId,
        carried_from: Option<&str>,
        envelope: &[u8],
    ) -> Result<Unnamed, StoreError> {
        let unnamed = Unnamed {
            tmp: self.beside()?,
            name: self.path(dossier, Part::Envelope),
        };
        let mut bytes = serde_json::to_vec(&Header {
            carried_from: carried_from.map(str::to_owned),
        })?;
        bytes.push(b'\n');
        bytes.extend_from_slice(envelope);
        let mut file = File::create(&unnamed.tmp)?;
        file.write_all(&bytes)?;
        file.sync_data()?;
        Ok(unnamed)
    }

    /// Keeps the province's word. Not synced: lost, it is asked for again.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Full`].
    pub fn keep_word(&self, dossier: &DossierId, signed_json: &str) -> Result<(), StoreError> {
        let tmp = self.beside()?;
        let kept =
            fs::write(&tmp, signed_json).and_then(|()| fs::rename(&tmp, self.path(dossier, Part::Word)));
        if kept.is_err() {
            let _ = fs::remove_file(&tmp);
        }
        Ok(kept?)
    }

    /// Does the record say that its files are not here?
    #[must_use]
    pub fn is_gone(&self, dossier: &DossierId) -> bool {
        self.path(dossier, Part::Gone).exists()
    }

    /// Marks that the files go, or are damaged or gone, while the province holds them.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Full`].
    pub fn mark_gone(&self, dossier: &DossierId) -> Result<(), StoreError> {
        Ok(fs::write(self.path(dossier, Part::Gone), "")?)
    }

    /// Its files were brought here again, and were compared with its envelope.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn are_back(&self, dossier: &DossierId) -> Result<(), StoreError> {
        remove(&self.path(dossier, Part::Gone))
    }

    /// Marks, durably, that it is never to be sent. **Invariant:** the mark stands before the row says so.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Full`].
    pub fn mark_withdrawn(&self, dossier: &DossierId) -> Result<(), StoreError> {
        let path = self.path(dossier, Part::Withdrawn);
        File::create(&path)?.sync_all()?;
        sync_folder(&path)
    }

    /// Takes a record away together with its row.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn remove(&self, dossier: &DossierId) -> Result<(), StoreError> {
        [Part::Envelope, Part::Word, Part::Gone, Part::Withdrawn]
            .into_iter()
            .try_for_each(|part| remove(&self.path(dossier, part)))
    }

    /// The dossiers that have a record.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn dossiers(&self) -> Result<BTreeSet<DossierId>, StoreError> {
        self.with(Part::Envelope)
    }

    /// The dossiers that a person took back.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn withdrawn(&self) -> Result<BTreeSet<DossierId>, StoreError> {
        self.with(Part::Withdrawn)
    }

    fn with(&self, part: Part) -> Result<BTreeSet<DossierId>, StoreError> {
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            let parts = name.to_str().and_then(|n| n.split_once('.'));
            let id = parts.filter(|(_, end)| *end == part.end()).map(|(id, _)| id);
            found.extend(id.and_then(|id| id.parse::<DossierId>().ok()));
        }
        Ok(found)
    }

    /// Reads one; `None` where what lies there is no record.
    ///
    /// # Errors
    /// [`StoreError::Io`] of the disk itself.
    pub fn read(&self, dossier: &DossierId) -> Result<Option<Record>, StoreError> {
        let Some(bytes) = small(&self.path(dossier, Part::Envelope))? else {
            return Ok(None);
        };
        let Some(line) = bytes.iter().position(|b| *b == b'\n') else {
            return Ok(None);
        };
        let (header, envelope) = bytes.split_at(line);
        let Ok(header) = serde_json::from_slice::<Header>(header) else {
            return Ok(None);
        };
        let word = small(&self.path(dossier, Part::Word))?;
        Ok(Some(Record {
            dossier: *dossier,
            carried_from: header.carried_from,
            envelope: envelope.get(1..).unwrap_or_default().to_vec(),
            word: word.and_then(|bytes| String::from_utf8(bytes).ok()),
            gone: self.path(dossier, Part::Gone).exists(),
            withdrawn: self.path(dossier, Part::Withdrawn).exists(),
        }))
    }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// `None` where there is none, or where it is longer than any of ours.
fn small(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let file = match File::open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut bytes = Vec::new();
    let most = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= BYTES_MAX).then_some(bytes))
}

/// At start, with the index whole: writes the records that are missing, of an older program or of a crash between the
/// row and the name. Answers how many.
///
/// # Errors
/// [`StoreError::Full`], [`StoreError::Io`], the read errors.
pub fn complete(outbox: &Outbox, files: &SealedFiles) -> Result<u32, StoreError> {
    let records = files.records();
    let there = records.dossiers()?;
    let rows = item::dossiers(outbox.db())?;
    let mut written = 0;
    for dossier in rows.difference(&there) {
        let Some(row) = item::get(outbox.db(), dossier)? else {
            // Unreadable, and counted as that.
            continue;
        };
        let envelope = item::envelope(outbox.db(), dossier)?;
        // Where a withdrawal stands in the queue, its own record tells.
        let is_kept = item::withdrawal_of(outbox.db(), dossier)?.is_none();
        let was_written_down = !audit::of_dossier(outbox.db(), dossier, "consent_withdrawn", 1)?.is_empty();
        if is_kept && (was_written_down || is_withdrawn(&row.delivery)) {
            records.mark_withdrawn(dossier)?;
        }
        records
            .write(dossier, row.carried_from.as_deref(), &envelope)?
            .name()?;
        if let Some(word) = &row.acknowledgement {
            records.keep_word(dossier, word)?;
        }
        if matches!(row.delivery, Delivery::Purged { .. }) {
            records.mark_gone(dossier)?;
        }
        written += 1;
    }
    Ok(written)
}

fn is_withdrawn(delivery: &Delivery) -> bool {
    let reason = HeldReason::ConsentWithdrawn;
    *delivery == Delivery::Held { reason }
}

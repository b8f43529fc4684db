//! Two copies of every file, the province's and the backup's: what is damaged in one is taken from the other, and what is
//! whole in neither is asked for again from whoever sealed or brought it.
//!
//! **Invariants:** a copy that takes another's place was hashed on the way; a dossier whose file is lost loses its
//! acknowledgement, and its kiosks are told, in one transaction that is committed before any watermark moves over it; a
//! disk that fails as a whole is not mended file by file; every file is read through on both sides within
//! [`READ_WITHIN`], so that damage is found while another copy is whole.

use crate::blobs::BlobFiles;
use crate::copies::{Copies, Named};
use crate::decide::{self, Mending};
use crate::province::{DataDir, sync_dir, write_private};
use crate::store::audit::{self, Act, Entry};
use crate::store::dossiers::{self, Wanted};
use crate::store::{blobs, immediate};
use crate::{Refusal, ServiceError, intake};
use domain::ids::DossierId;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use wire::Sha256;

/// Every file is read through once in this time, on both disks.
const READ_WITHIN: SignedDuration = SignedDuration::from_hours(14 * 24);
/// After a longer rest not everything is read at once.
const CATCH_UP_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How far the reading has come, beside the backup whose other side it reads.
const PLACE: &str = "read.json";
const WHO: &str = "service";

/// How much is read through, beside what is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The share of the time that has passed.
    InTurn,
    Everything,
}

/// What came of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// Files that the database calls whole.
    pub files: u64,
    pub files_copied: u64,
    /// Files that were read through on both disks.
    pub files_read: u64,
    /// Damaged or missing here, and whole in the backup.
    pub put_back: u64,
    /// Dossiers that are whole nowhere and were asked for again now.
    pub asked_again: u64,
    /// Dossiers that were asked for, now or before, and have not come.
    pub wanted: Vec<Wanted>,
    /// Of these, the ones whose kiosks may have let go of them by now: if nothing comes, the papers have to be scanned anew.
    pub perhaps_nowhere: Vec<Wanted>,
}

/// The place up to which files were read, and when.
#[derive(Serialize, Deserialize)]
struct ReadTo {
    after: Option<(DossierId, Sha256)>,
    at: Timestamp,
}

/// The files whose turn it is to be read: so many from one on, round and round.
struct Turn {
    all: usize,
    from: usize,
    count: usize,
}

impl Turn {
    fn next(files: &[Named], last: Option<&ReadTo>, reading: Reading, now: Timestamp) -> Self {
        let all = files.len();
        let from = last.and_then(|last| last.after).map_or(0, |after| {
            files.partition_point(|file| (file.dossier, file.sha256) <= after) % all.max(1)
        });
        if reading == Reading::Everything {
            return Self {
                all,
                from,
                count: all,
            };
        }
        let passed = last.map_or(SignedDuration::ZERO, |last| now.duration_since(last.at));
        let bytes = share(files.iter().map(|file| file.len).sum(), passed);
        let (mut count, mut read) = (0, 0_u64);
        for file in files.iter().cycle().skip(from).take(all) {
            if count > 0 && read >= bytes {
                break;
            }
            (count, read) = (count + 1, read.saturating_add(file.len));
        }
        Self { all, from, count }
    }

    fn holds(&self, at: usize) -> bool {
        (at + self.all).saturating_sub(self.from) % self.all.max(1) < self.count
    }

    /// The last of them.
    fn last<'a>(&self, files: &'a [Named]) -> Option<&'a Named> {
        let last = (self.from + self.count).checked_sub(1)? % self.all.max(1);
        files.get(last)
    }
}

/// Bytes to read for the time that has passed.
fn share(bytes: u64, passed: SignedDuration) -> u64 {
    let passed = u128::try_from(passed.min(CATCH_UP_MAX).as_millis()).unwrap_or(0);
    let within = u128::try_from(READ_WITHIN.as_millis()).unwrap_or(u128::MAX);
    u64::try_from(u128::from(bytes) * passed / within).unwrap_or(u64::MAX)
}

/// Both sides, and the books.
pub(crate) struct Both<'a> {
    dir: &'a DataDir,
    to: &'a Path,
    here: Copies,
    backup: Copies,
    now: Timestamp,
}

impl<'a> Both<'a> {
    pub(crate) fn new(dir: &'a DataDir, to: &'a Path, now: Timestamp) -> Self {
        Self {
            dir,
            to,
            here: Copies(dir.blobs()),
            backup: Copies(to.join("blobs")),
            now,
        }
    }

    /// Makes every file whole on both disks where one of them can give it, and asks for what neither can.
    ///
    /// # Errors
    /// [`Refusal::DiskFailed`], before anything is mended or asked for; the disks', the database's.
    pub(crate) fn mend(
        &self,
        conn: &mut Connection,
        files: &[Named],
        reading: Reading,
    ) -> Result<Mended, ServiceError> {
        let last = std::fs::read(self.to.join(PLACE)).ok();
        let last: Option<ReadTo> = last.and_then(|json| serde_json::from_slice(&json).ok());
        let turn = Turn::next(files, last.as_ref(), reading, self.now);
        let mut mended = Mended {
            files: files.len() as u64,
            files_read: turn.count as u64,
            ..Mended::default()
        };
        let mut bad = Vec::new();
        let mut folders = BTreeSet::new();
        for (at, file) in files.iter().enumerate() {
            match self.look(file, turn.holds(at))? {
                Mending::Nothing => {}
                Mending::Copy if self.backup.take(file, &self.here)? => {
                    mended.files_copied += 1;
                    folders.insert(file.dossier);
                }
                // It has its length here, and other bytes.
                Mending::Copy => bad.push((file, Mending::AskAgain)),
                other @ (Mending::PutBack | Mending::AskAgain) => bad.push((file, other)),
            }
        }
        sync(&self.backup, &folders)?;
        if decide::is_the_disk(bad.len(), files.len()) {
            return Err(Refusal::DiskFailed.into());
        }
        let lost = self.put_back(conn, bad, &mut mended)?;
        for (dossier, files) in &lost {
            mended.asked_again += u64::from(self.ask_again(conn, dossier, files)?);
        }
        self.look_for_wanted(conn, &mut mended)?;
        let place = ReadTo {
            after: turn.last(files).map(|file| (file.dossier, file.sha256)),
            at: self.now,
        };
        let json = serde_json::to_vec(&place).map_err(|_| ServiceError::Damaged("place of reading"))?;
        write_private(&self.to.join(PLACE), &json)?;
        Ok(mended)
    }

    /// What is to be done about one file. A backup's copy that is to take this one's place is read in any case.
    fn look(&self, file: &Named, read: bool) -> Result<Mending, ServiceError> {
        let mut found = decide::Copies {
            here: self.here.has(file, read)?,
            backup: self.backup.has(file, read)?,
        };
        if !found.here && found.backup && !read {
            found.backup = self.backup.has(file, true)?;
        }
        Ok(decide::mending(found))
    }

    /// Puts back what the backup can give; answers the rest by dossier.
    fn put_back<'f>(
        &self,
        conn: &mut Connection,
        bad: Vec<(&'f Named, Mending)>,
        mended: &mut Mended,
    ) -> Result<BTreeMap<DossierId, Vec<&'f Named>>, ServiceError> {
        let mut lost: BTreeMap<DossierId, Vec<&Named>> = BTreeMap::new();
        for (file, mending) in bad {
            if mending == Mending::PutBack && self.restore_one(conn, file)? {
                mended.put_back += 1;
            } else {
                lost.entry(file.dossier).or_default().push(file);
            }
        }
        Ok(lost)
    }

    /// One file from the backup, in the place of the damaged one.
    fn restore_one(&self, conn: &mut Connection, file: &Named) -> Result<bool, ServiceError> {
        if !self.here.take(file, &self.backup)? {
            return Ok(false);
        }
        sync(&self.here, &BTreeSet::from([file.dossier]))?;
        Copies::forget_damaged(&self.here.path(file));
        let why = format!("file {} was damaged or gone", file.sha256);
        let entry = Entry::dossier(self.now, WHO, Act::PutBack, &file.dossier, &why);
        immediate(conn, |tx| audit::append(tx, &entry))?;
        Ok(true)
    }

    /// Takes the acknowledgement of a dossier back and tells whoever may still have its files. `false` where somebody has
    /// mended it meanwhile.
    fn ask_again(
        &self,
        conn: &mut Connection,
        dossier: &DossierId,
        files: &[&Named],
    ) -> Result<bool, ServiceError> {
        immediate(conn, |tx| {
            let Some(row) = dossiers::find(tx, dossier)? else {
                return Ok(false);
            };
            let mut lost = false;
            for file in files {
                // Nothing of this dossier is finished while the transaction lasts.
                if !self.here.has(file, true)? {
                    self.here.set_aside(file)?;
                    blobs::set_done(tx, dossier, &file.sha256, false)?;
                    lost = true;
                }
            }
            if !lost {
                return Ok(false);
            }
            sync(&self.here, &BTreeSet::from([*dossier]))?;
            let why = "a file is damaged or gone, here and in the backup";
            intake::take_word_back(tx, dossier, row.acknowledged_at(), why, self.now)?;
            Ok(true)
        })
    }

    /// What was asked for may be whole in this backup after all: another backup did not have it. The rest is told.
    fn look_for_wanted(&self, conn: &mut Connection, mended: &mut Mended) -> Result<(), ServiceError> {
        for one in dossiers::wanted(conn)? {
            let mut whole = true;
            for blob in blobs::list(conn, &one.dossier)?.into_iter().filter(|b| !b.done) {
                let file = Named {
                    dossier: one.dossier,
                    sha256: Sha256(blob.record.sha256),
                    len: blob.record.len,
                };
                let back = self.backup.has(&file, false)? && self.restore_one(conn, &file)?;
                mended.put_back += u64::from(back);
                whole &= back;
            }
            if whole {
                let (key, files) = (self.dir.signing_key()?, BlobFiles::new(self.dir.blobs()));
                immediate(conn, |tx| {
                    intake::settle(tx, &files, &key, &one.dossier, None, self.now)
                })?;
            } else {
                mended.wanted.push(one);
            }
        }
        let may_be_gone = |one: &&Wanted| decide::may_be_let_go(self.now.duration_since(one.complete_at));
        mended.perhaps_nowhere = mended.wanted.iter().filter(may_be_gone).cloned().collect();
        Ok(())
    }
}

/// Makes the names of files, and of the folders that they lie in, durable.
fn sync(copies: &Copies, dossiers: &BTreeSet<DossierId>) -> Result<(), ServiceError> {
    for dossier in dossiers {
        let folder = copies.folder(dossier);
        if folder.exists() {
            sync_dir(&folder)?;
        }
    }
    sync_dir(&copies.0)
}

/// For the operators of the service.
pub(crate) fn tell(mended: &Mended) {
    if mended.put_back > 0 {
        tracing::warn!(
            files = mended.put_back,
            "damaged or missing files were put back from the backup"
        );
    }
    if mended.asked_again > 0 {
        tracing::warn!(
            dossiers = mended.asked_again,
            "files are damaged here and not in the backup: their kiosks are asked for these dossiers again"
        );
    }
}

/// The dossiers that perhaps nobody has any more; by their numbers alone.
pub(crate) fn tell_of_nowhere(perhaps_nowhere: &[Wanted]) {
    for one in perhaps_nowhere {
        tracing::error!(
            receipt = one.receipt_number,
            counter = one.counter_name,
            "a dossier's file is whole nowhere here and its kiosk may have let go of it: where it does not come again, \
             the papers have to be scanned anew"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(lens: &[u64]) -> Vec<Named> {
        let file = |(n, len): (u8, &u64)| Named {
            dossier: DossierId(uuid::Uuid::from_bytes([n; 16])),
            sha256: Sha256([n; 32]),
            len: *len,
        };
        (0..).zip(lens).map(file).collect()
    }

    #[test]
    fn every_file_has_its_turn_within_the_time() {
        let files = files(&[10, 1000, 10, 500, 10, 10, 700]);
        let begin: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let (mut last, mut read) = (None, BTreeSet::new());
        let every = SignedDuration::from_hours(6);
        for n in 0..14 * 4 + 1 {
            let now = begin + every * n;
            let turn = Turn::next(&files, last.as_ref(), Reading::InTurn, now);
            assert!(
                turn.count >= 1 && turn.count < files.len(),
                "a part at a time: {}",
                turn.count
            );
            read.extend((0..files.len()).filter(|at| turn.holds(*at)));
            let after = turn.last(&files).map(|f| (f.dossier, f.sha256));
            last = Some(ReadTo { after, at: now });
        }
        assert_eq!(read.len(), files.len(), "all within a fortnight");
        let all = Turn::next(&files, last.as_ref(), Reading::Everything, begin);
        assert!((0..files.len()).all(|at| all.holds(at)));
        let none = Turn::next(&[], None, Reading::InTurn, begin);
        assert!(none.last(&[]).is_none() && !none.holds(0));
    }

    #[test]
    fn after_a_long_rest_no_more_than_a_day_is_made_up_for() {
        let day = share(1400, CATCH_UP_MAX);
        assert_eq!(day, 100);
        assert_eq!(share(1400, READ_WITHIN * 10), day);
        assert_eq!(
            share(1400, SignedDuration::from_hours(-5)),
            0,
            "a clock that went back"
        );
    }
}

//! `outbox.db`: needs no PIN. The seal's one transaction, and the changes that sync brings.
//!
//! **Invariant:** after a failure of the disk nothing more is promised over the same connection (`database.rs`).

use crate::StoreError;
use crate::card::Card;
use crate::database::{self, Database, Place};
use crate::migrations::{self, Unheld};
use crate::step_back::{self, StepBackError};
use crate::tables::{audit, item, setting};
use domain::delivery::{Delivery, Event, HeldReason};
use domain::ids::DossierId;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE: &str = "outbox.db";

/// The index of this machine.
#[derive(Debug)]
pub struct Outbox {
    base: Database,
}

/// This device's chain of sealed dossiers: counts that never go back, and the hash of the last manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Receipts given out; the next gets this plus one.
    pub receipts: u32,
    /// Dossiers sealed; the next gets this plus one.
    pub device_seq: u64,
    pub last_manifest: [u8; 32],
}

impl Chain {
    /// The chain after one more dossier.
    #[must_use]
    pub fn after(&self, manifest_sha256: [u8; 32]) -> Self {
        Self {
            receipts: self.receipts + 1,
            ..self.after_withdrawal(manifest_sha256)
        }
    }

    /// The chain after one more withdrawal: it has a place in it, and no receipt number of its own.
    #[must_use]
    pub fn after_withdrawal(&self, manifest_sha256: [u8; 32]) -> Self {
        Self {
            receipts: self.receipts,
            device_seq: self.device_seq + 1,
            last_manifest: manifest_sha256,
        }
    }
}

impl Outbox {
    /// # Errors
    /// [`StoreError::Newer`], [`StoreError::Damaged`].
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let base = Database::open(Place {
            dir: dir.to_owned(),
            file: FILE,
            key: None,
            migrations: migrations::OUTBOX,
            tables: &["setting", "operator", "item", "sealed_file", "audit"],
        })?;
        Ok(Self { base })
    }

    /// Before anything is promised: after a failure of the disk, opens the database anew, has all that stands in its log
    /// written and synced again, and reads every page.
    ///
    /// # Errors
    /// Whatever of that fails; then it is as doubted as before.
    pub fn make_sure(&mut self) -> Result<(), StoreError> {
        self.base.make_sure()
    }

    /// What came of a change: a failure of the disk casts doubt on all that follows.
    ///
    /// # Errors
    /// The one that came.
    pub fn heed<T>(&mut self, came: Result<T, StoreError>) -> Result<T, StoreError> {
        self.base.heed(came)
    }

    /// Somebody else saw the disk fail.
    pub fn doubt(&mut self) {
        self.base.doubt();
    }

    /// Reads what the program stands on: every page, and the tables that nothing works without.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the index is not whole; what the disk says ([`StoreError::Full`], a failure of its
    /// own) says nothing of it.
    pub fn check(&self) -> Result<(), StoreError> {
        self.base.check()
    }

    /// The newest schema that this program knows.
    #[must_use]
    pub fn newest_schema() -> u32 {
        migrations::newest(migrations::OUTBOX)
    }

    /// What the way down to schema `to` would leave behind.
    ///
    /// # Errors
    /// [`StepBackError::NoSuchSchema`], the read errors.
    pub fn left_by_step_back(&self, to: u32) -> Result<Vec<(Unheld, u64)>, StepBackError> {
        step_back::unheld(&self.base.db, FILE, migrations::OUTBOX, to)
    }

    /// Down to schema `to`, for an older program; `also` is a part of it. Whatever is only a help to the memory stays
    /// behind in the copy.
    ///
    /// # Errors
    /// [`StepBackError::Unheld`] where work would be lost; after any error it stands where it stood.
    pub fn step_back(
        mut self,
        to: u32,
        also: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(), StepBackError> {
        let path = self.base.place.path();
        step_back::go(
            &mut self.base.db,
            (&path, None, FILE),
            migrations::OUTBOX,
            to,
            also,
        )
    }

    /// Is there an index here, be it damaged? A file of no length holds nothing: it is none.
    #[must_use]
    pub fn is_there(dir: &Path) -> bool {
        std::fs::metadata(dir.join(FILE)).is_ok_and(|m| m.len() > 0)
    }

    /// Puts a damaged index aside under a name of its own; nothing is removed.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn set_aside(dir: &Path, now_ms: i64) -> Result<(), StoreError> {
        database::set_aside(dir, FILE, now_ms).map(drop)
    }

    /// Puts an index that was made in a folder of its own into its place. Whole on disk, with nothing left in its log.
    ///
    /// # Errors
    /// [`StoreError::Io`], the write errors.
    pub fn put_in_place(self, made_in: &Path, dir: &Path) -> Result<Self, StoreError> {
        self.base
            .db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        drop(self);
        std::fs::rename(made_in.join(FILE), dir.join(FILE))?;
        crate::sealed_files::sync_folder(&dir.join(FILE))?;
        Self::open(dir)
    }

    /// Writes the machine's card beside this index, where it says something new there.
    ///
    /// # Errors
    /// The read errors, [`StoreError::Full`], [`StoreError::Io`].
    pub fn keep_card(&self) -> Result<(), StoreError> {
        Card::of(self)?.keep(&self.base.place.dir)
    }

    #[must_use]
    pub fn db(&self) -> &Connection {
        &self.base.db
    }

    /// # Errors
    /// The read errors.
    pub fn chain(&self) -> Result<Chain, StoreError> {
        Ok(setting::get(&self.base.db, setting::Name::Chain)?.unwrap_or_default())
    }

    /// The seal's one transaction: the item, its files, the chain and the audit line. **Invariant:** after this
    /// returns the dossier is in the queue and its number is spent; before it, neither.
    ///
    /// # Errors
    /// [`StoreError::CountMoved`] where the chain is not the one that the manifest was built on.
    pub fn commit_sealed(
        &mut self,
        before: &Chain,
        new: &item::NewItem<'_>,
        line: &audit::Entry<'_>,
    ) -> Result<(), StoreError> {
        self.make_sure()?;
        let came = self.put_sealed_now(before, new, line);
        self.heed(came)
    }

    fn put_sealed_now(
        &mut self,
        before: &Chain,
        new: &item::NewItem<'_>,
        line: &audit::Entry<'_>,
    ) -> Result<(), StoreError> {
        let tx = begin_on(&mut self.base.db, before)?;
        item::insert(&tx, new)?;
        setting::set(&tx, setting::Name::Chain, &before.after(new.manifest_sha256))?;
        audit::append(&tx, line)?;
        tx.commit()?;
        Ok(())
    }

    /// A withdrawal's one transaction: the dossier stops where it is, the withdrawal is in the queue, chain and audit
    /// line with it. **Invariant:** nothing of the dossier leaves this machine after this returns.
    ///
    /// # Errors
    /// As [`Self::commit_sealed`]; [`StoreError::Content`] for what takes nothing back.
    pub fn commit_withdrawal(
        &mut self,
        before: &Chain,
        new: &item::NewItem<'_>,
        line: &audit::Entry<'_>,
    ) -> Result<(), StoreError> {
        self.make_sure()?;
        let came = self.put_withdrawal_now(before, new, line);
        self.heed(came)
    }

    fn put_withdrawal_now(
        &mut self,
        before: &Chain,
        new: &item::NewItem<'_>,
        line: &audit::Entry<'_>,
    ) -> Result<(), StoreError> {
        let dossier = new.takes_back.ok_or(StoreError::Content)?;
        let tx = begin_on(&mut self.base.db, before)?;
        let row = item::get(&tx, &dossier)?.ok_or(StoreError::Missing)?;
        let reason = HeldReason::ConsentWithdrawn;
        // What the province holds already stays as it is: there is nothing left to stop.
        if let Ok(next) = row.delivery.step(Event::NeedsPerson { reason }) {
            item::set_delivery(&tx, &dossier, &next)?;
        }
        item::insert(&tx, new)?;
        let after = before.after_withdrawal(new.manifest_sha256);
        setting::set(&tx, setting::Name::Chain, &after)?;
        audit::append(&tx, line)?;
        tx.commit()?;
        Ok(())
    }

    /// Takes in a dossier that another device sealed. `false` where it is here already.
    ///
    /// # Errors
    /// [`StoreError::Content`] where another content is here under its id; the write errors.
    pub fn commit_carried(
        &mut self,
        new: &item::NewItem<'_>,
        sealed_by: &str,
        line: &audit::Entry<'_>,
    ) -> Result<bool, StoreError> {
        self.make_sure()?;
        let came = self.put_carried_now(new, sealed_by, line);
        self.heed(came)
    }

    fn put_carried_now(
        &mut self,
        new: &item::NewItem<'_>,
        sealed_by: &str,
        line: &audit::Entry<'_>,
    ) -> Result<bool, StoreError> {
        let tx = self
            .base
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        match item::get(&tx, &new.dossier)? {
            Some(row) if row.manifest_sha256 == new.manifest_sha256 => return Ok(false),
            Some(_) => return Err(StoreError::Content),
            None => {}
        }
        item::insert_carried(&tx, new, sealed_by)?;
        audit::append(&tx, line)?;
        tx.commit()?;
        Ok(true)
    }

    /// Applies one event to one item in one transaction; what else belongs to it goes into `also`.
    /// Answers the new state, or the old one where the event does not apply.
    ///
    /// # Errors
    /// [`StoreError::Missing`], the write errors.
    pub fn step(
        &mut self,
        dossier: &DossierId,
        event: Event,
        also: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<Delivery, StoreError> {
        self.make_sure()?;
        let came = self.atomically(|db| {
            let row = item::get(db, dossier)?.ok_or(StoreError::Missing)?;
            let next = row.delivery.step(event).unwrap_or(row.delivery);
            if next != row.delivery {
                item::set_delivery(db, dossier, &next)?;
            }
            also(db)?;
            Ok(next)
        });
        self.heed(came)
    }

    /// Several changes as one: all of them are on disk with one commit, or none is. Within another it is a part of that.
    ///
    /// # Errors
    /// Those of `work`; then nothing of it has happened.
    pub fn together<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !self.base.db.is_autocommit() {
            return work(self);
        }
        self.make_sure()?;
        self.base.db.execute_batch("BEGIN IMMEDIATE")?;
        let done = work(self).and_then(|out| {
            self.base.db.execute_batch("COMMIT")?;
            Ok(out)
        });
        if done.is_err() && !self.base.db.is_autocommit() {
            // The first failure is the one that tells.
            let _ = self.base.db.execute_batch("ROLLBACK");
        }
        self.heed(done)
    }

    /// One transaction, or a part of the one that is open.
    fn atomically<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.base.db.is_autocommit() {
            let tx = self
                .base
                .db
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let out = work(&tx)?;
            tx.commit()?;
            Ok(out)
        } else {
            let part = self.base.db.savepoint()?;
            let out = work(&part)?;
            part.commit()?;
            Ok(out)
        }
    }
}

/// A transaction that writes, on the chain that its manifest was built on.
///
/// # Errors
/// [`StoreError::CountMoved`] where another stands there by now.
fn begin_on<'a>(db: &'a mut Connection, before: &Chain) -> Result<Transaction<'a>, StoreError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now: Chain = setting::get(&tx, setting::Name::Chain)?.unwrap_or_default();
    if &now == before {
        Ok(tx)
    } else {
        Err(StoreError::CountMoved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What SQLite says where an fsync failed.
    fn failed_fsync() -> StoreError {
        StoreError::Sql(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC),
            None,
        ))
    }

    fn marked(dir: &Path) -> Outbox {
        let outbox = Outbox::open(dir).unwrap();
        outbox.db().execute_batch("CREATE TEMP TABLE mark (x)").unwrap();
        outbox
    }

    fn is_the_same_connection(outbox: &Outbox) -> bool {
        outbox.db().prepare("SELECT x FROM mark").is_ok()
    }

    fn change(outbox: &mut Outbox) -> Result<(), StoreError> {
        outbox.together(|o| setting::set(o.db(), setting::Name::EventCursor, &7_u64))
    }

    #[test]
    fn after_a_failed_fsync_nothing_is_promised_over_the_same_connection() {
        let dir = tempfile::tempdir().unwrap();
        let mut outbox = marked(dir.path());
        assert!(outbox.together(|_| Err::<(), _>(failed_fsync())).is_err());
        change(&mut outbox).unwrap();
        assert!(
            !is_the_same_connection(&outbox),
            "it went on as if nothing had been"
        );
        let kept: Option<u64> = setting::get(outbox.db(), setting::Name::EventCursor).unwrap();
        assert_eq!(kept, Some(7));
        // The controls: another failure is no reason, and one reason is good for once.
        for other in [StoreError::Missing, StoreError::Full] {
            let mut outbox = marked(dir.path());
            assert!(outbox.together(|_| Err::<(), _>(other)).is_err());
            change(&mut outbox).unwrap();
            assert!(is_the_same_connection(&outbox));
        }
        outbox.db().execute_batch("CREATE TEMP TABLE mark (x)").unwrap();
        change(&mut outbox).unwrap();
        assert!(is_the_same_connection(&outbox));
    }

    #[test]
    fn what_does_not_read_back_after_a_failed_fsync_is_not_built_upon() {
        // The control first: without the failure nobody looks, and a commit goes through over lost pages.
        for failed in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let mut outbox = Outbox::open(dir.path()).unwrap();
            change(&mut outbox).unwrap();
            outbox
                .db()
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                .unwrap();
            if failed {
                assert!(outbox.together(|_| Err::<(), _>(failed_fsync())).is_err());
            }
            // The system threw away what it could not write: the pages of one table's index.
            let path = dir.path().join(FILE);
            let mut bytes = std::fs::read(&path).unwrap();
            let last = bytes.len() - 4096;
            bytes[last..].fill(0x5a);
            std::fs::write(&path, bytes).unwrap();
            let came = change(&mut outbox);
            assert_eq!(came.is_err(), failed, "{came:?}");
            if failed {
                assert!(change(&mut outbox).is_err(), "and it stays refused");
            }
        }
    }
}

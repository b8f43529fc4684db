//! The judgement after every kill: what was promised against what lies on the kiosk's disk and at the province.
//!
//! **Invariant:** it compares by identity (id and manifest's hash), reads with the program dead, and touches no sealed
//! file. What the province holds is read whole, byte for byte.

use super::ROWS_MAX;
use super::life::Life;
use crate::rows::whole;
use anyhow::{Context as _, Result, bail, ensure};
use domain::delivery::{Delivery, HeldReason, QuarantineReason};
use domain::ids::DossierId;
use seal::manifest::BlobRecord;
use service::admin::Admin;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::Outbox;
use store::tables::item::{self, ItemRow};

/// What the kiosk's disk says, once it was held against what was promised.
pub type Rows = BTreeMap<DossierId, ItemRow>;

/// The province, as an administrator sees it.
pub struct There {
    pub admin: Admin,
    pub data: PathBuf,
}

impl There {
    pub fn open(data: PathBuf) -> Result<Self> {
        Ok(Self {
            admin: Admin::open(&data)?,
            data,
        })
    }
}

/// The sealed files of a dossier are there and are what was sealed.
pub fn files_are_there(data: &Path, outbox: &Outbox, dossier: &DossierId) -> Result<()> {
    for blob in blobs(outbox, dossier)? {
        let bytes = std::fs::read(data.join("sealed").join(blob.name()))
            .context("dangling: a row without its file")?;
        ensure!(
            seal::blob::record_of(&bytes) == blob,
            "torn: a file under another's hash"
        );
    }
    Ok(())
}

pub fn blobs(outbox: &Outbox, dossier: &DossierId) -> Result<Vec<BlobRecord>> {
    Ok(whole::manifest(outbox, dossier)?.blobs)
}

/// Everything at once.
pub fn judge(life: &mut Life, there: &There) -> Result<Rows> {
    let data = life.data();
    let mut outbox = Outbox::open(&data)?;
    outbox.check()?;
    let rows: Rows = item::newest(outbox.db(), ROWS_MAX)?
        .into_iter()
        .map(|row| (row.dossier, row))
        .collect();
    for (id, hash) in &life.book.sealed {
        let row = rows
            .get(id)
            .with_context(|| format!("lost: {id} was sealed and is not in the queue"))?;
        ensure!(row.manifest_sha256 == *hash, "torn: {id} has another content");
    }
    ensure!(
        rows.len() == life.book.sealed.len(),
        "dup: {} in the queue, {} were sealed",
        rows.len(),
        life.book.sealed.len()
    );
    for row in rows.values() {
        one(life, there, &outbox, row)?;
    }
    withdrawn(life, &outbox, &rows)?;
    life.release(&mut outbox)?;
    Ok(rows)
}

fn one(life: &mut Life, there: &There, outbox: &Outbox, row: &ItemRow) -> Result<()> {
    let id = &row.dossier;
    if row.delivery.is_acknowledged() && !life.book.settled.contains(id) {
        whole::holds(&there.admin, &there.data, id)
            .with_context(|| format!("lost: {} here and not at the province", row.delivery.as_str()))?;
    }
    match row.delivery {
        Delivery::Purged { .. } => {
            life.book.settled.insert(*id);
        }
        Delivery::Held {
            reason: HeldReason::ConsentWithdrawn,
        }
        | Delivery::Quarantined {
            reason: QuarantineReason::CrashedTwice,
        }
        | Delivery::Sealed
        | Delivery::Registered
        | Delivery::Received { .. }
        | Delivery::Durable { .. } => files_are_there(&life.data(), outbox, id)?,
        Delivery::Held { reason } => bail!("stuck: {id} is held: {reason:?}"),
        Delivery::Quarantined { reason } => bail!("stuck: {id} is set aside: {reason:?}"),
    }
    if let Some(code) = &row.official_code {
        ensure!(
            life.book.codes.get(id) == Some(&code.code),
            "{id} has a code that the province did not give"
        );
    }
    Ok(())
}

fn withdrawn(life: &Life, outbox: &Outbox, rows: &Rows) -> Result<()> {
    for id in &life.book.withdrawn {
        ensure!(
            is_taken_back(outbox, rows, id)?,
            "lost: {id} was taken back, and it goes on"
        );
    }
    let twice: i64 = outbox.db().query_row(
        "SELECT count(*) - count(DISTINCT takes_back) FROM item WHERE takes_back IS NOT NULL",
        [],
        |r| r.get(0),
    )?;
    ensure!(twice == 0, "dup: one dossier was taken back twice");
    Ok(())
}

/// It is kept here, or its withdrawal is in the queue.
pub fn is_taken_back(outbox: &Outbox, rows: &Rows, id: &DossierId) -> Result<bool> {
    let reason = HeldReason::ConsentWithdrawn;
    let kept = rows
        .get(id)
        .is_some_and(|row| row.delivery == Delivery::Held { reason });
    Ok(kept || item::withdrawal_of(outbox.db(), id)?.is_some())
}

/// At the end, of all lives together: the province has each that was not kept here, once, whole, with its code.
pub fn at_the_end(lives: &mut [Life], there: &There, also: &[DossierId]) -> Result<(usize, usize)> {
    let (mut wanted, mut taken_back, mut perhaps) = (also.to_vec(), Vec::new(), Vec::new());
    for life in lives {
        let rows = judge(life, there)?;
        let outbox = Outbox::open(&life.data())?;
        for row in rows.values() {
            let void = item::withdrawal_of(outbox.db(), &row.dossier)?;
            let reason = HeldReason::ConsentWithdrawn;
            let stopped = row.delivery == (Delivery::Held { reason });
            if let Some(void) = void {
                ensure!(void.delivery.is_acknowledged(), "stuck: a withdrawal");
                taken_back.push(row.dossier);
                // Stopped on its way: nobody can say here whether it had come.
                perhaps.extend(stopped.then_some(row.dossier));
            }
            if stopped {
                continue;
            }
            ensure!(
                row.delivery.is_acknowledged(),
                "stuck: {} is {}",
                row.dossier,
                row.delivery.as_str()
            );
            let code = row.official_code.as_ref().map(|c| &c.code);
            ensure!(
                code == life.book.codes.get(&row.dossier),
                "the code of {} did not come: {code:?}",
                row.dossier
            );
            wanted.push(row.dossier);
        }
    }
    let (mut voids, mut found) = (Vec::new(), Vec::new());
    for view in there.admin.dossiers()? {
        ensure!(view.forks.is_empty(), "dup: {} came with two contents", view.id);
        whole::holds(&there.admin, &there.data, &view.id)?;
        match view.takes_back {
            Some(dossier) => voids.push(dossier),
            None => found.push(view.id),
        }
    }
    found.retain(|id| !perhaps.contains(id));
    for list in [&mut wanted, &mut found, &mut taken_back, &mut voids] {
        list.sort_unstable();
    }
    ensure!(
        found == wanted,
        "{} at the province, {} were to be there",
        found.len(),
        wanted.len()
    );
    ensure!(
        voids == taken_back,
        "{} withdrawals at the province, {} here",
        voids.len(),
        taken_back.len()
    );
    Ok((found.len(), voids.len()))
}

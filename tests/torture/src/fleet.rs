//! Many kiosks of one province as tasks of this process: each with its own folder, its own key, a real outbox, real
//! sealed files and the real engine, over real sockets.
//!
//! The devices are written straight into the province's database: enrolment is limited to sixty a minute, and is not
//! what is measured here.

use anyhow::{Context as _, Result, ensure};
use domain::ids::{DeviceId, DossierId};
use seal::keys::SigningKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::tables::item;
use store::{Outbox, SealedFiles};
use stories::desk::{Desk, noise};
use stories::place::{Enrolled, Place, engine_over};
use sync::{Engine, Link};
use tokio::runtime::{Handle, Runtime};

const COPY: &str = "
    INSERT INTO devices (id, state, number, key, class, counter_name, code_id, ticket_sha256, device_epoch, requested_at)
    SELECT ?2, state, ?3, ?4, class, counter_name, code_id, randomblob(32), device_epoch, requested_at
    FROM devices WHERE id = ?1";

/// One of them.
pub struct Kiosk {
    pub folder: PathBuf,
    pub link: Link,
    pub sealed: Vec<DossierId>,
    /// No dossier of it has a file.
    pub forms_alone: bool,
    /// The engine and the harness look at one and the same outbox.
    pub outbox: Arc<Mutex<Outbox>>,
}

/// What each of them is to seal beforehand.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub kiosks: u64,
    pub dossiers: u64,
    /// 0: a form alone.
    pub file_bytes: usize,
}

/// Makes the kiosks, and seals their dossiers.
pub fn muster(place: &Place, folder: &Path, load: Load, seed: u64) -> Result<Vec<Kiosk>> {
    let model = place.enrol(&folder.join(format!("model-{seed}")))?;
    let db = rusqlite::Connection::open(place.province.join("province.db"))?;
    db.execute_batch("BEGIN")?;
    let next: i64 = db.query_row("SELECT max(number) + 1 FROM devices", [], |r| r.get(0))?;
    let mut fleet = Vec::new();
    for n in 0..load.kiosks {
        let key = SigningKey::generate()?;
        let id = DeviceId(seal::random::uuid()?);
        let number = next + i64::try_from(n)?;
        db.execute(
            COPY,
            (
                model.link.device.to_string(),
                id.to_string(),
                number,
                key.verify_key().as_bytes(),
            ),
        )?;
        fleet.push(one(
            &model,
            &folder.join(format!("k{seed}-{n}")),
            id,
            key,
            load,
            seed + n,
        )?);
    }
    db.execute_batch("COMMIT")?;
    Ok(fleet)
}

fn one(
    model: &Enrolled,
    folder: &Path,
    id: DeviceId,
    key: SigningKey,
    load: Load,
    seed: u64,
) -> Result<Kiosk> {
    std::fs::create_dir_all(folder)?;
    let mut desk = Desk::new(
        folder,
        model.desk.to.clone(),
        SigningKey::from_seed(&key.seed()),
        *id.as_bytes(),
        model.desk.device_epoch,
    )?;
    let forms_alone = load.file_bytes == 0;
    let papers = if forms_alone {
        Vec::new()
    } else {
        vec![noise(load.file_bytes, seed)]
    };
    let sealed = (0..load.dossiers)
        .map(|_| desk.seal(&papers))
        .collect::<Result<_>>()?;
    let link = Link {
        device: id,
        device_key: Arc::new(key),
        ..model.link.clone()
    };
    Ok(Kiosk {
        folder: folder.to_owned(),
        link,
        sealed,
        forms_alone,
        outbox: Arc::new(Mutex::new(desk.outbox)),
    })
}

/// How far the dossiers of one kiosk are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Far {
    /// The province has the form.
    pub registered: usize,
    /// The province has everything.
    pub acknowledged: usize,
    /// Of some file something has gone.
    pub begun: bool,
}

impl Kiosk {
    /// Starts the real engine at `url`.
    pub fn engine(&self, runtime: &Handle, url: &str, boot_jitter_max: Duration) -> Result<Engine> {
        let mut link = self.link.clone();
        url.clone_into(&mut link.service_url);
        let files = SealedFiles::open(&self.folder)?;
        Ok(engine_over(
            Arc::clone(&self.outbox),
            files,
            link,
            runtime,
            boot_jitter_max,
        ))
    }

    /// What is not acknowledged: its state and its last failure, for whoever asks why.
    pub fn waiting(&self) -> Result<Vec<String>> {
        let outbox = self.outbox.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = Vec::new();
        for dossier in &self.sealed {
            let row = item::get(outbox.db(), dossier)?.context("lost: no row")?;
            if !row.delivery.is_acknowledged() {
                let why = row.last_failure.as_deref().unwrap_or("none");
                waiting.push(format!("{} {why}", row.delivery.as_str()));
            }
        }
        Ok(waiting)
    }

    pub fn far(&self) -> Result<Far> {
        // One question to an index of states: four hundred kiosks are looked at on the two cores that serve them.
        let outbox = self.outbox.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = "SELECT count(*), count(*) FILTER (WHERE state IN ('received', 'durable', 'purged')),
                          count(*) FILTER (WHERE state = 'registered'), max(bytes_sent) > 0 FROM item";
        let (rows, acknowledged, registered, begun): (u32, u32, u32, bool) = outbox
            .db()
            .prepare_cached(sql)?
            .query_row([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
        let [rows, acknowledged, registered] = [rows, acknowledged, registered].map(|n| n as usize);
        ensure!(
            rows == self.sealed.len(),
            "lost: {rows} rows of {}",
            self.sealed.len()
        );
        Ok(Far {
            registered: registered + acknowledged,
            acknowledged,
            begun,
        })
    }
}

/// A runtime of the kiosks' own, so that what blocks in them takes no thread of the province's.
pub fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

//! One pass: ask what happened, register what waits, send its files, let go what may go.
//!
//! **Invariants:** the attempt is on disk before the first byte goes; an item's own failure ends that item's turn
//! and no other's; an answer moves an item only when it is signed and carries our hash.

use crate::apply::{self, Acknowledged, SeenEpoch};
use crate::backoff::system_random;
use crate::body;
use crate::breaker::Breaker;
use crate::client::{self, Client, Piece};
use crate::engine::{EngineOptions, PassItem, Shared};
use crate::failure::{Failure, Scope};
use crate::plan::{self, Load};
use crate::time::{Floor, ProvinceTime};
use crate::upload;
use domain::delivery::{Event, HeldReason, QuarantineReason};
use domain::ids::DossierId;
use seal::envelope::SealedDossier;
use seal::manifest::Manifest;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::tables::item::{self, ItemRow};
use store::tables::setting::{self, Name};
use store::{Outbox, StoreError};
use tokio::sync::watch;
use wire::Sha256;
use wire::acknowledgement::Acknowledgement;
use wire::dossier::{DossierAnswer, MissingBlob};
use wire::inventory::InventoryItem;
use wire::sync::SyncRequest;

/// Items of one pass; the next pass follows at once when more wait.
const ITEMS_MAX: u32 = 200;
/// Pages of events of one pass.
const PAGES_MAX: u32 = 100;
/// Times that one item is registered anew within a pass before it waits for its next turn.
const ROUNDS_MAX: u32 = 3;
/// Rows looked at for the plan.
const RECENT_MAX: u32 = 50;

/// The outbox, off the runtime's threads.
#[derive(Clone)]
pub(crate) struct Db(pub Arc<Mutex<Outbox>>);

impl Db {
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Outbox) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Failure> {
        let outbox = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&mut outbox.lock().unwrap_or_else(PoisonError::into_inner)));
        let result = done.await.map_err(|_| Failure::Disk)?;
        if let Err(e) = &result {
            tracing::warn!(error = %e, "the outbox refused a change");
        }
        result.map_err(Failure::from)
    }
}

/// A dossier read back from disk and found whole.
struct Prepared {
    row: ItemRow,
    manifest: Manifest,
    envelope: Vec<u8>,
}

pub(crate) struct Worker {
    pub options: EngineOptions,
    pub db: Db,
    pub client: Client,
    pub breaker: Breaker,
    pub floor: Floor,
    pub shared: Arc<Shared>,
    pub stop: watch::Receiver<bool>,
    /// What came of each item of this pass.
    pub outcomes: BTreeMap<DossierId, Option<Failure>>,
}

/// Ends early when the program closes, so that no attempt looks like a crash afterwards.
async fn until_stopped<T>(stop: &mut watch::Receiver<bool>, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        biased;
        // An error means that the engine itself is gone.
        _ = stop.wait_for(|stopped| *stopped) => Err(Failure::Stopped),
        result = work => result,
    }
}

impl Worker {
    pub(crate) fn now_ms(&self) -> i64 {
        (self.options.clock)().as_millisecond()
    }

    /// The whole pass; its outcomes are in `self.outcomes`.
    pub(crate) async fn pass(&mut self) -> Result<(), Failure> {
        self.outcomes.clear();
        self.mend_turns().await?;
        if self.breaker.is_open() {
            let answer = until_stopped(&mut self.stop, self.client.time()).await?;
            self.floor.raise(answer.now);
        }
        self.ask().await?;
        self.worked();
        self.send_due().await?;
        let (floor, keep, files) = (self.floor.ms(), self.options.keep_after_durable, self.options.files.clone());
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let gone = self.db.run(move |o| apply::purge(o, &files, floor, keep_ms)).await?;
        self.shared.moved(&gone);
        Ok(())
    }

    fn worked(&mut self) {
        self.breaker.worked();
        self.shared.confirmed((self.options.clock)());
    }

    /// A turn that lies further ahead than any wait was written by a clock that has since gone back.
    async fn mend_turns(&self) -> Result<(), Failure> {
        let now = self.now_ms();
        let mend = move |o: &mut Outbox| {
            if item::next_turn(o.db())?.is_some_and(|turn| plan::clock_went_back(turn, now)) { item::due_at_once(o.db()) } else { Ok(()) }
        };
        self.db.run(mend).await
    }

    /// The small round trip, page by page; after a restore of the province, the inventory first.
    async fn ask(&mut self) -> Result<(), Failure> {
        for _ in 0..PAGES_MAX {
            let now = self.now_ms();
            let nonce = client::nonce()?;
            let version = self.options.app_version.clone();
            let read = move |o: &mut Outbox| {
                let (queue_depth, oldest) = item::depth(o.db())?;
                let oldest_age_s = oldest.and_then(|ms| u64::try_from(now.saturating_sub(ms) / 1000).ok());
                let cursor = setting::get(o.db(), Name::EventCursor)?.unwrap_or(0);
                let seen: Option<SeenEpoch> = setting::get(o.db(), Name::ProvinceEpoch)?;
                Ok((SyncRequest { nonce, cursor, queue_depth, oldest_age_s, app_version: version }, seen))
            };
            let (request, seen) = self.db.run(read).await?;
            let answer = until_stopped(&mut self.stop, self.client.sync(&request)).await?;
            self.floor.raise(answer.now);
            if seen.is_some_and(|s| s.epoch != answer.epoch) {
                self.take_stock(SeenEpoch { epoch: answer.epoch, since_ms: answer.now.as_millisecond() }).await?;
                continue;
            }
            let (more, now) = (answer.more, self.now_ms());
            let moved = self.db.run(move |o| apply::events(o, &answer, now)).await?;
            self.shared.moved(&moved);
            if !more {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Asks a restored province what it forgot.
    async fn take_stock(&mut self, seen: SeenEpoch) -> Result<(), Failure> {
        let list = |o: &mut Outbox| {
            let mut rows = item::in_state(o.db(), "received")?;
            rows.extend(item::in_state(o.db(), "durable")?);
            Ok(rows)
        };
        let rows = self.db.run(list).await?;
        let items: Vec<_> = rows.iter().map(|r| InventoryItem { dossier: r.dossier, manifest_sha256: Sha256(r.manifest_sha256) }).collect();
        let mut forgotten = Vec::new();
        for part in items.chunks(wire::limits::INVENTORY_MAX) {
            let answer = until_stopped(&mut self.stop, self.client.inventory(part.to_vec())).await?;
            forgotten.extend(answer.unknown);
        }
        tracing::warn!(forgotten = forgotten.len(), "the province was restored from a backup");
        let now = self.now_ms();
        self.shared.moved(&forgotten);
        self.db.run(move |o| apply::restored(o, seen, &forgotten, now)).await
    }

    async fn send_due(&mut self) -> Result<(), Failure> {
        let now = self.now_ms();
        let due = self.db.run(move |o| item::due(o.db(), now, ITEMS_MAX)).await?;
        let mut loads = Vec::new();
        let mut rows = BTreeMap::new();
        for row in due.into_iter().filter(|r| plan::is_sendable(&r.delivery)) {
            if let Some(missing) = self.turn(&row, false).await? {
                let bytes_left = missing.iter().map(|m| m.len.saturating_sub(m.offset)).sum();
                loads.push(Load { dossier: row.dossier, device_seq: row.device_seq, bytes_left });
                rows.insert(row.dossier, row);
            }
        }
        plan::order(&mut loads);
        for row in loads.iter().filter_map(|l| rows.get(&l.dossier)) {
            self.turn(row, true).await?;
        }
        Ok(())
    }

    /// One item's turn, registering it or (`whole`) to its end; ends the attempt whatever comes.
    async fn turn(&mut self, row: &ItemRow, whole: bool) -> Result<Option<Vec<MissingBlob>>, Failure> {
        let dossier = row.dossier;
        self.db.run(move |o| item::begin_attempt(o.db(), &dossier)).await?;
        let result = if whole { self.deliver(row).await.map(|()| None) } else { self.register(row).await.map(|(_, missing)| missing) };
        let failure = result.as_ref().err().copied();
        let (ended, now) = (row.clone(), self.now_ms());
        self.db.run(move |o| apply::ended(o, &ended, failure, now, system_random())).await?;
        self.outcomes.insert(dossier, failure);
        self.shared.moved(&[dossier]);
        match failure {
            Some(failure) if failure.scope() != Scope::Item => Err(failure),
            Some(failure) => {
                tracing::info!(%dossier, why = failure.as_str(), "an item was put aside; the others go on");
                Ok(None)
            }
            None => result,
        }
    }

    /// Reads the item back and checks it whole: what is sent is what was sealed.
    async fn prepare(&self, row: &ItemRow) -> Result<Prepared, Failure> {
        let damaged = Failure::Local(QuarantineReason::FileDamaged);
        let dossier = row.dossier;
        let envelope = self.db.run(move |o| item::envelope(o.db(), &dossier)).await?;
        let sealed = SealedDossier::from_bytes(&envelope).map_err(|_| damaged)?;
        let manifest = sealed.verify(&self.options.link.device_key.verify_key()).map_err(|_| damaged)?;
        if sealed.sha256() != row.manifest_sha256 || manifest.dossier_id() != dossier {
            return Err(damaged);
        }
        let (blobs, files) = (manifest.blobs.clone(), self.options.files.clone());
        let check = move || -> std::io::Result<bool> {
            for blob in &blobs {
                if !body::fits(&files.path(&blob.name()), blob)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        match tokio::task::spawn_blocking(check).await {
            Ok(Ok(true)) => Ok(Prepared { row: row.clone(), manifest, envelope }),
            Ok(Ok(false)) => Err(damaged),
            Ok(Err(_)) | Err(_) => Err(Failure::Disk),
        }
    }

    /// PUT: the province knows it from here on. Answers what it still wants, `None` where it is acknowledged.
    async fn register(&mut self, row: &ItemRow) -> Result<(Prepared, Option<Vec<MissingBlob>>), Failure> {
        let prepared = self.prepare(row).await?;
        let missing = self.put(&prepared).await?;
        Ok((prepared, missing))
    }

    async fn put(&mut self, prepared: &Prepared) -> Result<Option<Vec<MissingBlob>>, Failure> {
        let call = self.client.put(&prepared.row.dossier, prepared.envelope.clone());
        let answer = until_stopped(&mut self.stop, call).await?;
        self.take(prepared, answer).await
    }

    /// Believes an answer only with our id and our hash, and an acknowledgement only with every file of ours.
    async fn take(&mut self, prepared: &Prepared, answer: DossierAnswer) -> Result<Option<Vec<MissingBlob>>, Failure> {
        let foreign = Failure::Held(HeldReason::UnknownAnswer);
        let dossier = prepared.row.dossier;
        let hash = Sha256(prepared.row.manifest_sha256);
        if answer.dossier != dossier || answer.manifest_sha256 != hash {
            return Err(foreign);
        }
        self.worked();
        let Some(signed) = answer.acknowledgement else {
            self.db.run(move |o| o.step(&dossier, Event::Registered, |_| Ok(()))).await?;
            return Ok(Some(answer.missing));
        };
        let ack = Acknowledgement::verify(&signed, &self.options.link.signing_key, &prepared.manifest, &hash).map_err(|_| foreign)?;
        let signed_json = serde_json::to_string(&signed).map_err(|_| foreign)?;
        let kept = Acknowledged { at: ack.at, signed_json, durable: answer.durable, local_ms: self.now_ms(), province_ms: self.floor.ms() };
        self.db.run(move |o| apply::acknowledged(o, &dossier, &kept)).await?;
        Ok(None)
    }

    /// To the acknowledgement: every missing file, then the province's word for the whole.
    async fn deliver(&mut self, row: &ItemRow) -> Result<(), Failure> {
        let (prepared, mut missing) = self.register(row).await?;
        for _ in 0..ROUNDS_MAX {
            let Some(wanted) = missing else { return Ok(()) };
            let mut last = None;
            let mut left: u64 = wanted.iter().map(|w| w.len).sum();
            let total: u64 = prepared.manifest.blobs.iter().map(|b| b.len).sum();
            for blob in wanted {
                last = self.send_file(&prepared, blob, total.saturating_sub(left)).await?;
                left = left.saturating_sub(blob.len);
            }
            missing = match last {
                Some(answer) => self.take(&prepared, answer).await?,
                None => self.put(&prepared).await?,
            };
        }
        if missing.is_none() { Ok(()) } else { Err(Failure::Resume) }
    }

    /// `before`: bytes of the dossier's other files that are there already.
    async fn send_file(&mut self, prepared: &Prepared, wanted: MissingBlob, before: u64) -> Result<Option<DossierAnswer>, Failure> {
        let known = prepared.manifest.blobs.iter().find(|b| b.sha256 == wanted.sha256.0);
        let Some(blob) = known.filter(|b| b.len == wanted.len && wanted.offset <= b.len) else {
            return Err(Failure::Held(HeldReason::UnknownAnswer));
        };
        let dossier = prepared.row.dossier;
        let file = self.options.files.path(&blob.name());
        let piece = Piece { dossier, sha256: wanted.sha256, file: &file, offset: wanted.offset, len: blob.len };
        let (db, shared) = (self.db.clone(), Arc::clone(&self.shared));
        let tell = async move |gone: u64| {
            // Progress is for the eye: a failure to note it is not a failure to send.
            let _ = db.run(move |o| item::set_bytes_sent(o.db(), &dossier, before + gone)).await;
            shared.moved(&[dossier]);
        };
        until_stopped(&mut self.stop, upload::send(&mut self.client, piece, tell)).await
    }

    /// The queue, for the plan.
    pub(crate) async fn queue(&self) -> Result<plan::Queue, Failure> {
        let now = self.now_ms();
        let read = move |o: &mut Outbox| {
            let unsettled = !item::in_state(o.db(), "received")?.is_empty();
            let fresh = item::newest(o.db(), RECENT_MAX)?.iter().any(|row| plan::is_fresh(row, now));
            Ok(plan::Queue { next_turn_ms: item::next_turn(o.db())?, unsettled, fresh })
        };
        self.db.run(read).await
    }

    /// What a person is told about each item of the pass.
    pub(crate) async fn report(&mut self) -> Result<Vec<PassItem>, Failure> {
        let outcomes = std::mem::take(&mut self.outcomes);
        let read = move |o: &mut Outbox| {
            let mut items = Vec::new();
            for (dossier, failure) in outcomes {
                if let Some(row) = item::get(o.db(), &dossier)? {
                    items.push(PassItem { dossier, delivery: row.delivery, failure });
                }
            }
            Ok(items)
        };
        self.db.run(read).await
    }

    /// Before the first pass: crashes counted, the last signed time remembered.
    pub(crate) async fn begin(&mut self) -> Result<(), Failure> {
        let crashed = self.db.run(apply::crashed).await?;
        self.shared.moved(&crashed);
        let time: ProvinceTime = self.db.run(|o| setting::get(o.db(), Name::ProvinceTime)).await?.unwrap_or_default();
        if let Ok(signed) = jiff::Timestamp::from_millisecond(time.signed_ms) {
            self.floor.raise(signed);
        }
        self.shared.remember(jiff::Timestamp::from_millisecond(time.confirmed_ms).ok().filter(|_| time.confirmed_ms > 0));
        // The waits of before the start were for another moment of the network.
        self.db.run(|o| item::due_at_once(o.db())).await
    }
}

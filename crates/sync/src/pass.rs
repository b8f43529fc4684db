//! One pass: ask what happened, register what waits, send its files, let go what may go.
//!
//! **Invariants:** the attempt is on disk before the first byte goes; an item's own failure ends that item's turn
//! and no other's.

use crate::apply;
use crate::backoff::system_random;
use crate::breaker::Breaker;
use crate::catalogue::{Published, Refusal};
use crate::client::Client;
use crate::decide::{self, SeenEpoch};
use crate::failure::{Failure, Scope};
use crate::http;
use crate::plan::{self, Load};
use crate::state::{EngineOptions, PassItem, Shared};
use crate::time::{Floor, ProvinceTime};
use domain::ids::DossierId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::tables::item::{self, ItemRow};
use store::tables::setting::{self, Name};
use store::{Outbox, StoreError};
use tokio::sync::watch;
use wire::Sha256;
use wire::inventory::InventoryItem;
use wire::sync::SyncRequest;

/// Items of one pass; the next pass follows at once when more wait.
const ITEMS_MAX: u32 = 200;
/// Pages of events of one pass.
const PAGES_MAX: u32 = 100;
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
        let done = tokio::task::spawn_blocking(move || {
            work(&mut outbox.lock().unwrap_or_else(PoisonError::into_inner))
        });
        let result = done.await.map_err(|_| Failure::Disk)?;
        if let Err(e) = &result {
            tracing::warn!(error = %e, "the outbox refused a change");
        }
        result.map_err(Failure::from)
    }
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
    /// The catalogue that the province named last, with its signed time.
    pub published: Option<Published>,
    /// Came and was not taken: not fetched again for a while.
    pub refused_catalogue: Option<Refusal>,
}

/// Ends early when the program closes, so that no attempt looks like a crash afterwards.
pub(crate) async fn until_stopped<T>(
    stop: &mut watch::Receiver<bool>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
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
        let (floor, keep, files) = (
            self.floor.ms(),
            self.options.keep_after_durable,
            self.options.files.clone(),
        );
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let gone = self
            .db
            .run(move |o| apply::purge(o, &files, floor, keep_ms))
            .await?;
        self.shared.moved(&gone);
        Ok(())
    }

    pub(crate) fn worked(&mut self) {
        self.breaker.worked();
        self.shared.confirmed((self.options.clock)());
    }

    /// A turn that lies further ahead than any wait was written by a clock that has since gone back.
    async fn mend_turns(&self) -> Result<(), Failure> {
        let now = self.now_ms();
        let mend = move |o: &mut Outbox| {
            if item::next_turn(o.db())?.is_some_and(|turn| plan::clock_went_back(turn, now)) {
                item::due_at_once(o.db())
            } else {
                Ok(())
            }
        };
        self.db.run(mend).await
    }

    /// The small round trip, page by page; after a restore of the province, the inventory first.
    async fn ask(&mut self) -> Result<(), Failure> {
        for _ in 0..PAGES_MAX {
            let now = self.now_ms();
            let nonce = http::nonce()?;
            let version = self.options.app_version.clone();
            let read = move |o: &mut Outbox| {
                let (queue_depth, oldest) = item::depth(o.db())?;
                let oldest_age_s = oldest.and_then(|ms| u64::try_from(now.saturating_sub(ms) / 1000).ok());
                let cursor = setting::get(o.db(), Name::EventCursor)?.unwrap_or(0);
                let seen: Option<SeenEpoch> = setting::get(o.db(), Name::ProvinceEpoch)?;
                Ok((
                    SyncRequest {
                        nonce,
                        cursor,
                        queue_depth,
                        oldest_age_s,
                        app_version: version,
                    },
                    seen,
                ))
            };
            let (request, seen) = self.db.run(read).await?;
            let answer = until_stopped(&mut self.stop, self.client.sync(&request)).await?;
            self.floor.raise(answer.now);
            if decide::was_restored(seen, answer.epoch) {
                self.take_stock(SeenEpoch {
                    epoch: answer.epoch,
                    since_ms: answer.now.as_millisecond(),
                })
                .await?;
                continue;
            }
            self.published = answer.catalogue.map(|sha256| Published {
                sha256,
                now: answer.now,
            });
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
            rows.retain(|row| decide::in_inventory(&row.delivery));
            Ok(rows)
        };
        let rows = self.db.run(list).await?;
        let items: Vec<_> = rows
            .iter()
            .map(|r| InventoryItem {
                dossier: r.dossier,
                manifest_sha256: Sha256(r.manifest_sha256),
            })
            .collect();
        let mut forgotten = Vec::new();
        for part in items.chunks(wire::limits::INVENTORY_MAX) {
            let answer = until_stopped(&mut self.stop, self.client.inventory(part.to_vec())).await?;
            forgotten.extend(answer.unknown);
        }
        tracing::warn!(
            forgotten = forgotten.len(),
            "the province was restored from a backup"
        );
        let now = self.now_ms();
        self.shared.moved(&forgotten);
        self.db
            .run(move |o| apply::restored(o, seen, &forgotten, now))
            .await
    }

    /// Every form goes before any file; of the files, what is soonest whole.
    async fn send_due(&mut self) -> Result<(), Failure> {
        let now = self.now_ms();
        let due = self.db.run(move |o| item::due(o.db(), now, ITEMS_MAX)).await?;
        let mut loads = Vec::new();
        let mut open = BTreeMap::new();
        for row in due.into_iter().filter(|r| plan::is_sendable(&r.delivery)) {
            if !self.begin_turn(row.dossier).await? {
                continue;
            }
            let result = self.register(&row).await;
            if let Some((prepared, Some(missing))) = self.end_turn(&row, result).await? {
                let bytes_left = missing.iter().map(|m| m.len.saturating_sub(m.offset)).sum();
                loads.push(Load {
                    dossier: row.dossier,
                    device_seq: row.device_seq,
                    bytes_left,
                });
                open.insert(row.dossier, (prepared, missing));
            }
        }
        // Forms and status have gone; files are long, and the counter may be waiting for a new rule.
        self.pull_catalogue().await;
        plan::order(&mut loads);
        for (prepared, missing) in loads.iter().filter_map(|l| open.remove(&l.dossier)) {
            if !self.begin_turn(prepared.row.dossier).await? {
                continue;
            }
            let result = self.deliver(&prepared, missing).await;
            self.end_turn(&prepared.row, result).await?;
        }
        Ok(())
    }

    /// On disk before anything is done with the item: after a crash this tells which one it was. `false` where it was
    /// taken back since the queue was read.
    async fn begin_turn(&self, dossier: DossierId) -> Result<bool, Failure> {
        self.db.run(move |o| item::begin_attempt(o.db(), &dossier)).await
    }

    /// Ends the attempt whatever came. `None` where the item was put aside and the others go on.
    async fn end_turn<T>(&mut self, row: &ItemRow, result: Result<T, Failure>) -> Result<Option<T>, Failure> {
        let failure = result.as_ref().err().copied();
        let (ended, now) = (row.clone(), self.now_ms());
        self.db
            .run(move |o| apply::ended(o, &ended, failure, now, system_random()))
            .await?;
        self.outcomes.insert(row.dossier, failure);
        self.shared.moved(&[row.dossier]);
        match result {
            Ok(done) => Ok(Some(done)),
            Err(failure) if failure.scope() == Scope::Item => {
                tracing::info!(dossier = %row.dossier, why = failure.as_str(), "an item was put aside; the others go on");
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The queue, for the plan.
    pub(crate) async fn queue(&self) -> Result<plan::Queue, Failure> {
        let now = self.now_ms();
        let read = move |o: &mut Outbox| {
            let unsettled = !item::in_state(o.db(), "received")?.is_empty();
            let fresh = item::newest(o.db(), RECENT_MAX)?
                .iter()
                .any(|row| plan::is_fresh(row, now));
            Ok(plan::Queue {
                next_turn_ms: item::next_turn(o.db())?,
                unsettled,
                fresh,
            })
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
                    items.push(PassItem {
                        dossier,
                        delivery: row.delivery,
                        failure,
                    });
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
        let files = self.options.files.clone();
        self.db.run(move |o| apply::sweep(o, &files)).await?;
        let time: ProvinceTime = self
            .db
            .run(|o| setting::get(o.db(), Name::ProvinceTime))
            .await?
            .unwrap_or_default();
        if let Ok(signed) = jiff::Timestamp::from_millisecond(time.signed_ms) {
            self.floor.raise(signed);
        }
        self.shared.remember(
            jiff::Timestamp::from_millisecond(time.confirmed_ms)
                .ok()
                .filter(|_| time.confirmed_ms > 0),
        );
        // The waits of before the start were for another moment of the network.
        self.db.run(|o| item::due_at_once(o.db())).await
    }
}

//! One pass: lane by lane, until nothing is left to do; then what may go is let go.
//!
//! **Invariants:** the attempt is on disk before the first byte goes; an item's own failure ends that item's turn
//! and no other's; what goes next is asked of [`lane::next`] and nobody else, and whose failure it was of [`Suspicion`].

use crate::apply;
use crate::breaker::Breaker;
use crate::catalogue::{Published, Refusal};
use crate::client::Client;
use crate::failure::Failure;
use crate::lane::{self, Due, Lane};
use crate::plan::{self, Settling, Unsettled};
use crate::scans::Waiting;
use crate::state::{EngineOptions, PassItem, Shared};
use crate::suspicion::Suspicion;
use crate::time::{Floor, ProvinceTime};
use domain::delivery::{Delivery, Watermark};
use domain::ids::DossierId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use store::tables::item::{self, ItemRow};
use store::tables::setting::{self, Name};
use store::{Outbox, StoreError};
use tokio::sync::watch;

/// Rows looked at for what is due; behind them comes the next look.
pub(crate) const ITEMS_MAX: u32 = 200;
/// Forms that are read back and sent at a time; then the question of what goes next is asked again.
pub(crate) const FORMS_MAX: u32 = 50;
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
            let mut outbox = outbox.lock().unwrap_or_else(PoisonError::into_inner);
            // After a failure of the disk nothing is said to the province over what only the memory holds.
            outbox.make_sure()?;
            let came = work(&mut outbox);
            outbox.heed(came)
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
    /// Dossiers whose files are to be sent, as far as the province has said what it wants.
    pub loads: Vec<Waiting>,
    /// Whose fault the failures of this pass are.
    pub suspicion: Suspicion,
    /// Bytes that were still to go of each dossier that failed before, as the province said last: what shrinks makes progress.
    pub bytes_left: BTreeMap<DossierId, u64>,
    /// What the province's backup covers, as it said last, and how often it said nothing new.
    pub durable: Option<Watermark>,
    pub settling: Settling,
    /// When the province was asked last in this pass, whether it had more to tell, and pages read.
    pub asked: Option<Instant>,
    pub more_status: bool,
    pub pages: u32,
    /// The province asked for rest from files until then; everything else goes on.
    pub scans_rest_until: Option<Instant>,
    /// The catalogue that the province named last, with its signed time.
    pub published: Option<Published>,
    /// Since when another catalogue than the one in use is known.
    pub catalogue_since: Option<Instant>,
    /// Came and was not taken: not fetched again for a while.
    pub refused_catalogue: Option<Refusal>,
}

/// What is acknowledged and not durable yet.
fn unsettled(received: &[ItemRow], durable: Option<Watermark>) -> Option<Unsettled> {
    let at = received.iter().filter_map(|row| match row.delivery {
        Delivery::Received { at } => Some(at),
        _ => None,
    });
    let newest = at.max_by_key(|at| (at.epoch, at.lsn))?;
    Some(Unsettled {
        dossiers: received.len(),
        newest,
        durable,
    })
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
        self.loads.clear();
        self.suspicion = Suspicion::default();
        (self.asked, self.more_status, self.pages) = (None, false, 0);
        self.mend_turns().await?;
        while let Some(lane) = self.lane().await? {
            match lane {
                Lane::Control => self.take_control().await?,
                Lane::Forms => self.send_forms().await?,
                Lane::Status => self.ask().await?,
                Lane::Scans => self.send_scans().await?,
                Lane::Catalogue => self.pull_catalogue().await,
            }
        }
        let (floor, keep, files) = (
            self.floor.ms(),
            self.options.keep_after_durable,
            self.options.files.clone(),
        );
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let gone = self
            .db
            .run(move |o| {
                let mut gone = apply::purge(o, &files, floor, keep_ms)?;
                gone.extend(apply::forget_old(o, &files, floor)?);
                Ok(gone)
            })
            .await?;
        self.shared.moved(&gone);
        self.suspicion.at_the_end().map_or(Ok(()), Err)
    }

    /// A dossier's own call came through.
    pub(crate) fn worked(&mut self) {
        self.breaker.worked();
        self.confirmed();
    }

    /// A signed answer came.
    pub(crate) fn confirmed(&self) {
        // By the province's clock: this machine's own may stand in 2009.
        if let Some(now) = self.floor.province_now() {
            self.shared.confirmed(now);
        }
    }

    /// A turn that lies further ahead than any wait was written by a clock that has since gone back.
    async fn mend_turns(&self) -> Result<(), Failure> {
        let most = plan::turn_max(self.now_ms());
        self.db.run(move |o| item::due_by(o.db(), most)).await
    }

    /// What goes next.
    async fn lane(&self) -> Result<Option<Lane>, Failure> {
        Ok(lane::next(self.facts().await?))
    }

    /// What there is to do now.
    pub(crate) async fn facts(&self) -> Result<Due, Failure> {
        let forms = !self.due("sealed", FORMS_MAX).await?.is_empty();
        let scans =
            !self.scans_rest() && (!self.loads.is_empty() || !self.due("registered", 1).await?.is_empty());
        Ok(Due {
            asked: self.asked.map(|at| at.elapsed()),
            forms,
            more_status: self.more_status,
            scans,
            catalogue: self.catalogue_waits(),
        })
    }

    /// Items of one state that have their turn and did not have it in this pass.
    pub(crate) async fn due(&self, state: &'static str, limit: u32) -> Result<Vec<ItemRow>, Failure> {
        let now = self.now_ms();
        let mut rows = self
            .db
            .run(move |o| item::due_in(o.db(), state, now, ITEMS_MAX))
            .await?;
        rows.retain(|row| plan::is_sendable(&row.delivery) && !self.outcomes.contains_key(&row.dossier));
        let shaky_rest = self.suspicion.shaky_rest();
        rows.retain(|row| !shaky_rest || plan::is_steady(row.crashes, row.failures));
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows)
    }

    /// The queue, for the plan.
    pub(crate) async fn queue(&mut self) -> Result<plan::Queue, Failure> {
        let now = self.now_ms();
        let scans_rest = self
            .scans_rest_until
            .map(|until| until.saturating_duration_since(Instant::now()))
            .filter(|rest| !rest.is_zero());
        let read = move |o: &mut Outbox| {
            let received = item::in_state(o.db(), "received")?;
            let fresh = item::newest(o.db(), RECENT_MAX)?
                .iter()
                .any(|row| plan::is_fresh(row, now));
            Ok((item::next_turn(o.db())?, fresh, received))
        };
        let (next_turn_ms, fresh, received) = self.db.run(read).await?;
        if self.asked.is_some() {
            self.settling.asked(unsettled(&received, self.durable));
        }
        Ok(plan::Queue {
            next_turn_ms,
            settles: self.settling.wait(),
            fresh,
            scans_rest,
        })
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
            jiff::Timestamp::from_millisecond(time.signed_ms)
                .ok()
                .filter(|_| time.signed_ms > 0),
        );
        // The waits of before the start were for another moment of the network.
        self.db.run(|o| item::due_at_once(o.db())).await
    }
}

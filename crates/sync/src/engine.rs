//! The one task that syncs: wakes on a kick, on its own timer and when a person presses "Gửi ngay".
//!
//! **Invariant:** one pass at a time; `stop` lets the step under way end its attempt, so that closing the program
//! never looks like a crash.

use crate::backoff::{spread, system_random};
use crate::breaker::Breaker;
use crate::client::Client;
use crate::failure::{Failure, Scope};
use crate::pass::{Db, Worker};
use crate::plan::{self, LinkState};
use crate::time::Floor;
use crate::tls::Now;
use domain::delivery::Delivery;
use domain::ids::{DeviceId, DossierId};
use jiff::Timestamp;
use seal::keys::{SigningKey, VerifyKey};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Outbox, SealedFiles};
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// A person at the counter is answered within this; the pass itself goes on behind it.
const SEND_NOW_WAIT_MAX: Duration = Duration::from_secs(90);
/// Presses of "Gửi ngay" that wait for one answer.
const ORDERS_MAX: usize = 16;
/// Events kept for a slow listener; it then asks for the whole view.
const EVENTS_MAX: usize = 256;

/// How to reach the province and as whom.
#[derive(Debug, Clone)]
pub struct Link {
    pub service_url: String,
    /// The only trust anchor.
    pub root_der: Vec<u8>,
    /// Verifies everything that the province asserts.
    pub signing_key: VerifyKey,
    pub device: DeviceId,
    pub device_key: Arc<SigningKey>,
}

/// What the engine works with.
#[derive(Clone)]
pub struct EngineOptions {
    pub outbox: Arc<Mutex<Outbox>>,
    pub files: SealedFiles,
    pub link: Link,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub app_version: String,
    /// Sealed files stay this long after the province holds them durably (72 hours).
    pub keep_after_durable: jiff::SignedDuration,
    /// The first pass comes at a random moment within this, so that a morning's kiosks do not come all at once.
    pub boot_jitter_max: Duration,
}

/// The link, honestly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Network {
    /// The last attempt reached the province and its answer was signed.
    pub online: bool,
    /// When a signed answer last came, by the local clock.
    pub last_confirmed: Option<Timestamp>,
    pub failure: Option<Failure>,
    /// A pass is under way.
    pub sending: bool,
}

/// What listeners are told; each then asks for what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncEvent {
    ItemMoved(DossierId),
    Network(Network),
}

/// One item of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassItem {
    pub dossier: DossierId,
    /// Where it stands now.
    pub delivery: Delivery,
    pub failure: Option<Failure>,
}

/// What came of one whole pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// Every item that had its turn.
    pub items: Vec<PassItem>,
    /// What ended the pass early.
    pub failure: Option<Failure>,
    /// False where the pass still goes on behind this answer.
    pub finished: bool,
}

/// What the task and its owner both see.
pub(crate) struct Shared {
    network: Mutex<Network>,
    events: broadcast::Sender<SyncEvent>,
    kick: Notify,
}

impl Shared {
    fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Network)) {
        let (before, after) = {
            let mut network = self.network();
            let before = *network;
            change(&mut network);
            (before, *network)
        };
        if before != after {
            // Nobody listening is no failure.
            let _ = self.events.send(SyncEvent::Network(after));
        }
    }

    pub(crate) fn moved(&self, dossiers: &[DossierId]) {
        for dossier in dossiers {
            let _ = self.events.send(SyncEvent::ItemMoved(*dossier));
        }
    }

    pub(crate) fn confirmed(&self, at: Timestamp) {
        self.change(|n| (n.online, n.last_confirmed, n.failure) = (true, Some(at), None));
    }

    pub(crate) fn remember(&self, at: Option<Timestamp>) {
        self.change(|n| n.last_confirmed = n.last_confirmed.or(at));
    }

    fn failed(&self, failure: Failure) {
        self.change(|n| {
            n.online = n.online && failure.scope() == Scope::Machine;
            n.failure = Some(failure);
        });
    }
}

type Order = std::sync::mpsc::Sender<Pass>;

/// A running engine.
pub struct Engine {
    shared: Arc<Shared>,
    orders: mpsc::Sender<Order>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("network", &self.network()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the task on `handle`. A link that cannot be used (a root that does not parse) shows as
    /// [`Failure::Certificate`] in [`Self::network`].
    #[must_use]
    pub fn start(handle: &tokio::runtime::Handle, options: EngineOptions) -> Self {
        let (events, _) = broadcast::channel(EVENTS_MAX);
        let shared = Arc::new(Shared { network: Mutex::default(), events, kick: Notify::new() });
        let (orders, inbox) = mpsc::channel(ORDERS_MAX);
        let (stop, stopped) = watch::channel(false);
        let task = handle.spawn(run(options, Arc::clone(&shared), inbox, stopped));
        Self { shared, orders, stop, task }
    }

    /// Something was sealed, or the network came back: look now.
    pub fn kick(&self) {
        self.shared.kick.notify_one();
    }

    /// A person pressed "Gửi ngay": everything that waits gets its turn, whatever it waited for. Blocks until the
    /// pass is over, at most a minute and a half; call it off the runtime's own threads.
    #[must_use]
    pub fn send_now(&self) -> Pass {
        let (answer, pass) = std::sync::mpsc::channel();
        if self.orders.try_send(answer).is_err() {
            return Pass { failure: self.network().failure, ..Pass::default() };
        }
        pass.recv_timeout(SEND_NOW_WAIT_MAX).unwrap_or_else(|_| Pass { failure: self.network().failure, ..Pass::default() })
    }

    /// The link as it is now.
    #[must_use]
    pub fn network(&self) -> Network {
        *self.shared.network()
    }

    /// Hears of every move; one that falls behind misses events, never state.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<SyncEvent> {
        self.shared.events.subscribe()
    }

    /// Ends the step under way and the task.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

async fn run(options: EngineOptions, shared: Arc<Shared>, mut inbox: mpsc::Receiver<Order>, mut stop: watch::Receiver<bool>) {
    let floor = Floor::new(0);
    let client = match Client::new(&options.link, Now { clock: Arc::clone(&options.clock), floor: floor.clone() }) {
        Ok(client) => client,
        Err(failure) => return shared.failed(failure),
    };
    let db = Db(Arc::clone(&options.outbox));
    let first = spread(options.boot_jitter_max, system_random());
    let mut worker =
        Worker { options, db, client, breaker: Breaker::default(), floor, shared: Arc::clone(&shared), stop: stop.clone(), outcomes: BTreeMap::new() };
    if let Err(failure) = worker.begin().await {
        shared.failed(failure);
    }
    let mut wake = Instant::now() + first;
    // A service that asked for rest is not disturbed by a kick, only by a person.
    let mut rest_until = Instant::now();
    loop {
        let order = tokio::select! {
            biased;
            _ = stop.wait_for(|stopped| *stopped) => return,
            order = inbox.recv() => match order { Some(order) => Some(order), None => return },
            () = shared.kick.notified() => None,
            () = tokio::time::sleep_until(wake) => None,
        };
        if order.is_none() && Instant::now() < rest_until {
            wake = rest_until;
            continue;
        }
        let link = one_pass(&mut worker, order, &mut inbox).await;
        let queue = worker.queue().await.unwrap_or_default();
        let wait = plan::wait(link, queue, worker.now_ms(), system_random());
        wake = Instant::now() + wait;
        if matches!(link.failure, Some(Failure::Server { retry_after: Some(_) })) {
            rest_until = wake;
        }
    }
}

async fn one_pass(worker: &mut Worker, order: Option<Order>, inbox: &mut mpsc::Receiver<Order>) -> LinkState {
    let shared = Arc::clone(&worker.shared);
    shared.change(|n| n.sending = true);
    // Whoever has pressed by now is answered by this pass; whoever presses during it gets the next one.
    let orders: Vec<Order> = order.into_iter().chain(std::iter::from_fn(|| inbox.try_recv().ok())).collect();
    if !orders.is_empty() {
        // Pressed by a person: nothing keeps waiting for its turn.
        let _ = worker.db.run(|o| store::tables::item::due_at_once(o.db())).await;
    }
    let failure = worker.pass().await.err();
    if let Some(failure) = failure {
        worker.breaker.failed(failure);
        shared.failed(failure);
        tracing::info!(why = failure.as_str(), failures = worker.breaker.failures(), "the pass ended early");
    }
    shared.change(|n| n.sending = false);
    let items = worker.report().await.unwrap_or_default();
    let pass = Pass { items, failure, finished: true };
    for order in orders {
        let _ = order.send(pass.clone());
    }
    LinkState { failure, failures: worker.breaker.failures() }
}

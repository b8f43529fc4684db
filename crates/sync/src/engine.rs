//! The one task that syncs: wakes on a kick, on its own timer and when a person presses "Gửi ngay".
//!
//! **Invariant:** one pass at a time; `stop` lets the step under way end its attempt, so that closing the program
//! never looks like a crash.

use crate::backoff::{spread, system_random};
use crate::breaker::Breaker;
use crate::client::Client;
use crate::pass::{Db, Worker};
use crate::plan::{self, LinkState, Settling};
use crate::state::{EngineOptions, Network, Pass, Shared, SyncEvent};
use crate::suspicion::Suspicion;
use crate::time::Floor;
use crate::tls::Now;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// A person at the counter is answered within this; the pass itself goes on behind it.
const SEND_NOW_WAIT_MAX: Duration = Duration::from_secs(90);
/// Presses of "Gửi ngay" that wait for one answer.
const ORDERS_MAX: usize = 16;

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
        f.debug_struct("Engine")
            .field("network", &self.network())
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the task on `handle`. A link that cannot be used (a root that does not parse) shows as
    /// [`crate::Failure::Certificate`] in [`Self::network`].
    #[must_use]
    pub fn start(handle: &tokio::runtime::Handle, options: EngineOptions) -> Self {
        let shared = Arc::new(Shared::new());
        let (orders, inbox) = mpsc::channel(ORDERS_MAX);
        let (stop, stopped) = watch::channel(false);
        let task = handle.spawn(run(options, Arc::clone(&shared), inbox, stopped));
        Self {
            shared,
            orders,
            stop,
            task,
        }
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
            return Pass {
                failure: self.network().failure,
                ..Pass::default()
            };
        }
        pass.recv_timeout(SEND_NOW_WAIT_MAX).unwrap_or_else(|_| Pass {
            failure: self.network().failure,
            ..Pass::default()
        })
    }

    /// The link as it is now.
    #[must_use]
    pub fn network(&self) -> Network {
        self.shared.now()
    }

    /// Hears of every move; one that falls behind misses events, never state.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<SyncEvent> {
        self.shared.subscribe()
    }

    /// Ends the step under way and the task.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

async fn run(
    options: EngineOptions,
    shared: Arc<Shared>,
    mut inbox: mpsc::Receiver<Order>,
    mut stop: watch::Receiver<bool>,
) {
    let floor = Floor::new(0);
    let client = match Client::new(
        &options.link,
        Now {
            clock: Arc::clone(&options.clock),
            floor: floor.clone(),
        },
    ) {
        Ok(client) => client,
        Err(failure) => return shared.failed(failure),
    };
    let db = Db(Arc::clone(&options.outbox));
    let first = spread(options.boot_jitter_max, system_random());
    let mut worker = Worker {
        options,
        db,
        client,
        breaker: Breaker::default(),
        floor,
        shared: Arc::clone(&shared),
        stop: stop.clone(),
        outcomes: BTreeMap::new(),
        loads: Vec::new(),
        suspicion: Suspicion::default(),
        bytes_left: BTreeMap::new(),
        durable: None,
        settling: Settling::default(),
        asked: None,
        more_status: false,
        pages: 0,
        scans_rest_until: None,
        published: None,
        catalogue_since: None,
        refused_catalogue: None,
    };
    if let Err(failure) = worker.begin().await {
        shared.failed(failure);
    }
    let mut wake = Instant::now() + first;
    // A service that asked for rest, or that nobody understands, is not disturbed by a kick, only by a person.
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
        // What a person asked meanwhile may have ended the rest.
        rest_until = if plan::rests(link.failure) {
            wake
        } else {
            Instant::now()
        };
    }
}

async fn one_pass(worker: &mut Worker, order: Option<Order>, inbox: &mut mpsc::Receiver<Order>) -> LinkState {
    let shared = Arc::clone(&worker.shared);
    shared.sending(true);
    // Whoever has pressed by now is answered by this pass; whoever presses during it gets the next one.
    let orders: Vec<Order> = order
        .into_iter()
        .chain(std::iter::from_fn(|| inbox.try_recv().ok()))
        .collect();
    if !orders.is_empty() {
        // Pressed by a person: nothing keeps waiting for its turn. Whether there is room for files is asked anew, with
        // the pass's first question.
        worker.scans_rest_until = None;
        let _ = worker.db.run(|o| store::tables::item::due_at_once(o.db())).await;
    }
    let failure = worker.pass().await.err();
    if let Some(failure) = failure {
        worker.breaker.failed(failure);
        shared.failed(failure);
        tracing::info!(
            why = failure.as_str(),
            failures = worker.breaker.failures(),
            "the pass ended early"
        );
    } else {
        worker.breaker.worked();
    }
    shared.sending(false);
    let items = worker.report().await.unwrap_or_default();
    let pass = Pass {
        items,
        // Whoever pressed is told why the last of it did not come through, be it a dossier's own failure or the link's.
        failure: failure.or(worker.suspicion.unanswered()),
        finished: true,
    };
    for order in orders {
        let _ = order.send(pass.clone());
    }
    LinkState {
        failure,
        failures: worker.breaker.failures(),
    }
}

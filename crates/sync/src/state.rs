//! What the engine is given, what it tells, and what its task and its owner both see.

use crate::failure::{Failure, Scope};
use domain::delivery::Delivery;
use domain::ids::{DeviceId, DossierId};
use jiff::Timestamp;
use seal::keys::{SigningKey, VerifyKey};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Outbox, SealedFiles};
use tokio::sync::{Notify, broadcast};

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

/// Where a published catalogue goes. Whoever keeps it verifies it: here it is bytes under a name.
pub trait CatalogueKeeper: Send + Sync {
    /// The province's catalogue that is in use, by the hash of its manifest.
    fn held(&self) -> Option<[u8; 32]>;
    /// Believes and stores it, or does not; `now` is the province's own signed time. Answers whether it was taken.
    fn take(&self, bytes: &[u8], now: Timestamp) -> bool;
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
    pub catalogue: Arc<dyn CatalogueKeeper>,
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
    /// How the province sees this machine, or its certificate, is other than before.
    Device,
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
    pub(crate) kick: Notify,
}

impl Shared {
    pub(crate) fn new() -> Self {
        let (events, _) = broadcast::channel(EVENTS_MAX);
        Self {
            network: Mutex::default(),
            events,
            kick: Notify::new(),
        }
    }

    fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Network {
        *self.network()
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<SyncEvent> {
        self.events.subscribe()
    }

    pub(crate) fn sending(&self, sending: bool) {
        self.change(|n| n.sending = sending);
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

    pub(crate) fn device(&self) {
        let _ = self.events.send(SyncEvent::Device);
    }

    pub(crate) fn confirmed(&self, at: Timestamp) {
        self.change(|n| (n.online, n.last_confirmed, n.failure) = (true, Some(at), None));
    }

    pub(crate) fn remember(&self, at: Option<Timestamp>) {
        self.change(|n| n.last_confirmed = n.last_confirmed.or(at));
    }

    pub(crate) fn failed(&self, failure: Failure) {
        self.change(|n| {
            n.online = n.online && failure.scope() == Scope::Machine;
            n.failure = Some(failure);
        });
    }
}

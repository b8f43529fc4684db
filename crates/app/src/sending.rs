//! The sender of this kiosk: started once it is enrolled, and what people are told of the line.
//!
//! **Invariant:** a drill never has one.

use crate::catalogue::Keeper;
use crate::clock;
use crate::events::AppEvent;
use crate::kiosk::{App, Ground, locked};
use crate::problem::{Problem, ProblemCode};
use crate::trouble;
use crate::views::NetworkView;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::broadcast;

/// Kept after the province holds a dossier durably.
const KEEP_AFTER_DURABLE: jiff::SignedDuration = jiff::SignedDuration::from_hours(72);

/// The engine, and what it runs on.
#[derive(Default)]
pub(crate) struct Sending {
    engine: Mutex<Option<Arc<sync::Engine>>>,
    runtime: Mutex<Option<Handle>>,
    boot_jitter_max: Duration,
}

impl Sending {
    /// Not yet; with a random wait of at most so long before the first sync.
    pub fn after(boot_jitter_max: Duration) -> Self {
        Self {
            boot_jitter_max,
            ..Self::default()
        }
    }

    pub fn runs_on(&self, handle: &Handle) {
        *locked(&self.runtime) = Some(handle.clone());
    }
}

impl App {
    /// Stops sending, where it was begun.
    pub(crate) fn stop_engine(&self) {
        let engine = locked(&self.sending.engine).take().and_then(Arc::into_inner);
        if let (Some(engine), Ok(handle)) = (engine, self.handle()) {
            handle.block_on(engine.stop());
        }
    }

    /// Starts the engine if the kiosk is enrolled and it does not run yet.
    pub(crate) fn start_engine(&self) -> Result<(), Problem> {
        if self.ground == Ground::Drill {
            return Ok(());
        }
        let mut engine = locked(&self.sending.engine);
        let (Some(enrolment), Ok(handle), None) = (self.enrolment()?, self.handle(), engine.as_ref()) else {
            return Ok(());
        };
        let root_der = enrolment.offer.root_der()?;
        let (device, key) = self.device_key()?;
        let link = sync::Link {
            service_url: enrolment.service_url,
            root_der,
            signing_key: enrolment.offer.signing_key,
            device,
            device_key: Arc::new(key),
        };
        let started = sync::Engine::start(
            &handle,
            sync::EngineOptions {
                outbox: Arc::clone(&self.outbox),
                files: self.files.clone(),
                link,
                clock: self.clock.as_fn(),
                app_version: env!("CARGO_PKG_VERSION").into(),
                keep_after_durable: KEEP_AFTER_DURABLE,
                boot_jitter_max: self.sending.boot_jitter_max,
                catalogue: Arc::new(self.keeper(enrolment.offer.signing_key)),
            },
        );
        self.forward(started.subscribe(), &handle);
        *engine = Some(Arc::new(started));
        Ok(())
    }

    /// Whoever a published catalogue is handed to, however it came.
    pub(crate) fn keeper(&self, key: seal::keys::VerifyKey) -> Keeper {
        Keeper {
            shelf: Arc::clone(&self.shelf),
            outbox: Arc::clone(&self.outbox),
            key,
            events: self.events_sender(),
        }
    }

    fn forward(&self, mut from: broadcast::Receiver<sync::SyncEvent>, handle: &Handle) {
        let events = self.events_sender();
        handle.spawn(async move {
            loop {
                let event = match from.recv().await {
                    Ok(sync::SyncEvent::ItemMoved(_)) | Err(broadcast::error::RecvError::Lagged(_)) => {
                        AppEvent::Outbox
                    }
                    Ok(sync::SyncEvent::Device) => AppEvent::Kiosk,
                    Ok(sync::SyncEvent::Network(network)) => AppEvent::Network {
                        network: network_view(&network),
                    },
                    Err(broadcast::error::RecvError::Closed) => return,
                };
                // Nobody listening is no failure: every window asks for the whole view when it opens.
                let _ = events.send(event);
            }
        });
    }

    pub(crate) fn handle(&self) -> Result<Handle, Problem> {
        locked(&self.sending.runtime)
            .clone()
            .ok_or_else(|| ProblemCode::Internal.into())
    }

    /// Wakes the sender: something was sealed.
    pub(crate) fn kick(&self) {
        if let Some(engine) = self.engine() {
            engine.kick();
        }
    }

    /// The sender, if the kiosk is enrolled. A share of its own: a long "Gửi ngay" holds up nobody.
    pub(crate) fn engine(&self) -> Option<Arc<sync::Engine>> {
        locked(&self.sending.engine).clone()
    }

    pub(crate) fn network(&self) -> NetworkView {
        self.engine()
            .map(|engine| network_view(&engine.network()))
            .unwrap_or(NetworkView {
                online: false,
                last_confirmed_at: None,
                trouble: None,
                next: None,
                sending: false,
            })
    }
}

/// Sync's own words for the link, as a person reads them.
pub(crate) fn network_view(network: &sync::Network) -> NetworkView {
    NetworkView {
        online: network.online,
        last_confirmed_at: network
            .last_confirmed
            .map(|t| clock::minute_and_day(t.as_millisecond())),
        trouble: network.failure.map(Problem::from),
        next: network.failure.map(trouble::next_step),
        sending: network.sending,
    }
}

//! A province and one enrolled kiosk in this process: the real service behind real sockets, the real engine, the real
//! store, and a desk that seals noise.

use anyhow::{Result, bail};
use domain::ids::DeviceId;
use seal::certificate::DeviceClass;
use seal::keys::SigningKey;
use service::admin::Admin;
use service::serve::Running;
use service::{ServeOptions, Service};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Outbox, SealedFiles};
use stories::desk::Desk;
use sync::enrol::{self, EnrolOutcome};
use sync::{Engine, EngineOptions, Link};
use tokio::runtime::{Handle, Runtime};
use wire::enrol::EnrolRequest;

/// What the runtime of the service's own program allows.
pub const THREADS_MAX: usize = 512;

/// Both sides.
pub struct Place {
    pub runtime: Runtime,
    pub running: Option<Running>,
    pub province: PathBuf,
}

/// One enrolled kiosk.
pub struct Counter {
    pub folder: PathBuf,
    pub link: Link,
    pub desk: Desk,
}

impl Place {
    /// Serves a new province in `folder`.
    pub fn open(folder: &Path) -> Result<Self> {
        let usual = ServeOptions::local("").uploads_max;
        Self::open_with(folder, THREADS_MAX, usual)
    }

    /// With fewer threads for what blocks, and other permits for files.
    pub fn open_with(folder: &Path, threads_max: usize, uploads_max: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(threads_max)
            .enable_all()
            .build()?;
        let province = folder.join("province");
        let options = ServeOptions {
            uploads_max,
            ..ServeOptions::local(&province)
        };
        let running = runtime.block_on(Service::start(options))?;
        Ok(Self {
            runtime,
            running: Some(running),
            province,
        })
    }

    pub fn url(&self) -> Result<String> {
        match &self.running {
            Some(running) => Ok(running.kiosk_url.clone()),
            None => bail!("the province does not run"),
        }
    }

    pub fn admin(&self) -> Result<Admin> {
        Ok(Admin::open(&self.province)?)
    }

    /// Enrols a kiosk whose data lies in `folder`.
    pub fn enrol(&self, folder: &Path) -> Result<Counter> {
        enrol(self.runtime.handle(), &self.url()?, &self.province, folder)
    }

    /// Starts the engine of a counter against `url`.
    pub fn engine(&self, counter: &Counter, url: &str) -> Result<Engine> {
        counter.engine(self.runtime.handle(), url)
    }

    /// Stops the service.
    pub fn close(mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}

/// Enrols a kiosk whose data lies in `folder` with the province that serves at `url` from `province`.
pub fn enrol(runtime: &Handle, url: &str, province: &Path, folder: &Path) -> Result<Counter> {
    std::fs::create_dir_all(folder)?;
    let device = SigningKey::generate()?;
    let id = DeviceId(seal::random::uuid()?);
    let mut admin = Admin::open(province)?;
    let request = EnrolRequest {
        code: admin.new_code()?.code,
        device_key: device.verify_key(),
        device_id: id,
        class: DeviceClass::CounterSoftware,
        counter_name: "Quầy thử sức bền".into(),
        hostname_hint: None,
    };
    let (offer, _) = enrol::begin(runtime, url, &request)?;
    admin.approve_device(&id)?;
    let EnrolOutcome::Approved { device_epoch, .. } = enrol::check(runtime, url, &offer)? else {
        bail!("the device was not approved")
    };
    let desk = Desk::new(
        folder,
        offer.offer.recipients.clone(),
        SigningKey::from_seed(&device.seed()),
        *id.as_bytes(),
        device_epoch,
    )?;
    let link = Link {
        service_url: url.to_owned(),
        root_der: offer.root_der()?,
        signing_key: offer.offer.signing_key,
        device: id,
        device_key: Arc::new(device),
    };
    Ok(Counter {
        folder: folder.to_owned(),
        link,
        desk,
    })
}

impl Counter {
    /// Starts the real engine on this counter's folder, sending to `url`.
    pub fn engine(&self, runtime: &Handle, url: &str) -> Result<Engine> {
        let mut link = self.link.clone();
        url.clone_into(&mut link.service_url);
        engine(&self.folder, &link, runtime)
    }
}

/// Starts the real engine on a folder.
pub fn engine(folder: &Path, link: &Link, runtime: &Handle) -> Result<Engine> {
    Ok(Engine::start(
        runtime,
        EngineOptions {
            outbox: Arc::new(Mutex::new(Outbox::open(folder)?)),
            files: SealedFiles::open(folder)?,
            link: link.clone(),
            clock: Arc::new(jiff::Timestamp::now),
            app_version: "torture".into(),
            keep_after_durable: jiff::SignedDuration::from_hours(72),
            boot_jitter_max: Duration::ZERO,
            catalogue: Arc::new(stories::desk::NoCatalogue),
        },
    ))
}

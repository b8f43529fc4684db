//! A province and its enrolled kiosks in this process: the real service behind real sockets, the real store, the real
//! engine, and desks that seal noise.

use crate::desk::{Desk, NoCatalogue};
use anyhow::{Context as _, Result, ensure};
use domain::ids::{DeviceId, DossierId};
use seal::certificate::DeviceClass;
use seal::keys::SigningKey;
use service::admin::Admin;
use service::limits::UPLOADS_MAX;
use service::serve::Running;
use service::{ServeOptions, Service};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::tables::item;
use store::{Outbox, SealedFiles};
use sync::enrol::{self, EnrolOutcome};
use sync::{Engine, EngineOptions, Link};
use tempfile::TempDir;
use tokio::runtime::{Handle, Runtime};
use wire::enrol::EnrolRequest;

/// What the runtime of the service's own program allows.
pub const THREADS_MAX: usize = 512;

/// A province that serves.
pub struct Place {
    pub runtime: Runtime,
    pub running: Running,
    /// Its folder.
    pub province: PathBuf,
    /// Where it is nobody else's: the folder of both.
    own: Option<TempDir>,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place")
            .field("province", &self.province)
            .finish_non_exhaustive()
    }
}

/// One kiosk that a province has approved.
pub struct Enrolled {
    pub folder: PathBuf,
    pub link: Link,
    pub desk: Desk,
}

impl std::fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolled")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Place {
    /// Serves a new province in `folder`.
    ///
    /// # Errors
    /// Where the service does not start.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_with(folder, THREADS_MAX, UPLOADS_MAX)
    }

    /// With so many threads for what blocks, and so many places for files.
    ///
    /// # Errors
    /// As [`Self::open`].
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
            running,
            province,
            own: None,
        })
    }

    /// A new province and one kiosk of it, in a folder of their own on this disk.
    ///
    /// # Errors
    /// Where the service does not start or the enrolment is not taken.
    pub fn with_a_kiosk() -> Result<(Self, Enrolled)> {
        Self::with_a_kiosk_and(UPLOADS_MAX)
    }

    /// The same with so many places for files.
    ///
    /// # Errors
    /// As [`Self::with_a_kiosk`].
    pub fn with_a_kiosk_and(uploads_max: usize) -> Result<(Self, Enrolled)> {
        let own = tempfile::tempdir_in(".")?;
        let mut place = Self::open_with(own.path(), THREADS_MAX, uploads_max)?;
        let kiosk = place.enrol(&own.path().join("kiosk"))?;
        place.own = Some(own);
        Ok((place, kiosk))
    }

    /// Enrols a kiosk whose data lies in `folder`.
    ///
    /// # Errors
    /// Where the enrolment is not taken: at most sixty are in a minute.
    pub fn enrol(&self, folder: &Path) -> Result<Enrolled> {
        enrol(self.runtime.handle(), self.url(), &self.province, folder)
    }

    /// Where kiosks find it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.running.kiosk_url
    }

    /// # Errors
    /// The administration's.
    pub fn admin(&self) -> Result<Admin> {
        Ok(Admin::open(&self.province)?)
    }

    /// The engine of a kiosk, sending to `url`.
    ///
    /// # Errors
    /// Those of opening its disk.
    pub fn engine(&self, kiosk: &Enrolled, url: &str) -> Result<Engine> {
        kiosk.engine(self.runtime.handle(), url)
    }

    /// Stops the service.
    pub fn close(self) {
        self.runtime.block_on(self.running.stop());
    }
}

/// Enrols a kiosk whose data lies in `folder` with the province that serves at `url` from `province`: asked for,
/// approved, with its link and a desk to seal at.
///
/// # Errors
/// Where the enrolment is not taken.
pub fn enrol(runtime: &Handle, url: &str, province: &Path, folder: &Path) -> Result<Enrolled> {
    std::fs::create_dir_all(folder)?;
    let device = SigningKey::generate()?;
    let id = DeviceId(seal::random::uuid()?);
    let mut admin = Admin::open(province)?;
    let request = EnrolRequest {
        code: admin.new_code()?.code,
        device_key: device.verify_key(),
        device_id: id,
        class: DeviceClass::CounterSoftware,
        counter_name: "Quầy thử".into(),
        hostname_hint: None,
    };
    let (offer, _) = enrol::begin(runtime, url, &request)?;
    admin.approve_device(&id)?;
    let EnrolOutcome::Approved { device_epoch, .. } = enrol::check(runtime, url, &offer)? else {
        anyhow::bail!("the device was not approved")
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
    Ok(Enrolled {
        folder: folder.to_owned(),
        link,
        desk,
    })
}

impl Enrolled {
    /// Starts the real engine on this kiosk's folder, sending to `url`.
    ///
    /// # Errors
    /// Those of opening its disk.
    pub fn engine(&self, runtime: &Handle, url: &str) -> Result<Engine> {
        engine(&self.folder, &self.link, url, runtime)
    }
}

/// Starts the real engine on a folder, sending to `url`.
///
/// # Errors
/// Those of opening its disk.
pub fn engine(folder: &Path, link: &Link, url: &str, runtime: &Handle) -> Result<Engine> {
    let outbox = Arc::new(Mutex::new(Outbox::open(folder)?));
    let mut link = link.clone();
    url.clone_into(&mut link.service_url);
    let files = SealedFiles::open(folder)?;
    Ok(engine_over(outbox, files, link, runtime, Duration::ZERO))
}

/// Starts the real engine over an outbox that somebody else looks at as well.
#[must_use]
pub fn engine_over(
    outbox: Arc<Mutex<Outbox>>,
    files: SealedFiles,
    link: Link,
    runtime: &Handle,
    boot_jitter_max: Duration,
) -> Engine {
    Engine::start(
        runtime,
        EngineOptions {
            outbox,
            files,
            link,
            clock: Arc::new(jiff::Timestamp::now),
            app_version: "tests".into(),
            keep_after_durable: jiff::SignedDuration::from_hours(72),
            boot_jitter_max,
            catalogue: Arc::new(NoCatalogue),
        },
    )
}

/// Sends until every one of `dossiers` has the province's signed acknowledgement; a pass that was under way may have
/// taken them already.
///
/// # Errors
/// Where one has it not.
pub fn send(engine: &Engine, desk: &Desk, dossiers: &[DossierId]) -> Result<()> {
    let pass = engine.send_now();
    for dossier in dossiers {
        let row = item::get(desk.outbox.db(), dossier)?.context("a dossier is not in the queue")?;
        ensure!(row.delivery.is_acknowledged(), "not acknowledged: {pass:?}");
    }
    Ok(())
}

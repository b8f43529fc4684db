//! A province and its enrolled kiosks in this process: the real service, the real store, the real engine.

use crate::desk::{Desk, NoCatalogue};
use anyhow::{Context as _, ensure};
use domain::ids::{DeviceId, DossierId};
use seal::certificate::DeviceClass;
use seal::keys::SigningKey;
use service::serve::Running;
use service::{ServeOptions, Service, admin::Admin};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::tables::item;
use store::{Outbox, SealedFiles};
use sync::enrol::{self, EnrolOutcome};
use sync::{Engine, EngineOptions, Link};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wire::enrol::EnrolRequest;

const PROVINCE: &str = "province";
/// The first kiosk's folder.
const KIOSK: &str = "kiosk";

/// Both sides, running.
pub struct Place {
    pub runtime: Runtime,
    pub running: Running,
    pub desk: Desk,
    link: Link,
    pub dir: TempDir,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

/// One more kiosk of the same province.
pub struct Neighbour {
    pub desk: Desk,
    link: Link,
    folder: PathBuf,
}

impl std::fmt::Debug for Neighbour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Neighbour")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Place {
    /// Serves a new province and enrols one kiosk with it.
    ///
    /// # Errors
    /// Where the service does not start or the enrolment is not taken.
    pub fn open() -> anyhow::Result<Self> {
        Self::open_with(service::limits::UPLOADS_MAX)
    }

    /// As [`Self::open`], with so many places for files.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(uploads_max: usize) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let dir = tempfile::tempdir_in(".")?;
        let options = ServeOptions {
            uploads_max,
            ..ServeOptions::local(dir.path().join(PROVINCE))
        };
        let running = runtime.block_on(Service::start(options))?;
        let (desk, link) = enrolled(
            &runtime,
            &running,
            &dir.path().join(PROVINCE),
            &dir.path().join(KIOSK),
        )?;
        Ok(Self {
            runtime,
            running,
            desk,
            link,
            dir,
        })
    }

    /// Enrols one more kiosk, with its disk in this folder.
    ///
    /// # Errors
    /// Where the enrolment is not taken: at most sixty are in a minute.
    pub fn neighbour(&self, folder: PathBuf) -> anyhow::Result<Neighbour> {
        let (desk, link) = enrolled(&self.runtime, &self.running, &self.path(PROVINCE), &folder)?;
        Ok(Neighbour { desk, link, folder })
    }

    /// The engine of a neighbour.
    ///
    /// # Errors
    /// Those of opening its disk.
    pub fn engine_of(&self, kiosk: &Neighbour) -> anyhow::Result<Engine> {
        start(&self.runtime, &kiosk.folder, kiosk.link.clone())
    }

    /// `host:port` of the kiosks' side of the service.
    ///
    /// # Errors
    /// None that happens.
    pub fn address(&self) -> anyhow::Result<String> {
        let url = self.running.kiosk_url.trim_end_matches('/');
        Ok(url.strip_prefix("https://").context("not https")?.to_owned())
    }

    /// The kiosk's engine, sending to `url`.
    ///
    /// # Errors
    /// Those of opening its disk.
    pub fn engine(&self, url: &str) -> anyhow::Result<Engine> {
        let mut link = self.link.clone();
        url.clone_into(&mut link.service_url);
        start(&self.runtime, &self.path(KIOSK), link)
    }

    /// A path in the folder of both.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Stops the service.
    pub fn close(self) {
        self.runtime.block_on(self.running.stop());
    }
}

/// A new kiosk with its disk in `folder`: asked for, approved, with its link and a desk to seal at.
fn enrolled(
    runtime: &Runtime,
    running: &Running,
    province: &Path,
    folder: &Path,
) -> anyhow::Result<(Desk, Link)> {
    let device = SigningKey::generate()?;
    let id = DeviceId(seal::random::uuid()?);
    let mut admin = Admin::open_at(province, service::system_clock())?;
    let request = EnrolRequest {
        code: admin.new_code()?.code,
        device_key: device.verify_key(),
        device_id: id,
        class: DeviceClass::CounterSoftware,
        counter_name: "Quầy đo".into(),
        hostname_hint: None,
    };
    let (offer, _) = enrol::begin(runtime.handle(), &running.kiosk_url, &request)?;
    admin.approve_device(&id)?;
    let EnrolOutcome::Approved { device_epoch, .. } =
        enrol::check(runtime.handle(), &running.kiosk_url, &offer)?
    else {
        anyhow::bail!("the device was not approved")
    };
    std::fs::create_dir_all(folder)?;
    let desk = Desk::new(
        folder,
        offer.offer.recipients.clone(),
        SigningKey::from_seed(&device.seed()),
        *id.as_bytes(),
        device_epoch,
    )?;
    let link = Link {
        service_url: running.kiosk_url.clone(),
        root_der: offer.root_der()?,
        signing_key: offer.offer.signing_key,
        device: id,
        device_key: Arc::new(device),
    };
    Ok((desk, link))
}

fn start(runtime: &Runtime, folder: &Path, link: Link) -> anyhow::Result<Engine> {
    Ok(Engine::start(
        runtime.handle(),
        EngineOptions {
            catalogue: Arc::new(NoCatalogue),
            outbox: Arc::new(Mutex::new(Outbox::open(folder)?)),
            files: SealedFiles::open(folder)?,
            link,
            clock: Arc::new(jiff::Timestamp::now),
            app_version: "bench".into(),
            keep_after_durable: jiff::SignedDuration::from_hours(72),
            boot_jitter_max: Duration::ZERO,
        },
    ))
}

/// Sends until every one of `dossiers` has the province's signed acknowledgement; a pass that was under way may have
/// taken them already.
///
/// # Errors
/// Where one has it not.
pub fn send(engine: &Engine, desk: &Desk, dossiers: &[DossierId]) -> anyhow::Result<()> {
    let pass = engine.send_now();
    for dossier in dossiers {
        let row = item::get(desk.outbox.db(), dossier)?.context("a dossier is not in the queue")?;
        ensure!(row.delivery.is_acknowledged(), "not acknowledged: {pass:?}");
    }
    Ok(())
}

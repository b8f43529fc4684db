//! A dossier of 16 MiB from the kiosk's engine to the signed acknowledgement of a real service (TLS, hashes,
//! fsync, commit), against the same bytes over a bare loopback socket into a synced file.

use crate::sides::{Figure, Gate, timed};
use anyhow::{Context as _, ensure};
use domain::ids::DeviceId;
use seal::certificate::DeviceClass;
use seal::keys::SigningKey;
use service::{ServeOptions, Service, admin::Admin};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Outbox, SealedFiles};
use stories::desk::{Desk, noise};
use sync::enrol::{self, EnrolOutcome};
use sync::{Engine, EngineOptions, Link};
use wire::enrol::EnrolRequest;

const BYTES: usize = 16 * 1024 * 1024;

pub fn upload_over_loopback(rounds: usize) -> anyhow::Result<Figure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let dir = tempfile::tempdir_in(".")?;
    let running = runtime.block_on(Service::start(ServeOptions::local(dir.path().join("province"))))?;
    let device = SigningKey::generate()?;
    let id = DeviceId(seal::random::uuid()?);
    let mut admin = Admin::open_at(dir.path().join("province"), service::system_clock())?;
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
    let kiosk = dir.path().join("kiosk");
    std::fs::create_dir_all(&kiosk)?;
    let mut desk = Desk::new(
        &kiosk,
        offer.offer.recipients.clone(),
        SigningKey::from_seed(&device.seed()),
        *id.as_bytes(),
        device_epoch,
    )?;
    let engine = Engine::start(
        runtime.handle(),
        EngineOptions {
            catalogue: Arc::new(stories::desk::NoCatalogue),
            outbox: Arc::new(Mutex::new(Outbox::open(&kiosk)?)),
            files: SealedFiles::open(&kiosk)?,
            link: Link {
                service_url: running.kiosk_url.clone(),
                root_der: offer.root_der()?,
                signing_key: offer.offer.signing_key,
                device: id,
                device_key: Arc::new(device),
            },
            clock: Arc::new(jiff::Timestamp::now),
            app_version: "bench".into(),
            keep_after_durable: jiff::SignedDuration::from_hours(72),
            boot_jitter_max: Duration::ZERO,
        },
    );
    let raw = dir.path().join("raw");
    let payload = noise(BYTES, 77);
    let mut seed = 0;
    let figure = Figure::measure(
        ("upload of 16 MiB", Gate::AtMost(3.0)),
        (
            "sealed file to signed acknowledgement: TLS 1.3, hashes, fsync, commit",
            || {
                seed += 1;
                let dossier = desk.seal(&[noise(BYTES, seed)])?;
                timed(|| {
                    let pass = engine.send_now();
                    let item = pass
                        .items
                        .iter()
                        .find(|i| i.dossier == dossier)
                        .context("the dossier was not in the pass")?;
                    ensure!(
                        item.delivery.is_acknowledged(),
                        "not acknowledged: {:?}",
                        item.failure
                    );
                    Ok(())
                })
            },
        ),
        ("the same bytes over a bare socket into a synced file", || {
            timed(|| raw_copy(&raw, &payload))
        }),
        rounds,
    );
    runtime.block_on(engine.stop());
    runtime.block_on(running.stop());
    figure
}

fn raw_copy(to: &Path, payload: &[u8]) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let taken = take(&listener, to).err();
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = taken;
        });
        let mut socket = TcpStream::connect(address)?;
        socket.write_all(payload)?;
        socket.shutdown(std::net::Shutdown::Write)?;
        // One byte back: the file is on disk.
        socket.read_exact(&mut [0])?;
        anyhow::Ok(())
    })?;
    failed
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .map_or(Ok(()), Err)
}

fn take(listener: &TcpListener, to: &Path) -> anyhow::Result<()> {
    let (mut socket, _) = listener.accept()?;
    let mut file = File::create(to)?;
    std::io::copy(&mut socket, &mut file)?;
    file.sync_data()?;
    socket.write_all(&[1])?;
    Ok(())
}

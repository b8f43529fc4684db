//! Serving: bind both listeners first, then say where, then answer until told to stop.

use crate::admin::Admin;
use crate::app::{App, Clock, system_clock};
use crate::limits::{HEADER_TIME_MAX, STOP_TIME_MAX, UPLOADS_MAX};
use crate::mending::{Mended, Reading};
use crate::province::{self, DataDir, InitOptions, SERVER_CERTIFICATE, SERVER_KEY};
use crate::store::dossiers::Wanted;
use crate::store::meta;
use crate::{Refusal, ServiceError, certificates, lookup, mending, routes};
use axum::Router;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Streams of one HTTP/2 connection.
const STREAMS_MAX: u32 = 64;
/// Bytes of one HTTP/2 frame of an upload. A cut takes the frame that was on its way with it: with 64 KiB a hundred cuts
/// in 20 MB cost 1.4 times the bytes, which `torture --only cuts` forbids.
const FRAME_BYTES: u32 = 16 * 1024;
/// Bytes of an upload that may be under way unread, for one file and for one connection.
const STREAM_WINDOW: u32 = 2 * 1024 * 1024;
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;
/// A kiosk that does not answer a ping this long is gone.
const PING_EVERY: Duration = Duration::from_secs(20);
/// Where nothing changes, files are read on through this often.
const READ_ON_EVERY: Duration = Duration::from_secs(10 * 60);

/// What to serve and where.
#[derive(Clone)]
pub struct ServeOptions {
    pub data: PathBuf,
    /// For kiosks, TLS 1.3. Port 0 picks a free one.
    pub listen: SocketAddr,
    /// For citizens, plain HTTP.
    pub lookup: SocketAddr,
    /// Used where the directory is empty: it is made into a province first.
    pub init: InitOptions,
    pub clock: Clock,
    /// Makes a backup there again and again; from then on durable means "in the backup".
    pub backup: Option<BackupOptions>,
    /// Files that arrive at once, all devices together: each holds a thread for as long as its link takes.
    pub uploads_max: usize,
}

/// Where the running service keeps its second copy.
#[derive(Debug, Clone)]
pub struct BackupOptions {
    pub to: PathBuf,
    pub every: Duration,
}

impl ServeOptions {
    /// Loopback, free ports, the system's clock.
    #[must_use]
    pub fn local(data: impl Into<PathBuf>) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            data: data.into(),
            listen: any,
            lookup: any,
            init: InitOptions::default(),
            clock: system_clock(),
            backup: None,
            uploads_max: UPLOADS_MAX,
        }
    }
}

/// The service.
pub struct Service;

/// A service that is answering. Ends with [`Running::stop`].
pub struct Running {
    /// `https://127.0.0.1:8443`
    pub kiosk_url: String,
    /// `http://127.0.0.1:8080`
    pub lookup_url: String,
    /// What kiosks pin.
    pub root_der: Vec<u8>,
    pub kiosk_addr: SocketAddr,
    pub lookup_addr: SocketAddr,
    app: Arc<App>,
    handle: Handle<SocketAddr>,
    tasks: Vec<JoinHandle<std::io::Result<()>>>,
    backups: Option<JoinHandle<()>>,
    _lock: File,
}

fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServiceError> {
    let bound = || -> std::io::Result<_> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound().map_err(ServiceError::io("binding a listener"))
}

/// One service on a directory: two would hand out each other's uploads.
fn lock(dir: &DataDir) -> Result<File, ServiceError> {
    province::make_private_dir(dir.path())?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.lock_file());
    let file = file.map_err(ServiceError::io("opening the lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Refusal::AlreadyServed.into()),
        Err(std::fs::TryLockError::Error(source)) => Err(ServiceError::Io {
            what: "taking the lock",
            source,
        }),
    }
}

/// Slow headers are cut, dead connections noticed.
fn bounded(builder: &mut Builder<TokioExecutor>) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_frame_size(FRAME_BYTES)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(PING_EVERY);
}

impl Service {
    /// Makes the province where the directory is empty, binds, and answers in the background.
    ///
    /// # Errors
    /// [`Refusal::AlreadyServed`], [`ServiceError::Io`] where an address is taken, and those of the data directory.
    pub async fn start(options: ServeOptions) -> Result<Running, ServiceError> {
        let dir = DataDir::new(&options.data);
        let lock = lock(&dir)?;
        if !dir.settings_file().exists() {
            province::init(&dir, &options.init)?;
        }
        let tls = certificates::server_config(&dir.key_file(SERVER_CERTIFICATE), &dir.key_file(SERVER_KEY))?;
        let (kiosk_listener, kiosk_addr) = bind(options.listen)?;
        let (lookup_listener, lookup_addr) = bind(options.lookup)?;
        let lookup_url = format!("http://{lookup_addr}");
        let app = Arc::new(App::open(&dir, &lookup_url, options.clock, options.uploads_max)?);
        let backups = match options.backup {
            Some(backup) => Some(back_up(&app, dir.clone(), backup).await?),
            None => None,
        };
        let handle = Handle::new();
        // No delay on either: a small answer, and the word that more of an upload may come, must not wait for the other
        // side to acknowledge what went before.
        let tls = RustlsAcceptor::new(RustlsConfig::from_config(tls)).acceptor(NoDelayAcceptor::new());
        let starting = |source| ServiceError::Io {
            what: "starting a listener",
            source,
        };
        let mut kiosk = axum_server::from_tcp(kiosk_listener)
            .map_err(starting)?
            .acceptor(tls)
            .handle(handle.clone());
        let mut citizen = axum_server::from_tcp(lookup_listener)
            .map_err(starting)?
            .acceptor(NoDelayAcceptor::new())
            .handle(handle.clone());
        bounded(kiosk.http_builder());
        bounded(citizen.http_builder());
        let with_peer = Router::into_make_service_with_connect_info::<SocketAddr>;
        let tasks = vec![
            tokio::spawn(kiosk.serve(with_peer(routes::kiosk(Arc::clone(&app))))),
            tokio::spawn(citizen.serve(with_peer(lookup::public(Arc::clone(&app))))),
        ];
        Ok(Running {
            kiosk_url: format!("https://{kiosk_addr}"),
            lookup_url,
            root_der: root_der(&app)?,
            kiosk_addr,
            lookup_addr,
            app,
            handle,
            tasks,
            backups,
            _lock: lock,
        })
    }
}

/// Durable follows the backup from the first moment on; then one backup after another, where anything has changed.
async fn back_up(
    app: &Arc<App>,
    dir: DataDir,
    options: BackupOptions,
) -> Result<JoinHandle<()>, ServiceError> {
    let mut admin = Admin::open_at(dir.path(), app.clock())?;
    if !app.readers.read(meta::follows_backup).await? {
        admin.set_durable(true)?;
    }
    let mut keeper = Keeper {
        app: Arc::clone(app),
        dir,
        to: options.to,
        covered: None,
        nowhere: Vec::new(),
    };
    Ok(tokio::spawn(async move {
        loop {
            keeper.round().await;
            tokio::time::sleep(options.every).await;
        }
    }))
}

/// Who keeps the second copy.
struct Keeper {
    app: Arc<App>,
    dir: DataDir,
    to: PathBuf,
    /// What the last backup held, and since when nothing else was done.
    covered: Option<(meta::Changes, Instant)>,
    /// The dossiers that were told of last as perhaps nowhere.
    nowhere: Vec<Wanted>,
}

impl Keeper {
    /// A backup where something has changed; where nothing has, the reading goes on now and then.
    async fn round(&mut self) {
        let now = self.app.readers.read(meta::changes).await.ok();
        let quiet = self.covered.filter(|(covered, _)| Some(*covered) == now);
        match quiet {
            Some((_, since)) if since.elapsed() < READ_ON_EVERY => {}
            Some((covered, _)) => {
                let read = self.work(|admin, to| admin.read_on(to)).await;
                self.heard(read);
                self.covered = Some((covered, Instant::now()));
            }
            None => {
                let made = self.work(|admin, to| admin.backup(to, Reading::InTurn)).await;
                let made = made.map(|made| {
                    tracing::info!(lsn = made.covers.lsn, files = made.mended.files_copied, "backup");
                    self.covered = now.map(|now| (now, Instant::now()));
                    made.mended
                });
                self.heard(made);
            }
        }
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Admin, &Path) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let (to, dir, clock) = (self.to.clone(), self.dir.clone(), self.app.clock());
        let task = tokio::task::spawn_blocking(move || work(&mut Admin::open_at(dir.path(), clock)?, &to));
        task.await.unwrap_or(Err(ServiceError::Damaged("backup task")))
    }

    /// Tells the operators: damage each time, what perhaps nobody has where that is news.
    fn heard(&mut self, mended: Result<Mended, ServiceError>) {
        match mended {
            Ok(mended) => {
                mending::tell(&mended);
                if mended.perhaps_nowhere != self.nowhere {
                    mending::tell_of_nowhere(&mended.perhaps_nowhere);
                    self.nowhere = mended.perhaps_nowhere;
                }
            }
            // Kiosks keep everything until one succeeds.
            Err(error) => tracing::error!(%error, "the backup failed: nothing becomes durable"),
        }
    }
}

fn root_der(app: &App) -> Result<Vec<u8>, ServiceError> {
    let text = app.settings.root_der_b64.as_bytes();
    data_encoding::BASE64
        .decode(text)
        .map_err(|_| ServiceError::Damaged("root certificate"))
}

impl Running {
    /// Lets requests under way end, for a few seconds, commits what waits, and closes the database.
    pub async fn stop(self) {
        self.handle.graceful_shutdown(Some(STOP_TIME_MAX));
        for task in self.tasks {
            match task.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "a listener ended"),
                Err(error) => tracing::error!(%error, "a listener ended"),
            }
        }
        if let Some(backups) = self.backups {
            backups.abort();
        }
        let app = self.app;
        if let Err(error) = tokio::task::spawn_blocking(move || app.writer.stop()).await {
            tracing::error!(%error, "the writer did not end well");
        }
    }
}

//! The kiosk itself: its data folder, its keys, its catalogue, who is signed in, what is on the screens.

use crate::access::Needs;
use crate::catalogue::{Catalogue, Keeper, Shelf};
use crate::clock::{self, Clock};
use crate::commands::scanner::Scanning;
use crate::events::AppEvent;
use crate::handed_in::HandedIn;
use crate::keystroke::Keystroke;
use crate::mending;
use crate::printing::Unanswered;
use crate::problem::{Problem, ProblemCode};
use crate::room::Floor;
use crate::scan_folder;
use crate::screens::Screens;
use crate::session::Session;
use crate::views::NetworkView;
use crate::voice::{MachineVoice, Voice};
use domain::ids::{DeviceId, PaperFileId, QuestionId};
use domain::procedure::Procedure;
use domain::roles::OperatorRole;
use seal::certificate::{DeviceCertificate, DeviceClass};
use seal::keys::SigningKey;
use seal::wrap::{self, Wrapped};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::guard::{FileGuard, KeyGuard};
use store::instance::InstanceLock;
use store::tables::{item, setting};
use store::{Outbox, SealedFiles};
use tokio::runtime::Handle;
use tokio::sync::broadcast;
use zeroize::Zeroizing;

/// Events that a slow window may fall behind before it is sent the whole view again.
const EVENTS_BUFFERED_MAX: usize = 256;
/// Kept after the province holds a dossier durably.
const KEEP_AFTER_DURABLE: jiff::SignedDuration = jiff::SignedDuration::from_hours(72);

/// How to open a kiosk.
#[derive(Debug, Clone)]
pub struct KioskOptions {
    pub data_dir: PathBuf,
    pub clock: Clock,
    /// A random wait before the first sync, so that a thousand kiosks do not call at eight sharp.
    pub boot_jitter_max: std::time::Duration,
    /// What reads aloud; a test hands in its own.
    pub voice: Arc<dyn Voice>,
    /// What reads the print on papers; a test hands in its own.
    pub text_reader: Arc<dyn paper::TextReader>,
    /// Look at this procedure and at nothing else: see [`crate::preview`].
    pub preview: Option<Box<Procedure>>,
    /// The card scanner's serial line; found by itself where absent.
    pub card_scanner: Option<PathBuf>,
    /// Room that must stay on the disk.
    pub floor: Floor,
}

impl KioskOptions {
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        Self {
            voice: Arc::new(MachineVoice::new(recordings(&data_dir))),
            data_dir,
            clock: Clock::default(),
            text_reader: Arc::new(paper::Tesseract::default()),
            boot_jitter_max: std::time::Duration::ZERO,
            preview: None,
            card_scanner: None,
            floor: Floor::default(),
        }
    }
}

/// Where recorded voices may lie: the machine's own first, then those that came with the program.
fn recordings(data_dir: &Path) -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let beside = program
        .as_deref()
        .and_then(Path::parent)
        .map(|dir| dir.join("voices"));
    let packaged = PathBuf::from("/usr/share/donghanh/voices");
    std::iter::once(data_dir.join("voices"))
        .chain(beside)
        .chain([packaged])
        .collect()
}

/// A data folder that this program holds and nobody else can take.
pub struct Claimed {
    options: KioskOptions,
    instance: InstanceLock,
}

impl Claimed {
    /// # Errors
    /// `database_newer`, `database_damaged`, `disk_full`, `key_unreadable`.
    pub fn open(self) -> Result<Arc<App>, Problem> {
        App::open_claimed(self)
    }
}

/// What enrolment left here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolment {
    pub service_url: String,
    pub offer: wire::enrol::EnrolOffer,
    /// Verified with the province's key when it came.
    pub certificate: DeviceCertificate,
    /// As the province signed it; absent where an older program enrolled this machine.
    #[serde(default)]
    pub signed_certificate: Option<seal::signed::Signed>,
    pub device_epoch: u64,
}

/// An enrolment under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PendingEnrolment {
    pub service_url: String,
    pub offer: sync::enrol::Offer,
    pub words: Vec<String>,
    pub refused: bool,
}

/// The device's id and its signing key, wrapped with the machine's secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeviceKey {
    pub id: DeviceId,
    pub wrapped_seed: Wrapped,
}

/// What an App stands on. A drill has a store of its own, made anew each time, and never an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    Counter,
    Drill,
}

/// What every gate asks, kept beside the session: a keystroke must not wait for the save that the session is busy with.
#[derive(Debug, Clone, Copy)]
struct Who {
    role: OperatorRole,
    lease: Option<domain::lease::Lease>,
}

/// The whole kiosk. One to a data folder.
pub struct App {
    pub(crate) dir: PathBuf,
    pub(crate) clock: Clock,
    pub(crate) shelf: Arc<Shelf>,
    /// A clerk looks at a procedure: nothing is sealed, nothing is sent.
    pub(crate) preview: bool,
    pub(crate) machine: Zeroizing<[u8; 32]>,
    pub(crate) bound_to_hardware: bool,
    pub(crate) outbox: Arc<Mutex<Outbox>>,
    pub(crate) files: SealedFiles,
    pub(crate) voice: Arc<dyn Voice>,
    /// The screen that is being read aloud.
    read_screen: Mutex<Option<String>>,
    /// Opens strangers' files in a process of their own.
    pub(crate) reader: paper::Reader,
    pub(crate) text_reader: Arc<dyn paper::TextReader>,
    pub(crate) scanning: Scanning,
    pub(crate) handed_in: Mutex<HandedIn>,
    pub(crate) unanswered: Mutex<Unanswered>,
    pub(crate) scan_folder: Mutex<scan_folder::Folder>,
    session: Mutex<Option<Session>>,
    who: Mutex<Option<Who>>,
    screens: Mutex<Screens>,
    keystroke: Mutex<Keystroke>,
    engine: Mutex<Option<Arc<sync::Engine>>>,
    runtime: Mutex<Option<Handle>>,
    events: broadcast::Sender<AppEvent>,
    trouble: Mutex<Option<Problem>>,
    boot_jitter_max: std::time::Duration,
    pub(crate) ground: Ground,
    /// The drill that is on, if one is: every command goes there.
    drill: Mutex<Option<Arc<App>>>,
    pub(crate) card_scanner: Option<PathBuf>,
    pub(crate) floor: Floor,
    _instance: InstanceLock,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App(…)")
    }
}

/// A panic elsewhere must not make every later press fail: the data behind each lock are whole values.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Opens a data folder, or makes one.
    ///
    /// # Errors
    /// `already_running`, `database_newer`, `database_damaged`, `disk_full`, `key_unreadable`.
    pub fn open(options: KioskOptions) -> Result<Arc<Self>, Problem> {
        Self::claim(options)?.open()
    }

    /// Takes a data folder for this program, or makes one. Quick: no database is opened yet.
    ///
    /// # Errors
    /// `already_running`, `disk_full`.
    pub fn claim(options: KioskOptions) -> Result<Claimed, Problem> {
        crate::core_dump::give_up();
        std::fs::create_dir_all(&options.data_dir).map_err(store::StoreError::from)?;
        let instance = InstanceLock::take(&options.data_dir)?;
        Ok(Claimed { options, instance })
    }

    fn open_claimed(Claimed { options, instance }: Claimed) -> Result<Arc<Self>, Problem> {
        let dir = options.data_dir;
        crate::drill::clear(&dir)?;
        let guard = FileGuard::new(&dir);
        let machine = guard.machine_secret()?;
        let opened = crate::rebuild::open(&dir, &machine, options.clock.now_ms())?;
        let (outbox, files) = (opened.outbox, opened.files);
        files.fill_reserve()?;
        let enrolled: Option<Enrolment> = setting::get(outbox.db(), setting::Name::Enrolment)?;
        let key = enrolled.map(|e| e.offer.signing_key);
        let mut shelf = Shelf::open(&dir, &outbox, key.as_ref())?;
        let preview = options.preview.is_some();
        if let Some(procedure) = options.preview {
            shelf.show_alone(*procedure)?;
        }
        let one_screen = setting::get(outbox.db(), setting::Name::OneScreen)?.unwrap_or(false);
        let left_open = setting::get(outbox.db(), setting::Name::LeftOpen)?;
        let (events, _) = broadcast::channel(EVENTS_BUFFERED_MAX);
        let app = Arc::new(Self {
            dir,
            clock: options.clock,
            shelf: Arc::new(shelf),
            preview,
            machine,
            bound_to_hardware: guard.bound_to_hardware(),
            outbox: Arc::new(Mutex::new(outbox)),
            files,
            floor: options.floor,
            voice: options.voice,
            read_screen: Mutex::new(None),
            reader: paper::Reader::this_program(),
            text_reader: options.text_reader,
            scanning: Scanning::default(),
            handed_in: Mutex::default(),
            unanswered: Mutex::default(),
            scan_folder: Mutex::default(),
            session: Mutex::new(None),
            who: Mutex::new(None),
            screens: Mutex::new(Screens {
                one_screen,
                left_open,
                ..Screens::default()
            }),
            keystroke: Mutex::default(),
            engine: Mutex::new(None),
            runtime: Mutex::new(None),
            events,
            trouble: Mutex::new(opened.told.map(Problem::from)),
            boot_jitter_max: options.boot_jitter_max,
            ground: Ground::Counter,
            drill: Mutex::new(None),
            card_scanner: options.card_scanner,
            _instance: instance,
        });
        crate::commands::clock::resume(&app)?;
        crate::rebuild::keep_card(&app);
        Ok(app)
    }

    /// A drill beside this kiosk: another store in a folder of its own, no runtime and no engine, so that nothing in it
    /// can reach a number of the counter or the network.
    pub(crate) fn open_drill(&self, dir: PathBuf) -> Result<Arc<Self>, Problem> {
        std::fs::create_dir_all(&dir).map_err(store::StoreError::from)?;
        let instance = InstanceLock::take(&dir)?;
        let (outbox, files) = (Outbox::open(&dir)?, SealedFiles::open(&dir)?);
        let (citizen_window, one_screen) = {
            let screens = self.screens();
            (screens.citizen_window, screens.one_screen)
        };
        Ok(Arc::new(Self {
            dir,
            clock: self.clock.clone(),
            shelf: Arc::clone(&self.shelf),
            preview: false,
            machine: self.machine.clone(),
            bound_to_hardware: false,
            outbox: Arc::new(Mutex::new(outbox)),
            files,
            floor: self.floor,
            voice: Arc::clone(&self.voice),
            read_screen: Mutex::new(None),
            reader: self.reader.clone(),
            text_reader: Arc::clone(&self.text_reader),
            scanning: Scanning::default(),
            handed_in: Mutex::default(),
            unanswered: Mutex::default(),
            scan_folder: Mutex::default(),
            session: Mutex::new(None),
            who: Mutex::new(None),
            screens: Mutex::new(Screens {
                citizen_window,
                one_screen,
                ..Screens::default()
            }),
            keystroke: Mutex::default(),
            engine: Mutex::new(None),
            runtime: Mutex::new(None),
            events: self.events.clone(),
            trouble: Mutex::new(None),
            boot_jitter_max: std::time::Duration::ZERO,
            ground: Ground::Drill,
            // Nobody's real card is read in a drill.
            card_scanner: None,
            drill: Mutex::new(None),
            _instance: instance,
        }))
    }

    pub(crate) fn drill(&self) -> Option<Arc<Self>> {
        locked(&self.drill).clone()
    }

    pub(crate) fn set_drill(&self, drill: Option<Arc<Self>>) -> Option<Arc<Self>> {
        std::mem::replace(&mut *locked(&self.drill), drill)
    }

    /// A volunteer's shift that is over locks the machine, in the middle of whatever stands there.
    pub(crate) fn lease_holds(&self, needs: Needs) -> Result<(), Problem> {
        if needs == Needs::Nobody {
            return Ok(());
        }
        let lease = locked(&self.who).and_then(|who| who.lease);
        let over = lease.is_some_and(|l| l.state(self.clock.now_ms()) != domain::lease::LeaseState::Open);
        if over {
            crate::commands::kiosk::lock(self);
            return Err(ProblemCode::LeaseEnded.into());
        }
        Ok(())
    }

    /// The operator's window was asked to close: it asks an officer for the PIN.
    pub fn ask_to_close(&self) {
        self.tell(AppEvent::CloseAsked);
    }

    /// May the program be closed with no PIN? Only while nobody has a name here yet.
    #[must_use]
    pub fn closes_freely(&self) -> bool {
        store::tables::operator::all(self.outbox().db()).is_ok_and(|all| all.is_empty())
    }

    /// Gives the kiosk a runtime and, where it is enrolled, starts sending.
    ///
    /// # Errors
    /// `key_unreadable`.
    pub fn start(self: &Arc<Self>, handle: &Handle) -> Result<(), Problem> {
        *locked(&self.runtime) = Some(handle.clone());
        scan_folder::follow(self, handle);
        let text_reader = Arc::clone(&self.text_reader);
        // Asked beforehand, so that the first dossier does not wait for the program to say what it knows.
        std::thread::spawn(move || text_reader.reads());
        self.start_engine()
    }

    /// Stops sending and locks.
    pub fn close(&self) {
        let engine = locked(&self.engine).take().and_then(Arc::into_inner);
        if let (Some(engine), Ok(handle)) = (engine, self.handle()) {
            handle.block_on(engine.stop());
        }
        *locked(&self.session) = None;
    }

    /// Starts the engine if the kiosk is enrolled and it does not run yet.
    pub(crate) fn start_engine(&self) -> Result<(), Problem> {
        if self.ground == Ground::Drill {
            return Ok(());
        }
        let mut engine = locked(&self.engine);
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
                boot_jitter_max: self.boot_jitter_max,
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
            events: self.events.clone(),
        }
    }

    fn forward(&self, mut from: broadcast::Receiver<sync::SyncEvent>, handle: &Handle) {
        let events = self.events.clone();
        handle.spawn(async move {
            loop {
                let event = match from.recv().await {
                    Ok(sync::SyncEvent::ItemMoved(_)) | Err(broadcast::error::RecvError::Lagged(_)) => {
                        AppEvent::Outbox
                    }
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
        locked(&self.runtime)
            .clone()
            .ok_or_else(|| ProblemCode::Internal.into())
    }

    pub fn subscribe(&self) -> broadcast::Receiver<AppEvent> {
        self.events.subscribe()
    }

    pub(crate) fn events_sender(&self) -> broadcast::Sender<AppEvent> {
        self.events.clone()
    }

    pub(crate) fn read_screen(&self) -> MutexGuard<'_, Option<String>> {
        locked(&self.read_screen)
    }

    pub(crate) fn tell(&self, event: AppEvent) {
        let AppEvent::Citizen { view } = &event else {
            let _ = self.events.send(event);
            return;
        };
        self.hush_on_another_screen(view);
        // Under the lock, so that no key comes between the view and the key that is newer.
        let mut keystroke = locked(&self.keystroke);
        let again = keystroke.after(view);
        for event in std::iter::once(event).chain(again) {
            let _ = self.events.send(event);
        }
    }

    /// Shows a keystroke to the citizen; it waits for nothing and saves nothing.
    pub(crate) fn show_keystroke(&self, question: QuestionId, text: String) {
        let mut keystroke = locked(&self.keystroke);
        let _ = self.events.send(keystroke.press(question, text));
    }

    /// An answer came to be saved.
    pub(crate) fn keystroke_is_in(&self, question: &QuestionId) {
        locked(&self.keystroke).is_in(question);
    }

    /// What is still being said of a screen that has gone is for nobody's ears.
    fn hush_on_another_screen(&self, view: &crate::views::CitizenView) {
        let mut reading = self.read_screen();
        if reading
            .as_ref()
            .is_some_and(|key| *key != crate::commands::voice::screen_key(view))
        {
            *reading = None;
            self.voice.stop();
        }
    }

    /// The shell says whether a window of the citizen's own is there: unplugging leads to one-screen mode.
    pub fn set_citizen_screen(&self, present: bool) {
        let before = std::mem::replace(&mut locked(&self.screens).citizen_window, present);
        if let Some(drill) = self.drill() {
            drill.screens().citizen_window = present;
        }
        if before != present {
            self.tell(AppEvent::Kiosk);
        }
    }

    pub(crate) fn screens(&self) -> MutexGuard<'_, Screens> {
        locked(&self.screens)
    }

    pub(crate) fn session(&self) -> MutexGuard<'_, Option<Session>> {
        locked(&self.session)
    }

    /// The index, made sure of where the disk failed. While it cannot be, every read of it fails and says so.
    pub(crate) fn outbox(&self) -> MutexGuard<'_, Outbox> {
        let mut outbox = locked(&self.outbox);
        if let Err(error) = outbox.make_sure() {
            tracing::error!(%error, "the index cannot be made sure of");
        }
        outbox
    }

    /// Signs somebody in, or out; the keys of whoever was here before are wiped.
    pub(crate) fn set_session(&self, session: Option<Session>) {
        let who = session.as_ref().map(|s| Who {
            role: s.operator.role,
            lease: s.lease,
        });
        // Out at once, in only when there is something to work with.
        *locked(&self.who) = None;
        let before = std::mem::replace(&mut *self.session(), session);
        drop(before);
        *locked(&self.who) = who;
    }

    /// Works with the signed-in session, on drafts that can be relied on.
    pub(crate) fn with_session<T>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.with_whoever(|session| work(session.ok_or(ProblemCode::SignInFirst)?))
    }

    /// The same where nobody need be signed in.
    pub(crate) fn with_whoever<T>(
        &self,
        work: impl FnOnce(Option<&mut Session>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut session = self.session();
        let Some(session) = session.as_mut() else {
            return work(None);
        };
        mending::make_sure(self, session)?;
        let came = work(Some(session));
        mending::heed(self, session, came)
    }

    #[must_use]
    pub fn role(&self) -> Option<OperatorRole> {
        locked(&self.who).map(|who| who.role)
    }

    #[must_use]
    pub fn is_turned(&self) -> bool {
        self.screens().turned
    }

    /// What new dossiers begin on. A draft stands on its own: see [`crate::walk::entry`].
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.shelf.current()
    }

    /// How papers look today.
    pub(crate) fn templates(&self) -> paper::Templates {
        self.shelf.templates(&self.catalogue())
    }

    pub(crate) fn set_trouble(&self, problem: Option<Problem>) {
        *locked(&self.trouble) = problem;
    }

    pub(crate) fn trouble(&self) -> Option<Problem> {
        let frozen = self.device_word().ok().flatten().is_some_and(|word| word.frozen);
        let frozen = frozen.then(|| Problem::new(ProblemCode::DeviceFrozen));
        locked(&self.trouble).clone().or(frozen)
    }

    /// What the province says of this machine's certificate, once it has to be renewed.
    pub(crate) fn certificate_told(&self) -> Option<Problem> {
        let ends = self.device_word().ok().flatten()?.certificate_ends?;
        let code = if ends <= self.clock.now() {
            ProblemCode::CertificateEnded
        } else {
            ProblemCode::CertificateEnding
        };
        Some(code.into())
    }

    /// The folder where receipts are saved when there is no printer.
    pub(crate) fn receipts_dir(&self) -> PathBuf {
        self.dir.join("receipts")
    }

    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn enrolment(&self) -> Result<Option<Enrolment>, Problem> {
        Ok(setting::get(self.outbox().db(), setting::Name::Enrolment)?)
    }

    /// What the province last said of this machine.
    pub(crate) fn device_word(&self) -> Result<Option<wire::sync::DeviceWord>, Problem> {
        Ok(setting::get(self.outbox().db(), setting::Name::DeviceWord)?)
    }

    /// This machine's key, made at the first call; it works with nobody signed in.
    pub(crate) fn device_key(&self) -> Result<(DeviceId, SigningKey), Problem> {
        let outbox = self.outbox();
        if let Some(stored) = setting::get::<DeviceKey>(outbox.db(), setting::Name::DeviceKey)? {
            let seed = wrap::open_with_machine(&self.machine, &stored.wrapped_seed, stored.id.as_bytes())?;
            let fixed: [u8; 32] = seed
                .as_slice()
                .try_into()
                .map_err(|_| ProblemCode::KeyUnreadable)?;
            return Ok((stored.id, SigningKey::from_seed(&fixed)));
        }
        let id = DeviceId(seal::random::uuid()?);
        let key = SigningKey::generate()?;
        let wrapped_seed = wrap::with_machine(&self.machine, key.seed().as_ref(), id.as_bytes())?;
        setting::set(
            outbox.db(),
            setting::Name::DeviceKey,
            &DeviceKey { id, wrapped_seed },
        )?;
        Ok((id, key))
    }

    pub(crate) fn device_class(&self) -> DeviceClass {
        if self.bound_to_hardware {
            DeviceClass::CounterBound
        } else {
            DeviceClass::CounterSoftware
        }
    }

    /// Wakes the sender: something was sealed.
    pub(crate) fn kick(&self) {
        if let Some(engine) = self.engine() {
            engine.kick();
        }
    }

    /// The sender, if the kiosk is enrolled. A share of its own: a long "Gửi ngay" holds up nobody.
    pub(crate) fn engine(&self) -> Option<Arc<sync::Engine>> {
        locked(&self.engine).clone()
    }

    pub(crate) fn network(&self) -> NetworkView {
        self.engine()
            .map(|engine| network_view(&engine.network()))
            .unwrap_or(NetworkView {
                online: false,
                last_confirmed_at: None,
                trouble: None,
                sending: false,
            })
    }

    /// Keeps what a window handed in until a command uses it; answers the handle.
    ///
    /// # Errors
    /// `file_too_large`; `sign_in_first`.
    pub fn hand_in(&self, bytes: Vec<u8>) -> Result<PaperFileId, Problem> {
        if let Some(drill) = self.drill() {
            return drill.hand_in(bytes);
        }
        if self.role().is_none() {
            return Err(ProblemCode::SignInFirst.into());
        }
        let handle = PaperFileId(seal::random::uuid()?);
        if locked(&self.handed_in).put(handle, bytes) {
            Ok(handle)
        } else {
            Err(ProblemCode::FileTooLarge.into())
        }
    }

    pub(crate) fn handed_in(&self, handle: PaperFileId) -> Option<Vec<u8>> {
        locked(&self.handed_in).take(handle)
    }

    /// The picture of a captured file of the dossier on the screens, or of a sheet in the tray, by handle.
    ///
    /// # Errors
    /// `dossier_unknown` for any file that is not on the screens now.
    pub fn file_bytes(&self, id: PaperFileId) -> Result<(String, Vec<u8>), Problem> {
        if let Some(drill) = self.drill() {
            return drill.file_bytes(id);
        }
        self.with_session(|session| {
            if let Some(bytes) = store::tables::tray_sheet::picture(session.drafts.db(), &id)? {
                return Ok(("image/jpeg".into(), bytes));
            }
            let open = session.current()?.dossier;
            match store::tables::paper_file::picture(session.drafts.db(), &id)? {
                Some((dossier, bytes)) if dossier == open && !bytes.is_empty() => {
                    Ok(("image/jpeg".into(), bytes))
                }
                Some(_) | None => Err(ProblemCode::DossierUnknown.into()),
            }
        })
    }

    /// Marks drafts that the outbox holds already: the step between the seal's two transactions.
    pub(crate) fn finish_interrupted_seals(&self, session: &mut Session) -> Result<(), Problem> {
        for row in store::tables::draft::open_ones(session.drafts.db())? {
            if item::get(self.outbox().db(), &row.dossier)?.is_some() {
                store::tables::draft::mark_sealed(
                    session.drafts.db_mut(),
                    &row.dossier,
                    self.bound_to_hardware,
                )?;
            }
        }
        Ok(())
    }
}

/// Sync's own words for the link, as a person reads them.
pub(crate) fn network_view(network: &sync::Network) -> NetworkView {
    NetworkView {
        online: network.online,
        last_confirmed_at: network
            .last_confirmed
            .map(|t| clock::minute_and_day(t.as_millisecond())),
        trouble: network.failure.as_ref().map(|f| Problem::from(*f)),
        sending: network.sending,
    }
}

//! The kiosk itself: its data folder, its keys, its catalogue, what is on the screens. Who is there is `signed_in`, what the
//! windows are told `telling`, what goes to the province `sending`, and what the province knows of the machine `device`.

use crate::catalogue::{Catalogue, Shelf};
use crate::clock::Clock;
use crate::commands::scanner::Scanning;
pub(crate) use crate::device::DeviceKey;
pub use crate::device::{Enrolment, PendingEnrolment};
use crate::events::AppEvent;
use crate::handed_in::HandedIn;
pub use crate::options::KioskOptions;
use crate::printing::Unanswered;
use crate::problem::{Problem, ProblemCode};
use crate::room::Floor;
use crate::scan_folder;
use crate::screens::Screens;
use crate::sending::Sending;
use crate::signed_in::SignedIn;
use crate::telling::Telling;
use crate::voice::Voice;
use domain::ids::PaperFileId;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::guard::{FileGuard, KeyGuard};
use store::instance::InstanceLock;
use store::tables::setting;
use store::{Outbox, SealedFiles};
use tokio::runtime::Handle;
use zeroize::Zeroizing;

/// A data folder that this program holds and nobody else can take.
pub struct Claimed {
    options: KioskOptions,
    instance: InstanceLock,
}

impl Claimed {
    /// # Errors
    /// `database_newer`, `database_damaged`, `disk_full`, `machine_key_lost`.
    pub fn open(self) -> Result<Arc<App>, Problem> {
        App::open_claimed(self)
    }
}

/// What an App stands on. A drill has a store of its own, made anew each time, and never an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    Counter,
    Drill,
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
    /// Opens strangers' files in a process of their own.
    pub(crate) reader: paper::Reader,
    pub(crate) text_reader: Arc<dyn paper::TextReader>,
    pub(crate) scanning: Scanning,
    pub(crate) handed_in: Mutex<HandedIn>,
    pub(crate) unanswered: Mutex<Unanswered>,
    pub(crate) scan_folder: Mutex<scan_folder::Folder>,
    pub(crate) signed_in: SignedIn,
    screens: Mutex<Screens>,
    pub(crate) telling: Telling,
    pub(crate) sending: Sending,
    trouble: Mutex<Option<Problem>>,
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
    /// `already_running`, `database_newer`, `database_damaged`, `disk_full`, `machine_key_lost`.
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
        let opened = crate::rebuild::open(&dir, &guard, options.clock.now_ms())?;
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
        let app = Arc::new(Self {
            dir,
            clock: options.clock,
            shelf: Arc::new(shelf),
            preview,
            machine: opened.machine,
            bound_to_hardware: guard.bound_to_hardware(),
            outbox: Arc::new(Mutex::new(outbox)),
            files,
            floor: options.floor,
            voice: options.voice,
            reader: paper::Reader::this_program(),
            text_reader: options.text_reader,
            scanning: Scanning::default(),
            handed_in: Mutex::default(),
            unanswered: Mutex::default(),
            scan_folder: Mutex::default(),
            signed_in: SignedIn::default(),
            screens: Mutex::new(Screens {
                one_screen,
                left_open,
                ..Screens::default()
            }),
            telling: Telling::default(),
            sending: Sending::after(options.boot_jitter_max),
            trouble: Mutex::new(opened.told.map(Problem::from)),
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
            reader: self.reader.clone(),
            text_reader: Arc::clone(&self.text_reader),
            scanning: Scanning::default(),
            handed_in: Mutex::default(),
            unanswered: Mutex::default(),
            scan_folder: Mutex::default(),
            signed_in: SignedIn::default(),
            screens: Mutex::new(Screens {
                citizen_window,
                one_screen,
                ..Screens::default()
            }),
            telling: self.telling.beside(),
            sending: Sending::default(),
            trouble: Mutex::new(None),
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
        self.sending.runs_on(handle);
        scan_folder::follow(self, handle);
        let text_reader = Arc::clone(&self.text_reader);
        // Asked beforehand, so that the first dossier does not wait for the program to say what it knows.
        std::thread::spawn(move || text_reader.reads());
        self.start_engine()
    }

    /// Stops sending and locks.
    pub fn close(&self) {
        self.stop_engine();
        *self.session() = None;
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

    /// The index, made sure of where the disk failed. While it cannot be, every read of it fails and says so.
    pub(crate) fn outbox(&self) -> MutexGuard<'_, Outbox> {
        let mut outbox = locked(&self.outbox);
        if let Err(error) = outbox.make_sure() {
            tracing::error!(%error, "the index cannot be made sure of");
        }
        outbox
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

    /// The folder where receipts are saved when there is no printer.
    pub(crate) fn receipts_dir(&self) -> PathBuf {
        self.dir.join("receipts")
    }

    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.dir
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
}

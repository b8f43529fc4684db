//! How to open a kiosk.

use crate::clock::Clock;
use crate::room::Floor;
use crate::voice::{MachineVoice, Voice};
use domain::procedure::Procedure;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is handed to a kiosk when it is opened.
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

//! Speaking: the one place that makes sound. A recorded voice where there is one for the very words, else espeak-ng,
//! sentence by sentence.
//!
//! **Invariant:** what is spoken goes through a pipe, never on a command line or into a file: it is a citizen's. A
//! machine that cannot speak says so, and no button is shown.

use crate::recordings::{Pack, tag};
use crate::views::Language;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How soon a press of "stop" is heard.
const LISTEN_EVERY: Duration = Duration::from_millis(40);
/// Words a minute: slower than talk, for somebody who listens for a mistake.
const WORDS_A_MINUTE: &str = "130";
/// Characters of one sentence at most.
const PHRASE_CHARS_MAX: usize = 1000;

/// Something that can read aloud.
pub trait Voice: Send + Sync + std::fmt::Debug {
    /// Whether it can at all, on this machine.
    fn speaks(&self) -> bool;
    /// Begins to read, in place of whatever is being read; `done` is called when it has ended or was stopped.
    fn say(&self, language: Language, phrases: Vec<String>, done: Box<dyn FnOnce() + Send>);
    /// Silence, at once.
    fn stop(&self);
}

/// What this machine speaks with.
#[derive(Debug)]
struct Means {
    /// Folders that may hold recordings; see `assets/voices/README.md`. Read at the first word, not at the start.
    folders: Vec<PathBuf>,
    packs: OnceLock<Vec<Pack>>,
    espeak: Option<PathBuf>,
    player: Option<PathBuf>,
}

/// The voices of the machine: recordings in a folder, and espeak-ng for everything else.
#[derive(Debug)]
pub struct MachineVoice {
    means: Arc<Means>,
    /// Grows with every press: whoever reads for an older one falls silent.
    turn: Arc<AtomicU64>,
    speaking: Arc<Mutex<Option<Child>>>,
}

impl MachineVoice {
    /// Looks at what this machine has. `recordings` are looked through in order.
    #[must_use]
    pub fn new(recordings: Vec<PathBuf>) -> Self {
        Self::with(recordings, program("espeak-ng"), program("aplay"))
    }

    fn with(folders: Vec<PathBuf>, espeak: Option<PathBuf>, player: Option<PathBuf>) -> Self {
        Self {
            means: Arc::new(Means {
                folders,
                packs: OnceLock::new(),
                espeak,
                player,
            }),
            turn: Arc::default(),
            speaking: Arc::default(),
        }
    }
}

impl Means {
    fn packs(&self) -> &[Pack] {
        self.packs
            .get_or_init(|| self.folders.iter().filter_map(|folder| pack(folder)).collect())
    }

    /// The recording of a phrase; a damaged one is told and passed over.
    fn recorded(&self, language: Language, phrase: &str) -> Option<Vec<u8>> {
        self.packs().iter().find_map(|pack| {
            pack.sound(language, phrase).unwrap_or_else(|fault| {
                let file = crate::recordings::recording_name(phrase);
                tracing::warn!(file, %fault, "a recording is not played; the machine reads");
                None
            })
        })
    }

    fn player(&self) -> Option<Command> {
        let mut command = Command::new(self.player.as_ref()?);
        command.args(["-q", "-"]);
        Some(command)
    }

    fn machine(&self, language: Language) -> Option<Command> {
        let mut command = Command::new(self.espeak.as_ref()?);
        command.args(["-v", tag(language), "-s", WORDS_A_MINUTE, "-b", "1", "--stdin"]);
        Some(command)
    }

    /// Says one phrase: as it was recorded, and where that is not there or cannot be heard, by the machine.
    fn say(&self, language: Language, phrase: &str, mouth: &Mouth<'_>) {
        let sound = self.player().zip(self.recorded(language, phrase));
        if let Some((player, sound)) = sound
            && mouth.speak(player, sound) != Ended::Badly
        {
            return;
        }
        if let Some(machine) = self.machine(language)
            && mouth.speak(machine, phrase.as_bytes().to_vec()) == Ended::Badly
        {
            tracing::warn!("reading aloud");
        }
    }
}

fn pack(folder: &Path) -> Option<Pack> {
    Pack::open(folder).unwrap_or_else(|error| {
        tracing::warn!(folder = %folder.display(), %error, "the manifest of the recordings");
        None
    })
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name).with_extension(std::env::consts::EXE_EXTENSION))
        .find(|file| file.is_file())
}

impl Voice for MachineVoice {
    fn speaks(&self) -> bool {
        self.means.espeak.is_some()
    }

    fn say(&self, language: Language, phrases: Vec<String>, done: Box<dyn FnOnce() + Send>) {
        self.stop();
        let mine = self.turn.load(Ordering::SeqCst);
        let (means, turn, speaking) = (
            Arc::clone(&self.means),
            Arc::clone(&self.turn),
            Arc::clone(&self.speaking),
        );
        std::thread::spawn(move || {
            let mouth = Mouth {
                speaking: &speaking,
                turn: &turn,
                mine,
            };
            for phrase in phrases {
                if !mouth.is_wanted() {
                    break;
                }
                let phrase: String = phrase.chars().take(PHRASE_CHARS_MAX).collect();
                means.say(language, &phrase, &mouth);
            }
            done();
        });
    }

    fn stop(&self) {
        self.turn.fetch_add(1, Ordering::SeqCst);
        if let Some(mut child) = held(&self.speaking).take() {
            // It may have ended by itself a moment ago.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn held(speaking: &Mutex<Option<Child>>) -> std::sync::MutexGuard<'_, Option<Child>> {
    speaking.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a program that spoke ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Well,
    /// Somebody pressed "stop".
    Stopped,
    Badly,
}

/// Whoever reads for one press.
struct Mouth<'a> {
    speaking: &'a Mutex<Option<Child>>,
    turn: &'a AtomicU64,
    mine: u64,
}

impl Mouth<'_> {
    fn is_wanted(&self) -> bool {
        self.turn.load(Ordering::SeqCst) == self.mine
    }

    /// Runs a program that speaks what comes through its pipe, to its end, or until it is nobody's turn any more.
    fn speak(&self, mut command: Command, through: Vec<u8>) -> Ended {
        let started = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else {
            return Ended::Badly;
        };
        if let Some(mut pipe) = child.stdin.take() {
            // A pipe holds less than a recording: whoever presses "stop" must not wait for the rest to be heard.
            std::thread::spawn(move || pipe.write_all(&through));
        }
        *held(self.speaking) = Some(child);
        loop {
            let mut current = held(self.speaking);
            let Some(child) = current.as_mut() else {
                return Ended::Stopped;
            };
            match child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => {
                    *current = None;
                    return if status.success() {
                        Ended::Well
                    } else {
                        Ended::Badly
                    };
                }
                Err(_) => {
                    *current = None;
                    return Ended::Badly;
                }
            }
            drop(current);
            if !self.is_wanted() {
                return Ended::Stopped;
            }
            std::thread::sleep(LISTEN_EVERY);
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::{Language, MachineVoice, Voice as _};
    use crate::recordings::recording_name;
    use crate::recordings::tests::{recorded, tone};
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};
    use std::sync::mpsc;
    use std::time::Duration;

    fn program(folder: &Path, name: &str, body: &str) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A machine whose player and whose own voice write down what they were given, one file each.
    struct Stage {
        folder: tempfile::TempDir,
        voice: MachineVoice,
    }

    impl Stage {
        fn set(recordings: &Path, player: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let keep = |name: &str| {
                format!(
                    "cat >> '{}/{name}'; echo >> '{}/{name}'",
                    folder.path().display(),
                    folder.path().display()
                )
            };
            let espeak = program(folder.path(), "espeak-ng", &keep("machine"));
            let player = program(folder.path(), "aplay", &format!("{}; {player}", keep("player")));
            Self {
                voice: MachineVoice::with(vec![recordings.to_owned()], Some(espeak), Some(player)),
                folder,
            }
        }

        fn says(&self, language: Language, phrases: &[&str]) {
            let (told, done) = mpsc::channel();
            let phrases = phrases.iter().map(|p| (*p).to_owned()).collect();
            self.voice
                .say(language, phrases, Box::new(move || told.send(()).unwrap()));
            done.recv_timeout(Duration::from_secs(20)).expect("it ends");
        }

        fn heard(&self, name: &str) -> Vec<u8> {
            fs::read(self.folder.path().join(name)).unwrap_or_default()
        }

        /// What the machine's own voice read.
        fn read(&self) -> String {
            String::from_utf8(self.heard("machine")).unwrap()
        }
    }

    #[test]
    fn sentence_by_sentence_a_recording_comes_before_the_machine() {
        let recordings = recorded(&["Xin chào."]);
        let stage = Stage::set(recordings.path(), "exit 0");
        stage.says(Language::Vi, &["Xin chào.", "Họ tên: Lò Thị Mây"]);
        assert_eq!(
            stage.heard("player"),
            [tone(), b"\n".to_vec()].concat(),
            "the recording, whole"
        );
        assert_eq!(
            stage.read(),
            "Họ tên: Lò Thị Mây\n",
            "and nothing else by the machine"
        );
        stage.says(Language::En, &["Xin chào."]);
        assert!(
            stage.read().ends_with("Xin chào.\n"),
            "nobody recorded it in English"
        );
    }

    #[test]
    fn a_damaged_recording_is_read_by_the_machine() {
        let recordings = recorded(&["Xin chào."]);
        let file = recordings.path().join("vi").join(recording_name("Xin chào."));
        fs::write(file, b"RIFF0000WAVE another voice").unwrap();
        let stage = Stage::set(recordings.path(), "exit 0");
        stage.says(Language::Vi, &["Xin chào."]);
        assert!(stage.heard("player").is_empty(), "what was changed is not played");
        assert_eq!(stage.read(), "Xin chào.\n");
    }

    #[test]
    fn a_player_that_fails_is_no_reason_for_silence() {
        let recordings = recorded(&["Xin chào."]);
        let stage = Stage::set(recordings.path(), "exit 1");
        stage.says(Language::Vi, &["Xin chào."]);
        assert_eq!(stage.read(), "Xin chào.\n");
    }

    #[test]
    fn a_machine_without_a_voice_is_silent_and_ends() {
        let mute = MachineVoice::with(Vec::new(), None, None);
        assert!(!mute.speaks());
        let (told, done) = mpsc::channel();
        mute.say(
            Language::Vi,
            vec!["Xin chào.".into()],
            Box::new(move || told.send(()).unwrap()),
        );
        done.recv_timeout(Duration::from_secs(5))
            .expect("it ends at once");
    }

    /// A stand-in that talks for a minute: `stop` must not wait for it.
    #[test]
    fn stop_is_heard_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let talker = program(folder.path(), "talker", "exec sleep 60");
        let voice = MachineVoice::with(Vec::new(), Some(talker), None);
        let (told, done) = mpsc::channel();
        voice.say(
            Language::Vi,
            vec!["Một.".into(), "Hai.".into()],
            Box::new(move || told.send(()).unwrap()),
        );
        assert!(
            done.recv_timeout(Duration::from_millis(300)).is_err(),
            "it is talking: the control"
        );
        voice.stop();
        done.recv_timeout(Duration::from_secs(5)).expect("silence");
    }
}

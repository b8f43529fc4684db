//! Speaking: the one place that makes sound. A recorded voice where there is one for the very words, else espeak-ng.
//!
//! **Invariant:** what is spoken goes through a pipe, never on a command line or into a file: it is a citizen's. A
//! machine that cannot speak says so, and no button is shown.

use crate::views::Language;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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

/// The voices of the machine: recordings in a folder, and espeak-ng for everything else.
#[derive(Debug)]
pub struct MachineVoice {
    /// Folders that may hold `vi/<name>.wav`; see `assets/voices/README.md`.
    recordings: Vec<PathBuf>,
    espeak: Option<PathBuf>,
    player: Option<PathBuf>,
    /// Grows with every press: whoever reads for an older one falls silent.
    turn: Arc<AtomicU64>,
    speaking: Arc<Mutex<Option<Child>>>,
}

impl MachineVoice {
    /// Looks at what this machine has. `recordings` are looked through in order.
    #[must_use]
    pub fn new(recordings: Vec<PathBuf>) -> Self {
        Self {
            recordings,
            espeak: program("espeak-ng"),
            player: program("aplay"),
            turn: Arc::default(),
            speaking: Arc::default(),
        }
    }

    fn recording(&self, language: Language, phrase: &str) -> Option<PathBuf> {
        let name = Path::new(tag(language)).join(recording_name(phrase));
        self.recordings
            .iter()
            .map(|folder| folder.join(&name))
            .find(|file| file.is_file())
    }

    /// The program that speaks one phrase, with the text still to be piped in where it is synthesised.
    fn speaker(&self, language: Language, phrase: &str) -> Option<(Command, bool)> {
        if let (Some(player), Some(file)) = (&self.player, self.recording(language, phrase)) {
            let mut command = Command::new(player);
            command.arg("-q").arg(file);
            return Some((command, false));
        }
        let mut command = Command::new(self.espeak.as_ref()?);
        command.args(["-v", tag(language), "-s", WORDS_A_MINUTE, "-b", "1", "--stdin"]);
        Some((command, true))
    }
}

/// The folder of a language's recordings, and its name for espeak-ng.
const fn tag(language: Language) -> &'static str {
    match language {
        Language::Vi => "vi",
        Language::En => "en",
    }
}

/// The file of a phrase's recording: named by what is said, so that a changed text never speaks the old words.
#[must_use]
pub fn recording_name(phrase: &str) -> String {
    let digest = Sha256::digest(domain::text::clean(phrase).as_bytes());
    let name = data_encoding::HEXLOWER.encode(digest.get(..8).unwrap_or_default());
    format!("{name}.wav")
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name).with_extension(std::env::consts::EXE_EXTENSION))
        .find(|file| file.is_file())
}

impl Voice for MachineVoice {
    fn speaks(&self) -> bool {
        self.espeak.is_some()
    }

    fn say(&self, language: Language, phrases: Vec<String>, done: Box<dyn FnOnce() + Send>) {
        self.stop();
        let mine = self.turn.load(Ordering::SeqCst);
        let speakers: Vec<_> = phrases
            .iter()
            .map(|phrase| phrase.chars().take(PHRASE_CHARS_MAX).collect::<String>())
            .filter_map(|phrase| Some((self.speaker(language, &phrase)?, phrase)))
            .collect();
        let (turn, speaking) = (Arc::clone(&self.turn), Arc::clone(&self.speaking));
        std::thread::spawn(move || {
            for ((command, piped), phrase) in speakers {
                if turn.load(Ordering::SeqCst) != mine {
                    break;
                }
                if let Err(error) = speak(command, piped.then_some(phrase), &speaking, || {
                    turn.load(Ordering::SeqCst) == mine
                }) {
                    tracing::warn!(%error, "reading aloud");
                    break;
                }
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

/// Speaks one phrase to its end, or until it is nobody's turn any more.
fn speak(
    mut command: Command,
    text: Option<String>,
    speaking: &Mutex<Option<Child>>,
    wanted: impl Fn() -> bool,
) -> std::io::Result<()> {
    let mut child = command
        .stdin(if text.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let (Some(text), Some(mut pipe)) = (text, child.stdin.take()) {
        pipe.write_all(text.as_bytes())?;
    }
    *held(speaking) = Some(child);
    loop {
        let mut current = held(speaking);
        match current.as_mut() {
            // Somebody pressed "stop".
            None => return Ok(()),
            Some(child) => {
                if child.try_wait()?.is_some() {
                    *current = None;
                    return Ok(());
                }
            }
        }
        drop(current);
        if !wanted() {
            return Ok(());
        }
        std::thread::sleep(LISTEN_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, MachineVoice, Voice as _, recording_name};
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn a_recording_is_named_by_its_very_words() {
        let name = recording_name("Xin ông/bà xem tên của cháu.");
        assert_eq!(name, recording_name("  Xin ông/bà xem tên của cháu. "));
        assert_ne!(name, recording_name("Xin ông/bà xem tên của cha."));
        assert_eq!(name.len(), 20);
    }

    #[test]
    fn a_recording_comes_before_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let phrase = "Xin chào.";
        std::fs::create_dir(folder.path().join("vi")).unwrap();
        std::fs::write(folder.path().join("vi").join(recording_name(phrase)), b"RIFF").unwrap();
        let voice = MachineVoice {
            espeak: Some("/usr/bin/espeak-ng".into()),
            player: Some("/usr/bin/aplay".into()),
            ..MachineVoice::new(vec![folder.path().to_owned()])
        };
        let said = |language, text| {
            voice
                .speaker(language, text)
                .map(|(command, piped)| (command.get_program().to_owned(), piped))
        };
        assert_eq!(said(Language::Vi, phrase), Some(("/usr/bin/aplay".into(), false)));
        assert_eq!(
            said(Language::Vi, "Câu khác."),
            Some(("/usr/bin/espeak-ng".into(), true)),
            "no recording of it"
        );
        assert_eq!(
            said(Language::En, phrase),
            Some(("/usr/bin/espeak-ng".into(), true)),
            "another language"
        );
    }

    #[test]
    fn a_machine_without_a_voice_is_silent_and_ends() {
        let mute = MachineVoice {
            espeak: None,
            player: None,
            ..MachineVoice::new(Vec::new())
        };
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
    #[cfg(unix)]
    #[test]
    fn stop_is_heard_at_once() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let talker = folder.path().join("talker");
        std::fs::write(&talker, "#!/bin/sh\nexec sleep 60\n").unwrap();
        std::fs::set_permissions(&talker, std::fs::Permissions::from_mode(0o755)).unwrap();
        let voice = MachineVoice {
            espeak: Some(talker),
            player: None,
            ..MachineVoice::new(Vec::new())
        };
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

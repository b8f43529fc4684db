//! Recorded voices: folders with a manifest that says who spoke, under which licence, and the hash of every recording.
//!
//! **Invariants:** a recording is played for exactly the words that it was made of, and only while its bytes are those
//! that the manifest names; a file without a manifest is nobody's voice. What is damaged is named, and the machine's own
//! voice reads instead. Absent on purpose: making sound, which is `voice`.

use crate::views::Language;
use data_encoding::HEXLOWER;
use domain::text::clean;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

pub const MANIFEST: &str = "manifest.json";
/// A minute of sound at 48,000 samples a second, and more than any sentence needs.
const RECORDING_BYTES_MAX: u64 = 6 * 1024 * 1024;
const MANIFEST_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What lies beside the recordings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Who is heard.
    pub speaker: String,
    /// What they allow, by its short name: `CC-BY-4.0`.
    pub licence: String,
    pub recordings: Vec<Recording>,
}

/// One sentence. Its file is named by its words: see [`recording_name`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    pub language: Language,
    pub words: String,
    /// Of the file, lower-case hex.
    pub sha256: String,
}

/// Why a recording is not played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordingFault {
    #[error("the file is not there")]
    Missing,
    #[error("the bytes are not those that the manifest names")]
    Changed,
    #[error("it is no WAV file")]
    NoSound,
    #[error("it is too large")]
    TooLarge,
}

/// The folder of a language's recordings, and its name for espeak-ng.
#[must_use]
pub const fn tag(language: Language) -> &'static str {
    match language {
        Language::Vi => "vi",
        Language::En => "en",
    }
}

/// The file of a phrase's recording: named by what is said, so that a changed text never speaks the old words.
#[must_use]
pub fn recording_name(phrase: &str) -> String {
    let digest = Sha256::digest(clean(phrase).as_bytes());
    let name = HEXLOWER.encode(digest.get(..8).unwrap_or_default());
    format!("{name}.wav")
}

/// One folder of recordings.
#[derive(Debug, Clone)]
pub struct Pack {
    folder: PathBuf,
    pub manifest: Manifest,
    by_words: BTreeMap<(&'static str, String), String>,
}

impl Pack {
    /// Reads the manifest of a folder; none where there is no such folder or no manifest in it.
    ///
    /// # Errors
    /// Where the manifest cannot be read as one.
    pub fn open(folder: &Path) -> io::Result<Option<Self>> {
        let bytes = match limited(&folder.join(MANIFEST), MANIFEST_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let manifest: Manifest = serde_json::from_slice(&bytes)?;
        let by_words = manifest
            .recordings
            .iter()
            .map(|one| ((tag(one.language), clean(&one.words)), one.sha256.clone()))
            .collect();
        Ok(Some(Self {
            folder: folder.to_owned(),
            manifest,
            by_words,
        }))
    }

    /// Where the recording of these words lies.
    fn path(&self, language: Language, phrase: &str) -> PathBuf {
        self.folder.join(tag(language)).join(recording_name(phrase))
    }

    /// The sound of exactly these words; none where nobody recorded them.
    ///
    /// # Errors
    /// Why what was recorded is not played.
    pub fn sound(&self, language: Language, phrase: &str) -> Result<Option<Vec<u8>>, RecordingFault> {
        let Some(sha256) = self.by_words.get(&(tag(language), clean(phrase))) else {
            return Ok(None);
        };
        let bytes =
            limited(&self.path(language, phrase), RECORDING_BYTES_MAX).map_err(|e| match e.kind() {
                io::ErrorKind::FileTooLarge => RecordingFault::TooLarge,
                _ => RecordingFault::Missing,
            })?;
        if HEXLOWER.encode(&Sha256::digest(&bytes)) != *sha256 {
            return Err(RecordingFault::Changed);
        }
        if !is_wave(&bytes) {
            return Err(RecordingFault::NoSound);
        }
        Ok(Some(bytes))
    }

    /// Every recording of the manifest that is not played, by its file, with why.
    #[must_use]
    pub fn damaged(&self) -> Vec<(PathBuf, RecordingFault)> {
        let fault = |one: &Recording| {
            let fault = self.sound(one.language, &one.words).err()?;
            Some((self.path(one.language, &one.words), fault))
        };
        self.manifest.recordings.iter().filter_map(fault).collect()
    }
}

/// Makes the manifest of the recordings that lie in a folder for these sentences; answers it with what lies there for none
/// of them.
///
/// # Errors
/// Where a file cannot be read, and where one is no WAV file.
pub fn manifest_of(
    folder: &Path,
    speaker: &str,
    licence: &str,
    sentences: &[(Language, String)],
) -> io::Result<(Manifest, Vec<PathBuf>)> {
    let mut recordings = Vec::new();
    let mut left = files(folder)?;
    for (language, words) in sentences {
        let path = folder.join(tag(*language)).join(recording_name(words));
        if !left.contains(&path) {
            continue;
        }
        left.retain(|one| *one != path);
        let bytes = limited(&path, RECORDING_BYTES_MAX)?;
        if !is_wave(&bytes) {
            let what = format!("{}: {}", path.display(), RecordingFault::NoSound);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        recordings.push(Recording {
            language: *language,
            words: words.clone(),
            sha256: HEXLOWER.encode(&Sha256::digest(&bytes)),
        });
    }
    let manifest = Manifest {
        speaker: speaker.to_owned(),
        licence: licence.to_owned(),
        recordings,
    };
    Ok((manifest, left))
}

/// The recordings in both languages' folders.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for language in [Language::Vi, Language::En] {
        match std::fs::read_dir(folder.join(tag(language))) {
            Ok(entries) => {
                for entry in entries {
                    found.push(entry?.path());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort();
    Ok(found)
}

fn limited(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(bytes_max + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn is_wave(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A tone of a tenth of a second: PCM, one channel, 8,000 samples of 16 bits a second.
    pub(crate) fn tone() -> Vec<u8> {
        let samples: Vec<u8> = (0..800_u32)
            .flat_map(|n| {
                let wave = (f64::from(n) * 440.0 * std::f64::consts::TAU / 8000.0).sin() * 12_000.0;
                (wave as i16).to_le_bytes()
            })
            .collect();
        let data = u32::try_from(samples.len()).unwrap();
        let mut bytes = b"RIFF".to_vec();
        bytes.extend((36 + data).to_le_bytes());
        bytes.extend(b"WAVEfmt ");
        bytes.extend(16_u32.to_le_bytes());
        bytes.extend([1_u16, 1].iter().flat_map(|n| n.to_le_bytes()));
        bytes.extend([8000_u32, 16_000].iter().flat_map(|n| n.to_le_bytes()));
        bytes.extend([2_u16, 16].iter().flat_map(|n| n.to_le_bytes()));
        bytes.extend(b"data");
        bytes.extend(data.to_le_bytes());
        bytes.extend(samples);
        bytes
    }

    /// A folder in which these sentences are recorded.
    pub(crate) fn recorded(words: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("vi")).unwrap();
        let sentences: Vec<_> = words.iter().map(|w| (Language::Vi, (*w).to_owned())).collect();
        for (_, words) in &sentences {
            std::fs::write(folder.path().join("vi").join(recording_name(words)), tone()).unwrap();
        }
        let (manifest, left) = manifest_of(folder.path(), "Lò Thị Giọng", "CC0-1.0", &sentences).unwrap();
        assert!(left.is_empty(), "{left:?}");
        let text = serde_json::to_vec(&manifest).unwrap();
        std::fs::write(folder.path().join(MANIFEST), text).unwrap();
        folder
    }

    #[test]
    fn a_recording_is_named_by_its_very_words() {
        let name = recording_name("Xin ông/bà xem tên của cháu.");
        assert_eq!(name, recording_name("  Xin ông/bà xem tên của cháu. "));
        assert_ne!(name, recording_name("Xin ông/bà xem tên của cha."));
        assert_eq!(name.len(), 20);
    }

    #[test]
    fn exactly_what_was_recorded_is_found() {
        let folder = recorded(&["Xin chào."]);
        let pack = Pack::open(folder.path()).unwrap().unwrap();
        assert_eq!(pack.sound(Language::Vi, " Xin chào. "), Ok(Some(tone())));
        assert_eq!(pack.sound(Language::Vi, "Xin chào ông."), Ok(None), "other words");
        assert_eq!(
            pack.sound(Language::En, "Xin chào."),
            Ok(None),
            "another language"
        );
        assert!(pack.damaged().is_empty());
    }

    #[test]
    fn without_a_manifest_a_file_is_nobodys_voice() {
        let folder = recorded(&["Xin chào."]);
        std::fs::remove_file(folder.path().join(MANIFEST)).unwrap();
        assert!(Pack::open(folder.path()).unwrap().is_none());
        std::fs::write(folder.path().join(MANIFEST), b"{").unwrap();
        assert!(Pack::open(folder.path()).is_err(), "a broken one is told");
    }

    #[test]
    fn what_is_damaged_is_named_and_not_played() {
        let all = ["Một.", "Hai.", "Ba.", "Bốn."];
        let folder = recorded(&all);
        let file = |words: &str| folder.path().join("vi").join(recording_name(words));
        let mut changed = tone();
        changed[100] ^= 1;
        std::fs::write(file("Một."), changed).unwrap();
        std::fs::remove_file(file("Hai.")).unwrap();
        std::fs::write(file("Ba."), vec![0; RECORDING_BYTES_MAX as usize + 1]).unwrap();
        let pack = Pack::open(folder.path()).unwrap().unwrap();
        assert_eq!(
            pack.damaged(),
            [
                (file("Một."), RecordingFault::Changed),
                (file("Hai."), RecordingFault::Missing),
                (file("Ba."), RecordingFault::TooLarge),
            ],
            "and the control, the fourth, is whole"
        );
    }

    #[test]
    fn a_manifest_is_made_of_sound_alone_and_tells_what_is_nobodys() {
        let folder = tempfile::tempdir().unwrap();
        let vi = folder.path().join("vi");
        std::fs::create_dir(&vi).unwrap();
        let one = (Language::Vi, "Một.".to_owned());
        std::fs::write(vi.join(recording_name("Một.")), b"ID3 something else").unwrap();
        assert!(manifest_of(folder.path(), "Ai", "CC0-1.0", std::slice::from_ref(&one)).is_err());
        std::fs::write(vi.join(recording_name("Một.")), tone()).unwrap();
        let stray = vi.join("0000000000000000.wav");
        std::fs::write(&stray, tone()).unwrap();
        let (manifest, left) = manifest_of(folder.path(), "Ai", "CC0-1.0", &[one]).unwrap();
        assert_eq!((manifest.recordings.len(), left), (1, vec![stray]));
    }
}

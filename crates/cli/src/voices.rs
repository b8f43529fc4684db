//! `voices`: for whoever records the sentences that the citizen's screen reads aloud. Which are missing, the manifest of
//! what was recorded, and which recordings are damaged.

use anyhow::Context;
use app::recordings::{MANIFEST, Pack, manifest_of, recording_name, tag};
use app::sentences::sentences;
use app::views::Language;
use clap::Subcommand;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Voices {
    /// The sentences that are not recorded yet, one a line: the file to record into, a tab, and what to say.
    Missing {
        /// Where recordings lie already.
        #[arg(long)]
        folder: Vec<PathBuf>,
        #[arg(long, value_enum, default_value_t = Tongue::Vi)]
        language: Tongue,
    },
    /// Writes the manifest of the recordings in a folder (vi/*.wav, en/*.wav).
    Manifest {
        folder: PathBuf,
        /// Who is heard.
        #[arg(long)]
        speaker: String,
        /// What they allow, such as CC-BY-4.0.
        #[arg(long)]
        licence: String,
    },
    /// Every recording that a kiosk would not play, with why.
    Check { folder: PathBuf },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Tongue {
    Vi,
    En,
}

impl Tongue {
    const fn language(self) -> Language {
        match self {
            Self::Vi => Language::Vi,
            Self::En => Language::En,
        }
    }
}

pub fn run(command: Voices) -> anyhow::Result<ExitCode> {
    match command {
        Voices::Missing { folder, language } => missing(&folder, language.language()),
        Voices::Manifest {
            folder,
            speaker,
            licence,
        } => manifest(&folder, &speaker, &licence),
        Voices::Check { folder } => check(&folder),
    }
}

fn all(language: Language) -> anyhow::Result<Vec<String>> {
    let catalogue = catalogue::built_in::catalogue().context("the built-in catalogue")?;
    Ok(sentences(&catalogue, language, jiff::Timestamp::now()))
}

fn missing(folders: &[PathBuf], language: Language) -> anyhow::Result<ExitCode> {
    let packs: Vec<Pack> = folders
        .iter()
        .map(|folder| pack(folder))
        .collect::<anyhow::Result<_>>()?;
    let heard = |words: &String| {
        packs
            .iter()
            .any(|p| matches!(p.sound(language, words), Ok(Some(_))))
    };
    let all = all(language)?;
    let missing: Vec<&String> = all.iter().filter(|words| !heard(words)).collect();
    let mut out = std::io::stdout().lock();
    for words in &missing {
        writeln!(out, "{}/{}\t{words}", tag(language), recording_name(words))?;
    }
    let (left, of) = (missing.len(), all.len());
    eprintln!("Còn {left} trong {of} câu chưa ghi âm. ({left} of {of} sentences are not recorded.)");
    Ok(ExitCode::SUCCESS)
}

fn pack(folder: &Path) -> anyhow::Result<Pack> {
    let read = Pack::open(folder).with_context(|| format!("{}/{MANIFEST}", folder.display()))?;
    read.with_context(|| {
        format!(
            "Thư mục {} chưa có {MANIFEST}. (No manifest: run `voices manifest`.)",
            folder.display()
        )
    })
}

fn manifest(folder: &Path, speaker: &str, licence: &str) -> anyhow::Result<ExitCode> {
    let mut wanted = Vec::new();
    for language in [Language::Vi, Language::En] {
        wanted.extend(all(language)?.into_iter().map(|words| (language, words)));
    }
    let (manifest, left) = manifest_of(folder, speaker, licence, &wanted)
        .with_context(|| format!("Không đọc được bản ghi âm trong {}", folder.display()))?;
    let text = format!("{}\n", serde_json::to_string_pretty(&manifest)?);
    std::fs::write(folder.join(MANIFEST), text).context("writing the manifest")?;
    for stray in &left {
        println!(
            "{}: không có câu này. (No such sentence: not in the manifest.)",
            stray.display()
        );
    }
    let count = manifest.recordings.len();
    println!("{count} câu đã ghi âm. ({count} recorded sentences.)");
    Ok(ExitCode::SUCCESS)
}

fn check(folder: &Path) -> anyhow::Result<ExitCode> {
    let pack = pack(folder)?;
    let damaged = pack.damaged();
    for (file, fault) in &damaged {
        println!("{}: {fault}", file.display());
    }
    let (bad, of) = (damaged.len(), pack.manifest.recordings.len());
    println!("{bad} trong {of} bản ghi bị hỏng. ({bad} of {of} recordings are damaged.)");
    Ok(if damaged.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

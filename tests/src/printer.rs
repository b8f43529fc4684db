//! Printers that are played: an office printer behind its system's programs, and a roll on the network. What they are
//! given they keep, so that a story reads what came out.
//!
//! The printer's system is two small scripts in a folder that stands first in the kiosk's `PATH`; everything else is real.

use crate::counter::Counter;
use crate::kiosk::Kiosk;
use crate::listening::Listening;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

/// `lpstat` reads how the printer is from a file; `lp` keeps what it is given, or half of it.
const LPSTAT: &str = r#"
state=$(cat "$(dirname "$0")/state")
[ "$state" = gone ] && exit 1
case "$1" in
  -e) echo office;;
  -d) echo 'system default destination: office';;
  -l) case "$state" in
        empty) printf 'printer office is idle.\n\tAlerts: media-empty-error\n';;
        *) echo 'printer office is idle.  enabled since Wed';;
      esac;;
esac"#;
const LP: &str = r#"
dir=$(dirname "$0")
n=$(($(ls "$dir" | grep -c '^paper-') + 1))
if [ "$(cat "$dir/state")" = jams ]; then head -c 2000 > "$dir/paper-$n.pdf"; exit 1; fi
cat > "$dir/paper-$n.pdf"
echo "$@" > "$dir/title-$n"
echo "request id is office-$n (0 file(s))""#;

const CANCEL: &str = r#"echo "$1" >> "$(dirname "$0")/taken-back""#;

/// An office printer as its system tells of it.
#[derive(Debug)]
pub struct Printer(tempfile::TempDir);

impl Printer {
    /// Switched on, with no paper in it.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for (name, body) in [("lp", LP), ("lpstat", LPSTAT), ("cancel", CANCEL)] {
            let path = folder.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{body}\n"))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
        let printer = Self(folder);
        printer.is("empty")?;
        Ok(printer)
    }

    /// `ready`, `empty`, `jams` or `gone`.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn is(&self, state: &str) -> Result<()> {
        Ok(fs::write(self.0.path().join("state"), state)?)
    }

    /// Every paper that came out, also in part, in order.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn papers(&self) -> Result<Vec<PathBuf>> {
        let mut all: Vec<PathBuf> = fs::read_dir(self.0.path())?
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "pdf"))
            .collect();
        all.sort();
        Ok(all)
    }

    /// The jobs that were taken out of the queue.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn taken_back(&self) -> Result<Vec<String>> {
        let path = self.0.path().join("taken-back");
        let told = if path.exists() {
            fs::read_to_string(path)?
        } else {
            String::new()
        };
        Ok(told.lines().map(str::to_owned).collect())
    }

    /// The name of the newest job.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn last_job(&self) -> Result<String> {
        Ok(format!("office-{}", self.papers()?.len()))
    }

    /// The newest paper.
    ///
    /// # Errors
    /// Where there is none.
    pub fn last(&self) -> Result<PathBuf> {
        self.papers()?.pop().context("nothing was printed")
    }

    /// What stands on the newest paper, in one line.
    ///
    /// # Errors
    /// As [`Self::last`].
    pub fn last_text(&self) -> Result<String> {
        text(&self.last()?)
    }

    /// The folder of its programs and of what they keep.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// The counter's kiosk on this printer, with the officer signed in.
    ///
    /// # Errors
    /// Where it does not open.
    pub fn kiosk(&self, counter: &Counter) -> Result<Kiosk> {
        let path = format!(
            "{}:{}",
            self.0.path().display(),
            std::env::var("PATH").unwrap_or_default()
        );
        counter.reopen_with(&[], &[("PATH", &path)])
    }
}

/// What stands on a paper, in one line.
///
/// # Errors
/// Where `pdftotext` is missing.
pub fn text(pdf: &Path) -> Result<String> {
    let read = Command::new("pdftotext")
        .arg(pdf)
        .arg("-")
        .stderr(Stdio::null())
        .output()
        .context("pdftotext (package poppler-utils)")?;
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A played roll printer on the network: it says that it is ready, and keeps what it is given.
#[derive(Debug)]
pub struct Roll {
    listening: Listening,
    taken: Receiver<Vec<u8>>,
}

impl Roll {
    /// On a free port of this machine.
    ///
    /// # Errors
    /// Where no port is free.
    pub fn switched_on() -> Result<Self> {
        let (sender, taken) = mpsc::channel();
        let listening = Listening::start(move |stream| {
            // Nobody listens any more once the story is over.
            let _ = sender.send(answered(stream));
        })?;
        Ok(Self { listening, taken })
    }

    /// `host:port`, as an officer types it.
    #[must_use]
    pub fn address(&self) -> String {
        self.listening.address().to_string()
    }

    /// Rows of dots in what it was given: `GS v 0` tells how many follow (ESC/POS).
    ///
    /// # Errors
    /// Where it was given no picture.
    pub fn rows(&self) -> Result<usize> {
        for _ in 0..20 {
            let given = self.taken.recv_timeout(Duration::from_secs(10))?;
            let pictures = given.windows(8).filter_map(|w| match w {
                [0x1d, 0x76, 0x30, _, _, _, low, high] => {
                    Some(usize::from(u16::from_le_bytes([*low, *high])))
                }
                _ => None,
            });
            match pictures.sum() {
                0 => (), // It was only asked how it is.
                rows => return Ok(rows),
            }
        }
        bail!("the roll was given no picture")
    }
}

/// "Ready" to every `DLE EOT`, until the kiosk has nothing more to say.
fn answered(mut stream: TcpStream) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        all.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if matches!(all.as_slice(), [.., 0x10, 0x04, _]) && stream.write_all(&[0b0001_0010]).is_err() {
            break;
        }
    }
    all
}

//! `scanimage`, one run for a list and one run for a batch.

use super::options::Options;
use super::{ScannerInfo, SheetSource};
use crate::PaperError;
use crate::intake::INPUT_BYTES_MAX;
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Sheets of one batch; a feeder holds fewer.
const SHEETS_MAX: u32 = 60;
/// A scanner that gives nothing for so long is stuck.
const SILENCE_MAX: Duration = Duration::from_secs(90);
/// How long a search may take: network scanners answer within a few seconds.
const SEARCH_MAX: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(2);
const BETWEEN_SHEETS: Duration = Duration::from_millis(20);

/// The scanners of this machine and its network.
#[derive(Debug, Clone)]
pub struct SaneScanners {
    program: PathBuf,
    silence_max: Duration,
}

impl Default for SaneScanners {
    fn default() -> Self {
        Self {
            program: PathBuf::from("scanimage"),
            silence_max: SILENCE_MAX,
        }
    }
}

impl SaneScanners {
    /// With another program in the place of `scanimage`: a wrapper that sets up its drivers.
    #[must_use]
    pub fn at(program: PathBuf) -> Self {
        Self {
            program,
            ..Self::default()
        }
    }

    /// Asks every driver. Slow where scanners are looked for in the network.
    ///
    /// # Errors
    /// `NoScanner` where the program itself is missing; none found is an empty list.
    pub fn list(&self) -> Result<Vec<ScannerInfo>, PaperError> {
        let told = self.tell(&["--formatted-device-list=%d\t%v %m%n".to_owned()])?;
        let found = told.lines().filter_map(|line| line.split_once('\t'));
        Ok(found
            .map(|(id, name)| {
                let options = self.options(id).unwrap_or_default();
                ScannerInfo {
                    id: id.to_owned(),
                    name: name.trim().replace('_', " "),
                    glass: options.glass.is_some() || options.unnamed,
                    feeder: options.feeder.is_some(),
                }
            })
            .collect())
    }

    fn options(&self, id: &str) -> Result<Options, PaperError> {
        let arguments = ["-d", id, "--all-options"].map(str::to_owned);
        Ok(Options::parse(&self.tell(&arguments)?))
    }

    /// What a short run prints, within [`SEARCH_MAX`].
    fn tell(&self, arguments: &[String]) -> Result<String, PaperError> {
        let mut child = Command::new(&self.program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| PaperError::NoScanner)?;
        let output = child.stdout.take().ok_or(PaperError::NoScanner)?;
        let (done, told) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let read = output.take(1024 * 1024).read_to_end(&mut text);
            let _ = done.send(read.map(|_| text));
        });
        let told = told.recv_timeout(SEARCH_MAX);
        let _ = child.kill();
        let _ = child.wait();
        let text = told
            .map_err(|_| PaperError::NoScanner)?
            .map_err(|_| PaperError::NoScanner)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Starts scanning: one sheet from the glass, or all that lie in the feeder.
    ///
    /// # Errors
    /// `NoScanner`, `ScannerFailed`.
    pub fn scan(&self, id: &str, feeder: bool) -> Result<Batch, PaperError> {
        let options = self.options(id)?;
        let source = if feeder {
            options.feeder.as_deref()
        } else {
            options.glass.as_deref()
        };
        if feeder && source.is_none() {
            return Err(PaperError::NoScanner);
        }
        let pipes = tempfile::tempdir().map_err(|_| PaperError::ScannerFailed)?;
        let sheets = if feeder { SHEETS_MAX } else { 1 };
        for n in 1..=sheets {
            let mode = Mode::RUSR | Mode::WUSR;
            mknodat(CWD, part(pipes.path(), n), FileType::Fifo, mode, 0)
                .map_err(|_| PaperError::ScannerFailed)?;
        }
        let child = Command::new(&self.program)
            .args(["-d", id, "--format=png", "--batch=p%d.png"])
            .arg(format!("--batch-count={sheets}"))
            .args(options.arguments(source))
            .current_dir(pipes.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| PaperError::NoScanner)?;
        Ok(Batch {
            child,
            pipes,
            next: 1,
            sheets,
            held: None,
            over: false,
            silence_max: self.silence_max,
        })
    }
}

/// The name under which `scanimage` writes a sheet before it is whole.
fn part(folder: &Path, n: u32) -> PathBuf {
    folder.join(format!("p{n}.png.part"))
}

/// A batch under way. Dropped, the scanner is stopped.
#[derive(Debug)]
pub struct Batch {
    child: Child,
    pipes: TempDir,
    next: u32,
    sheets: u32,
    /// A sheet is handed on once the next begins or the scanner ends well: a jam leaves half a sheet.
    held: Option<Vec<u8>>,
    over: bool,
    silence_max: Duration,
}

impl SheetSource for Batch {
    fn next_sheet(&mut self) -> Option<Result<Vec<u8>, PaperError>> {
        if self.over {
            return None;
        }
        loop {
            if self.next > self.sheets {
                return self.end();
            }
            match self.sheet() {
                Ok(Some(sheet)) => {
                    self.next += 1;
                    if let Some(before) = self.held.replace(sheet) {
                        return Some(Ok(before));
                    }
                }
                Ok(None) => return self.end(),
                Err(error) => {
                    self.over = true;
                    // A scanner that hangs would keep the glass until somebody pulls its plug.
                    let _ = self.child.kill();
                    return Some(Err(error));
                }
            }
        }
    }
}

impl Batch {
    /// The scanner has ended: the last sheet, or why there is none.
    fn end(&mut self) -> Option<Result<Vec<u8>, PaperError>> {
        self.over = true;
        let first = self.next == 1;
        // SANE's own numbers (sane.h): 7 is "out of documents".
        match self.child.wait().ok().and_then(|status| status.code()) {
            Some(0) if first && self.held.is_none() => Some(Err(PaperError::ScannerEmpty)),
            Some(0 | 7) => match self.held.take() {
                Some(sheet) => Some(Ok(sheet)),
                None => Some(Err(PaperError::ScannerEmpty)),
            },
            Some(1) if first => Some(Err(PaperError::NoScanner)),
            Some(_) | None => Some(Err(PaperError::ScannerFailed)),
        }
    }

    /// One sheet from its pipe; none where the scanner ended instead.
    fn sheet(&mut self) -> Result<Option<Vec<u8>>, PaperError> {
        let failed = |_| PaperError::ScannerFailed;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        // A sheet that was renamed before we looked is open under neither name: it cannot happen, because the scanner
        // waits at the pipe until somebody reads.
        let pipe = open(part(self.pipes.path(), self.next), flags, Mode::empty())
            .map_err(|_| PaperError::ScannerFailed)?;
        let mut pipe = File::from(pipe);
        let mut sheet = Vec::new();
        let mut block = vec![0; 256 * 1024];
        let mut heard = Instant::now();
        loop {
            match pipe.read(&mut block) {
                // Nobody writes: not yet, or not any more.
                Ok(0) if sheet.is_empty() => {
                    if self.child.try_wait().map_err(failed)?.is_some() {
                        return Ok(None);
                    }
                    std::thread::sleep(BETWEEN_SHEETS);
                }
                Ok(0) => return Ok(Some(sheet)),
                Ok(n) => {
                    sheet.extend_from_slice(block.get(..n).unwrap_or_default());
                    heard = Instant::now();
                    if sheet.len() as u64 > INPUT_BYTES_MAX {
                        return Err(PaperError::ScannerFailed);
                    }
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => std::thread::sleep(GLANCE),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(PaperError::ScannerFailed),
            }
            if heard.elapsed() > self.silence_max {
                return Err(PaperError::ScannerFailed);
            }
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // Ended already where the batch was read to its end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
#[path = "sane_tests.rs"]
mod tests;

//! Printers of the office, through CUPS: `lp` takes the job, `lpstat` tells the queue's state.
//!
//! **Invariant:** the paper goes in over standard input: no temporary file, no shell.

use super::{Job, PrintJob, Printer, PrinterState, Stock};
use crate::PaperError;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long the printer system may take to answer.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(15);
/// How much of its answer is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// A CUPS queue, reached through `lp` and `lpstat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CupsPrinter {
    queue: String,
    /// Where the two programs are; `None` looks them up as usual.
    programs: Option<PathBuf>,
    wait_max: Duration,
}

impl CupsPrinter {
    /// A printer by its queue's name.
    #[must_use]
    pub fn named(queue: impl Into<String>) -> Self {
        Self {
            queue: queue.into(),
            programs: None,
            wait_max: ANSWER_WAIT_MAX,
        }
    }

    /// The names of the queues that can be chosen.
    ///
    /// # Errors
    /// `NoPrinter` where there is no printer system, `PrinterSilent` where it does not answer.
    pub fn queues() -> Result<Vec<String>, PaperError> {
        Self::named("").list()
    }

    fn list(&self) -> Result<Vec<String>, PaperError> {
        let answer = self.ask("lpstat", &["-e"], &[])?;
        Ok(answer
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect())
    }

    /// The default printer, else the only one, else none: a kiosk must not guess among several.
    #[must_use]
    pub fn find() -> Option<Self> {
        Self::named("").found()
    }

    pub(crate) fn found(self) -> Option<Self> {
        let names = self.list().ok()?;
        let default = self
            .ask("lpstat", &["-d"], &[])
            .ok()
            .and_then(|a| after_colon(&a));
        let queue = match (default, names.as_slice()) {
            (Some(name), _) if names.contains(&name) => name,
            (_, [only]) => only.clone(),
            _ => return None,
        };
        Some(Self { queue, ..self })
    }

    /// Takes a job out of the queue, so that it does not come out later, when somebody else stands there. A job that is
    /// out, or gone, is none the worse for it.
    ///
    /// # Errors
    /// `NoPrinter` where there is no printer system, `PrinterSilent` where it does not answer, `PrinterFailed` where it
    /// has no such job any more.
    pub fn take_back(&self, job: &PrintJob) -> Result<(), PaperError> {
        self.ask("cancel", &[&job.id], &[]).map(drop)
    }

    #[cfg(test)]
    pub(crate) fn with_programs(self, programs: PathBuf, wait_max: Duration) -> Self {
        Self {
            programs: Some(programs),
            wait_max,
            ..self
        }
    }

    /// Runs one of the two programs to its end and returns what it says.
    fn ask(&self, program: &str, args: &[&str], input: &[u8]) -> Result<String, PaperError> {
        let path = self
            .programs
            .as_ref()
            .map_or_else(|| PathBuf::from(program), |dir| dir.join(program));
        let mut child = Command::new(path)
            .args(args)
            // Its answer is read by a program, so it is asked for in one language.
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| PaperError::NoPrinter)?;
        let heard = self.hear(&mut child, input.to_vec());
        if heard.is_err() {
            // Whether it still runs or not, it is not waited for longer.
            let _ = child.kill();
        }
        let status = child.wait().map_err(|_| PaperError::PrinterFailed)?;
        heard.and_then(|text| {
            if status.success() {
                Ok(text)
            } else {
                Err(PaperError::PrinterFailed)
            }
        })
    }

    /// Writes and reads on threads, so that neither a full pipe nor a silent server holds the caller.
    fn hear(&self, child: &mut Child, input: Vec<u8>) -> Result<String, PaperError> {
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(PaperError::PrinterFailed);
        };
        // A program that ends before it has read all says so by its exit status.
        std::thread::spawn(move || drop(stdin.write_all(&input)));
        let (said, heard) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let read = stdout.take(ANSWER_BYTES_MAX).read_to_end(&mut text);
            let _ = said.send(read.map(|_| String::from_utf8_lossy(&text).into_owned()));
        });
        match heard.recv_timeout(self.wait_max) {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(_)) => Err(PaperError::PrinterFailed),
            Err(_) => Err(PaperError::PrinterSilent),
        }
    }
}

impl Printer for CupsPrinter {
    fn stock(&self) -> Stock {
        Stock::Sheets
    }

    fn state(&self) -> PrinterState {
        match self.ask("lpstat", &["-l", "-p", &self.queue], &[]) {
            Ok(answer) => state_of(&answer),
            Err(PaperError::PrinterSilent) => PrinterState::Unknown,
            Err(_) => PrinterState::Gone,
        }
    }

    fn print(&self, job: &Job<'_>) -> Result<PrintJob, PaperError> {
        let media = format!("media={}", job.size.cups());
        let args = ["-d", &self.queue, "-t", job.title, "-o", &media, "-"];
        let answer = self.ask("lp", &args, &job.drawn.pdf)?;
        // "request id is office-12 (1 file(s))"
        let id = answer
            .split_whitespace()
            .nth(3)
            .ok_or(PaperError::PrinterFailed)?;
        Ok(PrintJob {
            printer: self.queue.clone(),
            id: id.to_owned(),
        })
    }
}

/// What `lpstat -l -p` says, by the words that IPP gives to a printer's state and its reasons.
fn state_of(answer: &str) -> PrinterState {
    let has = |word: &str| answer.contains(word);
    if has("media-empty") || has("media-needed") || has("out of paper") {
        PrinterState::NoPaper
    } else if has("media-jam") {
        PrinterState::Jam
    } else if has("cover-open") || has("door-open") {
        PrinterState::CoverOpen
    } else if has("offline") || has("connecting-to-device") || has("timed-out") {
        PrinterState::Off
    } else if has(" disabled since") {
        PrinterState::Stopped
    } else if has(" is idle.") || has("now printing") {
        PrinterState::Ready
    } else {
        PrinterState::Unknown
    }
}

/// "system default destination: office"; "no system default destination" has no colon.
fn after_colon(answer: &str) -> Option<String> {
    answer.split_once(':').map(|(_, name)| name.trim().to_owned())
}

#[cfg(test)]
#[path = "cups_tests.rs"]
mod tests;

//! Printers. What is particular to an operating system stands behind [`Printer`].
//!
//! **Invariant:** the paper goes to the printer's program over standard input: no temporary file, no shell, and
//! nothing about a person in the job's title. A job that was taken is not yet a sheet in a hand: the caller asks.
//!
//! Deliberately absent: Windows (nothing is found there yet) and thermal rolls.

use crate::PaperError;

/// A job that the printer system has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintJob {
    pub printer: String,
    /// The printer system's own name of the job.
    pub id: String,
}

/// Something that puts a PDF on paper.
pub trait Printer: Send + Sync {
    /// Hands one A5 paper over. `title` is seen by everybody at the printer: a receipt number and no more.
    ///
    /// Blocks until the printer system has answered, some seconds at most.
    ///
    /// # Errors
    /// `NoPrinter`, `PrinterFailed`, `PrinterSilent`.
    fn print(&self, pdf: &[u8], title: &str) -> Result<PrintJob, PaperError>;

    /// The names of the printers that can be chosen.
    ///
    /// # Errors
    /// `NoPrinter` where there is no printer system, `PrinterSilent` where it does not answer.
    fn list(&self) -> Result<Vec<String>, PaperError>;
}

/// The printer that this machine prints on by itself: its default one, else its only one.
#[must_use]
pub fn find_printer() -> Option<Box<dyn Printer>> {
    #[cfg(unix)]
    return CupsPrinter::find().map(|p| Box::new(p) as Box<dyn Printer>);
    #[cfg(not(unix))]
    None
}

#[cfg(unix)]
pub use cups::CupsPrinter;

#[cfg(unix)]
mod cups {
    use super::{PaperError, PrintJob, Printer};
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

        /// The default printer, else the only one, else none: a kiosk must not guess among several.
        #[must_use]
        pub fn find() -> Option<Self> {
            Self::named("").found()
        }

        pub(super) fn found(self) -> Option<Self> {
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

        #[cfg(test)]
        pub(super) fn with_programs(self, programs: PathBuf, wait_max: Duration) -> Self {
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
        fn print(&self, pdf: &[u8], title: &str) -> Result<PrintJob, PaperError> {
            let args = ["-d", &self.queue, "-t", title, "-o", "media=A5", "-"];
            let answer = self.ask("lp", &args, pdf)?;
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

        fn list(&self) -> Result<Vec<String>, PaperError> {
            let answer = self.ask("lpstat", &["-e"], &[])?;
            Ok(answer
                .lines()
                .map(str::trim)
                .filter(|l| !l.is_empty())
                .map(str::to_owned)
                .collect())
        }
    }

    /// "system default destination: office"; "no system default destination" has no colon.
    fn after_colon(answer: &str) -> Option<String> {
        answer.split_once(':').map(|(_, name)| name.trim().to_owned())
    }
}

#[cfg(test)]
#[cfg(unix)]
#[path = "printer_tests.rs"]
mod tests;

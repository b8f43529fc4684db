//! The kiosk's side: starts the reading process, hands over, waits, ends it.

use super::child::ARGUMENT;
use super::protocol::{self, Job};
use crate::PaperError;
use crate::codes::Code;
use crate::intake::{INPUT_BYTES_MAX, PreparedFile};
use crate::page::Taken;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long a person waits for a paper at most. A usual page takes under two seconds.
pub const WAIT_MAX: Duration = Duration::from_secs(45);

type Output = BufReader<ChildStdout>;

/// Starts reading processes.
#[derive(Debug, Clone)]
pub struct Reader {
    program: PathBuf,
}

impl Reader {
    /// The running program itself, which must ask [`is_asked_for`](super::is_asked_for) first thing in `main`.
    #[must_use]
    pub fn this_program() -> Self {
        // The link follows the program even where an update has put another file in its place.
        let itself = PathBuf::from("/proc/self/exe");
        let program = if itself.exists() {
            itself
        } else {
            std::env::current_exe().unwrap_or_else(|_| PathBuf::from("donghanh"))
        };
        Self { program }
    }

    /// Takes a JPEG, PNG or PDF in, as [`crate::prepare`] does, in a process of its own.
    ///
    /// # Errors
    /// Those of [`crate::prepare`]; `ReaderDied` and `ReaderSlow` where the file was too much for the process.
    pub fn prepare(&self, bytes: Vec<u8>, taken: Taken) -> Result<PreparedFile, PaperError> {
        let size = bytes.len() as u64;
        if size > INPUT_BYTES_MAX {
            return Err(PaperError::TooLarge {
                bytes: size,
                limit: INPUT_BYTES_MAX,
            });
        }
        self.run(Job::Prepare { taken }, bytes, move |from| {
            protocol::answered(from, size)
        })
    }

    /// One page of a PDF, counted from 0, made right like a sheet from a scanner.
    pub(super) fn sheet(&self, pdf: Vec<u8>, page: u32, of: u32) -> Result<PreparedFile, PaperError> {
        let share = pdf.len() as u64 / u64::from(of.max(1));
        let taken = Taken::Glass;
        self.run(Job::Sheet { page, taken }, pdf, move |from| {
            protocol::answered(from, share)
        })
    }

    /// The QR codes and barcodes on a picture, which is not kept.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn codes(&self, picture: Vec<u8>) -> Result<Vec<Code>, PaperError> {
        let bytes = picture.len() as u64;
        if bytes > INPUT_BYTES_MAX {
            return Err(PaperError::TooLarge {
                bytes,
                limit: INPUT_BYTES_MAX,
            });
        }
        self.run(Job::Codes, picture, protocol::answered_codes)
    }

    /// Turns a page clockwise by quarters of a circle.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn turn(&self, page: Vec<u8>, quarters: u8) -> Result<PreparedFile, PaperError> {
        let size = page.len() as u64;
        self.run(Job::Turn { quarters }, page, move |from| {
            protocol::answered(from, size)
        })
    }

    fn run<T: Send + 'static>(
        &self,
        job: Job,
        bytes: Vec<u8>,
        hear: impl FnOnce(&mut Output) -> Result<T, PaperError> + Send + 'static,
    ) -> Result<T, PaperError> {
        let mut child = self.start()?;
        let answer = exchange(&mut child, job, bytes, hear);
        // Ended already where all went well; a process that hangs or was turned is not left behind.
        let _ = child.kill();
        let _ = child.wait();
        answer
    }

    fn start(&self) -> Result<Child, PaperError> {
        Command::new(&self.program)
            .arg(ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| PaperError::ReaderDied)
    }
}

/// Writing and reading at once: a process that answers before it has read everything must not hang us.
fn exchange<T: Send + 'static>(
    child: &mut Child,
    job: Job,
    bytes: Vec<u8>,
    hear: impl FnOnce(&mut Output) -> Result<T, PaperError> + Send + 'static,
) -> Result<T, PaperError> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(PaperError::ReaderDied);
    };
    // A broken pipe shows on the other side, as an answer that does not come.
    std::thread::spawn(move || protocol::ask(&mut input, job, &bytes));
    let (done, answer) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let heard = hear(&mut BufReader::new(output));
        // Nobody waits any more once the time is over.
        let _ = done.send(heard);
    });
    match answer.recv_timeout(WAIT_MAX) {
        Ok(heard) => heard,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(PaperError::ReaderSlow),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(PaperError::ReaderDied),
    }
}

//! The reading process itself.

use super::limits;
use super::protocol::{self, Job};
use crate::intake;
use std::io::{self, BufWriter};
use std::process::ExitCode;

/// The one argument that makes a program of ours read a paper instead of what it is for.
pub(super) const ARGUMENT: &str = "--read-paper";

/// Whether this process was started to read a paper. To be asked before anything else in `main`.
#[must_use]
pub fn is_asked_for() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    arguments.next().is_some_and(|a| a == ARGUMENT) && arguments.next().is_none()
}

/// Reads one paper from standard input and ends.
#[must_use]
pub fn serve() -> ExitCode {
    // Without limits nothing is read: a file that was refused is better than a kiosk that fell.
    match limits::set().and_then(|()| one_paper()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn one_paper() -> io::Result<()> {
    let (job, bytes) = protocol::asked(&mut io::stdin().lock())?;
    let mut output = BufWriter::new(io::stdout().lock());
    match job {
        Job::Prepare { taken } => protocol::answer(&mut output, intake::prepare(&bytes, taken)),
        Job::Sheet { page, taken } => protocol::answer(&mut output, intake::sheet(&bytes, page, taken)),
        Job::Turn { quarters } => protocol::answer(&mut output, intake::turn(&bytes, quarters)),
        Job::Codes => protocol::answer_codes(&mut output, intake::codes_of(&bytes)),
    }
}

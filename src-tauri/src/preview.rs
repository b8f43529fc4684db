//! `--preview FILE`: the windows on one procedure, in a folder that is gone when they close.

use crate::opening::Coming;
use crate::options::Options;
use crate::shell;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// Checks the file, opens the interview on it, and leaves nothing behind.
pub fn run(options: Options, file: &Path, started: Instant) -> ExitCode {
    let (bytes, folder) = match (std::fs::read(file), tempfile::tempdir()) {
        (Ok(bytes), Ok(folder)) => (bytes, folder),
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("{}: {error}", file.display());
            return ExitCode::from(shell::EXIT_NOT_OPENED);
        }
    };
    let options = Options {
        data: folder.path().to_owned(),
        ..options
    };
    match app::preview::read(&file.display().to_string(), &bytes) {
        Err(found) => {
            found.iter().for_each(|finding| eprintln!("{finding}"));
            ExitCode::from(shell::EXIT_NOT_OPENED)
        }
        Ok(procedure) => match app::preview::open(procedure, folder.path()) {
            Ok(kiosk) => shell::show(options, Coming::there(kiosk), started),
            Err(problem) => {
                shell::tell(&problem, &options);
                ExitCode::from(shell::EXIT_NOT_OPENED)
            }
        },
    }
}

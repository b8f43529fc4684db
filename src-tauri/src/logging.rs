//! The shell's log: one file beside the databases, kept small, for a technician.
//!
//! **Invariant:** no personal data. Only our own crates speak at `info`; what they say is codes and numbers.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;

/// Above this the file is set aside as `donghanh.1.log`, over the one before.
const LOG_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Other crates are heard only when something is wrong: their lower levels may print what they carry.
const FILTER: &str = "error,donghanh=info,app=info,sync=info,store=info,paper=info";

fn open(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let path = folder.join("donghanh.log");
    if fs::metadata(&path).is_ok_and(|found| found.len() > LOG_BYTES_MAX) {
        fs::rename(&path, folder.join("donghanh.1.log"))?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

/// Starts the log under `data/logs`.
///
/// # Errors
/// Where the folder or the file cannot be written; the kiosk works without a log.
pub fn start(data: &Path) -> io::Result<()> {
    let file = open(&data.join("logs"))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(FILTER))
        .with_ansi(false)
        // A log that cannot be written (the disk is full) is no reason to end: left to itself the subscriber would say
        // so on the standard error stream, and panic where that cannot be written either.
        .log_internal_errors(false)
        .with_writer(Mutex::new(file))
        .finish();
    // A second start in one process keeps the first log.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LOG_BYTES_MAX, open};
    use std::fs;

    #[test]
    fn a_large_log_is_set_aside_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("donghanh.log");
        fs::File::create(&path)
            .unwrap()
            .set_len(LOG_BYTES_MAX + 1)
            .unwrap();
        drop(open(folder.path()).unwrap());
        assert_eq!(
            fs::metadata(&path).unwrap().len(),
            0,
            "a fresh file is written to"
        );
        assert!(
            folder.path().join("donghanh.1.log").exists(),
            "the old one is kept"
        );
        drop(open(folder.path()).unwrap());
        assert_eq!(
            fs::metadata(folder.path().join("donghanh.1.log")).unwrap().len(),
            LOG_BYTES_MAX + 1,
            "a small file is not set aside"
        );
    }
}

//! Lets the disk begin on a long upload while the rest still arrives.
//!
//! **Invariants:** between two fsyncs there lie at most two times [`UNSYNCED_BYTES_MAX`], which bounds what a power cut
//! costs; a failed fsync is never swallowed: whoever asks next hears of it. What is *promised* to be fsynced is not
//! decided here but by the last fsync before an answer.

use crate::limits::UNSYNCED_BYTES_MAX;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// The syncing beside one upload; its thread begins with the first bytes that are worth it.
#[derive(Default)]
pub struct EarlySync {
    unsynced: u64,
    running: Option<(SyncSender<()>, JoinHandle<io::Result<()>>)>,
}

impl EarlySync {
    /// So many more bytes were written to the file.
    ///
    /// # Errors
    /// That of an fsync that has failed.
    pub fn wrote(&mut self, file: &Arc<File>, bytes: u64) -> io::Result<()> {
        self.unsynced += bytes;
        if self.unsynced < UNSYNCED_BYTES_MAX {
            return Ok(());
        }
        if self.running.is_none() {
            self.running = Some(start(Arc::clone(file))?);
        }
        let Some((ask, _)) = &self.running else {
            return Ok(());
        };
        let asked = match ask.try_send(()) {
            // The disk is behind: a little more may wait for it, and then the sender waits, too.
            Err(TrySendError::Full(())) if self.unsynced < 2 * UNSYNCED_BYTES_MAX => return Ok(()),
            Err(TrySendError::Full(())) => ask.send(()).is_ok(),
            Err(TrySendError::Disconnected(())) => false,
            Ok(()) => true,
        };
        self.unsynced = 0;
        if asked { Ok(()) } else { self.end() }
    }

    /// Waits for what is under way.
    ///
    /// # Errors
    /// That of an fsync that has failed.
    pub fn end(&mut self) -> io::Result<()> {
        self.unsynced = 0;
        let Some((ask, thread)) = self.running.take() else {
            return Ok(());
        };
        drop(ask);
        thread.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }
}

fn start(file: Arc<File>) -> io::Result<(SyncSender<()>, JoinHandle<io::Result<()>>)> {
    // Nothing waits in between: an order is taken when the one before it is done.
    let (ask, asked) = sync_channel(0);
    let thread = std::thread::Builder::new()
        .name("early-sync".into())
        .spawn(move || {
            for () in asked {
                file.sync_data()?;
            }
            Ok(())
        })?;
    Ok((ask, thread))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_long_upload_is_synced_on_the_way_and_a_short_one_starts_no_thread() {
        let dir = tempfile::tempdir().unwrap();
        let file = Arc::new(File::create(dir.path().join("f")).unwrap());
        let mut early = EarlySync::default();
        early.wrote(&file, UNSYNCED_BYTES_MAX - 1).unwrap();
        assert!(early.running.is_none());
        (&*file).write_all(&[1]).unwrap();
        for _ in 0..6 {
            early.wrote(&file, UNSYNCED_BYTES_MAX).unwrap();
            assert!(early.unsynced < 2 * UNSYNCED_BYTES_MAX);
        }
        early.end().unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_failed_fsync_is_told() {
        // A pipe's end cannot be synced: EINVAL.
        let (_read, write) = io::pipe().unwrap();
        let file = Arc::new(File::from(std::os::fd::OwnedFd::from(write)));
        let mut early = EarlySync::default();
        let mut told = early.wrote(&file, 2 * UNSYNCED_BYTES_MAX);
        for _ in 0..3 {
            told = told.and_then(|()| early.wrote(&file, 2 * UNSYNCED_BYTES_MAX));
        }
        assert!(told.and(early.end()).is_err());
    }
}

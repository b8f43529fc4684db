//! A card scanner on a serial line (USB-COM): the one way in that no keyboard program can spoil.
//!
//! **Invariant:** at most [`CARD_BYTES_MAX`] bytes are read and a wait has an end, so that no device holds up the counter.
//! What was read goes to the card's reader and nowhere else. Scanners that act as a keyboard need nothing here.

use domain::id_card::CARD_BYTES_MAX;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a person may take to hold the card to the scanner.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Where Linux lists serial scanners, by what they are and then by number.
const FOLDERS: &[(&str, &str)] = &[("/dev/serial/by-id", ""), ("/dev", "ttyACM")];

/// Why nothing was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScannerFault {
    #[error("no serial scanner is connected")]
    Missing,
    #[error("no card was held to the scanner in time")]
    Silent,
    #[error("longer than any card's code")]
    TooLong,
    #[error("not UTF-8")]
    NotText,
}

/// The scanner that is connected, if one is.
#[must_use]
pub fn connected() -> Option<PathBuf> {
    FOLDERS.iter().find_map(|(folder, prefix)| {
        let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
            .ok()?
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(|entry| entry.path())
            .collect();
        found.sort();
        found.into_iter().next()
    })
}

/// Waits for one card. What lay in the line before is thrown away: it belongs to an earlier citizen.
///
/// # Errors
/// [`ScannerFault`].
#[cfg(unix)]
pub fn read(device: &Path, patience: Duration) -> Result<String, ScannerFault> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::{Mode, OFlags, open};
    use rustix::termios::{OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr};
    let gone = |_| ScannerFault::Missing;
    let line = open(
        device,
        OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK,
        Mode::empty(),
    )
    .map_err(gone)?;
    let mut terms = tcgetattr(&line).map_err(gone)?;
    // Letters above ASCII come through whole, nothing is echoed, and a control key in a code means nothing.
    terms.make_raw();
    tcsetattr(&line, OptionalActions::Now, &terms).map_err(gone)?;
    tcflush(&line, QueueSelector::IFlush).map_err(gone)?;
    let began = std::time::Instant::now();
    let mut bytes = Vec::new();
    loop {
        let left = patience.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(ScannerFault::Silent);
        }
        let wait = Timespec::try_from(left).map_err(|_| ScannerFault::Silent)?;
        let mut fds = [PollFd::new(&line, PollFlags::IN)];
        if poll(&mut fds, Some(&wait)).map_err(gone)? == 0 {
            return Err(ScannerFault::Silent);
        }
        let mut piece = [0_u8; 512];
        let read = match rustix::io::read(&line, &mut piece) {
            Ok(read) => read,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => continue,
            Err(_) => return Err(ScannerFault::Missing),
        };
        if read == 0 {
            return Err(ScannerFault::Missing);
        }
        bytes.extend(piece.iter().take(read));
        if let Some(end) = bytes.iter().position(|b| matches!(b, b'\r' | b'\n')) {
            bytes.truncate(end);
            if !bytes.is_empty() {
                return String::from_utf8(bytes).map_err(|_| ScannerFault::NotText);
            }
        }
        if bytes.len() > CARD_BYTES_MAX {
            return Err(ScannerFault::TooLong);
        }
    }
}

/// Serial lines of Windows are not built yet: scanners there are set to act as a keyboard.
#[cfg(not(unix))]
pub fn read(_: &Path, _: Duration) -> Result<String, ScannerFault> {
    Err(ScannerFault::Missing)
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test stops where its ground is gone")]
mod tests {
    use super::*;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    /// A scanner made of a pseudo-terminal: what is written to its other end was scanned.
    fn scanned(bytes: &'static [u8], patience: Duration) -> Result<String, ScannerFault> {
        let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&end).unwrap();
        unlockpt(&end).unwrap();
        let device = PathBuf::from(ptsname(&end, Vec::new()).unwrap().into_string().unwrap());
        // Held open, so that the line lives before the reader comes.
        let held = std::fs::File::options()
            .read(true)
            .write(true)
            .open(&device)
            .unwrap();
        rustix::io::write(&end, b"an earlier citizen's card\r").unwrap();
        let reader = std::thread::spawn(move || read(&device, patience));
        // The reader has thrown the old line away once it waits for a new one; a scanner sends in pieces.
        std::thread::sleep(Duration::from_millis(200));
        for piece in bytes.chunks(16) {
            rustix::io::write(&end, piece).unwrap();
        }
        let answer = reader.join().unwrap();
        drop(held);
        answer
    }

    #[test]
    fn a_card_comes_through_whole_and_alone() {
        let card = "011190003456||Lò Thị Mây|05081990|Nữ|Bản Nà Tông|15082021\r\n".as_bytes();
        assert_eq!(
            scanned(card, PATIENCE).as_deref(),
            Ok("011190003456||Lò Thị Mây|05081990|Nữ|Bản Nà Tông|15082021")
        );
    }

    #[test]
    fn a_silent_a_noisy_and_a_missing_scanner_are_told_apart() {
        assert_eq!(
            scanned(b"no end of line", Duration::from_millis(600)),
            Err(ScannerFault::Silent)
        );
        assert_eq!(scanned(b"\xff\xfe|\r", PATIENCE), Err(ScannerFault::NotText));
        static LONG: [u8; 4_000] = [b'x'; 4_000];
        assert_eq!(scanned(&LONG, PATIENCE), Err(ScannerFault::TooLong));
        assert_eq!(
            read(Path::new("/dev/no-such-scanner"), PATIENCE),
            Err(ScannerFault::Missing)
        );
    }
}

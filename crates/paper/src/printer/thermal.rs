//! Thermal rolls, straight to the device (ESC/POS): a USB device file, or the network's port 9100.
//!
//! **Invariant:** a printer that is switched off in the middle never holds the counter: every write has an end. It is
//! asked for its state before and after a slip (`DLE EOT`), because a roll that ran out still takes every byte.

use super::{Job, PrintJob, Printer, PrinterAddress, PrinterState, Stock};
use crate::{PaperError, Raster};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a printer on the network may take to be reached.
const REACH_WAIT_MAX: Duration = Duration::from_secs(4);
/// How long a whole slip may take to be taken: twenty centimetres a second is slow for a printer.
const SLIP_WAIT_MAX: Duration = Duration::from_secs(20);
/// How long it may take to say how it is.
const STATE_WAIT_MAX: Duration = Duration::from_millis(600);
/// How often a device file is tried.
const TRY_EVERY: Duration = Duration::from_millis(10);
/// Where Linux puts USB printers.
const DEVICES_DIR: &str = "/dev/usb";

/// A thermal printer of 80 mm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThermalPrinter {
    place: Place,
    slip_wait_max: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Device(PathBuf),
    Socket(String),
}

/// What came back from a printer.
enum Heard {
    Byte([u8; 1]),
    Nothing,
    Closed,
}

/// An open way to the printer.
enum Line {
    Device(File),
    Socket(TcpStream),
}

impl ThermalPrinter {
    /// By its device file.
    #[must_use]
    pub fn device(path: impl Into<PathBuf>) -> Self {
        Self::at(Place::Device(path.into()))
    }

    /// By `host:port`.
    #[must_use]
    pub fn socket(address: impl Into<String>) -> Self {
        Self::at(Place::Socket(address.into()))
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            slip_wait_max: SLIP_WAIT_MAX,
        }
    }

    /// With another patience, for tests.
    #[must_use]
    pub fn waiting(self, slip_wait_max: Duration) -> Self {
        Self {
            slip_wait_max,
            ..self
        }
    }

    fn name(&self) -> String {
        match &self.place {
            Place::Device(path) => path.display().to_string(),
            Place::Socket(address) => address.clone(),
        }
    }

    fn open(&self) -> Result<Line, PaperError> {
        match &self.place {
            // It is opened, never made: a file under that name would swallow every slip.
            Place::Device(path) => device()
                .open(path)
                .map(Line::Device)
                .map_err(|_| PaperError::PrinterOff),
            Place::Socket(address) => reach(address).map(Line::Socket),
        }
    }
}

/// Never blocking: the driver lets one program in at a time, and a read that waited for ever would keep the next slip out.
fn device() -> OpenOptions {
    let mut how = OpenOptions::new();
    how.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        how.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    how
}

/// Tries again and again while the device has nothing to say or no room, until `wait_max` has gone.
fn patiently<T>(
    wait_max: Duration,
    mut try_once: impl FnMut() -> std::io::Result<Option<T>>,
) -> std::io::Result<T> {
    let began = Instant::now();
    loop {
        match try_once() {
            Ok(Some(done)) => return Ok(done),
            Err(e) if !matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Err(e),
            Ok(None) | Err(_) if began.elapsed() >= wait_max => return Err(ErrorKind::TimedOut.into()),
            Ok(None) | Err(_) => std::thread::sleep(TRY_EVERY),
        }
    }
}

fn reach(address: &str) -> Result<TcpStream, PaperError> {
    let places = address.to_socket_addrs().map_err(|_| PaperError::NoPrinter)?;
    let mut tried = PaperError::NoPrinter;
    for place in places {
        match TcpStream::connect_timeout(&place, REACH_WAIT_MAX) {
            Ok(stream) => return Ok(stream),
            Err(_) => tried = PaperError::PrinterOff,
        }
    }
    Err(tried)
}

impl Line {
    fn another(&self) -> std::io::Result<Self> {
        Ok(match self {
            Self::Device(file) => Self::Device(file.try_clone()?),
            Self::Socket(stream) => Self::Socket(stream.try_clone()?),
        })
    }

    fn send(&mut self, bytes: &[u8], wait_max: Duration) -> std::io::Result<()> {
        match self {
            Self::Device(file) => {
                let mut left = bytes;
                patiently(wait_max, || {
                    let taken = file.write(left)?;
                    left = left.get(taken..).unwrap_or_default();
                    Ok(left.is_empty().then_some(()))
                })
            }
            Self::Socket(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    /// One byte of answer, if one comes in time.
    fn answer(&mut self) -> Heard {
        match self {
            Self::Socket(stream) if stream.set_read_timeout(Some(STATE_WAIT_MAX)).is_err() => Heard::Closed,
            Self::Socket(_) | Self::Device(_) => self.hear(),
        }
    }

    fn hear(&mut self) -> Heard {
        let mut byte = [0];
        match self {
            Self::Device(file) => {
                let heard = patiently(STATE_WAIT_MAX, || Ok((file.read(&mut byte)? == 1).then_some(())));
                heard.map_or(Heard::Nothing, |()| Heard::Byte(byte))
            }
            Self::Socket(stream) => match stream.read(&mut byte) {
                Ok(1) => Heard::Byte(byte),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Heard::Nothing,
                Ok(_) | Err(_) => Heard::Closed,
            },
        }
    }

    /// Sends everything on a thread, so that a printer that stopped taking holds nobody.
    fn send_within(&self, bytes: Vec<u8>, wait_max: Duration) -> Result<(), PaperError> {
        let mut line = self.another().map_err(|_| PaperError::PrinterFailed)?;
        if let Self::Socket(stream) = &line {
            let _ = stream.set_write_timeout(Some(wait_max));
        }
        let (said, heard) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let _ = said.send(line.send(&bytes, wait_max));
        });
        match heard.recv_timeout(wait_max + TRY_EVERY * 10) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(PaperError::PrinterStopped),
        }
    }

    /// `DLE EOT n`: 1 the printer, 2 why it is off line, 4 the paper. Sound answers have the fixed bits 0001_0010.
    fn ask(&mut self, n: u8) -> Result<u8, PrinterState> {
        if self.send(&[0x10, 0x04, n], STATE_WAIT_MAX).is_err() {
            return Err(PrinterState::Off);
        }
        match self.answer() {
            Heard::Byte([byte]) if byte & 0b1001_0011 == 0b0001_0010 => Ok(byte),
            Heard::Byte(_) | Heard::Nothing => Err(PrinterState::Unknown),
            Heard::Closed => Err(PrinterState::Off),
        }
    }

    fn state(&mut self) -> PrinterState {
        self.told().unwrap_or_else(|state| state)
    }

    fn told(&mut self) -> Result<PrinterState, PrinterState> {
        if self.ask(4)? & 0b0110_0000 != 0 {
            return Ok(PrinterState::NoPaper);
        }
        Ok(match self.ask(2)? {
            why if why & 0b0000_0100 != 0 => PrinterState::CoverOpen,
            why if why & 0b0010_0000 != 0 => PrinterState::NoPaper,
            // The knife or the head: a person has to look inside.
            why if why & 0b0100_0000 != 0 => PrinterState::Jam,
            _ => PrinterState::Ready,
        })
    }
}

impl Printer for ThermalPrinter {
    fn stock(&self) -> Stock {
        Stock::Roll
    }

    fn state(&self) -> PrinterState {
        match self.open() {
            Ok(mut line) => line.state(),
            Err(PaperError::NoPrinter) => PrinterState::Gone,
            Err(_) => PrinterState::Off,
        }
    }

    fn print(&self, job: &Job<'_>) -> Result<PrintJob, PaperError> {
        let dots = job.drawn.raster()?;
        // A sheet is wider than the head: it would come out as metres of noise.
        if dots.width() > Raster::ROLL_DOTS {
            return Err(PaperError::PrinterFailed);
        }
        let mut line = self.open()?;
        line.send_within(dots.escpos(), self.slip_wait_max)?;
        match line.state().trouble() {
            // It was there a moment ago: the slip may have come out in part.
            Some(PaperError::PrinterOff) => Err(PaperError::PrinterStopped),
            Some(trouble) => Err(trouble),
            None => Ok(PrintJob {
                printer: self.name(),
                id: String::new(),
            }),
        }
    }
}

/// The thermal printers on USB cables.
pub(super) fn devices() -> Vec<PrinterAddress> {
    let entries = std::fs::read_dir(DEVICES_DIR).into_iter().flatten().flatten();
    let mut paths: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("lp"))
        })
        .map(|path| path.display().to_string())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| PrinterAddress::Device { path })
        .collect()
}

#[cfg(test)]
#[path = "thermal_tests.rs"]
mod tests;

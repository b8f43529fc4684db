//! Thermal printers, played by a small program on a port and by a file.

use super::super::{Job, PaperSize, Printer, PrinterState};
use super::ThermalPrinter;
use crate::press::Drawn;
use crate::{PaperError, ReceiptSize, Templates};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const READY: u8 = 0b0001_0010;

/// How the played printer behaves.
#[derive(Clone, Copy)]
struct Play {
    paper: u8,
    why: u8,
    /// It answers questions at all.
    answers: bool,
    /// It is switched off after so many bytes.
    dies_after: Option<usize>,
    /// It takes nothing and says nothing.
    deaf: bool,
}

const SOUND: Play = Play {
    paper: READY,
    why: READY,
    answers: true,
    dies_after: None,
    deaf: false,
};

/// A printer on a port of this machine; what it was sent comes out when the line closes.
fn played(play: Play) -> (ThermalPrinter, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, taken) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if play.deaf {
                std::thread::sleep(Duration::from_secs(5));
                continue;
            }
            let mut all = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut buffer) {
                all.extend_from_slice(&buffer[..read]);
                if play.dies_after.is_some_and(|n| all.len() > n) {
                    break;
                }
                if let (true, [.., 0x10, 0x04, n]) = (play.answers, all.as_slice()) {
                    let answer = if *n == 4 { play.paper } else { play.why };
                    stream.write_all(&[answer]).unwrap();
                }
            }
            let _ = sender.send(all);
        }
    });
    (ThermalPrinter::socket(address), taken)
}

fn slip() -> Drawn {
    crate::samples::receipt(&Templates::built_in(), ReceiptSize::Roll80).unwrap()
}

fn job(drawn: &Drawn) -> Job<'_> {
    Job {
        drawn,
        title: "DH-00001-00001-19",
        size: PaperSize::Roll80,
    }
}

#[test]
fn a_whole_slip_arrives_and_the_printer_is_asked_how_it_is() {
    let (printer, taken) = played(SOUND);
    assert_eq!(printer.state(), PrinterState::Ready);
    taken.recv_timeout(Duration::from_secs(5)).unwrap();
    let drawn = slip();
    printer.print(&job(&drawn)).unwrap();
    let bytes = taken.recv_timeout(Duration::from_secs(5)).unwrap();
    let expected = drawn.raster().unwrap().escpos();
    assert_eq!(&bytes[..expected.len()], expected, "every dot, in order");
    assert_eq!(
        &bytes[expected.len()..][..3],
        [0x10, 0x04, 4],
        "then the question"
    );
}

#[test]
fn a_sheet_does_not_go_to_a_roll() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lp0");
    std::fs::write(&path, b"").unwrap();
    let drawn = crate::samples::receipt(&Templates::built_in(), ReceiptSize::A5).unwrap();
    let refused = ThermalPrinter::device(&path).print(&job(&drawn)).err();
    assert_eq!(refused, Some(PaperError::PrinterFailed));
    assert_eq!(std::fs::read(&path).unwrap(), b"", "not a dot of it was sent");
}

#[test]
fn what_the_printer_says_is_told_by_its_name() {
    for (what, play, state, fails_with) in [
        (
            "paper out",
            Play {
                paper: READY | 0b0110_0000,
                ..SOUND
            },
            PrinterState::NoPaper,
            Some(PaperError::NoPaper),
        ),
        (
            "cover open",
            Play {
                why: READY | 0b0100,
                ..SOUND
            },
            PrinterState::CoverOpen,
            Some(PaperError::CoverOpen),
        ),
        (
            "stopped for want of paper",
            Play {
                why: READY | 0b0010_0000,
                ..SOUND
            },
            PrinterState::NoPaper,
            Some(PaperError::NoPaper),
        ),
        (
            "the knife",
            Play {
                why: READY | 0b0100_0000,
                ..SOUND
            },
            PrinterState::Jam,
            Some(PaperError::PaperJam),
        ),
        (
            "a mute one",
            Play {
                answers: false,
                ..SOUND
            },
            PrinterState::Unknown,
            None,
        ),
        (
            "nonsense",
            Play { paper: 0xFF, ..SOUND },
            PrinterState::Unknown,
            None,
        ),
    ] {
        let (printer, _taken) = played(play);
        assert_eq!(printer.state(), state, "{what}");
        assert_eq!(printer.print(&job(&slip())).err(), fails_with, "{what}");
    }
}

#[test]
fn a_printer_switched_off_in_the_middle_says_that_it_stopped() {
    let (dying, _taken) = played(Play {
        dies_after: Some(9_000),
        ..SOUND
    });
    assert_eq!(dying.print(&job(&slip())).err(), Some(PaperError::PrinterStopped));
}

#[test]
fn a_printer_that_takes_nothing_holds_nobody() {
    let (deaf, _taken) = played(Play { deaf: true, ..SOUND });
    let asked = Instant::now();
    // More than the system itself takes in for a reader that never reads.
    let bytes = vec![0; 64 * 1024 * 1024];
    let sent = deaf
        .open()
        .unwrap()
        .send_within(bytes, Duration::from_millis(300));
    assert_eq!(sent.err(), Some(PaperError::PrinterStopped));
    assert!(
        asked.elapsed() < Duration::from_secs(4),
        "it waited for a deaf printer"
    );
}

#[test]
fn a_device_file_is_written_and_never_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lp0");
    let printer = ThermalPrinter::device(&path);
    assert_eq!(printer.state(), PrinterState::Off);
    assert_eq!(printer.print(&job(&slip())).err(), Some(PaperError::PrinterOff));
    assert!(!path.exists(), "a file would swallow every slip");

    std::fs::write(&path, b"").unwrap();
    let drawn = slip();
    printer.print(&job(&drawn)).unwrap();
    let written = std::fs::read(&path).unwrap();
    assert!(written.starts_with(&drawn.raster().unwrap().escpos()));
}

#[test]
fn nobody_at_the_address_is_a_printer_that_is_off() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let printer = ThermalPrinter::socket(free.to_string());
    assert_eq!(printer.state(), PrinterState::Off);
    assert_eq!(
        ThermalPrinter::socket("no such place").state(),
        PrinterState::Gone
    );
}

//! A line between kiosk and province: counts what passes, and can be as narrow, as far and as bad as a commune's.
//!
//! A lost packet is simulated above TCP: it and what follows it come one round trip later. The sender is not slowed by
//! it, as it would be by a real loss; both sides of a figure go through the same line.

use crate::listening::Listening;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What one packet carries.
const PACKET_BYTES: usize = 1448;
/// Packets on their way: more than the line holds, so that only its width slows it.
const UNDER_WAY_MAX: usize = 256;

/// How narrow, how far and how bad.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub bits_per_second: f64,
    /// There and back.
    pub round_trip: Duration,
    /// Of a hundred packets.
    pub lost_percent: u64,
}

/// The commune's link of the promise.
pub const COMMUNE: Shape = Shape {
    bits_per_second: 2_000_000.0,
    round_trip: Duration::from_millis(200),
    lost_percent: 2,
};

/// A running line. Dropped, it takes no more connections.
#[derive(Debug)]
pub struct Line {
    listening: Listening,
    bytes: Arc<AtomicU64>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    /// Listens on a free port of this machine and carries to `target`.
    ///
    /// # Errors
    /// Where no port is free.
    pub fn to(target: SocketAddr, shape: Option<Shape>) -> io::Result<Self> {
        let bytes = Arc::new(AtomicU64::new(0));
        let open = Arc::new(Mutex::new(Vec::new()));
        let (counted, opened) = (Arc::clone(&bytes), Arc::clone(&open));
        let listening = Listening::start(move |near| {
            let Ok(far) = TcpStream::connect(target) else {
                return;
            };
            let (Ok(near2), Ok(far2)) = (near.try_clone(), far.try_clone()) else {
                return;
            };
            let _ = (near.set_nodelay(true), far.set_nodelay(true));
            if let Ok(kept) = near.try_clone() {
                opened.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
            }
            carry(near, far, shape, &counted);
            carry(far2, near2, shape, &counted);
        })?;
        Ok(Self {
            listening,
            bytes,
            open,
        })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    #[must_use]
    pub fn url(&self) -> String {
        self.listening.url()
    }

    /// Ends every connection that is open.
    pub fn cut(&self) {
        for near in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = near.shutdown(Shutdown::Both);
        }
    }

    /// Bytes carried since the last question, both ways.
    #[must_use]
    pub fn carried(&self) -> usize {
        usize::try_from(self.bytes.swap(0, Ordering::SeqCst)).unwrap_or(usize::MAX)
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, shape: Option<Shape>, counted: &Arc<AtomicU64>) {
    let (send, due) = mpsc::sync_channel::<(Instant, Vec<u8>)>(UNDER_WAY_MAX);
    let counted = Arc::clone(counted);
    std::thread::spawn(move || {
        let mut buffer = vec![0; if shape.is_some() { PACKET_BYTES } else { 64 * 1024 }];
        let (mut free, mut packet, mut last) = (Instant::now(), 0_u64, Instant::now());
        while let Ok(n) = from.read(&mut buffer)
            && n > 0
        {
            counted.fetch_add(n as u64, Ordering::SeqCst);
            if let Some(shape) = shape {
                packet += 1;
                let takes = Duration::from_secs_f64(packed(n) / shape.bits_per_second);
                free = free.max(Instant::now()) + takes;
                std::thread::sleep(free.saturating_duration_since(Instant::now()));
                let lost = packet % 100 < shape.lost_percent;
                let late = if lost { shape.round_trip } else { Duration::ZERO };
                last = last.max(free + shape.round_trip / 2 + late);
            }
            let piece = buffer.get(..n).unwrap_or_default().to_vec();
            if send.send((last, piece)).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for (at, piece) in due {
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                return;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}

/// Bits of so many bytes.
fn packed(bytes: usize) -> f64 {
    u32::try_from(bytes).map_or(f64::INFINITY, f64::from) * 8.0
}

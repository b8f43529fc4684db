//! A bad network: a TCP proxy between kiosk and province whose rule can change at any moment.

use crate::listening::Listening;
use anyhow::Result;
use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What happens to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Pass,
    /// Each piece comes this much later.
    Delay(Duration),
    /// So many bytes a second, each way: 7,000 is a modem's 56 kbit/s.
    Slow(u64),
    /// A connection is cut once this many bytes have gone from the kiosk.
    CutUp(u64),
    /// The same on a link of ordinary speed, each piece this much later: on a loopback a cut can fall on bytes that
    /// the province's program has had no time to read, and takes them all along.
    CutUpSlowly(u64, Duration),
    /// A connection is cut once this many bytes have come from the province.
    CutDown(u64),
    /// Once this many bytes have gone from the kiosk, the province's answers are swallowed: it hears, and is not
    /// heard.
    MuteAfterUp(u64),
    /// Connections open and nothing ever moves.
    HalfOpen,
    /// Every connection is answered by a Wi-Fi login page.
    Portal,
    /// Every connection is closed at once.
    Refuse,
}

struct Inside {
    rule: Mutex<Rule>,
    /// Rules of the next connections, each for one; behind them the rule for all.
    next: Mutex<VecDeque<Rule>>,
    upstream: Mutex<SocketAddr>,
    open: Mutex<HashMap<u64, TcpStream>>,
    swallowed: AtomicU64,
    accepted: AtomicU64,
    up: AtomicU64,
}

/// A running proxy. Dropped, it ends.
pub struct Chaos {
    listening: Listening,
    inside: Arc<Inside>,
}

impl std::fmt::Debug for Chaos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chaos")
            .field("address", &self.listening.address())
            .field("rule", &*lock(&self.inside.rule))
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a Wi-Fi portal answers to whatever it is asked.
pub const PORTAL: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 63\r\nConnection: close\r\n\r\n<html><body><form>Wi-Fi: <input name=user></form></body></html>";

impl Chaos {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// Where no port is free.
    pub fn before(upstream: SocketAddr) -> Result<Self> {
        let inside = Arc::new(Inside {
            rule: Mutex::new(Rule::Pass),
            next: Mutex::default(),
            upstream: Mutex::new(upstream),
            open: Mutex::default(),
            swallowed: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            up: AtomicU64::new(0),
        });
        let within = Arc::clone(&inside);
        let listening = Listening::start(move |kiosk| accept(&within, kiosk))?;
        Ok(Self { listening, inside })
    }

    #[must_use]
    pub fn url(&self) -> String {
        self.listening.url()
    }

    /// From now on, also for connections that are open.
    pub fn rule(&self, rule: Rule) {
        *lock(&self.inside.rule) = rule;
    }

    /// The next connections, each by a rule of its own that does not change any more.
    pub fn next(&self, rules: &[Rule]) {
        lock(&self.inside.next).extend(rules);
    }

    /// New connections go there.
    pub fn lead_to(&self, upstream: SocketAddr) {
        *lock(&self.inside.upstream) = upstream;
    }

    /// Cuts every open connection.
    pub fn cut(&self) {
        for (_, stream) in lock(&self.inside.open).drain() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Bytes of the province that never reached the kiosk.
    #[must_use]
    pub fn swallowed(&self) -> u64 {
        self.inside.swallowed.load(Ordering::Relaxed)
    }

    /// Connections so far.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.inside.accepted.load(Ordering::Relaxed)
    }

    /// Bytes that went from the kiosk to the province, all connections together.
    #[must_use]
    pub fn up(&self) -> u64 {
        self.inside.up.load(Ordering::Relaxed)
    }
}

impl Drop for Chaos {
    fn drop(&mut self) {
        self.cut();
    }
}

fn accept(inside: &Arc<Inside>, mut kiosk: TcpStream) {
    let id = inside.accepted.fetch_add(1, Ordering::Relaxed);
    let own = lock(&inside.next).pop_front();
    let rule = own.unwrap_or_else(|| *lock(&inside.rule));
    if rule == Rule::Refuse {
        return;
    }
    if rule == Rule::Portal {
        let mut hello = [0_u8; 1024];
        let _ = kiosk.read(&mut hello).and_then(|_| kiosk.write_all(PORTAL));
        return;
    }
    if rule == Rule::HalfOpen {
        // Nobody is behind it: it stays open until it is cut.
        lock(&inside.open).insert(id, kiosk);
        return;
    }
    let Ok(province) = TcpStream::connect(*lock(&inside.upstream)) else {
        return;
    };
    let (Ok(kiosk_back), Ok(province_back), Ok(kept)) =
        (kiosk.try_clone(), province.try_clone(), kiosk.try_clone())
    else {
        return;
    };
    lock(&inside.open).insert(id, kept);
    let went = Arc::new(AtomicU64::new(0));
    let (up, up_went) = (Arc::clone(inside), Arc::clone(&went));
    std::thread::spawn(move || carry(&up, own, kiosk, province, true, &up_went));
    let down = Arc::clone(inside);
    std::thread::spawn(move || {
        carry(&down, own, province_back, kiosk_back, false, &went);
        lock(&down.open).remove(&id);
    });
}

fn carry(
    inside: &Inside,
    own: Option<Rule>,
    mut from: TcpStream,
    mut to: TcpStream,
    up: bool,
    went_up: &AtomicU64,
) {
    let mut piece = [0_u8; 8 * 1024];
    let mut came_down = 0_u64;
    loop {
        // On a slow line bytes come one after another, and not eight thousand after a second.
        let most = if matches!(*lock(&inside.rule), Rule::Slow(_)) {
            512
        } else {
            piece.len()
        };
        let Ok(read) = from.read(piece.get_mut(..most).unwrap_or_default()) else {
            break;
        };
        let Some(bytes) = piece.get(..read).filter(|b| !b.is_empty()) else {
            break;
        };
        let len = u64::try_from(read).unwrap_or(0);
        let gone = if up {
            went_up.fetch_add(len, Ordering::Relaxed) + len
        } else {
            went_up.load(Ordering::Relaxed)
        };
        came_down += if up { 0 } else { len };
        let rule = own.unwrap_or_else(|| *lock(&inside.rule));
        let cut = match rule {
            Rule::CutUp(most) | Rule::CutUpSlowly(most, _) => gone > most,
            Rule::CutDown(most) => !up && came_down > most,
            Rule::Refuse | Rule::Portal => true,
            Rule::Pass | Rule::Delay(_) | Rule::Slow(_) | Rule::MuteAfterUp(_) | Rule::HalfOpen => false,
        };
        if cut {
            break;
        }
        if let Rule::Delay(time) | Rule::CutUpSlowly(_, time) = rule {
            std::thread::sleep(time);
        }
        if let Rule::Slow(bytes_a_second) = rule {
            let ms = (len * 1000).checked_div(bytes_a_second).unwrap_or(0);
            std::thread::sleep(Duration::from_millis(ms));
        }
        let swallow = rule == Rule::HalfOpen || matches!(rule, Rule::MuteAfterUp(most) if !up && gone > most);
        if swallow {
            inside.swallowed.fetch_add(len, Ordering::Relaxed);
        } else if to.write_all(bytes).is_err() {
            break;
        } else if up {
            inside.up.fetch_add(len, Ordering::Relaxed);
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

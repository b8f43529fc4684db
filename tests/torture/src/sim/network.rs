//! The network: it loses, delays, doubles, cuts and mixes up, and for minutes at a time it is half-open, as narrow as a
//! telephone's, or somebody's login page; after the healing it is nothing of that.

use super::province::Answer;
use super::world::{Ask, Ev, MINUTE, Message, SECOND, Said, World};
use sync::Failure;

/// A call without an answer fails after this long.
pub(super) const CALL_MAX: i64 = 30 * SECOND;

/// Bytes in a millisecond: 2 MB/s, and 56 kbit/s.
const BYTES_PER_MS: u64 = 2000;
const NARROW_BYTES_PER_MS: u64 = 7;
/// What is sent of a dossier without its files.
const FORM_BYTES: u64 = 2000;
const CATALOGUE_BYTES: u64 = 200_000;

/// What the line is for some minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Anything may happen to any call.
    Mixed,
    /// Requests arrive and nothing comes back: something on the way forgot half of the connection.
    HalfOpen,
    /// 56 kbit/s.
    Narrow,
    /// Whatever is asked, a login page answers.
    Portal,
}

impl World {
    fn line(&mut self) -> Line {
        if !self.bad() {
            return Line::Mixed;
        }
        if self.now >= self.line.1 {
            let line = match self.rng.below(10) {
                0 => Line::HalfOpen,
                1 | 2 => Line::Narrow,
                3 => Line::Portal,
                _ => Line::Mixed,
            };
            self.line = (line, self.now + MINUTE + self.up_to(5 * MINUTE));
        }
        self.line.0
    }

    pub(super) fn bad(&self) -> bool {
        self.config.faults.network && !self.healed
    }

    pub(super) fn delay(&mut self) -> i64 {
        if !self.bad() {
            return 20;
        }
        match self.rng.below(20) {
            0 => self.up_to(40 * SECOND),
            1..=4 => self.up_to(3 * SECOND),
            _ => 20 + self.up_to(200),
        }
    }

    /// Sends a request and waits for the answer.
    pub(super) fn call(&mut self, k: usize, ask: Ask) {
        self.kiosks[k].call += 1;
        let call = self.kiosks[k].call;
        let line = self.line();
        if line == Line::Portal || (self.bad() && self.one_in(12)) {
            let failure = match self.rng.below(4) {
                _ if line == Line::Portal => Failure::NotTheService,
                0 => Failure::NotTheService,
                1 => Failure::Slow,
                _ => Failure::Network,
            };
            let delay = self.delay();
            self.at(self.now + CALL_MAX, Ev::Timeout(k, call));
            return self.at(self.now + delay, Ev::Response(k, call, Said::Failed(failure)));
        }
        let cut = self.bad() && self.one_in(4);
        let arrives = if cut { self.rng.below(1000) } else { 1000 };
        let message = Message {
            kiosk: k,
            call,
            ask,
            arrives,
        };
        let time = transfer_ms(&message, line);
        // What moves is not given up.
        self.at(self.now + time + CALL_MAX, Ev::Timeout(k, call));
        let delay = self.delay() + time;
        if self.bad() && self.one_in(15) {
            // Something on the way sends it again, perhaps much later.
            let later = delay + self.up_to(5 * MINUTE);
            self.at(self.now + later, Ev::Request(message.clone()));
        }
        if !(self.bad() && self.one_in(12)) {
            self.at(self.now + delay, Ev::Request(message));
        }
    }

    pub(super) fn respond(&mut self, message: &Message, said: Said) {
        if self.line() == Line::HalfOpen || (self.bad() && self.one_in(10)) {
            return;
        }
        // An answer that breaks off says nothing, whatever came of the request.
        let broken_off = self.bad() && self.one_in(30);
        let mut said = if broken_off {
            Said::Failed(Failure::Network)
        } else {
            said
        };
        match &mut said {
            Said::Dossier(answer) => self.mix_up(answer),
            Said::Dossiers(words) => words.iter_mut().flatten().for_each(|answer| self.mix_up(answer)),
            Said::Time
            | Said::Sync(_)
            | Said::Inventory(_)
            | Said::Catalogue(_)
            | Said::Offset(_)
            | Said::Failed(_) => {}
        }
        let delay = self.delay();
        self.at(self.now + delay, Ev::Response(message.kiosk, message.call, said));
    }

    /// A proxy that mixes up its answers: still signed, and somebody else's, or one that does not hold any more.
    fn mix_up(&mut self, answer: &mut Answer) {
        let mut words = self.province.old_words.iter();
        let older = words.rfind(|old| old.identity == answer.identity);
        if self.bad()
            && let Some(older) = older
            && self.rot.below(8) == 0
        {
            *answer = older.clone();
            return;
        }
        if self.bad() && self.one_in(60) && !self.heard_before.is_empty() {
            let which = usize::try_from(self.rng.below(self.heard_before.len() as u64)).unwrap_or(0);
            *answer = self.heard_before[which].clone();
        } else if self.heard_before.len() < 16 {
            self.heard_before.push(answer.clone());
        }
    }
}

/// Of what is long enough to take its time.
fn transfer_ms(message: &Message, line: Line) -> i64 {
    let bytes = match &message.ask {
        Ask::Patch { file, offset, .. } => file.len.saturating_sub(*offset) * message.arrives / 1000,
        Ask::Put(manifests) => FORM_BYTES * manifests.len() as u64,
        Ask::Catalogue => CATALOGUE_BYTES,
        Ask::Time | Ask::Sync { .. } | Ask::Inventory(_) | Ask::Head { .. } => 0,
    };
    let speed = if line == Line::Narrow {
        NARROW_BYTES_PER_MS
    } else {
        BYTES_PER_MS
    };
    i64::try_from(bytes / speed).unwrap_or(i64::MAX)
}

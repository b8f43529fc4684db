//! The network: it loses, delays, doubles, cuts and mixes up; after the healing it does nothing of that.

use super::province::Answer;
use super::world::{Ask, Ev, MINUTE, Message, SECOND, Said, World};
use sync::Failure;

/// A call without an answer fails after this long.
pub(super) const CALL_MAX: i64 = 30 * SECOND;

impl World {
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
        self.at(self.now + CALL_MAX, Ev::Timeout(k, call));
        if self.bad() && self.one_in(12) {
            let failure = match self.rng.below(4) {
                0 => Failure::NotTheService,
                1 => Failure::Slow,
                _ => Failure::Network,
            };
            let delay = self.delay();
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
        let time = self.transfer_ms(&message);
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

    /// 2 MB/s, so that a file takes its time.
    fn transfer_ms(&self, message: &Message) -> i64 {
        match &message.ask {
            Ask::Patch { file, offset, .. } => {
                i64::try_from(file.len.saturating_sub(*offset) * message.arrives / 1000 / 2000).unwrap_or(0)
            }
            Ask::Put(manifests) => i64::try_from(manifests.len()).unwrap_or(0),
            Ask::Catalogue => 100,
            Ask::Time | Ask::Sync { .. } | Ask::Inventory(_) | Ask::Head { .. } => 0,
        }
    }

    pub(super) fn respond(&mut self, message: &Message, said: Said) {
        if self.bad() && self.one_in(10) {
            return;
        }
        let mut said = said;
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

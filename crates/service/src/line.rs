//! The devices that wait for a place for their files: pure.
//!
//! **Invariants:** who was sent away keeps where it stands in the line however often it asks; nobody is told to stay away
//! for longer than it should take until its place is free, so that no place stands empty for want of somebody who asks;
//! who does not come back is forgotten, and the line is bounded.

use crate::limits::{AWAY_SECONDS_MIN, LINE_MAX, LINE_SECONDS_MAX};
use domain::ids::DeviceId;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Until there is something to go by, a turn is thought to last this long.
const TURN_AT_FIRST: Duration = Duration::from_secs(4);
/// A turn counts for an eighth of what is expected of the next.
const SMOOTHED_OVER: u32 = 8;
/// Who has not come so long after it was due has gone.
const LATE_MAX: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy)]
struct Waiting {
    device: DeviceId,
    due: Instant,
    told: Duration,
}

/// In the order of coming.
pub struct Line {
    waiting: VecDeque<Waiting>,
    /// How long a place has been held lately.
    turn: Duration,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            turn: TURN_AT_FIRST,
        }
    }
}

impl Line {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Drops those who did not come back.
    pub fn forget(&mut self, now: Instant) {
        self.waiting
            .retain(|w| now < w.due + w.told.saturating_add(LATE_MAX));
    }

    /// Places that have to be free beside its own before this device may have one: as many as wait; none for who stands
    /// in the line itself, so that no place is kept for somebody who is late.
    #[must_use]
    pub fn before(&self, device: &DeviceId) -> usize {
        if self.waiting.iter().any(|w| w.device == *device) {
            0
        } else {
            self.waiting.len()
        }
    }

    /// Stands in the line from now on, or where it stood: after how many seconds to ask again.
    pub fn join(&mut self, device: DeviceId, now: Instant, places: usize) -> u64 {
        let standing = self.waiting.iter().position(|w| w.device == device);
        let at = standing.unwrap_or(self.waiting.len());
        let told = self.expected(at, places);
        let waiting = Waiting {
            device,
            due: now + told,
            told,
        };
        match self.waiting.get_mut(at) {
            Some(stands) => *stands = waiting,
            None if at < LINE_MAX => self.waiting.push_back(waiting),
            None => {}
        }
        told.as_secs()
    }

    /// Three quarters of the time until as many places were free as stand before it: a kiosk adds up to a quarter, and
    /// who comes too early only asks once more.
    fn expected(&self, at: usize, places: usize) -> Duration {
        let [turns, places] =
            [at.saturating_add(1), places.max(1)].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let until = self.turn.saturating_mul(turns) / places;
        let seconds = (until * 3 / 4)
            .as_secs()
            .clamp(AWAY_SECONDS_MIN, LINE_SECONDS_MAX);
        Duration::from_secs(seconds)
    }

    /// Has a place, or wants none.
    pub fn leave(&mut self, device: &DeviceId) {
        self.waiting.retain(|w| w.device != *device);
    }

    /// Somebody had a place for so long.
    pub fn turn_ended(&mut self, lasted: Duration) {
        self.turn = (self.turn * (SMOOTHED_OVER - 1) + lasted) / SMOOTHED_OVER;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(n: u16) -> DeviceId {
        DeviceId(uuid::Uuid::from_u128(u128::from(n)))
    }

    fn after(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_later_the_longer_and_asking_again_changes_nothing() {
        let (mut line, now) = (Line::default(), Instant::now());
        let told: Vec<u64> = (0..100).map(|n| line.join(device(n), now, 4)).collect();
        assert!(told.is_sorted(), "{told:?}");
        assert_eq!((told[0], told[99]), (AWAY_SECONDS_MIN, LINE_SECONDS_MAX));
        for again in 0..50 {
            assert_eq!(
                line.join(device(40), now, 4),
                told[40],
                "asked {again} times more"
            );
        }
        assert_eq!(line.waiting.len(), 100, "each stands there once");
        for gone in 0..40 {
            line.leave(&device(gone));
        }
        assert_eq!(
            line.join(device(40), now, 4),
            AWAY_SECONDS_MIN,
            "it is the first now"
        );
    }

    #[test]
    fn what_turns_took_lately_decides_how_long_the_next_wait() {
        let (mut line, now) = (Line::default(), Instant::now());
        for n in 0..20 {
            line.join(device(n), now, 1);
        }
        for _ in 0..100 {
            line.turn_ended(Duration::from_millis(100));
        }
        assert_eq!(line.join(device(19), now, 1), AWAY_SECONDS_MIN, "quick turns");
        for _ in 0..100 {
            line.turn_ended(after(40));
        }
        assert_eq!(
            line.join(device(0), now, 1),
            29,
            "slow turns, the next in the line"
        );
    }

    #[test]
    fn a_stranger_goes_behind_everybody_and_who_does_not_come_back_is_forgotten() {
        let (mut line, now) = (Line::default(), Instant::now());
        let told = after(line.join(device(1), now, 1));
        assert_eq!(
            line.before(&device(1)),
            0,
            "who stands in the line takes what is free"
        );
        assert_eq!(line.before(&device(2)), 1);
        line.forget(now + told + told / 4);
        assert!(
            !line.is_empty(),
            "a kiosk may come a quarter later than it was told"
        );
        line.forget(now + told * 2 + LATE_MAX);
        assert!(line.is_empty(), "and is not waited for for ever");
    }

    #[test]
    fn the_line_has_an_end() {
        let (mut line, now) = (Line::default(), Instant::now());
        for n in 0..LINE_MAX + 10 {
            let n = u16::try_from(n).unwrap();
            assert!((AWAY_SECONDS_MIN..=LINE_SECONDS_MAX).contains(&line.join(device(n), now, 64)));
        }
        assert_eq!(line.waiting.len(), LINE_MAX);
    }
}

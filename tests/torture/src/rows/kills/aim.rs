//! Where a kill falls. The machine is quick or crowded, so the aim follows what came of the kills before: most fall
//! around the act, and one in eight anywhere from the program's first moment to well after it.

use std::time::Duration;
use stories::seeded::Seeded;

/// What the act had come to when it was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fell {
    /// Nothing of it is on the disk.
    Before,
    /// Something of it is, or all of it and nobody had been told.
    Within,
    /// It was done and answered.
    After,
}

/// Microseconds between which most kills fall.
#[derive(Debug, Clone, Copy)]
pub struct Aim {
    from: u64,
    to: u64,
}

/// Never narrower than this.
const WIDTH_MIN: u64 = 4_000;

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX / 4)
}

impl Aim {
    pub fn between(from: Duration, to: Duration) -> Self {
        let from = micros(from);
        Self {
            from,
            to: micros(to).max(from + WIDTH_MIN),
        }
    }

    pub fn wait(&self, random: &mut Seeded) -> Duration {
        let (from, to) = if random.below(8) == 0 {
            (0, self.to + self.to / 4)
        } else {
            (self.from, self.to)
        };
        Duration::from_micros(from + random.below(to - from))
    }

    /// What came of a kill after `wait`.
    pub fn fell(&mut self, wait: Duration, fell: Fell) {
        let (at, width) = (micros(wait), self.to - self.from);
        match fell {
            Fell::Before => {
                self.from += at.saturating_sub(self.from) / 2;
                // The act lies behind all that was aimed at.
                if at + width / 4 > self.to {
                    self.to = at + width;
                }
            }
            Fell::Within => {
                self.from = self.from.saturating_sub(width / 32);
                self.to += width / 32;
            }
            Fell::After => {
                self.to -= self.to.saturating_sub(at) / 2;
                // It lies before.
                if at < self.from + width / 4 {
                    self.from = at.saturating_sub(width);
                }
            }
        }
        self.to = self.to.max(self.from + WIDTH_MIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An act that takes from 700 to 720 ms, aimed at far too early.
    #[test]
    fn the_aim_finds_the_act() {
        let (mut aim, mut random) = (
            Aim::between(Duration::from_millis(10), Duration::from_millis(300)),
            Seeded::new(1),
        );
        let mut within = 0;
        for kill in 0..400 {
            let wait = aim.wait(&mut random);
            let fell = match wait.as_millis() {
                0..700 => Fell::Before,
                700..720 => Fell::Within,
                _ => Fell::After,
            };
            aim.fell(wait, fell);
            within += u32::from(kill >= 100 && fell == Fell::Within);
        }
        assert!(within > 100, "{within} of 300");
    }
}

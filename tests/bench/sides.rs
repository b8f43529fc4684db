//! Two sides of one ratio, measured in turn so that the machine's moods hit both alike.

use anyhow::Context as _;
use serde::Serialize;
use std::time::{Duration, Instant};

/// What a ratio must keep.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Ours may take at most this many times the other's time.
    AtMost(f64),
    /// Printed, not judged.
    None,
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub struct Figure {
    pub name: &'static str,
    pub ours: &'static str,
    pub other: &'static str,
    /// Medians, microseconds.
    pub ours_us: f64,
    pub other_us: f64,
    pub ratio: f64,
    pub gate: Gate,
    pub rounds: usize,
}

impl Figure {
    fn of(
        (name, gate): (&'static str, Gate),
        (ours, ours_us): (&'static str, f64),
        (other, other_us): (&'static str, f64),
        rounds: usize,
    ) -> Self {
        Self {
            name,
            ours,
            other,
            ours_us,
            other_us,
            ratio: ours_us / other_us,
            gate,
            rounds,
        }
    }

    /// Measures both sides, one after the other, `rounds` times after one round that is not counted.
    pub fn measure(
        (name, gate): (&'static str, Gate),
        (ours, mut run_ours): (&'static str, impl FnMut() -> anyhow::Result<Duration>),
        (other, mut run_other): (&'static str, impl FnMut() -> anyhow::Result<Duration>),
        rounds: usize,
    ) -> anyhow::Result<Self> {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            let pair = (run_ours()?, run_other()?);
            if round > 0 {
                left.push(pair.0);
                right.push(pair.1);
            }
        }
        let (ours_us, other_us) = (median(&mut left), median(&mut right));
        Ok(Self::of((name, gate), (ours, ours_us), (other, other_us), rounds))
    }

    /// The 99th percentile of `runs` single pieces of work beside the time that a person is promised.
    pub fn promised(
        name: &'static str,
        (ours, mut work): (&'static str, impl FnMut(usize) -> anyhow::Result<()>),
        (other, promise): (&'static str, Duration),
        runs: usize,
    ) -> anyhow::Result<Self> {
        let mut times = Vec::with_capacity(runs);
        for run in 0..runs {
            times.push(timed(|| work(run))?);
        }
        times.sort_unstable();
        let slow = times.get(runs * 99 / 100).context("nothing was measured")?;
        let (ours_us, other_us) = (slow.as_secs_f64() * 1e6, promise.as_secs_f64() * 1e6);
        let gate = Gate::AtMost(1.0);
        Ok(Self::of((name, gate), (ours, ours_us), (other, other_us), runs))
    }

    /// Two lengths side by side: bytes where other figures have microseconds, and `name` says so.
    pub fn sizes(
        (name, gate): (&'static str, Gate),
        (ours, our_bytes): (&'static str, usize),
        (other, other_bytes): (&'static str, usize),
    ) -> Self {
        let bytes = |n: usize| u32::try_from(n).map_or(f64::INFINITY, f64::from);
        let (ours_us, other_us) = (bytes(our_bytes), bytes(other_bytes));
        Self::of((name, gate), (ours, ours_us), (other, other_us), 1)
    }

    /// Measures both sides once: for work that takes most of a minute and moves little from run to run.
    pub fn measure_once(
        (name, gate): (&'static str, Gate),
        (ours, run_ours): (&'static str, impl FnOnce() -> anyhow::Result<Duration>),
        (other, run_other): (&'static str, impl FnOnce() -> anyhow::Result<Duration>),
    ) -> anyhow::Result<Self> {
        let (ours_us, other_us) = (run_ours()?.as_secs_f64() * 1e6, run_other()?.as_secs_f64() * 1e6);
        Ok(Self::of((name, gate), (ours, ours_us), (other, other_us), 1))
    }

    pub fn holds(&self) -> bool {
        match self.gate {
            Gate::AtMost(limit) => self.ratio <= limit,
            Gate::None => true,
        }
    }

    pub fn print(&self) {
        let gate = match self.gate {
            Gate::AtMost(limit) => format!("gate <= {limit}{}", if self.holds() { "" } else { "  PAST" }),
            Gate::None => "no gate".into(),
        };
        println!(
            "{:38} ratio {:7.2}  ({gate})\n    {:>12.1} us  {}\n    {:>12.1} us  {}",
            self.name, self.ratio, self.ours_us, self.ours, self.other_us, self.other
        );
    }
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .map_or(f64::NAN, |t| t.as_secs_f64() * 1e6)
}

/// Times one piece of work.
pub fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

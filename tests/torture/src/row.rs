//! One row of the table: a number that must hold, and controls that must fail.

use anyhow::Result;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Every campaign begins here; a failing seed is printed, and `--seed` begins elsewhere.
pub const SEED: u64 = 20_261_125;

/// How much is asked for.
#[derive(Debug, Clone)]
pub struct Plan {
    pub short: bool,
    pub scale: f64,
    pub seed: u64,
    /// A folder for crash states; in memory where there is one.
    pub scratch: PathBuf,
}

impl Plan {
    /// A number of cases: fixed in `--short`, scaled otherwise.
    pub fn size(&self, short: u64, full: u64) -> u64 {
        if self.short {
            return short;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a count of cases, scaled by hand"
        )]
        let scaled = (full as f64 * self.scale).round() as u64;
        scaled.max(1)
    }
}

/// A property taken away on purpose.
#[derive(Debug, Clone, Serialize)]
pub struct Control {
    pub name: String,
    /// The harness saw the damage.
    pub caught: bool,
    pub how: String,
}

/// What came of a row.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub name: &'static str,
    /// What is counted.
    pub unit: &'static str,
    pub done: u64,
    pub wanted: u64,
    pub seed: u64,
    pub seconds: f64,
    /// Why it does not hold; `None` where it does.
    pub broken: Option<String>,
    pub note: String,
    pub controls: Vec<Control>,
}

impl Row {
    pub fn new(name: &'static str, unit: &'static str, plan: &Plan, wanted: u64) -> Self {
        Self {
            name,
            unit,
            done: 0,
            wanted,
            seed: plan.seed,
            seconds: 0.0,
            broken: None,
            note: String::new(),
            controls: Vec::new(),
        }
    }

    pub fn control(&mut self, name: impl Into<String>, caught: bool, how: impl Into<String>) {
        self.controls.push(Control {
            name: name.into(),
            caught,
            how: how.into(),
        });
    }

    pub fn breaks(&mut self, why: impl Into<String>) {
        if self.broken.is_none() {
            self.broken = Some(why.into());
        }
    }

    /// The number held, every case was made, and every control failed as it should. A row without a control proves
    /// nothing.
    pub fn holds(&self) -> bool {
        self.broken.is_none()
            && self.done >= self.wanted
            && !self.controls.is_empty()
            && self.controls.iter().all(|c| c.caught)
    }

    pub fn print(&self) {
        let word = if self.holds() { "holds" } else { "FAILS" };
        println!(
            "{word}  {:<14} {:>9} of {} {}, seed {}, {:.1} s",
            self.name, self.done, self.wanted, self.unit, self.seed, self.seconds
        );
        if !self.note.is_empty() {
            println!("       {}", self.note);
        }
        if let Some(why) = &self.broken {
            println!("       BROKEN: {why}");
        }
        for control in &self.controls {
            let word = if control.caught {
                "fails as it should"
            } else {
                "WAS NOT CAUGHT"
            };
            println!("       control {:<34} {word}: {}", control.name, control.how);
        }
    }
}

/// A whole run at the size of the table takes no longer, in seconds, nor does a whole `--short`.
const WHOLE_MAX: f64 = 90.0 * 60.0;
const SHORT_MAX: f64 = 8.0 * 60.0;

/// What came of all that was run.
#[derive(Debug, Serialize)]
pub struct Run {
    pub rows: Vec<Row>,
    pub seconds: f64,
    /// `None` where not every row was run, or at another size than the table's: then nothing is judged by the time.
    pub seconds_max: Option<f64>,
}

impl Run {
    /// Of these rows; `whole` where no other was left out.
    pub fn of(rows: Vec<Row>, plan: &Plan, whole: bool) -> Self {
        let table = (plan.scale - 1.0).abs() < f64::EPSILON;
        let seconds_max = match (whole, plan.short) {
            (true, true) => Some(SHORT_MAX),
            (true, false) if table => Some(WHOLE_MAX),
            _ => None,
        };
        Self {
            seconds: rows.iter().map(|row| row.seconds).sum(),
            rows,
            seconds_max,
        }
    }

    fn is_in_time(&self) -> bool {
        self.seconds_max.is_none_or(|most| self.seconds <= most)
    }

    pub fn every_row_holds(&self) -> bool {
        self.rows.iter().all(Row::holds)
    }

    pub fn holds(&self) -> bool {
        self.is_in_time() && self.every_row_holds()
    }

    /// The line under the rows.
    pub fn print(&self) {
        let word = if self.is_in_time() { "holds" } else { "FAILS" };
        let judged = match self.seconds_max {
            Some(most) => format!("at most {most:.0} s"),
            None => "not judged: not the whole table at its size".into(),
        };
        println!(
            "{word}  {} rows in {:.1} s, {judged}",
            self.rows.len(),
            self.seconds
        );
    }
}

/// Runs one row and takes its time.
pub fn timed(work: impl FnOnce() -> Result<Row>) -> Result<Row> {
    let began = Instant::now();
    let mut row = work()?;
    row.seconds = began.elapsed().as_secs_f64();
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::{Plan, Row, Run, SEED};

    fn run(short: bool, scale: f64, seconds: f64, whole: bool) -> Run {
        let plan = Plan {
            short,
            scale,
            seed: SEED,
            scratch: std::env::temp_dir(),
        };
        let mut row = Row::new("a row", "cases", &plan, 0);
        row.control("a control", true, "seen");
        row.seconds = seconds;
        Run::of(vec![row], &plan, whole)
    }

    #[test]
    fn a_whole_run_that_takes_too_long_fails_and_a_part_of_it_does_not() {
        for (short, scale, seconds, whole, holds) in [
            (true, 1.0, 479.0, true, true),
            (true, 1.0, 481.0, true, false),
            (true, 1.0, 481.0, false, true),
            (false, 1.0, 5399.0, true, true),
            (false, 1.0, 5401.0, true, false),
            (false, 1.0, 5401.0, false, true),
            (false, 10.0, 5401.0, true, true),
        ] {
            let run = run(short, scale, seconds, whole);
            assert_eq!(
                run.holds(),
                holds,
                "short {short}, scale {scale}, {seconds} s, whole {whole}"
            );
        }
    }
}

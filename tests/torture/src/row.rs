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

/// Runs one row and takes its time.
pub fn timed(work: impl FnOnce() -> Result<Row>) -> Result<Row> {
    let began = Instant::now();
    let mut row = work()?;
    row.seconds = began.elapsed().as_secs_f64();
    Ok(row)
}

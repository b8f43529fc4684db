//! Waiting for a condition, never for a time.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// The longest wait for anything in a story: generous, because the machine may be busy.
pub const DEADLINE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Asks until there is an answer.
///
/// # Errors
/// After [`DEADLINE`], naming what was waited for; or at once with the error of `ask`.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if began.elapsed() > DEADLINE {
            bail!("waited {DEADLINE:?} for {what}");
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

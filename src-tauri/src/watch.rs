//! At a counter a program that dies comes back by itself: a small parent starts it again, and it returns to the same page.
//!
//! **Invariant:** an end that somebody wanted (the way out with a PIN, a start that was refused) is never undone; a program
//! that dies again and again is left alone, so that its words can be read.

use crate::options::Options;
use std::io::{self, Write as _};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// So many deaths within [`WITHIN`], and it is not started again.
const DEATHS_MAX: usize = 5;
const WITHIN: Duration = Duration::from_secs(60);

/// What follows an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Again,
    Stop(u8),
}

/// `code` is none where a signal ended it; `deaths` are the times of those before, this one included.
fn next(code: Option<i32>, deaths: &[Instant], now: Instant) -> Next {
    let told = |code: i32| u8::try_from(code).unwrap_or(1);
    // The shell's own ends: 0, the kiosk not opened, no windows. A panic ends with 101.
    if let Some(code @ (0 | 2 | 3)) = code {
        return Next::Stop(told(code));
    }
    let lately = deaths
        .iter()
        .filter(|at| now.duration_since(**at) < WITHIN)
        .count();
    if lately >= DEATHS_MAX {
        Next::Stop(code.map_or(1, told))
    } else {
        Next::Again
    }
}

/// Runs the program as a child and watches it. None where this run is the child, or nobody wants one.
pub fn over(options: &Options, wanted: bool) -> Option<ExitCode> {
    if options.watched || !wanted {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    let mut deaths = Vec::new();
    loop {
        let status = run(&program)?;
        let now = Instant::now();
        deaths.push(now);
        match next(status.code(), &deaths, now) {
            Next::Stop(code) => return Some(ExitCode::from(code)),
            Next::Again => {
                let _ = writeln!(io::stderr(), "ended by itself; starting again");
            }
        }
    }
}

/// The child's input is a pipe from here: it ends when this parent does, however that comes about.
fn run(program: &std::path::Path) -> Option<ExitStatus> {
    let child = Command::new(program)
        .args(std::env::args_os().skip(1))
        .arg("--watched")
        .stdin(Stdio::piped())
        .spawn();
    let mut child = child.ok()?;
    let held = child.stdin.take();
    let status = child.wait().ok();
    drop(held);
    status
}

/// The child ends with its parent.
pub fn end_with_parent(options: &Options, end: impl FnOnce() + Send + 'static) {
    if options.watched {
        std::thread::spawn(move || {
            // Nothing is ever written: reading returns when the pipe closes.
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            end();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{DEATHS_MAX, Next, WITHIN, next};
    use std::time::Instant;

    #[test]
    fn a_death_is_undone_and_a_wanted_end_is_not() {
        let now = Instant::now();
        let often = vec![now; DEATHS_MAX];
        for (code, deaths, want) in [
            (Some(0), vec![now], Next::Stop(0)),
            (Some(2), vec![now], Next::Stop(2)),
            (Some(3), vec![now], Next::Stop(3)),
            (Some(101), vec![now], Next::Again),
            (None, vec![now], Next::Again),
            (None, often.clone(), Next::Stop(1)),
            (Some(101), often, Next::Stop(101)),
        ] {
            assert_eq!(
                next(code, &deaths, now),
                want,
                "{code:?} after {} deaths",
                deaths.len()
            );
        }
        let long_ago = vec![now; DEATHS_MAX];
        assert_eq!(
            next(None, &long_ago, now + WITHIN),
            Next::Again,
            "deaths of another hour do not count"
        );
    }
}

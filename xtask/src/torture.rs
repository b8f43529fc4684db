//! `cargo xtask torture`: builds the proof and the programs that it kills, and runs it.

use crate::run::{built, cargo, run, target};
use anyhow::Result;
use std::process::Command;

/// Builds, and hands every argument on.
///
/// # Errors
/// Where something cannot be built, a number does not hold, or a control is not caught.
pub fn torture(arguments: &[&str]) -> Result<()> {
    run(&mut cargo(&[
        "build", "-p", "torture", "-p", "cli", "-p", "service", "--bins",
    ]))?;
    run_built(arguments)
}

/// Runs what is built already.
///
/// # Errors
/// As [`torture`].
pub fn run_built(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(built("donghanh-torture"));
    command
        .args(arguments)
        .env("DONGHANH_BIN_DIR", target().join("debug"));
    run(&mut command)
}

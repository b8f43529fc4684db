//! `cargo xtask torture`: builds the proof and the programs that it kills, and runs it.

use crate::run::{cargo, run, target};
use anyhow::Result;
use std::process::Command;

/// Builds, and hands every argument on. `--short` runs with the build that the tests use; every other size takes most of
/// an hour and runs what is shipped, the optimised build.
///
/// # Errors
/// Where something cannot be built, a number does not hold, or a control is not caught.
pub fn torture(arguments: &[&str]) -> Result<()> {
    let mut build = cargo(&["build", "-p", "torture", "-p", "cli", "-p", "service", "--bins"]);
    if arguments.contains(&"--short") {
        run(&mut build)?;
        return run_built("debug", arguments);
    }
    run(build.arg("--release"))?;
    run_built("release", arguments)
}

/// The size that runs with every test, with what is built already; how long it takes is told and not judged, for whose
/// machine this is nobody knows.
///
/// # Errors
/// As [`torture`].
pub fn short() -> Result<()> {
    run_built("debug", &["--short", "--patient"])
}

fn run_built(profile: &str, arguments: &[&str]) -> Result<()> {
    let programs = target().join(profile);
    let torture = programs
        .join("donghanh-torture")
        .with_extension(std::env::consts::EXE_EXTENSION);
    let mut command = Command::new(torture);
    command.args(arguments).env("DONGHANH_BIN_DIR", programs);
    run(&mut command)
}

//! Running other programs: what is run is shown, and a failure names it.

use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where cargo builds to.
pub fn target() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR")
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from);
    root().join(chosen.unwrap_or_else(|| PathBuf::from("target")))
}

/// A program that cargo built.
pub fn built(name: &str) -> PathBuf {
    target()
        .join("debug")
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION)
}

/// The very cargo that runs us.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs to the end, showing the command and what it prints.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    println!("\x1b[1m$ {shown}\x1b[0m");
    let status = command.status().with_context(|| format!("cannot run: {shown}"))?;
    ensure!(status.success(), "failed ({status}): {shown}");
    Ok(())
}

/// Runs to the end and answers what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot run: {shown}"))?;
    ensure!(output.status.success(), "failed ({}): {shown}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether it runs and succeeds, quietly.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Named steps with their times; the first failure ends them.
#[derive(Default)]
pub struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    /// Does one step.
    ///
    /// # Errors
    /// The step's own, with its name.
    pub fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n\x1b[1;36m== {name}\x1b[0m");
        let began = Instant::now();
        let done = work();
        self.0.push((name, began.elapsed()));
        if done.is_err() {
            self.report();
        }
        done.with_context(|| format!("step \"{name}\""))
    }

    /// What each step took.
    pub fn report(&self) {
        println!();
        for (name, took) in &self.0 {
            println!("{:>8.1} s  {name}", took.as_secs_f64());
        }
        let whole: Duration = self.0.iter().map(|(_, took)| *took).sum();
        println!("{:>8.1} s  in all", whole.as_secs_f64());
    }
}

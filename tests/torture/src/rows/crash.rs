//! Crashes that would leave a core dump where the system allows one: of a kiosk with a dossier open, and of a program
//! that forbids nothing.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;
use stories::programs;
use stories::{Counter, Kiosk};
use tempfile::TempDir;

const ABORTED: i32 = 6;
const ALLOWED: &str = "ulimit -c \"$(ulimit -Hc)\" && cd \"$1\" && shift &&";

/// What a crashed kiosk left.
pub struct Crashed {
    /// The folder in which it ran.
    pub left: TempDir,
    /// The system was told to write no dump, and nothing can raise the limit again.
    pub forbidden: bool,
}

/// Opens a kiosk with every core dump allowed, signs in, opens the dossier and lets it crash.
pub fn of_a_kiosk(counter: &Counter, dossier: &str) -> Result<Crashed> {
    let left = tempfile::tempdir()?;
    let data = std::path::absolute(counter.data())?;
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{ALLOWED} exec \"$@\""), "sh"])
        .arg(left.path())
        .arg(std::path::absolute(programs::find(programs::KIOSK)?)?)
        .args(["rpc", "--data"])
        .arg(&data);
    let mut kiosk = Kiosk::run(command, &data)?;
    counter.sign_in(&mut kiosk)?;
    kiosk.call("open_dossier", json!({ "dossier": dossier }))?;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", kiosk.pid()))?;
    let line = limits.lines().find(|l| l.starts_with("Max core file size"));
    let line = line.context("no limit of core dumps")?;
    let forbidden = line.split_whitespace().skip(4).take(2).all(|n| n == "0");
    let crash = Command::new("kill")
        .args(["-ABRT", &kiosk.pid().to_string()])
        .status()?;
    ensure!(crash.success(), "kill ended with {crash}");
    let Err(ended) = kiosk.close() else {
        bail!("the kiosk closed calmly")
    };
    ensure!(
        ended.to_string().contains("signal: 6"),
        "the kiosk did not crash: {ended}"
    );
    Ok(Crashed { left, forbidden })
}

/// Whether a dump can be looked at here.
pub enum Control {
    Dump(TempDir),
    Elsewhere(&'static str),
}

/// The same crash of a shell that knows the canaries and forbids nothing.
pub fn of_another_program(canaries: &[String]) -> Result<Control> {
    let folder = tempfile::tempdir()?;
    let ended = Command::new("sh")
        .args(["-c", &format!("{ALLOWED} kill -ABRT $$"), "sh"])
        .arg(folder.path())
        .args(canaries)
        .status()?;
    ensure!(
        ended.signal() == Some(ABORTED),
        "the shell did not crash: {ended}"
    );
    if ended.core_dumped() && !is_empty(folder.path())? {
        return Ok(Control::Dump(folder));
    }
    Ok(Control::Elsewhere(
        "this system keeps core dumps elsewhere or makes none",
    ))
}

fn is_empty(folder: &Path) -> Result<bool> {
    Ok(std::fs::read_dir(folder)?.next().is_none())
}

//! A machine that lost its own key, and the way of its sealed dossiers to the province all the same.

use crate::programs;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Both places of the machine's key.
#[must_use]
pub fn machine_keys(data: &Path) -> [PathBuf; 2] {
    [data.join("machine.key"), data.join("machine/machine.key")]
}

/// Takes the machine's key away, wherever it lies.
///
/// # Errors
/// Where there was none: then nothing is proved.
pub fn lose_machine_key(data: &Path) -> Result<()> {
    for place in machine_keys(data) {
        std::fs::remove_file(&place).with_context(|| format!("no key at {}", place.display()))?;
    }
    Ok(())
}

/// A stick is another disk than the one that kiosks live on.
///
/// # Errors
/// Where there is no room.
pub fn stick() -> Result<TempDir> {
    Ok(tempfile::tempdir_in("/dev/shm")?)
}

/// `donghanh-cli rescue`: whether everything is on the stick, and what was said.
///
/// # Errors
/// Where the program is missing.
pub fn rescue(data: &Path, to: &Path) -> Result<(bool, String)> {
    let came = Command::new(programs::find(programs::KIOSK)?)
        .arg("rescue")
        .arg("--data")
        .arg(data)
        .arg("--to")
        .arg(to)
        .output()?;
    let said = [came.stdout, came.stderr].concat();
    Ok((came.status.success(), String::from_utf8(said)?))
}

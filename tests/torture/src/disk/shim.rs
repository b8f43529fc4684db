//! Builds the shim and starts this very program under it.

use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("shim.c");

/// The shim, built into a folder.
#[derive(Debug)]
pub struct Shim(PathBuf);

impl Shim {
    /// # Errors
    /// Where there is no C compiler (the build of SQLite needs one too).
    pub fn build(folder: &Path) -> Result<Self> {
        let (source, library) = (folder.join("shim.c"), folder.join("shim.so"));
        std::fs::write(&source, SOURCE)?;
        let built = Command::new("cc")
            .args(["-O2", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(&source)
            .args(["-ldl", "-lpthread"])
            .status()
            .context("running cc")?;
        ensure!(built.success(), "cc ended with {built}");
        Ok(Self(library))
    }

    /// This program again, watched: `words` are its arguments, `root` the folder that counts.
    ///
    /// # Errors
    /// Where this program cannot be found.
    pub fn this_program(&self, root: &Path, words: &[&str]) -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(words)
            .env("LD_PRELOAD", &self.0)
            .env("TORTURE_ROOT", root);
        Ok(command)
    }
}

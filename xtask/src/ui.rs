//! The interface: node where it is too old, its packages where the lock file changed, the build where a source changed.

use crate::debian;
use crate::run::{output, root, run, succeeds, target};
use anyhow::{Context as _, Result, ensure};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The oldest node that the interface's tools run on.
const NODE_MIN: (u32, u32) = (20, 19);
/// The node that is fetched where the machine's is older: npm's own package of it.
const NODE_FETCHED: &str = "node@22.23.3";

/// What the build reads, besides the packages.
const SOURCES: &[&str] = &[
    "ui/src",
    "ui/index.html",
    "ui/package-lock.json",
    "ui/vite.config.ts",
    "ui/svelte.config.js",
    "ui/tsconfig.json",
    "assets/units",
];

/// Builds `ui/dist` unless it is newer than all its sources.
///
/// # Errors
/// Where node cannot be had, or npm or the build fails.
pub fn build() -> Result<()> {
    packages()?;
    let built = newest(&root().join("ui/dist/index.html"));
    let changed = SOURCES
        .iter()
        .filter_map(|source| newest(&root().join(source)))
        .max();
    if built.is_some() && built > changed {
        return Ok(());
    }
    npm(&["run", "build"])
}

/// Runs npm in `ui/`.
///
/// # Errors
/// Where it fails.
pub fn npm(arguments: &[&str]) -> Result<()> {
    run(Command::new("npm")
        .args(arguments)
        .current_dir(root().join("ui"))
        .env("PATH", path_with_node()?))
}

/// Installs the packages that the lock file names, once for each lock file.
fn packages() -> Result<()> {
    let lock = fs::read(root().join("ui/package-lock.json")).context("ui/package-lock.json")?;
    let installed = root().join("ui/node_modules/.installed-from.json");
    if fs::read(&installed).is_ok_and(|from| from == lock) {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"])?;
    Ok(fs::write(installed, lock)?)
}

/// The search path with a node on it that is new enough.
fn path_with_node() -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !succeeds(Command::new("npm").arg("--version")) {
        debian::install(&[
            ("nodejs", "builds the interface"),
            ("npm", "the packages of the interface"),
        ])?;
    }
    if version("node").is_some_and(|found| found >= NODE_MIN) {
        return Ok(path);
    }
    let fetched = fetched_node()?;
    let folders = std::iter::once(fetched).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(folders)?)
}

/// The folder of the fetched node's program.
fn fetched_node() -> Result<PathBuf> {
    let home = target().join("node");
    let folder = home.join("node_modules/node/bin");
    let program = folder.join("node");
    if !program.exists() {
        println!(
            "node is older than {}.{}: taking {NODE_FETCHED} from npm into {}",
            NODE_MIN.0,
            NODE_MIN.1,
            home.display()
        );
        fs::create_dir_all(&home)?;
        run(Command::new("npm")
            .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(&home)
            .arg(NODE_FETCHED))?;
    }
    ensure!(
        version(&program.to_string_lossy()).is_some_and(|found| found >= NODE_MIN),
        "{} does not run",
        program.display()
    );
    Ok(folder)
}

fn version(program: &str) -> Option<(u32, u32)> {
    read_version(&output(Command::new(program).arg("--version")).ok()?)
}

/// `v20.19.5` as its first two numbers.
fn read_version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// When a file, or the newest below a folder, last changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let found = fs::metadata(path).ok()?;
    if !found.is_dir() {
        return found.modified().ok();
    }
    fs::read_dir(path)
        .ok()?
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .max()
}

#[cfg(test)]
mod tests {
    use super::{NODE_MIN, read_version};

    #[test]
    fn an_old_node_is_told_from_a_new_one() {
        for (said, enough) in [
            ("v18.20.4\n", false),
            ("v20.18.9", false),
            ("v20.19.0", true),
            ("v22.1.0", true),
        ] {
            assert_eq!(
                read_version(said).is_some_and(|found| found >= NODE_MIN),
                enough,
                "{said}"
            );
        }
        assert_eq!(read_version("bash: node: command not found"), None);
    }
}

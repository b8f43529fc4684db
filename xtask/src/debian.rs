//! The packages of Debian that are needed, each with its reason; installed where they are missing.

use crate::run::{run, succeeds};
use anyhow::{Result, bail};
use std::process::Command;

/// A package and why.
const PACKAGES: &[(&str, &str)] = &[
    ("build-essential", "the C compiler and linker: SQLCipher is C"),
    ("pkg-config", "finds the libraries below"),
    ("libssl-dev", "SQLCipher's cryptography"),
    ("libwebkit2gtk-4.1-dev", "the web view of both windows"),
    (
        "webkit2gtk-driver",
        "drives the real windows in tests and in the demo with no display",
    ),
    ("xvfb", "a display for tests where there is none"),
    (
        "xserver-xorg-core",
        "an X server whose monitors exist in software, to unplug one in a test",
    ),
    ("xserver-xorg-video-dummy", "those monitors"),
    ("x11-xserver-utils", "xrandr, which plugs and unplugs them"),
    (
        "espeak-ng",
        "reads the citizen's screen aloud, in Vietnamese and English",
    ),
    ("poppler-utils", "draws and reads the printed receipt in tests"),
    (
        "qpdf",
        "checks every printed paper's file, knowing nothing of who wrote it",
    ),
    (
        "zbar-tools",
        "a second reader of the receipt's codes that knows nothing of us",
    ),
    (
        "sane-utils",
        "scanimage: flatbed and feeder scanners, and the test device without one",
    ),
    (
        "sane-airscan",
        "scanners that need no driver, on the network or by USB",
    ),
    ("tesseract-ocr", "reads printed text on papers, as suggestions"),
    ("tesseract-ocr-vie", "its Vietnamese"),
    (
        "chromium",
        "the citizens' look-up page in a browser, at the size of a telephone",
    ),
    (
        "fonts-dejavu-core",
        "a font with Vietnamese letters for that browser",
    ),
];

/// Installs what is missing. On another system it says what is wanted and goes on.
///
/// # Errors
/// Where a package cannot be installed.
pub fn install_missing() -> Result<()> {
    if !succeeds(Command::new("dpkg-query").arg("--version")) {
        println!("This is no Debian. Needed, under whatever names they have here:");
        PACKAGES
            .iter()
            .for_each(|(name, why)| println!("  {name:26} {why}"));
        return Ok(());
    }
    let missing: Vec<_> = PACKAGES.iter().filter(|(name, _)| !is_installed(name)).collect();
    install(
        &missing
            .iter()
            .map(|(name, why)| (*name, *why))
            .collect::<Vec<_>>(),
    )
}

/// Installs these packages, saying why first.
///
/// # Errors
/// Where they cannot be installed: with no right to, or with no network.
pub fn install(packages: &[(&str, &str)]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    println!("Debian packages to install:");
    packages
        .iter()
        .for_each(|(name, why)| println!("  {name:26} {why}"));
    let names: Vec<&str> = packages.iter().map(|(name, _)| *name).collect();
    let installing = ["install", "-y", "--no-install-recommends"];
    run(apt().arg("update"))?;
    if run(apt().args(installing).args(&names)).is_err() {
        bail!(
            "not installed; as root: apt-get {} {}",
            installing.join(" "),
            names.join(" ")
        );
    }
    Ok(())
}

fn is_installed(name: &str) -> bool {
    let asked = Command::new("dpkg-query")
        .args(["-W", "-f=${Status}", name])
        .output();
    asked.is_ok_and(|answer| answer.stdout.ends_with(b"ok installed"))
}

/// As root directly, otherwise through sudo.
fn apt() -> Command {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|answer| answer.stdout.trim_ascii() == b"0");
    let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
    if is_root {
        command.env("DEBIAN_FRONTEND", "noninteractive");
    } else {
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    command
}

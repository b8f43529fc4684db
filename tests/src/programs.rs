//! Finds the programs that a story runs: beside the test itself, in the same target folder.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// The kiosk with no window.
pub const KIOSK: &str = "donghanh-cli";
/// The provincial service.
pub const PROVINCE: &str = "donghanh-province";

/// Tells whether a receipt is genuine.
pub const VERIFIER: &str = "donghanh-verify";

/// Where a built program lies. `DONGHANH_BIN_DIR` names another folder.
///
/// # Errors
/// Says how to build it where it is missing.
pub fn find(name: &str) -> Result<PathBuf> {
    let folder = match std::env::var_os("DONGHANH_BIN_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => {
            // target/debug/deps/stories-… stands beside target/debug/<program>.
            let test = std::env::current_exe().context("finding the test program")?;
            test.parent()
                .and_then(|deps| deps.parent())
                .context("the test program stands in no target folder")?
                .to_owned()
        }
    };
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        bail!(
            "{} is not built: run `cargo build -p cli -p service -p verifier` first",
            program.display()
        );
    }
    Ok(program)
}

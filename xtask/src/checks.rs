//! `cargo xtask test`: the whole line of the CI, in the order that fails soonest.

use crate::run::{Steps, cargo, run};
use crate::{debian, tools, torture, ui};
use anyhow::Result;

/// Every check; stops at the first that fails.
///
/// # Errors
/// The failing step's, by name.
pub fn all() -> Result<()> {
    let mut steps = Steps::default();
    steps.step("setup", debian::install_missing)?;
    steps.step("formatting", || run(&mut cargo(&["fmt", "--all", "--check"])))?;
    steps.step("dependency rules", tools::deny)?;
    // The shell embeds the interface: without it nothing of the shell compiles.
    steps.step("interface: build", ui::build)?;
    steps.step("interface: types", || ui::npm(&["run", "check"]))?;
    steps.step("interface: tests", || ui::npm(&["run", "test"]))?;
    steps.step("interface: accessibility", || ui::npm(&["run", "audit"]))?;
    steps.step("lints", || {
        run(&mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    // The stories run the real programs of other crates, which a test run alone does not make. With the tests in
    // the same build, both are compiled once: development dependencies change what features are on.
    steps.step("programs and tests: build", || {
        run(&mut cargo(&["build", "--workspace", "--all-targets"]))
    })?;
    steps.step("tests, stories and journeys", || {
        run(&mut cargo(&["test", "--workspace"]))
    })?;
    // Built above with everything else.
    steps.step("the proof that nothing is lost, short", torture::short)?;
    steps.step("Windows", tools::check_for_windows)?;
    steps.report();
    println!("\nEvery check passed.");
    Ok(())
}

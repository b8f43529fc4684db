//! `cargo xtask setup | build-ui | demo | test | bench | torture`: what a newcomer and the CI type.
//!
//! **Invariant:** each command can be typed again at any time and ends in the same state; what is installed is said
//! before it is, with the reason.

mod bench;
mod checks;
mod debian;
mod demo;
mod enrol;
mod gallery;
mod owned;
mod run;
mod tools;
mod torture;
mod ui;

use anyhow::Result;
use std::process::ExitCode;

const HELP: &str = "cargo xtask <command>

  setup              install what is missing to build, test and show the product
  build-ui           build the interface into ui/dist, where its sources changed
  demo [--headless]  service, kiosk and both windows; with no display the same story in a virtual one,
                     left as pictures and a summary in target/demo/
  gallery            the screens as pictures, from the real windows, into docs/gallery
  bench [--json]     what is fast and what is not, each beside what it is compared with
  torture [--short] [--scale N] [--only ROW] [--json]
                     the proof that nothing is lost: simulation, power cuts, kills, bad networks, full disks,
                     each with a control that must fail
  test               everything that the CI checks; stops at the first failure
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(words: &[&str]) -> Result<()> {
    match words {
        ["setup"] => setup(),
        ["build-ui"] => ui::build(),
        ["demo"] => demo::demo(false),
        ["demo", "--headless"] => demo::demo(true),
        ["bench"] => bench::bench(false),
        ["bench", "--json"] => bench::bench(true),
        ["torture", rest @ ..] => torture::torture(rest),
        ["gallery"] => gallery::gallery(),
        ["test"] => checks::all(),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        other => anyhow::bail!("no such command: {}\n\n{HELP}", other.join(" ")),
    }
}

/// Everything that the other commands need.
fn setup() -> Result<()> {
    debian::install_missing()?;
    ui::build()?;
    tools::windows_target();
    Ok(())
}

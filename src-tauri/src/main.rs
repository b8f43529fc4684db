//! `donghanh`: the operator's window and the citizen's window over one kiosk.
//!
//! **Invariant:** the shell translates and places windows; it decides nothing about dossiers, people or rights.

mod events;
mod files;
mod hand_in;
mod lockdown;
mod logging;
mod opening;
mod options;
mod pick;
mod placement;
mod platform;
mod preview;
mod rpc;
mod shell;
mod watch;
mod windows;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: this process may be the one that opens a stranger's file.
    if app::is_paper_reader() {
        return app::read_paper();
    }
    let options = options::Options::parse();
    // Before anything else: no thread is running yet, and no web view has read the variable.
    lockdown::close_automation(&options);
    // At a counter nobody is there to start it again; a desk and a test do that themselves.
    let counter = options.layout == options::Layout::Counter && !lockdown::automation_wanted(&options);
    match watch::over(&options, counter) {
        Some(ended) => ended,
        None => shell::run(options),
    }
}

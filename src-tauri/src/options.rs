//! The command line of the shell. Everything a technician or a rehearsal may choose, and nothing of any citizen.

use std::path::PathBuf;

/// Đồng Hành: the operator's window and the citizen's window.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "donghanh", version, about)]
pub struct Options {
    /// The folder that holds this kiosk's databases, sealed files, keys and log.
    #[arg(long, value_name = "DIR", default_value_os_t = default_data_dir())]
    pub data: PathBuf,

    /// How the windows are placed.
    #[arg(long, value_enum, default_value_t = Layout::Counter)]
    pub layout: Layout,

    /// Rehearsal: choosing a paper takes the next file of this folder, in order of name, with no dialog.
    #[arg(long, value_name = "DIR")]
    pub pick_from: Option<PathBuf>,

    /// Look at a procedure file as a counter will show it: nothing is sealed, nothing is sent, nothing is kept.
    #[arg(long, value_name = "FILE")]
    pub preview: Option<PathBuf>,

    /// Set by the program itself: this run is the one that is watched over and started again when it dies.
    #[arg(long, hide = true)]
    pub watched: bool,

    /// Lets a test drive the windows. A program built for release knows it only with the feature `automation`.
    #[arg(long, hide = true)]
    pub automation: bool,
}

/// Where the windows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// A counter: each window fills its own monitor; with one monitor there is the operator's window alone.
    Counter,
    /// A desk: two movable windows on one monitor, side by side.
    Desk,
}

/// The folder of the person who runs it, by the custom of each system.
fn default_data_dir() -> PathBuf {
    let home = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let base = if cfg!(windows) {
        home("LOCALAPPDATA")
    } else {
        home("XDG_DATA_HOME").or_else(|| home("HOME").map(|home| home.join(".local/share")))
    };
    base.unwrap_or_else(|| PathBuf::from(".")).join("donghanh")
}

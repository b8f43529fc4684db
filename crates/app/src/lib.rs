//! What a person can do at the counter: one command list, served alike to the window, to the command line
//! and to tests.
//!
//! **Invariants:** who may call is decided here, in the dispatch, and not in any interface; the citizen's
//! window has its own short list; nothing here knows a window system.

pub mod access;
mod aloud;
pub mod bindings;
pub mod card;
mod card_scanner;
pub mod catalogue;
mod certificate;
pub mod clock;
pub mod commands;
mod core_dump;
mod device;
mod drill;
pub mod events;
mod expiry;
mod handed_in;
mod intake;
mod keystroke;
pub mod kiosk;
pub mod life_events;
mod machine_key;
mod mending;
mod options;
mod paper_list;
mod parcels;
mod plugged_in;
pub mod preview;
pub mod printing;
pub mod problem;
mod rebuild;
pub mod recordings;
pub mod rescue;
mod room;
mod scan_folder;
pub mod schema;
mod screens;
pub mod seal_dossier;
mod sealed_papers;
mod second_copy;
pub mod seen;
mod sending;
pub mod sentences;
pub mod session;
mod signed_in;
pub mod speech;
pub mod step_back;
mod telling;
mod trouble;
pub mod views;
mod village;
pub mod voice;
mod waiting;
mod walk;
mod withdrawal;

pub use access::{Caller, Window};
pub use events::AppEvent;
pub use kiosk::{App, KioskOptions};
pub use paper::{is_asked_for as is_paper_reader, serve as read_paper};
pub use problem::{Layer, Problem, ProblemCode};
pub use room::Floor;
pub use schema::{COMMANDS, dispatch};

//! Hostile files are opened in a process of their own: little memory, little time, no files, no network.
//!
//! The kiosk starts its own program once more ([`is_asked_for`] tells which one it is), hands the bytes over on standard
//! input and takes the finished paper from standard output. **Invariant:** whatever the file does to that process, the
//! kiosk gets a [`PaperError`](crate::PaperError) within [`WAIT_MAX`] and lives; and one file's process never sees
//! another file.

mod child;
mod limits;
mod parent;
mod protocol;
mod stack;

pub use child::{is_asked_for, serve};
pub use parent::Reader;

//! What kiosk and service say to each other: requests, answers, paths, headers, problem codes, limits.
//!
//! **Invariants:** both sides take every name and number from here; what the province asserts travels inside
//! [`seal::signed::Signed`], so that an answer that is not signed is no success. `docs/PROTOCOL.md` is this
//! crate in prose. Absent on purpose: sockets, clocks, databases; `parcel` reads folders, nothing else touches a disk.

pub mod acknowledgement;
pub mod batch;
pub mod dossier;
pub mod enrol;
pub mod header;
pub mod inventory;
pub mod limits;
pub mod parcel;
pub mod path;
pub mod problem;
pub mod recovery;
pub mod session;
pub mod sync;
pub mod text;
pub mod time;

pub use problem::{Problem, ProblemCode};
pub use text::{Nonce, Sha256};

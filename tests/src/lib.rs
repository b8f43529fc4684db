//! The harness of the stories: real programs, real files, a bad network between them, and a checker of what came
//! out. It drives `donghanh-cli` and `donghanh-province` as separate processes, so that they can be killed.
//!
//! **Invariants:** nothing here reaches into a running program; a wait is always for a condition, with a deadline;
//! every person in a story is invented.

pub mod books;
pub mod chaos;
pub mod counter;
pub mod desk;
pub mod files;
pub mod form;
pub mod kiosk;
pub mod line;
pub mod listening;
pub mod page;
pub mod photo;
pub mod place;
pub mod printer;
pub mod programs;
pub mod province;
pub mod qr;
pub mod rescue;
pub mod seeded;
pub mod view;
pub mod wait;

pub use books::Books;
pub use chaos::{Chaos, Rule};
pub use counter::Counter;
pub use kiosk::{Kiosk, Refused};
pub use province::Province;

//! The provincial service from outside: the real listeners, the real database and files.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should stop, also in its helpers"
)]

mod admission;
mod backup;
mod batch;
mod common;
mod copied_disk;
mod enrolment;
mod feed;
mod healing;
mod intake;
mod listing;
mod lookup;
mod opening;
mod program;
mod renewal;
mod same_matter;
mod upload;
mod vectors;
mod vectors_of_answers;
mod vectors_of_the_form;
mod withdrawals;

//! The provincial service from outside: the real listeners, the real database and files.

mod common;
mod enrolment;
mod feed;
mod intake;
mod lookup;
mod opening;
mod program;
mod upload;
mod vectors;

//! What a counter knows: procedures, interviews, dossiers, their states, and what a receipt says.
//!
//! **Invariant:** nothing here reads a clock, a file, the environment or a source of randomness; every
//! function is a value from values, so that a story replays to the same end.

// A new state must be thought about everywhere: no arm here swallows it.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod answer;
pub mod calendar;
pub mod consent;
pub mod day;
pub mod delivery;
pub mod expr;
pub mod id_card;
pub mod id_number;
pub mod ids;
pub mod interview;
pub mod lease;
pub mod ledger;
pub mod life_event;
pub mod next_step;
pub mod number_words;
pub mod official_form;
pub mod paper_remark;
pub mod partial_date;
pub mod practice;
pub mod procedure;
pub mod province;
pub mod receipt;
pub mod receipt_number;
pub mod roles;
pub mod sealed_form;
pub mod second_copy;
pub mod text;
pub mod units;
pub mod withdrawal;

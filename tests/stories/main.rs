//! The stories: whole walks with real programs, real files and a bad network. No window.
//!
//! Build the programs first: `cargo build -p cli -p service`. Each story has a control beside it that must fail,
//! so that a checker that has gone blind is seen.

mod acknowledgement_lost;
mod backup_and_restore;
mod bad_input;
mod bad_network;
mod card;
mod catalogue;
mod every_pin_forgotten;
mod every_procedure;
mod first_dossier;
mod life_event;
mod no_network_at_all;
mod offline_day;
mod people_and_rights;
mod power_cut_mid_send;
mod province_restored;
mod saturday_40_km;
mod wrong_clock;

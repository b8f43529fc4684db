//! The whole product in its real windows: WebKitWebDriver presses what a person would press, a real provincial service
//! answers, and nothing inside the kiosk is reached around its own one list of commands.
//!
//! Each journey has its own display, data folders and service, and leaves no process behind. `demo` is the same story
//! kept as pictures; `cargo xtask demo` runs it where there is no display.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a journey that goes wrong ends there, saying where"
)]

mod citizen_says_wrong;
mod closing;
mod consent_refused;
mod day;
mod demo;
mod display;
mod english;
mod first_dossier;
mod gallery;
mod hands;
mod idle_lock_and_colleague;
mod keyboard_only;
mod kill_and_resume;
mod kiosk;
mod kiosk_manners;
mod measure;
mod memory;
mod monitor_unplugged;
mod neighbour;
mod no_phone_no_signature;
mod one_screen;
mod papers_in;
mod people;
mod power_cut_on_every_page;
mod province;
mod record;
mod refused;
mod second_visit_practice;
mod short;
mod stage;
mod story;
mod taken_back;
mod tour;
mod village_day;
mod volunteer_lease;

use tokio::sync::{Mutex, MutexGuard};

/// One journey at a time: two would share two cores and tell nothing more.
pub async fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    ONE.lock().await
}

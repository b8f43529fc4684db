//! What each command does, a file a noun.

pub mod assist;
pub mod card;
pub mod citizen;
pub mod citizen_writes;
pub mod consent;
pub mod dossier;
pub mod drill;
pub mod forms;
pub mod hand_over;
pub mod home;
pub mod kiosk;
pub mod lease;
pub mod life_event;
pub mod look;
pub mod lookup;
pub mod outbox;
pub mod papers;
pub mod practice;
pub mod printers;
pub mod receipt;
pub mod scanner;
pub mod tray;
pub mod typing;
pub mod upgrade;
pub mod voice;

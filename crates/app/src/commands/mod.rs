//! What each command does, a file a noun.

pub mod citizen;
pub mod dossier;
pub mod home;
pub mod kiosk;
pub mod outbox;
pub mod papers;
pub mod receipt;

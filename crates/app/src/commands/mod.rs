//! What each command does, a file a noun.

pub mod citizen;
pub mod citizen_writes;
pub mod dossier;
pub mod home;
pub mod kiosk;
pub mod look;
pub mod lookup;
pub mod outbox;
pub mod papers;
pub mod receipt;
pub mod upgrade;
pub mod voice;

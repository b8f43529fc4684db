//! What each command does, a file a noun.

pub mod assist;
pub mod card;
pub mod citizen;
pub mod citizen_writes;
pub mod clock;
pub mod consent;
pub mod dossier;
pub mod drill;
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
pub mod receipt;
pub mod recovery;
pub mod stick;
pub mod typing;
pub mod upgrade;
pub mod voice;
pub mod waiting;

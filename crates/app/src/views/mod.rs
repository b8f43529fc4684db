//! What the windows are shown: whole values, made here, rendered there. Windows hold no state of their own.

mod citizen;
mod dossier;
mod home;
mod kiosk;
mod outbox;
mod receipt;

pub use citizen::{CitizenAnswer, CitizenPage, CitizenPaper, CitizenView};
pub use dossier::{DossierView, FileView, OfferView, Place};
pub use home::{DraftCard, HomeView, ProcedureCard, TodayView};
pub use kiosk::{EnrolmentStage, EnrolmentView, KioskView, Language, OperatorCard};
pub use outbox::{NetworkView, OutboxItemView, OutboxView};
pub use receipt::{PrintOutcome, ReceiptView};

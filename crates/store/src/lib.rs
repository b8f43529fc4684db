//! The counter's two databases and its sealed files.
//!
//! `outbox.db` (SQLite) holds what needs no PIN: the machine's enrolment, its operators' wrapped keys, the
//! index of sealed dossiers, never a citizen's name or number. `drafts.db` (SQLCipher) is the only readable
//! personal data on disk. Sealed files lie beside them, named by the hash of their encrypted bytes, each dossier's
//! record with its envelope, the machine's card, and catalogue bundles, named by the hash of their content: from record
//! and card a damaged `outbox.db` is made again.
//!
//! **Invariants:** a call that returns has reached the disk; nothing here deletes a dossier that the province
//! has not durably acknowledged; a damaged file is set aside, never removed.

mod bundles;
pub mod card;
mod copy_of;
mod database;
pub mod drafts;
pub mod error;
pub mod guard;
pub mod instance;
mod migrations;
mod open;
pub mod outbox;
pub mod records;
mod rescue;
pub mod sealed_files;
pub mod step_back;
pub mod tables;

pub use bundles::BundleFiles;
pub use card::Card;
pub use drafts::Drafts;
pub use error::StoreError;
pub use migrations::Unheld;
pub use outbox::Outbox;
pub use records::Records;
pub use rescue::Rescued;
pub use sealed_files::SealedFiles;
pub use step_back::StepBackError;

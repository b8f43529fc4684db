//! `donghanh-province`: enrols kiosks, takes sealed dossiers in, acknowledges them with a signature, tells
//! citizens and kiosks where a case stands, and opens dossiers in a separate, recorded step.
//!
//! **Invariants:** `serve` cannot open what it takes in (it never reads the intake or recovery key); nothing is
//! acknowledged before it is durable; an official code enters only by a person or a connector, with its source.
//! Absent on purpose: deciding anything about a case, and making official codes.

pub mod admin;
mod admission;
mod app;
mod arriving;
pub mod backup;
mod blobs;
mod bucket;
mod certificates;
mod copies;
pub mod decide;
mod early_sync;
pub mod error;
mod intake;
pub mod limits;
mod line;
mod lookup;
pub mod mending;
pub mod province;
mod routes;
pub mod serve;
mod session;
mod store;
mod uploads;
mod withdrawals;

pub use app::{Clock, system_clock};
pub use error::{Refusal, ServiceError};
pub use province::{DataDir, InitOptions, init};
pub use serve::{BackupOptions, Running, ServeOptions, Service};
// For `cargo xtask bench`, which measures what a commit of the service costs, and for the row `cursor` of the torture,
// which follows the feed while many write.
#[doc(hidden)]
pub use store::{
    Readers as FeedReaders, Writer as GroupWriter, events as feed, immediate as in_one_transaction,
    open as open_database,
};

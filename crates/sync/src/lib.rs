//! Carries sealed dossiers to the province and brings status back.
//!
//! `plan` and `decide` decide (pure), `apply` writes what was verified (one transaction each), `client` speaks, `engine`
//! is the one task that does all three.
//!
//! **Invariants:** success is a signed answer with our own hash and nothing else; an item's failure never holds
//! up another item; nothing here deletes bytes before the province holds them durably; no decision rests on the
//! local clock alone. Absent on purpose: personal data (what passes here is sealed), words for a person.

mod apply;
pub mod backoff;
mod body;
pub mod breaker;
pub mod carried;
mod catalogue;
mod client;
pub mod decide;
mod delivery;
mod engine;
pub mod enrol;
mod failure;
pub mod fit;
mod forms;
mod http;
pub mod lane;
mod pass;
pub mod plan;
pub mod rebuild;
mod renewal;
mod scans;
mod state;
mod status;
pub mod suspicion;
mod time;
mod tls;
mod upload;

pub use apply::{INDEX_KEPT_MS, purge};
pub use engine::Engine;
pub use failure::{Failure, Scope};
pub use state::{CatalogueKeeper, EngineOptions, Link, Network, Pass, PassItem, SyncEvent};
pub use time::ProvinceTime;

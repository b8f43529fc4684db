//! What the store's tests stand on: disks as earlier programs left them, and rows of invented dossiers.

#![expect(dead_code, reason = "each test program uses its own part")]
#![expect(clippy::unwrap_used, reason = "a helper of a test panics like the test")]

pub mod rows;
pub mod schemas;

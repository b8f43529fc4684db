//! The sealed envelope: what leaves the counter, and what proves that it arrived.
//!
//! **Invariants:** what is sealed here cannot be read here again; every signature covers the stored bytes
//! and a context string, so that no signature of one kind can stand for another; nothing readable of a
//! person (name, number, readable hash) stands outside the encrypted form.
//! Absent on purpose: files, databases, clocks.

pub mod blob;
pub mod certificate;
pub mod envelope;
pub mod error;
pub mod form;
pub mod keys;
pub mod lookup;
pub mod manifest;
pub mod matter;
pub mod proof;
pub mod random;
pub mod returning;
pub mod signed;
pub mod words;
pub mod wrap;

pub use error::SealError;

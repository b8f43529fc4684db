//! The catalogue: procedures, lists, units, working calendar and paper templates, as data.
//!
//! [`parts`] are the files, [`content`] is what they mean once every one has passed its check, [`bundle`] is how they
//! travel: one file, signed by the province, every part under its hash. [`built_in`] is what the program was built with,
//! [`check`] says every mistake with its file and line.
//!
//! **Invariant:** a procedure that does not pass its own check never reaches a citizen: a [`Catalogue`] in memory has
//! passed all of them. Absent on purpose: where bundles are stored, which one is in use, sockets, clocks.

pub mod built_in;
pub mod bundle;
pub mod check;
pub mod content;
pub mod parts;

pub use bundle::{BUNDLE_BYTES_MAX, Bundle, BundleFault, Manifest, PartRecord, Trust};
pub use content::{Catalogue, CatalogueFault, Entry};
pub use parts::Parts;

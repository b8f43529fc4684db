//! What the program was built with: the floor that a counter stands on before its province has published anything.

use crate::bundle::Bundle;
use crate::content::{Catalogue, CatalogueFault};
use crate::parts::Parts;

/// Every file of `assets/` that is data, by path; listed by the build script.
const PARTS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/parts.rs"));

/// The files.
#[must_use]
pub fn parts() -> Parts {
    PARTS
        .iter()
        .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()))
        .collect()
}

/// The files as an unsigned bundle of version 0, so that a draft that began on them can be pinned to their hash.
#[must_use]
pub fn bundle() -> Bundle {
    Bundle::unsigned(parts())
}

/// The files, read and checked.
///
/// # Errors
/// [`CatalogueFault`]: a mistake of ours, found by every test.
pub fn catalogue() -> Result<Catalogue, CatalogueFault> {
    Catalogue::of(&bundle())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_kind_of_part_is_in_and_passes() {
        let parts = super::parts();
        for path in [
            "procedures/1.001193.json",
            "units/units.json",
            "holidays.json",
            "paper/receipt_a5.typ",
        ] {
            assert!(parts.get(path).is_some(), "{path}");
        }
        assert!(parts.iter().all(|(path, _)| !path.contains("schema")));
        let catalogue = super::catalogue().unwrap();
        assert_eq!((catalogue.version, catalogue.expires_at), (0, None));
    }
}

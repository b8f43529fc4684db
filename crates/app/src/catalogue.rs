//! The procedures and lists that this program was built with, checked when it starts.
//!
//! **Invariant:** a procedure that does not pass its own check never reaches a citizen: the program does not
//! start with one.

use domain::ids::ProcedureCode;
use domain::interview::Lists;
use domain::procedure::Procedure;
use domain::text::fold;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// One procedure and the hash of the file that it was read from.
#[derive(Debug)]
pub struct Entry {
    pub procedure: Procedure,
    pub sha256: [u8; 32],
    folded: String,
}

/// Everything that is data.
pub struct Catalogue {
    entries: Vec<Entry>,
    pub lists: Lists,
    pub days_off: Vec<Date>,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Catalogue({} procedures)", self.entries.len())
    }
}

const PROCEDURES: &[&[u8]] = &[include_bytes!("../../../assets/procedures/1.001193.json")];
const ETHNIC: &str = include_str!("../../../assets/units/ethnic_groups.json");
const NATIONALITIES: &str = include_str!("../../../assets/units/nationalities.json");
const BIRTH_PLACES: &str = include_str!("../../../assets/units/birth_province_codes.json");
const UNITS: &str = include_str!("../../../assets/units/units.json");
const HOLIDAYS: &str = include_str!("../../../assets/holidays.json");

/// The data that the program was built with cannot be used: a mistake of ours, found by every test.
#[derive(Debug, thiserror::Error)]
#[error("catalogue: {0}")]
pub struct CatalogueFault(String);

#[derive(serde::Deserialize)]
struct Holidays {
    days_off: Vec<Date>,
}

impl Catalogue {
    /// # Errors
    /// [`CatalogueFault`] naming the file that is wrong.
    pub fn built_in() -> Result<Self, CatalogueFault> {
        let fault = |e: &dyn std::fmt::Display| CatalogueFault(e.to_string());
        let entries = PROCEDURES.iter().map(|bytes| Entry::read(bytes)).collect::<Result<_, _>>()?;
        let lists = Lists::from_json(ETHNIC, NATIONALITIES, BIRTH_PLACES, UNITS).map_err(|e| fault(&e))?;
        let holidays: Holidays = serde_json::from_str(HOLIDAYS).map_err(|e| fault(&e))?;
        Ok(Self { entries, lists, days_off: holidays.days_off })
    }

    #[must_use]
    pub fn get(&self, code: &ProcedureCode) -> Option<&Entry> {
        self.entries.iter().find(|e| &e.procedure.code == code)
    }

    /// Procedures by words, best first; everything where nothing is asked. Accents and đ do not matter.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<&Entry> {
        let wanted = fold(text);
        let words: Vec<&str> = wanted.split(' ').filter(|w| !w.is_empty()).collect();
        let fits = |entry: &&Entry| words.iter().all(|word| entry.folded.split(' ').any(|w| w.starts_with(word)));
        self.entries.iter().filter(fits).collect()
    }
}

impl Entry {
    fn read(bytes: &[u8]) -> Result<Self, CatalogueFault> {
        let procedure = Procedure::from_json(bytes).map_err(|e| CatalogueFault(e.to_string()))?;
        let mut texts = vec![procedure.code.to_string(), procedure.name.vi.clone(), procedure.name.en.clone()];
        texts.extend(procedure.search.iter().chain(&procedure.life_events).cloned());
        Ok(Self { folded: fold(&texts.join(" ")), sha256: Sha256::digest(bytes).into(), procedure })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_data_pass_their_own_checks_and_are_found_without_accents() {
        let catalogue = Catalogue::built_in().unwrap();
        for typed in ["khai sinh", "dang ky khai sinh", "KHAI", "1.001193", ""] {
            assert!(catalogue.find(typed).iter().any(|e| e.procedure.code.as_str() == "1.001193"), "{typed}");
        }
        assert!(catalogue.find("xay nha cao tang").is_empty());
    }
}

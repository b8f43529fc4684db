//! The procedures and lists that this program was built with, checked when it starts.
//!
//! **Invariant:** a procedure that does not pass its own check never reaches a citizen: the program does not
//! start with one. One whose code is only remembered, or that was withdrawn, is held (a draft on it still opens) and
//! never offered.

use domain::ids::ProcedureCode;
use domain::interview::Lists;
use domain::procedure::{Procedure, ProcedureFault};
use domain::text::fold;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// One procedure and the hash of the file that it was read from.
#[derive(Debug)]
pub struct Entry {
    pub procedure: Procedure,
    pub sha256: [u8; 32],
    folded: String,
    /// The name alone, folded.
    named: String,
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

/// Every file of `assets/procedures/`, by name; listed by the build script.
const PROCEDURES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/procedures.rs"));
const ETHNIC: &str = include_str!("../../../assets/units/ethnic_groups.json");
const NATIONALITIES: &str = include_str!("../../../assets/units/nationalities.json");
const BIRTH_PLACES: &str = include_str!("../../../assets/units/birth_province_codes.json");
const UNITS: &str = include_str!("../../../assets/units/units.json");
const HOUSEHOLD: &str = include_str!("../../../assets/units/household_relations.json");
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
        let entries = read_all(PROCEDURES)?;
        let lists =
            Lists::from_json(ETHNIC, NATIONALITIES, BIRTH_PLACES, UNITS, HOUSEHOLD).map_err(|e| fault(&e))?;
        let holidays: Holidays = serde_json::from_str(HOLIDAYS).map_err(|e| fault(&e))?;
        Ok(Self {
            entries,
            lists,
            days_off: holidays.days_off,
        })
    }

    /// A procedure by its code, offered or not: a draft that was begun on it has to open.
    #[must_use]
    pub fn get(&self, code: &ProcedureCode) -> Option<&Entry> {
        self.entries.iter().find(|e| &e.procedure.code == code)
    }

    /// A procedure that a new dossier may be started on.
    #[must_use]
    pub fn offered(&self, code: &ProcedureCode) -> Option<&Entry> {
        self.get(code).filter(|e| e.procedure.is_offered())
    }

    /// Every procedure that is held.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Offered procedures by words, those named so first; all of them where nothing is asked. Accents and đ do not matter.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<&Entry> {
        let wanted = fold(text);
        let words: Vec<&str> = wanted.split(' ').filter(|w| !w.is_empty()).collect();
        let fits = |entry: &&Entry| {
            words
                .iter()
                .all(|word| entry.folded.split(' ').any(|w| w.starts_with(word)))
        };
        let mut found: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|e| e.procedure.is_offered())
            .filter(fits)
            .collect();
        found.sort_by_key(|entry| !entry.named.contains(&wanted));
        found
    }
}

fn read_all(files: &[(&str, &[u8])]) -> Result<Vec<Entry>, CatalogueFault> {
    let mut entries: Vec<Entry> = Vec::with_capacity(files.len());
    for (file, bytes) in files {
        let entry = Entry::read(bytes).map_err(|e| CatalogueFault(format!("{file}: {e}")))?;
        let code = &entry.procedure.code;
        if entries.iter().any(|e| e.procedure.code == *code) {
            return Err(CatalogueFault(format!(
                "{file}: {code} stands in another file as well"
            )));
        }
        entries.push(entry);
    }
    Ok(entries)
}

impl Entry {
    fn read(bytes: &[u8]) -> Result<Self, ProcedureFault> {
        let procedure = Procedure::from_json(bytes)?;
        let mut texts = vec![
            procedure.code.to_string(),
            procedure.name.vi.clone(),
            procedure.name.en.clone(),
        ];
        texts.extend(procedure.search.iter().chain(&procedure.life_events).cloned());
        Ok(Self {
            folded: fold(&texts.join(" ")),
            named: fold(&procedure.name.vi),
            sha256: Sha256::digest(bytes).into(),
            procedure,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_data_pass_their_own_checks_and_are_found_without_accents() {
        let catalogue = Catalogue::built_in().unwrap();
        for typed in ["khai sinh", "dang ky khai sinh", "KHAI", "1.001193", ""] {
            assert!(
                catalogue
                    .find(typed)
                    .iter()
                    .any(|e| e.procedure.code.as_str() == "1.001193"),
                "{typed}"
            );
        }
        assert!(catalogue.find("xay nha cao tang").is_empty());
    }

    const BIRTH: &[u8] = include_bytes!("../../../assets/procedures/1.001193.json");

    fn changed(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
        let mut value = serde_json::from_slice(BIRTH).unwrap();
        change(&mut value);
        serde_json::to_vec(&value).unwrap()
    }

    #[test]
    fn what_is_only_remembered_or_withdrawn_is_held_and_not_offered() {
        let offered = |bytes: &[u8]| {
            let catalogue = Catalogue {
                entries: read_all(&[("a.json", bytes)]).unwrap(),
                ..Catalogue::built_in().unwrap()
            };
            let code = ProcedureCode::from("1.001193");
            assert!(catalogue.get(&code).is_some(), "a draft on it still opens");
            (
                catalogue.offered(&code).is_some(),
                catalogue.find("khai sinh").len(),
            )
        };
        assert_eq!(offered(BIRTH), (true, 1));
        assert_eq!(
            offered(&changed(|v| v["code_source"] = "route_memory".into())),
            (false, 0)
        );
        assert_eq!(offered(&changed(|v| v["offered"] = false.into())), (false, 0));
    }

    #[test]
    fn a_code_stands_once_and_a_wrong_file_is_named() {
        let fault = |files: &[(&str, &[u8])]| read_all(files).unwrap_err().to_string();
        assert_eq!(
            fault(&[("a.json", BIRTH), ("b.json", BIRTH)]),
            "catalogue: b.json: 1.001193 stands in another file as well"
        );
        assert!(fault(&[("c.json", b"{}")]).starts_with("catalogue: c.json: not a procedure file"));
    }
}

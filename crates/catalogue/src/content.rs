//! What the files mean, once every one has passed its check.
//!
//! **Invariant:** a code stands once; a procedure whose code is only remembered, or that was withdrawn, is held (a draft
//! on it still opens) and never offered.

use crate::bundle::Bundle;
use crate::parts::Parts;
use domain::calendar::WorkCalendar;
use domain::ids::ProcedureCode;
use domain::interview::Lists;
use domain::procedure::{Procedure, ProcedureFault};
use domain::text::fold;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One procedure and the hash of the file that it was read from.
#[derive(Debug)]
pub struct Entry {
    pub procedure: Procedure,
    pub sha256: [u8; 32],
    folded: String,
    /// The name alone, folded.
    named: String,
}

/// Everything that is data, checked.
pub struct Catalogue {
    entries: Vec<Arc<Entry>>,
    /// Lists, units and the working calendar.
    pub lists: Lists,
    papers: BTreeMap<String, String>,
    /// Set for a preview.
    everything_offered: bool,
    /// Names the whole content: the hash of the bundle's manifest.
    pub sha256: [u8; 32],
    /// 0 is what the program was built with.
    pub version: u64,
    pub made_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Catalogue(version {}, {} procedures)",
            self.version,
            self.entries.len()
        )
    }
}

/// A file of a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("catalogue: {file}: {fault}")]
pub struct CatalogueFault {
    pub file: String,
    pub fault: Fault,
}

/// What is wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error(transparent)]
    Procedure(#[from] ProcedureFault),
    #[error("{0} stands in another file as well")]
    Twice(ProcedureCode),
    #[error("{0}")]
    Other(String),
}

fn fault(file: &str, fault: impl Into<Fault>) -> CatalogueFault {
    CatalogueFault {
        file: file.to_owned(),
        fault: fault.into(),
    }
}

fn other(file: &str, e: &impl ToString) -> CatalogueFault {
    fault(file, Fault::Other(e.to_string()))
}

impl Catalogue {
    /// Reads and checks everything in a bundle.
    ///
    /// # Errors
    /// [`CatalogueFault`] naming the file that is wrong.
    pub fn of(bundle: &Bundle) -> Result<Self, CatalogueFault> {
        let parts = &bundle.parts;
        let entries = entries(parts)?;
        if entries.is_empty() {
            return Err(other("procedures", &"there is no procedure"));
        }
        Ok(Self {
            entries,
            lists: lists(parts)?,
            papers: papers(parts)?,
            everything_offered: false,
            sha256: bundle.sha256(),
            version: bundle.manifest.version,
            made_at: bundle.manifest.made_at,
            expires_at: bundle.manifest.expires_at,
        })
    }

    /// A procedure by its code, offered or not: a draft that was begun on it has to open.
    #[must_use]
    pub fn get(&self, code: &ProcedureCode) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|e| &e.procedure.code == code)
    }

    /// A procedure that a new dossier may be started on.
    #[must_use]
    pub fn offered(&self, code: &ProcedureCode) -> Option<&Arc<Entry>> {
        self.get(code).filter(|e| self.offers(e))
    }

    /// Every procedure that is held.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }

    /// Offered procedures by words, those named so first; all of them where nothing is asked. Accents and đ do not matter.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<&Arc<Entry>> {
        let wanted = fold(text);
        let words: Vec<&str> = wanted.split(' ').filter(|w| !w.is_empty()).collect();
        let fits = |entry: &&Arc<Entry>| {
            words
                .iter()
                .all(|word| entry.folded.split(' ').any(|w| w.starts_with(word)))
        };
        let mut found: Vec<&Arc<Entry>> = self
            .entries
            .iter()
            .filter(|e| self.offers(e))
            .filter(fits)
            .collect();
        found.sort_by_key(|entry| !entry.named.contains(&wanted));
        found
    }

    /// The text of a paper template, `receipt_a5.typ` and its like.
    #[must_use]
    pub fn paper(&self, name: &str) -> Option<&str> {
        self.papers.get(name).map(String::as_str)
    }

    /// Every file of paper that goes out, by its bare name.
    pub fn papers(&self) -> impl Iterator<Item = (&str, &str)> {
        let papers = self.papers.iter();
        papers.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The same catalogue with one procedure alone, offered whatever its sources say: for looking at it, never for filing.
    #[must_use]
    pub fn alone(mut self, procedure: Procedure) -> Self {
        self.entries = vec![Arc::new(Entry::of(procedure, [0; 32]))];
        self.everything_offered = true;
        self
    }

    fn offers(&self, entry: &Entry) -> bool {
        self.everything_offered || entry.procedure.is_offered()
    }
}

fn text<'a>(parts: &'a Parts, path: &str) -> Result<&'a str, CatalogueFault> {
    let bytes = parts
        .get(path)
        .ok_or_else(|| other(path, &"the file is missing"))?;
    std::str::from_utf8(bytes).map_err(|e| other(path, &e))
}

fn lists(parts: &Parts) -> Result<Lists, CatalogueFault> {
    let calendar =
        WorkCalendar::from_json(text(parts, "holidays.json")?).map_err(|e| other("holidays.json", &e))?;
    let lists = Lists::from_json(
        text(parts, "units/ethnic_groups.json")?,
        text(parts, "units/nationalities.json")?,
        text(parts, "units/birth_province_codes.json")?,
        text(parts, "units/units.json")?,
        text(parts, "units/household_relations.json")?,
    )
    .map_err(|e| other("units", &e))?;
    Ok(lists.with_calendar(calendar))
}

fn papers(parts: &Parts) -> Result<BTreeMap<String, String>, CatalogueFault> {
    let papers = parts.below("paper").map(|(path, bytes)| {
        let name = path.strip_prefix("paper/").unwrap_or(path);
        let text = std::str::from_utf8(bytes).map_err(|e| other(path, &e))?;
        Ok((name.to_owned(), text.to_owned()))
    });
    papers.collect()
}

fn entries(parts: &Parts) -> Result<Vec<Arc<Entry>>, CatalogueFault> {
    let mut entries: Vec<Arc<Entry>> = Vec::new();
    for (file, bytes) in parts.below("procedures") {
        let entry = Entry::read(bytes).map_err(|e| fault(file, e))?;
        let code = &entry.procedure.code;
        if entries.iter().any(|e| e.procedure.code == *code) {
            return Err(fault(file, Fault::Twice(code.clone())));
        }
        entries.push(Arc::new(entry));
    }
    Ok(entries)
}

impl Entry {
    fn read(bytes: &[u8]) -> Result<Self, ProcedureFault> {
        Ok(Self::of(
            Procedure::from_json(bytes)?,
            Sha256::digest(bytes).into(),
        ))
    }

    fn of(procedure: Procedure, sha256: [u8; 32]) -> Self {
        let mut texts = vec![
            procedure.code.to_string(),
            procedure.name.vi.clone(),
            procedure.name.en.clone(),
        ];
        texts.extend(procedure.search.iter().chain(&procedure.life_events).cloned());
        Self {
            folded: fold(&texts.join(" ")),
            named: fold(&procedure.name.vi),
            sha256,
            procedure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::built_in;

    const BIRTH: &[u8] = include_bytes!("../../../assets/procedures/1.001193.json");

    #[test]
    fn the_built_in_data_are_found_without_accents() {
        let catalogue = built_in::catalogue().unwrap();
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
        assert!(catalogue.paper("receipt_a5.typ").is_some());
    }

    fn changed(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
        let mut value = serde_json::from_slice(BIRTH).unwrap();
        change(&mut value);
        serde_json::to_vec(&value).unwrap()
    }

    fn with(files: &[(&str, &[u8])]) -> Result<Catalogue, CatalogueFault> {
        let parts = built_in::parts();
        let mut parts: Parts = parts
            .iter()
            .filter(|(path, _)| !path.starts_with("procedures/"))
            .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
            .collect();
        for (path, bytes) in files {
            parts.put(*path, bytes.to_vec());
        }
        Catalogue::of(&Bundle::unsigned(parts))
    }

    #[test]
    fn what_is_only_remembered_or_withdrawn_is_held_and_not_offered() {
        let offered = |bytes: &[u8]| {
            let catalogue = with(&[("procedures/a.json", bytes)]).unwrap();
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
        let said = |files: &[(&str, &[u8])]| with(files).unwrap_err().to_string();
        assert_eq!(
            said(&[("procedures/a.json", BIRTH), ("procedures/b.json", BIRTH)]),
            "catalogue: procedures/b.json: 1.001193 stands in another file as well"
        );
        assert!(
            said(&[("procedures/c.json", b"{}")])
                .starts_with("catalogue: procedures/c.json: not a procedure file")
        );
        assert_eq!(said(&[]), "catalogue: procedures: there is no procedure");
        let mut parts = built_in::parts();
        parts.put("holidays.json", b"{\"years\": 1}".to_vec());
        let fault = Catalogue::of(&Bundle::unsigned(parts)).unwrap_err();
        assert_eq!(fault.file, "holidays.json");
    }
}

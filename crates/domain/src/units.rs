//! Provinces and communes of today: lookups over data that is handed in.
//!
//! **Invariant:** codes are text ("01", "00004") and every commune names a province that exists. Deliberately
//! absent: files (the caller reads them), districts (gone since 1 July 2025), and any guess from an old name.

use crate::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Kinds of unit whose word stands before the name.
const PREFIXES: [&str; 5] = ["Thành phố ", "Tỉnh ", "Phường ", "Xã ", "Đặc khu "];

/// A province or a centrally governed city.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Province {
    /// Two digits.
    pub code: String,
    /// "Lai Châu"
    pub name: String,
    /// "Tỉnh Lai Châu"
    pub full_name: String,
}

/// A ward, commune or special zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commune {
    /// Five digits.
    pub code: String,
    /// "Ba Đình"
    pub name: String,
    /// "Phường Ba Đình"
    pub full_name: String,
    /// Code of its province.
    pub province: String,
}

/// The unit data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnitsFault {
    #[error("the unit data is not what it should be: {0}")]
    Json(#[from] serde_json::Error),
    #[error("unit code {0} is malformed or stands twice")]
    Code(String),
}

#[derive(Deserialize)]
struct UnitsFile {
    provinces: Vec<ProvinceEntry>,
}

/// In the file a province carries its communes as `[code, full name]`.
#[derive(Deserialize)]
struct ProvinceEntry {
    code: String,
    full_name: String,
    communes: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
struct Keyed {
    commune: Commune,
    folded: String,
}

/// All units, by code and by folded name.
#[derive(Debug, Clone, Default)]
pub struct Units {
    provinces: BTreeMap<String, Province>,
    communes: BTreeMap<String, Keyed>,
    by_province: BTreeMap<String, Vec<String>>,
}

impl Units {
    /// Reads `assets/units/units.json`.
    ///
    /// # Errors
    /// [`UnitsFault`] where the text is not such a file.
    pub fn from_json(json: &str) -> Result<Self, UnitsFault> {
        let file: UnitsFile = serde_json::from_str(json)?;
        let mut units = Self::default();
        for entry in file.provinces {
            units.add_province(entry)?;
        }
        Ok(units)
    }

    fn add_province(&mut self, entry: ProvinceEntry) -> Result<(), UnitsFault> {
        let province = Province {
            code: checked(entry.code, 2)?,
            name: bare(&entry.full_name).to_owned(),
            full_name: entry.full_name,
        };
        let mut codes = Vec::with_capacity(entry.communes.len());
        for (code, full_name) in entry.communes {
            let name = bare(&full_name).to_owned();
            let folded = fold(&name);
            let commune = Commune {
                code: checked(code, 5)?,
                name,
                full_name,
                province: province.code.clone(),
            };
            codes.push(commune.code.clone());
            if let Some(twice) = self
                .communes
                .insert(commune.code.clone(), Keyed { commune, folded })
            {
                return Err(UnitsFault::Code(twice.commune.code));
            }
        }
        self.by_province.insert(province.code.clone(), codes);
        match self.provinces.insert(province.code.clone(), province) {
            Some(twice) => Err(UnitsFault::Code(twice.code)),
            None => Ok(()),
        }
    }

    pub fn provinces(&self) -> impl Iterator<Item = &Province> {
        self.provinces.values()
    }

    #[must_use]
    pub fn province(&self, code: &str) -> Option<&Province> {
        self.provinces.get(code)
    }

    #[must_use]
    pub fn commune(&self, code: &str) -> Option<&Commune> {
        self.communes.get(code).map(|keyed| &keyed.commune)
    }

    /// The communes of a province in the order of the source; none where the province is unknown.
    pub fn communes_of<'a>(&'a self, province: &str) -> impl Iterator<Item = &'a Commune> + use<'a> {
        self.by_province
            .get(province)
            .into_iter()
            .flatten()
            .filter_map(|code| self.commune(code))
    }

    #[must_use]
    pub fn commune_count(&self) -> usize {
        self.communes.len()
    }

    /// Communes with a word that starts with what is typed, accents ignored, names that start with it first.
    #[must_use]
    pub fn search(&self, typed: &str, province: Option<&str>, limit: usize) -> Vec<&Commune> {
        let wanted = fold(bare(typed));
        let mut starts = Vec::new();
        let mut inside = Vec::new();
        for keyed in self
            .communes
            .values()
            .filter(|k| province.is_none_or(|p| p == k.commune.province))
        {
            if keyed.folded.starts_with(&wanted) {
                starts.push(&keyed.commune);
            } else if has_word(&keyed.folded, &wanted) {
                inside.push(&keyed.commune);
            }
        }
        // A whole name before longer ones: "Mường" before "Mường Chà".
        starts.sort_by_key(|commune| commune.name.len());
        starts.into_iter().chain(inside).take(limit).collect()
    }
}

fn has_word(folded: &str, wanted: &str) -> bool {
    folded
        .match_indices(wanted)
        .any(|(at, _)| folded.get(..at).is_some_and(|head| head.ends_with(' ')))
}

/// The name without the word for its kind.
fn bare(full_name: &str) -> &str {
    PREFIXES
        .iter()
        .find_map(|prefix| full_name.strip_prefix(prefix))
        .unwrap_or(full_name)
}

fn checked(code: String, digits: usize) -> Result<String, UnitsFault> {
    if code.len() == digits && code.chars().all(|c| c.is_ascii_digit()) {
        Ok(code)
    } else {
        Err(UnitsFault::Code(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"{"provinces":[
        {"code":"11","full_name":"Tỉnh Điện Biên","communes":[["03127","Phường Điện Biên Phủ"],["03166","Xã Mường Chà"],["03301","Xã Đại Mường"]]},
        {"code":"01","full_name":"Thành phố Hà Nội","communes":[["00004","Phường Ba Đình"]]}]}"#;

    fn names<'a>(found: &[&'a Commune]) -> Vec<&'a str> {
        found.iter().map(|commune| commune.full_name.as_str()).collect()
    }

    #[test]
    fn looked_up_by_code() {
        let units = Units::from_json(SMALL).unwrap();
        assert_eq!(units.province("11").unwrap().name, "Điện Biên");
        assert_eq!(units.commune("00004").unwrap().province, "01");
        assert_eq!(units.communes_of("11").count(), 3);
        assert_eq!(units.communes_of("99").count(), 0);
        assert_eq!(units.provinces().count(), 2);
    }

    #[test]
    fn found_without_accents_and_by_any_word() {
        let units = Units::from_json(SMALL).unwrap();
        assert_eq!(
            names(&units.search("muong", None, 9)),
            ["Xã Mường Chà", "Xã Đại Mường"]
        );
        assert_eq!(
            names(&units.search("dien bien", None, 9)),
            ["Phường Điện Biên Phủ"]
        );
        assert_eq!(names(&units.search("Xã Đại", Some("11"), 9)), ["Xã Đại Mường"]);
        assert_eq!(names(&units.search("ba", Some("11"), 9)), Vec::<&str>::new());
        assert_eq!(units.search("", None, 2).len(), 2);
        assert!(
            units.search("uong", None, 9).is_empty(),
            "the inside of a word is not a match"
        );
    }

    #[test]
    fn bad_data_is_refused() {
        assert!(matches!(
            Units::from_json(&SMALL.replace("03166", "3166")),
            Err(UnitsFault::Code(_))
        ));
        assert!(matches!(
            Units::from_json(&SMALL.replace("03166", "03127")),
            Err(UnitsFault::Code(_))
        ));
        assert!(matches!(Units::from_json("[]"), Err(UnitsFault::Json(_))));
    }
}

//! Lists that change apart from procedures: ethnic groups, nationalities, relations in a household, units, the place
//! codes of cards.
//!
//! Built once from JSON text that the caller has read; a view names a list and does not carry it.

use super::view::OptionView;
use crate::calendar::WorkCalendar;
use crate::procedure::ListName;
use crate::text::Words;
use crate::units::{Units, UnitsFault};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// One entry of an outside list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListEntry {
    pub code: String,
    pub vi: String,
    pub en: String,
    /// Other names that people use; for searching.
    #[serde(default)]
    pub aliases: String,
}

/// A list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListsFault {
    #[error("list {list} is not what it should be: {fault}")]
    Json {
        list: &'static str,
        fault: serde_json::Error,
    },
    #[error("list {list} holds code {code} twice")]
    Twice { list: &'static str, code: String },
    #[error(transparent)]
    Units(#[from] UnitsFault),
}

#[derive(Clone)]
struct List {
    options: Arc<Vec<OptionView>>,
    places: BTreeMap<String, usize>,
}

/// All outside lists.
#[derive(Clone)]
pub struct Lists {
    ethnic: List,
    nationalities: List,
    provinces: List,
    household: List,
    birth_places: BTreeSet<String>,
    pub units: Units,
    /// Empty until one is given: then every due day is only expected.
    pub calendar: WorkCalendar,
}

impl Lists {
    /// Reads the texts of `ethnic_groups.json`, `nationalities.json`, `birth_province_codes.json`, `units.json`,
    /// `household_relations.json`.
    ///
    /// # Errors
    /// [`ListsFault`] naming the list that is wrong.
    pub fn from_json(
        ethnic: &str,
        nationalities: &str,
        birth_places: &str,
        units: &str,
        household: &str,
    ) -> Result<Self, ListsFault> {
        let json = |list| move |fault| ListsFault::Json { list, fault };
        let units = Units::from_json(units)?;
        let places: BTreeMap<String, String> =
            serde_json::from_str(birth_places).map_err(json("birth_places"))?;
        Ok(Self {
            ethnic: List::new("ethnic", serde_json::from_str(ethnic).map_err(json("ethnic"))?)?,
            nationalities: List::new(
                "nationalities",
                serde_json::from_str(nationalities).map_err(json("nationalities"))?,
            )?,
            provinces: List::new("provinces", province_entries(&units))?,
            household: List::new(
                "household",
                serde_json::from_str(household).map_err(json("household"))?,
            )?,
            birth_places: places.into_keys().collect(),
            units,
            calendar: WorkCalendar::default(),
        })
    }

    /// With the working days of the years that were decided.
    #[must_use]
    pub fn with_calendar(self, calendar: WorkCalendar) -> Self {
        Self { calendar, ..self }
    }

    fn list(&self, name: ListName) -> &List {
        match name {
            ListName::EthnicGroups => &self.ethnic,
            ListName::Nationalities => &self.nationalities,
            ListName::Provinces => &self.provinces,
            ListName::HouseholdRelations => &self.household,
        }
    }

    /// The options of a list, shared.
    #[must_use]
    pub fn options(&self, name: ListName) -> Arc<Vec<OptionView>> {
        Arc::clone(&self.list(name).options)
    }

    /// The words of one entry.
    #[must_use]
    pub fn label(&self, name: ListName, code: &str) -> Option<&Words> {
        let list = self.list(name);
        list.places
            .get(code)
            .and_then(|at| list.options.get(*at))
            .map(|option| &option.label)
    }

    /// Is this a place that a personal number can begin with? `0…` is a province as of before July 2025, which
    /// the list holds; from 101 on it is a country, which the list does not hold.
    #[must_use]
    pub fn is_birth_place(&self, digits: &str) -> bool {
        self.birth_places.contains(digits) || (!digits.starts_with('0') && digits > "100")
    }
}

fn province_entries(units: &Units) -> Vec<ListEntry> {
    let entry = |p: &crate::units::Province| ListEntry {
        code: p.code.clone(),
        vi: p.full_name.clone(),
        en: p.name.clone(),
        aliases: String::new(),
    };
    units.provinces().map(entry).collect()
}

impl List {
    fn new(list: &'static str, entries: Vec<ListEntry>) -> Result<Self, ListsFault> {
        let mut places = BTreeMap::new();
        let mut options = Vec::with_capacity(entries.len());
        for (at, entry) in entries.into_iter().enumerate() {
            if places.insert(entry.code.clone(), at).is_some() {
                return Err(ListsFault::Twice {
                    list,
                    code: entry.code,
                });
            }
            options.push(OptionView {
                value: entry.code,
                label: Words {
                    vi: entry.vi,
                    en: entry.en,
                },
            });
        }
        Ok(Self {
            options: Arc::new(options),
            places,
        })
    }
}

impl fmt::Debug for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lists({} communes)", self.units.commune_count())
    }
}

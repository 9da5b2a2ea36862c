//! Territories: INSEE codes with their level, what lies in what, and what people call them.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use super::spelling::folded;
use crate::reference::{Reference, ReferenceError};

/// The territories of the reference table, and the rule that places communes.
///
/// Codes carry their level because bare numbers collide (76 is a région and a département):
/// `REG-76`, `DEP-31`, `COM-31555`; ISO 3166-2:FR codes (`FR-OCC`) name the same places. Other
/// countries go by ISO 3166: `MA-01` lies in `MA`, and nothing more is known of it.
#[derive(Debug, Clone)]
pub struct Territories {
    country: String,
    places: BTreeMap<String, Place>,
    /// ISO code or folded name → INSEE code.
    by_name: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
struct Place {
    name: String,
    /// The smallest territory around it.
    parent: Option<String>,
    /// A région that was merged in 2016: a place, but no level of its own.
    former: bool,
}

/// The table of territories cannot be used.
#[derive(Debug, Error)]
pub enum TerritoryError {
    /// It cannot be read.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// It is not a table of territories.
    #[error("`{FILE}`: {0}")]
    Table(#[from] toml::de::Error),
    /// A territory lies in one that the table does not have.
    #[error("`{FILE}`: `{code}` lies in `{parent}`, which is not in the table")]
    Parent {
        /// The territory.
        code: String,
        /// Where it is said to lie.
        parent: String,
    },
}

const FILE: &str = "territories.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "origin")]
    _origin: toml::Table,
    country: Country,
    region: BTreeMap<String, Entry>,
    former_region: BTreeMap<String, Entry>,
    department: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Country {
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    region: Option<String>,
    former: Option<String>,
    #[serde(default)]
    also: Vec<String>,
}

impl Territories {
    /// Reads the table.
    ///
    /// # Errors
    ///
    /// [`TerritoryError`] when the table is missing, malformed, or has a territory that lies
    /// nowhere.
    pub fn load(reference: &Reference) -> Result<Self, TerritoryError> {
        let file: File = toml::from_str(&reference.text(FILE)?)?;
        let country = file.country.code.clone();
        let mut territories =
            Self { country: country.clone(), places: BTreeMap::new(), by_name: BTreeMap::new() };
        let whole = Entry { name: file.country.name, region: None, former: None, also: Vec::new() };
        territories.add(country.clone(), whole, None, false);
        // Départements first, régions last: where a name is both, the région keeps it.
        for (number, entry) in file.department {
            let parent = match (&entry.former, &entry.region) {
                (Some(number), _) | (None, Some(number)) => format!("REG-{number}"),
                (None, None) => country.clone(),
            };
            territories.by_name.insert(format!("FR-{number}"), format!("DEP-{number}"));
            territories.add(format!("DEP-{number}"), entry, Some(parent), false);
        }
        for (number, entry) in file.former_region {
            let parent = entry.region.as_ref().map(|number| format!("REG-{number}"));
            territories.add(format!("REG-{number}"), entry, parent, true);
        }
        for (number, entry) in file.region {
            territories.add(format!("REG-{number}"), entry, Some(country.clone()), false);
        }
        territories.checked()
    }

    fn add(&mut self, code: String, entry: Entry, parent: Option<String>, former: bool) {
        for also in &entry.also {
            self.by_name.insert(also.clone(), code.clone());
            self.by_name.insert(folded(also), code.clone());
        }
        self.by_name.insert(folded(&entry.name), code.clone());
        self.places.insert(code, Place { name: entry.name, parent, former });
    }

    fn checked(self) -> Result<Self, TerritoryError> {
        for (code, place) in &self.places {
            if let Some(parent) = &place.parent
                && !self.places.contains_key(parent)
            {
                return Err(TerritoryError::Parent { code: code.clone(), parent: parent.clone() });
            }
        }
        Ok(self)
    }

    /// The code that a name, an ISO code or a code in another spelling stands for: `REG-76` for
    /// `Occitanie`, `occitania`, `FR-OCC` and `reg-76`.
    #[must_use]
    pub fn code_of(&self, text: &str) -> Option<&str> {
        let upper = text.trim().to_ascii_uppercase();
        self.places
            .get_key_value(&upper)
            .map(|(code, _)| code.as_str())
            .or_else(|| self.by_name.get(&upper).map(String::as_str))
            .or_else(|| self.by_name.get(&folded(text)).map(String::as_str))
    }

    /// The name of a territory that the table has.
    #[must_use]
    pub fn name(&self, code: &str) -> Option<&str> {
        self.places.get(self.canonical(code)).map(|place| place.name.as_str())
    }

    /// The territory and all that it lies in, smallest first.
    pub fn around<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a str> {
        std::iter::successors(Some(self.canonical(code)), |code| self.parent(code))
    }

    /// Whether `child` lies in `parent`, or is it. An unknown code lies only in itself.
    #[must_use]
    pub fn contains(&self, parent: &str, child: &str) -> bool {
        let parent = self.canonical(parent);
        self.around(child).any(|code| code == parent)
    }

    /// The territory of a level (`COM`, `DEP`, `REG`, or the country's code) that a code lies in.
    ///
    /// `COM-31555` is in `DEP-31` and in `REG-76`. Régions are those of today.
    #[must_use]
    pub fn of_level(&self, code: &str, level: &str) -> Option<String> {
        let is_level = |code: &&str| match code.split_once('-') {
            Some((prefix, _)) => {
                prefix == level && self.places.get(*code).is_none_or(|place| !place.former)
            }
            None => *code == level,
        };
        self.around(code).find(is_level).map(str::to_owned)
    }

    /// The country that a territory lies in, by ISO 3166; `None` when its code does not tell.
    #[must_use]
    pub fn country_of<'a>(&'a self, code: &'a str) -> Option<&'a str> {
        self.around(code).last().filter(|code| is_country(code))
    }

    fn parent<'a>(&'a self, code: &'a str) -> Option<&'a str> {
        if let Some(place) = self.places.get(code) {
            return place.parent.as_deref();
        }
        if let Some(number) = code.strip_prefix("COM-") {
            return self.department_of(number);
        }
        // ISO 3166-2: the country stands before the hyphen. `COM-…` and the like have three.
        code.split_once('-').map(|(country, _)| country).filter(|country| is_country(country))
    }

    /// The département whose number begins a commune's: three digits overseas, else two.
    fn department_of(&self, commune: &str) -> Option<&str> {
        let length = if commune.starts_with("97") || commune.starts_with("98") { 3 } else { 2 };
        let number = commune.get(..length).filter(|_| commune.len() == 5)?;
        let (code, _) = self.places.get_key_value(&format!("DEP-{number}"))?;
        Some(code)
    }

    fn canonical<'a>(&'a self, code: &'a str) -> &'a str {
        if self.places.contains_key(code) {
            return code;
        }
        self.by_name.get(code).map_or(code, String::as_str)
    }

    /// The country of the table.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.country
    }

    /// Codes and names of a level (`REG`, `DEP`), régions of today only.
    pub fn of<'a>(&'a self, level: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.places
            .iter()
            .filter(move |(code, place)| {
                !place.former && code.split_once('-').is_some_and(|(prefix, _)| prefix == level)
            })
            .map(|(code, place)| (code.as_str(), place.name.as_str()))
    }
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn territories() -> Territories {
        Territories::load(&Reference::default()).expect("the shipped table is sound")
    }

    #[test]
    fn france_has_18_regions_and_101_departements_and_each_lies_in_a_region() {
        let territories = territories();
        assert_eq!(territories.of("REG").count(), 18);
        assert_eq!(territories.of("DEP").count(), 101);
        for (code, _) in territories.of("DEP") {
            assert!(territories.of_level(code, "REG").is_some(), "{code} is in no région");
            assert!(territories.contains("FR", code));
        }
        // INSEE: Occitanie has 13 départements, Île-de-France 8, Nouvelle-Aquitaine 12.
        for (region, departments) in [("REG-76", 13), ("REG-11", 8), ("REG-75", 12)] {
            let inside =
                territories.of("DEP").filter(|(code, _)| territories.contains(region, code));
            assert_eq!(inside.count(), departments, "{region}");
        }
    }

    #[test]
    fn a_parent_contains_its_children_and_not_its_namesakes() {
        let t = territories();
        assert!(t.contains("REG-76", "DEP-31") && t.contains("REG-76", "COM-31555"));
        assert!(t.contains("DEP-31", "COM-31555") && t.contains("DEP-31", "DEP-31"));
        assert!(!t.contains("REG-76", "DEP-76") && !t.contains("DEP-31", "REG-76"));
        assert!(t.contains("REG-73", "DEP-31") && t.contains("REG-76", "REG-73"));
        assert!(t.contains("FR-OCC", "COM-31555") && t.contains("REG-94", "COM-2A004"));
        assert!(t.contains("REG-04", "COM-97411") && t.contains("FR", "COM-97411"));
    }

    #[test]
    fn the_unknown_lies_only_in_itself() {
        let t = territories();
        assert!(t.contains("MA", "MA-01") && t.contains("MA-01", "MA-01"));
        assert!(!t.contains("FR", "MA-01") && !t.contains("FR", "COM-99999"));
        assert!(t.contains("Ma ville", "Ma ville") && !t.contains("FR", "Ma ville"));
        assert!(
            !t.contains("FR", "") && !t.contains("FR", "COM-") && !t.contains("FR", "COM-é1555")
        );
    }

    #[test]
    fn levels_are_climbed_to_the_regions_of_today() {
        let t = territories();
        assert_eq!(t.of_level("COM-31555", "DEP").as_deref(), Some("DEP-31"));
        assert_eq!(t.of_level("COM-31555", "REG").as_deref(), Some("REG-76"));
        assert_eq!(t.of_level("REG-73", "REG").as_deref(), Some("REG-76"));
        assert_eq!(t.of_level("REG-76", "DEP"), None);
        assert_eq!(t.country_of("COM-31555"), Some("FR"));
        assert_eq!(t.country_of("MA-01"), Some("MA"));
        assert_eq!(t.country_of("partout"), None);
    }

    #[test]
    fn names_of_exports_are_recognised() {
        let t = territories();
        for (text, code) in [
            ("Île-de-France", "REG-11"),
            ("Ile de France", "REG-11"),
            ("PROVENCE-ALPES-COTE D’AZUR", "REG-93"),
            ("Midi-Pyrénées", "REG-73"),
            ("haute garonne", "DEP-31"),
            ("fr-31", "DEP-31"),
            ("RE", "REG-04"),
            ("Guadeloupe", "REG-01"),
            ("reg-76", "REG-76"),
        ] {
            assert_eq!(t.code_of(text), Some(code), "{text}");
        }
        assert_eq!(t.code_of("Atlantide"), None);
    }
}

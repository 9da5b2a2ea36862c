//! Values of attributes in the product's own words: age bands, genders, networks.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::key::folded;
use crate::ingest::error::IngestError;
use crate::ingest::report::Allowed;
use crate::reference::Reference;
use crate::segment::Attribute;
use crate::segment::territory::Territories;

/// Where the words are.
const FILE: &str = "formats/shared/values.toml";

/// Words of all formats and languages for genders, networks and "unknown".
#[derive(Debug, Clone)]
pub(crate) struct Vocabulary {
    gender: BTreeMap<String, String>,
    network: BTreeMap<String, String>,
    format: BTreeMap<String, String>,
    unknown: Vec<String>,
    everyone: Vec<String>,
    territories: Territories,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    unknown: Vec<String>,
    everyone: Vec<String>,
    gender: BTreeMap<String, Vec<String>>,
    network: BTreeMap<String, Vec<String>>,
    format: BTreeMap<String, Vec<String>>,
}

impl Vocabulary {
    pub(crate) fn load(reference: &Reference) -> Result<Self, IngestError> {
        let text = reference.text(FILE)?;
        let file: File = toml::from_str(&text)
            .map_err(|e| IngestError::Format { name: FILE.to_owned(), message: e.to_string() })?;
        Ok(Self {
            gender: turned(&file.gender),
            network: turned(&file.network),
            format: turned(&file.format),
            unknown: file.unknown.iter().map(|word| folded(word)).collect(),
            everyone: file.everyone.iter().map(|word| folded(word)).collect(),
            territories: Territories::load(reference).map_err(|e| IngestError::Format {
                name: "territories.toml".to_owned(),
                message: e.to_string(),
            })?,
        })
    }

    /// The value of an attribute in the product's words.
    ///
    /// # Errors
    ///
    /// What is allowed, for an age or a gender that is none.
    pub(crate) fn normal<'a>(
        &self,
        attribute: Attribute,
        text: &'a str,
    ) -> Result<Cow<'a, str>, Allowed> {
        match attribute {
            Attribute::Age => self.age(text).ok_or(Allowed::AgeBand),
            Attribute::Gender => self.gender(text).map(Cow::Owned).ok_or(Allowed::Gender),
            Attribute::Network => Ok(looked_up(&self.network, text)
                .map_or_else(|| Cow::Owned(folded(text).replace(' ', "_")), Cow::Owned)),
            Attribute::Format => {
                Ok(looked_up(&self.format, text).map_or(Cow::Borrowed(text), Cow::Owned))
            }
            Attribute::Territory => Ok(match self.territory(text) {
                Some(code) => Cow::Owned(code.to_owned()),
                None => Cow::Borrowed(text),
            }),
            Attribute::Attribution => Ok(attribution(text).map_or(Cow::Borrowed(text), Cow::Owned)),
            _ => Ok(Cow::Borrowed(text)),
        }
    }

    /// The code of a territory that the tables know; elsewhere names stay as they are.
    pub(crate) fn territory(&self, text: &str) -> Option<&str> {
        self.territories.code_of(text)
    }

    fn gender(&self, text: &str) -> Option<String> {
        let word = folded(text);
        let word = word.strip_prefix("gender_").unwrap_or(&word);
        if self.unknown.iter().any(|unknown| unknown == word) {
            return Some("unknown".to_owned());
        }
        if self.everyone.iter().any(|all| all == word) {
            return Some("all".to_owned());
        }
        self.gender.get(word).cloned()
    }

    /// `18-24`, `65+`, `unknown` from `18–24`, `AGE_18_24`, `18 à 24 ans`, `65 ans et plus`.
    fn age<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        if is_plain_band(text) {
            return Some(Cow::Borrowed(text));
        }
        let word = folded(text);
        if self.unknown.contains(&word) {
            return Some(Cow::Borrowed("unknown"));
        }
        if self.everyone.contains(&word) {
            return Some(Cow::Borrowed("all"));
        }
        let open = word.ends_with('+')
            || [
                "et plus",
                "and over",
                "and older",
                "and up",
                "plus",
                "max",
                "y mas",
                "und alter",
                "e oltre",
            ]
            .iter()
            .any(|end| word.ends_with(end))
            || word.starts_with('>');
        let numbers: Vec<u8> = word
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .map(str::parse::<u8>)
            .collect::<Result<_, _>>()
            .ok()?;
        let letters: String =
            word.chars().map(|c| if c.is_alphabetic() { c } else { ' ' }).collect();
        let known = letters.split_whitespace().all(|w| AGE_WORDS.contains(&w));
        if !known {
            return None;
        }
        match numbers.as_slice() {
            [from] if open && (13..=99).contains(from) => Some(Cow::Owned(format!("{from}+"))),
            [from, to] if open && from < to => Some(Cow::Owned(format!("{from}+"))),
            [from, to] if from < to && *to <= 99 => Some(Cow::Owned(format!("{from}-{to}"))),
            _ => None,
        }
    }
}

/// Words that may stand around the numbers of an age band.
const AGE_WORDS: [&str; 24] = [
    "age", "ages", "aged", "ans", "an", "a", "to", "et", "plus", "years", "year", "old", "and",
    "over", "older", "up", "max", "de", "jahre", "bis", "und", "alter", "anos", "anni",
];

fn is_plain_band(text: &str) -> bool {
    match text.as_bytes() {
        [a, b, b'+'] => a.is_ascii_digit() && b.is_ascii_digit(),
        [a, b, b'-', c, d] => {
            [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) && (a, b) < (c, d)
        }
        _ => false,
    }
}

fn looked_up(words: &BTreeMap<String, String>, text: &str) -> Option<String> {
    words.get(&folded(text)).cloned()
}

/// Canonical → words becomes word → canonical; a canonical value stands for itself.
fn turned(table: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    for (value, also) in table {
        words.insert(folded(value), value.clone());
        words.extend(also.iter().map(|word| (folded(word), value.clone())));
    }
    words
}

/// Beginnings of the words for what an attribution window counts from, in the languages of exports.
const CLICK: [&str; 6] = ["clic", "klic", "klik", "cliq", "tikla", "クリック"];
const VIEW: [&str; 10] =
    ["view", "vue", "affich", "visu", "anse", "ansicht", "impress", "weergav", "ビュー", "表示"];

/// One word for an attribution window in whichever language: `7-day click, 1-day view`; `None` for
/// texts that name no days of clicks or views.
fn attribution(text: &str) -> Option<String> {
    const JOINTS: [&str; 10] =
        [" or ", " ou ", " oder ", " o ", " of ", " lub ", " and ", " et ", " und ", " y "];
    let parts = JOINTS.iter().fold(folded(text), |text, joint| text.replace(joint, ","));
    let mut windows: Vec<(usize, u32)> = Vec::new();
    for part in parts.split([',', '+', '/', ';']).filter(|part| !part.trim().is_empty()) {
        let digits: String = part
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        let says = |words: &[&str]| words.iter().any(|word| part.contains(word));
        let kind = match (says(&CLICK), says(&["engag"]), says(&VIEW)) {
            (true, _, _) => 0,
            (_, true, _) => 1,
            (_, _, true) => 2,
            _ => return None,
        };
        windows.push((kind, digits.parse().ok()?));
    }
    windows.sort_unstable();
    windows.dedup();
    let name = |kind| ["click", "engaged view", "view"][kind];
    let told = windows.iter().map(|(kind, days)| format!("{days}-day {}", name(*kind)));
    (!windows.is_empty()).then(|| told.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(attribute: Attribute, text: &str) -> Option<String> {
        let vocabulary = Vocabulary::load(&Reference::default()).unwrap();
        vocabulary.normal(attribute, text).ok().map(Cow::into_owned)
    }

    #[test]
    fn one_age_band_however_it_is_written() {
        for text in ["18-24", "18–24", "18 - 24", "AGE_18_24", "18 à 24 ans", "18 to 24"] {
            assert_eq!(normal(Attribute::Age, text).as_deref(), Some("18-24"), "{text}");
        }
        for text in ["65+", "65 ans et plus", "65 and over", "> 65"] {
            assert_eq!(normal(Attribute::Age, text).as_deref(), Some("65+"), "{text}");
        }
        assert_eq!(normal(Attribute::Age, "Unknown").as_deref(), Some("unknown"));
        assert_eq!(normal(Attribute::Age, "Inconnu").as_deref(), Some("unknown"));
        for text in ["113", "10", "M", "45-40", "18-24 Paris", "2024"] {
            assert_eq!(normal(Attribute::Age, text), None, "{text}");
        }
    }

    #[test]
    fn genders_and_networks_have_one_word_each() {
        for (text, value) in [("F", "female"), ("Femmes", "female"), ("männlich", "male")] {
            assert_eq!(normal(Attribute::Gender, text).as_deref(), Some(value), "{text}");
        }
        assert_eq!(normal(Attribute::Gender, "113"), None);
        assert_eq!(normal(Attribute::Network, "Instagram").as_deref(), Some("instagram"));
        assert_eq!(normal(Attribute::Network, "Twitter").as_deref(), Some("x"));
        assert_eq!(normal(Attribute::Territory, "Occitanie").as_deref(), Some("REG-76"));
        assert_eq!(normal(Attribute::Territory, "California").as_deref(), Some("California"));
        let other = normal(Attribute::Network, "Audience Network");
        assert_eq!(other.as_deref(), Some("audience_network"));
    }

    #[test]
    fn one_attribution_window_in_whichever_language() {
        for text in [
            "7-day click or 1-day view",
            "7-day click, 1-day view",
            "Clic de 7 jours ou affichage de 1 jour",
            "Clic sous 7 jours ou vue sous 1 jour",
            "7 días después del clic o 1 día después de la visualización",
            "7 Tage nach Klick oder 1 Tag nach Ansicht",
        ] {
            let found = normal(Attribute::Attribution, text);
            assert_eq!(found.as_deref(), Some("7-day click, 1-day view"), "{text}");
        }
        let one = normal(Attribute::Attribution, "1-day click");
        assert_eq!(one.as_deref(), Some("1-day click"));
        let other = normal(Attribute::Attribution, "Incremental attribution");
        assert_eq!(other.as_deref(), Some("Incremental attribution"));
    }
}

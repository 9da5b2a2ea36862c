//! Every format and shipped map, read from the tables.

use std::path::Path;

use super::format::{Format, FormatFile};
use super::mapping::Mapping;
use super::sketch::Words;
use crate::ingest::error::IngestError;
use crate::ingest::value::personal::Personal;
use crate::ingest::value::values::Vocabulary;
use crate::reference::Reference;

/// Every format that is known, and the words that all of them share.
#[derive(Debug, Clone)]
pub struct Formats {
    pub(crate) known: Vec<Format>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) personal: Personal,
    pub(crate) words: Words,
    /// Shipped maps that say what columns mean, by name.
    pub(crate) maps: Vec<(String, Mapping)>,
}

impl Formats {
    pub(crate) fn load(reference: &Reference) -> Result<Self, IngestError> {
        let mut known = Vec::new();
        for name in reference.list("formats") {
            if Path::new(&name).extension().is_none_or(|ending| ending != "toml") {
                continue;
            }
            let malformed = |message: String| IngestError::Format { name: name.clone(), message };
            let text = reference.text(&format!("formats/{name}"))?;
            let file: FormatFile = toml::from_str(&text).map_err(|e| malformed(e.to_string()))?;
            known.push(Format::new(file).map_err(malformed)?);
        }
        let mut maps = Vec::new();
        for file in reference.list("maps") {
            let Some(name) = file.strip_suffix(".toml") else { continue };
            let map = Mapping::parse(Path::new(&file), &reference.text(&format!("maps/{file}"))?)?;
            if map.format.is_some() {
                maps.push((name.to_owned(), map));
            }
        }
        Ok(Self {
            known,
            maps,
            vocabulary: Vocabulary::load(reference)?,
            personal: Personal::load(reference)?,
            words: Words::load(reference)?,
        })
    }

    /// Names of the known formats.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|format| format.name.as_str())
    }

    pub(crate) fn named(&self, name: &str) -> Result<&Format, IngestError> {
        self.known.iter().find(|format| format.name == name).ok_or_else(|| {
            IngestError::NoSuchFormat {
                found: name.to_owned(),
                allowed: self.names().collect::<Vec<_>>().join(", "),
            }
        })
    }
}

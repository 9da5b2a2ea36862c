//! Columns that identify persons: known by their headers, never stored.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::key::key;
use crate::ingest::error::IngestError;
use crate::reference::Reference;

const FILE: &str = "formats/shared/personal.toml";

/// Headers of columns that identify persons, by kind of identity.
#[derive(Debug, Clone)]
pub(crate) struct Personal {
    whole: BTreeMap<String, String>,
    within: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Kind → whole headers.
    headers: BTreeMap<String, Vec<String>>,
    /// Kind → words anywhere in a header.
    words: BTreeMap<String, Vec<String>>,
}

impl Personal {
    pub(crate) fn load(reference: &Reference) -> Result<Self, IngestError> {
        let text = reference.text(FILE)?;
        let file: File = toml::from_str(&text)
            .map_err(|e| IngestError::Format { name: FILE.to_owned(), message: e.to_string() })?;
        let pairs = |table: BTreeMap<String, Vec<String>>| {
            table.into_iter().flat_map(|(kind, words)| {
                words.into_iter().map(move |word| (plain(&word), kind.clone()))
            })
        };
        // A word of signs alone would be every header without letters.
        let lettered = |(word, _): &(String, String)| !word.is_empty();
        Ok(Self {
            whole: pairs(file.headers).filter(lettered).collect(),
            within: pairs(file.words).filter(lettered).collect(),
        })
    }

    /// The kind of identity that a column holds, by its header.
    pub(crate) fn kind(&self, header: &str) -> Option<&str> {
        let header = plain(header);
        if let Some(kind) = self.whole.get(&header) {
            return Some(kind);
        }
        let padded = format!(" {header} ");
        let found = self.within.iter().find(|(word, _)| padded.contains(&format!(" {word} ")));
        found.map(|(_, kind)| kind.as_str())
    }
}

/// The key with every separator as a space, so that `user_id` is `user id`.
fn plain(header: &str) -> String {
    let text = key(header).text;
    let spaced: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_seen_and_counts_are_not() {
        let personal = Personal::load(&Reference::default()).unwrap();
        for header in [
            "Email",
            "E-mail address",
            "user_id",
            "Commenter name",
            "Numéro de téléphone",
            "Username",
            "Twitter handle",
            "IP address",
            "Prénom",
            "Nom de famille",
        ] {
            assert!(personal.kind(header).is_some(), "{header} was not seen");
        }
        for header in [
            "Ad name",
            "Campaign ID",
            "Comments",
            "email tweet",
            "user profile clicks",
            "Unique link clicks",
            "Leads (Work Email)",
            "Account name",
            "dial phone",
            "",
            "@",
        ] {
            assert_eq!(personal.kind(header), None, "{header}");
        }
    }
}

//! The networks that have rules, and the companies that make them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::table::{RulesError, read};
use crate::reference::Reference;

/// A network that has rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Name used in files: `facebook`.
    pub key: String,
    /// Name shown to people: `Facebook`.
    pub name: String,
    /// Whose rules hold: `Meta`.
    pub company: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    network: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    company: String,
}

/// Reads the networks, sorted by key.
pub(super) fn load(reference: &Reference) -> Result<Vec<Network>, RulesError> {
    let file: File = read(reference, "rules/networks.toml")?;
    let network =
        |(key, entry): (String, Entry)| Network { key, name: entry.name, company: entry.company };
    Ok(file.network.into_iter().map(network).collect())
}

//! The networks that have rules, and the companies that make them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::table::{RulesError, read};
use crate::reference::Reference;
use crate::segment::territory::Territories;

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

/// What every rule may look up: networks, companies and territories.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) networks: Vec<Network>,
    pub(super) territories: Territories,
}

impl Known {
    pub(super) fn load(reference: &Reference) -> Result<Self, RulesError> {
        Ok(Self { networks: load(reference)?, territories: Territories::load(reference)? })
    }

    /// The name of a network as people write it; one that is not known as the file has it.
    pub(super) fn network_name<'a>(&'a self, key: &'a str) -> &'a str {
        self.network(key).map_or(key, |network| network.name.as_str())
    }

    fn network(&self, key: &str) -> Option<&Network> {
        self.networks.iter().find(|network| network.key == key)
    }

    pub(super) fn company(&self, network: &str) -> Option<&str> {
        self.network(network).map(|network| network.company.as_str())
    }
}

/// Reads the networks, sorted by key.
fn load(reference: &Reference) -> Result<Vec<Network>, RulesError> {
    let file: File = read(reference, "rules/networks.toml")?;
    let network =
        |(key, entry): (String, Entry)| Network { key, name: entry.name, company: entry.company };
    Ok(file.network.into_iter().map(network).collect())
}

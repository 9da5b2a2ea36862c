//! All dated tables, loaded once, and the questions they answer.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::finding::Finding;
use super::inquiry::{Asking, Inquiry};
use super::judge::elections::Window;
use super::judge::minimums::Minimum;
use super::judge::{
    audience, breaks, cells, declarations, elections, learning, minimums, minors, overspend,
    sensitive, special,
};
use super::networks::{Known, Network};
use super::table::RulesError;
use crate::carbon::Carbon;
use crate::language::Language;
use crate::panel::Period;
use crate::reference::Reference;
use crate::segment::age::AgeBand;
use crate::segment::territory::Territories;
use crate::units::Currency;

/// All dated tables, loaded once.
#[derive(Debug, Clone)]
pub struct Tables {
    known: Known,
    minors: minors::Minors,
    special: special::SpecialCategories,
    pub(crate) sensitive: sensitive::Sensitive,
    calendar: elections::Calendar,
    minimums: minimums::Minimums,
    learning: learning::Learning,
    cells: cells::Cells,
    ages: audience::Ages,
    declarations: declarations::Declarations,
    breaks: breaks::Breaks,
    overspend: overspend::Overspend,
    carbon: Carbon,
    fingerprints: BTreeMap<String, String>,
}

/// Tables beside `data/rules/` that plans keep to.
pub(super) const BESIDE: [&str; 3] = ["calendar.toml", "carbon.toml", "territories.toml"];

impl Tables {
    /// Reads and checks all tables.
    ///
    /// # Errors
    ///
    /// [`RulesError`] for the first table that is missing, malformed or impossible.
    pub fn load(reference: &Reference) -> Result<Self, RulesError> {
        Ok(Self {
            known: Known::load(reference)?,
            minors: minors::Minors::load(reference)?,
            special: special::SpecialCategories::load(reference)?,
            sensitive: sensitive::Sensitive::load(reference)?,
            calendar: elections::Calendar::load(reference)?,
            minimums: minimums::Minimums::load(reference)?,
            learning: learning::Learning::load(reference)?,
            cells: cells::Cells::load(reference)?,
            ages: audience::Ages::load(reference)?,
            declarations: declarations::Declarations::load(reference)?,
            breaks: breaks::Breaks::load(reference)?,
            overspend: overspend::Overspend::load(reference)?,
            carbon: Carbon::load(reference)?,
            fingerprints: fingerprints(reference)?,
        })
    }

    /// The first 16 digits of the SHA-256 of each table, by its name below `data/`.
    #[must_use]
    pub fn fingerprints(&self) -> &BTreeMap<String, String> {
        &self.fingerprints
    }

    /// Names of the tables that are not those of a plan, by the fingerprints that it tells; none for
    /// a plan that tells none.
    #[must_use]
    pub fn other_than(&self, told: &BTreeMap<String, String>) -> Vec<String> {
        if told.is_empty() {
            return Vec::new();
        }
        let names: BTreeSet<&String> = self.fingerprints.keys().chain(told.keys()).collect();
        let differs = |name: &&String| self.fingerprints.get(*name) != told.get(*name);
        names.into_iter().filter(differs).cloned().collect()
    }

    /// Whether a territory lies in another, or is it; an unknown code lies only in itself.
    #[must_use]
    pub fn contains(&self, parent: &str, child: &str) -> bool {
        self.known.territories.contains(parent, child)
    }

    /// The name of a territory.
    #[must_use]
    pub fn territory_name(&self, code: &str) -> Option<&str> {
        self.known.territories.name(code)
    }

    /// The territory of a level (`DEP`, `REG`) that a code lies in.
    #[must_use]
    pub fn territory_of_level(&self, code: &str, level: &str) -> Option<String> {
        self.known.territories.of_level(code, level)
    }

    /// All territories.
    #[must_use]
    pub fn territories(&self) -> &Territories {
        &self.known.territories
    }

    /// The networks that have rules, sorted by key.
    #[must_use]
    pub fn networks(&self) -> &[Network] {
        &self.known.networks
    }

    /// Their keys, as campaign files name them.
    #[must_use]
    pub fn network_keys(&self) -> Vec<String> {
        self.networks().iter().map(|network| network.key.clone()).collect()
    }

    /// The name of a network as people write it; one that is not known as the file has it.
    #[must_use]
    pub fn network_name<'a>(&'a self, key: &'a str) -> &'a str {
        self.known.network_name(key)
    }

    fn company(&self, network: &str) -> Option<&str> {
        self.known.company(network)
    }

    /// The least that a network accepts, with its source; `None` where none is published.
    #[must_use]
    pub fn minimum(&self, network: &str) -> Option<&Minimum> {
        self.minimums.of(self.company(network)?)
    }

    /// Least money of one ad set for a whole flight of so many days.
    #[must_use]
    pub fn platform_minimum(
        &self,
        network: &str,
        currency: Option<Currency>,
        days: u32,
    ) -> Option<f64> {
        self.minimum(network)?.flight(currency, days)
    }

    /// Results per ad set and week under which a network's delivery has not learnt.
    #[must_use]
    pub fn learning_threshold(&self, network: &str) -> Option<f64> {
        self.learning.of(self.company(network)?)
    }

    /// Whether a network refuses sensitive subjects in a country (ISO 3166) in these days: the
    /// fallback plan goes without it.
    #[must_use]
    pub fn refuses_sensitive(&self, network: &str, country: &str, days: Period) -> bool {
        let refuses = |company| self.sensitive.refuses(company, country, days);
        self.company(network).is_some_and(refuses)
    }

    /// The category of the GDPR's art. 9 (`religion`, `health`, `opinion`, `origin`,
    /// `orientation`, `union`) by which an attribute would describe people, if it does.
    #[must_use]
    pub fn special_category(&self, attribute: &str, value: &str) -> Option<&str> {
        self.special.category(attribute, value)
    }

    /// The age bands that a network sells; `None` when it sells any age, or nothing is known.
    #[must_use]
    pub fn age_bands(&self, network: &str) -> Option<&[AgeBand]> {
        self.ages.of(self.company(network)?)
    }

    /// Whether a cell is too small to be shown to others.
    #[must_use]
    pub fn is_small_cell(&self, reach: Option<f64>, actions: Option<f64>) -> bool {
        self.cells.is_small(reach, actions)
    }

    /// The windows before ballots.
    #[must_use]
    pub fn windows(&self) -> Vec<Window> {
        self.calendar.windows()
    }

    /// Emission factors.
    #[must_use]
    pub fn carbon(&self) -> &Carbon {
        &self.carbon
    }

    /// What the rules have to say, most serious first; a reason written in the campaign is
    /// repeated in `overridden`.
    #[must_use]
    pub fn findings(&self, inquiry: &Inquiry<'_>, language: Language) -> Vec<Finding> {
        let mut asking = Asking::new(&self.known, inquiry, language);
        self.minors.judge(&mut asking);
        self.special.judge(&mut asking);
        self.sensitive.judge(&mut asking);
        self.calendar.judge(&mut asking);
        self.minimums.judge(&mut asking);
        self.learning.judge(&mut asking);
        self.cells.judge(&mut asking);
        self.ages.judge(&mut asking);
        self.declarations.judge(&mut asking);
        self.breaks.judge(&mut asking);
        self.overspend.judge(&mut asking);
        asking.answers()
    }
}

pub(super) fn fingerprints(reference: &Reference) -> Result<BTreeMap<String, String>, RulesError> {
    let rules = reference.list("rules").into_iter().map(|name| format!("rules/{name}"));
    rules
        .chain(BESIDE.map(str::to_owned))
        .map(|name| {
            let digest = Sha256::digest(reference.bytes(&name)?);
            let first = digest.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
            Ok((name, format!("{first:016x}")))
        })
        .collect()
}

//! Audiences under 18: what each network allows, and what no network can tell apart.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::finding::Severity;
use super::inquiry::Asking;
use super::table::{Origin, RulesError, read};
use crate::reference::Reference;
use crate::segment::age::AgeBand;
use crate::segment::{Attribute, Segment};

/// The table of rules about minors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Minors {
    adult: u8,
    targeting: Vec<String>,
    rule: Vec<Rule>,
    youngest: Vec<Youngest>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    code: String,
    #[serde(default)]
    companies: Vec<String>,
    #[serde(default)]
    countries: Vec<String>,
    policy: Policy,
    origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Policy {
    /// Nothing is delivered.
    None,
    /// Age band and territory only.
    Broad,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Youngest {
    country: String,
    age: u8,
    origin: Origin,
}

impl Minors {
    pub(super) fn load(reference: &Reference) -> Result<Self, RulesError> {
        read(reference, "rules/minors.toml")
    }

    /// Says what holds for every segment with somebody under 18.
    pub(super) fn judge(&self, asking: &mut Asking<'_>) {
        // One finding per rule and network, whatever the number of segments.
        let mut by_rule: BTreeMap<(usize, String, bool), Vec<String>> = BTreeMap::new();
        for segment in asking.inquiry.segments {
            let Some(age) = age_of(segment).filter(|age| age.reaches_below(self.adult)) else {
                continue;
            };
            if self.judge_youngest(asking, segment, age) {
                continue;
            }
            let country = asking.country(segment);
            let company = asking.company(segment);
            if let Some(position) = self.rule.iter().position(|rule| rule.holds(company, country)) {
                let narrow =
                    self.rule[position].policy == Policy::Broad && self.is_targeted(segment);
                let network = segment.get(Attribute::Network).unwrap_or_default();
                let key = (position, asking.tables.network_name(network).to_owned(), narrow);
                by_rule.entry(key).or_default().push(segment.id.clone());
            }
        }
        for ((position, network, narrow), segments) in by_rule {
            let rule = &self.rule[position];
            let (severity, code) = match (rule.policy, narrow) {
                (Policy::None, _) => (Severity::Forbidden, rule.code.as_str()),
                (Policy::Broad, true) => (Severity::Forbidden, "minors-targeted"),
                (Policy::Broad, false) => (Severity::Warning, rule.code.as_str()),
            };
            let arguments = [("network", network), ("adult", self.adult.to_string())];
            asking.add(severity, code, segments, &arguments, Some(&rule.origin));
        }
    }

    /// Whether the whole audience is younger than the country's profile allows; says so.
    fn judge_youngest(&self, asking: &mut Asking<'_>, segment: &Segment, age: AgeBand) -> bool {
        let country = asking.country(segment);
        let Some(rule) = self.youngest.iter().find(|rule| rule.country == country) else {
            return false;
        };
        let arguments = [("age", rule.age.to_string()), ("band", age.to_string())];
        let segments = vec![segment.id.clone()];
        let origin = Some(&rule.origin);
        if age.lies_below(rule.age) {
            asking.add(Severity::Forbidden, "minors-youngest", segments, &arguments, origin);
            return true;
        }
        if age.reaches_below(rule.age) {
            asking.add(Severity::Warning, "minors-youngest-part", segments, &arguments, origin);
        }
        false
    }

    /// Whether the audience is narrowed by more than age and territory.
    fn is_targeted(&self, segment: &Segment) -> bool {
        const BROAD: [&str; 6] = ["", "all", "none", "unknown", "tous", "aucun"];
        self.targeting.iter().any(|name| {
            segment.attributes.get(name).is_some_and(|value| !BROAD.contains(&value.as_str()))
        })
    }
}

impl Rule {
    fn holds(&self, company: Option<&str>, country: &str) -> bool {
        let listed = |list: &[String], value: Option<&str>| {
            list.is_empty() || value.is_some_and(|value| list.iter().any(|entry| entry == value))
        };
        listed(&self.companies, company) && listed(&self.countries, Some(country))
    }
}

fn age_of(segment: &Segment) -> Option<AgeBand> {
    segment.get(Attribute::Age)?.parse().ok()
}

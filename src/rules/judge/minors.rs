//! Audiences under 18: what each network allows, and what no network can tell apart.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::language::message::Value;
use crate::panel::Period;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::{Asking, ids, lists};
use crate::rules::table::{RulesError, read};
use crate::segment::age::AgeBand;
use crate::segment::{Attribute, Segment};

/// The table of rules about minors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Minors {
    adult: u8,
    targeting: Vec<String>,
    rule: Vec<Rule>,
    /// Laws in force that keep the youngest off networks.
    #[serde(default)]
    youngest: Vec<Youngest>,
    /// Laws that are announced, voted or struck down: notes at most.
    #[serde(default)]
    announced: Vec<Announced>,
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
    origin: Basis,
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
    origin: Basis,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Announced {
    /// `rules-announced-<key>` is its name.
    key: String,
    countries: Vec<String>,
    /// Whom it is about: people under this age.
    below: u8,
    origin: Basis,
}

impl Minors {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        read(reference, "rules/minors.toml")
    }

    /// Says what holds for every segment with somebody under 18.
    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        self.judge_announced(asking);
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
            let flight = asking.inquiry.campaign.flight;
            let holds = |rule: &Rule| rule.holds(company, country, flight);
            if let Some(position) = self.rule.iter().position(holds) {
                let narrow =
                    self.rule[position].policy == Policy::Broad && self.is_targeted(segment);
                let network = segment.get(Attribute::Network).unwrap_or_default();
                let key = (position, asking.known.network_name(network).to_owned(), narrow);
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
            let values =
                [("network", Value::Name(network)), ("adult", Value::Whole(f64::from(self.adult)))];
            asking.add(severity, code, segments, values, Some(&rule.origin));
        }
    }

    /// Whether the whole audience is younger than the country's profile allows; says so.
    fn judge_youngest(&self, asking: &mut Asking<'_>, segment: &Segment, age: AgeBand) -> bool {
        let country = asking.country(segment);
        let flight = asking.inquiry.campaign.flight;
        let holds = |rule: &&Youngest| rule.country == country && rule.origin.holds(flight);
        let Some(rule) = self.youngest.iter().find(holds) else {
            return false;
        };
        let values =
            [("age", Value::Whole(f64::from(rule.age))), ("band", Value::Name(age.to_string()))];
        let segments = vec![segment.id.clone()];
        let origin = Some(&rule.origin);
        if age.lies_below(rule.age) {
            asking.add(Severity::Forbidden, "minors-youngest", segments, values, origin);
            return true;
        }
        if age.reaches_below(rule.age) {
            asking.add(Severity::Warning, "minors-youngest-part", segments, values, origin);
        }
        false
    }

    /// What is no law, where it would concern somebody if it were.
    fn judge_announced(&self, asking: &mut Asking<'_>) {
        for law in &self.announced {
            let concerned = |segment: &&Segment| {
                age_of(segment).is_some_and(|age| age.reaches_below(law.below))
                    && lists(&law.countries, Some(asking.country(segment)))
            };
            let segments: Vec<&Segment> =
                asking.inquiry.segments.iter().filter(concerned).collect();
            if segments.is_empty() {
                continue;
            }
            let values = [
                ("law", Value::Message(format!("rules-announced-{}", law.key))),
                ("state", Value::Message(law.origin.state.key().to_owned())),
            ];
            let origin = Some(&law.origin);
            asking.add(Severity::Note, "minors-announced", ids(&segments), values, origin);
        }
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
    fn holds(&self, company: Option<&str>, country: &str, flight: Period) -> bool {
        lists(&self.companies, company)
            && lists(&self.countries, Some(country))
            && self.origin.holds(flight)
    }
}

fn age_of(segment: &Segment) -> Option<AgeBand> {
    segment.get(Attribute::Age)?.parse().ok()
}

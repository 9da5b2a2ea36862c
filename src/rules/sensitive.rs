//! Subjects that some networks refuse, and the networks that refuse them.

use serde::Deserialize;

use super::finding::Severity;
use super::inquiry::{Asking, ids};
use super::table::{Origin, RulesError, read};
use crate::reference::Reference;
use crate::segment::spelling::{folded, has_word};
use crate::segment::{Attribute, Segment};

/// The table of sensitive subjects.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sensitive {
    refusal: Refusal,
    topics: Topics,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    companies: Vec<String>,
    countries: Vec<String>,
    origin: Origin,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Topics {
    words: Vec<String>,
}

impl Sensitive {
    pub(super) fn load(reference: &Reference) -> Result<Self, RulesError> {
        read(reference, "rules/sensitive.toml")
    }

    /// Whether a company refuses sensitive subjects in a country.
    pub(super) fn refuses(&self, company: &str, country: &str) -> bool {
        self.refusal.companies.iter().any(|own| own == company)
            && self.refusal.countries.iter().any(|own| own == country)
    }

    pub(super) fn judge(&self, asking: &mut Asking<'_>) {
        if asking.inquiry.campaign.sensitive {
            self.judge_flagged(asking);
        } else {
            self.judge_unflagged(asking);
        }
    }

    fn judge_flagged(&self, asking: &mut Asking<'_>) {
        let segments = asking.inquiry.segments;
        let (mut refused, mut left): (Vec<&Segment>, Vec<&Segment>) = segments
            .iter()
            .filter(|segment| segment.get(Attribute::Network).is_some())
            .partition(|segment| {
                let country = asking.country(segment);
                asking.company(segment).is_some_and(|company| self.refuses(company, country))
            });
        if refused.is_empty() {
            return;
        }
        refused.sort();
        left.sort();
        let arguments =
            [("networks", networks(asking, &refused)), ("fallback", networks(asking, &left))];
        let code = if left.is_empty() { "sensitive-no-fallback" } else { "sensitive-topic" };
        let origin = Some(&self.refusal.origin);
        asking.add(Severity::Warning, code, ids(&refused), &arguments, origin);
    }

    /// Topics, and the campaign's own words, that look sensitive without being flagged.
    fn judge_unflagged(&self, asking: &mut Asking<'_>) {
        let campaign = asking.inquiry.campaign;
        let mut texts = vec![campaign.title.as_str(), campaign.goal.as_str()];
        texts.extend(asking.inquiry.segments.iter().filter_map(|s| s.get(Attribute::Topic)));
        let looks =
            texts.into_iter().find(|text| has_word(&folded(text), &self.topics.words).is_some());
        if let Some(text) = looks {
            let arguments = [("text", text.to_owned())];
            let origin = Some(&self.refusal.origin);
            asking.add(Severity::Note, "sensitive-unflagged", Vec::new(), &arguments, origin);
        }
    }
}

/// The names of the segments' networks, each once.
fn networks(asking: &Asking<'_>, segments: &[&Segment]) -> String {
    let mut names: Vec<&str> = segments
        .iter()
        .filter_map(|segment| segment.get(Attribute::Network))
        .map(|key| asking.tables.network_name(key))
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

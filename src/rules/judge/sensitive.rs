//! Subjects that some networks refuse, and the networks that refuse them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::language::message::Value;
use crate::panel::Period;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::{Asking, ids, lists, networks};
use crate::rules::table::{RulesError, read};
use crate::segment::spelling::{folded, has_word};
use crate::segment::{Attribute, Segment};

/// The table of sensitive subjects.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sensitive {
    refusal: Vec<Refusal>,
    topics: Topics,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    companies: Vec<String>,
    /// Where it holds; everywhere when there is none.
    #[serde(default)]
    countries: Vec<String>,
    origin: Basis,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Topics {
    words: Vec<String>,
    /// Phrases with one of the words in them that tell of something else.
    except: Vec<String>,
}

impl Sensitive {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        read(reference, "rules/sensitive.toml")
    }

    /// Whether a company refuses sensitive subjects in a country in these days.
    pub(crate) fn refuses(&self, company: &str, country: &str, days: Period) -> bool {
        self.refusal(company, country, days).is_some()
    }

    /// The first refusal that fits, by its place in the table.
    fn refusal(&self, company: &str, country: &str, days: Period) -> Option<usize> {
        self.refusal.iter().position(|refusal| {
            lists(&refusal.companies, Some(company))
                && lists(&refusal.countries, Some(country))
                && refusal.origin.holds(days)
        })
    }

    /// Whether a text looks like a subject that networks refuse.
    pub(crate) fn looks_sensitive(&self, text: &str) -> bool {
        self.word(text).is_some()
    }

    /// The first word of the list that a text holds.
    pub(crate) fn word(&self, text: &str) -> Option<&str> {
        let mut folded = format!(" {} ", folded(text));
        for phrase in &self.topics.except {
            folded = folded.replace(&format!(" {phrase} "), " ");
        }
        has_word(folded.trim(), &self.topics.words)
    }

    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        if asking.inquiry.campaign.sensitive {
            self.judge_flagged(asking);
        } else {
            self.judge_unflagged(asking);
        }
    }

    fn judge_flagged(&self, asking: &mut Asking<'_>) {
        let flight = asking.inquiry.campaign.flight;
        let (mut refused, mut left) = (BTreeMap::<usize, Vec<&Segment>>::new(), Vec::new());
        for segment in asking.inquiry.segments {
            if segment.get(Attribute::Network).is_none() {
                continue;
            }
            let country = asking.country(segment);
            let company = asking.company(segment);
            match company.and_then(|company| self.refusal(company, country, flight)) {
                Some(position) => refused.entry(position).or_default().push(segment),
                None => left.push(segment),
            }
        }
        if refused.is_empty() {
            return;
        }
        let all: Vec<&Segment> = refused.values().flatten().copied().collect();
        let values = [("networks", networks(asking, &all)), ("fallback", networks(asking, &left))];
        let code = if left.is_empty() { "sensitive-no-fallback" } else { "sensitive-topic" };
        let origins: Vec<(Value, &Basis)> = refused
            .iter()
            .map(|(position, own)| (networks(asking, own), &self.refusal[*position].origin))
            .collect();
        asking.add_of_several(Severity::Warning, code, ids(&all), values, &origins);
    }

    /// Topics, and the campaign's own words, that look sensitive without being flagged.
    fn judge_unflagged(&self, asking: &mut Asking<'_>) {
        let campaign = asking.inquiry.campaign;
        let mut texts = vec![campaign.title.as_str(), campaign.goal.as_str()];
        texts.extend(asking.inquiry.segments.iter().filter_map(|s| s.get(Attribute::Topic)));
        if let Some(text) = texts.into_iter().find(|text| self.looks_sensitive(text)) {
            let values = [("text", Value::Name(text.to_owned()))];
            let origin = self.refusal.first().map(|refusal| &refusal.origin);
            asking.add(Severity::Note, "sensitive-unflagged", Vec::new(), values, origin);
        }
    }
}

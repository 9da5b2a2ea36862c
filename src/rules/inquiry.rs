//! What the rules are asked about, and how their answers are put together.

use std::collections::BTreeMap;

use super::basis::Basis;
use super::finding::{Finding, Reader, STANDS, Severity};
use super::networks::Known;
use crate::campaign::Campaign;
use crate::language::Language;
use crate::language::message::{Message, Value};
use crate::panel::Period;
use crate::segment::{Attribute, Segment};

/// A campaign, its segments, and as much of the plan as there is.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    /// The campaign.
    pub campaign: &'a Campaign,
    /// The segments that may be funded.
    pub segments: &'a [Segment],
    /// The plan's rows, once there is a plan: platform minimums, learning thresholds and small
    /// cells are judged on them.
    pub rows: Option<&'a [RowFigures]>,
    /// What the same weeks of earlier years spent, newest first, for the pre-election windows.
    pub earlier: Option<&'a [EarlierYear]>,
    /// First and last day of the history that was learnt from, when known.
    pub history: Option<Period>,
    /// ISO 3166 code of the country whose rules hold where a segment names no territory.
    pub country: &'a str,
}

/// What the plan expects of one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFigures {
    /// Segment id.
    pub segment: String,
    /// Money of the whole flight.
    pub budget: f64,
    /// Active actions per week of the flight.
    pub actions_per_week: f64,
    /// People reached in the flight, when known.
    pub reach: Option<f64>,
    /// People who can be reached, when known.
    pub audience: Option<f64>,
}

/// One earlier year's same ISO weeks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EarlierYear {
    /// The year.
    pub year: i16,
    /// Money spent in the same weeks.
    pub spend: f64,
    /// Posts or ads run in the same weeks, when known.
    pub posts: Option<u64>,
}

/// One question to the rules: the inquiry, what is known of networks and territories, the language, and the answers so far.
pub(super) struct Asking<'a> {
    pub(super) known: &'a Known,
    pub(super) inquiry: &'a Inquiry<'a>,
    language: Language,
    found: Vec<Finding>,
}

impl<'a> Asking<'a> {
    pub(super) fn new(known: &'a Known, inquiry: &'a Inquiry<'a>, language: Language) -> Self {
        Self { known, inquiry, language, found: Vec::new() }
    }

    /// Adds a finding about some segments (none: the whole campaign), where its rule holds in the
    /// days of the flight. What is neither law nor a platform's policy is a note at most. The
    /// finding ends with the legal state of its rule and its date.
    pub(super) fn add<'v>(
        &mut self,
        severity: Severity,
        code: &str,
        segments: Vec<String>,
        values: impl IntoIterator<Item = (&'v str, Value)>,
        origin: Option<&Basis>,
    ) {
        if origin.is_some_and(|basis| !basis.meets(self.inquiry.campaign.flight)) {
            return;
        }
        let mut values: Vec<_> = values.into_iter().collect();
        if let Some(basis) = origin {
            let says_state = values.iter().any(|(name, _)| *name == "state");
            values.push((STANDS, if says_state { basis.was_read() } else { basis.stands() }));
        }
        self.add_resting_on(severity, code, segments, values, origin.as_slice());
    }

    /// Adds a finding that rests on several rules, each with the name of whom it is for: it ends
    /// with the legal state and date of each.
    pub(super) fn add_of_several(
        &mut self,
        severity: Severity,
        code: &str,
        segments: Vec<String>,
        values: impl IntoIterator<Item = (&'static str, Value)>,
        origins: &[(Value, &Basis)],
    ) {
        let stands = origins.iter().map(|(whose, basis)| match origins.len() {
            1 => basis.stands(),
            _ => told("rules-stands-of", [("whose", whose.clone()), ("stands", basis.stands())]),
        });
        let pair =
            |first, second| told("rules-stands-pair", [("first", first), ("second", second)]);
        let stands = stands.reduce(pair).map(|stands| (STANDS, stands));
        let bases: Vec<&Basis> = origins.iter().map(|(_, basis)| *basis).collect();
        let values = values.into_iter().chain(stands).collect();
        self.add_resting_on(severity, code, segments, values, &bases);
    }

    fn add_resting_on(
        &mut self,
        severity: Severity,
        code: &str,
        segments: Vec<String>,
        values: Vec<(&str, Value)>,
        bases: &[&Basis],
    ) {
        let campaign = self.inquiry.campaign;
        let binds = bases.is_empty() || bases.iter().any(|basis| basis.state.binds());
        let severity = if binds { severity } else { Severity::Note };
        let reader = Reader {
            language: self.language,
            currency: Some(campaign.budget.currency()),
            overrides: &campaign.overrides,
        };
        let mut finding = Finding::new(severity, code, segments, values, &reader);
        let sources = |language: Language, between: &str| {
            let sources: Vec<String> = bases.iter().map(|basis| basis.text(language)).collect();
            (!sources.is_empty()).then(|| sources.join(between))
        };
        finding.rest_on(sources(Language::En, "; "), sources(Language::Fr, "\u{a0}; "));
        finding.to_be_checked = bases.iter().any(|basis| basis.to_be_checked);
        self.found.push(finding);
    }

    /// The answers: most serious first, then by code and segments.
    pub(super) fn answers(mut self) -> Vec<Finding> {
        self.found.sort_by(|a, b| {
            b.severity
                .cmp(&a.severity)
                .then_with(|| a.code.cmp(&b.code))
                .then_with(|| a.segments.cmp(&b.segments))
        });
        self.found
    }

    /// Segments by the company of their network, for those that the tables know.
    pub(super) fn by_company(&self) -> BTreeMap<&'a str, Vec<&'a Segment>> {
        let mut companies: BTreeMap<&'a str, Vec<&'a Segment>> = BTreeMap::new();
        for segment in self.inquiry.segments {
            if let Some(company) = self.company(segment) {
                companies.entry(company).or_default().push(segment);
            }
        }
        companies
    }

    pub(super) fn company(&self, segment: &Segment) -> Option<&'a str> {
        self.known.company(segment.get(Attribute::Network)?)
    }

    /// The country whose rules hold for a segment.
    pub(super) fn country(&self, segment: &'a Segment) -> &'a str {
        segment
            .get(Attribute::Territory)
            .and_then(|code| self.known.territories.country_of(code))
            .unwrap_or(self.inquiry.country)
    }

    /// Segments that may get money: those with some, once there is a plan.
    pub(super) fn in_question(&self) -> Vec<&'a Segment> {
        match self.inquiry.rows {
            Some(_) => self.funded().into_iter().map(|(segment, _)| segment).collect(),
            None => self.inquiry.segments.iter().collect(),
        }
    }

    /// The plan's rows with money, beside their segments.
    pub(super) fn funded(&self) -> Vec<(&'a Segment, &'a RowFigures)> {
        let rows = self.inquiry.rows.unwrap_or_default();
        let by_id: BTreeMap<&str, &'a Segment> =
            self.inquiry.segments.iter().map(|segment| (segment.id.as_str(), segment)).collect();
        rows.iter()
            .filter(|row| row.budget > 0.0)
            .filter_map(|row| Some((*by_id.get(row.segment.as_str())?, row)))
            .collect()
    }
}

fn told<const N: usize>(key: &str, values: [(&str, Value); N]) -> Value {
    Value::Nested(Box::new(Message::new(key, values)))
}

/// Whether a list names this value; an empty list names all.
pub(super) fn lists(list: &[String], value: Option<&str>) -> bool {
    list.is_empty() || value.is_some_and(|value| list.iter().any(|entry| entry == value))
}

/// The names of the segments' networks, each once.
pub(super) fn networks(asking: &Asking<'_>, segments: &[&Segment]) -> Value {
    let mut names: Vec<String> = segments
        .iter()
        .filter_map(|segment| segment.get(Attribute::Network))
        .map(|key| asking.known.network_name(key).to_owned())
        .collect();
    names.sort_unstable();
    names.dedup();
    Value::Names(names)
}

pub(super) fn ids(segments: &[&Segment]) -> Vec<String> {
    segments.iter().map(|segment| segment.id.clone()).collect()
}

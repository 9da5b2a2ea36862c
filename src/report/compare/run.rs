//! A run beside others, and what moved between two of them.

use std::collections::BTreeMap;

use crate::allocate::plan::Plan;
use crate::report::formatter::clean;
use crate::report::report_data::ReportData;

/// A run with the name that tells it from the others.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub report_data: &'a ReportData,
}

/// A segment's money in two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The segment.
    pub segment: String,
    /// Money in the first run.
    pub before: f64,
    /// Money in the second.
    pub after: f64,
}

impl Moved {
    /// Segments whose money differs, the largest change first.
    #[must_use]
    pub fn between(before: &Plan, after: &Plan) -> Vec<Self> {
        let mut money: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for row in &before.rows {
            money.entry(&row.segment).or_default().0 = row.budget;
        }
        for row in &after.rows {
            money.entry(&row.segment).or_default().1 = row.budget;
        }
        let moved = |(segment, (before, after)): (&str, (f64, f64))| Self {
            segment: segment.to_owned(),
            before,
            after,
        };
        let mut all: Vec<Self> = money.into_iter().map(moved).collect();
        all.retain(|one| one.before != one.after);
        all.sort_by(|a, b| b.change().abs().total_cmp(&a.change().abs()));
        all
    }

    /// By how much the money changed.
    #[must_use]
    pub fn change(&self) -> f64 {
        self.after - self.before
    }
}

/// Names for runs: their campaigns' titles, with their folders where titles are the same.
#[must_use]
pub fn named<'a>(runs: &[(String, &'a ReportData)]) -> Vec<Run<'a>> {
    let title = |report_data: &ReportData| {
        report_data
            .plan
            .campaign
            .as_ref()
            .map_or_else(String::new, |campaign| clean(&campaign.title))
    };
    let alone = |own: &str| {
        !own.is_empty()
            && runs.iter().filter(|(_, report_data)| title(report_data) == own).count() == 1
    };
    let name = |(folder, report_data): &(String, &'a ReportData)| match title(report_data) {
        own if alone(&own) => own,
        _ => clean(folder),
    };
    runs.iter().map(|run| Run { name: name(run), report_data: run.1 }).collect()
}

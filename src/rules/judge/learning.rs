//! Rows that expect too few results for the platform's delivery to learn, and the merge that
//! would mend it. Advice, and so a note: nearly every small plan has such rows, and a finding that
//! comes every time is read by nobody.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::language::message::Value;
use crate::reference::Reference;
use crate::rules::basis::Basis;
use crate::rules::finding::Severity;
use crate::rules::inquiry::{Asking, RowFigures};
use crate::rules::table::{RulesError, check_amount, read};
use crate::segment::{Attribute, Segment};

const FILE: &str = "rules/learning.toml";

/// The table of learning thresholds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Learning {
    threshold: Vec<Threshold>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Threshold {
    companies: Vec<String>,
    results_per_week: f64,
    origin: Basis,
}

type FundedRow<'a> = (&'a Segment, &'a RowFigures);

impl Learning {
    pub(crate) fn load(reference: &Reference) -> Result<Self, RulesError> {
        let learning: Self = read(reference, FILE)?;
        for threshold in &learning.threshold {
            check_amount(FILE, &threshold.companies.join(", "), threshold.results_per_week)?;
        }
        Ok(learning)
    }

    /// Results per ad set and week that a company's delivery needs.
    pub(crate) fn of(&self, company: &str) -> Option<f64> {
        self.entry(company).map(|threshold| threshold.results_per_week)
    }

    fn entry(&self, company: &str) -> Option<&Threshold> {
        self.threshold.iter().find(|threshold| threshold.companies.iter().any(|c| c == company))
    }

    pub(in crate::rules) fn judge(&self, asking: &mut Asking<'_>) {
        // An ad set belongs to one network, so merges stay inside it.
        let mut by_network: BTreeMap<&str, Vec<FundedRow<'_>>> = BTreeMap::new();
        for row in asking.funded() {
            if let Some(network) = row.0.get(Attribute::Network) {
                by_network.entry(network).or_default().push(row);
            }
        }
        for (network, rows) in by_network {
            let company = asking.known.company(network);
            if let Some(threshold) = company.and_then(|company| self.entry(company)) {
                judge_network(asking, network, &rows, threshold);
            }
        }
    }
}

fn judge_network(
    asking: &mut Asking<'_>,
    network: &str,
    rows: &[FundedRow<'_>],
    threshold: &Threshold,
) {
    let needed = threshold.results_per_week;
    for merge in merges(rows, needed) {
        let total: f64 = merge.iter().map(|&i| rows[i].1.actions_per_week).sum();
        let short: Vec<String> = merge
            .iter()
            .filter(|&&i| rows[i].1.actions_per_week < needed)
            .map(|&i| rows[i].0.id.clone())
            .collect();
        let together = merge.iter().map(|&i| Value::Segment(rows[i].0.id.clone())).collect();
        let code = match (merge.len(), total < needed) {
            (1, _) => "learning-alone",
            (_, true) => "learning-short",
            (_, false) => "learning-merge",
        };
        let values = [
            ("network", Value::Name(asking.known.network_name(network).to_owned())),
            ("needed", Value::Whole(needed)),
            ("expected", Value::Whole(total)),
            ("merge", Value::Sum(together)),
        ];
        asking.add(Severity::Note, code, short, values, Some(&threshold.origin));
    }
}

/// Rows to merge so that each merge reaches the threshold: every short row is in exactly one.
///
/// The shortest row takes the relative most alike (shared attributes, then the fewest results)
/// until the sum is enough; rows that already reach the threshold are taken last.
fn merges(rows: &[FundedRow<'_>], needed: f64) -> Vec<Vec<usize>> {
    let results = |i: usize| rows[i].1.actions_per_week;
    let mut free: Vec<usize> = (0..rows.len()).collect();
    free.sort_by(|&a, &b| results(a).total_cmp(&results(b)).then_with(|| rows[a].0.cmp(rows[b].0)));
    let mut merges = Vec::new();
    while free.first().is_some_and(|&i| results(i) < needed) {
        let mut merge = vec![free.remove(0)];
        let mut total = results(merge[0]);
        while total < needed && !free.is_empty() {
            let kept =
                |&i: &usize| (results(i) >= needed, std::cmp::Reverse(alike(rows, &merge, i)));
            // `min_by_key` keeps the first of equals: `free` is sorted by results.
            let next =
                (0..free.len()).min_by_key(|&p| kept(&free[p])).expect("`free` is not empty");
            let row = free.remove(next);
            total += results(row);
            merge.push(row);
        }
        merges.push(merge);
    }
    merges
}

/// Attributes that a row shares with all rows of a merge.
fn alike(rows: &[FundedRow<'_>], merge: &[usize], row: usize) -> usize {
    let shared = |(name, value): &(&String, &String)| {
        merge.iter().all(|&i| rows[i].0.attributes.get(*name) == Some(value))
    };
    rows[row].0.attributes.iter().filter(shared).count()
}

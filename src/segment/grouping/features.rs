//! An ad set as a point: its attributes, and its rates shrunk towards its block's.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayViewMut1};

use crate::panel::{Cell, Panel};
use crate::segment::Attribute;
use crate::segment::age::AgeBand;

/// What one segment did in all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Totals {
    pub(super) spend: f64,
    pub(super) impressions: f64,
    /// Every cell reports impressions.
    pub(super) all_impressions: bool,
    pub(super) actions: f64,
    pub(super) cells: usize,
}

/// Totals by segment position. Cells are added in an order of their own, so that the order in
/// the panel changes no last digit.
pub(super) fn totals(panel: &Panel) -> Vec<Totals> {
    let mut totals =
        vec![Totals { all_impressions: true, ..Totals::default() }; panel.segments.len()];
    let mut cells: Vec<&Cell> = panel.cells.iter().collect();
    cells.sort_by(|a, b| order(a, b));
    for cell in cells {
        let total = &mut totals[cell.segment];
        total.spend += cell.spend;
        total.impressions += cell.impressions.unwrap_or(0.0);
        total.all_impressions &= cell.impressions.is_some() || cell.spend == 0.0;
        total.actions += middle_of(cell).unwrap_or(0.0);
        total.cells += 1;
    }
    totals
}

pub(super) fn order(a: &Cell, b: &Cell) -> std::cmp::Ordering {
    let numbers = |cell: &Cell| {
        [Some(cell.spend), cell.impressions, cell.reach, middle_of(cell)]
            .map(|number| number.unwrap_or(-1.0))
    };
    let by_numbers = || {
        let pairs = numbers(a).into_iter().zip(numbers(b));
        pairs.map(|(x, y)| x.total_cmp(&y)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    };
    a.period.cmp(&b.period).then_with(by_numbers)
}

/// Points of a block's segments, one row each, columns of total variance 1 per attribute.
pub(super) fn matrix(panel: &Panel, totals: &[Totals], segments: &[usize]) -> Array2<f64> {
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for name in attribute_names(panel) {
        columns.extend(attribute_columns(panel, segments, name));
    }
    columns.extend(rate_columns(totals, segments));
    if columns.is_empty() {
        columns.push(vec![0.0; segments.len()]);
    }
    Array2::from_shape_fn((segments.len(), columns.len()), |(row, column)| columns[column][row])
}

/// Names of attributes, sorted.
/// Active actions; of suppressed counts, the middle of what they may be.
fn middle_of(cell: &Cell) -> Option<f64> {
    cell.active_range().map(|(least, most)| 0.5 * (least + most))
}

fn attribute_names(panel: &Panel) -> Vec<&str> {
    let mut names: Vec<&str> =
        panel.segments.iter().flat_map(|s| s.attributes.keys().map(String::as_str)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Ages as numbers, other attributes as one column per value. An attribute that tells one value,
/// or more values than half the segments, says nothing of likeness and is left out.
fn attribute_columns(panel: &Panel, segments: &[usize], name: &str) -> Vec<Vec<f64>> {
    let values: Vec<Option<&str>> = segments
        .iter()
        .map(|&s| panel.segments[s].attributes.get(name).map(String::as_str))
        .collect();
    if name == Attribute::Age.column()
        && let Some(ages) = middle_ages(&values)
    {
        return standardised(ages).into_iter().collect();
    }
    let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for value in &values {
        *counts.entry(*value).or_default() += 1;
    }
    if counts.len() < 2 || 2 * counts.len() > segments.len().max(4) {
        return Vec::new();
    }
    // Σ p (1 − p) over the columns is the attribute's variance; the columns share 1.
    let share = |count: &usize| *count as f64 / segments.len() as f64;
    let variance: f64 = counts.values().map(|count| share(count) * (1.0 - share(count))).sum();
    let column = |value: Option<&str>| {
        let here = |own: Option<&str>| if own == value { 1.0 / variance.sqrt() } else { 0.0 };
        values.iter().copied().map(here).collect()
    };
    counts.keys().copied().map(column).collect()
}

/// The middle of each band; `None` when any value is not a band.
fn middle_ages(values: &[Option<&str>]) -> Option<Vec<f64>> {
    let middle = |band: AgeBand| {
        let oldest = band.to().unwrap_or(band.from().saturating_add(15));
        0.5 * (f64::from(band.from()) + f64::from(oldest))
    };
    values.iter().map(|value| value.and_then(|text| text.parse().ok()).map(middle)).collect()
}

/// Log actions per thousand impressions (per unit of money where impressions are not reported)
/// and log CPM, both shrunk.
fn rate_columns(totals: &[Totals], segments: &[usize]) -> Vec<Vec<f64>> {
    let of = |f: fn(&Totals) -> f64| segments.iter().map(|&s| f(&totals[s])).collect::<Vec<f64>>();
    let has_impressions =
        segments.iter().all(|&s| totals[s].all_impressions && totals[s].cells > 0);
    let (actions, spends) = (of(|t| t.actions), of(|t| t.spend));
    let exposures = if has_impressions { of(|t| t.impressions) } else { spends.clone() };
    let mut columns = vec![log_shrunk(&actions, &exposures)];
    if has_impressions {
        columns.push(log_shrunk(&of(|t| t.impressions), &spends));
    }
    columns.into_iter().filter_map(standardised).collect()
}

/// Log of rates shrunk towards the pooled one: `(n + a) / (e + a/r)`, gamma–Poisson with the
/// shape `a` by moments (Robbins 1956; the excess of the spread of rates over Poisson noise).
pub(super) fn log_shrunk(counts: &[f64], exposures: &[f64]) -> Vec<f64> {
    let (total, exposure): (f64, f64) = (counts.iter().sum(), exposures.iter().sum());
    if total <= 0.0 || exposure <= 0.0 {
        return vec![0.0; counts.len()];
    }
    let pooled = total / exposure;
    // Σ (n − r e)² = Σ r e + (r²/a) Σ e² in expectation.
    let pairs = || counts.iter().zip(exposures);
    let spread: f64 = pairs().map(|(n, e)| (n - pooled * e).powi(2)).sum::<f64>() - total;
    let scale: f64 = pairs().map(|(_, e)| (pooled * e).powi(2)).sum();
    // No excess: rates do not differ, and shrink all the way.
    let shape = if spread > 0.0 { (scale / spread).max(1e-3) } else { 1e9 };
    pairs().map(|(n, e)| ((n + shape) / (e + shape / pooled)).ln()).collect()
}

/// Mean 0, variance 1; `None` when all values are the same.
fn standardised(mut values: Vec<f64>) -> Option<Vec<f64>> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    if deviation <= 1e-9 * (1.0 + mean.abs()) {
        return None;
    }
    ArrayViewMut1::from(&mut values).mapv_inplace(|x| (x - mean) / deviation);
    Some(values)
}

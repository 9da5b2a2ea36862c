//! Plain predictors that the model must beat.
//!
//! Each gives a mean per cell; its spread is a negative binomial whose dispersion, one per network,
//! is fitted on how the same predictor did in training (each training cell predicted without
//! itself where the predictor could copy it).

mod forest;
mod glm;
mod last_value;
mod segment_rate;

use means::Means;

use std::collections::BTreeMap;

use super::judge::Predictive;
use super::negative_binomial::{Pair, fit_dispersion};
use super::weekly::WeeklyRow;
use crate::random::Seed;

/// Names of the baselines, in the order that results show them.
pub const NAMES: [&str; 4] = ["last_value", "segment_rate", "pooled_glm", "forest"];

/// Predictive distributions of all baselines for the wanted cells.
pub(super) fn predict(
    past: &[WeeklyRow<'_>],
    wanted: &[WeeklyRow<'_>],
    seed: Seed,
) -> BTreeMap<&'static str, Vec<Predictive>> {
    let all = [
        last_value::means(past, wanted),
        segment_rate::means(past, wanted),
        glm::means(past, wanted),
        forest::means(past, wanted, seed),
    ];
    let named = NAMES.into_iter().zip(all);
    named.map(|(name, means)| (name, with_dispersion(past, wanted, &means))).collect()
}

/// Least mean: a negative binomial of mean 0 excludes every action for ever.
const LEAST_MEAN: f64 = 0.05;

/// Fewer training cells than this share the dispersion of all networks.
const LEAST_PAIRS: usize = 30;

fn with_dispersion(
    past: &[WeeklyRow<'_>],
    wanted: &[WeeklyRow<'_>],
    means: &Means,
) -> Vec<Predictive> {
    let mut pairs: Vec<Pair> = Vec::with_capacity(means.trained.len());
    let mut by_network: BTreeMap<&str, Vec<Pair>> = BTreeMap::new();
    for &(position, mean) in &means.trained {
        let row = &past[position];
        let pair = Pair { count: row.count.round(), mean: mean.max(LEAST_MEAN) };
        pairs.push(pair);
        by_network.entry(row.network()).or_default().push(pair);
    }
    // Without any training pair: a spread as wide as the mean.
    let whole = if pairs.is_empty() { 1.0 } else { fit_dispersion(&pairs) };
    let own: BTreeMap<&str, f64> = by_network
        .iter()
        .filter(|(_, pairs)| pairs.len() >= LEAST_PAIRS)
        .map(|(network, pairs)| (*network, fit_dispersion(pairs)))
        .collect();
    wanted
        .iter()
        .zip(&means.wanted)
        .map(|(row, mean)| {
            let dispersion = own.get(row.network()).copied().unwrap_or(whole);
            Predictive::single(mean.max(LEAST_MEAN), dispersion)
        })
        .collect()
}

mod means;
#[cfg(test)]
mod tests;

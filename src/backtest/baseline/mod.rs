//! Plain predictors that the model must beat.
//!
//! Each gives a mean per cell; its spread is a negative binomial whose dispersion, one per network,
//! is fitted on how the same predictor did in training (each training cell predicted without
//! itself where the predictor could copy it).

mod forest;
mod glm;
mod last_value;
mod segment_rate;

use std::collections::BTreeMap;

use super::judge::Predictive;
use super::negative_binomial::{Pair, fit_dispersion};
use super::weekly::Row;
use crate::random::Seed;

/// Names of the baselines, in the order that results show them.
pub const NAMES: [&str; 4] = ["last_value", "segment_rate", "pooled_glm", "forest"];

/// Means of wanted cells, and training cells beside the means predicted for them.
struct Means {
    wanted: Vec<f64>,
    /// Position in the past, and mean.
    trained: Vec<(usize, f64)>,
}

/// Predictive distributions of all baselines for the wanted cells.
pub(super) fn predict(
    past: &[Row<'_>],
    wanted: &[Row<'_>],
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

fn with_dispersion(past: &[Row<'_>], wanted: &[Row<'_>], means: &Means) -> Vec<Predictive> {
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

/// Actions and money of a stretch of history.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f64,
    spend: f64,
}

impl Sums {
    fn add(&mut self, row: &Row<'_>) {
        self.count += row.count;
        self.spend += row.spend;
    }

    /// Actions per unit of money, with half an action at the wider rate for what never acted.
    fn rate(self, wider: f64) -> f64 {
        if wider <= 0.0 {
            return 0.0;
        }
        (self.count + 0.5) / (self.spend + 0.5 / wider)
    }
}

/// Rates per unit of money of all, of each network and of each segment; the last two are there
/// only where there is history.
struct Rates<'a> {
    all: Sums,
    networks: BTreeMap<&'a str, Sums>,
    segments: BTreeMap<&'a str, Sums>,
}

impl<'a> Rates<'a> {
    fn of(past: &[Row<'a>]) -> Self {
        let mut rates =
            Self { all: Sums::default(), networks: BTreeMap::new(), segments: BTreeMap::new() };
        for row in past {
            rates.all.add(row);
            let network = row.segment.attributes.get("network").map_or("", String::as_str);
            rates.networks.entry(network).or_default().add(row);
            rates.segments.entry(&row.segment.id).or_default().add(row);
        }
        rates
    }

    fn pooled(&self) -> f64 {
        if self.all.spend > 0.0 { self.all.count / self.all.spend } else { 0.0 }
    }

    fn network(&self, network: &str) -> f64 {
        let pooled = self.pooled();
        self.networks.get(network).map_or(pooled, |sums| sums.rate(pooled))
    }

    /// The segment's rate; its network's when it has no history. `without`: a training row that
    /// must not predict itself.
    fn segment(&self, row: &Row<'_>, without: Option<&Row<'_>>) -> f64 {
        let wider = self.network(row.network());
        let Some(sums) = self.segments.get(row.segment.id.as_str()) else { return wider };
        let (count, spend) = without.map_or((0.0, 0.0), |own| (own.count, own.spend));
        Sums { count: sums.count - count, spend: (sums.spend - spend).max(0.0) }.rate(wider)
    }
}

#[cfg(test)]
mod tests;

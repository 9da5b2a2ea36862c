//! What the plain predictors share: means per cell, sums and rates.

use std::collections::BTreeMap;

use crate::backtest::weekly::WeeklyRow;

/// Means of wanted cells, and training cells beside the means predicted for them.
pub(super) struct Means {
    pub(super) wanted: Vec<f64>,
    /// Position in the past, and mean.
    pub(super) trained: Vec<(usize, f64)>,
}

/// Actions and money of a stretch of history.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) count: f64,
    pub(super) spend: f64,
}

impl Sums {
    pub(super) fn add(&mut self, row: &WeeklyRow<'_>) {
        self.count += row.count;
        self.spend += row.spend;
    }

    /// Actions per unit of money, with half an action at the wider rate for what never acted.
    pub(super) fn rate(self, wider: f64) -> f64 {
        if wider <= 0.0 {
            return 0.0;
        }
        (self.count + 0.5) / (self.spend + 0.5 / wider)
    }
}

/// Rates per unit of money of all, of each network and of each segment; the last two are there
/// only where there is history.
pub(super) struct Rates<'a> {
    all: Sums,
    pub(super) networks: BTreeMap<&'a str, Sums>,
    pub(super) segments: BTreeMap<&'a str, Sums>,
}

impl<'a> Rates<'a> {
    pub(super) fn of(past: &[WeeklyRow<'a>]) -> Self {
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

    pub(super) fn network(&self, network: &str) -> f64 {
        let pooled = self.pooled();
        self.networks.get(network).map_or(pooled, |sums| sums.rate(pooled))
    }

    /// The segment's rate; its network's when it has no history. `without`: a training row that
    /// must not predict itself.
    pub(super) fn segment(&self, row: &WeeklyRow<'_>, without: Option<&WeeklyRow<'_>>) -> f64 {
        let wider = self.network(row.network());
        let Some(sums) = self.segments.get(row.segment.id.as_str()) else { return wider };
        let (count, spend) = without.map_or((0.0, 0.0), |own| (own.count, own.spend));
        Sums { count: sums.count - count, spend: (sums.spend - spend).max(0.0) }.rate(wider)
    }
}

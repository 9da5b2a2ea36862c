//! Counts that a platform hides while they are small, and does not say so.
//!
//! Such a column has zeros, and then nothing below 5 (or 10) although counts crowd right above it.
//! Whether that may be chance is asked of the counts themselves, and only of those near the gap,
//! so that it does not matter how large the others are: below four times the limit their law is
//! taken as `p(y) ∝ Γ(y + φ) / Γ(y + 1) · q^y` for any `φ, q > 0`, the negative binomial's form with
//! free growth (it rises as steeply as a Poisson law, falls as a geometric one). The gap is no
//! chance when the best such law from the limit on explains the counts better by [`EVIDENCE`] than
//! the best one from 1 on, which must expect some in the gap.
//!
//! In worlds of 100 rows of mean 6, overdispersed, this finds about three quarters of columns
//! hidden below 5, and nearly all from 200 rows on; in those with nothing hidden, zeros of their
//! own and no count below 5 by chance, below one column in a hundred is taken for hidden.

use std::collections::BTreeMap;

use statrs::function::gamma::ln_gamma;

use super::{Panel, PanelNote};
use crate::action::Action;
use crate::segment::Attribute;

/// Limits below which platforms hide counts, the higher first.
const LIMITS: [u32; 2] = [10, 5];
/// A positive count below this shows that small ones are not hidden.
const SMALLEST: f64 = 5.0;
/// Log of how much better a law without the gap must explain the counts: e⁶ is 400 to 1.
const EVIDENCE: f64 = 6.0;
/// Counts near the gap that a verdict needs.
const LEAST_NEAR: u64 = 15;
/// Zeros that a verdict needs: fewer hide too little to matter.
const LEAST_ZEROS: u64 = 3;
/// Share of zeros among all rows, likewise.
const LEAST_ZERO_SHARE: f64 = 0.05;
/// Share of the counts between the limit and twice that: where counts are large anyway, a smallest
/// one of 5 says nothing.
const LEAST_CROWD: f64 = 0.1;

/// The counts of one kind of action, as far as they tell whether small ones are hidden.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Column {
    /// Rows without a count, written 0 or not at all.
    zeros: u64,
    /// Those of them that were written.
    counted: u64,
    positive: BTreeMap<u32, u64>,
    /// Zeros are zeros: a small count is shown, or a fraction, or the file says itself what it
    /// hides. Nothing more need be known then.
    is_open: bool,
}

impl Column {
    /// Takes in a row with delivery; `None` where the column has no count.
    pub(crate) fn see(&mut self, count: Option<f64>) {
        match count {
            _ if self.is_open => {}
            None => self.zeros += 1,
            Some(0.0) => {
                self.zeros += 1;
                self.counted += 1;
            }
            Some(count) if count.fract() == 0.0 && (SMALLEST..1e9).contains(&count) => {
                *self.positive.entry(count as u32).or_default() += 1;
            }
            Some(_) => self.is_open = true,
        }
    }

    /// Takes in that the file says itself which counts it hides.
    pub(crate) fn open(&mut self) {
        self.is_open = true;
    }

    /// Whether any count was seen: else the column is not there.
    pub(crate) fn is_reported(&self) -> bool {
        self.counted > 0 || !self.positive.is_empty() || self.is_open
    }

    /// Rows without a count.
    pub(crate) fn without_count(&self) -> u64 {
        self.zeros
    }

    /// Joins the rows of another part.
    pub(crate) fn join(&mut self, other: &Self) {
        self.zeros += other.zeros;
        self.counted += other.counted;
        self.is_open |= other.is_open;
        for (count, rows) in &other.positive {
            *self.positive.entry(*count).or_default() += rows;
        }
    }

    /// The limit below which counts are hidden, if they are.
    pub(crate) fn hidden_below(&self) -> Option<u32> {
        let counts: u64 = self.positive.values().sum();
        let rows = (counts + self.zeros) as f64;
        let least = *self.positive.keys().next()?;
        // Multiples of one number are rounded or scaled counts.
        let common = self.positive.keys().fold(0, |a, b| divisor(a, *b));
        let few = self.zeros < LEAST_ZEROS || (self.zeros as f64) < LEAST_ZERO_SHARE * rows;
        if self.is_open || few || common > 1 {
            return None;
        }
        LIMITS.into_iter().find(|limit| {
            let crowd = self.within(*limit, 2 * limit) as f64;
            least >= *limit && crowd >= LEAST_CROWD * counts as f64 && self.gap(*limit) >= EVIDENCE
        })
    }

    fn within(&self, from: u32, to: u32) -> u64 {
        self.positive.range(from..to).map(|(_, rows)| rows).sum()
    }

    /// How much better the counts below four times a limit are explained by a law that begins at
    /// the limit than by one that begins at 1, in logs.
    fn gap(&self, limit: u32) -> f64 {
        let end = 4 * limit;
        if self.within(limit, end) < LEAST_NEAR {
            return 0.0;
        }
        let near: Vec<(f64, f64)> = self
            .positive
            .range(limit..end)
            .map(|(count, rows)| (f64::from(*count), *rows as f64))
            .collect();
        best_law(&near, limit..end) - best_law(&near, 1..end)
    }
}

/// Largest log density of counts under the laws on a range.
fn best_law(near: &[(f64, f64)], range: std::ops::Range<u32>) -> f64 {
    const SHAPES: [f64; 12] = [0.02, 0.1, 0.3, 0.7, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 1000.0];
    let rows: f64 = near.iter().map(|(_, rows)| rows).sum();
    let mean = near.iter().map(|(count, rows)| count * rows).sum::<f64>() / rows;
    let best = SHAPES.into_iter().map(|shape| {
        let weight = |count: f64| ln_gamma(count + shape) - ln_gamma(count + 1.0);
        let weights: Vec<(f64, f64)> =
            range.clone().map(|count| (f64::from(count), weight(f64::from(count)))).collect();
        // The growth at which the law has the counts' mean: the density's only maximum.
        let (mut low, mut high) = (-30.0, 30.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if law(&weights, middle).1 < mean { low = middle } else { high = middle }
        }
        let growth = 0.5 * (low + high);
        let (norm, _) = law(&weights, growth);
        near.iter().map(|(y, rows)| rows * (weight(*y) + growth * y - norm)).sum::<f64>()
    });
    best.fold(f64::NEG_INFINITY, f64::max)
}

/// Log of the sum and the mean of a law of log weights with a growth.
fn law(weights: &[(f64, f64)], growth: f64) -> (f64, f64) {
    let log = |(count, weight): &(f64, f64)| weight + growth * count;
    let most = weights.iter().map(log).fold(f64::NEG_INFINITY, f64::max);
    let (mut sum, mut first) = (0.0, 0.0);
    for pair in weights {
        let share = (log(pair) - most).exp();
        sum += share;
        first += share * pair.0;
    }
    (most + sum.ln(), first / sum)
}

fn divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// Takes the zeros of columns that hide small counts as what they are, anything below the limit;
/// what was found, by network and kind.
pub(crate) fn find(panel: &mut Panel) -> Vec<PanelNote> {
    let networks: Vec<String> = panel
        .segments
        .iter()
        .map(|segment| segment.get(Attribute::Network).unwrap_or_default().to_owned())
        .collect();
    let mut columns: BTreeMap<(&str, Action), Column> = BTreeMap::new();
    let bought = |cell: &super::Cell| {
        cell.spend > 0.0 || cell.impressions.is_some_and(|impressions| impressions > 0.0)
    };
    let kinds = Action::ALL.into_iter().filter(|kind| panel.actions.contains(kind));
    let kinds: Vec<Action> = kinds.collect();
    for cell in panel.cells.iter().filter(|cell| bought(cell)) {
        for kind in &kinds {
            let column = columns.entry((&networks[cell.segment], *kind)).or_default();
            if cell.censored.contains(kind) {
                column.open();
            } else {
                column.see(cell.actions.get(*kind));
            }
        }
    }
    let found: BTreeMap<(&str, Action), u32> =
        columns.iter().filter_map(|(key, column)| Some((*key, column.hidden_below()?))).collect();
    let mut rows: BTreeMap<(&str, Action), u64> = BTreeMap::new();
    for cell in panel.cells.iter_mut().filter(|cell| bought(cell)) {
        for kind in &kinds {
            let key = (networks[cell.segment].as_str(), *kind);
            if let Some(below) = found.get(&key)
                && cell.actions.get(*kind).is_none_or(|count| count == 0.0)
            {
                cell.set_range(*kind, (0.0, f64::from(below - 1)));
                *rows.entry(key).or_default() += 1;
            }
        }
    }
    found
        .into_iter()
        .map(|((network, kind), below)| PanelNote::HiddenCounts {
            network: network.to_owned(),
            kind,
            below,
            rows: rows.get(&(network, kind)).copied().unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use rand_distr::{Distribution, Gamma, Poisson};

    use super::*;
    use crate::random::{Purpose, Seed};

    /// Counts of rows of about a mean, with their own rates; those below `limit` are hidden.
    fn column(seed: u64, rows: usize, mean: f64, shape: f64, limit: f64, zeros: f64) -> Column {
        let mut rng = Seed(seed).stream(Purpose::Generate, 7);
        let mut column = Column::default();
        for _ in 0..rows {
            let rate: f64 = Gamma::new(shape, mean / shape).unwrap().sample(&mut rng);
            let count: f64 = Poisson::new(rate.max(1e-9)).unwrap().sample(&mut rng);
            let none = rng.random::<f64>() < zeros;
            column.see(Some(if none || count < limit { 0.0 } else { count }));
        }
        column
    }

    #[test]
    fn counts_hidden_below_a_limit_are_found() {
        for (limit, mean) in [(5.0, 3.0), (5.0, 6.0), (5.0, 10.0), (10.0, 6.0), (10.0, 15.0)] {
            let found = |seed| {
                column(seed, 400, mean, 4.0, limit, 0.0).hidden_below() == Some(limit as u32)
            };
            let found = (0..20).filter(|seed| found(*seed)).count();
            // Of such columns nearly all are found; of means far below the limit few counts remain.
            assert!(found >= 17, "{found} of 20 at {mean} below {limit}");
        }
    }

    #[test]
    fn counts_that_are_not_hidden_stay_what_they_are() {
        let mut wrong = 0;
        for seed in 0..60 {
            for (rows, mean, shape) in
                [(30, 12.0, 30.0), (100, 25.0, 8.0), (400, 200.0, 2.0), (400, 3.0, 2.0)]
            {
                let column = column(seed, rows, mean, shape, 0.0, 0.15);
                wrong += u32::from(column.hidden_below().is_some());
            }
        }
        assert!(wrong <= 2, "{wrong} of 240");
    }

    #[test]
    fn rounded_told_and_few_counts_are_not_taken_for_hidden() {
        let of = |counts: &[u32], zeros: u64| {
            let mut column = Column { zeros, ..Column::default() };
            for count in counts {
                column.see(Some(f64::from(*count)));
            }
            column
        };
        let crowd: Vec<u32> = (0..120).map(|i| 5 + i % 4).collect();
        assert_eq!(of(&crowd, 40).hidden_below(), Some(5));
        // No zeros: nothing is hidden.
        assert_eq!(of(&crowd, 0).hidden_below(), None);
        // A handful of rows.
        assert_eq!(of(&crowd[..9], 5).hidden_below(), None);
        // Rounded to fives.
        let rounded: Vec<u32> = (0..120).map(|i| 5 + 5 * (i % 6)).collect();
        assert_eq!(of(&rounded, 40).hidden_below(), None);
        // The file says itself what it hides.
        let mut told = of(&crowd, 40);
        told.open();
        assert_eq!(told.hidden_below(), None);
        // Hundreds: that the smallest is 7 is chance.
        let large: Vec<u32> = (0..300).map(|i| 7 + (i * i) % 900).collect();
        assert_eq!(of(&large, 40).hidden_below(), None);
    }
}

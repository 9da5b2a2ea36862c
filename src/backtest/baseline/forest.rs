//! A random forest of linfa's trees.
//!
//! linfa's trees classify, and its ensemble votes; counts need a regression. So each tree is grown
//! to tell rows above a random quantile of the rate from those below (the splits that lower Gini
//! impurity of two classes are those that lower the variance of that indicator), on a random part
//! of rows and columns; its leaves then hold actions ÷ money of their own rows. A prediction is the
//! mean of the leaves' rates, times the money. Rows are predicted in training by the trees that did
//! not see them.
//!
//! Two classes also keep the trees repeatable: with more, linfa adds up impurities in the order
//! of a hash map.

use std::collections::BTreeMap;

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_trees::{DecisionTree, TreeNode};
use ndarray::{Array1, Array2};
use rand::RngExt;
use rand::seq::index;

use super::means::{Means, Rates, Sums};
use crate::backtest::weekly::WeeklyRow;
use crate::random::{Purpose, Seed};

const TREES: usize = 60;
const MOST_ROWS: usize = 600;
const DEPTH: usize = 7;
const LEAST_LEAF: f32 = 5.0;

/// Columns of a row: log weekly spend, spend against the segment's usual, log rates of its
/// history and of its last cell, log of its history, network, age, season.
const COLUMNS: usize = 9;

pub(super) fn means(past: &[WeeklyRow<'_>], wanted: &[WeeklyRow<'_>], seed: Seed) -> Means {
    let memory = Memory::of(past);
    let rates = Rates::of(past);
    let plain = |row: &WeeklyRow<'_>| row.spend * rates.segment(row, None);
    let features: Vec<[f64; COLUMNS]> =
        past.iter().enumerate().map(|(i, row)| memory.features(row, Some(i))).collect();
    let trees: Vec<Tree> =
        (0..TREES).filter_map(|tree| Tree::grow(past, &features, seed, tree as u64)).collect();
    let mean = |row: &WeeklyRow<'_>, features: &[f64; COLUMNS], seen: Option<usize>| {
        let fresh = trees.iter().filter(|tree| seen.is_none_or(|i| !tree.rows[i]));
        let (sum, n) = fresh.fold((0.0, 0), |(sum, n), tree| (sum + tree.rate(features), n + 1));
        if n == 0 { plain(row) } else { row.spend * sum / f64::from(n) }
    };
    let wanted = wanted.iter().map(|row| mean(row, &memory.features(row, None), None)).collect();
    let trained =
        past.iter().enumerate().map(|(i, row)| (i, mean(row, &features[i], Some(i)))).collect();
    Means { wanted, trained }
}

/// One tree: linfa's splits, and the rate of every leaf.
struct Tree {
    splits: DecisionTree<f64, bool>,
    columns: Vec<usize>,
    /// Rate by path of turns, as a binary number with a leading 1.
    leaves: BTreeMap<u32, f64>,
    /// Which training rows it saw.
    rows: Vec<bool>,
}

impl Tree {
    fn grow(
        past: &[WeeklyRow<'_>],
        features: &[[f64; COLUMNS]],
        seed: Seed,
        id: u64,
    ) -> Option<Self> {
        // Trees take the streams after those of the cells' scores.
        let mut rng = seed.stream(Purpose::Backtest, u64::MAX - id);
        let n_rows = (2 * past.len() / 3).min(MOST_ROWS);
        if n_rows < 2 * LEAST_LEAF as usize {
            return None;
        }
        let mut chosen = index::sample(&mut rng, past.len(), n_rows).into_vec();
        chosen.sort_unstable();
        let mut columns = index::sample(&mut rng, COLUMNS, 2 * COLUMNS / 3).into_vec();
        columns.sort_unstable();
        let rate = |i: usize| past[i].count / past[i].spend;
        let mut sorted: Vec<f64> = chosen.iter().map(|&i| rate(i)).collect();
        sorted.sort_by(f64::total_cmp);
        let threshold = sorted[rng.random_range(n_rows / 5..n_rows - n_rows / 5)];
        let above: Array1<bool> = chosen.iter().map(|&i| rate(i) > threshold).collect();
        let records = Array2::from_shape_fn((n_rows, columns.len()), |(row, column)| {
            features[chosen[row]][columns[column]]
        });
        // A class that weighs a trace more: no leaf is a tie, which linfa would break by chance.
        let weights = above.mapv(|above| if above { 1.0 + 1.0 / 4096.0 } else { 1.0 });
        let data = DatasetBase::new(records, above).with_weights(weights);
        let splits = DecisionTree::params()
            .max_depth(Some(DEPTH))
            .min_weight_split(2.0 * LEAST_LEAF)
            .min_weight_leaf(LEAST_LEAF)
            .min_impurity_decrease(1e-4)
            .fit(&data)
            .ok()?;
        let mut rows = vec![false; past.len()];
        for &i in &chosen {
            rows[i] = true;
        }
        let mut grown = Self { splits, columns, leaves: BTreeMap::new(), rows };
        grown.fill_leaves(past, features, &chosen);
        Some(grown)
    }

    fn fill_leaves(
        &mut self,
        past: &[WeeklyRow<'_>],
        features: &[[f64; COLUMNS]],
        chosen: &[usize],
    ) {
        let mut sums = BTreeMap::<u32, Sums>::new();
        let mut all = Sums::default();
        for &i in chosen {
            sums.entry(self.leaf(&features[i])).or_default().add(&past[i]);
            all.add(&past[i]);
        }
        let pooled = if all.spend > 0.0 { all.count / all.spend } else { 0.0 };
        self.leaves = sums.into_iter().map(|(leaf, sums)| (leaf, sums.rate(pooled))).collect();
    }

    fn rate(&self, features: &[f64; COLUMNS]) -> f64 {
        self.leaves.get(&self.leaf(features)).copied().unwrap_or(0.0)
    }

    /// The leaf that a row falls into.
    fn leaf(&self, features: &[f64; COLUMNS]) -> u32 {
        let mut node: &TreeNode<f64, bool> = self.splits.root_node();
        let mut path = 1;
        while !node.is_leaf() {
            let (column, value, _) = node.split();
            let right = features[self.columns[column]] > value;
            path = 2 * path + u32::from(right);
            let children = node.children();
            let Some(next) = children[usize::from(right)] else { break };
            node = next;
        }
        path
    }
}

/// What is remembered of each segment.
struct Memory<'a> {
    rates: Rates<'a>,
    /// Per segment: rows, weeks, and every row's time and rate for "the last one before".
    segments: BTreeMap<&'a str, Vec<(i64, usize, f64)>>,
    weeks: BTreeMap<&'a str, f64>,
    networks: Vec<&'a str>,
}

impl<'a> Memory<'a> {
    fn of(past: &[WeeklyRow<'a>]) -> Self {
        let rates = Rates::of(past);
        let mut segments = BTreeMap::<&str, Vec<(i64, usize, f64)>>::new();
        let mut weeks = BTreeMap::<&str, f64>::new();
        for (i, row) in past.iter().enumerate() {
            let rate = (row.count + 0.5) / row.spend;
            segments.entry(&row.segment.id).or_default().push((row.weeks.0, i, rate));
            *weeks.entry(&row.segment.id).or_default() += row.length();
        }
        for rows in segments.values_mut() {
            rows.sort_by_key(|(week, i, _)| (*week, *i));
        }
        let networks = rates.networks.keys().copied().collect();
        Self { rates, segments, weeks, networks }
    }

    /// The columns of a row; `seen` is its own place in the past, which must not tell on itself.
    fn features(&self, row: &WeeklyRow<'_>, seen: Option<usize>) -> [f64; COLUMNS] {
        let id = row.segment.id.as_str();
        let weekly = row.spend / row.length();
        let rate = self.rates.segment(row, seen.map(|_| row)).max(1e-12);
        let rows = self.segments.get(id).map_or(&[][..], Vec::as_slice);
        let earlier =
            rows.iter().rev().find(|(week, i, _)| *week < row.weeks.0 && Some(*i) != seen);
        let last = earlier.map_or(rate, |(_, _, rate)| *rate);
        let history = self.rates.segments.get(id).copied().unwrap_or_default();
        let usual = history.spend / self.weeks.get(id).copied().unwrap_or(1.0);
        let network = self.networks.iter().position(|own| *own == row.network());
        let age = row.segment.attributes.get("age").and_then(|text| text.parse().ok());
        let age = age.map_or(0.0, |band: crate::segment::age::AgeBand| f64::from(band.from()));
        let middle = 0.5 * (row.weeks.0 + row.weeks.1) as f64;
        let (sin, cos) = (std::f64::consts::TAU * middle / 52.1775).sin_cos();
        [
            weekly.ln(),
            if usual > 0.0 { (weekly / usual).ln() } else { 0.0 },
            rate.ln(),
            last.max(1e-12).ln(),
            rows.len() as f64,
            network.map_or(-1.0, |position| position as f64),
            age,
            sin,
            cos,
        ]
    }
}

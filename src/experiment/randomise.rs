//! What counts say of an exponent, judged by the schedules that might have been drawn instead.
//!
//! The model is `ln y = a + week + β z` with `z` the log of scheduled over planned money. If `β` is
//! right, `r = ln y − β z` is what would have been seen under any schedule, so the schedule drawn
//! must look like all others. The statistic is the standardised slope of `r` on `z`,
//! `Σ w z̃ r / √(Σ w z̃²)`, with `z̃` freed of audiences and of each network's weeks.
//!
//! Against one other schedule `z*` the difference of the two statistics is a line in `β` that never
//! falls: its slope is `√S − C / √S*`, with `C = Σ w z̃* z̃ ≤ √(S S*)` (Cauchy and Schwarz). So each
//! schedule turns from "less extreme" to "more extreme" once, at its *turn*; the p value of any `β`
//! counts turns, and the interval ends at turns. Neither can contradict the other, and no `β`
//! has to be searched for (Fisher 1935; inversion: Lehmann and Romano 2005, §5.8).

use crate::numeric::linalg::{partial_cholesky, solve_lower, solve_upper};

/// Takes audiences, and weeks that a network shares, out of a table by weighted least squares.
#[derive(Debug, Clone)]
pub struct Residuals {
    n_weeks: usize,
    weights: Vec<f64>,
    networks: Vec<Network>,
}

/// The rows of a network and the Cholesky factor of its weeks' equations.
#[derive(Debug, Clone)]
struct Network {
    rows: Vec<usize>,
    factor: Vec<f64>,
}

/// Part of a network's weight that stands for nothing known about a week.
const RIDGE: f64 = 1e-11;
/// Two schedules that differ by less differ by rounding.
const NOTHING: f64 = 1e-9;

impl Residuals {
    /// Weights `audiences × weeks`, at least 0; a cell without weight says nothing.
    pub fn new(network: &[usize], weights: &[Vec<f64>]) -> Self {
        let n_weeks = weights.first().map_or(0, Vec::len);
        let mut known: Vec<usize> = network.to_vec();
        known.sort_unstable();
        known.dedup();
        let one = |name: usize| {
            let rows: Vec<usize> = (0..network.len()).filter(|&i| network[i] == name).collect();
            let factor = factor(&rows, weights, n_weeks);
            Network { rows, factor }
        };
        Self { n_weeks, weights: weights.concat(), networks: known.into_iter().map(one).collect() }
    }

    /// `Σ w a b`.
    pub fn product(&self, a: &[f64], b: &[f64]) -> f64 {
        self.weights.iter().zip(a).zip(b).map(|((w, a), b)| w * a * b).sum()
    }

    /// Weights row by row.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// What is left of a table, row by row.
    pub fn of(&self, table: &[f64]) -> Vec<f64> {
        let n = self.n_weeks;
        let mut left = table.to_vec();
        let weight = |i: usize| &self.weights[i * n..(i + 1) * n];
        for network in &self.networks {
            let mut weeks = vec![0.0; n];
            for &i in &network.rows {
                let row = &mut left[i * n..(i + 1) * n];
                demean(weight(i), row);
                weeks.iter_mut().zip(weight(i)).zip(row).for_each(|((u, w), x)| *u += w * *x);
            }
            solve_lower(&network.factor, n, n, &mut weeks);
            solve_upper(&network.factor, n, n, &mut weeks);
            for &i in &network.rows {
                let row = &mut left[i * n..(i + 1) * n];
                row.iter_mut().zip(&weeks).for_each(|(x, week)| *x -= week);
                demean(weight(i), row);
            }
        }
        left
    }
}

/// Takes the weighted mean out of a row.
fn demean(weights: &[f64], row: &mut [f64]) {
    let total: f64 = weights.iter().sum();
    if total > 0.0 {
        let mean = weights.iter().zip(&*row).map(|(w, x)| w * x).sum::<f64>() / total;
        for x in row {
            *x -= mean;
        }
    }
}

/// Lower Cholesky factor of the equations of weeks once audiences are taken out. They leave the
/// mean of all weeks open, and a week that no two audiences share: a ridge closes them, far above
/// rounding and far below what any cell says.
fn factor(rows: &[usize], weights: &[Vec<f64>], n: usize) -> Vec<f64> {
    let mut a = vec![0.0; n * n];
    let mut all = 0.0;
    for w in rows.iter().map(|&i| &weights[i]) {
        let total: f64 = w.iter().sum();
        all += total;
        if total > 0.0 {
            for t in 0..n {
                a[t * n + t] += w[t];
                (0..=t).for_each(|s| a[t * n + s] -= w[t] * w[s] / total);
            }
        }
    }
    (0..n).for_each(|t| a[t * n + t] += RIDGE * all.max(RIDGE));
    partial_cholesky(&mut a, n, n).expect("a ridge makes a sum of squares positive definite");
    a
}

/// The schedule drawn beside others of the same rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Where each other schedule turns, ascending.
    turns: Vec<f64>,
    /// Schedules that no exponent tells apart from the one drawn, itself included.
    ties: usize,
}

impl Comparison {
    /// Compares log counts under the log factors `scheduled` with re-drawn ones; tables row by row.
    /// `None` where the schedule varies in no cell that has weight.
    pub fn new(
        residuals: &Residuals,
        log_counts: &[f64],
        scheduled: &[f64],
        redrawn: impl Iterator<Item = Vec<f64>>,
    ) -> Option<Self> {
        let z = residuals.of(scheduled);
        let root = residuals.product(&z, &z).sqrt();
        if root.is_nan() || root < NOTHING {
            return None;
        }
        let slope = residuals.product(&z, log_counts) / root;
        let (mut turns, mut ties) = (Vec::new(), 1);
        for other in redrawn {
            let other = residuals.of(&other);
            let other_root = residuals.product(&other, &other).sqrt();
            let rise = root - residuals.product(&other, &z) / other_root;
            // A schedule that moves nothing that counts stands for no exponent.
            if rise.is_nan() || rise <= NOTHING * root {
                ties += 1;
            } else {
                turns.push((slope - residuals.product(&other, log_counts) / other_root) / rise);
            }
        }
        turns.sort_by(f64::total_cmp);
        Some(Self { turns, ties })
    }

    /// How often chance alone makes a schedule look as extreme as the one drawn, were `beta` the
    /// exponent: twice the smaller tail, equals counted as more extreme.
    pub fn p(&self, beta: f64) -> f64 {
        let below = self.turns.partition_point(|&turn| turn <= beta);
        let not_above = self.turns.len() - self.turns.partition_point(|&turn| turn < beta);
        let tail = self.ties + below.min(not_above);
        (2.0 * tail as f64 / self.n_schedules() as f64).min(1.0)
    }

    /// The exponents whose p value is above `1 − level`: from the first to the last. An end is
    /// infinite where the schedules are too few to exclude anything.
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let enough = |tail: usize| 2.0 * tail as f64 / self.n_schedules() as f64 > 1.0 - level;
        match (0..self.turns.len()).find(|&n| enough(self.ties + n)) {
            None | Some(0) => (f64::NEG_INFINITY, f64::INFINITY),
            Some(n) => (self.turns[n - 1], self.turns[self.turns.len() - n]),
        }
    }

    /// The exponent that chance contradicts least (Hodges and Lehmann 1963): the middle turn.
    pub fn estimate(&self) -> f64 {
        let n = self.turns.len();
        if n == 0 { f64::NAN } else { 0.5 * (self.turns[(n - 1) / 2] + self.turns[n / 2]) }
    }

    /// Schedules compared, the one drawn among them.
    pub fn n_schedules(&self) -> usize {
        self.turns.len() + self.ties
    }
}

//! One regression for all: linfa's Tweedie regressor with a log link on log spend, attributes and,
//! where a year was seen, the season.
//!
//! Power 1.5 (compound Poisson–gamma: the variance grows faster than the mean, as counts of
//! campaigns do). Its power-1 cost is not the Poisson deviance that its gradient descends
//! (linfa-linear 0.8.1, `distribution.rs`), so that one is not used.

use std::collections::{BTreeMap, BTreeSet};

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_linear::{Link, TweedieRegressor};
use ndarray::{Array1, Array2};

use super::means::{Means, Rates};
use crate::backtest::weekly::WeeklyRow;

/// Where the regression fails (nothing varies, no convergence), the pooled rate predicts.
pub(super) fn means(past: &[WeeklyRow<'_>], wanted: &[WeeklyRow<'_>]) -> Means {
    let columns = Columns::of(past);
    let fitted = fit(past, &columns);
    let rates = Rates::of(past);
    // Linear in the log, the regression could promise anything far from what it saw.
    let most = past.iter().map(|row| row.count / row.length()).fold(0.0, f64::max) * 10.0;
    let predict = |rows: &[WeeklyRow<'_>]| -> Vec<f64> {
        let Some((model, scale)) = &fitted else {
            return rows.iter().map(|row| row.spend * rates.network(row.network())).collect();
        };
        let means: Array1<f64> = model.predict(&columns.matrix(rows));
        let bounded = means
            .iter()
            .zip(rows)
            .map(|(mean, row)| (mean * scale * row.length()).clamp(0.0, most * row.length()));
        bounded.collect()
    };
    Means { wanted: predict(wanted), trained: predict(past).into_iter().enumerate().collect() }
}

/// The regression of counts per week over their mean, and that mean.
fn fit(past: &[WeeklyRow<'_>], columns: &Columns<'_>) -> Option<(TweedieRegressor<f64>, f64)> {
    let counts: Vec<f64> = past.iter().map(|row| row.count / row.length()).collect();
    let scale = counts.iter().sum::<f64>() / counts.len().max(1) as f64;
    if scale <= 0.0 {
        return None;
    }
    let targets: Array1<f64> = counts.iter().map(|count| count / scale).collect();
    let data = DatasetBase::new(columns.matrix(past), targets);
    let model = TweedieRegressor::params()
        .power(1.5)
        .link(Link::Log)
        .fit_intercept(false)
        // A ridge that weighs like one cell: enough to keep rare attributes finite.
        .alpha(columns.unit * columns.unit)
        .max_iter(300)
        .fit(&data)
        .ok()?;
    let finite = model.coef.iter().all(|c| c.is_finite());
    finite.then_some((model, scale))
}

/// What the regression sees of a row.
struct Columns<'a> {
    /// Attribute and value, one 0/1 column each.
    values: Vec<(&'a str, &'a str)>,
    /// Mean and spread of log weekly spend.
    spend: (f64, f64),
    season: bool,
    /// What stands for 1 in every column. The search's first step is the whole gradient, a sum over
    /// rows: with columns of this size it moves predictions by about 1, not beyond what `exp` holds.
    unit: f64,
}

/// An attribute with more values than this would be a name, not a kind.
const MOST_VALUES: usize = 30;

impl<'a> Columns<'a> {
    fn of(past: &[WeeklyRow<'a>]) -> Self {
        let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in past {
            for (name, value) in &row.segment.attributes {
                values.entry(name).or_default().insert(value);
            }
        }
        let kinds = values.into_iter().filter(|(_, set)| (2..=MOST_VALUES).contains(&set.len()));
        let values =
            kinds.flat_map(|(name, set)| set.into_iter().map(move |v| (name, v))).collect();
        let logs: Vec<f64> = past.iter().map(log_spend).collect();
        let n = logs.len().max(1) as f64;
        let mean = logs.iter().sum::<f64>() / n;
        let spread = (logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        let first = past.iter().map(|row| row.weeks.0).min().unwrap_or(0);
        let last = past.iter().map(|row| row.weeks.1).max().unwrap_or(0);
        let spend = (mean, spread.max(1e-6));
        Self { values, spend, season: last - first >= 51, unit: 1.0 / n.sqrt() }
    }

    fn matrix(&self, rows: &[WeeklyRow<'_>]) -> Array2<f64> {
        let width = 2 + self.values.len() + if self.season { 2 } else { 0 };
        let mut matrix = Array2::zeros((rows.len(), width));
        for (row, mut line) in rows.iter().zip(matrix.rows_mut()) {
            line[0] = 1.0;
            line[1] = (log_spend(row) - self.spend.0) / self.spend.1;
            for (column, (name, value)) in self.values.iter().enumerate() {
                let has = row.segment.attributes.get(*name).is_some_and(|own| own == value);
                line[2 + column] = if has { 1.0 } else { 0.0 };
            }
            if self.season {
                let middle = 0.5 * (row.weeks.0 + row.weeks.1) as f64;
                let (sin, cos) = (std::f64::consts::TAU * middle / 52.1775).sin_cos();
                line[width - 2] = sin;
                line[width - 1] = cos;
            }
            line *= self.unit;
        }
        matrix
    }
}

fn log_spend(row: &WeeklyRow<'_>) -> f64 {
    (row.spend / row.length()).ln()
}

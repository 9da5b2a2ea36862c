//! One row of a plan, and ranges of figures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::allocate::problem::bound::Limit;
use crate::allocate::told::Message;
use crate::train::posterior::prediction::Mostly;
use crate::units::Week;

/// What a tested network reports of a plan, and what of it the money brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncrementalActions {
    /// The network.
    pub network: String,
    /// Active actions that it will report.
    pub reported: Range,
    /// Active actions that would not have come without the money.
    pub incremental: Range,
}

/// Mean and quantiles of what may come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Mean.
    pub mean: f64,
    /// 10 % quantile.
    pub p10: f64,
    /// Median.
    pub p50: f64,
    /// 90 % quantile.
    pub p90: f64,
    /// The one value that holds more than 80 % of the outcomes, where there is one: the interval
    /// is then that value with its probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mostly: Option<Mostly>,
}

impl Range {
    /// A value beyond doubt.
    #[must_use]
    pub fn certain(value: f64) -> Self {
        Self { mean: value, p10: value, p50: value, p90: value, mostly: None }
    }

    /// Mean and quantiles of outcomes, a tenth of them on either side of the interval.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        Self::with_tails(values, 0.1)
    }

    /// The same with another share of outcomes on either side. Quantiles are interpolated between
    /// order statistics (Hyndman and Fan 1996, type 7).
    #[must_use]
    pub fn with_tails(values: &[f64], tail: f64) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let quantile = |p: f64| {
            let at = p * (sorted.len() - 1) as f64;
            let (below, share) = (at.floor() as usize, at.fract());
            let above = (below + 1).min(sorted.len() - 1);
            sorted[below] + share * (sorted[above] - sorted[below])
        };
        Self {
            mean: values.iter().sum::<f64>() / values.len() as f64,
            p10: quantile(tail),
            p50: quantile(0.5),
            p90: quantile(1.0 - tail),
            mostly: Mostly::of(&sorted),
        }
    }

    /// So many times as much.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let mostly = self.mostly.map(|own| Mostly { value: factor * own.value, ..own });
        let [mean, p10, p50, p90] = [self.mean, self.p10, self.p50, self.p90].map(|x| factor * x);
        Self { mean, p10, p50, p90, mostly }
    }

    /// Whether the mean lies where the interval says it does, up to rounding; a range that is
    /// mostly one value makes no such claim.
    #[must_use]
    pub fn holds_its_mean(&self) -> bool {
        let slack = 1e-9 * self.mean.abs();
        self.mostly.is_some() || (self.p10 - slack..=self.p90 + slack).contains(&self.mean)
    }
}

/// One segment of the plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Segment id.
    pub segment: String,
    /// What is known about the segment.
    pub attributes: BTreeMap<String, String>,
    /// Money for the whole flight, its fixed cost included.
    pub budget: f64,
    /// Part of `budget` that is fixed cost.
    pub fixed_cost: f64,
    /// Media money per day of the flight.
    pub per_day: f64,
    /// Money by week; adds up to `budget`.
    pub weeks: Vec<WeekBudget>,
    /// The last split's money, scaled to this budget; `None` without history.
    pub last: Option<f64>,
    /// Value in points.
    pub value: Range,
    /// Active actions.
    pub actions: Range,
    /// Expected impressions, reach and frequency of the flight; `None` when unknown.
    pub impressions: Option<f64>,
    /// Expected reach.
    pub reach: Option<f64>,
    /// Emissions, g CO2e.
    pub carbon_g: Option<f64>,
    /// Value of one more unit of money here; without limit (`null` in a file) where a curve that
    /// starts upright has nothing.
    #[serde(deserialize_with = "without_limit")]
    pub marginal: f64,
    /// Value of one more unit of money at the last split.
    pub marginal_last: Option<f64>,
    /// What holds the row; `None` when it is free.
    pub at_limit: Option<Limit>,
    /// Why this much, in one sentence of the person's language.
    pub reason: String,
    /// The same apart from its language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_told: Option<Message>,
    /// Weekly money above the highest seen in history.
    pub extrapolates: bool,
    /// No history of its own.
    pub prior_only: bool,
    /// Highest weekly spend in history.
    pub observed_spend: f64,
    /// Points of the response curve for the chart: total spend of the flight, value p10, mean, p90.
    pub curve: Vec<CurvePoint>,
}

/// A number, or `null` where JSON has none so large.
pub(crate) fn without_limit<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
}

/// Money of one row in one week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeekBudget {
    /// The week.
    pub week: Week,
    /// Money.
    pub budget: f64,
}

/// A point of a row's response curve, for the whole flight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Total spend of the flight.
    pub spend: f64,
    /// 10 % quantile of value.
    pub p10: f64,
    /// Mean value.
    pub mean: f64,
    /// 90 % quantile of value.
    pub p90: f64,
}

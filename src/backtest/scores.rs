//! Scores of rolling-origin predictions, the model's beside plain baselines'.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::allocate::plan::Mark;
use crate::check::Marked;
use crate::train::fitted::card::HeldBack;
use crate::units::Week;

/// Result of a backtest. `backtest --json` is this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    /// One per origin and horizon.
    pub folds: Vec<Fold>,
    /// By predictor: `relais`, then the baselines `last_value`, `segment_rate`, `pooled_glm`,
    /// `forest`.
    pub scores: BTreeMap<String, Score>,
    /// By baseline: what `relais` gains over it, and whether that could be chance.
    #[serde(default)]
    pub against: BTreeMap<String, Against>,
    /// Scores of `relais` by network, then by segment size (`few`, `some`, `many` rows).
    pub by_network: BTreeMap<String, Score>,
    /// By number of rows in history.
    pub by_size: BTreeMap<String, Score>,
    /// Whether the model's 80 % intervals hold what they claim.
    #[serde(default)]
    pub held_back: Option<HeldBack>,
    /// Probability integral transform of the model's predictions, ten equal bins, shares.
    pub pit: Vec<f64>,
    /// Predicted against observed for the chart (a sample in cell order).
    pub points: Vec<PredictedPoint>,
    /// Digest of all this; absent in those of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Mark>,
}

impl Marked for Backtest {
    fn mark(&mut self) -> &mut Option<Mark> {
        &mut self.digest
    }

    fn marked(&self) -> Option<&Mark> {
        self.digest.as_ref()
    }

    fn said(&self) -> impl Serialize {
        Self { digest: None, ..self.clone() }
    }
}

/// The model beside one baseline, on the same cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// Baseline's CRPS less the model's: above 0 the model predicts better. Large segments count
    /// for most of it.
    pub crps: Gain,
    /// Model's log score less the baseline's: above 0 the model predicts better, large segments
    /// and small ones alike.
    pub log_score: Gain,
}

/// A mean gain with its standard error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Gain {
    /// Mean over cells.
    pub mean: f64,
    /// Clustered by segment and by origin; absent for a single cluster.
    pub standard_error: Option<f64>,
    /// Beyond what chance does in one case out of twenty; `false` from a single origin.
    pub told_apart: bool,
}

/// One origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// First week predicted.
    pub origin: Week,
    /// Weeks predicted.
    pub horizon: u32,
    /// Cells scored.
    pub cells: usize,
    /// By predictor.
    pub scores: BTreeMap<String, Score>,
}

/// Scores of one predictor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Mean continuous ranked probability score (Gneiting and Raftery 2007), actions.
    pub crps: f64,
    /// Mean log score (log predictive density; higher is better).
    pub log_score: f64,
    /// Share of observations inside the central 50 % interval.
    pub coverage50: f64,
    /// Inside the central 80 % interval.
    pub coverage80: f64,
    /// Inside the central 95 % interval.
    pub coverage95: f64,
    /// Σ predicted mean ÷ Σ observed.
    pub predicted_over_observed: f64,
    /// Cells scored.
    pub cells: usize,
}

/// One prediction beside what happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictedPoint {
    /// Segment id.
    pub segment: String,
    /// First week of the cell.
    pub week: Week,
    /// What happened.
    pub observed: f64,
    /// Predicted mean and 80 % interval.
    pub mean: f64,
    /// 10 % quantile.
    pub p10: f64,
    /// 90 % quantile.
    pub p90: f64,
}

//! The model card: what was learnt, from how much, and how far it can be trusted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::note::TrainNote;
use crate::panel::PanelNote;
use crate::train::evidence::{Evidence, IncrementalShare};

/// What a trained model says of itself, for the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// `nested` or `nuts`.
    pub engine: String,
    /// Name of the specification (`default`, `reach`, `sparse` or a file's).
    pub specification: String,
    /// Cells that spoke.
    pub cells: usize,
    /// First and last day of the history, when dated.
    pub span: Option<(String, String)>,
    /// Layers learnt from data: `delivery`, `reach`, `engagement`, `mix`.
    pub layers: Vec<String>,
    /// Diagnostics by name: `pareto_k`, `max_rhat`, `min_ess_bulk`, `divergences` …
    pub diagnostics: BTreeMap<String, f64>,
    /// Hyper-parameters in words and numbers: name → (mean, p10, p90).
    pub hyperparameters: BTreeMap<String, (f64, f64, f64)>,
    /// What the training says of itself.
    pub notes: Vec<TrainNote>,
    /// How often its intervals held what happened in weeks held back; `None` where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_back: Option<HeldBack>,
    /// What the panel could not say, and what was found and done about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub panel_notes: Vec<PanelNote>,
    /// Outside tests that it was given, and what they moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<Evidence>,
    /// Share of what a network reports that would not have come without the money, of networks that
    /// outside tests spoke of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incremental: Vec<IncrementalShare>,
    /// One per segment, in model order.
    pub segments: Vec<SegmentCard>,
}

impl ModelCard {
    /// The card with its money in another currency.
    #[must_use]
    pub fn at_rate(mut self, rate: f64) -> Self {
        for own in &mut self.segments {
            for money in [&mut own.spend, &mut own.mean_spend, &mut own.max_spend] {
                *money *= rate;
            }
        }
        self
    }
}

/// What the bend of a segment's curve is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// So many weeks whose money a schedule settled beforehand.
    Designed(usize),
    /// So many outside tests that compared two amounts.
    Tested(usize),
    /// Money that varied for reasons of its own, and is believed.
    Habit,
    /// The priors; its money followed demand.
    PriorsForDemand,
    /// The priors; its designed weeks, so many, say too little.
    PriorsForFew(usize),
    /// The priors.
    Priors,
}

impl SegmentCard {
    /// What the bend of its curve is known by.
    #[must_use]
    pub fn known_by(&self) -> KnownBy {
        match (self.curvature_identified, self.designed) {
            (true, weeks) if weeks > 0 => KnownBy::Designed(weeks),
            _ if self.tested > 0 => KnownBy::Tested(self.tested),
            (true, _) => KnownBy::Habit,
            (false, 0) if self.followed => KnownBy::PriorsForDemand,
            (false, 0) => KnownBy::Priors,
            (false, weeks) => KnownBy::PriorsForFew(weeks),
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(weeks: &usize) -> bool {
    *weeks == 0
}

/// What was learnt about one segment.
#[allow(clippy::struct_excessive_bools, reason = "facts that a file tells one by one")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentCard {
    /// Segment id.
    pub segment: String,
    /// Rows of history.
    pub cells: usize,
    /// Total spend in history.
    pub spend: f64,
    /// Mean and highest weekly spend in history.
    pub mean_spend: f64,
    /// Highest weekly spend.
    pub max_spend: f64,
    /// Observed active actions and impressions.
    pub actions: f64,
    /// Observed impressions, when reported.
    pub impressions: Option<f64>,
    /// Active actions per thousand impressions, shrunk: mean, p10, p90; `None` without
    /// impressions.
    pub engagement_rate: Option<(f64, f64, f64)>,
    /// Weekly response at the mean spend: mean, p10, p90.
    pub response: (f64, f64, f64),
    /// Posterior ÷ prior standard deviation of log (response at twice the mean spend ÷ at it):
    /// near 1, the history says nothing about saturation.
    pub curvature_learnt: f64,
    /// Whether the segment's own history, not the prior, bends its curve.
    pub curvature_identified: bool,
    /// Weeks of money whose spend was settled by a schedule drawn beforehand.
    #[serde(default, skip_serializing_if = "is_none")]
    pub designed: usize,
    /// Outside tests that were believed and compared two amounts of its money.
    #[serde(default, skip_serializing_if = "is_none")]
    pub tested: usize,
    /// Whether its network's money followed demand, so that its own weeks bend no curve.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub followed: bool,
    /// Pareto k̂ of the segment's approximation against its exact posterior given everything
    /// shared: above 0.7 it was corrected by more than weights. `None` without rows.
    #[serde(default)]
    pub pareto_k: Option<f64>,
    /// Too little was ever spent on it to say anything of it: it answers as its relatives do.
    #[serde(default)]
    pub bare: bool,
    /// That correction failed: what is kept is the normal approximation that k̂ speaks against.
    #[serde(default)]
    pub not_confirmed: bool,
    /// Layers that spoke for this segment.
    pub layers: Vec<String>,
    /// Last week with spend.
    pub last_week: Option<String>,
}

/// How often the model's 80 % intervals held what happened in weeks that it had not seen.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeldBack {
    /// Share of cells inside.
    pub covered: f64,
    /// Its standard error, cells of one segment and of one origin counted as relatives; `None`
    /// for a single cluster.
    pub error: Option<f64>,
    /// Whether it differs from 80 % by more than chance does, judged by Student's law with as many
    /// degrees of freedom as there are origins, less one: what happens to all audiences of some
    /// weeks happens once.
    pub told_apart: bool,
    /// Cells.
    pub cells: usize,
    /// How many times as wide, in standard deviations of a normal, an interval would have had to
    /// be to hold 80 %.
    pub wider: f64,
}

impl HeldBack {
    /// Shares of futures below and above an interval that holds what happens eight times out of
    /// ten: a tenth each, less where the weeks held back say beyond chance that a tenth is more.
    #[must_use]
    pub fn tail(&self) -> f64 {
        if !self.is_short() {
            return TENTH;
        }
        let normal = Normal::standard();
        normal.cdf(normal.inverse_cdf(TENTH) * self.wider.max(1.0))
    }

    /// Two standard errors below and above what is covered, as far as shares go; `None` where its
    /// error is not known.
    #[must_use]
    pub fn band(&self) -> Option<(f64, f64)> {
        let two = 2.0 * self.error?;
        Some(((self.covered - two).max(0.0), (self.covered + two).min(1.0)))
    }

    pub(super) fn is_short(&self) -> bool {
        self.covered < COVERED && self.told_apart
    }
}

/// Coverage of an 80 % interval below which it is another interval: it rounds to seven in ten.
pub(super) const COVERED: f64 = 0.75;

/// Share of futures on either side of an 80 % interval.
pub const TENTH: f64 = 0.1;

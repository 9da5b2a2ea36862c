//! The model card: what was learnt, from how much, and how far it can be trusted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::note::TrainNote;
use super::verdict::HeldBack;
use crate::panel::PanelNote;

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

/// What was learnt about one segment.
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

//! The model's file as it is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::panel::Period;
use crate::segment::Segment;
use crate::train::data::followed::Followed;
use crate::train::data::specification::Specification;
use crate::train::data::tried::Tried;
use crate::train::density::hyper::Table;
use crate::train::effects::delivery::Delivery;
use crate::train::effects::mix::Mix;
use crate::train::effects::reach::Reach;
use crate::train::fitted::card::ModelCard;
use crate::train::posterior::kept::Posterior;
use crate::units::Currency;

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(crate) file: ModelFile,
}

/// What the JSON file holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelFile {
    pub(crate) format: String,
    pub(crate) version: u32,
    pub currency: Option<Currency>,
    pub span: Option<Period>,
    /// SHA-256 of the panel that was learnt from.
    pub panel: String,
    pub specification: Specification,
    pub attributes: Vec<String>,
    pub pooled: Vec<PooledFile>,
    pub segments: Vec<Segment>,
    /// What each segment did, in the same order.
    pub past: Vec<Past>,
    /// Whether money followed demand, by network.
    #[serde(default)]
    pub followed: Vec<Followed>,
    /// Money of all segments by ISO week index, ascending.
    pub weekly_spend: Vec<(i64, f64)>,
    pub mean_log_usual: f64,
    pub sd_log_usual: f64,
    pub log_rate: f64,
    pub log_count: f64,
    /// Movement of each segment's level by itself, in logs per square root of a week.
    pub segment_drift: f64,
    /// Share of the money still to bring its actions a week later, by network; a network without
    /// such a delay is not in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub delays: BTreeMap<String, f64>,
    pub posterior: Posterior,
    pub delivery: Option<Delivery>,
    pub reach: Option<Reach>,
    pub mix: Mix,
    pub card: ModelCard,
    /// SHA-256 of all this as it is written; `None` in memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl ModelFile {
    /// What each of the posterior's hyper-parameters is.
    pub(crate) fn hyper_table(&self) -> Table {
        let (attributes, networks) = (1 + self.pooled.len(), self.posterior.networks.len());
        Table { p: self.posterior.p, attributes, networks }
    }
}

/// A pooled attribute and its known values, sorted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PooledFile {
    pub name: String,
    pub levels: Vec<String>,
}

/// What allocation needs of a segment's past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Past {
    /// Not only known from breakdowns.
    pub bought: bool,
    /// Highest weekly spend.
    pub most: f64,
    /// Total spend.
    pub total: f64,
    /// Weeks before the last week of the history, and money, latest first.
    pub recent: Vec<(u32, f64)>,
    /// How its own weekly money varied: what a curve can be read from.
    #[serde(default)]
    pub tried: Tried,
    /// Weights of the Dirichlet law of its mix of active kinds.
    pub mix: Vec<(Action, f64)>,
    /// Gamma law of follows per unit of money: shape and money.
    pub follows: Option<(f64, f64)>,
}

//! One group of segments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A planning segment: the ad sets that it stands for, and what they have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name: `G03 · facebook · 18-34`.
    pub id: String,
    /// Attributes that all members share; ages that fit together are one band.
    pub attributes: BTreeMap<String, String>,
    /// The other attributes that tell the group apart from all ad sets: the value it has most
    /// above its usual share, and the shares of its members and of all that have it.
    pub mainly: BTreeMap<String, (String, f64, f64)>,
    /// Ids of the ad sets, sorted.
    pub members: Vec<String>,
    /// Money spent by all of them.
    pub spend: f64,
    /// Their impressions, when all report them.
    pub impressions: Option<f64>,
    /// Their active actions.
    pub actions: f64,
    /// Rows of history.
    pub cells: usize,
}

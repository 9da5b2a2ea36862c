//! What is true of one segment.

use serde::{Deserialize, Serialize};

use super::response::TrueResponse;
use super::spec::Block;
use crate::action::Action;
use crate::segment::{Attribute, Segment};

/// The attributes of a generated segment, in the order of its id.
pub const SEGMENT_BY: [Attribute; 4] =
    [Attribute::Network, Attribute::Age, Attribute::Territory, Attribute::Format];

/// What is true of one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentTruth {
    /// Position of its network in [`World::networks`](super::world::World::networks).
    pub network: usize,
    /// People who can be reached in a week `A`.
    pub audience: f64,
    /// Base CPM, money per thousand impressions.
    pub cpm: f64,
    /// Active actions per first impression `q`.
    pub rate: f64,
    /// Wear-out `p`.
    pub wear_out: f64,
    /// Heterogeneity of exposure `k`, of reach in every world and of the curve in our family.
    pub shape: f64,
    /// Weekly response to money.
    pub response: TrueResponse,
    /// Shares of its active actions by kind, summing to 1 over [`Action::ALL`].
    pub mix: [f64; Action::COUNT],
    /// Organic actions per week at no spend.
    pub baseline: f64,
}

impl Block {
    pub(super) fn lists(&self) -> [&Vec<String>; 4] {
        [&self.network, &self.age, &self.territory, &self.format]
    }

    pub(super) fn holds(&self, segment: &Segment) -> bool {
        SEGMENT_BY.iter().zip(self.lists()).all(|(attribute, list)| {
            list.iter().any(|value| Some(value.as_str()) == segment.get(*attribute))
        })
    }
}

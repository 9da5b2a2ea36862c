//! Means of a flight beside engagement: money, impressions, reach, follows, emissions.

use super::scene::Scene;
use crate::response::exposure::saturation;

/// Expected figures of one flight in one draw, over all segments.
///
/// NaN where a funded segment's CPM or audience is unknown: a sum over some would mislead.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Figures {
    /// Money spent, fixed costs included.
    pub(super) spent: f64,
    /// Impressions.
    pub(super) impressions: f64,
    /// People reached at least once, per segment and flight; segments may overlap.
    pub(super) reach: f64,
    /// Follows gained.
    pub(super) follows: f64,
    /// g CO2e.
    pub(super) grams: f64,
}

impl Figures {
    /// Figures of a flight: money really spent by cell, and what dearer CPMs make of impressions.
    #[must_use]
    pub(super) fn of(scene: &Scene<'_>, draw: usize, spent: &[f64], delivery: &[f64]) -> Self {
        let mut all = Self::default();
        for i in 0..scene.segments {
            let response = scene.draws.response(i, draw);
            let d = &scene.draws.segments[i].draws[draw];
            let (mut money, mut effective) = (0.0, 0.0);
            for week in 0..scene.weeks {
                let cell = week * scene.segments + i;
                money += spent[cell];
                effective += delivery[cell] * response.effective_spend(spent[cell]);
            }
            if money == 0.0 {
                continue;
            }
            let impressions = 1000.0 * effective / d.cpm;
            all.spent += money + scene.bounds[i].fixed_cost;
            all.impressions += impressions;
            all.reach += d.audience * saturation(impressions / d.audience, d.reach_shape);
            all.follows += d.follows_rate * money;
            all.grams += scene.grams[i] * impressions;
        }
        all
    }

    /// Adds another flight's figures.
    pub(super) fn add(&mut self, other: &Self) {
        self.spent += other.spent;
        self.impressions += other.impressions;
        self.reach += other.reach;
        self.follows += other.follows;
        self.grams += other.grams;
    }
}

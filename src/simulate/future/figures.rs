//! Means of a flight beside engagement: money, impressions, reach, follows, emissions.

use super::context::SimulationContext;
use super::parameters::Parameters;
use crate::response::exposure::saturation;

/// Expected figures of one flight in one draw, over all segments.
///
/// NaN where a funded segment's CPM or audience is unknown: a sum over some would mislead.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Figures {
    /// Money spent, fixed costs included.
    pub(crate) spent: f64,
    /// Impressions.
    pub(crate) impressions: f64,
    /// People reached at least once, per segment and flight; segments may overlap.
    pub(crate) reach: f64,
    /// Follows gained.
    pub(crate) follows: f64,
    /// g CO2e.
    pub(crate) grams: f64,
}

impl Figures {
    /// Figures of a flight: money really spent by cell, and what dearer CPMs make of impressions.
    #[must_use]
    pub(crate) fn of(
        context: &SimulationContext<'_>,
        draw: usize,
        parameters: &Parameters,
        spent: &[f64],
        delivery: &[f64],
    ) -> Self {
        let n = context.segments;
        let (mut money, mut effective) = (vec![0.0; n], vec![0.0; n]);
        let mut week_effective = vec![0.0; n];
        for week in 0..context.weeks {
            let cells = week * n..(week + 1) * n;
            let (spent, delivery) = (&spent[cells.clone()], &delivery[cells]);
            parameters.effective(context.arch, spent, delivery, &mut week_effective);
            for i in 0..n {
                money[i] += spent[i];
                effective[i] += week_effective[i];
            }
        }
        let mut all = Self::default();
        for i in (0..n).filter(|i| money[*i] > 0.0) {
            let d = &context.draws.segments[i].draws[draw];
            let impressions = 1000.0 * effective[i] / d.cpm;
            all.spent += money[i] + context.problem.variables[i].fixed_cost;
            all.impressions += impressions;
            all.reach += d.audience * saturation(impressions / d.audience, d.reach_shape);
            all.follows += d.follows_rate * money[i];
            all.grams += context.grams[i] * impressions;
        }
        all
    }

    /// Adds another flight's figures.
    pub(crate) fn add(&mut self, other: &Self) {
        self.spent += other.spent;
        self.impressions += other.impressions;
        self.reach += other.reach;
        self.follows += other.follows;
        self.grams += other.grams;
    }
}

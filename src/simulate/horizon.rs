//! What the rest of a flight brings, as a curve in the money that is left for it.

use crate::response::flight::WeeklyResponse;
use crate::response::memory::Remembered;

/// The weeks still to come for one segment, in one draw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Horizon<'a> {
    /// The weekly response.
    pub(super) response: WeeklyResponse,
    /// What is remembered of the weeks before.
    pub(super) memory: Remembered,
    /// Share of the money in each week, summing to 1.
    pub(super) shares: &'a [f64],
    /// What dearer CPMs make of impressions, by week.
    pub(super) delivery: &'a [f64],
    /// Points of one expected action, season and shocks included, by week.
    pub(super) weights: &'a [f64],
}

impl Horizon<'_> {
    /// Expected points and their slope at `total` money.
    pub(super) fn value(&self, total: f64) -> (f64, f64) {
        let delivery = |week: usize| self.delivery[week];
        self.response.delivered(&self.memory, total, self.shares, delivery, self.weights)
    }
}

/// Spends at which curves are tabulated: closer where they bend most.
pub(super) fn nodes(most: f64) -> impl Iterator<Item = f64> {
    const NODES: usize = 14;
    (0..=NODES).map(move |j| most * (j as f64 / NODES as f64).powi(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_flight_ahead_is_the_flight_curve() {
        let response = WeeklyResponse {
            ceiling: 300.0,
            scale: 80.0,
            shape: 1.3,
            cpm_rise: 0.1,
            reference_spend: 60.0,
            carryover: 0.4,
        };
        let (shares, weights) = ([0.5, 0.2, 0.3], [1.0, 1.4, 0.8]);
        let horizon = Horizon {
            response,
            memory: Remembered::NOTHING,
            shares: &shares,
            delivery: &[1.0; 3],
            weights: &weights,
        };
        for total in [0.0, 10.0, 250.0, 4000.0] {
            let (value, slope) = horizon.value(total);
            let (expected, expected_slope) = response.flight(total, &shares, &weights);
            assert!((value - expected).abs() < 1e-9 * (1.0 + expected));
            assert!((slope - expected_slope).abs() < 1e-9);
        }
    }

    #[test]
    fn what_was_seen_before_lowers_what_is_to_come() {
        let response = WeeklyResponse {
            ceiling: 300.0,
            scale: 80.0,
            shape: 1.3,
            cpm_rise: 0.0,
            reference_spend: 60.0,
            carryover: 0.4,
        };
        let at = |before: f64| {
            let memory = Remembered::steady(before);
            let horizon =
                Horizon { response, memory, shares: &[1.0], delivery: &[1.0], weights: &[1.0] };
            horizon.value(100.0).0
        };
        assert!(at(2.0) < at(0.5) && at(0.5) < at(0.0));
    }
}

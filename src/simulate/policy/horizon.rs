//! What the rest of a flight brings, as a curve in the money that is left for it.

use pulp::Arch;

use crate::response::flight::WeeklyResponse;
use crate::response::flights::{Flights, LANES, Lane};
use crate::response::memory::WEEKS;

/// The weeks still to come for one segment, in one draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Horizon<'a> {
    /// The weekly response.
    pub(crate) response: WeeklyResponse,
    /// Exposure that is remembered by those who remember `0 … WEEKS − 1` weeks.
    pub(crate) before: [f64; WEEKS],
    /// Share of the money in each week, summing to 1.
    pub(crate) shares: &'a [f64],
    /// What dearer CPMs make of impressions, by week.
    pub(crate) delivery: &'a [f64],
    /// Points of one expected action, season and shocks included, by week.
    pub(crate) weights: &'a [f64],
}

impl Horizon<'_> {
    /// Expected points and their slope at several amounts of money, of which the first few are
    /// asked for.
    pub(crate) fn values(&self, arch: Arch, spends: &Lane) -> (Lane, Lane) {
        let flights = Flights::of_one(&self.response, &self.before, spends);
        let weights: Vec<Lane> = self.weights.iter().map(|weight| [*weight; LANES]).collect();
        flights.delivered(arch, self.shares, self.delivery, &weights)
    }

    /// The curve by its nodes `(spend, points, slope)`, at spends up to this.
    pub(crate) fn curve(&self, arch: Arch, most: f64) -> Vec<(f64, f64, f64)> {
        let spends = nodes(most);
        let (values, slopes) = self.values(arch, &spends);
        (0..NODES).map(|j| (spends[j], values[j], slopes[j])).collect()
    }
}

/// Nodes of a curve.
pub(crate) const NODES: usize = 15;

/// Spends at which curves are tabulated, [`NODES`] of them: closer where they bend most.
pub(crate) fn nodes(most: f64) -> Lane {
    const LAST: usize = NODES - 1;
    std::array::from_fn(|j| most * (j.min(LAST) as f64 / LAST as f64).powi(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::memory::Remembered;

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
            before: [0.0; WEEKS],
            shares: &shares,
            delivery: &[1.0; 3],
            weights: &weights,
        };
        for total in [0.0, 10.0, 250.0, 4000.0] {
            let (values, slopes) = horizon.values(Arch::new(), &[total; LANES]);
            let (value, slope) = (values[0], slopes[0]);
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
            let before = Remembered::steady(before).sums();
            let horizon =
                Horizon { response, before, shares: &[1.0], delivery: &[1.0], weights: &[1.0] };
            horizon.values(Arch::new(), &[100.0; LANES]).0[0]
        };
        assert!(at(2.0) < at(0.5) && at(0.5) < at(0.0));
    }
}

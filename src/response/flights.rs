//! Whole flights side by side: many draws at one spend, or one draw at many.
//!
//! [`WeeklyResponse::delivered`] answers for one draw at one spend, a call for every exponential;
//! here a lane each, in vector registers found when the program starts (`pulp`). Every lane is
//! worked out by itself, so that the numbers are the same with registers of any width.

#![allow(clippy::needless_range_loop, reason = "lanes side by side read alike in every column")]

use pulp::{Arch, NullaryFnOnce};

use super::flight::{WeeklyResponse, is_even};
use super::memory;
use super::memory::WEEKS;
use crate::numeric::elementary::{exp, exp_m1, ln_1p};

/// Flights looked at together.
pub const LANES: usize = 16;

/// A number of each flight.
pub type Lane = [f64; LANES];

const NONE: Lane = [0.0; LANES];

/// Responses, what is remembered in them, and money: a lane for each.
#[derive(Debug, Clone)]
pub struct Flights {
    total: Lane,
    ceiling: Lane,
    inverse_scale: Lane,
    shape: Lane,
    inverse_shape: Lane,
    rise: Lane,
    inverse_reference: Lane,
    /// Probability that so many weeks are remembered.
    shares: [Lane; WEEKS],
    /// Exposure that those remember.
    before: [Lane; WEEKS],
    any_rise: bool,
    /// Weeks that anybody remembers, this one included.
    depth: usize,
    /// Whether anything was seen before the first week.
    any_before: bool,
}

impl Default for Flights {
    /// Lanes that bring nothing.
    fn default() -> Self {
        Self {
            total: NONE,
            ceiling: NONE,
            inverse_scale: [1.0; LANES],
            shape: [1.0; LANES],
            inverse_shape: [1.0; LANES],
            rise: NONE,
            inverse_reference: [1.0; LANES],
            shares: [NONE; WEEKS],
            before: [NONE; WEEKS],
            any_rise: false,
            depth: 1,
            any_before: false,
        }
    }
}

impl Flights {
    /// Puts a response and the money of its flight into a lane; `before` is the exposure remembered
    /// by those who remember `0 … WEEKS − 1` weeks ([`memory::Remembered::sums`]).
    pub fn put(&mut self, l: usize, response: &WeeklyResponse, before: &[f64; WEEKS], total: f64) {
        self.total[l] = total;
        self.ceiling[l] = response.ceiling;
        self.inverse_scale[l] = response.scale.recip();
        self.shape[l] = response.shape;
        self.inverse_shape[l] = response.shape.recip();
        self.rise[l] = response.cpm_rise;
        self.inverse_reference[l] = response.reference_spend.max(f64::MIN_POSITIVE).recip();
        self.any_rise |= response.cpm_rise != 0.0;
        if response.carryover != 0.0 {
            self.depth = WEEKS;
        }
        for (j, share) in memory::shares(response.carryover).into_iter().enumerate() {
            self.shares[j][l] = share;
            self.before[j][l] = before[j];
            self.any_before |= before[j] != 0.0;
        }
    }

    /// The same response in every lane, each with money of its own.
    #[must_use]
    pub fn of_one(response: &WeeklyResponse, before: &[f64; WEEKS], totals: &Lane) -> Self {
        let mut one = Self::default();
        one.put(0, response, before, 0.0);
        let all = |lane: Lane| [lane[0]; LANES];
        Self {
            total: *totals,
            ceiling: all(one.ceiling),
            inverse_scale: all(one.inverse_scale),
            shape: all(one.shape),
            inverse_shape: all(one.inverse_shape),
            rise: all(one.rise),
            inverse_reference: all(one.inverse_reference),
            shares: one.shares.map(all),
            before: one.before.map(all),
            ..one
        }
    }

    /// Values and slopes, as [`WeeklyResponse::delivered`]: `pacing` and `delivery` have a number for
    /// every week, `weights` a lane.
    #[must_use]
    pub fn delivered(
        &self,
        arch: Arch,
        pacing: &[f64],
        delivery: &[f64],
        weights: &[Lane],
    ) -> (Lane, Lane) {
        arch.dispatch(Delivered { flights: self, pacing, delivery, weights })
    }

    /// Values and slopes where a week's money buys what it usually does, as
    /// [`WeeklyResponse::flight_after`].
    #[must_use]
    pub fn usual(&self, arch: Arch, pacing: &[f64], weights: &[Lane]) -> (Lane, Lane) {
        if !self.any_before && is_even(pacing) {
            return arch.dispatch(Even { flights: self, share: pacing[0], weights });
        }
        self.delivered(arch, pacing, &vec![1.0; pacing.len()], weights)
    }
}

/// `G(z)` and its slope; see [`super::exposure::saturation_and_slope`].
#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
#[inline(always)]
fn saturation(z: f64, shape: f64, inverse_shape: f64) -> (f64, f64) {
    let ratio = z * inverse_shape;
    let fallen = exp_m1(-shape * ln_1p(ratio));
    (-fallen, (1.0 + fallen) / (1.0 + ratio))
}

#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
impl Flights {
    /// Scaled exposure of a week with this share of the money, and its slope.
    #[inline(always)]
    fn exposure(&self, share: f64, bought: f64) -> (Lane, Lane) {
        let (mut exposure, mut by) = (NONE, NONE);
        for l in 0..LANES {
            exposure[l] = bought * share * self.total[l] * self.inverse_scale[l];
            by[l] = bought * share * self.inverse_scale[l];
        }
        if self.any_rise {
            for l in 0..LANES {
                let ratio = share * self.total[l] * self.inverse_reference[l];
                let dearer = exp(-self.rise[l] * ln_1p(ratio));
                exposure[l] *= dearer;
                by[l] *= dearer * (1.0 - self.rise[l] * ratio / (1.0 + ratio));
            }
        }
        (exposure, by)
    }

    /// `G` of exposures and its slope in the money.
    #[inline(always)]
    fn brings(&self, seen: &Lane, by: &Lane) -> (Lane, Lane) {
        let (mut value, mut slope) = (NONE, NONE);
        for l in 0..LANES {
            let (brings, more) = saturation(seen[l], self.shape[l], self.inverse_shape[l]);
            (value[l], slope[l]) = (brings, more * by[l]);
        }
        (value, slope)
    }
}

/// A flight week by week, as [`WeeklyResponse::delivered`].
struct Delivered<'a> {
    flights: &'a Flights,
    pacing: &'a [f64],
    delivery: &'a [f64],
    weights: &'a [Lane],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Delivered<'_> {
    type Output = (Lane, Lane);

    #[inline(always)]
    fn call(self) -> (Lane, Lane) {
        let flights = self.flights;
        let (mut value, mut slope) = (NONE, NONE);
        // By weeks remembered: exposure since the last fresh start and what it has brought, each
        // with its slope in the money.
        let (mut seen, mut seen_by) = (flights.before, [NONE; WEEKS]);
        let (mut brought, mut brought_by) = ([NONE; WEEKS], [NONE; WEEKS]);
        if flights.any_before {
            for j in 1..WEEKS {
                brought[j] = flights.brings(&seen[j], &NONE).0;
            }
        }
        let weeks = self.pacing.iter().zip(self.delivery).zip(self.weights);
        for (week, ((share, bought), weight)) in weeks.enumerate() {
            let (exposure, by) = flights.exposure(*share, *bought);
            // Those who remember more weeks than there were have seen the same.
            let held = if flights.any_before { WEEKS } else { week };
            let several = flights.depth.min(held + 1);
            let (mut gain, mut gain_by) = (NONE, NONE);
            let mut next = ([NONE; WEEKS], [NONE; WEEKS], [NONE; WEEKS], [NONE; WEEKS]);
            for j in 0..several {
                for l in 0..LANES {
                    next.0[j][l] = seen[j][l] + exposure[l];
                    next.1[j][l] = seen_by[j][l] + by[l];
                }
                (next.2[j], next.3[j]) = flights.brings(&next.0[j], &next.1[j]);
            }
            for j in 0..flights.depth {
                let at = j.min(several - 1);
                for l in 0..LANES {
                    let share = flights.shares[j][l];
                    gain[l] += share * (next.2[at][l] - brought[j][l]);
                    gain_by[l] += share * (next.3[at][l] - brought_by[j][l]);
                }
            }
            for j in (1..flights.depth).rev() {
                let at = (j - 1).min(several - 1);
                (seen[j], seen_by[j]) = (next.0[at], next.1[at]);
                (brought[j], brought_by[j]) = (next.2[at], next.3[at]);
            }
            for l in 0..LANES {
                value[l] += weight[l] * flights.ceiling[l] * gain[l];
                slope[l] += weight[l] * flights.ceiling[l] * gain_by[l];
            }
        }
        (value, slope)
    }
}

/// Weeks that all spend the same: each stretch of `m` weeks once.
struct Even<'a> {
    flights: &'a Flights,
    share: f64,
    weights: &'a [Lane],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Even<'_> {
    type Output = (Lane, Lane);

    #[inline(always)]
    fn call(self) -> (Lane, Lane) {
        let flights = self.flights;
        let mut stretches = [NONE; WEEKS + 1];
        for (week, weight) in self.weights.iter().enumerate() {
            for (j, shares) in flights.shares.iter().enumerate() {
                // Weeks before the first one hold nothing to remember.
                let held = j.min(week);
                for l in 0..LANES {
                    stretches[held + 1][l] += shares[l] * weight[l];
                    stretches[held][l] -= shares[l] * weight[l];
                }
            }
        }
        let (exposure, by) = flights.exposure(self.share, 1.0);
        let (mut value, mut slope) = (NONE, NONE);
        for m in 1..=flights.depth.min(self.weights.len()) {
            let (mut seen, mut seen_by) = (exposure, by);
            for l in 0..LANES {
                seen[l] *= m as f64;
                seen_by[l] *= m as f64;
            }
            let (brings, more) = flights.brings(&seen, &seen_by);
            for l in 0..LANES {
                value[l] += stretches[m][l] * brings[l];
                slope[l] += stretches[m][l] * more[l];
            }
        }
        for l in 0..LANES {
            value[l] *= flights.ceiling[l];
            slope[l] *= flights.ceiling[l];
        }
        (value, slope)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::response::memory::Remembered;

    fn response() -> impl Strategy<Value = WeeklyResponse> {
        let shape = prop_oneof![(-2.3..4.0_f64).prop_map(f64::exp), -0.9..-0.05];
        let none = prop_oneof![Just(0.0), 0.0..0.95];
        (shape, none, prop_oneof![Just(0.0), 0.0..0.6], 1e-3..1e5).prop_map(
            |(shape, carryover, cpm_rise, scale)| {
                let sign = f64::signum(shape);
                WeeklyResponse {
                    ceiling: 300.0 * sign,
                    scale: scale * sign,
                    shape,
                    cpm_rise,
                    reference_spend: 60.0,
                    carryover,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn side_by_side_is_one_by_one(
            lanes in proptest::collection::vec(
                (response(), proptest::collection::vec(0.0..40.0_f64, 0..4), 0.0..5e4_f64), 1..=LANES),
            weeks in proptest::collection::vec((prop_oneof![Just(0.0), 0.05..1.0_f64], 0.0..1.5_f64), 1..14),
            even in any::<bool>(), fresh in any::<bool>(),
        ) {
            let share = |share: f64| if even { 1.0 / weeks.len() as f64 } else { share };
            let pacing: Vec<f64> = weeks.iter().map(|week| share(week.0)).collect();
            let delivery: Vec<f64> = weeks.iter().map(|week| week.1).collect();
            let mut flights = Flights::default();
            let mut weights = vec![NONE; weeks.len()];
            // Exposure has the sign of the shape.
            let before = |past: &[f64], shape: f64| {
                let past = if fresh { &[] } else { past };
                Remembered::of(past.iter().map(|exposure| exposure * shape.signum()))
            };
            for (l, (response, past, total)) in lanes.iter().enumerate() {
                flights.put(l, response, &before(past, response.shape).sums(), *total);
                for (t, weight) in weights.iter_mut().enumerate() {
                    weight[l] = 1.0 + 0.3 * ((t + l) as f64).sin();
                }
            }
            let usual = flights.usual(Arch::new(), &pacing, &weights);
            let moved = flights.delivered(Arch::new(), &pacing, &delivery, &weights);
            prop_assert_eq!(usual, flights.usual(Arch::Scalar, &pacing, &weights));
            prop_assert_eq!(moved, flights.delivered(Arch::Scalar, &pacing, &delivery, &weights));
            for (l, (response, past, total)) in lanes.iter().enumerate() {
                let own: Vec<f64> = weights.iter().map(|weight| weight[l]).collect();
                let one = response.flight_after(&before(past, response.shape), *total, &pacing, &own);
                let at = |t: usize| delivery[t];
                let other = response.delivered(&before(past, response.shape), *total, &pacing, at, &own);
                for (lane, alone) in [(usual, one), (moved, other)] {
                    // Differences of what has been brought lose up to a few 1e-16 of the ceiling.
                    let slack = 1e-11 * alone.0.abs() + 1e-13 * response.ceiling.abs() * own.len() as f64;
                    prop_assert!((lane.0[l] - alone.0).abs() <= slack, "{} {}", lane.0[l], alone.0);
                    let steepest = own.len() as f64 * (response.ceiling / response.scale).abs();
                    let slack = 1e-11 * alone.1.abs() + 1e-13 * steepest;
                    prop_assert!((lane.1[l] - alone.1).abs() <= slack, "{} {}", lane.1[l], alone.1);
                }
            }
        }
    }
}

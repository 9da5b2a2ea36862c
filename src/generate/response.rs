//! The true weekly response of a segment, in the family that the model assumes or outside it.

use serde::{Deserialize, Serialize};

use crate::response::exposure::saturation;
use crate::response::memory::{self, Remembered};

/// The form of a true response, as a share of its ceiling at scaled exposure `z = u/κ`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Family {
    /// `1 − (1 + z/k)^(−k)`: the family that the model assumes.
    Exposure {
        /// Heterogeneity of exposure `k`.
        shape: f64,
    },
    /// `1 − e^(−z)`: its limit of an even exposure.
    Exponential,
    /// `z^h / (1 + z^h)`: with a slope `h < 1` it starts steeper and flattens later than ours.
    Hill {
        /// Slope `h`.
        slope: f64,
    },
    /// `z^b`: never saturates.
    Power {
        /// Exponent `b`, in (0, 1].
        exponent: f64,
    },
    /// `ln(1 + z)`: never saturates, but starts with a finite slope.
    Logarithm,
    /// `z^h / (1 + z^h)` with a slope `h > 1`: S-shaped, little below the scale.
    Threshold {
        /// Slope `h`.
        slope: f64,
    },
}

impl Family {
    /// Cumulated response to scaled exposure `z ≥ 0`, increasing from 0, and concave but for
    /// [`Self::Threshold`].
    #[must_use]
    pub fn cumulated(self, z: f64) -> f64 {
        match self {
            Self::Exposure { shape } => saturation(z, shape),
            Self::Exponential => -(-z).exp_m1(),
            Self::Hill { slope } => {
                let power = z.powf(slope);
                power / (1.0 + power)
            }
            // Steep powers overflow from above; from below they stay within [0, ∞].
            Self::Threshold { slope } => 1.0 / (1.0 + z.powf(-slope)),
            Self::Power { exponent } => z.powf(exponent),
            Self::Logarithm => z.ln_1p(),
        }
    }

    /// Whether a fit of the model's own family can be exactly right.
    #[must_use]
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Exposure { .. } | Self::Exponential)
    }
}

/// The true response of one segment to money, before season and shocks.
///
/// Money buys `u(s) = s (1 + s/s_ref)^(−γ)` worth of impressions at the base CPM, times a
/// delivery noise of mean 1; with scaled exposure `x_t = u_t/κ` week `t` brings
/// `V Σ_j P_j [C(R_j + x_t) − C(R_j)]` actions, `C` being [`Family::cumulated`] and `R_j` what is
/// remembered (see [`memory`]).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrueResponse {
    /// The form of the curve.
    #[serde(flatten)]
    pub family: Family,
    /// `V`: actions per average week that one unit of `C` stands for (a ceiling where there is one).
    pub ceiling: f64,
    /// `κ`: money per week.
    pub scale: f64,
    /// Rise of CPM with spend `γ`, in [0, 1).
    pub cpm_rise: f64,
    /// Weekly spend at which the rise is measured.
    pub reference_spend: f64,
    /// Share `ρ` of people who still remember a week later.
    pub carryover: f64,
    /// Standard deviation of the log of the delivery noise.
    pub delivery_sd: f64,
}

/// Nodes and weights of the five-point Gauss–Hermite rule for a standard normal
/// (Abramowitz and Stegun 1964, table 25.10, rescaled).
const HERMITE: [(f64, f64); 5] = [
    (-2.856_970_013_872_806, 0.011_257_411_327_720_69),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_7),
    (0.0, 0.533_333_333_333_333_3),
    (1.355_626_179_974_266, 0.222_075_922_005_612_7),
    (2.856_970_013_872_806, 0.011_257_411_327_720_69),
];

impl TrueResponse {
    /// Money that would buy the same impressions at the base CPM.
    #[must_use]
    pub fn effective_spend(&self, spend: f64) -> f64 {
        spend * (-self.cpm_rise * (spend / self.reference_spend).ln_1p()).exp()
    }

    /// Actions brought by effective money `u` on top of what is remembered (scaled).
    #[must_use]
    pub fn gain(&self, effective: f64, remembered: &Remembered) -> f64 {
        let (shares, exposure) = (memory::shares(self.carryover), effective / self.scale);
        self.ceiling * memory::gain(&shares, remembered, exposure, |z| self.family.cumulated(z))
    }

    /// Expected actions of one week at a spend, on its own: no memory, season 1.
    #[must_use]
    pub fn week(&self, spend: f64) -> f64 {
        self.mean_gain(self.effective_spend(spend), &Remembered::NOTHING)
    }

    /// Expected actions of each week of a flight that starts with a new creative, season 1.
    ///
    /// The delivery noise of the current week is integrated out; that of the weeks before enters
    /// memory at its mean (an error of the order of `ρ² σ²`, below a thousandth here).
    pub fn weeks<'a>(&'a self, spends: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let mut remembered = Remembered::NOTHING;
        spends.iter().map(move |spend| {
            let effective = self.effective_spend(*spend);
            let gain = self.mean_gain(effective, &remembered);
            remembered.pass(effective / self.scale);
            gain
        })
    }

    fn mean_gain(&self, effective: f64, remembered: &Remembered) -> f64 {
        let sd = self.delivery_sd;
        HERMITE
            .iter()
            .map(|(node, weight)| {
                weight * self.gain(effective * (sd * node - 0.5 * sd * sd).exp(), remembered)
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::flight::WeeklyResponse;
    use proptest::prelude::*;

    fn truth(family: Family, delivery_sd: f64) -> TrueResponse {
        TrueResponse {
            family,
            ceiling: 300.0,
            scale: 80.0,
            cpm_rise: 0.1,
            reference_spend: 60.0,
            carryover: 0.3,
            delivery_sd,
        }
    }

    #[test]
    fn inside_our_family_the_truth_is_the_models_own_curve() {
        let ours = truth(Family::Exposure { shape: 1.3 }, 0.0);
        let model = WeeklyResponse {
            ceiling: 300.0,
            scale: 80.0,
            shape: 1.3,
            cpm_rise: 0.1,
            reference_spend: 60.0,
            carryover: 0.3,
        };
        let spends = [40.0, 0.0, 120.0, 75.0];
        let mut memory = Remembered::NOTHING;
        for (mine, theirs) in ours.weeks(&spends).zip(model.weeks(spends, &mut memory)) {
            assert!((mine - theirs).abs() < 1e-9);
        }
    }

    #[test]
    fn delivery_noise_costs_a_concave_curve_half_its_variance_times_curvature() {
        // Second-order expansion: E f(u e^ε) ≈ f + ½σ² u² f″ (mean-one noise).
        let (noisy, sure) = (truth(Family::Exponential, 0.1), truth(Family::Exponential, 0.0));
        let u = sure.effective_spend(80.0);
        let curvature = -300.0 / 80.0_f64.powi(2) * (-u / 80.0).exp();
        let expected = sure.week(80.0) + 0.5 * 0.01 * u * u * curvature;
        assert!((noisy.week(80.0) - expected).abs() < 0.02, "{} {expected}", noisy.week(80.0));
    }

    proptest! {
        #[test]
        fn every_family_rises_and_flattens(
            z in 0.01..20.0, h in 0.3..1.0, shape in 0.1..20.0,
        ) {
            for family in [
                Family::Exposure { shape },
                Family::Exponential,
                Family::Hill { slope: h },
                Family::Power { exponent: h },
                Family::Logarithm,
            ] {
                let [a, b, c] = [0.0, z, 2.0 * z].map(|z| family.cumulated(z));
                prop_assert!(a == 0.0 && b > a && c >= b, "{family:?}");
                prop_assert!(c - b <= (b - a) * (1.0 + 1e-12), "{family:?}");
            }
        }

        #[test]
        fn a_threshold_keeps_little_below_a_level_and_saturates_above(slope in 2.5..4.0) {
            let at = |z: f64| Family::Threshold { slope }.cumulated(z);
            prop_assert!(at(0.0) == 0.0 && (at(1.0) - 0.5).abs() < 1e-12 && at(1e300) == 1.0);
            // Below the level the second half of the money brings several times the first.
            prop_assert!(at(0.5) - at(0.25) > 3.0 * at(0.25), "{}", at(0.25));
            // Far above it the first half brings nearly all.
            prop_assert!(at(8.0) - at(4.0) < 0.05 * at(4.0));
        }
    }
}

//! The exposure curve: negative-binomial exposures, each worth less than the one before.

use serde::{Deserialize, Serialize};

/// `f(s) = V · [1 − (1 + s/(k κ))^(−k)]`, increasing and concave.
///
/// The ceiling `V` is in actions per period, the scale `κ` in money, the shape `k` has no unit.
/// Danaher (2007) for the exposure law; `k → ∞` is exponential, `k = 1` Michaelis–Menten. With
/// `−1 < k < 0` and `V` and `κ` below 0 the same formula is a power that never saturates, and beside
/// `k = 0` it is a logarithm: what a fit may find beyond the spends it has seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Exposure {
    /// Ceiling `V`: actions per period as spend grows without limit.
    pub ceiling: f64,
    /// Scale `κ`: money.
    pub scale: f64,
    /// Shape `k`: heterogeneity of exposure.
    pub shape: f64,
}

/// Share of the ceiling reached at `z = s/κ`: `G(z) = 1 − (1 + z/k)^(−k)`.
#[must_use]
pub fn saturation(z: f64, shape: f64) -> f64 {
    // `ln_1p` and `exp_m1` keep the digits of small spends.
    -(-shape * (z / shape).ln_1p()).exp_m1()
}

/// Slope of [`saturation`]: `G′(z) = (1 + z/k)^(−k−1)`.
#[must_use]
pub fn saturation_slope(z: f64, shape: f64) -> f64 {
    (-(shape + 1.0) * (z / shape).ln_1p()).exp()
}

/// [`saturation`] and [`saturation_slope`] at once, for half the work.
#[must_use]
pub fn saturation_and_slope(z: f64, shape: f64) -> (f64, f64) {
    if z == 0.0 {
        return (0.0, 1.0);
    }
    let ratio = z / shape;
    let fallen = (-shape * ratio.ln_1p()).exp_m1();
    (-fallen, (1.0 + fallen) / (1.0 + ratio))
}

impl Exposure {
    /// Expected actions at a spend.
    #[must_use]
    pub fn value(&self, spend: f64) -> f64 {
        self.ceiling * saturation(spend / self.scale, self.shape)
    }

    /// Marginal return: actions per further unit of money.
    #[must_use]
    pub fn slope(&self, spend: f64) -> f64 {
        self.ceiling / self.scale * saturation_slope(spend / self.scale, self.shape)
    }

    /// The spend at which the marginal return has fallen to `price`: `s(μ) = k κ [ (V/(κ μ))^(1/(k+1)) − 1 ]₊`.
    #[must_use]
    pub fn spend_at_slope(&self, price: f64) -> f64 {
        let ratio = self.ceiling / (self.scale * price);
        let growth = (ratio.ln() / (self.shape + 1.0)).exp_m1();
        (self.shape * self.scale * growth).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_special_cases_hold() {
        // k = 1 is Michaelis–Menten: half the ceiling at s = κ.
        let half = Exposure { ceiling: 10.0, scale: 50.0, shape: 1.0 };
        assert!((half.value(50.0) - 5.0).abs() < 1e-12);
        // k → ∞ is exponential: 1 − e⁻¹ of the ceiling at s = κ.
        let exponential = Exposure { ceiling: 1.0, scale: 50.0, shape: 1e9 };
        assert!((exponential.value(50.0) - 0.632_120_558_8).abs() < 1e-8);
        // Reach of a negative binomial with k = 0.5 at λ = 2 (docs table: .55).
        assert!((saturation(2.0, 0.5) - 0.552_786_4).abs() < 1e-6);
    }

    #[test]
    fn a_shape_below_0_is_a_power() {
        let (shape, room, first) = (-0.5, 25.0, 0.4);
        let scale = room / shape;
        let power = Exposure { ceiling: first * scale, scale, shape };
        for spend in [0.0, 3.0, 75.0, 2e4] {
            let expected = first * room / 0.5 * ((1.0 + spend / room).sqrt() - 1.0);
            assert!((power.value(spend) - expected).abs() < 1e-9 * (1.0 + expected));
            let slope = first / (1.0 + spend / room).sqrt();
            assert!((power.slope(spend) - slope).abs() < 1e-12);
            assert!((power.spend_at_slope(slope) - spend).abs() < 1e-9 * (1.0 + spend));
        }
    }

    proptest! {
        #[test]
        fn it_rises_and_flattens_and_its_slope_is_the_difference(
            ceiling in 1.0..1e5, scale in 1.0..1e4, shape in 0.05..50.0, spend in 0.0..1e5,
        ) {
            let curve = Exposure { ceiling, scale, shape };
            let step = scale * 1e-4;
            let (a, b) = (curve.value(spend), curve.value(spend + step));
            prop_assert!(a <= b && b <= ceiling);
            prop_assert!(curve.slope(spend) >= curve.slope(spend + step));
            // Second-order error of a forward difference: step / 2 · f″, f″ ≤ slope · (k+1)/(kκ).
            let error = step * curve.slope(spend) * (shape + 1.0) / (shape * scale);
            prop_assert!(((b - a) / step - curve.slope(spend)).abs() <= error + 1e-9 * ceiling / step);
        }

        #[test]
        fn value_and_slope_at_once_are_those_one_by_one(z in 0.0..50.0, shape in 0.05..50.0) {
            let (value, slope) = saturation_and_slope(z, shape);
            prop_assert!((value - saturation(z, shape)).abs() < 1e-14);
            prop_assert!((slope - saturation_slope(z, shape)).abs() < 1e-14);
        }

        #[test]
        fn spend_at_slope_inverts_the_slope(
            ceiling in 1.0..1e5, scale in 1.0..1e4, shape in 0.05..50.0, spend in 0.0..1e4,
        ) {
            let curve = Exposure { ceiling, scale, shape };
            let back = curve.spend_at_slope(curve.slope(spend));
            prop_assert!((back - spend).abs() <= 1e-8 * (spend + scale));
        }
    }
}

//! The Hill curve: S-shaped when its slope is above 1.

/// `f(s) = V · u^n / (1 + u^n)` with `u = s/κ`: concave for `n ≤ 1`, else convex up to
/// `u^n = (n − 1)/(n + 1)` and concave beyond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hill {
    /// Ceiling `V`.
    pub ceiling: f64,
    /// Scale `κ`: the spend of half the ceiling.
    pub scale: f64,
    /// Slope `n > 0`.
    pub slope: f64,
    /// `ln(V n / κ)`, kept because every price asks for it.
    log_factor: f64,
}

impl Hill {
    /// The curve of a ceiling, a scale and a slope, all positive.
    #[must_use]
    pub fn new(ceiling: f64, scale: f64, slope: f64) -> Self {
        Self { ceiling, scale, slope, log_factor: (ceiling * slope / scale).ln() }
    }

    /// Expected actions at a spend.
    #[must_use]
    pub fn value(&self, spend: f64) -> f64 {
        if spend <= 0.0 {
            return 0.0;
        }
        // 1/(1 + u^−n) keeps its digits for large spends, where u^n overflows.
        self.ceiling / (1.0 + (-self.slope * (spend / self.scale).ln()).exp())
    }

    /// Marginal return; at no spend it is infinite for `n < 1` and 0 for `n > 1`.
    #[must_use]
    pub fn slope_at(&self, spend: f64) -> f64 {
        let u = spend / self.scale;
        let power = u.powf(self.slope);
        let rest = 1.0 + power;
        if power.is_infinite() {
            return 0.0;
        }
        self.ceiling * self.slope / self.scale * u.powf(self.slope - 1.0) / (rest * rest)
    }

    /// Where the curve turns from convex to concave; 0 for `n ≤ 1`.
    #[must_use]
    pub fn inflection(&self) -> f64 {
        if self.slope <= 1.0 {
            return 0.0;
        }
        self.scale * ((self.slope - 1.0) / (self.slope + 1.0)).powf(1.0 / self.slope)
    }

    /// `ln(V n / κ)`.
    pub(super) fn log_factor(&self) -> f64 {
        self.log_factor
    }

    /// Logarithm of the steepest slope less [`log_factor`](Self::log_factor); infinite for `n < 1`.
    pub(super) fn log_steepest(&self) -> f64 {
        if self.slope <= 1.0 {
            return if self.slope < 1.0 { f64::INFINITY } else { 0.0 };
        }
        let ratio = (self.slope - 1.0) / (self.slope + 1.0);
        (1.0 - 1.0 / self.slope) * ratio.ln() - 2.0 * ratio.ln_1p()
    }

    /// The spend on the concave branch at which the marginal return is `exp(log_price)`, and how
    /// fast it falls with the logarithm of the price; `None` when the slope is below the price
    /// everywhere.
    ///
    /// With `y = n ln u` the slope is `ln f′ = ln(V n/κ) + (1 − 1/n) y − 2 ln(1 + e^y)`, concave in
    /// `y`: Newton started on an asymptote, to the right of the root, comes down to it without
    /// ever passing it; Halley's steps take over where they are sure.
    #[must_use]
    pub fn spend_at_slope(&self, log_price: f64) -> Option<(f64, f64)> {
        let target = log_price - self.log_factor;
        let left = 1.0 - 1.0 / self.slope;
        if self.slope > 1.0 && target >= self.log_steepest() {
            return None;
        }
        if left == 0.0 && target >= 0.0 {
            // Slope 1 starts at a finite slope: dearer money buys nothing.
            return Some((0.0, 0.0));
        }
        let mut y = -target / (1.0 + 1.0 / self.slope);
        if left < 0.0 {
            y = y.min(target / left);
        }
        for _ in 0..60 {
            let (log_rest, share) = if y > 0.0 {
                let e = (-y).exp();
                (y + e.ln_1p(), 1.0 / (1.0 + e))
            } else {
                let e = y.exp();
                (e.ln_1p(), e / (1.0 + e))
            };
            let miss = target - (left * y - 2.0 * log_rest);
            let fall = left - 2.0 * share;
            // Halley's step where the bend is mild: what is left after it is about step³, and its
            // curvature comes from the same exponential. Elsewhere Newton's, which leaves step².
            let bend = miss * share * (1.0 - share) / (fall * fall);
            let mild = bend.abs() < 0.25;
            let step = if mild { miss / (fall * (1.0 - bend)) } else { miss / fall };
            y += step;
            if step.abs() < if mild { 1e-5 } else { 1e-8 } * (1.0 + y.abs()) {
                break;
            }
        }
        let spend = self.scale * (y / self.slope).exp();
        let share = 1.0 / (1.0 + (-y).exp());
        Some((spend, spend / self.slope / (2.0 * share - left)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_price_is_the_slope_at_the_answer(
            ceiling in 1.0..1e4, scale in 1.0..1e3, slope in 0.2..5.0, at in 0.01..20.0,
        ) {
            let hill = Hill::new(ceiling, scale, slope);
            let spend = hill.inflection() * 1.01 + at * scale;
            let price = hill.slope_at(spend);
            let (back, fall) = hill.spend_at_slope(price.ln()).unwrap();
            prop_assert!((back - spend).abs() <= 1e-9 * spend, "{back} {spend}");
            let next = hill.spend_at_slope(price.ln() + 1e-5).map_or(back, |(s, _)| s);
            // Forward difference in the log of the price: relative error of its second order.
            prop_assert!(((back - next) / 1e-5 - fall).abs() <= 2e-3 * fall, "{fall}");
        }
    }

    #[test]
    fn slope_one_has_a_finite_first_slope() {
        let hill = Hill::new(100.0, 50.0, 1.0);
        assert_eq!(hill.spend_at_slope(2.0_f64.ln()), Some((0.0, 0.0)));
        assert_eq!(hill.spend_at_slope(3.0_f64.ln()), Some((0.0, 0.0)));
        assert!(hill.spend_at_slope(1.9_f64.ln()).unwrap().0 > 0.0);
    }

    #[test]
    fn a_price_above_the_steepest_slope_has_no_answer() {
        let hill = Hill::new(100.0, 50.0, 3.0);
        let steepest = hill.slope_at(hill.inflection());
        assert!(hill.spend_at_slope((steepest * 1.001).ln()).is_none());
        assert!(hill.spend_at_slope((steepest * 0.999).ln()).is_some());
    }
}

//! The power curve: no ceiling, infinite slope at nothing when the exponent is below 1.

/// `f(s) = a · s^b`, `b > 0`: concave for `b ≤ 1`, convex beyond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// Coefficient `a`: actions at one unit of money.
    pub coefficient: f64,
    /// Exponent `b`.
    pub exponent: f64,
}

impl Power {
    /// Expected actions at a spend.
    #[must_use]
    pub fn value(&self, spend: f64) -> f64 {
        self.coefficient * spend.powf(self.exponent)
    }

    /// Marginal return; infinite at no spend when the exponent is below 1.
    #[must_use]
    pub fn slope(&self, spend: f64) -> f64 {
        self.coefficient * self.exponent * spend.powf(self.exponent - 1.0)
    }

    /// The spend at which the marginal return is `price`, for an exponent other than 1.
    #[must_use]
    pub fn spend_at_slope(&self, price: f64) -> f64 {
        (self.coefficient * self.exponent / price).powf(1.0 / (1.0 - self.exponent))
    }
}

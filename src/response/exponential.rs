//! The exponential curve: the exposure curve's limit for equal exposure of all people.

/// `f(s) = V · (1 − e^(−s/κ))`, increasing and concave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exponential {
    /// Ceiling `V`: actions as spend grows without limit.
    pub ceiling: f64,
    /// Scale `κ`: money.
    pub scale: f64,
}

impl Exponential {
    /// Expected actions at a spend.
    #[must_use]
    pub fn value(&self, spend: f64) -> f64 {
        -self.ceiling * (-spend / self.scale).exp_m1()
    }

    /// Marginal return.
    #[must_use]
    pub fn slope(&self, spend: f64) -> f64 {
        self.ceiling / self.scale * (-spend / self.scale).exp()
    }
}

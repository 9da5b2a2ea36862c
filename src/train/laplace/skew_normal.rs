//! A law of one number by its mean, its spread and how it leans.
//!
//! `x = mean + sd · (z + a (z² − 1)) / √(1 + 2a²)` with `z` standard normal (Fisher and Cornish's
//! first term): exact mean and spread, skewness `(6a + 8a³) / (1 + 2a²)^{3/2}`.

/// A normal that leans to one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SkewNormal {
    pub mean: f64,
    pub sd: f64,
    /// `a`: 0 is a normal, above 0 the long tail is above.
    pub lean: f64,
}

/// Beyond this the square would turn back within what is drawn (at 2.5 standard deviations).
pub(crate) const MOST_LEAN: f64 = 0.2;

impl SkewNormal {
    /// The law with the first three moments of weighted values.
    pub(crate) fn of(values: &[f64], weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let sum = |of: &dyn Fn(f64) -> f64| {
            values.iter().zip(weights).map(|(x, w)| w * of(*x)).sum::<f64>() / total
        };
        let mean = sum(&|x| x);
        let sd = sum(&|x| (x - mean).powi(2)).sqrt();
        let skewness = if sd > 0.0 { sum(&|x| ((x - mean) / sd).powi(3)) } else { 0.0 };
        Self { mean, sd, lean: lean(skewness) }
    }

    /// The law with the means of a number, of its square and of its cube.
    pub(crate) fn from_moments([mean, square, cube]: [f64; 3]) -> Self {
        let variance = (square - mean * mean).max(0.0);
        let sd = variance.sqrt();
        let third = cube - 3.0 * mean * square + 2.0 * mean.powi(3);
        let skewness = if sd > 1e-4 { third / sd.powi(3) } else { 0.0 };
        Self { mean, sd, lean: lean(skewness) }
    }

    /// The value that goes with a standard normal; beyond where the square would turn back, it
    /// stays.
    pub(crate) fn at(&self, z: f64) -> f64 {
        let a = self.lean;
        let z = if a > 0.0 {
            z.max(-0.5 / a)
        } else if a < 0.0 {
            z.min(-0.5 / a)
        } else {
            z
        };
        self.mean + self.sd * (z + a * (z * z - 1.0)) / (1.0 + 2.0 * a * a).sqrt()
    }

    /// The standard normal that goes with a value.
    #[cfg(test)]
    pub(crate) fn normal(&self, x: f64) -> f64 {
        let a = self.lean;
        let y = (x - self.mean) / self.sd * (1.0 + 2.0 * a * a).sqrt();
        if a.abs() < 1e-9 {
            return y;
        }
        ((1.0 + 4.0 * a * (a + y)).max(0.0).sqrt() - 1.0) / (2.0 * a)
    }
}

/// The lean that has a skewness, as far as a lean can.
pub(crate) fn lean(skewness: f64) -> f64 {
    let of = |a: f64| (6.0 * a + 8.0 * a.powi(3)) / (1.0 + 2.0 * a * a).powf(1.5);
    let (mut low, mut high) = (-MOST_LEAN, MOST_LEAN);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if of(middle) < skewness { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_has_the_moments_it_was_made_of_and_goes_back_to_its_normals() {
        let law = SkewNormal { mean: 2.0, sd: 0.5, lean: 0.11 };
        let z: Vec<f64> = (0..4000).map(|i| (f64::from(i) + 0.5) / 4000.0).collect();
        let z: Vec<f64> =
            z.iter().map(|u| -2_f64.sqrt() * statrs::function::erf::erfc_inv(2.0 * u)).collect();
        let x: Vec<f64> = z.iter().map(|z| law.at(*z)).collect();
        let again = SkewNormal::of(&x, &vec![1.0; x.len()]);
        assert!((again.mean - 2.0).abs() < 1e-3 && (again.sd - 0.5).abs() < 1e-3, "{again:?}");
        assert!((again.lean - 0.11).abs() < 2e-3, "{again:?}");
        for (z, x) in z.iter().zip(&x) {
            assert!((law.normal(*x) - z).abs() < 1e-9);
        }
    }
}

//! Draws of the laws that worlds are made of.

use rand::{Rng, RngExt};
use rand_distr::{Binomial, Distribution, Gamma, Poisson, StandardNormal};

/// A standard normal number.
pub(super) fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// A uniform number from a range.
pub(super) fn uniform(rng: &mut impl Rng, from: f64, to: f64) -> f64 {
    from + (to - from) * rng.random::<f64>()
}

/// A log-normal factor of mean 1.
pub(super) fn mean_one(rng: &mut impl Rng, sd: f64) -> f64 {
    (sd * normal(rng) - 0.5 * sd * sd).exp()
}

/// A Poisson count; 0 for a mean that is too small to be one.
pub(super) fn poisson(rng: &mut impl Rng, mean: f64) -> f64 {
    Poisson::new(mean).map_or(0.0, |law| law.sample(rng))
}

/// A negative binomial count of variance `μ + μ²/φ`.
pub(super) fn negative_binomial(rng: &mut impl Rng, mean: f64, dispersion: f64) -> f64 {
    let luck = gamma(rng, dispersion) / dispersion;
    poisson(rng, mean * luck)
}

/// A gamma number of this shape and scale 1.
pub(super) fn gamma(rng: &mut impl Rng, shape: f64) -> f64 {
    Gamma::new(shape, 1.0).map_or(0.0, |law| law.sample(rng))
}

/// Shares around `mean` (which sums to 1), with the given concentration.
pub(super) fn dirichlet<const N: usize>(
    rng: &mut impl Rng,
    mean: &[f64; N],
    concentration: f64,
) -> [f64; N] {
    let mut shares = mean.map(|share| gamma(rng, concentration * share));
    let total: f64 = shares.iter().sum();
    if total <= 0.0 {
        return *mean;
    }
    for share in &mut shares {
        *share /= total;
    }
    shares
}

/// `n` shares around `1/n`, each with this concentration.
pub(super) fn dirichlet_even(rng: &mut impl Rng, n: usize, concentration: f64) -> Vec<f64> {
    let shares: Vec<f64> = (0..n).map(|_| gamma(rng, concentration)).collect();
    let total: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / total).collect()
}

/// Divides a count over shares (which sum to 1), each unit on its own.
pub(super) fn multinomial(rng: &mut impl Rng, count: f64, shares: &[f64]) -> Vec<f64> {
    let (mut left, mut share_left) = (count, 1.0);
    shares
        .iter()
        .map(|share| {
            let taken = if left <= 0.0 || *share <= 0.0 {
                0.0
            } else if *share >= share_left - 1e-12 {
                left
            } else {
                binomial(rng, left, share / share_left)
            };
            left -= taken;
            share_left -= share;
            taken
        })
        .collect()
}

/// A binomial count.
pub(super) fn binomial(rng: &mut impl Rng, count: f64, share: f64) -> f64 {
    Binomial::new(count as u64, share.clamp(0.0, 1.0)).map_or(0.0, |law| law.sample(rng) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};

    #[test]
    fn a_count_is_divided_without_loss_and_in_proportion() {
        let mut rng = Seed(1).stream(Purpose::Generate, 0);
        let mut totals = [0.0; 4];
        for _ in 0..2000 {
            let parts = multinomial(&mut rng, 50.0, &[0.5, 0.0, 0.3, 0.2]);
            assert_eq!(parts.iter().sum::<f64>(), 50.0);
            assert_eq!(parts[1], 0.0);
            for (total, part) in totals.iter_mut().zip(parts) {
                *total += part;
            }
        }
        // 100 000 units: four standard errors of the largest share are 0.0063.
        assert!((totals[0] / 1e5 - 0.5).abs() < 0.0063);
        assert!((totals[3] / 1e5 - 0.2).abs() < 0.0063);
    }

    #[test]
    fn negative_binomial_counts_have_their_mean_and_variance() {
        let mut rng = Seed(2).stream(Purpose::Generate, 0);
        let counts: Vec<f64> =
            (0..40_000).map(|_| negative_binomial(&mut rng, 20.0, 5.0)).collect();
        let mean = counts.iter().sum::<f64>() / 4e4;
        let variance = counts.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 4e4;
        // Var = 20 + 400/5 = 100; standard errors 0.05 and about 1.1: four of each.
        assert!((mean - 20.0).abs() < 0.2, "{mean}");
        assert!((variance - 100.0).abs() < 4.5, "{variance}");
    }
}

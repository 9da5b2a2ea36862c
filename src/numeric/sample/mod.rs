//! Random counts in bulk, exact in distribution.
//!
//! A count is negative binomial with mean `μ` and dispersion `φ` (`Var = μ + μ²/φ`): a Poisson
//! count whose mean is `μ` times a gamma number of shape `φ` and mean 1. Everything works on
//! whole buffers of cells, so that the common case runs in vector registers and the rare branch
//! is looked at afterwards; the widest registers are found when the program starts (`pulp`), and
//! the numbers are the same with any.

pub mod gamma;
pub mod normal;
pub mod poisson;
pub mod stream;

pub use super::elementary;

#[cfg(test)]
mod test;

#[cfg(test)]
mod law {
    use pulp::Arch;
    use statrs::distribution::{ContinuousCDF, Discrete, Gamma, Poisson};
    use statrs::function::beta::beta_reg;

    use crate::numeric::sample::test::{assert_counts, assert_uniform, stream};
    use crate::numeric::sample::{gamma, normal, poisson};

    const N: usize = 40_000;

    /// Counts of one law, drawn as a replicate draws them, and as many uniform numbers.
    fn counts(mean: f64, dispersion: f64) -> (Vec<f64>, Vec<f64>) {
        let arch = Arch::new();
        let mut stream = stream(mean.to_bits() ^ dispersion.to_bits().rotate_left(17));
        let (mut words, mut normals) = (vec![0; N], vec![0.0; N]);
        let (mut rates, mut out) = (vec![0.0; N], vec![0.0; N]);
        let mut laws = gamma::Gammas::default();
        (0..N).for_each(|_| laws.push(dispersion));
        stream.fill(arch, &mut words);
        normal::fill(&words, stream.single(), &mut normals);
        stream.fill(arch, &mut words);
        gamma::fill(arch, &laws, &normals, &words, stream.single(), &mut rates);
        for rate in &mut rates {
            *rate *= mean;
        }
        stream.fill(arch, &mut words);
        normal::fill(&words, stream.single(), &mut normals);
        stream.fill(arch, &mut words);
        poisson::fill(arch, &rates, &normals, &words, stream.single(), &mut out);
        let uniform = (0..N).map(|_| stream.single().uniform()).collect();
        (out, uniform)
    }

    /// A count placed at random between the law below it and the law up to it is uniform exactly
    /// when the law is right, whatever its mean and dispersion.
    #[test]
    fn counts_are_negative_binomial_for_tiny_and_huge_means_and_dispersions() {
        for mean in [1e-6, 1e-3, 0.05, 0.7, 3.0, 9.9, 10.1, 42.0, 300.0, 2000.0] {
            for dispersion in [0.02, 0.3, 0.99, 1.0, 3.0, 12.0, 150.0, 1e4] {
                let share = dispersion / (dispersion + mean);
                // P(K ≤ k), the regularised incomplete beta function.
                let up_to =
                    |k: f64| if k < 0.0 { 0.0 } else { beta_reg(dispersion, k + 1.0, share) };
                let (counts, uniform) = counts(mean, dispersion);
                let placed = counts.iter().zip(uniform).map(|(k, u)| {
                    let below = up_to(k - 1.0);
                    below + u * (up_to(*k) - below)
                });
                assert_uniform(placed, &format!("mean {mean}, dispersion {dispersion}"));
            }
        }
    }

    #[test]
    fn a_huge_dispersion_leaves_chance_alone_and_a_huge_mean_the_frailty() {
        for mean in [1e-6, 0.4, 8.0, 30.0, 500.0] {
            let law = Poisson::new(mean).unwrap();
            let (counts, _) = counts(mean, 1e12);
            assert_counts(&counts, |k| law.pmf(k), &format!("mean {mean}, no over-dispersion"));
        }
        for mean in [1e6, 1e9] {
            for dispersion in [0.3, 1.0, 12.0, 100.0] {
                // Chance adds 1/μ to a relative variance of 1/φ: invisible to so many numbers.
                let law = Gamma::new(dispersion, dispersion).unwrap();
                let (counts, uniform) = counts(mean, dispersion);
                let placed = counts.iter().zip(uniform).map(|(k, u)| law.cdf((k + u) / mean));
                assert_uniform(placed, &format!("mean {mean}, dispersion {dispersion}"));
            }
        }
    }
}

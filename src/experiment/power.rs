//! What a test can be expected to see, before it.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::randomise::Residuals;
use super::schedule::Design;
use crate::random::{Purpose, Seed};

/// A cell that may come to expect fewer actions than this in a week of little money has no say: the
/// log of counts would no longer follow their expectation.
const LEAST_EXPECTED: f64 = 2.0;
/// Schedules on which the standard error is averaged; it hardly varies between them.
const DRAWS: usize = 64;
/// Exponent at which the chance of counts is reckoned; it moves the standard error by a few percent.
const TYPICAL: f64 = 0.6;
/// Power at which an effect counts as seen, and the error that is allowed where there is none.
const SEEN: f64 = 0.8;

/// How counts scatter: what is believed before the test.
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    /// Actions expected at the planned money, `audiences × weeks`.
    pub expected: Vec<Vec<f64>>,
    /// Negative binomial size by audience (its network's): `Var = μ + μ² / φ`.
    pub size: Vec<f64>,
    /// Standard deviation of each audience's own demand (log) over the weeks.
    pub demand: f64,
    /// Its correlation from one week to the next.
    pub memory: f64,
    /// Weeks at the beginning of a block that remember the block before.
    pub settling: usize,
}

impl Noise {
    /// The weight of each cell: `1 / (1/μ + 1/φ)`, the inverse variance of its log count. It knows
    /// nothing of the schedule. Shocks that a network shares cost nothing, they are taken out. Weeks
    /// that remember a block before their own have none.
    pub fn weights(&self, design: &Design) -> Vec<Vec<f64>> {
        let lowest = design.lowest_factors();
        let block = design.block_weeks();
        let settles = |week: usize| week >= block && week % block < self.settling;
        let cells = self.expected.iter().zip(&lowest).zip(&self.size);
        let row = |((means, factors), &size): ((&Vec<f64>, &Vec<f64>), &f64)| {
            let weight = |(week, (&mean, &factor)): (usize, (&f64, &f64))| {
                let speaks = mean * factor >= LEAST_EXPECTED && size > 0.0 && !settles(week);
                if speaks { 1.0 / (1.0 / mean + 1.0 / size) } else { 0.0 }
            };
            means.iter().zip(factors).enumerate().map(weight).collect()
        };
        cells.map(row).collect()
    }
}

/// What a design can see.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Power {
    /// Expected standard error of the exponent; infinite never: `None` is returned instead.
    pub standard_error: f64,
    /// Degrees of freedom of the comparison: with few coins an interval is wider.
    pub freedom: f64,
    /// Smallest exponent that is told from 0 with probability 0.8 (two-sided, 5 %).
    pub least_effect: f64,
}

impl Power {
    /// Power of a design under a belief. `None` if no cell that varies has weight.
    pub fn of(design: &Design, noise: &Noise, seed: Seed) -> Option<Self> {
        let weights = noise.weights(design);
        let residuals = Residuals::new(design.network(), &weights);
        let mut rng = seed.stream(Purpose::Experiment, 1);
        let variances: Vec<f64> = (0..DRAWS)
            .map(|_| design.log_factors(&design.drawn(&mut rng).money))
            .map(|z| variance(&residuals, &residuals.of(&z), &z, noise))
            .collect();
        let standard_error = (variances.iter().sum::<f64>() / DRAWS as f64).sqrt();
        // The coins make a t test of it: one degree is spent on the slope itself.
        let freedom = design.freedom().max(2) as f64 - 1.0;
        let (critical, spread) = threshold(0.975, freedom);
        let least_effect =
            standard_error * (critical + Normal::standard().inverse_cdf(SEEN) * spread);
        standard_error.is_finite().then_some(Self { standard_error, freedom, least_effect })
    }

    /// Probability that the 90 % interval excludes "no saturation", whose exponent is `straight` (1
    /// where no action comes without money), were `beta` the exponent.
    pub fn rules_out_proportion(&self, beta: f64, straight: f64) -> f64 {
        let (critical, spread) = threshold(0.95, self.freedom);
        let shift = (straight - beta) / self.standard_error;
        Normal::standard().cdf((shift - critical) / spread)
    }
}

/// Where a t test of one tail rejects, and the spread that a standard normal then has: the normal
/// approximation of the non-central t (Abramowitz and Stegun 1964, 26.7.10).
fn threshold(confidence: f64, freedom: f64) -> (f64, f64) {
    let t =
        StudentsT::new(0.0, 1.0, freedom).expect("freedom is at least 1").inverse_cdf(confidence);
    (t * (1.0 - 0.25 / freedom), (1.0 + 0.5 * t * t / freedom).sqrt())
}

/// Variance of the weighted slope: counts by chance, and demand that wanders within audiences. `z`
/// is freed of audiences and weeks, `factors` is not.
fn variance(residuals: &Residuals, z: &[f64], factors: &[f64], noise: &Noise) -> f64 {
    let square = residuals.product(z, z);
    let pull: Vec<f64> = residuals.weights().iter().zip(z).map(|(w, z)| w * z).collect();
    let n_weeks = noise.expected[0].len();
    let of_counts = |cell: usize| {
        let mean = noise.expected[cell / n_weeks][cell % n_weeks] * (TYPICAL * factors[cell]).exp();
        let size = noise.size[cell / n_weeks];
        trigamma(size) + (1.0 + 1.0 / size) / mean
    };
    let cells = pull.iter().enumerate().filter(|(_, pull)| **pull != 0.0);
    let chance: f64 = cells.map(|(cell, pull)| pull * pull * of_counts(cell)).sum();
    // Σ over pairs of weeks of g g' ρ^|t − t'|: an exponential smoother, forward in time.
    let wander: f64 = pull
        .chunks(n_weeks)
        .flat_map(|row| {
            row.iter().scan(0.0, |earlier, g| {
                let both = g * (g + 2.0 * *earlier);
                *earlier = noise.memory * (*earlier + g);
                Some(both)
            })
        })
        .sum();
    (chance + noise.demand.powi(2) * wander) / (square * square)
}

/// Variance of the log of a gamma number of this shape: by recurrence up to 6, then by its series
/// (Abramowitz and Stegun 1964, 6.4.6 and 6.4.12; error below 1e-6).
fn trigamma(shape: f64) -> f64 {
    let (mut x, mut sum) = (shape, 0.0);
    while x < 6.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    sum + 1.0 / x + 0.5 / x.powi(2) + 1.0 / (6.0 * x.powi(3)) - 1.0 / (30.0 * x.powi(5))
}

//! The negative binomial by mean and dispersion, `Var = μ + μ²/φ`: density, draws, and the
//! dispersion that fits.

use pulp::{Arch, NullaryFnOnce};
use rand::Rng;
use rand_distr::{Distribution, Gamma, Poisson};
use statrs::function::gamma::ln_gamma;

use crate::numeric::elementary;

/// Log probability of a count.
///
/// A mean of 0 allows only the count 0.
#[must_use]
pub fn log_probability(count: f64, mean: f64, dispersion: f64) -> f64 {
    if mean <= 0.0 {
        return if count == 0.0 { 0.0 } else { f64::NEG_INFINITY };
    }
    let none = -dispersion * (mean / dispersion).ln_1p();
    if count == 0.0 {
        return none;
    }
    let choose = ln_gamma(count + dispersion) - ln_gamma(dispersion) - ln_gamma(count + 1.0);
    choose + none + count * (mean / (mean + dispersion)).ln()
}

/// A draw: a Poisson count whose mean is a gamma draw.
pub fn draw(mean: f64, dispersion: f64, rng: &mut impl Rng) -> f64 {
    let Ok(gamma) = Gamma::new(dispersion, mean / dispersion) else { return 0.0 };
    let rate: f64 = gamma.sample(rng);
    Poisson::new(rate).map_or(0.0, |poisson| poisson.sample(rng))
}

/// A count beside its predicted mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// What happened.
    pub count: f64,
    /// What was predicted, more than 0.
    pub mean: f64,
}

/// Most pairs that a dispersion is fitted on: one number needs no more.
const MOST_PAIRS: usize = 1500;

/// The dispersion under which the pairs are most likely, between e⁻⁴ (very wide) and e¹⁴ (Poisson).
#[must_use]
pub fn fit_dispersion(pairs: &[Pair]) -> f64 {
    let step = pairs.len().div_ceil(MOST_PAIRS).max(1);
    let mut kept =
        vec![[Pair { count: 0.0, mean: 0.0 }; LANES]; pairs.len().div_ceil(step * LANES)];
    for (at, pair) in pairs.iter().step_by(step).enumerate() {
        kept[at / LANES][at % LANES] = *pair;
    }
    let arch = Arch::new();
    let log_likelihood =
        |log: f64| arch.dispatch(LogLikelihood { pairs: &kept, dispersion: log.exp() });
    golden_section(log_likelihood, -4.0, 14.0).exp()
}

/// Pairs looked at together; one that counts and predicts nothing has a log probability of 0.
const LANES: usize = 16;

/// Log probability of all pairs, without what no dispersion changes.
struct LogLikelihood<'a> {
    pairs: &'a [[Pair; LANES]],
    dispersion: f64,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for LogLikelihood<'_> {
    type Output = f64;

    #[inline(always)]
    fn call(self) -> f64 {
        let (phi, of_none) = (self.dispersion, elementary::ln_gamma(self.dispersion));
        let mut sums = [0.0; LANES];
        for pairs in self.pairs {
            for (sum, Pair { count, mean }) in sums.iter_mut().zip(pairs) {
                let beyond = elementary::ln_1p(mean / phi);
                let share = elementary::ln(mean.max(1e-300) / phi) - beyond;
                *sum += elementary::ln_gamma(count + phi) - of_none - phi * beyond + count * share;
            }
        }
        sums.iter().sum()
    }
}

/// The maximum of a function with one peak (Kiefer 1953).
fn golden_section(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const SECTION: f64 = 0.618_033_988_749_895;
    let (mut a, mut b) = (high - SECTION * (high - low), low + SECTION * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    // 18 · 0.618³⁰ is under 1e-5 in the log of the dispersion.
    for _ in 0..30 {
        if at_a < at_b {
            (low, a, at_a) = (a, b, at_b);
            b = low + SECTION * (high - low);
            at_b = f(b);
        } else {
            (high, b, at_b) = (b, a, at_a);
            a = high - SECTION * (high - low);
            at_a = f(a);
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};

    #[test]
    fn probabilities_sum_to_one_and_have_the_stated_moments() {
        let (mean, dispersion) = (7.5, 2.0);
        let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
        for count in 0..600 {
            let count = f64::from(count);
            let p = log_probability(count, mean, dispersion).exp();
            total += p;
            first += p * count;
            second += p * count * count;
        }
        assert!((total - 1.0).abs() < 1e-10 && (first - mean).abs() < 1e-8);
        assert!((second - first * first - (mean + mean * mean / dispersion)).abs() < 1e-6);
    }

    #[test]
    fn a_special_case_is_the_geometric() {
        // φ = 1: geometric with success probability 1/(1+μ).
        let p = 1.0_f64 / 4.0;
        for count in 0..20 {
            let expected = p.ln() + f64::from(count) * (1.0 - p).ln();
            assert!((log_probability(f64::from(count), 3.0, 1.0) - expected).abs() < 1e-11);
        }
    }

    #[test]
    fn the_dispersion_of_draws_is_found_again() {
        for dispersion in [0.7, 4.0, 30.0] {
            let mut rng = Seed(3).stream(Purpose::Backtest, 0);
            let pairs: Vec<Pair> = (0..1500)
                .map(|i| {
                    let mean = 20.0 + f64::from(i % 50);
                    Pair { count: draw(mean, dispersion, &mut rng), mean }
                })
                .collect();
            let found = fit_dispersion(&pairs);
            // Standard error of log φ from 1 500 counts is about 0.05, more where Poisson noise
            // hides it; four of them.
            assert!((found / dispersion).ln().abs() < 0.25, "{dispersion}: {found}");
        }
    }

    #[test]
    fn no_money_no_count() {
        let mut rng = Seed(3).stream(Purpose::Backtest, 1);
        assert_eq!(draw(0.0, 2.0, &mut rng), 0.0);
        assert_eq!(log_probability(0.0, 0.0, 2.0), 0.0);
        assert_eq!(log_probability(1.0, 0.0, 2.0), f64::NEG_INFINITY);
    }
}

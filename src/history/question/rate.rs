//! Engagement rates that small samples cannot fool: gamma–Poisson shrinkage.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Gamma};
use statrs::function::gamma::ln_gamma;

/// What is believed of a rate before its own counts are seen: Gamma(shape, exposure), with mean
/// `shape / exposure`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Prior {
    shape: f64,
    /// Impressions that the belief is worth.
    exposure: f64,
}

/// Active actions per impression, with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Posterior mean: own counts, drawn towards the network's as far as they are few.
    pub mean: f64,
    /// 5 % quantile.
    pub low: f64,
    /// 95 % quantile.
    pub high: f64,
    /// Counts divided by impressions, as they stand.
    pub plain: f64,
    /// The network says more about this rate than its own counts do.
    pub few_data: bool,
}

/// Belief where there are too few posts to learn one: about 1 in 100, worth 50 impressions.
const VAGUE: Prior = Prior { shape: 0.5, exposure: 50.0 };

/// Posts from which a belief can be learnt.
const ENOUGH: usize = 5;

impl Prior {
    /// Empirical Bayes: the Gamma that makes the observed (actions, impressions) most likely,
    /// with the pooled rate as its mean. Marginally each count is negative binomial (Gelman et
    /// al., *Bayesian Data Analysis*, 3rd ed., §2.7).
    pub(crate) fn learn(observed: &[(f64, f64)]) -> Self {
        let seen: Vec<(f64, f64)> =
            observed.iter().copied().filter(|(_, impressions)| *impressions > 0.0).collect();
        let actions: f64 = seen.iter().map(|(n, _)| n).sum();
        let impressions: f64 = seen.iter().map(|(_, exposure)| exposure).sum();
        if seen.len() < ENOUGH || actions <= 0.0 {
            return VAGUE;
        }
        let mean = actions / impressions;
        let at = |log_shape: f64| {
            let shape = log_shape.exp();
            Self { shape, exposure: shape / mean }
        };
        let best =
            maximise(|log_shape| at(log_shape).likelihood(&seen), 0.05_f64.ln(), 1e4_f64.ln());
        at(best)
    }

    fn likelihood(&self, seen: &[(f64, f64)]) -> f64 {
        let Self { shape, exposure } = *self;
        seen.iter()
            .map(|(n, impressions)| {
                let all = exposure + impressions;
                ln_gamma(n + shape) - ln_gamma(shape)
                    + shape * (exposure / all).ln()
                    + n * (impressions / all).ln()
            })
            .sum()
    }

    /// The rate of one post; `None` without impressions.
    pub(crate) fn rate(&self, actions: f64, impressions: f64) -> Option<Rate> {
        if impressions <= 0.0 {
            return None;
        }
        let (shape, exposure) = (self.shape + actions, self.exposure + impressions);
        let posterior = Gamma::new(shape, exposure).ok()?;
        Some(Rate {
            mean: shape / exposure,
            low: posterior.inverse_cdf(0.05),
            high: posterior.inverse_cdf(0.95),
            plain: actions / impressions,
            few_data: self.exposure > impressions,
        })
    }
}

/// Golden-section search for the highest point of a function with one.
fn maximise(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let ratio = (5_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (low, high);
    for _ in 0..40 {
        let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
        if f(a) < f(b) { low = a } else { high = b }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};
    use rand_distr::{Distribution, Gamma as Rates, Poisson};

    #[test]
    fn one_click_of_one_view_is_not_a_rate_of_one() {
        let rate = VAGUE.rate(1.0, 1.0).unwrap();
        assert_eq!(rate.plain, 1.0);
        assert!(rate.mean < 0.04 && rate.few_data);
        assert_eq!(VAGUE.rate(1.0, 0.0), None);
    }

    #[test]
    fn plenty_of_views_speak_for_themselves() {
        let rate = VAGUE.rate(5_000.0, 100_000.0).unwrap();
        assert!((rate.mean - 0.05).abs() < 1e-4 && !rate.few_data);
        // Poisson: 5000 ± 1.645 √5000, per 100 000.
        assert!((rate.low - 0.048_84).abs() < 1e-4 && (rate.high - 0.051_16).abs() < 1e-4);
    }

    #[test]
    fn the_spread_of_true_rates_is_found_and_intervals_hold_them() {
        let mut rng = Seed(5).stream(Purpose::Generate, 0);
        let rates = Rates::new(4.0, 0.02 / 4.0).unwrap();
        let truth: Vec<f64> = (0..400).map(|_| rates.sample(&mut rng)).collect();
        let seen: Vec<(f64, f64)> = truth
            .iter()
            .enumerate()
            .map(|(i, rate)| {
                let impressions = if i % 2 == 0 { 60.0 } else { 3_000.0 };
                (Poisson::new(rate * impressions).unwrap().sample(&mut rng), impressions)
            })
            .collect();
        let prior = Prior::learn(&seen);
        // Sampling error of the shape from 400 posts is about 0.5.
        assert!((prior.shape - 4.0).abs() < 1.5, "{prior:?}");
        let inside = truth.iter().zip(&seen).filter(|(truth, (n, impressions))| {
            let rate = prior.rate(*n, *impressions).unwrap();
            rate.low <= **truth && **truth <= rate.high
        });
        // 90 % of 400 is 360; three standard errors are 18.
        let inside = inside.count();
        assert!((342..=378).contains(&inside), "{inside}");
    }
}

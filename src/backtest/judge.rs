//! Scores of predictive distributions against what happened.

use rand::RngExt;

use super::negative_binomial::{draw, log_probability};
use super::scores::Score;
use crate::random::{Purpose, Seed};

/// A predictive distribution of one count: an equal mixture of negative binomials. Its components
/// are posterior draws for the model, and one for a baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictive {
    /// Mean of each component.
    pub means: Vec<f64>,
    /// Dispersion of each component.
    pub dispersions: Vec<f64>,
}

impl Predictive {
    /// A single negative binomial.
    #[must_use]
    pub fn single(mean: f64, dispersion: f64) -> Self {
        Self { means: vec![mean], dispersions: vec![dispersion] }
    }

    /// Its mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.means.iter().sum::<f64>() / self.means.len() as f64
    }

    /// Log probability of a count (log of the mean of the components' probabilities).
    #[must_use]
    pub fn log_probability(&self, count: f64) -> f64 {
        let logs: Vec<f64> = self
            .means
            .iter()
            .zip(&self.dispersions)
            .map(|(mean, dispersion)| log_probability(count, *mean, *dispersion))
            .collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if most == f64::NEG_INFINITY {
            return most;
        }
        let sum: f64 = logs.iter().map(|log| (log - most).exp()).sum();
        most + (sum / logs.len() as f64).ln()
    }

    /// Sorted draws, taken from the components in turn.
    fn sorted_draws(&self, n: usize, rng: &mut impl rand::Rng) -> Vec<f64> {
        let mut draws: Vec<f64> = (0..n)
            .map(|i| {
                let component = i % self.means.len();
                draw(self.means[component], self.dispersions[component], rng)
            })
            .collect();
        draws.sort_by(f64::total_cmp);
        draws
    }
}

/// What one predictor's distribution of one cell was worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// What happened.
    pub observed: f64,
    /// Mean of the prediction.
    pub mean: f64,
    /// Continuous ranked probability score.
    pub crps: f64,
    /// Log predictive density.
    pub log_score: f64,
    /// Randomised probability integral transform, uniform for a perfect predictor.
    pub pit: f64,
    /// 10 % quantile of the prediction.
    pub p10: f64,
    /// 90 % quantile.
    pub p90: f64,
}

/// Lowest log score of one cell: a prediction that excludes what happened is wrong, but must not
/// hide all the others in a mean.
const LOWEST_LOG_SCORE: f64 = -50.0;

/// Judges one prediction by `n_draws` draws from stream `id`.
#[must_use]
pub fn judge(
    predictive: &Predictive,
    observed: f64,
    n_draws: usize,
    seed: Seed,
    id: u64,
) -> Verdict {
    let mut rng = seed.stream(Purpose::Backtest, id);
    let draws = predictive.sorted_draws(n_draws, &mut rng);
    let below = draws.partition_point(|draw| *draw < observed);
    let equal = draws.partition_point(|draw| *draw <= observed) - below;
    // The observation's place among the draws, ties broken by chance (Czado, Gneiting and Held
    // 2009): exactly uniform when it is one more draw.
    let pit = (below as f64 + rng.random::<f64>() * (equal + 1) as f64) / (n_draws + 1) as f64;
    Verdict {
        observed,
        mean: predictive.mean(),
        crps: crps(&draws, observed),
        log_score: predictive.log_probability(observed.round()).max(LOWEST_LOG_SCORE),
        pit,
        p10: quantile(&draws, 0.1),
        p90: quantile(&draws, 0.9),
    }
}

/// `E|X − y| − ½ E|X − X′|` (Gneiting and Raftery 2007, eq. 21) from sorted draws, with the
/// unbiased estimate of the second term (pairs of different draws).
#[must_use]
pub fn crps(sorted: &[f64], observed: f64) -> f64 {
    let n = sorted.len() as f64;
    let distance: f64 = sorted.iter().map(|draw| (draw - observed).abs()).sum::<f64>() / n;
    // Σ over pairs of |x_i − x_j| is Σ (2 i − n + 1) x_(i), i from 0.
    let pairs: f64 =
        sorted.iter().enumerate().map(|(i, draw)| (2.0 * i as f64 - n + 1.0) * draw).sum();
    distance - pairs / (n * (n - 1.0))
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((share * (sorted.len() - 1) as f64).round() as usize).min(sorted.len() - 1)]
}

/// Mean scores of many verdicts; all zero when there are none.
#[must_use]
pub fn score<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Score {
    let verdicts: Vec<&Verdict> = verdicts.into_iter().collect();
    if verdicts.is_empty() {
        return Score::default();
    }
    let n = verdicts.len() as f64;
    let mean = |f: &dyn Fn(&Verdict) -> f64| verdicts.iter().map(|v| f(v)).sum::<f64>() / n;
    let inside = |share: f64| mean(&|v| if (v.pit - 0.5).abs() <= 0.5 * share { 1.0 } else { 0.0 });
    let observed = mean(&|v| v.observed);
    Score {
        crps: mean(&|v| v.crps),
        log_score: mean(&|v| v.log_score),
        coverage50: inside(0.5),
        coverage80: inside(0.8),
        coverage95: inside(0.95),
        predicted_over_observed: if observed > 0.0 { mean(&|v| v.mean) / observed } else { 0.0 },
        cells: verdicts.len(),
    }
}

/// Shares of the probability integral transform in ten equal bins.
#[must_use]
pub fn pit_histogram(verdicts: &[Verdict]) -> Vec<f64> {
    let mut bins = vec![0.0; 10];
    for verdict in verdicts {
        bins[((verdict.pit * 10.0) as usize).min(9)] += 1.0 / verdicts.len() as f64;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};

    #[test]
    fn the_crps_of_a_normal_is_its_closed_form() {
        let mut rng = Seed(1).stream(Purpose::Backtest, 0);
        let mut draws: Vec<f64> = (0..20_000).map(|_| StandardNormal.sample(&mut rng)).collect();
        draws.sort_by(f64::total_cmp);
        // Gneiting and Raftery (2007), eq. 5: at y = 0 it is (√2 − 1)/√π, at y = 1.5 it is 0.9944.
        for (observed, exact) in [(0.0, 0.233_695), (1.5, 0.994_424)] {
            let estimate = crps(&draws, observed);
            // Standard error about 0.6/√20000; four of them.
            assert!((estimate - exact).abs() < 0.017, "{estimate} against {exact}");
        }
    }

    #[test]
    fn a_point_prediction_is_scored_by_its_distance() {
        assert_eq!(crps(&[4.0; 50], 7.0), 3.0);
        // Two draws by hand: ½(|1−2| + |4−2|) − ½|1−4|.
        assert!((crps(&[1.0, 4.0], 2.0) - 0.0).abs() < 1e-12);
    }

    #[test]
    fn the_crps_estimate_is_the_sum_over_the_distribution() {
        // Σ_k (F(k) − 1{y ≤ k})² is the CRPS of a distribution of counts.
        let (mean, dispersion, observed) = (6.0, 1.5, 9.0);
        let (mut cumulated, mut exact) = (0.0, 0.0);
        for count in 0..2000 {
            let count = f64::from(count);
            cumulated += log_probability(count, mean, dispersion).exp();
            let step: f64 = if observed <= count { 1.0 } else { 0.0 };
            exact += (cumulated - step).powi(2);
        }
        let mut rng = Seed(9).stream(Purpose::Backtest, 0);
        let draws = Predictive::single(mean, dispersion).sorted_draws(40_000, &mut rng);
        // Standard deviation of |X − y| is about 5: four standard errors are 0.1.
        assert!((crps(&draws, observed) - exact).abs() < 0.1);
    }

    #[test]
    fn a_perfect_predictor_covers_what_it_claims_and_a_narrow_one_does_not() {
        let mut rng = Seed(2).stream(Purpose::Backtest, 0);
        let truth = Predictive::single(12.0, 2.0);
        let narrow = Predictive::single(12.0, 1e6);
        let counts: Vec<f64> = (0..3000).map(|_| draw(12.0, 2.0, &mut rng)).collect();
        let scored = |predictive: &Predictive| {
            let verdicts: Vec<Verdict> = counts
                .iter()
                .enumerate()
                .map(|(i, count)| judge(predictive, *count, 100, Seed(4), i as u64))
                .collect();
            (score(&verdicts), pit_histogram(&verdicts))
        };
        let ((good, bins), (poor, _)) = (scored(&truth), scored(&narrow));
        // Standard errors of shares of 3 000 are at most 0.009; four of them.
        for (found, claimed) in
            [(good.coverage50, 0.5), (good.coverage80, 0.8), (good.coverage95, 0.95)]
        {
            assert!((found - claimed).abs() < 0.036, "{found} against {claimed}");
        }
        assert!(bins.iter().all(|share| (share - 0.1).abs() < 0.03), "{bins:?}");
        assert!(poor.coverage80 < 0.6 && poor.crps > good.crps && poor.log_score < good.log_score);
    }

    #[test]
    fn a_mixture_is_the_mean_of_its_parts() {
        let mixture = Predictive { means: vec![2.0, 10.0], dispersions: vec![1.0, 3.0] };
        let parts = log_probability(4.0, 2.0, 1.0).exp() + log_probability(4.0, 10.0, 3.0).exp();
        assert!((mixture.log_probability(4.0) - (0.5 * parts).ln()).abs() < 1e-12);
        assert_eq!(mixture.mean(), 6.0);
    }

    #[test]
    fn nothing_scored_is_no_score() {
        assert_eq!(score(&[]), Score::default());
    }
}

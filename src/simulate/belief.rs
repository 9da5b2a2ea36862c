//! What a policy believes after each week: the posterior draws, weighed by what was counted.
//!
//! Each segment weighs the joint draws by the likelihood of its own counts (a particle filter
//! over the stored draws, one per segment: with all segments in one weight, the product of forty
//! likelihoods would leave a single draw standing). What other segments' counts say about this
//! one is thereby left out: a belief that is a little too wide, never too sure. The unforeseen
//! factor of a network's week and the noise of delivery are not known to the policy; both widen
//! the likelihood (`1/φ' = 1/φ + e^{σ²} − 1` each). The draw that is the truth of this future is
//! not among the candidates.

use statrs::function::gamma::ln_gamma;

use super::sample::elementary::{exp, ln};
use super::scene::Scene;
use crate::response::memory::Remembered;

/// Candidates per segment.
const CANDIDATES: usize = 256;

/// Weights of candidate draws, per segment.
#[derive(Debug, Clone)]
pub(super) struct Belief {
    /// Posterior draws that are candidates.
    draws: Vec<usize>,
    /// `segments × candidates`: log weight.
    log_weights: Vec<f64>,
    /// `segments × candidates`: what is remembered.
    memory: Vec<Remembered>,
    /// Widened dispersion by candidate and network.
    dispersion: Vec<Vec<f64>>,
    /// `ln Γ` of it.
    log_gamma: Vec<Vec<f64>>,
}

impl Belief {
    /// The posterior as the model hands it over, without the draw that is true in this future.
    pub(super) fn new(scene: &Scene<'_>, truth: usize) -> Self {
        let all = scene.draws.len();
        let others: Vec<usize> = (0..all).filter(|draw| *draw != truth || all == 1).collect();
        let n = others.len().min(CANDIDATES);
        // Evenly spaced: the draws are exchangeable.
        let draws: Vec<usize> = (0..n).map(|j| others[j * others.len() / n]).collect();
        let dispersion: Vec<Vec<f64>> = draws
            .iter()
            .map(|draw| {
                let shared = &scene.draws.shared[*draw];
                let extra = |sd: f64| (sd * sd).exp_m1();
                let wider = extra(shared.shock_sd) + extra(shared.delivery_sd);
                shared.dispersion.iter().map(|phi| 1.0 / (1.0 / phi + wider)).collect()
            })
            .map(|phis: Vec<f64>| phis.iter().map(|phi| phi.min(1e9)).collect())
            .collect();
        let log_gamma =
            dispersion.iter().map(|phis| phis.iter().map(|phi| ln_gamma(*phi)).collect()).collect();
        let cells = scene.segments * n;
        let memory_of = |i: usize, draw: usize| -> Remembered {
            scene.draws.response(i, draw).memory_of(scene.past_of(i))
        };
        let memory = (0..scene.segments)
            .flat_map(|i| draws.iter().map(move |draw| memory_of(i, *draw)))
            .collect();
        let log_weights = vec![0.0; cells];
        Self { draws, log_weights, memory, dispersion, log_gamma }
    }

    /// Weighs every candidate by a week's counts.
    pub(super) fn learn(&mut self, scene: &Scene<'_>, week: usize, spent: &[f64], counts: &[f64]) {
        let n = self.draws.len();
        let seasons = scene.draws.season_len();
        for (i, segment) in scene.draws.segments.iter().enumerate() {
            let network = segment.network;
            for (j, draw) in self.draws.iter().enumerate() {
                let at = i * n + j;
                let response = scene.draws.response(i, *draw);
                let log_season =
                    scene.draws.shared[*draw].log_season[network * seasons + week.min(seasons - 1)];
                let exposure = response.exposure(spent[i]);
                let gain = response.gain(&self.memory[at], exposure);
                self.memory[at].pass(exposure);
                let mean = segment.draws[*draw].baseline + gain * exp(log_season);
                if spent[i] > 0.0 || counts[i] > 0.0 {
                    let phi = self.dispersion[j][network];
                    let log_gamma = self.log_gamma[j][network];
                    self.log_weights[at] += log_likelihood(counts[i], mean, phi, log_gamma);
                }
            }
        }
    }

    /// `n` draws that stand for a segment's belief: systematic resampling from `start` in [0, 1).
    /// Each comes with what it remembers.
    pub(super) fn stand_for(
        &self,
        segment: usize,
        n: usize,
        start: f64,
    ) -> Vec<(usize, Remembered)> {
        let size = self.draws.len();
        let mine = &self.log_weights[segment * size..(segment + 1) * size];
        let largest = mine.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let weights: Vec<f64> = mine.iter().map(|log| exp(log - largest)).collect();
        let total: f64 = weights.iter().sum();
        let (mut j, mut reached) = (0, weights[0] / total);
        (0..n)
            .map(|k| {
                let target = (k as f64 + start) / n as f64;
                while reached < target && j + 1 < size {
                    j += 1;
                    reached += weights[j] / total;
                }
                (self.draws[j], self.memory[segment * size + j])
            })
            .collect()
    }
}

/// Log probability of a negative binomial count, without the terms that are the same for all
/// candidates.
fn log_likelihood(count: f64, mean: f64, phi: f64, log_gamma_phi: f64) -> f64 {
    let mean = mean.max(1e-12);
    let sum = mean + phi;
    ln_gamma(count + phi) - log_gamma_phi + phi * ln(phi / sum) + count * ln(mean / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Discrete, NegativeBinomial};

    #[test]
    fn likelihood_ratios_are_those_of_the_negative_binomial() {
        let exact = |count: u64, mean: f64, phi: f64| {
            NegativeBinomial::new(phi, phi / (phi + mean)).unwrap().ln_pmf(count)
        };
        let ours = |count: u64, mean: f64, phi: f64| {
            log_likelihood(count as f64, mean, phi, ln_gamma(phi))
        };
        for count in [0, 3, 40, 900] {
            let ratio = ours(count, 30.0, 8.0) - ours(count, 55.0, 12.0);
            let expected = exact(count, 30.0, 8.0) - exact(count, 55.0, 12.0);
            assert!((ratio - expected).abs() < 1e-8 * (1.0 + expected.abs()), "{count}");
        }
    }
}

//! What a policy believes after each week: the posterior draws, weighed by what was counted.
//!
//! Each segment weighs the joint draws by the likelihood of its own counts (a particle filter
//! over the stored draws, one per segment: with all segments in one weight, the product of forty
//! likelihoods would leave a single draw standing). What other segments' counts say about this
//! one is thereby left out: a belief that is a little too wide, never too sure. The unforeseen
//! factor of a network's week and the noise of delivery are not known to the policy; both widen
//! the likelihood (`1/φ' = 1/φ + e^{σ²} − 1` each). The draw that is the truth of this future is
//! not among the candidates.
//!
//! A policy thinks every week of every future: candidates lie in columns, and a week's counts
//! weigh all candidates of a segment in vector registers.

#![allow(clippy::needless_range_loop, reason = "lanes side by side read alike in every column")]

use pulp::NullaryFnOnce;

use crate::numeric::sample::elementary::{exp, ln, ln_1p, ln_gamma};
use crate::response::memory;
use crate::response::memory::WEEKS;
use crate::simulate::future::context::SimulationContext;

/// Candidates per segment.
const CANDIDATES: usize = 256;

/// Weights of candidate draws, per segment.
#[derive(Debug, Clone)]
pub(crate) struct ParticleFilter {
    /// Posterior draws that are candidates.
    draws: Vec<usize>,
    /// Their responses, by segment.
    responses: Vec<Responses>,
    /// What all segments share in them.
    shared: Shared,
}

/// A segment's response in every candidate, what is remembered there, and how likely it is.
#[derive(Debug, Clone)]
struct Responses {
    ceiling: Vec<f64>,
    inverse_scale: Vec<f64>,
    shape: Vec<f64>,
    inverse_shape: Vec<f64>,
    rise: Vec<f64>,
    baseline: Vec<f64>,
    remembered: memory::Columns,
    log_weights: Vec<f64>,
}

/// What segments share in every candidate.
#[derive(Debug, Clone)]
struct Shared {
    /// Probability that so many weeks are remembered.
    shares: [Vec<f64>; WEEKS],
    /// Weeks that anybody remembers, this one included.
    depth: usize,
    /// Widened dispersion by network, and the log of its gamma function.
    dispersion: Vec<Vec<f64>>,
    log_gamma: Vec<Vec<f64>>,
}

impl ParticleFilter {
    /// The posterior as the model hands it over, without the draw that is true in this future.
    pub(crate) fn new(context: &SimulationContext<'_>, truth: usize) -> Self {
        let all = context.draws.len();
        let others: Vec<usize> = (0..all).filter(|draw| *draw != truth || all == 1).collect();
        let n = others.len().min(CANDIDATES);
        // Evenly spaced: the draws are exchangeable.
        let draws: Vec<usize> = (0..n).map(|j| others[j * others.len() / n]).collect();
        let responses = (0..context.segments).map(|i| Responses::new(context, i, &draws)).collect();
        Self { responses, shared: Shared::new(context, &draws), draws }
    }

    /// Weighs every candidate by a week's counts.
    pub(crate) fn learn(
        &mut self,
        context: &SimulationContext<'_>,
        week: usize,
        spent: &[f64],
        counts: &[f64],
    ) {
        let seasons = context.draws.season_len();
        let season_of = |network: usize| -> Vec<f64> {
            let at = network * seasons + week.min(seasons - 1);
            self.draws.iter().map(|draw| exp(context.draws.shared[*draw].log_season[at])).collect()
        };
        let seasons: Vec<Vec<f64>> = (0..context.draws.networks.len()).map(season_of).collect();
        let mut room = Room::new(self.draws.len());
        for (i, segment) in context.draws.segments.iter().enumerate() {
            let network = segment.network;
            let reference = segment.reference_spend.max(f64::MIN_POSITIVE);
            context.arch.dispatch(Weigh {
                responses: &mut self.responses[i],
                shared: &self.shared,
                dispersion: &self.shared.dispersion[network],
                log_gamma: &self.shared.log_gamma[network],
                season: &seasons[network],
                spent: spent[i],
                log_rise: ln_1p(spent[i] / reference),
                count: counts[i],
                room: &mut room,
            });
        }
    }

    /// `n` draws that stand for a segment's belief: systematic resampling from `start` in [0, 1).
    pub(crate) fn stand_for(&self, segment: usize, n: usize, start: f64) -> Vec<Standing> {
        let size = self.draws.len();
        let mine = &self.responses[segment];
        let largest = mine.log_weights.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let weights: Vec<f64> = mine.log_weights.iter().map(|log| exp(log - largest)).collect();
        let total: f64 = weights.iter().sum();
        let (mut j, mut reached) = (0, weights[0] / total);
        let mut standing: Vec<Standing> = Vec::with_capacity(n);
        let mut last = usize::MAX;
        for k in 0..n {
            let target = (k as f64 + start) / n as f64;
            while reached < target && j + 1 < size {
                j += 1;
                reached += weights[j] / total;
            }
            let share = 1.0 / n as f64;
            match standing.last_mut() {
                Some(again) if j == last => again.share += share,
                _ => {
                    let before = mine.remembered.sums(j);
                    standing.push(Standing { draw: self.draws[j], share, before });
                }
            }
            last = j;
        }
        standing
    }
}

/// One of the draws that stand for a segment's belief.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// The draw.
    pub(crate) draw: usize,
    /// How much of the belief it stands for.
    pub(crate) share: f64,
    /// Exposure of those who remember `0 … WEEKS − 1` weeks.
    pub(crate) before: [f64; WEEKS],
}

impl Responses {
    fn new(context: &SimulationContext<'_>, i: usize, draws: &[usize]) -> Self {
        let own = &context.draws.segments[i].draws;
        let column =
            |of: &dyn Fn(&crate::train::posterior::draws::ResponseDraw) -> f64| -> Vec<f64> {
                draws.iter().map(|draw| of(&own[*draw])).collect()
            };
        let n = draws.len();
        let mut responses = Self {
            ceiling: column(&|draw| draw.ceiling),
            inverse_scale: column(&|draw| draw.scale.recip()),
            shape: column(&|draw| draw.shape),
            inverse_shape: column(&|draw| draw.shape.recip()),
            rise: column(&|draw| draw.cpm_rise),
            baseline: column(&|draw| draw.baseline),
            remembered: memory::Columns::default(),
            log_weights: vec![0.0; n],
        };
        responses.remembered.clear(n);
        let past = context.past_of(i);
        if !past.is_empty() {
            for (j, draw) in draws.iter().enumerate() {
                let sums = context.draws.response(i, *draw).memory_of(past).sums();
                responses.remembered.recall(j, &sums, responses.shape[j]);
            }
        }
        responses
    }
}

impl Shared {
    fn new(context: &SimulationContext<'_>, draws: &[usize]) -> Self {
        let of = |draw: &usize| &context.draws.shared[*draw];
        let remembered: Vec<[f64; WEEKS]> =
            draws.iter().map(|draw| memory::shares(of(draw).carryover)).collect();
        let forgetful = draws.iter().all(|draw| of(draw).carryover == 0.0);
        let widened = |network: usize| {
            let one = |draw: &usize| {
                let shared = of(draw);
                let extra = |sd: f64| (sd * sd).exp_m1();
                let wider = extra(shared.shock_sd) + extra(shared.delivery_sd);
                (1.0 / (1.0 / shared.dispersion[network] + wider)).min(1e9)
            };
            draws.iter().map(one).collect()
        };
        let dispersion: Vec<Vec<f64>> = (0..context.draws.networks.len()).map(widened).collect();
        let log_gamma = |phis: &Vec<f64>| phis.iter().map(|phi| ln_gamma(*phi)).collect();
        Self {
            shares: std::array::from_fn(|m| remembered.iter().map(|shares| shares[m]).collect()),
            depth: if forgetful { 1 } else { WEEKS },
            log_gamma: dispersion.iter().map(log_gamma).collect(),
            dispersion,
        }
    }
}

/// Room for a week's numbers, one per candidate.
struct Room {
    exposure: Vec<f64>,
    gains: Vec<f64>,
}

impl Room {
    fn new(candidates: usize) -> Self {
        Self { exposure: vec![0.0; candidates], gains: vec![0.0; candidates] }
    }
}

/// A week's count of one segment, in every candidate.
struct Weigh<'a> {
    responses: &'a mut Responses,
    shared: &'a Shared,
    dispersion: &'a [f64],
    log_gamma: &'a [f64],
    season: &'a [f64],
    spent: f64,
    /// `ln(1 + s/s_ref)`.
    log_rise: f64,
    count: f64,
    room: &'a mut Room,
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        self.pass();
        if self.spent > 0.0 || self.count > 0.0 {
            self.weigh();
        }
    }
}

#[allow(clippy::inline_always, reason = "they must become part of the vectorised kernel")]
impl Weigh<'_> {
    /// A week goes by: `Σ_j P_j [G(R_j + x) − G(R_j)]` of every candidate, and what is remembered.
    #[inline(always)]
    fn pass(&mut self) {
        let n = self.room.gains.len();
        let Responses { inverse_scale, shape, inverse_shape, rise, remembered, .. } =
            &mut *self.responses;
        let (inverse_scale, rise) = (&inverse_scale[..n], &rise[..n]);
        let exposure = &mut self.room.exposure[..n];
        for j in 0..n {
            exposure[j] = self.spent * exp(-rise[j] * self.log_rise) * inverse_scale[j];
        }
        let shared = self.shared;
        let share = |weeks: usize| {
            let share = &shared.shares[weeks][..n];
            move |j: usize| share[j]
        };
        let shapes = [&shape[..], &inverse_shape[..]];
        remembered.pass(shared.depth, share, shapes, exposure, &mut self.room.gains);
    }

    /// Adds the log probability of the count in every candidate.
    #[inline(always)]
    fn weigh(&mut self) {
        let n = self.room.gains.len();
        let Responses { ceiling, baseline, log_weights, .. } = &mut *self.responses;
        let (ceiling, baseline) = (&ceiling[..n], &baseline[..n]);
        let (phi, log_gamma, season) =
            (&self.dispersion[..n], &self.log_gamma[..n], &self.season[..n]);
        let (gains, log_weights) = (&self.room.gains[..n], &mut log_weights[..n]);
        for j in 0..n {
            let mean = baseline[j] + ceiling[j] * gains[j] * season[j];
            log_weights[j] += log_likelihood(self.count, mean, phi[j], log_gamma[j]);
        }
    }
}

/// Log probability of a negative binomial count, without the terms that are the same for all
/// candidates.
#[allow(clippy::inline_always, reason = "it must become part of the vectorised kernel")]
#[inline(always)]
fn log_likelihood(count: f64, mean: f64, phi: f64, log_gamma_phi: f64) -> f64 {
    let mean = mean.max(1e-12);
    let sum = mean + phi;
    ln_gamma(count + phi) - log_gamma_phi + phi * ln(phi / sum) + count * ln(mean / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Discrete, NegativeBinomial};

    use crate::campaign::Campaign;
    use crate::response::memory::Remembered;
    use crate::simulate::fixture;
    use crate::simulate::inputs::{Inputs, Settings};

    #[test]
    fn likelihood_ratios_are_those_of_the_negative_binomial() {
        let exact = |count: u64, mean: f64, phi: f64| {
            NegativeBinomial::new(phi, phi / (phi + mean)).unwrap().ln_pmf(count)
        };
        let ours = |count: u64, mean: f64, phi: f64| {
            log_likelihood(count as f64, mean, phi, statrs::function::gamma::ln_gamma(phi))
        };
        for count in [0, 3, 40, 900] {
            let ratio = ours(count, 30.0, 8.0) - ours(count, 55.0, 12.0);
            let expected = exact(count, 30.0, 8.0) - exact(count, 55.0, 12.0);
            assert!((ratio - expected).abs() < 1e-8 * (1.0 + expected.abs()), "{count}");
        }
    }

    #[test]
    fn candidates_are_weighed_by_what_their_curves_expect() {
        let draws = fixture::draws(5, 40, 4, 3);
        let campaign: Campaign = fixture::campaign(4);
        let plan = fixture::plan(&draws, &campaign, &[90.0; 5]);
        let tables = crate::rules::Tables::load(&crate::reference::Reference::default()).unwrap();
        let inputs = Inputs { draws: &draws, plan: &plan, campaign: &campaign, tables: &tables };
        let context = SimulationContext::new(&inputs, &Settings::default()).unwrap();
        let mut particles = ParticleFilter::new(&context, 7);
        assert!(!particles.draws.contains(&7));
        let (n, seasons) = (particles.draws.len(), draws.season_len());
        let mut expected = vec![vec![0.0; n]; 5];
        let mut memory = vec![vec![Remembered::NOTHING; n]; 5];
        for week in 0..4 {
            let spent: Vec<f64> = (0..5).map(|i| 20.0 * ((i + week) % 3) as f64).collect();
            let counts: Vec<f64> =
                (0..5).map(|i| ((i * 7 + week * 3) % 11) as f64 * spent[i]).collect();
            particles.learn(&context, week, &spent, &counts);
            for (i, segment) in draws.segments.iter().enumerate() {
                for (j, draw) in particles.draws.iter().enumerate() {
                    let response = draws.response(i, *draw);
                    let exposure = response.exposure(spent[i]);
                    let gain = response.gain(&memory[i][j], exposure);
                    memory[i][j].pass(exposure);
                    let at = segment.network * seasons + week.min(seasons - 1);
                    let season = draws.shared[*draw].log_season[at].exp();
                    let mean = segment.draws[*draw].baseline + gain * season;
                    let phi = particles.shared.dispersion[segment.network][j];
                    if spent[i] > 0.0 || counts[i] > 0.0 {
                        let log_gamma = statrs::function::gamma::ln_gamma(phi);
                        expected[i][j] += log_likelihood(counts[i], mean, phi, log_gamma);
                    }
                }
            }
        }
        for i in 0..5 {
            for (log, expected) in particles.responses[i].log_weights.iter().zip(&expected[i]) {
                assert!((log - expected).abs() < 1e-8 * (1.0 + expected.abs()), "{log} {expected}");
            }
            let standing = particles.stand_for(i, 16, 0.5);
            let whole: f64 = standing.iter().map(|own| own.share).sum();
            assert!((whole - 1.0).abs() < 1e-12 && standing.len() <= 16);
            for own in &standing {
                let j = particles.draws.iter().position(|draw| *draw == own.draw).unwrap();
                for (before, sum) in own.before.iter().zip(memory[i][j].sums()) {
                    assert!((before - sum).abs() < 1e-12 * (1.0 + sum.abs()));
                }
            }
        }
    }
}

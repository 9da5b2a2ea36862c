//! The reference engine: the No-U-Turn sampler of `nuts-rs` on the same log density.

use std::collections::{BTreeMap, HashMap};

use nuts_rs::{
    Chain, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError, Settings,
};
use rayon::prelude::*;
use thiserror::Error;

use super::diagnostics::{ess_bulk, ess_tail, rhat};
use super::target::{Density, Point};
use crate::numeric::digits::short;
use crate::random::{Purpose, Seed};
use crate::train::error::TrainError;

/// Chains.
const CHAINS: u64 = 4;

/// Tuning steps and draws of each chain, and how many of the draws are one that is kept.
#[derive(Debug, Clone, Copy)]
struct Lengths {
    tune: u64,
    draws: u64,
    thin: usize,
}

/// Panels of up to so many cells are walked on for long: their scales are known so little that
/// their chains need it, and a step costs next to nothing.
const SMALL: usize = 2_000;

impl Lengths {
    fn of(cells: usize) -> Self {
        // Measurements of the other engine ask for chains whose own noise is out of the way.
        #[cfg(test)]
        if let Some(draws) = std::env::var("CHAIN").ok().and_then(|n| n.parse::<u64>().ok()) {
            return Self { tune: 1000, draws, thin: (draws / 2000).max(1) as usize };
        }
        if cells <= SMALL {
            Self { tune: 1000, draws: 1000, thin: 2 }
        } else {
            Self { tune: 600, draws: 500, thin: 1 }
        }
    }
}

/// What the chains found.
pub(crate) struct Sampled {
    /// Draws of all chains, chain by chain.
    pub points: Vec<Point>,
    pub diagnostics: BTreeMap<String, f64>,
}

/// The density is not a number here; the sampler turns back.
#[derive(Debug, Error)]
#[error("the log density is not finite")]
struct NotFinite;

impl LogpError for NotFinite {
    fn is_recoverable(&self) -> bool {
        true
    }
}

struct Target<'a>(Density<'a>);

impl HasDims for Target<'_> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("unconstrained_parameter".to_owned(), self.0.dim() as u64)])
    }
}

impl CpuLogpFunc for Target<'_> {
    type LogpError = NotFinite;
    type ExpandedVector = Vec<f64>;
    type FlowParameters = ();

    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, NotFinite> {
        // Whitened coordinates this far out only come from a step that went wrong.
        if position.iter().any(|z| !(-1e3..1e3).contains(z)) {
            return Err(NotFinite);
        }
        let value = self.0.value(position, gradient);
        let fine = value.is_finite() && gradient.iter().all(|g| g.is_finite());
        if fine { Ok(value) } else { Err(NotFinite) }
    }

    fn expand_vector<R: rand::Rng + ?Sized>(
        &mut self,
        _rng: &mut R,
        position: &[f64],
    ) -> Result<Vec<f64>, CpuMathError> {
        Ok(position.to_vec())
    }
}

/// One chain: kept positions, divergences, gradient evaluations.
struct Kept {
    positions: Vec<Box<[f64]>>,
    divergences: u64,
    gradients: u64,
}

/// Walks the chains.
pub(crate) fn sample(density: Density<'_>, seed: Seed) -> Result<Sampled, TrainError> {
    let lengths = Lengths::of(density.cells());
    let chains: Vec<Result<Kept, TrainError>> =
        (0..CHAINS).into_par_iter().map(|chain| walk(density, lengths, seed, chain)).collect();
    let chains = chains.into_iter().collect::<Result<Vec<Kept>, TrainError>>()?;
    let points: Vec<Point> = chains
        .iter()
        .flat_map(|chain| &chain.positions)
        .map(|position| density.point(position))
        .collect();
    let mut diagnostics = assess(&points);
    let points: Vec<Point> = points.into_iter().step_by(lengths.thin).collect();
    let divergences: u64 = chains.iter().map(|chain| chain.divergences).sum();
    diagnostics.insert("divergences".to_owned(), divergences as f64);
    diagnostics.insert("transitions".to_owned(), (CHAINS * lengths.draws) as f64);
    let gradients: u64 = chains.iter().map(|chain| chain.gradients).sum();
    diagnostics.insert("gradients".to_owned(), gradients as f64);
    diagnostics.insert("chains".to_owned(), CHAINS as f64);
    let kept = points.len() as f64 / CHAINS as f64;
    diagnostics.insert("draws_per_chain".to_owned(), kept);
    Ok(Sampled { points, diagnostics })
}

fn walk(
    density: Density<'_>,
    lengths: Lengths,
    seed: Seed,
    chain: u64,
) -> Result<Kept, TrainError> {
    let Lengths { tune, draws, .. } = lengths;
    let sampler = |error: &dyn std::fmt::Display| TrainError::Sampler(error.to_string());
    let settings =
        DiagNutsSettings { num_tune: tune, num_draws: draws, maxdepth: 8, ..Default::default() };
    let mut rng = seed.stream(Purpose::Train, 100 + chain);
    let math = CpuMath::new(Target(density));
    let mut walker = settings.new_chain(chain, math, &mut rng).map_err(|e| sampler(&e))?;
    let start: Vec<f64> = (0..density.dim())
        .map(|_| {
            let z: f64 = rand_distr::Distribution::sample(&rand_distr::StandardNormal, &mut rng);
            0.5 * z
        })
        .collect();
    walker.set_position(&start).map_err(|e| sampler(&e))?;
    let mut kept = Kept { positions: Vec::new(), divergences: 0, gradients: 0 };
    for _ in 0..tune + draws {
        let (position, progress) = walker.draw().map_err(|e| sampler(&e))?;
        kept.gradients += progress.num_gradients;
        if !progress.tuning {
            kept.divergences += u64::from(progress.diverging);
            kept.positions.push(position);
        }
    }
    Ok(kept)
}

/// Worst R̂ and effective sizes over hyper-parameters and segments.
fn assess(points: &[Point]) -> BTreeMap<String, f64> {
    let per_chain = points.len() / CHAINS as usize;
    let n_psi = points[0].psi.len();
    let n_theta = points[0].state.theta.len();
    let series = |read: &dyn Fn(&Point) -> f64| -> Vec<Vec<f64>> {
        points.chunks(per_chain).map(|chain| chain.iter().map(read).collect()).collect()
    };
    let mut worst = [1.0_f64, f64::INFINITY, f64::INFINITY];
    let mut look = |chains: &[Vec<f64>]| {
        worst[0] = worst[0].max(rhat(chains));
        worst[1] = worst[1].min(ess_bulk(chains));
        worst[2] = worst[2].min(ess_tail(chains));
    };
    for i in 0..n_psi {
        look(&series(&|point: &Point| point.psi[i]));
    }
    for i in 0..n_theta {
        for j in 0..2 {
            look(&series(&|point: &Point| point.state.theta[i][j]));
        }
    }
    ["max_rhat", "min_ess_bulk", "min_ess_tail"]
        .into_iter()
        .zip(worst)
        .map(|(name, value)| (name.to_owned(), short(value)))
        .collect()
}

//! What a fit is: the mode, the axes of its hyper-parameters, how the mode moves along them.

use serde::{Deserialize, Serialize};

use super::tails::Tail;
use crate::numeric::linalg::Small;
use crate::train::density::hyper::HyperSpace;
use crate::train::density::state::{Assembly, Layout, State};

/// The fitted mode with everything that the posterior is built from.
pub(crate) struct Fitted {
    pub space: HyperSpace,
    pub layout: Layout,
    pub psi: Vec<f64>,
    /// Uncorrelated directions of `ψ` around its mode, as many as there are hyper-parameters.
    pub axes: Vec<Axis>,
    pub state: State,
    pub assembly: Assembly,
    /// Laplace approximation of the log marginal density at the mode.
    pub evidence: f64,
    /// Pareto k̂ of the axes against the Laplace marginal of `ψ`; NaN after a refit.
    pub pareto_k: f64,
    /// Whether the search settled.
    pub settled: bool,
    /// Per segment: its likelihood corrected by its exact one; empty until it was.
    pub sites: Vec<Site>,
    /// From the mode to the mean; `None` until it was looked for.
    pub centre: Option<Centre>,
}

/// One direction of the posterior of `ψ`, uncorrelated with the others.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    /// Movement of every hyper-parameter per standard deviation.
    pub direction: Vec<f64>,
    /// How the posterior falls to both sides, in units of the direction: spreads of about 1.
    pub below: Tail,
    pub above: Tail,
    /// Movement of the shared effects per standard deviation.
    pub shift: Option<Shift>,
    /// What is added per standard deviation to either side: the movement need not be straight.
    pub bend: Option<Shift>,
    /// How the shared effects' own spread changes.
    pub narrow: Option<Narrow>,
}

/// How much better the shared effects are known as `ψ` moves along an axis: effects whose scale is
/// small have little room. Logs of the precisions' pivots per standard deviation, of the common block
/// and then of each network's rest: along the axis, and what is added to either side.
#[derive(Debug, Clone)]
pub(crate) struct Narrow {
    pub straight: Vec<f64>,
    pub bent: Vec<f64>,
}

/// Movement of the shared effects, and of the segments with them.
#[derive(Debug, Clone)]
pub(crate) struct Shift {
    pub networks: Vec<Vec<f64>>,
    pub common: Vec<f64>,
    pub theta: Vec<[f64; 3]>,
}

/// Importance ratios whose tail is heavier than this say nothing reliable (Vehtari et al. 2024).
pub(crate) const TRUSTED: f64 = 0.7;

impl State {
    /// Moves along a measured movement.
    pub(crate) fn shift(&mut self, shift: &Shift, by: f64) {
        let add = |a: &mut [f64], b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += by * b);
        add(&mut self.common, &shift.common);
        self.networks.iter_mut().zip(&shift.networks).for_each(|(a, b)| add(a, b));
        self.theta.iter_mut().zip(&shift.theta).for_each(|(a, b)| add(a, b));
    }
}

/// From the mode to the mean.
#[derive(Debug, Clone)]
pub(crate) struct Centre {
    /// Movement of the shared effects: each network's block, and the common one.
    pub networks: Vec<Vec<f64>>,
    pub common: Vec<f64>,
    /// Slope to add to each segment's likelihood at its mode.
    pub theta: Vec<[f64; 3]>,
    /// Of each network's log fall: standard deviation given `ψ`, and how it leans.
    pub falls: Vec<(f64, f64)>,
    /// Each segment's table, and the slopes that the weeks' movement takes off it.
    pub profiles: Vec<Option<(Profile, [f64; 2])>>,
}

/// One segment's corrected likelihood around its mode.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub information: Small,
    pub gradient: [f64; 3],
    /// Pareto k̂ of the normal approximation; NaN for a segment without cells.
    pub k: f64,
    /// How its moments were found.
    pub by: By,
    /// The exact density was not matched although k̂ asked for it: what is kept is the normal.
    pub unmatched: bool,
}

/// How a segment's moments were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// Points of the normal at the mode, weighed.
    Weighing,
    /// Points of a normal moved to the weighted moments, weighed again.
    WeighingAgain,
    /// Slice sampling of the exact density.
    Sampling,
}

/// The table of one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// `c` of the middle node at the middle log fall, the distance of nodes, and how their middle
    /// moves with log fall.
    pub(crate) middle: f64,
    pub(crate) step: f64,
    pub(crate) lean: f64,
    /// Middle log fall and the distance of its nodes.
    pub(crate) fall: f64,
    pub(crate) fall_step: f64,
    /// By log fall, then by `c`: log likelihood, the level that it is taken at, and slope and
    /// information of the level there.
    pub(crate) value: Vec<f64>,
    pub(crate) level: Vec<f64>,
    pub(crate) slope: Vec<f64>,
    pub(crate) known: Vec<f64>,
}

//! The outer problem: the mode of `ψ` under its Laplace-approximated marginal, its spread, and how
//! the shared effects move with it.
//!
//! Hyper-parameters are nearly independent of each other on their unbounded scales, so the search
//! goes coordinate by coordinate with parabolas, and the spread is a split normal per coordinate
//! (different to the left and to the right: scales have a long tail to one side).

use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

use super::TrainError;
use super::design::Design;
use super::hyper::HyperSpace;
use super::inner::{Assembly, Layout, Problem, State};
use super::specification::Specification;
use crate::random::{Purpose, Seed};

/// The fitted mode with everything that the posterior is built from.
pub(super) struct Fitted {
    pub space: HyperSpace,
    pub layout: Layout,
    pub psi: Vec<f64>,
    /// Spread below and above the mode, per hyper-parameter.
    pub spread: Vec<(f64, f64)>,
    /// Change of the shared effects per unit of each hyper-parameter (empty state: none).
    pub shifts: Vec<Option<Shift>>,
    pub state: State,
    pub assembly: Assembly,
    /// Laplace approximation of the log marginal density at the mode.
    pub evidence: f64,
    /// Pareto k̂ of the split normal against the Laplace marginal of `ψ`; NaN after a refit.
    pub pareto_k: f64,
    /// Whether the search settled.
    pub settled: bool,
}

/// Movement of the shared effects.
#[derive(Debug, Clone)]
pub(super) struct Shift {
    pub networks: Vec<Vec<f64>>,
    pub common: Vec<f64>,
}

/// One evaluation of the marginal: its value and the Newton step it implies.
struct Evaluation {
    value: f64,
    step: State,
}

struct Search<'a> {
    design: &'a Design,
    specification: &'a Specification,
    layout: &'a Layout,
    space: &'a HyperSpace,
}

impl Search<'_> {
    fn problem(&self, psi: &[f64]) -> Problem<'_> {
        Problem::new(self.design, self.layout, self.specification, self.space.decode(psi))
    }

    /// Laplace marginal at `psi`, from one Newton step away from `state`.
    fn evaluate(&self, psi: &[f64], state: &State) -> Option<Evaluation> {
        let problem = self.problem(psi);
        let assembly = problem.assemble(state)?;
        let value = assembly.laplace() + self.space.log_prior(psi);
        value.is_finite().then_some(Evaluation { value, step: assembly.step })
    }

    fn settle(&self, psi: &[f64], state: &State, most: usize) -> Option<(State, Assembly, f64)> {
        let (state, assembly) = self.problem(psi).mode(state, most)?;
        let value = assembly.laplace() + self.space.log_prior(psi);
        Some((state, assembly, value))
    }
}

/// The mode of segments and shared effects at hyper-parameters kept from an earlier fit: what one
/// more week costs.
pub(super) fn refit(
    design: &Design,
    specification: &Specification,
    psi: Vec<f64>,
    spread: Vec<(f64, f64)>,
    start: impl FnOnce(&Layout) -> State,
) -> Result<Fitted, TrainError> {
    let layout = Layout::new(design);
    let space = HyperSpace::new(design, specification);
    let search = Search { design, specification, layout: &layout, space: &space };
    let (state, assembly, evidence) =
        search.settle(&psi, &start(&layout), 8).ok_or(TrainError::DidNotSettle)?;
    let shifts = vec![None; space.len()];
    Ok(Fitted {
        space,
        layout,
        psi,
        spread,
        shifts,
        state,
        assembly,
        evidence,
        pareto_k: f64::NAN,
        settled: true,
    })
}

/// Passes over the hyper-parameters; the last ones only touch those that still move.
const PASSES: usize = 5;

/// Finds the mode and the spread.
pub(super) fn fit(
    design: &Design,
    specification: &Specification,
    seed: Seed,
) -> Result<Fitted, TrainError> {
    let layout = Layout::new(design);
    let space = HyperSpace::new(design, specification);
    let search = Search { design, specification, layout: &layout, space: &space };
    let (mut psi, start) = (space.start(), State::start(design, &layout, specification));
    let failed = || TrainError::DidNotSettle;
    let (mut state, mut assembly, mut value) =
        search.settle(&psi, &start, 25).ok_or_else(failed)?;
    let mut width: Vec<f64> = vec![0.5; space.len()];
    let mut active: Vec<usize> = (0..space.len()).filter(|i| space.is_learnt(*i, design)).collect();
    let learnt = active.clone();
    let mut settled = false;
    for _ in 0..PASSES {
        let before = psi.clone();
        let earlier = value;
        let mut here = value;
        for &i in &active {
            here = improve(&search, &mut psi, i, &mut width[i], &state, here);
        }
        let (moved, next, reached) = search.settle(&psi, &state, 4).ok_or_else(failed)?;
        if reached < value - 1e-6 * value.abs().max(1.0) {
            // Coordinates that pull on each other overshot together: half the way is better.
            for (new, old) in psi.iter_mut().zip(&before) {
                *new = 0.5 * (*new + old);
            }
            let (moved, next, reached) = search.settle(&psi, &state, 4).ok_or_else(failed)?;
            (state, assembly, value) = (moved, next, reached);
        } else {
            (state, assembly, value) = (moved, next, reached);
        }
        // The last pass gained next to nothing: what still creeps is a flat direction.
        settled = value - earlier < 0.5;
        active.retain(|&i| (psi[i] - before[i]).abs() > 0.15 * width[i]);
        if active.is_empty() {
            settled = true;
            break;
        }
    }
    let mut spread: Vec<(f64, f64)> = space.parameters.iter().map(prior_spread).collect();
    let mut shifts: Vec<Option<Shift>> = vec![None; space.len()];
    for &i in &learnt {
        let (sides, shift) = measure(&search, &psi, i, width[i], &state, value);
        spread[i] = sides;
        shifts[i] = shift;
    }
    let pareto_k = trust(&search, &psi, &spread, &learnt, &state, seed);
    Ok(Fitted {
        pareto_k,
        space: space.clone(),
        layout: layout.clone(),
        psi,
        spread,
        shifts,
        state,
        assembly,
        evidence: value,
        settled,
    })
}

/// Draws of `ψ` that the approximation is weighed with.
const WEIGHED: usize = 40;

/// Pareto k̂ of importance ratios: marginal of `ψ` over its split normal.
fn trust(
    search: &Search<'_>,
    psi: &[f64],
    spread: &[(f64, f64)],
    learnt: &[usize],
    state: &State,
    seed: Seed,
) -> f64 {
    let mut rng = seed.stream(Purpose::Train, 0);
    let mut logs = Vec::with_capacity(WEIGHED);
    for _ in 0..WEIGHED {
        let mut drawn = psi.to_vec();
        let mut log_density = 0.0;
        for &i in learnt {
            let (below, above) = spread[i];
            let z: f64 = StandardNormal.sample(&mut rng);
            let side = rng.random::<f64>() < above / (above + below);
            drawn[i] += if side { above * z.abs() } else { -below * z.abs() };
            log_density -= 0.5 * z * z;
        }
        match search.evaluate(&drawn, state) {
            Some(evaluation) => logs.push(evaluation.value - log_density),
            None => return f64::INFINITY,
        }
    }
    super::diagnostics::pareto_k(&logs)
}

/// Spread of a hyper-parameter that the data say nothing about.
fn prior_spread(parameter: &super::hyper::Parameter) -> (f64, f64) {
    match parameter.scale {
        // Log of a half-normal around its mode: skewed to the left (quadrature of its law).
        super::hyper::Scale::HalfNormal => (1.1, 0.55),
        _ => (parameter.prior.sd, parameter.prior.sd),
    }
}

/// Moves one coordinate to the top of the parabola through three points; returns the value there.
fn improve(
    search: &Search<'_>,
    psi: &mut [f64],
    i: usize,
    width: &mut f64,
    state: &State,
    here: f64,
) -> f64 {
    let at = psi[i];
    let h = (*width).clamp(0.05, 0.6);
    let mut side = |offset: f64| {
        psi[i] = at + offset;
        let value = search.evaluate(psi, state).map_or(f64::NEG_INFINITY, |e| e.value);
        psi[i] = at;
        value
    };
    let (below, above) = (side(-h), side(h));
    let curvature = (above + below - 2.0 * here) / (h * h);
    let slope = (above - below) / (2.0 * h);
    if !(curvature.is_finite() && slope.is_finite()) {
        psi[i] = if above > below { at + 0.5 * h } else { at - 0.5 * h };
        return here;
    }
    let step = if curvature < -0.05 {
        *width = (-1.0 / curvature).sqrt().clamp(0.03, 1.5);
        (-slope / curvature).clamp(-2.0 * h, 2.0 * h)
    } else {
        2.0 * h * slope.signum()
    };
    psi[i] = at + step;
    here + slope * step + 0.5 * curvature * step * step
}

/// Split-normal spread of one coordinate, and the movement of the shared effects with it.
fn measure(
    search: &Search<'_>,
    psi: &[f64],
    i: usize,
    width: f64,
    state: &State,
    here: f64,
) -> ((f64, f64), Option<Shift>) {
    let h = width.clamp(0.03, 1.2);
    let side = |offset: f64| {
        let mut moved = psi.to_vec();
        moved[i] += offset;
        search.evaluate(&moved, state)
    };
    let (Some(below), Some(above)) = (side(-h), side(h)) else { return ((width, width), None) };
    let spread = |value: f64| {
        let fall = (here - value).max(0.02);
        (h / (2.0 * fall).sqrt()).clamp(0.5 * width, 2.5 * width)
    };
    let difference = |a: &[f64], b: &[f64]| {
        a.iter().zip(b).map(|(a, b)| (a - b) / (2.0 * h)).collect::<Vec<f64>>()
    };
    let shift = Shift {
        networks: above
            .step
            .networks
            .iter()
            .zip(&below.step.networks)
            .map(|(a, b)| difference(a, b))
            .collect(),
        common: difference(&above.step.common, &below.step.common),
    };
    ((spread(below.value), spread(above.value)), Some(shift))
}

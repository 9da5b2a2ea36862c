//! What will be fitted, and what the priors expect before any count is seen.

use crate::numeric::summary::quantiles;
use crate::train::data::design::Exposure;
use crate::train::density::likelihood::{shape, shape_of, steady_shape};

use std::collections::BTreeMap;

use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;

use crate::panel::Panel;
use crate::random::{Purpose, Seed};
use crate::response::memory;
use crate::response::memory::WEEKS;
use crate::train::data::design::{Design, Layers};
use crate::train::data::prepare::{Prepared, prepare};
use crate::train::data::specification::Specification;
use crate::train::density::hyper::HyperSpace;
use crate::train::effects::organic::Evidence;
use crate::train::error::TrainError;

/// The fit before the fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Segments and cells that would speak.
    pub segments: usize,
    /// Cells that would speak.
    pub cells: usize,
    /// Attributes that would be pooled on, the network first.
    pub pooled: Vec<String>,
    /// Layers that the panel's columns can teach.
    pub layers: Vec<String>,
    /// Share of the money still to bring its actions a week later, by network, where the history
    /// shows any.
    pub delays: BTreeMap<String, f64>,
    /// Whether organic actions would be learnt, and what the weeks without money say of them (`None`:
    /// there are none, or the specification decides).
    pub baseline: bool,
    /// See `baseline`.
    pub organic: Option<Evidence>,
    /// Names of the hyper-parameters that would be learnt.
    pub hyperparameters: Vec<String>,
    /// Typical usual weekly spend of a segment.
    pub usual_spend: f64,
    /// Prior predictive quantiles (5, 10, 50, 90, 95 %) of a segment's weekly actions there.
    pub predictive: [f64; 5],
    /// Prior quantiles of the response to twice the usual spend, over the response to it.
    pub doubling: [f64; 5],
    /// Mean weekly actions of a segment that the panel shows.
    pub observed_mean: f64,
}

/// Draws that the prior predictive range is read from.
const DRAWS: usize = 4000;

/// Says what would be fitted.
///
/// # Errors
///
/// [`TrainError`] when nothing can be learnt from the panel.
pub fn explanation(
    panel: &Panel,
    specification: &Specification,
    seed: Seed,
) -> Result<Explanation, TrainError> {
    crate::train::data::design::check(panel)?;
    let Prepared { panel, taught, .. } = prepare(panel);
    let panel = taught.as_ref().unwrap_or(panel.as_ref());
    let design = Design::new(panel, specification, &Layers::new(panel, specification)?)?;
    let space = HyperSpace::new(&design, specification);
    let mut rng = seed.stream(Purpose::Train, 1);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let (mut actions, mut doubling) = (Vec::with_capacity(DRAWS), Vec::with_capacity(DRAWS));
    for _ in 0..DRAWS {
        let (r, c, k) = segment(specification, design.pooled.len(), &mut normal);
        actions.push((design.mean_log_usual + design.log_rate + r).exp());
        doubling.push(log_doubling(c, k).exp());
    }
    let mut pooled = vec!["network".to_owned()];
    pooled.extend(design.pooled.iter().map(|attribute| attribute.name.clone()));
    Ok(Explanation {
        segments: design.segments.len(),
        cells: design.n_cells,
        pooled,
        layers: crate::train::data::design::layers(panel),
        delays: design.delays.clone(),
        baseline: design.baseline,
        organic: design.organic,
        hyperparameters: (0..space.len())
            .filter(|i| space.is_learnt(*i, &design))
            .map(|i| space.parameters[i].name.clone())
            .collect(),
        usual_spend: design.mean_log_usual.exp(),
        predictive: quantiles(&mut actions),
        doubling: quantiles(&mut doubling),
        observed_mean: design.log_count.exp(),
    })
}

/// Log of the response to twice the usual spend over the response to it.
pub(crate) fn log_doubling(c: f64, k: f64) -> f64 {
    let afresh = memory::Law::new(0.0);
    let twice = Exposure { now: 2.0, before: [0.0; WEEKS] };
    shape(&twice, c, k, &afresh, steady_shape(c, k, &afresh)).log
}

/// `(r, c, k)` of one segment drawn from the priors, at the typical usual spend: `r` against the
/// whole history's efficiency.
pub(crate) fn segment(
    specification: &Specification,
    attributes: usize,
    normal: &mut impl FnMut() -> f64,
) -> (f64, f64, f64) {
    let mut around = |name: &str| {
        let prior = specification.prior(name);
        prior.mean + prior.sd * normal()
    };
    let (r, c, log_fall) = (around("efficiency"), around("saturation"), around("shape"));
    let log_fall = log_fall + around("shape_by_network");
    let mut scattered = |name: &str, times: usize| -> f64 {
        let sd = specification.prior(name).sd;
        (0..times).map(|_| (sd * normal()).abs() * normal()).sum()
    };
    // The network is pooled on as well.
    let attributes = 1 + attributes;
    let r = r + scattered("attribute_efficiency", attributes) + scattered("spread_efficiency", 1);
    let c = c + scattered("attribute_saturation", attributes) + scattered("spread_saturation", 1);
    (r, c, shape_of(log_fall))
}

/// Standard deviation of that log before any row is seen, with so many pooled attributes.
pub(crate) fn doubling_spread(specification: &Specification, attributes: usize) -> f64 {
    // A seed of its own: what the priors say does not change with the run's.
    let mut rng = Seed(0).stream(Purpose::Train, 2);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let logs: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let (_, c, k) = segment(specification, attributes, &mut normal);
            log_doubling(c, k)
        })
        .collect();
    crate::numeric::summary::spread(&logs)
}

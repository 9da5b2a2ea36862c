//! Where a fit stands: shared effects, segments, and which number is which.

use std::sync::Arc;

use crate::numeric::linalg::{Small, small_inverse};
use crate::response::memory::WEEKS;
use crate::train::data::design::{Design, SegmentData};
use crate::train::data::specification::Specification;
use crate::train::density::hyper::Hyper;

/// Where things lie in the network and common blocks.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub p: usize,
    pub harmonics: usize,
    /// Weeks per network.
    pub weeks: Vec<usize>,
    /// Drift knots per network.
    pub knots: Vec<usize>,
    /// First common column of each pooled attribute's effects: `offset + level · p + parameter`.
    pub(crate) attributes: Vec<usize>,
    /// Size of the common block.
    pub common: usize,
    has_reach: bool,
}

impl Layout {
    pub(crate) fn new(design: &Design) -> Self {
        let p = design.p();
        let head = 2 * p + usize::from(design.has_reach) + 2 * design.harmonics;
        let mut attributes = Vec::new();
        let mut common = head;
        for attribute in &design.pooled {
            attributes.push(common);
            common += p * attribute.levels.len();
        }
        Self {
            p,
            harmonics: design.harmonics,
            weeks: design.networks.iter().map(|network| network.n_weeks).collect(),
            knots: (0..design.networks.len()).map(|n| design.n_knots(n)).collect(),
            attributes,
            common,
            has_reach: design.has_reach,
        }
    }

    /// Size of a network's block without its weeks.
    pub(crate) fn rest(&self, network: usize) -> usize {
        self.p + 1 + 2 * self.harmonics + self.knots[network]
    }

    /// Size of a network's block.
    pub(crate) fn own(&self, network: usize) -> usize {
        self.weeks[network] + self.rest(network)
    }

    /// Column of the network's `ln(1 + k)` in its rest.
    pub(crate) fn log_fall(&self) -> usize {
        self.p
    }

    /// Column of the network's season deviations in its rest.
    pub(crate) fn season(&self) -> usize {
        self.p + 1
    }

    /// First column of the network's drift knots in its rest.
    pub(crate) fn drift(&self) -> usize {
        self.p + 1 + 2 * self.harmonics
    }

    /// Common column of the common season.
    pub(crate) fn common_season(&self) -> usize {
        2 * self.p + usize::from(self.has_reach)
    }

    /// Common columns, with their factors, that make up the prior mean of parameter `j`.
    pub(crate) fn each_mean_column(
        &self,
        j: usize,
        log_usual: f64,
        reach_hint: Option<f64>,
        levels: &[Option<usize>],
        mut each: impl FnMut(usize, f64),
    ) {
        each(2 * j, 1.0);
        each(2 * j + 1, log_usual);
        if let (1, Some(hint)) = (j, reach_hint) {
            each(2 * self.p, hint);
        }
        for (offset, level) in self.attributes.iter().zip(levels) {
            if let Some(level) = level {
                each(offset + level * self.p + j, 1.0);
            }
        }
    }

    /// Common columns of the attributes' effects: column, attribute (from 1; 0 is the network),
    /// parameter.
    pub(crate) fn attribute_columns(&self) -> Vec<(usize, usize, usize)> {
        let mut columns = Vec::new();
        for (a, offset) in self.attributes.iter().enumerate() {
            let end = self.attributes.get(a + 1).copied().unwrap_or(self.common);
            columns.extend((*offset..end).map(|at| (at, a + 1, (at - offset) % self.p)));
        }
        columns
    }

    /// Prior mean and precision of every common column.
    pub(crate) fn common_prior(
        &self,
        specification: &Specification,
        hyper: &Hyper,
    ) -> Vec<(f64, f64)> {
        let prior = |name: &str| {
            let prior = specification.prior(name);
            (prior.mean, prior.sd.powi(-2))
        };
        let mut all = vec![prior("efficiency"), prior("efficiency_by_spend")];
        all.extend([prior("saturation"), prior("saturation_by_spend")]);
        if self.p == 3 {
            all.extend([prior("baseline"), prior("baseline_by_spend")]);
        }
        if self.has_reach {
            // The reach layer's reading of saturation is trusted one for one, give or take.
            all.push((1.0, 0.3_f64.powi(-2)));
        }
        for h in 0..2 * self.harmonics {
            // Higher harmonics are smaller. Their size is not learnt: few numbers carry it, and a
            // mode near 0 would make weeks never seen look surer than they are.
            let sd = specification.prior("season").sd / ((1 + h / 2) as f64).sqrt();
            all.push((0.0, sd.powi(-2)));
        }
        let levels = self.attributes.iter().enumerate().map(|(a, offset)| {
            let end = self.attributes.get(a + 1).copied().unwrap_or(self.common);
            (a, (end - offset) / self.p)
        });
        for (a, n_levels) in levels {
            for _ in 0..n_levels {
                for j in 0..self.p {
                    all.push((0.0, hyper.tau_attribute[a + 1][j].powi(-2)));
                }
            }
        }
        all
    }
}

/// A point in the space of segments and shared effects.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub theta: Vec<[f64; 3]>,
    pub networks: Vec<Vec<f64>>,
    pub common: Vec<f64>,
}

impl State {
    /// Everything at its prior mean.
    ///
    /// A fit sets out from [`pooled`](crate::train::laplace::pooled), which begins here.
    pub(crate) fn start(design: &Design, layout: &Layout, specification: &Specification) -> Self {
        let mut common = vec![0.0; layout.common];
        for (name, column) in [("efficiency", 0), ("saturation", 2)] {
            common[column] = specification.prior(name).mean;
        }
        if layout.p == 3 {
            common[4] = specification.prior("baseline").mean;
        }
        if design.has_reach {
            common[2 * layout.p] = 1.0;
        }
        let log_fall = specification.prior("shape").mean;
        let networks = (0..design.networks.len())
            .map(|n| {
                let mut own = vec![0.0; layout.own(n)];
                own[layout.weeks[n] + layout.log_fall()] = log_fall;
                own
            })
            .collect();
        let mut state = Self { theta: Vec::new(), networks, common };
        state.theta = design
            .segments
            .iter()
            .map(|segment| prior_mean(design, layout, &state, segment))
            .collect();
        state
    }

    pub(crate) fn moved(&self, step: &Self, by: f64) -> Self {
        let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + by * b).collect();
        Self {
            theta: self
                .theta
                .iter()
                .zip(&step.theta)
                .map(|(a, b)| [a[0] + by * b[0], a[1] + by * b[1], a[2] + by * b[2]])
                .collect(),
            networks: self.networks.iter().zip(&step.networks).map(|(a, b)| add(a, b)).collect(),
            common: add(&self.common, &step.common),
        }
    }
}

/// Fixed part of each parameter's prior mean.
pub(crate) fn offsets(design: &Design, segment: &SegmentData) -> [f64; 3] {
    [segment.usual.ln() + design.log_rate, 0.0, design.log_count]
}

/// Prior mean of a segment's parameters at the shared effects of a state.
pub(crate) fn prior_mean(
    design: &Design,
    layout: &Layout,
    state: &State,
    segment: &SegmentData,
) -> [f64; 3] {
    let mut mean = offsets(design, segment);
    let rest = &state.networks[segment.network][layout.weeks[segment.network]..];
    for (j, mean) in mean.iter_mut().enumerate().take(layout.p) {
        *mean += rest[j];
        let (hint, levels) = (segment.reach_hint, &segment.levels);
        layout.each_mean_column(j, segment.log_usual, hint, levels, |column, factor| {
            *mean += factor * state.common[column];
        });
    }
    mean
}

/// Precision `T⁻¹` of a segment's parameters around their prior mean.
pub(crate) fn residual_precision(hyper: &Hyper, p: usize) -> Small {
    let off = hyper.correlation * hyper.tau[0] * hyper.tau[1];
    let covariance = [
        [hyper.tau[0].powi(2), off, 0.0],
        [off, hyper.tau[1].powi(2), 0.0],
        [0.0, 0.0, hyper.tau[2].powi(2)],
    ];
    small_inverse(&covariance, p).expect("scales are positive and the correlation is below 1")
}

/// One segment's contribution: its own block and its links.
#[derive(Debug, Clone)]
pub(crate) struct SegmentBlock {
    /// Columns of the network-plus-common vector that it touches.
    pub active: Vec<u32>,
    /// Links `p × active`, row-major.
    pub links: Vec<f64>,
    /// Cholesky factor of its own block.
    pub factor: Small,
    /// Gradient of its own block.
    pub gradient: [f64; 3],
    /// Information of the likelihood alone, and its gradient.
    pub information: Small,
    pub likelihood_gradient: [f64; 3],
    /// Links of the likelihood alone to weeks (then log fall last), `p × (weeks touched + 1)`.
    pub week_links: Vec<f64>,
    pub touched: Vec<u32>,
}

/// A segment's own terms: the likelihood's and those of its distance from its prior mean.
pub(crate) struct Own {
    /// Columns (own-then-common) that make up its prior mean: column, parameter, factor.
    pub columns: Vec<(usize, usize, f64)>,
    /// Its own block.
    pub block: Small,
    pub gradient: [f64; 3],
    /// Gradient of the prior mean of each parameter.
    pub pull: [f64; 3],
}

/// Everything one assembly yields.
pub(crate) struct Assembly {
    /// Log joint density at the state (without the prior of `ψ`).
    pub value: f64,
    pub log_det: f64,
    pub blocks: Vec<SegmentBlock>,
    /// Per network: factor of `[own | common]`, rows of `own + common`.
    pub factors: Vec<Vec<f64>>,
    /// Factor of the common block.
    pub common: Vec<f64>,
    /// Newton step.
    pub step: State,
    /// Newton decrement `gᵀ H⁻¹ g`.
    pub decrement: f64,
}

/// What does not change between steps of one `ψ`.
#[derive(Clone)]
pub(crate) struct Problem<'a> {
    pub design: &'a Design,
    pub layout: &'a Layout,
    pub specification: &'a Specification,
    pub hyper: Hyper,
    /// Per network: the part of the counts' density that only its dispersion moves.
    pub(crate) norms: Vec<f64>,
    pub(crate) precision: Small,
    pub(crate) log_det_precision: f64,
    pub(crate) common_prior: Vec<(f64, f64)>,
    /// Per network: the columns of its residuals, the same for all `ψ`.
    pub(crate) rows: Arc<Vec<Vec<Columns>>>,
    /// Per segment: its cells, laid out once for all `ψ`.
    pub(crate) lots: Arc<Vec<Lot>>,
    /// Whether Newton steps take weeks out first.
    pub weeks_first: bool,
}

/// A segment's cells laid out once for all states.
#[derive(Debug, Clone)]
pub(crate) struct Lot {
    pub(super) asked: Vec<Asked>,
    /// First week of each cell, where every cell is of one week.
    pub(super) single: Option<Vec<u32>>,
    /// Cells that are worked out by themselves.
    pub(super) rare: Vec<usize>,
    /// Counts of those of them that are suppressed, and the logs of all other counts' factorials.
    pub(super) suppressed: Vec<f64>,
    pub(super) log_factorials: f64,
}

/// What some cells ask of every state.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) now: Lane,
    /// What is remembered by those who remember one week, two, three.
    pub(super) before: [Lane; WEEKS - 1],
    /// 1 where that is what the cell in front left to those who remember a week less.
    pub(super) follows: [Lane; WEEKS - 1],
    /// Lanes of the others that remember anything.
    pub(super) apart: [Vec<usize>; WEEKS - 1],
    pub(super) offset: Lane,
    pub(super) count: Lane,
    pub(super) weeks: Lane,
    /// 1 where money speaks, 0 where there is nothing but the baseline.
    pub(super) paid: Lane,
}

/// Columns (of own-then-common) with factors that make up one Gaussian residual.
pub(crate) type Columns = Vec<(usize, f64)>;

pub(super) type Lane = [f64; LANES];

/// Cells side by side: two registers of the widest kind, so that their sums need not wait.
pub(super) const LANES: usize = 16;

//! The inner problem: given `ψ`, the mode of segments and shared effects and its curvature.
//!
//! Three levels: segments `θ_i = (r, c[, b])` hang on their network's block and on the common
//! block. Each Newton step (Fisher scoring) eliminates segments into their network's block and
//! networks into the common block (Schur complements), so cost is linear in cells.
//!
//! `r` is the log of actions per week at the segment's usual weekly spend, `c` the log of
//! half-saturation over usual spend, `b` the log of organic actions per week. Anchored at the
//! usual spend, level and curvature are nearly independent in the likelihood, which is what makes
//! the Gaussian approximation good.
//!
//! Network block: `[ℓ_0 … ℓ_{T−1} | r-effect, c-effect, (b-effect), log fall, season deviations,
//! drift knots]`, where `ℓ_t` is the whole log effect of week `t` (season + drift + shock) and
//! log fall is `ln (1 + k)`: how fast the worth of one more unit of money falls, `(1 + s/(kκ))^−(1+k)`.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use std::sync::Arc;

use rayon::prelude::*;

use super::newton;
use super::newton::Newton;
use super::schur::{Common, Reduced, Solved, add_lower, subtract_outer};
use crate::numeric::linalg::{Small, small_cholesky, small_solve};
use crate::train::data::design::{Design, SegmentData};
use crate::train::data::specification::Specification;
use crate::train::density::cells::{Cells, Sums};
use crate::train::density::hyper::{Hyper, Role};
use crate::train::density::likelihood::{shape_of, steady_shape};
use crate::train::density::state::{
    Assembly, Columns, Layout, Lot, Own, Problem, SegmentBlock, State, prior_mean,
    residual_precision,
};

/// Sums over a group of segments of one network.
struct Partial {
    matrix: Vec<f64>,
    gradient: Vec<f64>,
    value: f64,
    log_det: f64,
    blocks: Vec<SegmentBlock>,
}

/// Sums over all segments, by network.
struct Gathered {
    value: f64,
    log_det: f64,
    blocks: Vec<SegmentBlock>,
    matrices: Vec<Vec<f64>>,
    gradients: Vec<Vec<f64>>,
}

/// An independent Gaussian residual: value, precision, columns with factors.
pub(crate) type Residual<'a> = (f64, f64, &'a [(usize, f64)]);

/// Precision of a segment's parameters around their prior mean, and its log determinant.
fn precision_of(hyper: &Hyper, p: usize) -> (Small, f64) {
    let precision = residual_precision(hyper, p);
    let factor = small_cholesky(&precision, p).expect("a precision is positive");
    (precision, (0..p).map(|j| 2.0 * factor[j][j].ln()).sum())
}

/// Columns of every Gaussian residual of a network's block: effects, log fall, season deviations,
/// drift's steps, weeks.
fn residual_rows(design: &Design, layout: &Layout, n: usize) -> Vec<Columns> {
    let (weeks, own) = (layout.weeks[n], layout.own(n));
    let mut rows: Vec<Columns> =
        (0..layout.drift()).map(|column| vec![(weeks + column, 1.0)]).collect();
    for j in 0..layout.knots[n] {
        let mut columns = vec![(weeks + layout.drift() + j, 1.0)];
        if j > 0 {
            columns.push((weeks + layout.drift() + j - 1, -1.0));
        }
        rows.push(columns);
    }
    for t in 0..weeks {
        let mut columns = vec![(t, 1.0)];
        let week = design.networks[n].first_week + t as i64;
        for (h, x) in design.fourier(week).into_iter().enumerate() {
            columns.push((weeks + layout.season() + h, -x));
            columns.push((own + layout.common_season() + h, -x));
        }
        for (knot, x) in design.drift(n, t) {
            if x != 0.0 {
                columns.push((weeks + layout.drift() + knot, -x));
            }
        }
        rows.push(columns);
    }
    rows
}

/// A residual's value from its columns.
fn along(n: usize, columns: &[(usize, f64)], state: &State) -> f64 {
    let own = &state.networks[n];
    let at = |column: usize| {
        if column < own.len() { own[column] } else { state.common[column - own.len()] }
    };
    columns.iter().map(|(column, x)| x * at(*column)).sum()
}

/// Sum over a network's cells of the part of the counts' density that only its dispersion moves.
fn network_norm(design: &Design, lots: &[Lot], network: usize, phi: f64) -> f64 {
    let segments = design.networks[network].segments.par_iter();
    let norms: Vec<f64> = segments.map(|i| lots[*i].norm(phi)).collect();
    norms.iter().sum()
}

/// Columns of log fall and the prior mean that a segment usually has: room that need not be made twice.
const SOME_COLUMNS: usize = 24;

/// How many times more steps a search for the mode may take that is still far from it …
const LONGER: usize = 8;
/// … by this Newton decrement (twice the logs of density that are still to be gained).
const FAR_FROM_MODE: f64 = 1.0;

/// Segments per unit of parallel work; fixed, so that sums do not depend on threads.
fn chunk_len(n_segments: usize) -> usize {
    (n_segments / 16).max(64)
}

impl<'a> Problem<'a> {
    pub(crate) fn new(
        design: &'a Design,
        layout: &'a Layout,
        specification: &'a Specification,
        hyper: Hyper,
    ) -> Self {
        Self::near(None, design, layout, specification, hyper)
    }

    /// The same at other hyper-parameters for the priors alone: what the counts' likelihood needs is
    /// left empty.
    pub(crate) fn priors_at(&self, hyper: Hyper) -> Self {
        let (precision, log_det_precision) = precision_of(&hyper, self.layout.p);
        Self {
            norms: Vec::new(),
            precision,
            log_det_precision,
            common_prior: self.layout.common_prior(self.specification, &hyper),
            rows: Arc::clone(&self.rows),
            lots: Arc::clone(&self.lots),
            hyper,
            ..*self
        }
    }

    /// The same at other hyper-parameters; what they leave as it was is not worked out again.
    pub(crate) fn moved_to(&self, hyper: Hyper) -> Self {
        Self::near(Some(self), self.design, self.layout, self.specification, hyper)
    }

    #[allow(clippy::float_cmp, reason = "only the very same number leaves its terms as they were")]
    fn near(
        base: Option<&Self>,
        design: &'a Design,
        layout: &'a Layout,
        specification: &'a Specification,
        hyper: Hyper,
    ) -> Self {
        let lots: Arc<Vec<Lot>> = base.map_or_else(
            || Arc::new(design.segments.par_iter().map(Lot::of).collect()),
            |base| Arc::clone(&base.lots),
        );
        let norms = (0..design.networks.len())
            .map(|n| match base {
                Some(base) if base.hyper.phi[n] == hyper.phi[n] => base.norms[n],
                _ => network_norm(design, &lots, n, hyper.phi[n]),
            })
            .collect();
        let (precision, log_det_precision) = precision_of(&hyper, layout.p);
        let rows = base.map_or_else(
            || {
                let networks = 0..design.networks.len();
                Arc::new(networks.map(|n| residual_rows(design, layout, n)).collect())
            },
            |base| Arc::clone(&base.rows),
        );
        let common_prior = layout.common_prior(specification, &hyper);
        let weeks_first =
            base.map_or_else(|| newton::weeks_first(design, layout), |base| base.weeks_first);
        Self {
            design,
            layout,
            specification,
            hyper,
            norms,
            precision,
            log_det_precision,
            common_prior,
            rows,
            lots,
            weeks_first,
        }
    }

    /// A segment's cells, laid out.
    pub(crate) fn lot(&self, i: usize) -> &Lot {
        &self.lots[i]
    }

    pub(crate) fn precision(&self) -> &Small {
        &self.precision
    }

    pub(crate) fn norm(&self) -> f64 {
        self.norms.iter().sum()
    }

    /// Log joint density of counts, segments and shared effects at a state.
    pub(crate) fn value(&self, state: &State) -> f64 {
        let parts: Vec<f64> = self
            .design
            .segments
            .par_iter()
            .enumerate()
            .map(|(i, segment)| self.segment_value(i, segment, state))
            .collect();
        self.norm() + parts.iter().sum::<f64>() + self.shared_value(state)
    }

    fn segment_value(&self, i: usize, segment: &SegmentData, state: &State) -> f64 {
        let likelihood = Cells::at(self, i, state).value();
        likelihood + self.residual_value(segment, &state.theta[i], state)
    }

    pub(crate) fn residual_value(
        &self,
        segment: &SegmentData,
        theta: &[f64; 3],
        state: &State,
    ) -> f64 {
        let mean = prior_mean(self.design, self.layout, state, segment);
        let p = self.layout.p;
        let mut square = 0.0;
        for a in 0..p {
            for b in 0..p {
                square += (theta[a] - mean[a]) * self.precision[a][b] * (theta[b] - mean[b]);
            }
        }
        0.5 * (self.log_det_precision - square)
    }

    pub(crate) fn shared_value(&self, state: &State) -> f64 {
        let mut value = 0.0;
        for (x, (mean, precision)) in state.common.iter().zip(&self.common_prior) {
            value += 0.5 * (precision.ln() - precision * (x - mean).powi(2));
        }
        for n in 0..state.networks.len() {
            for (residual, precision, _) in self.network_residuals(n, state) {
                value += 0.5 * (precision.ln() - precision * residual.powi(2));
            }
        }
        value
    }

    /// Columns of a network's residuals, the weeks' last.
    pub(crate) fn network_rows(&self, n: usize) -> &[Columns] {
        &self.rows[n]
    }

    /// Independent Gaussian residuals of a network's block: value, precision, and the columns
    /// (of own-then-common) with factors that make it up.
    pub(crate) fn network_residuals(&self, n: usize, state: &State) -> Vec<Residual<'_>> {
        let (layout, hyper) = (self.layout, &self.hyper);
        let shape = layout.p;
        let drift = shape + 1 + 2 * layout.harmonics;
        let shock = drift + layout.knots[n];
        let step = hyper.drift * f64::from(self.design.drift_weeks).sqrt();
        let sd = |row: usize| {
            if row < shape {
                hyper.tau_attribute[0][row]
            } else if row == shape {
                self.specification.prior("shape_by_network").sd
            } else if row < drift {
                hyper.season_network
            } else if row < shock {
                step
            } else {
                hyper.shock
            }
        };
        let residual = |(row, columns): (usize, &'_ Columns)| {
            let centre = if row == shape { hyper.log_fall } else { 0.0 };
            along(n, columns, state) - centre
        };
        let rows = self.rows[n].iter().enumerate();
        rows.map(|(row, columns)| (residual((row, columns)), sd(row).powi(-2), columns.as_slice()))
            .collect()
    }

    /// Residuals of a network's weeks alone.
    pub(crate) fn week_residuals(&self, n: usize, state: &State) -> Vec<f64> {
        let rows = &self.rows[n];
        let weeks = &rows[rows.len() - self.layout.weeks[n]..];
        weeks.iter().map(|columns| along(n, columns, state)).collect()
    }

    /// Slopes of the shared effects' own density: per network, then common.
    pub(crate) fn shared_gradient(&self, state: &State) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut common: Vec<f64> = state
            .common
            .iter()
            .zip(&self.common_prior)
            .map(|(x, (mean, precision))| -precision * (x - mean))
            .collect();
        let networks = (0..state.networks.len())
            .map(|n| {
                let mut own = vec![0.0; self.layout.own(n)];
                for (residual, precision, columns) in self.network_residuals(n, state) {
                    for &(column, x) in columns {
                        let slope = -precision * residual * x;
                        match own.get_mut(column) {
                            Some(own) => *own += slope,
                            None => common[column - self.layout.own(n)] += slope,
                        }
                    }
                }
                own
            })
            .collect();
        (networks, common)
    }

    /// Slopes of the shared effects' own density in the logs of their scales.
    pub(crate) fn scale_slopes(&self, state: &State, mut add: impl FnMut(Role, f64)) {
        let layout = self.layout;
        for n in 0..state.networks.len() {
            let residuals = self.network_residuals(n, state);
            let shape = layout.p;
            let season = shape + 1;
            let drift = season + 2 * layout.harmonics;
            let shock = drift + layout.knots[n];
            for (row, (residual, precision, _)) in residuals.iter().enumerate() {
                let slope = precision * residual * residual - 1.0;
                if row < shape {
                    add(Role::SpreadBy(0, row), slope);
                } else if row == shape {
                    add(Role::Shape, precision * residual);
                } else if row < drift {
                    add(Role::Season, slope);
                } else if row < shock {
                    add(Role::Drift, slope);
                } else {
                    add(Role::Shock, slope);
                }
            }
        }
        for (a, offset) in layout.attributes.iter().enumerate() {
            let end = layout.attributes.get(a + 1).copied().unwrap_or(layout.common);
            for column in *offset..end {
                let (_, precision) = self.common_prior[column];
                let slope = precision * state.common[column].powi(2) - 1.0;
                add(Role::SpreadBy(a + 1, (column - offset) % layout.p), slope);
            }
        }
    }

    /// Precision of the residual times a segment's distance from its prior mean.
    pub(crate) fn pull(&self, theta: &[f64; 3], mean: &[f64; 3]) -> [f64; 3] {
        let mut pull = [0.0; 3];
        for a in 0..self.layout.p {
            for b in 0..self.layout.p {
                pull[a] += self.precision[a][b] * (theta[b] - mean[b]);
            }
        }
        pull
    }

    /// Mean of every cell of a segment.
    pub(crate) fn means<'b>(
        &'b self,
        i: usize,
        segment: &'b SegmentData,
        state: &'b State,
    ) -> impl Iterator<Item = f64> + 'b {
        let own = &state.networks[segment.network];
        let k = shape_of(own[self.layout.weeks[segment.network] + self.layout.log_fall()]);
        let (theta, p) = (&state.theta[i], self.layout.p);
        let at_usual = steady_shape(theta[1], k, &self.hyper.memory);
        segment.cells.iter().map(move |cell| {
            crate::train::density::cells::cell_mean(
                cell,
                theta,
                k,
                &self.hyper.memory,
                at_usual,
                own,
                p,
            )
            .mu
        })
    }

    /// One assembly: value, curvature, Newton step.
    pub(crate) fn assemble(&self, state: &State) -> Option<Assembly> {
        let mut chunks: Vec<(usize, &[usize])> = Vec::new();
        let len = chunk_len(self.design.segments.len());
        for (n, network) in self.design.networks.iter().enumerate() {
            chunks.extend(network.segments.chunks(len).map(|chunk| (n, chunk)));
        }
        let partials: Vec<Option<Partial>> =
            chunks.par_iter().map(|(n, chunk)| self.partial(*n, chunk, state)).collect();
        self.eliminate(state, &chunks, partials)
    }

    fn partial(&self, n: usize, chunk: &[usize], state: &State) -> Option<Partial> {
        let size = self.layout.own(n) + self.layout.common;
        let mut partial = Partial {
            matrix: vec![0.0; size * size],
            gradient: vec![0.0; size],
            value: 0.0,
            log_det: 0.0,
            blocks: Vec::with_capacity(chunk.len()),
        };
        for &i in chunk {
            self.add_segment(i, state, &mut partial)?;
        }
        Some(partial)
    }

    /// Adds one segment's direct terms and its Schur complement.
    fn add_segment(&self, i: usize, state: &State, partial: &mut Partial) -> Option<()> {
        let segment = &self.design.segments[i];
        let (layout, n) = (self.layout, segment.network);
        let (p, weeks, own) = (layout.p, layout.weeks[n], layout.own(n));
        let size = own + layout.common;
        let theta = &state.theta[i];
        let mut sums = Cells::at(self, i, state).sums(segment, p);

        let Own { columns, block, gradient, pull } = self.own(i, state, &sums);

        // Columns: weeks touched, log fall, then the pieces of the prior mean.
        let mut active: Vec<u32> = Vec::with_capacity(sums.touched.len() + 1 + columns.len());
        active.extend(&sums.touched);
        let k_at = active.len();
        active.push((weeks + layout.log_fall()) as u32);
        active.extend(columns.iter().map(|(column, ..)| *column as u32));
        let width = active.len();
        let mut links = vec![0.0; p * width];
        for j in 0..p {
            links[j * width..=j * width + k_at]
                .copy_from_slice(&sums.links[j * (k_at + 1)..(j + 1) * (k_at + 1)]);
        }
        for (at, (_, j, x)) in columns.iter().enumerate() {
            for a in 0..p {
                links[a * width + k_at + 1 + at] -= self.precision[a][*j] * x;
            }
        }
        let factor = small_cholesky(&block, p)?;
        partial.log_det += (0..p).map(|j| 2.0 * factor[j][j].ln()).sum::<f64>();
        partial.value += sums.value + self.residual_value(segment, theta, state);

        // Direct terms.
        for (column, g) in sums.touched.iter().zip(&sums.week_gradient) {
            partial.gradient[*column as usize] += g;
        }
        partial.gradient[weeks + layout.log_fall()] += sums.k_gradient;
        for (column, j, x) in &columns {
            partial.gradient[*column] += pull[*j] * x;
        }
        for (row, column, value) in sums.week_information.drain(..) {
            add_lower(&mut partial.matrix, size, row as usize, column as usize, value);
        }
        for (column, weight) in sums.touched.iter().zip(&sums.week_weight) {
            partial.matrix[*column as usize * (size + 1)] += weight;
        }
        let k_row = weeks + layout.log_fall();
        for (column, value) in sums.touched.iter().zip(&sums.week_k) {
            add_lower(&mut partial.matrix, size, k_row, *column as usize, *value);
        }
        partial.matrix[k_row * size + k_row] += sums.k_information;
        self.add_columns(&columns, &mut partial.matrix, size, |column| column);
        eliminate_segment(partial, size, &active, &links, &factor, gradient, p);
        partial.blocks.push(SegmentBlock {
            active,
            links,
            factor,
            gradient,
            information: sums.information,
            likelihood_gradient: sums.gradient,
            week_links: sums.links,
            touched: sums.touched,
        });
        Some(())
    }

    /// A segment's own terms beside the likelihood's links.
    pub(crate) fn own(&self, i: usize, state: &State, sums: &Sums) -> Own {
        let (segment, layout) = (&self.design.segments[i], self.layout);
        let (weeks, own) = (layout.weeks[segment.network], layout.own(segment.network));
        let mut columns = Vec::with_capacity(SOME_COLUMNS);
        for j in 0..layout.p {
            columns.push((weeks + j, j, 1.0));
            let (hint, levels) = (segment.reach_hint, &segment.levels);
            layout.each_mean_column(j, segment.log_usual, hint, levels, |column, x| {
                columns.push((own + column, j, x));
            });
        }
        let mean = prior_mean(self.design, layout, state, segment);
        let pull = self.pull(&state.theta[i], &mean);
        let (mut block, mut gradient) = (sums.information, sums.gradient);
        for a in 0..layout.p {
            gradient[a] -= pull[a];
            for b in 0..layout.p {
                block[a][b] += self.precision[a][b];
            }
        }
        Own { columns, block, gradient, pull }
    }

    /// Adds what a segment's distance from its prior mean says of that mean's columns, each at its
    /// `place` in the matrix.
    pub(crate) fn add_columns(
        &self,
        columns: &[(usize, usize, f64)],
        matrix: &mut [f64],
        size: usize,
        place: impl Fn(usize) -> usize,
    ) {
        for (index, (column, j, x)) in columns.iter().enumerate() {
            for (other, j2, y) in &columns[..=index] {
                let value = self.precision[*j][*j2] * x * y;
                add_lower(matrix, size, place(*column), place(*other), value);
            }
        }
    }

    /// Adds the chunks of each network in order.
    fn gather(
        &self,
        chunks: &[(usize, &[usize])],
        partials: Vec<Option<Partial>>,
    ) -> Option<Gathered> {
        let sizes: Vec<usize> = (0..self.design.networks.len())
            .map(|n| self.layout.own(n) + self.layout.common)
            .collect();
        let mut blocks: Vec<Option<SegmentBlock>> = vec![None; self.design.segments.len()];
        let mut matrices: Vec<Vec<f64>> = sizes.iter().map(|size| vec![0.0; size * size]).collect();
        let mut gradients: Vec<Vec<f64>> = sizes.iter().map(|size| vec![0.0; *size]).collect();
        let (mut value, mut log_det) = (0.0, 0.0);
        for ((n, chunk), partial) in chunks.iter().zip(partials) {
            let partial = partial?;
            value += partial.value;
            log_det += partial.log_det;
            for (sum, x) in matrices[*n].iter_mut().zip(&partial.matrix) {
                *sum += x;
            }
            for (sum, x) in gradients[*n].iter_mut().zip(&partial.gradient) {
                *sum += x;
            }
            for (i, block) in chunk.iter().zip(partial.blocks) {
                blocks[*i] = Some(block);
            }
        }
        let blocks =
            blocks.into_iter().map(|block| block.expect("each segment is in one chunk")).collect();
        Some(Gathered { value, log_det, blocks, matrices, gradients })
    }

    /// Steps of the segments given those of the shared effects, and their part of the decrement.
    fn segment_steps(
        &self,
        blocks: &[SegmentBlock],
        networks: &[Vec<f64>],
        common: &[f64],
    ) -> (Vec<[f64; 3]>, f64) {
        let p = self.layout.p;
        let mut decrement = 0.0;
        let steps = blocks
            .iter()
            .zip(&self.design.segments)
            .map(|(block, segment)| {
                let own = self.layout.own(segment.network);
                let width = block.active.len();
                let mut right = block.gradient;
                for (at, column) in block.active.iter().enumerate() {
                    let column = *column as usize;
                    let shared = if column < own {
                        networks[segment.network][column]
                    } else {
                        common[column - own]
                    };
                    for a in 0..p {
                        right[a] -= block.links[a * width + at] * shared;
                    }
                }
                let solved = small_solve(&block.factor, p, block.gradient);
                decrement += (0..p).map(|a| block.gradient[a] * solved[a]).sum::<f64>();
                small_solve(&block.factor, p, right)
            })
            .collect();
        (steps, decrement)
    }

    /// The common block's prior at a state.
    pub(crate) fn common_block(&self, state: &State) -> Common {
        let mut common = Common::new(state.common.len());
        for (j, (mean, precision)) in self.common_prior.iter().enumerate() {
            common.matrix[j * (state.common.len() + 1)] = *precision;
            common.gradient[j] = -precision * (state.common[j] - mean);
        }
        common
    }

    /// Eliminates networks into the common block and solves for the step.
    fn eliminate(
        &self,
        state: &State,
        chunks: &[(usize, &[usize])],
        partials: Vec<Option<Partial>>,
    ) -> Option<Assembly> {
        let layout = self.layout;
        let common = layout.common;
        let n_networks = self.design.networks.len();
        let mut value = self.norm() + self.shared_value(state);
        let mut log_det = 0.0;
        let Gathered { value: gathered, log_det: own, blocks, matrices, gradients } =
            self.gather(chunks, partials)?;
        value += gathered;
        log_det += own;
        let mut shared = self.common_block(state);
        let mut networks = Vec::with_capacity(n_networks);
        for (n, (mut matrix, mut gradient)) in matrices.into_iter().zip(gradients).enumerate() {
            let (own, size) = (layout.own(n), layout.own(n) + common);
            for (residual, precision, columns) in self.network_residuals(n, state) {
                for (index, (column, x)) in columns.iter().enumerate() {
                    gradient[*column] -= precision * residual * x;
                    for (other, y) in &columns[..=index] {
                        add_lower(&mut matrix, size, *column, *other, precision * x * y);
                    }
                }
            }
            let (network, own) = Reduced::new(matrix, gradient, own, common)?;
            log_det += own;
            network.leave(&mut shared);
            networks.push(network);
        }
        let Solved { step, factor, log_det: of_common, mut decrement } = shared.solved()?;
        log_det += of_common;
        let mut step_networks = Vec::with_capacity(n_networks);
        for network in &networks {
            let (step, own) = network.follow(&step);
            decrement += own;
            step_networks.push(step);
        }
        let (theta, own) = self.segment_steps(&blocks, &step_networks, &step);
        decrement += own;
        Some(Assembly {
            value,
            log_det,
            blocks,
            factors: networks.into_iter().map(|network| network.matrix).collect(),
            common: factor,
            step: State { theta, networks: step_networks, common: step },
            decrement,
        })
    }

    /// One safeguarded Newton step; the new state and its gain.
    pub(crate) fn step(&self, state: &State, newton: &Newton) -> (State, f64) {
        let mut by = 1.0_f64;
        // No parameter moves by more than 2 logs in one step.
        let largest = newton
            .step
            .theta
            .iter()
            .flatten()
            .chain(newton.step.networks.iter().flatten())
            .chain(&newton.step.common)
            .fold(0.0_f64, |most, x| most.max(x.abs()));
        if largest > 2.0 {
            by = 2.0 / largest;
        }
        for _ in 0..12 {
            let moved = state.moved(&newton.step, by);
            let value = self.value(&moved);
            if value.is_finite() && value >= newton.value - 1e-9 * newton.value.abs() {
                let gain = value - newton.value;
                return self.shorter(state, newton, by, gain).unwrap_or((moved, gain));
            }
            by *= 0.4;
        }
        (state.clone(), 0.0)
    }

    /// The top of the parabola through the slope here and the value `by` along the step, where that
    /// is nearer and higher. Fisher's information can be half of the curvature along a valley in
    /// which saturation and log fall make up for each other: whole steps then jump from one slope to the
    /// other and hardly come down.
    fn shorter(&self, state: &State, newton: &Newton, by: f64, gain: f64) -> Option<(State, f64)> {
        let promised = by * newton.decrement;
        let top = by * promised / (2.0 * (promised - gain));
        if !(0.1 * by..0.8 * by).contains(&top) {
            return None;
        }
        let moved = state.moved(&newton.step, top);
        let higher = self.value(&moved) - newton.value;
        (higher > gain).then_some((moved, higher))
    }

    /// Newton steps until the decrement is small or `most` are taken; the mode and the step there.
    pub(crate) fn mode(&self, start: &State, most: usize) -> Option<(State, Newton)> {
        let mut state = start.clone();
        for step in 0..LONGER * most {
            let newton = self.newton(&state)?;
            // So many steps are enough for nearly all; far from the mode (an organic baseline that
            // vanishes along a bent valley) the marginal would be taken where it has no meaning.
            if newton.decrement < 1e-6 || step >= most && newton.decrement < FAR_FROM_MODE {
                return Some((state, newton));
            }
            let (moved, gain) = self.step(&state, &newton);
            state = moved;
            if gain.abs() < 1e-7 {
                break;
            }
        }
        let newton = self.newton(&state)?;
        Some((state, newton))
    }
}

/// Takes one segment out: `W = L⁻¹ B`, `matrix −= WᵀW`, `gradient −= Bᵀ H⁻¹ g`.
fn eliminate_segment(
    partial: &mut Partial,
    size: usize,
    active: &[u32],
    links: &[f64],
    factor: &Small,
    gradient: [f64; 3],
    p: usize,
) {
    let width = active.len();
    let mut w = links.to_vec();
    for a in 0..p {
        for b in 0..a {
            let (done, rest) = w.split_at_mut(a * width);
            for (x, y) in rest[..width].iter_mut().zip(&done[b * width..(b + 1) * width]) {
                *x -= factor[a][b] * y;
            }
        }
        for x in &mut w[a * width..(a + 1) * width] {
            *x /= factor[a][a];
        }
    }
    let solved = small_solve(factor, p, gradient);
    for (at, column) in active.iter().enumerate() {
        for a in 0..p {
            partial.gradient[*column as usize] -= links[a * width + at] * solved[a];
        }
    }
    subtract_outer(&mut partial.matrix, size, active, &w, p);
}

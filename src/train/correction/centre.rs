//! Where the posterior's mean lies beside its mode.
//!
//! The fast engine's Gaussian sits on the mode of segments and shared effects. Counts' densities
//! are skewed, so the mean lies beside it: to first order by `Σ t`, with `Σ` the Gaussian's
//! covariance and `t = E[∇ log p] − ∇ log p(mode)` under it (the half contraction of third
//! derivatives with `Σ`; Tierney and Kadane 1986, and the mean that Rue, Martino and Chopin's
//! simplified Laplace and van Niekerk and Rue's variational correction aim at). Only the counts have
//! third derivatives, and a cell leans on few numbers: its level, its saturation, its baseline and
//! log fall; the expectation is taken over a point to each side of the mode along each axis of their
//! joint law.
//!
//! What a segment's own law has of it given the shared effects is in its [`Site`] already, to all
//! orders; here it is taken off again where sites were made.
//!
//! [`Site`]: crate::train::laplace::fit::Site

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use rayon::prelude::*;

use super::profile::Stand;
use crate::numeric::linalg::{
    Small, dot, small_inverse_of_factor, small_solve, solve_lower, solve_upper,
};
use crate::train::data::design::{Design, Observation};
use crate::train::data::specification::Specification;
use crate::train::density::cells::cell_mean;
use crate::train::density::likelihood::{count_score, shape_of, steady_shape};
use crate::train::density::state::{Assembly, Layout, Problem, State};
use crate::train::laplace::fit::{Centre, Fitted, Profile};
use crate::train::laplace::skew_normal::lean;

/// Finds the mean of everything; `None` where it cannot be told.
pub(crate) fn centre(
    design: &Design,
    specification: &Specification,
    fitted: &Fitted,
) -> Option<Centre> {
    let layout = &fitted.layout;
    let hyper = fitted.space.decode(&fitted.psi);
    let problem = Problem::new(design, layout, specification, hyper);
    let common = inverse(&fitted.assembly.common, layout.common, layout.common);
    let covariances: Vec<Covariance> = (0..design.networks.len())
        .into_par_iter()
        .map(|n| Covariance::new(&fitted.assembly, layout, n, &common))
        .collect();
    let slopes: Vec<(Slopes, Option<Profile>)> = (0..design.segments.len())
        .into_par_iter()
        .map(|i| {
            let covariance = &covariances[design.segments[i].network];
            let leant = Leant::new(&problem, fitted, covariance, i);
            (leant.slopes(), leant.profile())
        })
        .collect();
    let (slopes, tables): (Vec<Slopes>, Vec<Option<Profile>>) = slopes.into_iter().unzip();
    let mut step = solved(design, layout, &fitted.assembly, &slopes);
    let share = trusted_share(&step, layout, &covariances, &common);
    step.networks.iter_mut().flatten().chain(&mut step.common).for_each(|x| *x *= share);
    let theta = slopes
        .iter()
        .enumerate()
        .map(|(i, slopes)| {
            let block = &fitted.assembly.blocks[i];
            let own = &step.networks[design.segments[i].network];
            let width = block.touched.len() + 1;
            let log_fall = layout.weeks[design.segments[i].network] + layout.log_fall();
            let mut theta = slopes.theta.map(|x| share * x);
            for a in 0..layout.p {
                if !fitted.sites.is_empty() {
                    theta[a] -= share * slopes.alone[a];
                }
                // Draws lean on weeks and log fall by how far they are from where these now stand.
                let links = &block.week_links[a * width..(a + 1) * width];
                let weeks = block.touched.iter().zip(links).map(|(t, x)| own[*t as usize] * x);
                theta[a] -= weeks.sum::<f64>() + links[width - 1] * own[log_fall];
            }
            theta
        })
        .collect();
    let profiles = tables
        .into_iter()
        .enumerate()
        .map(|(i, table)| {
            let block = &fitted.assembly.blocks[i];
            let own = &step.networks[design.segments[i].network];
            let width = block.touched.len() + 1;
            let tilt = std::array::from_fn(|a| {
                let links = &block.week_links[a * width..(a + 1) * width - 1];
                let moves = block.touched.iter().zip(links).map(|(t, x)| own[*t as usize] * x);
                -moves.sum::<f64>()
            });
            table.map(|table| (table, tilt))
        })
        .collect();
    let falls = (0..design.networks.len())
        .map(|n| {
            let fall = (layout.weeks[n] + layout.log_fall()) as u32;
            let segments = &design.networks[n].segments;
            let skewness: f64 = segments.iter().map(|i| slopes[*i].fall_skewness).sum();
            let lean = if skewness.is_finite() { lean(skewness) } else { 0.0 };
            (covariances[n].at(fall, fall).max(0.0).sqrt(), lean)
        })
        .collect();
    let State { networks, common, .. } = step;
    let centre = Centre { networks, common, theta, falls, profiles };
    let mut all = centre.networks.iter().flatten().chain(&centre.common);
    let fine = all.all(|x| x.is_finite()) && centre.theta.iter().flatten().all(|x| x.is_finite());
    fine.then_some(centre)
}

/// The share of a movement of the shared effects that takes none of them further than a standard
/// deviation: beyond, a first order is no guide. Segments that each lean a little the same way (an
/// organic baseline that nearly vanishes) would together carry what they share out of all bounds.
fn trusted_share(step: &State, layout: &Layout, covariances: &[Covariance], common: &[f64]) -> f64 {
    let furthest = |step: &[f64], variance: &dyn Fn(usize) -> f64| {
        let spreads =
            step.iter().enumerate().map(|(i, x)| x.abs() / variance(i).max(1e-300).sqrt());
        spreads.fold(0.0_f64, f64::max)
    };
    let of_common = furthest(&step.common, &|i| common[i * layout.common + i]);
    let networks = step.networks.iter().zip(covariances);
    let most = networks
        .map(|(own, covariance)| furthest(own, &|i| covariance.at(i as u32, i as u32)))
        .fold(of_common, f64::max);
    if most > 1.0 { 1.0 / most } else { 1.0 }
}

/// Covariance of a network's block and the common one, `size × size`.
struct Covariance {
    size: usize,
    matrix: Vec<f64>,
}

/// Inverse of `L Lᵀ` from the leading `n` rows of `L`.
fn inverse(factor: &[f64], stride: usize, n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    for j in 0..n {
        let mut unit = vec![0.0; n];
        unit[j] = 1.0;
        solve_lower(factor, stride, n, &mut unit);
        solve_upper(factor, stride, n, &mut unit);
        inverse[j * n..(j + 1) * n].copy_from_slice(&unit);
    }
    inverse
}

impl Covariance {
    /// With the network's factor `[L₁₁; L₂₁]` and the common block's covariance `C`:
    /// `M = L₁₁⁻ᵀ L₂₁ᵀ`, own `(L₁₁ L₁₁ᵀ)⁻¹ + M C Mᵀ`, between `−M C`.
    fn new(assembly: &Assembly, layout: &Layout, n: usize, common: &[f64]) -> Self {
        let (own, n_common) = (layout.own(n), layout.common);
        let size = own + n_common;
        let factor = &assembly.factors[n];
        let alone = inverse(factor, size, own);
        // Rows of Mᵀ.
        let moves: Vec<Vec<f64>> = (0..n_common)
            .map(|a| {
                let mut row = factor[(own + a) * size..(own + a) * size + own].to_vec();
                solve_upper(factor, size, own, &mut row);
                row
            })
            .collect();
        let mut matrix = vec![0.0; size * size];
        for a in 0..n_common {
            let mut between = vec![0.0; own];
            for (b, row) in moves.iter().enumerate() {
                let x = common[a * n_common + b];
                between.iter_mut().zip(row).for_each(|(sum, y)| *sum -= x * y);
                matrix[(own + a) * size + own + b] = x;
            }
            for (i, x) in between.iter().enumerate() {
                matrix[i * size + own + a] = *x;
            }
            matrix[(own + a) * size..(own + a) * size + own].copy_from_slice(&between);
        }
        for i in 0..own {
            let row = &mut matrix[i * size..i * size + own];
            row.copy_from_slice(&alone[i * own..(i + 1) * own]);
        }
        for a in 0..n_common {
            let between = matrix[(own + a) * size..(own + a) * size + own].to_vec();
            for i in 0..own {
                let x = moves[a][i];
                let row = &mut matrix[i * size..i * size + own];
                row.iter_mut().zip(&between).for_each(|(sum, y)| *sum -= x * y);
            }
        }
        Self { size, matrix }
    }

    fn at(&self, a: u32, b: u32) -> f64 {
        self.matrix[a as usize * self.size + b as usize]
    }
}

/// Slopes that skewness adds, of one segment's likelihood.
struct Slopes {
    theta: [f64; 3],
    /// The same when the shared effects are known.
    alone: [f64; 3],
    /// Of the weeks touched, then log fall.
    weeks: Vec<f64>,
    /// What its cells add to the skewness of log fall: third derivatives along the movement of
    /// everything that goes with one standard deviation of it.
    fall_skewness: f64,
}

/// One segment with its joint law.
struct Leant<'a> {
    problem: &'a Problem<'a>,
    fitted: &'a Fitted,
    covariance: &'a Covariance,
    i: usize,
    p: usize,
    /// Of the segment's own numbers when the shared effects are known.
    alone: Small,
    /// Of the segment's own numbers, and with the weeks touched then log fall.
    own: Small,
    with_weeks: Vec<f64>,
}

/// Level, saturation, baseline, log fall.
type Point = [f64; 4];

impl<'a> Leant<'a> {
    fn new(
        problem: &'a Problem<'a>,
        fitted: &'a Fitted,
        covariance: &'a Covariance,
        i: usize,
    ) -> Self {
        let p = fitted.layout.p;
        let block = &fitted.assembly.blocks[i];
        let width = block.active.len();
        // H⁻¹ B, column by column.
        let mut leads = vec![0.0; p * width];
        for at in 0..width {
            let mut column = [0.0; 3];
            for a in 0..p {
                column[a] = block.links[a * width + at];
            }
            let solved = small_solve(&block.factor, p, column);
            for a in 0..p {
                leads[a * width + at] = solved[a];
            }
        }
        let alone = small_inverse_of_factor(&block.factor, p);
        // −H⁻¹ B Σ over the active columns: covariance with each of them.
        let mut with = vec![0.0; p * width];
        let mut row = vec![0.0; width];
        for (at, column) in block.active.iter().enumerate() {
            for (x, other) in row.iter_mut().zip(&block.active) {
                *x = covariance.at(*column, *other);
            }
            for a in 0..p {
                with[a * width + at] = -dot(&leads[a * width..(a + 1) * width], &row);
            }
        }
        let mut own = alone;
        for a in 0..p {
            for b in 0..p {
                let leads = &leads[b * width..(b + 1) * width];
                own[a][b] -= dot(&with[a * width..(a + 1) * width], leads);
            }
        }
        // Weeks touched and log fall come first among the active columns.
        let some = block.touched.len() + 1;
        let with_weeks = (0..p).flat_map(|a| with[a * width..a * width + some].to_vec()).collect();
        Self { problem, fitted, covariance, i, p, alone, own, with_weeks }
    }

    /// The table of a segment with a level and a saturation.
    fn profile(&self) -> Option<Profile> {
        let design = self.problem.design;
        let segment = &design.segments[self.i];
        if self.p != 2 || segment.cells.is_empty() || design.n_cells > super::profile::MOST_CELLS {
            return None;
        }
        let some = self.fitted.assembly.blocks[self.i].touched.len() + 1;
        let log_fall = self.fitted.assembly.blocks[self.i].active[some - 1];
        let stand = Stand {
            variance: self.own[1][1],
            with_fall: self.with_weeks[2 * some - 1],
            fall_variance: self.covariance.at(log_fall, log_fall),
        };
        Profile::new(self.problem, self.fitted, self.i, stand)
    }

    fn slopes(&self) -> Slopes {
        let segment = &self.problem.design.segments[self.i];
        let block = &self.fitted.assembly.blocks[self.i];
        let some = block.touched.len() + 1;
        let (theta, alone) = ([0.0; 3], [0.0; 3]);
        let mut slopes = Slopes { theta, alone, weeks: vec![0.0; some], fall_skewness: 0.0 };
        let alone = factor(self.spread_alone());
        for cell in &segment.cells {
            let first = block.touched.binary_search(&cell.from).unwrap_or(0);
            let weeks = first..first + (cell.to - cell.from) as usize;
            let here = self.gradient(cell, [0.0; 4]);
            let spread = self.spread(&weeks);
            slopes.fall_skewness += self.third(cell, here, spread[3]);
            let all = factor(spread);
            let by = self.added(cell, here, &all);
            let own = self.added(cell, here, &alone);
            for a in 0..self.p {
                slopes.theta[a] += by[a];
                slopes.alone[a] += own[a];
            }
            slopes.weeks[some - 1] += by[3];
            let share = by[0] / weeks.len().max(1) as f64;
            slopes.weeks[weeks].iter_mut().for_each(|week| *week += share);
        }
        self.held_back(slopes)
    }

    /// A first order is no guide further than a standard deviation from where it was taken.
    fn held_back(&self, mut slopes: Slopes) -> Slopes {
        let block = &self.fitted.assembly.blocks[self.i];
        let moved = small_solve(&block.factor, self.p, slopes.theta);
        let furthest = (0..self.p)
            .map(|a| moved[a].abs() / self.alone[a][a].max(1e-300).sqrt())
            .fold(0.0_f64, f64::max);
        if furthest > 1.0 {
            let numbers = slopes.theta.iter_mut().chain(&mut slopes.alone);
            numbers.chain(&mut slopes.weeks).for_each(|x| *x /= furthest);
        }
        slopes
    }

    /// Covariance of a cell's level, saturation, baseline and log fall.
    fn spread(&self, weeks: &std::ops::Range<usize>) -> [Point; 4] {
        let (p, block) = (self.p, &self.fitted.assembly.blocks[self.i]);
        let some = block.touched.len() + 1;
        let log_fall = block.active[some - 1];
        let n = weeks.len().max(1) as f64;
        let columns = &block.active[weeks.clone()];
        let with = |a: usize| {
            let row = &self.with_weeks[a * some..(a + 1) * some];
            (row[weeks.clone()].iter().sum::<f64>() / n, row[some - 1])
        };
        let mut spread = [[0.0; 4]; 4];
        for a in 0..p {
            let (week, k) = with(a);
            for b in 0..p {
                spread[a][b] += self.own[a][b];
            }
            spread[a][0] += week;
            spread[0][a] += week;
            spread[a][3] += k;
            spread[3][a] += k;
        }
        let pairs = columns.iter().flat_map(|a| columns.iter().map(move |b| (*a, *b)));
        let level: f64 = pairs.map(|(a, b)| self.covariance.at(a, b)).sum();
        let level_k: f64 = columns.iter().map(|a| self.covariance.at(*a, log_fall)).sum();
        spread[0][0] += level / (n * n);
        spread[0][3] += level_k / n;
        spread[3][0] += level_k / n;
        spread[3][3] += self.covariance.at(log_fall, log_fall);
        spread
    }

    fn spread_alone(&self) -> [Point; 4] {
        let mut spread = [[0.0; 4]; 4];
        for a in 0..self.p {
            spread[a][..self.p].copy_from_slice(&self.alone[a][..self.p]);
        }
        spread
    }

    /// What a point to each side along every axis adds to the slopes at the mode.
    fn added(&self, cell: &Observation, here: Point, factor: &[Point; 4]) -> Point {
        let mut sum = [0.0; 4];
        for d in 0..4 {
            let by: Point = std::array::from_fn(|a| factor[a][d]);
            if by.iter().all(|x| *x == 0.0) {
                continue;
            }
            let up = self.gradient(cell, by);
            let down = self.gradient(cell, by.map(|x| -x));
            for a in 0..4 {
                sum[a] += 0.5 * (up[a] + down[a]) - here[a];
            }
        }
        sum
    }

    /// A cell's third derivative along the movement that goes with one standard deviation of log
    /// fall, given the covariances with it.
    fn third(&self, cell: &Observation, here: Point, with_fall: Point) -> f64 {
        let sd = with_fall[3].max(1e-300).sqrt();
        let by = with_fall.map(|x| x / sd);
        let up = self.gradient(cell, by);
        let down = self.gradient(cell, by.map(|x| -x));
        (0..4).map(|a| by[a] * (up[a] + down[a] - 2.0 * here[a])).sum()
    }

    /// Slopes of a cell's log density beside the mode.
    fn gradient(&self, cell: &Observation, by: Point) -> Point {
        let (problem, layout, p) = (self.problem, &self.fitted.layout, self.p);
        let n = problem.design.segments[self.i].network;
        let own = &self.fitted.state.networks[n];
        let k = shape_of(own[layout.weeks[n] + layout.log_fall()] + by[3]);
        let mut theta = self.fitted.state.theta[self.i];
        for a in 0..p {
            theta[a] += by[a];
        }
        let (memory, phi) = (&problem.hyper.memory, problem.hyper.phi[n]);
        let usual = steady_shape(theta[1], k, memory);
        let mean = cell_mean(cell, &theta, k, memory, usual, own, p);
        let slope = count_score(cell.count, mean.mu, phi).slope;
        let mut gradient = [0.0; 4];
        for a in 0..p {
            gradient[a] = slope * mean.by_theta[a];
        }
        gradient[3] = slope * mean.by_k;
        gradient
    }
}

/// Lower factor of a covariance of four; what has no spread of its own is left out.
fn factor(spread: [Point; 4]) -> [Point; 4] {
    let mut factor = [[0.0; 4]; 4];
    for j in 0..4 {
        let left = spread[j][j] - (0..j).map(|k| factor[j][k] * factor[j][k]).sum::<f64>();
        if left <= 1e-12 {
            continue;
        }
        let root = left.sqrt();
        factor[j][j] = root;
        for i in j + 1..4 {
            let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            factor[i][j] = (spread[i][j] - sum) / root;
        }
    }
    factor
}

/// `Σ t` for the shared effects (the segments' own are left at 0).
fn solved(design: &Design, layout: &Layout, assembly: &Assembly, slopes: &[Slopes]) -> State {
    let p = layout.p;
    let mut common = vec![0.0; layout.common];
    let mut networks: Vec<Vec<f64>> =
        (0..design.networks.len()).map(|n| vec![0.0; layout.own(n)]).collect();
    for ((block, segment), slopes) in assembly.blocks.iter().zip(&design.segments).zip(slopes) {
        let own = &mut networks[segment.network];
        let (n_own, width) = (own.len(), block.active.len());
        for (column, slope) in block.active.iter().zip(&slopes.weeks) {
            own[*column as usize] += slope;
        }
        let solved = small_solve(&block.factor, p, slopes.theta);
        for (at, column) in block.active.iter().enumerate() {
            let pull: f64 = (0..p).map(|a| block.links[a * width + at] * solved[a]).sum();
            match own.get_mut(*column as usize) {
                Some(own) => *own -= pull,
                None => common[*column as usize - n_own] -= pull,
            }
        }
    }
    for (n, own) in networks.iter_mut().enumerate() {
        let (n_own, matrix) = (own.len(), &assembly.factors[n]);
        let size = n_own + layout.common;
        solve_lower(matrix, size, n_own, own);
        for (a, common) in common.iter_mut().enumerate() {
            *common -= dot(&matrix[(n_own + a) * size..(n_own + a) * size + n_own], own);
        }
    }
    solve_lower(&assembly.common, layout.common, layout.common, &mut common);
    solve_upper(&assembly.common, layout.common, layout.common, &mut common);
    for (n, own) in networks.iter_mut().enumerate() {
        let (n_own, matrix) = (own.len(), &assembly.factors[n]);
        let size = n_own + layout.common;
        for (a, common) in common.iter().enumerate() {
            let row = &matrix[(n_own + a) * size..(n_own + a) * size + n_own];
            own.iter_mut().zip(row).for_each(|(x, l)| *x -= l * common);
        }
        solve_upper(matrix, size, n_own, own);
    }
    State { theta: Vec::new(), networks, common }
}

//! The whole log density with its gradient: what the reference engine walks on.
//!
//! The same terms as the nested engine, nothing integrated out. Positions are whitened by the
//! nested fit: `x = mode + H^(−1/2) z`, `ψ = mode + Σ axis · z`, and effects stretch with
//! their scales (`reparametrisation`), so that the walk is on nearly round ground.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use crate::train::density::state::Problem;
use crate::train::density::state::State;
use crate::train::density::state::prior_mean;
use crate::train::laplace::fit::Axis;
use crate::train::laplace::fit::Fitted;
use crate::train::laplace::fit::Shift;

use crate::numeric::linalg::{
    dot, small_lower, small_solve, small_upper, solve_lower, solve_upper,
};
use crate::response::memory;
use crate::train::data::design::Design;
use crate::train::data::specification::Specification;
use crate::train::density::hyper::{Hyper, Role, Table};
use crate::train::density::likelihood::shape_of;
use crate::train::density::slopes::{At, slopes};
use crate::train::laplace::reparametrisation::{Pulled, Reparametrisation};

/// A point: hyper-parameters, segments and shared effects.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub psi: Vec<f64>,
    pub state: State,
}

/// The density around a nested fit.
#[derive(Clone, Copy)]
pub(crate) struct Density<'a> {
    design: &'a Design,
    fitted: &'a Fitted,
    inputs: &'a NutsInputs<'a>,
}

/// What is worked out once for all points of a density.
pub(crate) struct NutsInputs<'a> {
    /// The problem at the mode.
    problem: Problem<'a>,
    reparametrisation: Reparametrisation,
    /// Per axis: movement of the shared effects beside what their scales do, where it is known.
    shifts: Vec<Option<Shift>>,
    /// Beyond these a hyper-parameter only moves its prior.
    limits: Vec<(f64, f64)>,
}

impl<'a> NutsInputs<'a> {
    pub(crate) fn new(
        design: &'a Design,
        specification: &'a Specification,
        fitted: &'a Fitted,
    ) -> Self {
        let hyper = fitted.space.decode(&fitted.psi);
        let problem = Problem::new(design, &fitted.layout, specification, hyper);
        let reparametrisation = Reparametrisation::new(design, fitted, &problem);
        let beside = |axis: &crate::train::nuts::target::Axis| {
            let shift = axis.shift.as_ref()?;
            Some(reparametrisation.beside(&problem, &fitted.layout, &axis.direction, shift))
        };
        let shifts = fitted.axes.iter().map(beside).collect();
        Self { problem, reparametrisation, shifts, limits: fitted.space.limits() }
    }

    /// `ψ` held where it still moves anything.
    fn held(&self, psi: &[f64]) -> Vec<f64> {
        let held = psi.iter().zip(&self.limits);
        held.map(|(x, (least, most))| x.clamp(*least, *most)).collect()
    }
}

impl<'a> Density<'a> {
    pub(crate) fn new(design: &'a Design, fitted: &'a Fitted, inputs: &'a NutsInputs<'a>) -> Self {
        Self { design, fitted, inputs }
    }

    /// The point at whitened coordinates.
    pub(crate) fn point(&self, z: &[f64]) -> Point {
        let Point { psi, state } = self.unstretched(z);
        let held = self.inputs.held(&psi);
        let problem = self.inputs.problem.priors_at(self.fitted.space.decode(&held));
        let layout = &self.fitted.layout;
        let (state, _) =
            self.inputs.reparametrisation.forward(self.design, layout, &problem, &held, &state);
        Point { psi, state }
    }

    /// Cells that speak.
    pub(crate) fn cells(&self) -> usize {
        self.design.n_cells
    }

    pub(crate) fn dim(&self) -> usize {
        let layout = &self.fitted.layout;
        let own: usize = (0..self.design.networks.len()).map(|n| layout.own(n)).sum();
        self.fitted.psi.len() + layout.common + own + layout.p * self.design.segments.len()
    }

    /// Hyper-parameters at coordinates along their axes.
    fn psi(&self, z: &[f64]) -> Vec<f64> {
        let mut psi = self.fitted.psi.clone();
        for (axis, z) in self.fitted.axes.iter().zip(z) {
            let by = axis.sd() * z;
            psi.iter_mut().zip(&axis.direction).for_each(|(x, per)| *x += by * per);
        }
        psi
    }

    /// The point at whitened coordinates, before its effects stretch with their scales.
    fn unstretched(&self, z: &[f64]) -> Point {
        let (fitted, layout) = (self.fitted, &self.fitted.layout);
        let n_psi = fitted.psi.len();
        let psi = self.psi(&z[..n_psi]);
        let mut at = n_psi;
        let mut common = z[at..at + layout.common].to_vec();
        at += layout.common;
        solve_upper(&fitted.assembly.common, layout.common, layout.common, &mut common);
        let mut networks = Vec::with_capacity(self.design.networks.len());
        for n in 0..self.design.networks.len() {
            let (own, size) = (layout.own(n), layout.own(n) + layout.common);
            let matrix = &fitted.assembly.factors[n];
            let mut x = z[at..at + own].to_vec();
            at += own;
            for (a, c) in common.iter().enumerate() {
                let row = &matrix[(own + a) * size..(own + a) * size + own];
                for (x, l) in x.iter_mut().zip(row) {
                    *x -= l * c;
                }
            }
            solve_upper(matrix, size, own, &mut x);
            networks.push(x);
        }
        for ((axis, shift), z) in fitted.axes.iter().zip(&self.inputs.shifts).zip(z) {
            let Some(shift) = shift else { continue };
            let by = axis.sd() * z;
            let all = common.iter_mut().chain(networks.iter_mut().flatten());
            let moves = shift.common.iter().chain(shift.networks.iter().flatten());
            all.zip(moves).for_each(|(x, per)| *x += by * per);
        }
        let p = layout.p;
        let mut theta = Vec::with_capacity(self.design.segments.len());
        for (i, (block, segment)) in
            fitted.assembly.blocks.iter().zip(&self.design.segments).enumerate()
        {
            let mut x = [0.0; 3];
            for a in 0..p {
                x[a] = -self.linked(i, a, &networks[segment.network], &common);
            }
            small_lower(&block.factor, p, &mut x);
            for a in 0..p {
                x[a] += z[at + a];
            }
            at += p;
            small_upper(&block.factor, p, &mut x);
            let mode = &fitted.state.theta[i];
            theta.push([mode[0] + x[0], mode[1] + x[1], mode[2] + x[2]]);
        }
        for (x, mode) in networks.iter_mut().zip(&fitted.state.networks) {
            x.iter_mut().zip(mode).for_each(|(x, mode)| *x += mode);
        }
        common.iter_mut().zip(&fitted.state.common).for_each(|(x, mode)| *x += mode);
        Point { psi, state: State { theta, networks, common } }
    }

    /// Row `a` of a segment's links times the shared deviations.
    fn linked(&self, i: usize, a: usize, own: &[f64], common: &[f64]) -> f64 {
        let block = &self.fitted.assembly.blocks[i];
        let width = block.active.len();
        let row = &block.links[a * width..(a + 1) * width];
        let at = |column: usize| {
            if column < own.len() { own[column] } else { common[column - own.len()] }
        };
        block.active.iter().zip(row).map(|(column, x)| x * at(*column as usize)).sum()
    }

    /// Gradient in whitened coordinates from the gradient at the point.
    fn whiten(&self, psi: &[f64], mut state: State, out: &mut [f64]) {
        let (fitted, layout) = (self.fitted, &self.fitted.layout);
        let p = layout.p;
        for (out, axis) in out.iter_mut().zip(&fitted.axes) {
            *out = axis.sd() * dot(psi, &axis.direction);
        }
        let networks: usize = state.networks.iter().map(Vec::len).sum();
        let mut at = psi.len() + layout.common + networks;
        for (i, segment) in self.design.segments.iter().enumerate() {
            let block = &fitted.assembly.blocks[i];
            let g = state.theta[i];
            let solved = small_solve(&block.factor, p, g);
            let own = layout.own(segment.network);
            let width = block.active.len();
            for (place, column) in block.active.iter().enumerate() {
                let column = *column as usize;
                let pull: f64 = (0..p).map(|a| block.links[a * width + place] * solved[a]).sum();
                if column < own {
                    state.networks[segment.network][column] -= pull;
                } else {
                    state.common[column - own] -= pull;
                }
            }
            let mut z = g;
            small_lower(&block.factor, p, &mut z);
            out[at..at + p].copy_from_slice(&z[..p]);
            at += p;
        }
        for ((out, axis), shift) in out.iter_mut().zip(&fitted.axes).zip(&self.inputs.shifts) {
            let Some(shift) = shift else { continue };
            let networks = state.networks.iter().zip(&shift.networks);
            let along = dot(&state.common, &shift.common)
                + networks.map(|(g, per)| dot(g, per)).sum::<f64>();
            *out += axis.sd() * along;
        }
        let mut at = psi.len() + layout.common;
        for (n, g) in state.networks.iter_mut().enumerate() {
            let (own, size) = (layout.own(n), layout.own(n) + layout.common);
            let matrix = &fitted.assembly.factors[n];
            solve_lower(matrix, size, own, g);
            for (a, c) in state.common.iter_mut().enumerate() {
                *c -= dot(&matrix[(own + a) * size..(own + a) * size + own], g);
            }
            out[at..at + own].copy_from_slice(g);
            at += own;
        }
        let common = layout.common;
        solve_lower(&fitted.assembly.common, common, common, &mut state.common);
        out[psi.len()..psi.len() + common].copy_from_slice(&state.common);
    }

    /// Log density at whitened coordinates; its gradient goes into `out`.
    pub(crate) fn value(&self, z: &[f64], out: &mut [f64]) -> f64 {
        let from = self.unstretched(z);
        let (design, layout, space) = (self.design, &self.fitted.layout, &self.fitted.space);
        let NutsInputs { reparametrisation, limits, .. } = self.inputs;
        let held = self.inputs.held(&from.psi);
        let problem = self.inputs.problem.priors_at(space.decode(&held));
        let (state, room) = reparametrisation.forward(design, layout, &problem, &held, &from.state);
        let point = Point { psi: held, state };
        let (value, psi, state) = self.gradient(&problem, &point);
        let slope = Pulled { psi, state };
        let mut slope =
            reparametrisation.backward(design, layout, &problem, &point.psi, &from.state, slope);
        for ((slope, x), (least, most)) in slope.psi.iter_mut().zip(&from.psi).zip(limits) {
            if x < least || x > most {
                *slope = 0.0;
            }
        }
        self.prior_slopes(&from.psi, &mut slope.psi);
        self.whiten(&slope.psi, slope.state, out);
        value + space.log_prior(&from.psi) + room
    }

    /// Log density of counts, segments and shared effects given `ψ`, with its slopes.
    fn gradient(&self, problem: &Problem<'_>, point: &Point) -> (f64, Vec<f64>, State) {
        let (layout, hyper) = (&self.fitted.layout, &problem.hyper);
        let (p, state) = (layout.p, &point.state);
        let mut psi = Names::new(self);
        let (networks, common) = problem.shared_gradient(state);
        let mut slope = State { theta: Vec::new(), networks, common };
        let mut value = problem.shared_value(state);
        let mut carryover = 0.0;
        let (shares_by, bend_by) = (memory::share_slopes(hyper.rho), memory::bend_slope(hyper.rho));
        for (i, segment) in self.design.segments.iter().enumerate() {
            let n = segment.network;
            let (theta, own) = (state.theta[i], &mut slope.networks[n]);
            let weeks = layout.weeks[n];
            let k = shape_of(state.networks[n][weeks + layout.log_fall()]);
            let (memory, phi) = (hyper.memory, hyper.phi[n]);
            let at = At { theta, k, memory, shares_by, bend_by, phi, p };
            let part = slopes(segment, at, &state.networks[n][..weeks], &mut own[..weeks]);
            own[weeks + layout.log_fall()] += part.log_fall;
            let mean = prior_mean(self.design, layout, state, segment);
            let pull = problem.pull(&theta, &mean);
            value += part.value + problem.residual_value(segment, &theta, state);
            let mut by_theta = part.theta;
            for j in 0..p {
                by_theta[j] -= pull[j];
                own[weeks + j] += pull[j];
                let (hint, levels) = (segment.reach_hint, &segment.levels);
                layout.each_mean_column(j, segment.log_usual, hint, levels, |column, x| {
                    slope.common[column] += pull[j] * x;
                });
            }
            slope.theta.push(by_theta);
            psi.residual(hyper, p, &theta, &mean);
            psi.add(Role::Dispersion(n), part.log_phi);
            carryover += part.rho;
        }
        problem.scale_slopes(state, |role, slope| psi.add(role, slope));
        if self.design.dated {
            psi.add(Role::Carryover, carryover * hyper.rho * (1.0 - hyper.rho));
        }
        (value, psi.slopes, slope)
    }

    /// Adds the slopes of the hyper-parameters' priors.
    fn prior_slopes(&self, psi: &[f64], slopes: &mut [f64]) {
        let parameters = &self.fitted.space.parameters;
        for ((slope, parameter), x) in slopes.iter_mut().zip(parameters).zip(psi) {
            *slope += parameter.prior_slope(*x);
        }
    }
}

/// Gradient of `ψ`, addressed by meaning.
struct Names {
    table: Table,
    slopes: Vec<f64>,
}

impl Names {
    fn new(density: &Density<'_>) -> Self {
        Self { table: density.fitted.space.table, slopes: vec![0.0; density.fitted.psi.len()] }
    }

    fn add(&mut self, role: Role, slope: f64) {
        self.slopes[self.table.index(role)] += slope;
    }

    /// Residual scales and their correlation.
    fn residual(&mut self, hyper: &Hyper, p: usize, theta: &[f64; 3], mean: &[f64; 3]) {
        let off = |j: usize| (theta[j] - mean[j]) / hyper.tau[j];
        let (a, b, w) = (off(0), off(1), hyper.correlation);
        let left = 1.0 - w * w;
        let q = (a * a - 2.0 * w * a * b + b * b) / left;
        self.add(Role::Spread(0), -1.0 + (a * a - w * a * b) / left);
        self.add(Role::Spread(1), -1.0 + (b * b - w * a * b) / left);
        if p == 3 {
            self.add(Role::Spread(2), -1.0 + off(2).powi(2));
        }
        self.add(Role::Correlation, w + a * b - w * q);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::train::data::design::Layers;
    use crate::train::worlds::{Settings, world};

    #[test]
    fn the_gradient_is_the_difference_of_the_value() {
        let settings = Settings {
            networks: 2,
            ages: 2,
            territories: 2,
            weeks: 9,
            baseline: true,
            ..Settings::default()
        };
        let world = world(&settings, Seed(3));
        let specification = Specification { baseline: true.into(), ..Specification::default() };
        let layers = Layers::new(&world.panel, &specification).unwrap();
        let design = Design::new(&world.panel, &specification, &layers).unwrap();
        let fitted =
            crate::train::laplace::outer::fit(&design, &specification, None, Seed(1)).unwrap();
        let inputs = NutsInputs::new(&design, &specification, &fitted);
        let density = Density::new(&design, &fitted, &inputs);
        // Near the mode, at the edge of what a chain visits, and beyond what scales are held at.
        for size in [0.3, 2.0, 6.0] {
            the_gradient_fits(&density, size);
        }
    }

    fn the_gradient_fits(density: &Density<'_>, size: f64) {
        let n = density.dim();
        let z: Vec<f64> = (0..n).map(|i| size * ((i * 37 % 11) as f64 / 5.0 - 1.0)).collect();
        let (mut gradient, mut unused) = (vec![0.0; n], vec![0.0; n]);
        density.value(&z, &mut gradient);
        for i in 0..n {
            let h = 1e-5;
            let mut side = |by: f64| {
                let mut moved = z.clone();
                moved[i] += by;
                density.value(&moved, &mut unused)
            };
            let difference = (side(h) - side(-h)) / (2.0 * h);
            // A central difference of a value near 1e3 keeps some six digits.
            let error = (gradient[i] - difference).abs();
            assert!(error < 1e-4 * (1.0 + difference.abs()), "{i}: {} {difference}", gradient[i]);
        }
    }
}

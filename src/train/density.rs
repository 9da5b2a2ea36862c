//! The whole log density with its gradient: what the reference engine walks on.
//!
//! The same terms as the nested engine, nothing integrated out. Positions are whitened by the
//! nested fit: `x = mode + H^(−1/2) z`, `ψ = mode + Σ axis · z`, and effects stretch with
//! their scales (`stretch`), so that the walk is on nearly round ground.

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use statrs::function::gamma::digamma;

use super::algebra::{dot, small_lower, small_solve, small_upper, solve_lower, solve_upper};
use super::design::{Design, SegmentData};
use super::hyper::{Hyper, Scale};
use super::inner::{Problem, State, cell_mean, exposures, prior_mean};
use super::likelihood::{count_score, norm, steady_shape};
use super::outer::Fitted;
use super::specification::Specification;
use super::stretch::{Pulled, Stretch};

/// A point: hyper-parameters, segments and shared effects.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub psi: Vec<f64>,
    pub state: State,
}

/// The density around a nested fit.
#[derive(Clone, Copy)]
pub(super) struct Density<'a> {
    design: &'a Design,
    specification: &'a Specification,
    fitted: &'a Fitted,
    stretch: &'a Stretch,
}

impl<'a> Density<'a> {
    pub(super) fn new(
        design: &'a Design,
        specification: &'a Specification,
        fitted: &'a Fitted,
        stretch: &'a Stretch,
    ) -> Self {
        Self { design, specification, fitted, stretch }
    }

    /// The point at whitened coordinates.
    pub(super) fn point(&self, z: &[f64]) -> Point {
        let Point { psi, state } = self.unstretched(z);
        let hyper = self.fitted.space.decode(&psi);
        let problem = Problem::new(self.design, &self.fitted.layout, self.specification, hyper);
        let (state, _) =
            self.stretch.forward(self.design, &self.fitted.layout, &problem, &psi, &state);
        Point { psi, state }
    }

    pub(super) fn dim(&self) -> usize {
        let layout = &self.fitted.layout;
        let own: usize = (0..self.design.networks.len()).map(|n| layout.own(n)).sum();
        self.fitted.psi.len() + layout.common + own + layout.p * self.design.segments.len()
    }

    /// Hyper-parameters at coordinates along their axes.
    fn psi(&self, z: &[f64]) -> Vec<f64> {
        let mut psi = self.fitted.psi.clone();
        for (axis, z) in self.fitted.axes.iter().zip(z) {
            let by = 0.5 * (axis.below + axis.above) * z;
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
            *out = 0.5 * (axis.below + axis.above) * dot(psi, &axis.direction);
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
    pub(super) fn value(&self, z: &[f64], out: &mut [f64]) -> f64 {
        let from = self.unstretched(z);
        let (design, layout, space) = (self.design, &self.fitted.layout, &self.fitted.space);
        let hyper = space.decode(&from.psi);
        let problem = Problem::new(design, layout, self.specification, hyper);
        let (state, room) = self.stretch.forward(design, layout, &problem, &from.psi, &from.state);
        let point = Point { psi: from.psi.clone(), state };
        let value = problem.value(&point.state) + space.log_prior(&point.psi) + room;
        let (psi, state) = self.gradient(&problem, &point);
        let slope = Pulled { psi, state };
        let slope = self.stretch.backward(design, layout, &problem, &from.psi, &from.state, slope);
        self.whiten(&slope.psi, slope.state, out);
        value
    }

    fn gradient(&self, problem: &Problem<'_>, point: &Point) -> (Vec<f64>, State) {
        let (layout, hyper) = (&self.fitted.layout, &problem.hyper);
        let p = layout.p;
        let mut psi = Names::new(self, &point.psi);
        let (networks, common) = problem.shared_gradient(&point.state);
        let mut slope = State { theta: Vec::new(), networks, common };
        for (i, segment) in self.design.segments.iter().enumerate() {
            let part = problem.likelihood_gradient(i, segment, &point.state);
            let own = &mut slope.networks[segment.network];
            for (column, g) in part.weeks {
                own[column as usize] += g;
            }
            own[layout.weeks[segment.network] + layout.log_k()] += part.log_k;
            let mean = prior_mean(self.design, layout, &point.state, segment);
            let pull = problem.pull(&point.state.theta[i], &mean);
            let mut theta = part.theta;
            for j in 0..p {
                theta[j] -= pull[j];
                let weeks = layout.weeks[segment.network];
                slope.networks[segment.network][weeks + j] += pull[j];
                for (column, x) in
                    layout.mean_columns(j, segment.log_usual, segment.reach_hint, &segment.levels)
                {
                    slope.common[column] += pull[j] * x;
                }
            }
            slope.theta.push(theta);
            psi.residual(hyper, p, &point.state.theta[i], &mean);
            psi.add_dispersion(segment.network, dispersion_slope(problem, i, segment, point));
        }
        problem.scale_slopes(&point.state, |place, slope| psi.add_scale(place, slope));
        psi.add_carryover(self.carryover_slope(hyper, point));
        (psi.finish(), slope)
    }

    /// Slope in logit ρ, by a central difference: memory enters through every week before.
    fn carryover_slope(&self, hyper: &Hyper, point: &Point) -> f64 {
        if !self.design.dated {
            return 0.0;
        }
        let h = 1e-4;
        let logit = (hyper.rho / (1.0 - hyper.rho)).max(1e-12).ln();
        let at = |x: f64| -> f64 {
            let rho = 1.0 / (1.0 + (-x).exp());
            let moved = Hyper { rho, ..hyper.clone() };
            self.design
                .segments
                .iter()
                .enumerate()
                .map(|(i, segment)| self.likelihood(&moved, i, segment, point))
                .sum()
        };
        (at(logit + h) - at(logit - h)) / (2.0 * h)
    }

    fn likelihood(&self, hyper: &Hyper, i: usize, segment: &SegmentData, point: &Point) -> f64 {
        let layout = &self.fitted.layout;
        let own = &point.state.networks[segment.network];
        let k = own[layout.weeks[segment.network] + layout.log_k()].exp();
        let theta = &point.state.theta[i];
        let at_usual = steady_shape(theta[1], k, hyper.rho);
        let phi = hyper.phi[segment.network];
        segment
            .cells
            .iter()
            .zip(exposures(segment, hyper.rho))
            .map(|(cell, exposure)| {
                let mean = cell_mean(cell, exposure, theta, k, hyper.rho, at_usual, own, layout.p);
                count_score(cell.count, mean.mu, phi).value
            })
            .sum()
    }
}

/// Slope in log φ of one segment's counts.
fn dispersion_slope(problem: &Problem<'_>, i: usize, segment: &SegmentData, point: &Point) -> f64 {
    let phi = problem.hyper.phi[segment.network];
    let base = digamma(phi);
    problem
        .means(i, segment, &point.state)
        .zip(&segment.cells)
        .map(|(mu, cell)| {
            if cell.count.high > cell.count.low {
                let h = 1e-5_f64;
                let at = |phi| count_score(cell.count, mu, phi).value + norm(cell.count, phi);
                return (at(phi * h.exp()) - at(phi * (-h).exp())) / (2.0 * h);
            }
            let y = cell.count.low;
            let digammas = if y == 0.0 { 0.0 } else { digamma(y + phi) - base };
            phi * (digammas - (mu / phi).ln_1p() + (mu - y) / (mu + phi))
        })
        .sum()
}

/// Which hyper-parameter a Gaussian residual's scale belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// Parameter `j` of the network effects (0) or of a pooled attribute (1 …).
    Attribute(usize, usize),
    /// Population's log k: not a scale but the centre.
    Shape,
    Season,
    Drift,
    Shock,
}

/// Gradient of `ψ`, addressed by meaning.
struct Names<'a> {
    density: &'a Density<'a>,
    x: &'a [f64],
    p: usize,
    n_networks: usize,
    n_attributes: usize,
    slopes: Vec<f64>,
}

impl<'a> Names<'a> {
    fn new(density: &'a Density<'a>, x: &'a [f64]) -> Self {
        Self {
            density,
            x,
            p: density.fitted.layout.p,
            n_networks: density.design.networks.len(),
            n_attributes: 1 + density.design.pooled.len(),
            slopes: vec![0.0; x.len()],
        }
    }

    fn dispersions(&self) -> usize {
        self.p + 1 + self.p * self.n_attributes
    }

    fn add_dispersion(&mut self, network: usize, slope: f64) {
        let at = self.dispersions() + network;
        self.slopes[at] += slope;
    }

    fn add_carryover(&mut self, slope: f64) {
        let at = self.dispersions() + self.n_networks + 4;
        self.slopes[at] += slope;
    }

    fn add_scale(&mut self, place: Place, slope: f64) {
        let after = self.dispersions() + self.n_networks;
        let at = match place {
            Place::Attribute(a, j) => self.p + 1 + self.p * a + j,
            Place::Shape => after,
            Place::Season => after + 1,
            Place::Drift => after + 2,
            Place::Shock => after + 3,
        };
        self.slopes[at] += slope;
    }

    /// Residual scales and their correlation.
    fn residual(&mut self, hyper: &Hyper, p: usize, theta: &[f64; 3], mean: &[f64; 3]) {
        let off = |j: usize| (theta[j] - mean[j]) / hyper.tau[j];
        let (a, b, w) = (off(0), off(1), hyper.correlation);
        let left = 1.0 - w * w;
        let q = (a * a - 2.0 * w * a * b + b * b) / left;
        self.slopes[0] += -1.0 + (a * a - w * a * b) / left;
        self.slopes[1] += -1.0 + (b * b - w * a * b) / left;
        if p == 3 {
            self.slopes[2] += -1.0 + off(2).powi(2);
        }
        self.slopes[p] += w + a * b - w * q;
    }

    /// Adds the priors' slopes.
    fn finish(mut self) -> Vec<f64> {
        let parameters = &self.density.fitted.space.parameters;
        for ((slope, parameter), x) in self.slopes.iter_mut().zip(parameters).zip(self.x) {
            *slope += match parameter.scale {
                Scale::HalfNormal => 1.0 - (x.exp() / parameter.prior.sd).powi(2),
                _ => -(x - parameter.prior.mean) / parameter.prior.sd.powi(2),
            };
        }
        self.slopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::train::design::Layers;
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
        let specification = Specification { baseline: true, ..Specification::default() };
        let layers = Layers::new(&world.panel, &specification).unwrap();
        let design = Design::new(&world.panel, &specification, &layers).unwrap();
        let fitted = crate::train::outer::fit(&design, &specification, None, Seed(1)).unwrap();
        let stretch = Stretch::new(&design, &fitted);
        let density = Density::new(&design, &specification, &fitted, &stretch);
        let n = density.dim();
        let z: Vec<f64> = (0..n).map(|i| 0.3 * ((i * 37 % 11) as f64 / 5.0 - 1.0)).collect();
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

//! Effects that stretch with their scale, as far as the data leave them to it.
//!
//! A sampler that walks on effects and on the scale they are drawn with gets stuck in a funnel: at
//! a small scale the effects have no room. Where an effect is known by data, walking on it
//! is right (centred); where only its prior knows it, walking on effect over scale is (non-centred).
//! Which of the two holds changes along the way: of an effect with prior precision `1/τ²` and
//! information `I` the data leave a spread `s(τ) = (1/τ² + I)^(−1/2)` and a centre in proportion to
//! `s(τ)²`. With `f = s(τ)/s(τ₀)`, `m` its mode at `τ₀` and `e` its distance from it in the fitted
//! approximation, the effect is `f² m + f e`: centred where the scale is large, non-centred where it
//! is small, whatever the scale (compare Papaspiliopoulos, Roberts and Sköld 2007).

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use super::fit::{Fitted, Shift};
use crate::numeric::linalg::{dot, solve_lower};
use crate::train::data::design::Design;
use crate::train::density::state::{Layout, Problem, State, prior_mean};

/// An effect that a scale governs: the scale's place in `ψ`, the prior's share of the effect's
/// precision at the mode, and the effect's own mode.
#[derive(Debug, Clone, Copy)]
struct Effect {
    place: usize,
    share: f64,
    mode: f64,
}

type Governed = Option<Effect>;

/// Where a shared effect lies: in the common block, or in a network's own.
#[derive(Debug, Clone, Copy)]
enum Variable {
    Common(usize),
    Own(usize, usize),
}

impl Variable {
    fn of(self, state: &State) -> f64 {
        match self {
            Self::Common(column) => state.common[column],
            Self::Own(n, column) => state.networks[n][column],
        }
    }

    fn in_mut(self, state: &mut State) -> &mut f64 {
        match self {
            Self::Common(column) => &mut state.common[column],
            Self::Own(n, column) => &mut state.networks[n][column],
        }
    }
}

/// Effects of one scale that stand beside each other, such as those of the ages. What they have in
/// common is hardly told from the intercept (their prior knows it), how they differ is told by the
/// data: they stretch as their mean and contrasts, not one by one.
#[derive(Debug, Clone)]
struct Group {
    variables: Vec<Variable>,
    /// Common column of their intercept: it gives way when their mean stretches, so that what the
    /// data know (the sum) stays.
    intercept: usize,
    /// One per contrast, the mean first.
    effects: Vec<Effect>,
}

impl Group {
    /// What one of its effects adds to the first contrast: that contrast is the mean times √n.
    fn each(&self) -> f64 {
        1.0 / (self.variables.len() as f64).sqrt()
    }
}

/// How everything stretches.
pub(crate) struct Reparametrisation {
    /// Effects of attributes and networks.
    groups: Vec<Group>,
    /// Per network and column of its rest: season and drift.
    rest: Vec<Vec<Governed>>,
    /// Per network and week: its shock.
    shock: Vec<Vec<Governed>>,
    /// Per segment and parameter: its distance from its prior mean.
    theta: Vec<[Governed; 3]>,
    /// `ψ` at the mode.
    mode: Vec<f64>,
}

/// Gradient with respect to `ψ` and to the unstretched state.
pub(crate) struct Pulled {
    pub psi: Vec<f64>,
    pub state: State,
}

/// `f`, and its slope in the log of the scale over itself.
#[derive(Debug, Clone, Copy)]
struct Factor {
    f: f64,
    slope: f64,
}

impl Reparametrisation {
    pub(crate) fn new(design: &Design, fitted: &Fitted, problem: &Problem<'_>) -> Self {
        let layout = &fitted.layout;
        let p = layout.p;
        let attribute = |a: usize, j: usize| p + 1 + p * a + j;
        let n_attributes = 1 + design.pooled.len();
        let after = p + 1 + p * n_attributes + design.networks.len();
        let (season, drift, shock) = (after + 1, after + 2, after + 3);
        let govern = |place: usize, variance: f64, mode: f64| -> Governed {
            let prior = (2.0 * fitted.psi[place]).exp();
            Some(Effect { place, share: (variance / prior).clamp(0.0, 1.0), mode })
        };
        let pivot = |matrix: &[f64], size: usize, at: usize| matrix[at * size + at].powi(-2);
        let mut of_scale: std::collections::BTreeMap<usize, Vec<Variable>> =
            std::collections::BTreeMap::new();
        for (column, a, j) in layout.attribute_columns() {
            of_scale.entry(attribute(a, j)).or_default().push(Variable::Common(column));
        }
        for n in 0..design.networks.len() {
            for j in 0..p {
                let variable = Variable::Own(n, layout.weeks[n] + j);
                of_scale.entry(attribute(0, j)).or_default().push(variable);
            }
        }
        let groups = of_scale
            .into_iter()
            .map(|(place, variables)| group(fitted, place, 2 * ((place - p - 1) % p), variables))
            .collect();
        let (mut rest, mut weeks) = (Vec::new(), Vec::new());
        for n in 0..design.networks.len() {
            let (from, size) = (layout.weeks[n], layout.own(n) + layout.common);
            let matrix = &fitted.assembly.factors[n];
            let of_column = |column: usize| {
                let place = if column <= layout.log_fall() {
                    return None;
                } else if column < layout.drift() {
                    season
                } else {
                    drift
                };
                // Knots are apart by several weeks' worth of the drift's scale.
                let steps = if column < layout.drift() { 1.0 } else { design.drift_weeks.into() };
                let mode = fitted.state.networks[n][from + column];
                govern(place, pivot(matrix, size, from + column) / steps, mode)
            };
            rest.push((0..layout.rest(n)).map(of_column).collect());
            let rows = problem.network_residuals(n, &fitted.state);
            let residual = |t: usize| rows[rows.len() - from + t].0;
            let of_week = |t: usize| govern(shock, pivot(matrix, size, t), residual(t));
            weeks.push((0..from).map(of_week).collect());
        }
        let of_segment = |(i, block): (usize, &crate::train::density::state::SegmentBlock)| {
            let mean = prior_mean(design, layout, &fitted.state, &design.segments[i]);
            let mut own = [None; 3];
            for (j, own) in own.iter_mut().enumerate().take(p) {
                let mut unit = [0.0; 3];
                unit[j] = 1.0;
                let variance = crate::numeric::linalg::small_solve(&block.factor, p, unit)[j];
                *own = govern(j, variance, fitted.state.theta[i][j] - mean[j]);
            }
            own
        };
        let theta = fitted.assembly.blocks.iter().enumerate().map(of_segment).collect();
        Self { groups, rest, shock: weeks, theta, mode: fitted.psi.clone() }
    }

    /// A group's stretched values, adding the log of their room.
    fn stretched_group(&self, group: &Group, psi: &[f64], state: &mut State, room: &mut f64) {
        let mut values: Vec<f64> =
            group.variables.iter().map(|variable| variable.of(state)).collect();
        contrasts(&mut values);
        let mean = values[0];
        for (x, effect) in values.iter_mut().zip(&group.effects) {
            *x = self.stretched(*x, Some(*effect), psi, room);
        }
        state.common[group.intercept] -= (values[0] - mean) * group.each();
        from_contrasts(&mut values);
        for (variable, x) in group.variables.iter().zip(values) {
            *variable.in_mut(state) = x;
        }
    }

    fn factor(&self, effect: Effect, psi: &[f64]) -> Factor {
        let prior = effect.share * (-2.0 * (psi[effect.place] - self.mode[effect.place])).exp();
        let precision = prior + (1.0 - effect.share);
        Factor { f: precision.powf(-0.5), slope: prior / precision }
    }

    /// The stretched value, adding the log of its room.
    fn stretched(&self, x: f64, governed: Governed, psi: &[f64], room: &mut f64) -> f64 {
        let Some(effect) = governed else { return x };
        let Factor { f, .. } = self.factor(effect, psi);
        *room += f.ln();
        f * (x - effect.mode) + f * f * effect.mode
    }

    /// Slope at the unstretched value from that at the stretched one; the scale's goes into `psi`.
    fn pulled(&self, x: f64, governed: Governed, at: &[f64], pull: f64, psi: &mut [f64]) -> f64 {
        let Some(effect) = governed else { return pull };
        let Factor { f, slope } = self.factor(effect, at);
        let moved = f * (x - effect.mode) + 2.0 * f * f * effect.mode;
        psi[effect.place] += slope * (moved * pull + 1.0);
        f * pull
    }

    /// What is left of a measured movement of the shared effects along a direction of `ψ` once the
    /// effects have moved with their scales by themselves.
    pub(crate) fn beside(
        &self,
        problem: &Problem<'_>,
        layout: &Layout,
        direction: &[f64],
        shift: &Shift,
    ) -> Shift {
        let moves = |governed: &Governed| {
            governed.map_or(0.0, |own| 2.0 * own.share * own.mode * direction[own.place])
        };
        let mut grouped = State {
            theta: Vec::new(),
            networks: shift.networks.iter().map(|own| vec![0.0; own.len()]).collect(),
            common: vec![0.0; shift.common.len()],
        };
        for group in &self.groups {
            let mut by: Vec<f64> =
                group.effects.iter().map(|effect| moves(&Some(*effect))).collect();
            grouped.common[group.intercept] -= by[0] * group.each();
            from_contrasts(&mut by);
            for (variable, by) in group.variables.iter().zip(by) {
                *variable.in_mut(&mut grouped) += by;
            }
        }
        let common_moves = grouped.common;
        let common = shift.common.iter().zip(&common_moves).map(|(x, by)| x - by).collect();
        let networks = (0..shift.networks.len())
            .map(|n| {
                let (weeks, own) = (layout.weeks[n], layout.own(n));
                let mut by = grouped.networks[n].clone();
                for (by, governed) in by[weeks..].iter_mut().zip(&self.rest[n]) {
                    *by += moves(governed);
                }
                let rows = problem.network_rows(n);
                for t in 0..weeks {
                    let columns = &rows[rows.len() - weeks + t];
                    let along: f64 = columns[1..]
                        .iter()
                        .map(|(column, x)| {
                            let at = |column: usize| {
                                if column < own { by[column] } else { common_moves[column - own] }
                            };
                            -x * at(*column)
                        })
                        .sum();
                    by[t] = along + moves(&self.shock[n][t]);
                }
                shift.networks[n].iter().zip(by).map(|(x, by)| x - by).collect()
            })
            .collect();
        Shift { networks, common, theta: Vec::new() }
    }

    /// The stretched state, and the log of how much room it takes.
    pub(crate) fn forward(
        &self,
        design: &Design,
        layout: &Layout,
        problem: &Problem<'_>,
        psi: &[f64],
        from: &State,
    ) -> (State, f64) {
        let mut to = from.clone();
        let mut room = 0.0;
        for group in &self.groups {
            self.stretched_group(group, psi, &mut to, &mut room);
        }
        for (n, own) in to.networks.iter_mut().enumerate() {
            for (x, governed) in own[layout.weeks[n]..].iter_mut().zip(&self.rest[n]) {
                *x = self.stretched(*x, *governed, psi, &mut room);
            }
        }
        for n in 0..to.networks.len() {
            let weeks = layout.weeks[n];
            let residuals = problem.week_residuals(n, from);
            let after = problem.week_residuals(n, &to);
            for t in 0..weeks {
                // A residual is level less its mean: the new mean plus the stretched residual.
                let mean = to.networks[n][t] - after[t];
                to.networks[n][t] =
                    mean + self.stretched(residuals[t], self.shock[n][t], psi, &mut room);
            }
        }
        for (i, segment) in design.segments.iter().enumerate() {
            let (old, new) = (
                prior_mean(design, layout, from, segment),
                prior_mean(design, layout, &to, segment),
            );
            for j in 0..layout.p {
                let away = from.theta[i][j] - old[j];
                to.theta[i][j] = new[j] + self.stretched(away, self.theta[i][j], psi, &mut room);
            }
        }
        (to, room)
    }

    /// Takes a gradient at the stretched state back.
    pub(crate) fn backward(
        &self,
        design: &Design,
        layout: &Layout,
        problem: &Problem<'_>,
        psi: &[f64],
        from: &State,
        mut slope: Pulled,
    ) -> Pulled {
        let mut direct = State {
            theta: slope.state.theta.clone(),
            networks: slope.state.networks.iter().map(|own| vec![0.0; own.len()]).collect(),
            common: vec![0.0; slope.state.common.len()],
        };
        for (i, segment) in design.segments.iter().enumerate() {
            let mean = prior_mean(design, layout, from, segment);
            let (n, weeks) = (segment.network, layout.weeks[segment.network]);
            for j in 0..layout.p {
                let pull = slope.state.theta[i][j];
                let away = from.theta[i][j] - mean[j];
                let back = self.pulled(away, self.theta[i][j], psi, pull, &mut slope.psi);
                direct.theta[i][j] = back;
                slope.state.networks[n][weeks + j] += pull;
                direct.networks[n][weeks + j] -= back;
                layout.each_mean_column(
                    j,
                    segment.log_usual,
                    segment.reach_hint,
                    &segment.levels,
                    |column, x| {
                        slope.state.common[column] += x * pull;
                        direct.common[column] -= x * back;
                    },
                );
            }
        }
        for n in 0..from.networks.len() {
            let (weeks, own) = (layout.weeks[n], layout.own(n));
            let residuals = problem.week_residuals(n, from);
            let rows = problem.network_rows(n);
            for t in 0..weeks {
                let pull = slope.state.networks[n][t];
                let back = self.pulled(residuals[t], self.shock[n][t], psi, pull, &mut slope.psi);
                direct.networks[n][t] += back;
                // The first column is the level itself; the others enter with a minus.
                for (column, x) in &rows[rows.len() - weeks + t][1..] {
                    let (pull, back) = (-x * pull, -x * back);
                    if *column < own {
                        slope.state.networks[n][*column] += pull;
                        direct.networks[n][*column] -= back;
                    } else {
                        slope.state.common[column - own] += pull;
                        direct.common[column - own] -= back;
                    }
                }
            }
        }
        for (n, governed) in self.rest.iter().enumerate() {
            let weeks = layout.weeks[n];
            for (c, governed) in governed.iter().enumerate().skip(layout.p) {
                let (x, pull) = (from.networks[n][weeks + c], slope.state.networks[n][weeks + c]);
                direct.networks[n][weeks + c] +=
                    self.pulled(x, *governed, psi, pull, &mut slope.psi);
            }
        }
        // Columns of no group (intercepts, seasons in common) stand still.
        let mut still = slope.state.common.clone();
        for group in &self.groups {
            let mut values: Vec<f64> =
                group.variables.iter().map(|variable| variable.of(from)).collect();
            let mut pulls: Vec<f64> =
                group.variables.iter().map(|variable| variable.of(&slope.state)).collect();
            contrasts(&mut values);
            contrasts(&mut pulls);
            // The intercept gives way to the stretched mean, and takes back the unstretched one.
            let given = slope.state.common[group.intercept] * group.each();
            pulls[0] -= given;
            for ((x, pull), effect) in values.iter().zip(&mut pulls).zip(&group.effects) {
                *pull = self.pulled(*x, Some(*effect), psi, *pull, &mut slope.psi);
            }
            pulls[0] += given;
            from_contrasts(&mut pulls);
            for (variable, pull) in group.variables.iter().zip(pulls) {
                *variable.in_mut(&mut direct) += pull;
                if let Variable::Common(column) = variable {
                    still[*column] = 0.0;
                }
            }
        }
        direct.common.iter_mut().zip(still).for_each(|(x, pull)| *x += pull);
        Pulled { psi: slope.psi, state: direct }
    }
}

/// The effects of one scale, each contrast with the share of its variance that the prior holds.
fn group(fitted: &Fitted, place: usize, intercept: usize, variables: Vec<Variable>) -> Group {
    let n = variables.len();
    let prior = (2.0 * fitted.psi[place]).exp();
    let mut modes: Vec<f64> = variables.iter().map(|variable| variable.of(&fitted.state)).collect();
    contrasts(&mut modes);
    let effects = (0..n)
        .map(|at| {
            let mut direction = vec![0.0; n];
            direction[at] = 1.0;
            from_contrasts(&mut direction);
            let mut right = State {
                theta: Vec::new(),
                networks: fitted.state.networks.iter().map(|own| vec![0.0; own.len()]).collect(),
                common: vec![0.0; fitted.state.common.len()],
            };
            for (variable, x) in variables.iter().zip(&direction) {
                *variable.in_mut(&mut right) = *x;
            }
            let variance = quadratic(fitted, right);
            Effect { place, share: (variance / prior).clamp(0.0, 1.0), mode: modes[at] }
        })
        .collect();
    Group { variables, intercept, effects }
}

/// `vᵀ H⁻¹ v` for the precision `H` of the shared effects.
fn quadratic(fitted: &Fitted, mut v: State) -> f64 {
    let common = fitted.layout.common;
    let mut sum = 0.0;
    for (n, own_part) in v.networks.iter_mut().enumerate() {
        let own = fitted.layout.own(n);
        let (size, matrix) = (own + common, &fitted.assembly.factors[n]);
        solve_lower(matrix, size, own, own_part);
        sum += dot(own_part, own_part);
        for (a, x) in v.common.iter_mut().enumerate() {
            *x -= dot(&matrix[(own + a) * size..(own + a) * size + own], own_part);
        }
    }
    solve_lower(&fitted.assembly.common, common, common, &mut v.common);
    sum + dot(&v.common, &v.common)
}

/// Reflects `x` so that its first number becomes the mean (times √n): Householder's matrix, which
/// is its own inverse.
fn contrasts(x: &mut [f64]) {
    let n = x.len();
    if n < 2 {
        return;
    }
    // v = e₁ − 1/√n sends the constant vector to the first axis.
    let each = 1.0 / (n as f64).sqrt();
    let square = 2.0 * (1.0 - each);
    let along = x[0] - each * x.iter().sum::<f64>();
    let by = 2.0 * along / square;
    x[0] -= by * (1.0 - each);
    for x in &mut x[1..] {
        *x += by * each;
    }
}

fn from_contrasts(x: &mut [f64]) {
    contrasts(x);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrasts_begin_with_the_mean_and_go_back() {
        let from = [0.3, -1.2, 2.0, 0.7];
        let mut x = from;
        contrasts(&mut x);
        assert!((x[0] - from.iter().sum::<f64>() / 2.0).abs() < 1e-12);
        let square = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
        assert!((square(&x) - square(&from)).abs() < 1e-12);
        from_contrasts(&mut x);
        assert!(x.iter().zip(from).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}

//! Effects that stretch with their scale, as far as the data leave them to it.
//!
//! A sampler that walks on effects and on the scale they are drawn with gets stuck in a funnel: at
//! a small scale the effects have no room. Where an effect is known by data, walking on it
//! is right (centred); where only its prior knows it, walking on effect over scale is (non-centred).
//! In between, effects are multiplied by `(τ/τ₀)^λ` with `λ` the share of their variance that the
//! prior holds at the mode (Papaspiliopoulos, Roberts and Sköld 2007).

#![allow(clippy::needless_range_loop, reason = "indices are those of the formulas")]

use super::design::Design;
use super::inner::{Layout, Problem, State, prior_mean};
use super::outer::Fitted;

/// Which scale governs an effect: its place in `ψ`, and how far it stretches.
type Governed = Option<(usize, f64)>;

/// How everything stretches.
pub(super) struct Stretch {
    /// Per common column, and per network and column of its rest.
    common: Vec<Governed>,
    rest: Vec<Vec<Governed>>,
    /// Per network: its weeks with the shock.
    shock: Vec<Governed>,
    /// Per segment and parameter, with the residual spreads.
    theta: Vec<[Governed; 3]>,
    /// `ψ` at the mode.
    mode: Vec<f64>,
}

/// Gradient with respect to `ψ` and to the unstretched state.
pub(super) struct Pulled {
    pub psi: Vec<f64>,
    pub state: State,
}

impl Stretch {
    pub(super) fn new(design: &Design, fitted: &Fitted) -> Self {
        let layout = &fitted.layout;
        let p = layout.p;
        let attribute = |a: usize, j: usize| p + 1 + p * a + j;
        let n_attributes = 1 + design.pooled.len();
        let after = p + 1 + p * n_attributes + design.networks.len();
        let (season, drift, shock) = (after + 1, after + 2, after + 3);
        // Share of the prior's variance that is left.
        let govern = |place: usize, variance: f64| -> Governed {
            let prior = (2.0 * fitted.psi[place]).exp();
            Some((place, (variance / prior).clamp(0.0, 1.0)))
        };
        let pivot = |matrix: &[f64], size: usize, at: usize| matrix[at * size + at].powi(-2);
        let mut common: Vec<Governed> = vec![None; layout.common];
        for (column, a, j) in layout.attribute_columns() {
            let variance = pivot(&fitted.assembly.common, layout.common, column);
            common[column] = govern(attribute(a, j), variance);
        }
        let (mut rest, mut weeks) = (Vec::new(), Vec::new());
        for n in 0..design.networks.len() {
            let (from, size) = (layout.weeks[n], layout.own(n) + layout.common);
            let matrix = &fitted.assembly.factors[n];
            let of_column = |column: usize| {
                let place = if column < p {
                    attribute(0, column)
                } else if column == layout.log_k() {
                    return None;
                } else if column < layout.drift() {
                    season
                } else {
                    drift
                };
                // Knots are apart by several weeks' worth of the drift's scale.
                let steps = if column < layout.drift() { 1.0 } else { design.drift_weeks.into() };
                govern(place, pivot(matrix, size, from + column) / steps)
            };
            rest.push((0..layout.rest(n)).map(of_column).collect());
            let variances = (0..from).map(|t| pivot(matrix, size, t)).sum::<f64>();
            weeks.push(govern(shock, variances / from.max(1) as f64));
        }
        let theta = fitted
            .assembly
            .blocks
            .iter()
            .map(|block| {
                let mut own = [None; 3];
                for (j, own) in own.iter_mut().enumerate().take(p) {
                    let mut unit = [0.0; 3];
                    unit[j] = 1.0;
                    let variance = super::algebra::small_solve(&block.factor, p, unit)[j];
                    *own = govern(j, variance);
                }
                own
            })
            .collect();
        Self { common, rest, shock: weeks, theta, mode: fitted.psi.clone() }
    }

    fn factor(&self, governed: Governed, psi: &[f64]) -> f64 {
        governed.map_or(1.0, |(at, share)| (share * (psi[at] - self.mode[at])).exp())
    }

    /// The stretched state, and the log of how much room it takes.
    pub(super) fn forward(
        &self,
        design: &Design,
        layout: &Layout,
        problem: &Problem<'_>,
        psi: &[f64],
        from: &State,
    ) -> (State, f64) {
        let mut to = from.clone();
        let mut room = 0.0;
        let mut times = |x: &mut f64, governed: Governed| {
            let factor = self.factor(governed, psi);
            room += factor.ln();
            *x *= factor;
        };
        to.common.iter_mut().zip(&self.common).for_each(|(x, own)| times(x, *own));
        for (n, own) in to.networks.iter_mut().enumerate() {
            let rest = own[layout.weeks[n]..].iter_mut();
            rest.zip(&self.rest[n]).for_each(|(x, own)| times(x, *own));
        }
        for n in 0..to.networks.len() {
            let factor = self.factor(self.shock[n], psi);
            let before = problem.network_residuals(n, from);
            let after = problem.network_residuals(n, &to);
            for t in 0..layout.weeks[n] {
                let row = before.len() - layout.weeks[n] + t;
                // A residual is level less its mean: the new mean plus the stretched residual.
                let mean = to.networks[n][t] - after[row].0;
                to.networks[n][t] = mean + factor * before[row].0;
                room += factor.ln();
            }
        }
        for (i, segment) in design.segments.iter().enumerate() {
            let (old, new) = (
                prior_mean(design, layout, from, segment),
                prior_mean(design, layout, &to, segment),
            );
            for j in 0..layout.p {
                let factor = self.factor(self.theta[i][j], psi);
                to.theta[i][j] = new[j] + factor * (from.theta[i][j] - old[j]);
                room += factor.ln();
            }
        }
        (to, room)
    }

    /// Takes a gradient at the stretched state back.
    pub(super) fn backward(
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
        let add = |psi: &mut Vec<f64>, governed: Governed, moved: f64| {
            if let Some((at, share)) = governed {
                psi[at] += share * (moved + 1.0);
            }
        };
        for (i, segment) in design.segments.iter().enumerate() {
            let mean = prior_mean(design, layout, from, segment);
            let (n, weeks) = (segment.network, layout.weeks[segment.network]);
            for j in 0..layout.p {
                let factor = self.factor(self.theta[i][j], psi);
                let pull = slope.state.theta[i][j];
                let away = from.theta[i][j] - mean[j];
                direct.theta[i][j] = factor * pull;
                slope.state.networks[n][weeks + j] += pull;
                direct.networks[n][weeks + j] -= factor * pull;
                for (column, x) in
                    layout.mean_columns(j, segment.log_usual, segment.reach_hint, &segment.levels)
                {
                    slope.state.common[column] += x * pull;
                    direct.common[column] -= factor * x * pull;
                }
                add(&mut slope.psi, self.theta[i][j], factor * away * pull);
            }
        }
        for n in 0..from.networks.len() {
            let (weeks, own) = (layout.weeks[n], layout.own(n));
            let factor = self.factor(self.shock[n], psi);
            let rows = problem.network_residuals(n, from);
            for t in 0..weeks {
                let (residual, _, columns) = &rows[rows.len() - weeks + t];
                let pull = slope.state.networks[n][t];
                direct.networks[n][t] = factor * pull;
                // The first column is the level itself; the others enter with a minus.
                for (column, x) in &columns[1..] {
                    let pull = -x * pull;
                    if *column < own {
                        slope.state.networks[n][*column] += pull;
                        direct.networks[n][*column] -= factor * pull;
                    } else {
                        slope.state.common[column - own] += pull;
                        direct.common[column - own] -= factor * pull;
                    }
                }
                add(&mut slope.psi, self.shock[n], factor * residual * pull);
            }
        }
        for (n, governed) in self.rest.iter().enumerate() {
            let weeks = layout.weeks[n];
            for (c, governed) in governed.iter().enumerate() {
                let factor = self.factor(*governed, psi);
                let pull = slope.state.networks[n][weeks + c];
                direct.networks[n][weeks + c] += factor * pull;
                add(&mut slope.psi, *governed, factor * from.networks[n][weeks + c] * pull);
            }
        }
        for (c, governed) in self.common.iter().enumerate() {
            let factor = self.factor(*governed, psi);
            let pull = slope.state.common[c];
            direct.common[c] += factor * pull;
            add(&mut slope.psi, *governed, factor * from.common[c] * pull);
        }
        Pulled { psi: slope.psi, state: direct }
    }
}

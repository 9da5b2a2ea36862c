//! A Markov chain over everything that the planner of the population does not know.
//!
//! One sweep: every segment moves its own parameters given the effects of its attribute values
//! (random walk along what burn-in found); the effects are drawn given the segments, which is
//! exact; then every attribute value moves its effect on one direction of the levels *with* its
//! segments, what is left of each held fixed (Yu and Meng 2011: the two ways of looking at a
//! hierarchy are slow where the other is fast). Proposals are tuned in the first part only.

use rand::{Rng, RngExt};

use super::belief::Belief;
use super::observed::{BEND, LOOSE, Observed, PARAMETERS, Point};
use super::prior::{CPM, Design, LEVELS, cholesky, normal};
use crate::generate::response::Family;
use crate::generate::world::World;

/// Length of a chain.
#[derive(Clone, Copy)]
pub(super) struct Length {
    pub(super) warm_up: usize,
    pub(super) kept: usize,
    /// Sweeps from one kept draw to the next.
    pub(super) every: usize,
}

/// One draw: every segment's parameters and its `ln CPM`.
pub(super) type State = Vec<(Point, f64)>;

/// Levels that an effect's move changes together: those that data tell apart badly.
const DIRECTIONS: [Point; 10] = [
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 1.0, 0.0, 0.0],
    [1.0, 0.0, 1.33, 0.0, 0.0, 0.0],
    [0.0, 1.0, 1.33, 0.0, 0.0, 0.0],
    [1.0, -1.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 1.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
    [0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
];
/// Shares of accepted moves that are best for several dimensions and for one (Roberts and
/// Rosenthal 2001).
const BEST: (f64, f64) = (0.25, 0.44);

struct Walk {
    mean: Point,
    square: [[f64; PARAMETERS]; PARAMETERS],
    seen: f64,
    factor: Vec<Vec<f64>>,
    log_scale: f64,
}

impl Walk {
    fn new(sd: &Point) -> Self {
        let factor = (0..PARAMETERS)
            .map(|a| (0..PARAMETERS).map(|b| if a == b { sd[a] } else { 0.0 }).collect())
            .collect();
        Self {
            mean: [0.0; PARAMETERS],
            square: [[0.0; PARAMETERS]; PARAMETERS],
            seen: 0.0,
            factor,
            log_scale: 0.0,
        }
    }

    fn propose(&self, from: &Point, shrink: f64, rng: &mut impl Rng) -> Point {
        let z: Point = std::array::from_fn(|_| normal(rng));
        let scale = shrink * self.log_scale.exp();
        std::array::from_fn(|a| {
            from[a] + scale * (0..=a).map(|b| self.factor[a][b] * z[b]).sum::<f64>()
        })
    }

    fn learn(&mut self, at: &Point) {
        self.seen += 1.0;
        let before: Point = std::array::from_fn(|a| at[a] - self.mean[a]);
        for (mean, off) in self.mean.iter_mut().zip(before) {
            *mean += off / self.seen;
        }
        let after: Point = std::array::from_fn(|a| at[a] - self.mean[a]);
        for (row, off) in self.square.iter_mut().zip(before) {
            row.iter_mut().zip(after).for_each(|(sum, other)| *sum += off * other);
        }
    }

    fn refresh(&mut self, sd: &Point) {
        let covariance: Vec<Vec<f64>> = (0..PARAMETERS)
            .map(|a| {
                let own = |b: usize| if a == b { 1e-4 * sd[a] * sd[a] + 1e-12 } else { 0.0 };
                (0..PARAMETERS).map(|b| self.square[a][b] / self.seen + own(b)).collect()
            })
            .collect();
        self.factor = cholesky(&covariance);
    }
}

pub(super) struct Chain<'a> {
    design: &'a Design,
    observed: &'a [Observed],
    /// Ends of each segment's bend; equal where it has none.
    bends: Vec<(f64, f64)>,
    points: Vec<Point>,
    fits: Vec<f64>,
    log_cpm: Vec<f64>,
    effects: Vec<Vec<f64>>,
    walks: Vec<Walk>,
    steps: Vec<[f64; DIRECTIONS.len()]>,
    spread: Point,
    /// How many of [`DIRECTIONS`] there are to go.
    directions: usize,
}

impl<'a> Chain<'a> {
    /// Starts from a draw of the prior.
    pub(super) fn new(
        world: &World,
        design: &'a Design,
        observed: &'a [Observed],
        belief: Belief,
        rng: &mut impl Rng,
    ) -> Self {
        let families = &world.spec().families;
        let bends: Vec<(f64, f64)> = (0..observed.len())
            .map(|i| match world.truth(i).response.family {
                _ if belief == Belief::Flexible => (-8.0, 8.0),
                _ if belief == Belief::Ours => (0.0, 0.0),
                Family::Hill { .. } => (families.hill_slope.from, families.hill_slope.to),
                Family::Power { .. } => (families.power_exponent.from, families.power_exponent.to),
                _ => (0.0, 0.0),
            })
            .collect();
        let effects: Vec<Vec<f64>> = (0..LEVELS)
            .map(|l| design.levels[l].effect_sd.iter().map(|sd| sd * normal(rng)).collect())
            .collect();
        let mut draw = |l: usize, i: usize| {
            let level = &design.levels[l];
            level.mean(&effects[l], &design.values[i]) + level.segment_sd * normal(rng)
        };
        let mut points: Vec<Point> =
            (0..observed.len()).map(|i| std::array::from_fn(|l| draw(l, i))).collect();
        let log_cpm = (0..observed.len()).map(|i| draw(CPM, i)).collect();
        for (point, (from, to)) in points.iter_mut().zip(&bends) {
            if belief != Belief::Flexible {
                point[BEND] = from + (to - from) * rng.random::<f64>();
            }
        }
        let spread: Point = std::array::from_fn(|l| match l {
            BEND if belief != Belief::Flexible => 0.1,
            l => design.levels[l].segment_sd,
        });
        Self {
            design,
            observed,
            fits: observed.iter().zip(&points).map(|(seen, at)| seen.log_likelihood(at)).collect(),
            walks: points.iter().map(|_| Walk::new(&spread)).collect(),
            steps: vec![[-1.5; DIRECTIONS.len()]; design.members.len()],
            points,
            log_cpm,
            effects,
            bends,
            spread,
            directions: if belief == Belief::Message { 7 } else { DIRECTIONS.len() },
        }
    }

    /// Runs the chain and keeps draws.
    pub(super) fn run(&mut self, length: Length, rng: &mut impl Rng) -> Vec<State> {
        let mut draws = Vec::new();
        for sweep in 0..length.warm_up + length.kept * length.every {
            let rate =
                if sweep < length.warm_up { 1.0 / (sweep as f64 + 2.0).powf(0.6) } else { 0.0 };
            self.move_segments(rate, rng);
            self.draw_effects(rng);
            self.move_effects(rate, rng);
            self.draw_cpms(rng);
            if sweep < length.warm_up {
                self.tune(sweep, length.warm_up);
            } else if (sweep - length.warm_up) % length.every == length.every - 1 {
                draws.push(self.points.iter().copied().zip(self.log_cpm.iter().copied()).collect());
            }
        }
        draws
    }

    fn tune(&mut self, sweep: usize, warm_up: usize) {
        // The way down from the prior says nothing of the posterior's spread.
        if sweep < warm_up / 5 {
            return;
        }
        for (walk, at) in self.walks.iter_mut().zip(&self.points) {
            if sweep == warm_up / 2 {
                walk.seen *= 0.01;
                walk.square.iter_mut().flatten().for_each(|x| *x *= 0.01);
            }
            walk.learn(at);
            if sweep % 100 == 99 && walk.seen > 50.0 {
                walk.refresh(&self.spread);
            }
        }
    }

    fn log_prior(&self, i: usize, at: &Point) -> f64 {
        let values = &self.design.values[i];
        // A told bend is uniform between its ends.
        (0..PARAMETERS)
            .filter(|l| self.design.levels[*l].segment_sd > 0.0)
            .map(|l| {
                let level = &self.design.levels[l];
                let off = (at[l] - level.mean(&self.effects[l], values)) / level.segment_sd;
                -0.5 * off * off
            })
            .sum()
    }

    fn move_segments(&mut self, rate: f64, rng: &mut impl Rng) {
        for i in 0..self.points.len() {
            for shrink in [1.0, 0.3] {
                let mut to = self.walks[i].propose(&self.points[i], shrink, rng);
                let (low, high) = self.bends[i];
                if low == high {
                    to[BEND] = low;
                }
                if self.spread[LOOSE] == 0.0 {
                    to[LOOSE] = 0.0;
                }
                if !(low..=high).contains(&to[BEND]) {
                    if shrink == 1.0 {
                        self.walks[i].log_scale -= rate * BEST.0;
                    }
                    continue;
                }
                let fit = self.observed[i].log_likelihood(&to);
                let gain = fit - self.fits[i] + self.log_prior(i, &to)
                    - self.log_prior(i, &self.points[i]);
                let chance = gain.min(0.0).exp();
                if rng.random::<f64>() < chance {
                    self.points[i] = to;
                    self.fits[i] = fit;
                }
                if shrink == 1.0 {
                    self.walks[i].log_scale += rate * (chance - BEST.0);
                }
            }
        }
    }

    fn draw_effects(&mut self, rng: &mut impl Rng) {
        for l in 0..LEVELS {
            let mine: Vec<f64> = match l {
                CPM => self.log_cpm.clone(),
                l => self.points.iter().map(|at| at[l]).collect(),
            };
            self.effects[l] = self.design.levels[l].effects(&mine, &self.design.values, rng);
        }
    }

    fn move_effects(&mut self, rate: f64, rng: &mut impl Rng) {
        let design = self.design;
        for (v, members) in design.members.iter().enumerate() {
            let which = rng.random_range(0..self.directions);
            let there = |l: usize| {
                let sd = design.levels[l].effect_sd[v];
                if DIRECTIONS[which][l] == 0.0 { None } else { Some((l, sd)) }
            };
            let parts: Vec<(usize, f64)> = (0..PARAMETERS).filter_map(there).collect();
            if parts.iter().any(|(_, sd)| *sd == 0.0) {
                continue;
            }
            let step = self.steps[v][which].exp() * parts[0].1 * normal(rng);
            let mut gain = 0.0;
            for (l, sd) in &parts {
                let (old, new) =
                    (self.effects[*l][v], self.effects[*l][v] + step * DIRECTIONS[which][*l]);
                gain += 0.5 * (old * old - new * new) / (sd * sd);
            }
            let moved: Vec<(Point, f64)> = members
                .iter()
                .map(|i| {
                    let mut to = self.points[*i];
                    for (l, _) in &parts {
                        to[*l] += step * DIRECTIONS[which][*l];
                    }
                    let fit = self.observed[*i].log_likelihood(&to);
                    gain += fit - self.fits[*i];
                    (to, fit)
                })
                .collect();
            let chance = gain.min(0.0).exp();
            if rng.random::<f64>() < chance {
                for (i, (to, fit)) in members.iter().zip(moved) {
                    (self.points[*i], self.fits[*i]) = (to, fit);
                }
                for (l, _) in &parts {
                    self.effects[*l][v] += step * DIRECTIONS[which][*l];
                }
            }
            // A direction's turn comes once in seven sweeps.
            self.steps[v][which] += 2.0 * rate * (chance - BEST.1);
        }
    }

    /// Delivery is normal given the effects: drawn, not walked to.
    fn draw_cpms(&mut self, rng: &mut impl Rng) {
        const DELIVERY: f64 = 0.1;
        let level = &self.design.levels[CPM];
        for (i, seen) in self.observed.iter().enumerate() {
            let (weeks, found) = seen.cpm;
            let (told, prior) = (weeks / DELIVERY.powi(2), 1.0 / level.segment_sd.powi(2));
            let mean = level.mean(&self.effects[CPM], &self.design.values[i]);
            let precision = told + prior;
            self.log_cpm[i] =
                (told * found + prior * mean) / precision + normal(rng) / precision.sqrt();
        }
    }
}

//! The posterior given outside tests, as equally weighed points.
//!
//! A joint draw is a function of standard normals (the shared part) and of one stream per segment, so
//! the posterior given the tests is that prior times a likelihood of few numbers. Sequential Monte
//! Carlo (Del Moral, Doucet and Jasra 2006) lets the tests in by degrees, so that a test which
//! contradicts the history is followed as far as its error asks; between the degrees the points move
//! by elliptical slices (Murray, Adams and MacKay 2010), which leave the normals' law as it is and
//! have nothing to tune, and each tested audience's own numbers are drawn anew and kept by Metropolis'
//! rule. No counts are read again: everything of them is in the posterior.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::answer::{Expected, IncrementalShare, Moved};
use super::matched::Matched;
use super::predicted::{Arms, Asked};
use crate::numeric::digits::short;
use crate::numeric::summary::{deviation, mean, quantile};
use crate::random::{Purpose, Seed};
use crate::train::posterior::file::ModelFile;
use crate::train::posterior::joint::{JointDraw, share};
use crate::train::posterior::kept::{Particle, Particles};

/// Points. Their mean is off by a thirtieth of a standard deviation or two.
const POINTS: usize = 1000;
/// Rounds of moves after a degree, and after the last.
const ROUNDS: [usize; 2] = [1, 4];
/// The next degree is such that so large a share of the points still counts.
const COUNTING: f64 = 0.5;
/// Degrees at most; each lets in at least a tiny part of what is left.
const DEGREES: usize = 200;

/// What tests leave.
pub(super) struct Weighed {
    pub particles: Particles,
    /// By test.
    pub moved: Vec<Moved>,
    /// Of networks that a test other than an A/B test spoke of.
    pub shares: Vec<IncrementalShare>,
}

/// The posterior given tests.
pub(super) fn weigh(file: &ModelFile, tests: &[&Matched], seed: Seed) -> Weighed {
    let asked = Asked::new(file, tests);
    let mut points: Vec<Point> =
        (0..POINTS).into_par_iter().map(|i| Point::new(&asked, file, seed, i)).collect();
    let before: Vec<Vec<f64>> = by_test(&points, tests.len());
    let mut degree = 0.0;
    for round in 1..=DEGREES {
        let next = next_degree(&points, degree);
        let mut rng = seed.stream(Purpose::Evidence, stream(round, POINTS));
        points = resampled(&points, next - degree, rng.random());
        points.par_iter_mut().enumerate().for_each(|(i, point)| {
            let mut rng = seed.stream(Purpose::Evidence, stream(round, i));
            let rounds = ROUNDS[usize::from(next >= 1.0)];
            (0..rounds).for_each(|_| point.step(&asked, next, &mut rng));
        });
        degree = next;
        if degree >= 1.0 {
            break;
        }
    }
    let after = by_test(&points, tests.len());
    let moved = tests.iter().zip(before.iter().zip(&after));
    Weighed {
        moved: moved.map(|(test, (before, after))| moved_by(test, before, after)).collect(),
        shares: shares(file, tests, &points),
        particles: Particles {
            segments: asked.segments.clone(),
            points: points.iter().map(Point::kept).collect(),
        },
    }
}

/// Four decimals of a normal: a ten-thousandth of a standard deviation moves nothing, and files stay
/// small.
fn coarse(normal: f64) -> f64 {
    (normal * 1e4).round() / 1e4
}

/// The stream of a point in a round.
fn stream(round: usize, point: usize) -> u64 {
    ((round as u64) << 32) + point as u64
}

/// A point and what it expects of the tests.
#[derive(Clone)]
struct Point {
    stored: Option<usize>,
    normals: Vec<f64>,
    streams: Vec<u32>,
    draw: JointDraw,
    arms: Vec<Arms>,
    effects: Vec<f64>,
    log: f64,
}

impl Point {
    /// A point of the posterior before the tests.
    fn new(asked: &Asked<'_>, file: &ModelFile, seed: Seed, i: usize) -> Self {
        let mut rng = seed.stream(Purpose::Evidence, i as u64);
        let n = file.posterior.draws.len();
        let stored = (n > 0).then(|| i * n / POINTS);
        let normals: Vec<f64> =
            (0..asked.normals()).map(|_| coarse(StandardNormal.sample(&mut rng))).collect();
        let streams: Vec<u32> = asked.segments.iter().map(|_| rng.random()).collect();
        Self::at(asked, stored, normals, streams)
    }

    fn at(asked: &Asked<'_>, stored: Option<usize>, normals: Vec<f64>, streams: Vec<u32>) -> Self {
        let draw = asked.draw(stored, &normals);
        let arms = asked.arms(&draw, &streams);
        let effects = asked.effects(&draw, &arms);
        let log = asked.log_likelihood(&effects);
        Self { stored, normals, streams, draw, arms, effects, log }
    }

    /// One round of moves that leave the posterior at a degree as it is.
    fn step(&mut self, asked: &Asked<'_>, degree: f64, rng: &mut ChaCha8Rng) {
        self.slice(asked, degree, rng);
        if self.stored.is_none() {
            (0..self.streams.len()).for_each(|at| self.renew(asked, at, degree, rng));
        }
    }

    /// An elliptical slice through the normals.
    fn slice(&mut self, asked: &Asked<'_>, degree: f64, rng: &mut ChaCha8Rng) {
        let other: Vec<f64> = self.normals.iter().map(|_| StandardNormal.sample(rng)).collect();
        let least = degree * self.log + rng.random::<f64>().ln();
        let mut angle = std::f64::consts::TAU * rng.random::<f64>();
        let (mut low, mut high) = (angle - std::f64::consts::TAU, angle);
        // The bracket halves or so each time; the point itself lies in it.
        for _ in 0..60 {
            let (sin, cos) = angle.sin_cos();
            let own = self.normals.iter().zip(&other);
            let normals = own.map(|(own, other)| coarse(own * cos + other * sin)).collect();
            let next = Self::at(asked, self.stored, normals, self.streams.clone());
            if degree * next.log > least {
                *self = next;
                return;
            }
            *(if angle < 0.0 { &mut low } else { &mut high }) = angle;
            angle = low + (high - low) * rng.random::<f64>();
        }
    }

    /// One audience's own numbers anew, from their law given everything shared.
    fn renew(&mut self, asked: &Asked<'_>, at: usize, degree: f64, rng: &mut ChaCha8Rng) {
        let number: u32 = rng.random();
        let mut arms = self.arms.clone();
        asked.renew(&self.draw, at, number, &mut arms);
        let effects = asked.effects(&self.draw, &arms);
        let log = asked.log_likelihood(&effects);
        if degree * (log - self.log) > rng.random::<f64>().ln() {
            self.streams[at] = number;
            (self.arms, self.effects, self.log) = (arms, effects, log);
        }
    }

    fn kept(&self) -> Particle {
        let (normals, streams) = (self.normals.clone(), self.streams.clone());
        Particle { stored: self.stored, normals, streams }
    }
}

/// Expected effects of every point, test by test.
fn by_test(points: &[Point], tests: usize) -> Vec<Vec<f64>> {
    (0..tests).map(|test| points.iter().map(|point| point.effects[test]).collect()).collect()
}

/// Weights of points when the tests are let in further, the largest being 1.
fn weights(points: &[Point], by: f64) -> Vec<f64> {
    let most = points.iter().map(|point| point.log).fold(f64::MIN, f64::max);
    points.iter().map(|point| (by * (point.log - most)).exp()).collect()
}

/// How many of equally weighed points as many as these are worth.
fn worth(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    sum * sum / weights.iter().map(|w| w * w).sum::<f64>()
}

/// How far the tests may be let in next.
fn next_degree(points: &[Point], degree: f64) -> f64 {
    let counts =
        |next: f64| worth(&weights(points, next - degree)) >= COUNTING * points.len() as f64;
    if counts(1.0) {
        return 1.0;
    }
    let (mut low, mut high) = (degree, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        *(if counts(middle) { &mut low } else { &mut high }) = middle;
    }
    // No step is so small that the last is never reached.
    low.max(degree + (1.0 - degree) / DEGREES as f64)
}

/// Equally weighed points, systematically chosen.
fn resampled(points: &[Point], by: f64, start: f64) -> Vec<Point> {
    let weights = weights(points, by);
    let step = weights.iter().sum::<f64>() / points.len() as f64;
    let mut chosen = Vec::with_capacity(points.len());
    let mut reached = 0.0;
    for (point, weight) in points.iter().zip(weights) {
        reached += weight;
        while chosen.len() < points.len() && (chosen.len() as f64 + start) * step < reached {
            chosen.push(point.clone());
        }
    }
    // Rounding may leave the last one out.
    let last = points.len() - 1;
    chosen.resize_with(points.len(), || points[last].clone());
    chosen
}

fn expected(values: &[f64]) -> Expected {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |p| short(quantile(&sorted, p));
    Expected { mean: short(mean(values)), low: at(0.1), high: at(0.9) }
}

fn moved_by(test: &Matched, before: &[f64], after: &[f64]) -> Moved {
    let (wide, narrow) = (deviation(before), deviation(after));
    let difference = (test.effect - mean(before)) / wide.hypot(test.se);
    Moved {
        audiences: test.all,
        age: short(test.age),
        se: short(test.se),
        before: expected(before),
        after: expected(after),
        weight: short((1.0 - (narrow / wide).powi(2)).clamp(0.0, 1.0)),
        surprise: short(difference),
    }
}

/// Incremental shares of the networks that tests speak of.
fn shares(file: &ModelFile, tests: &[&Matched], points: &[Point]) -> Vec<IncrementalShare> {
    let networks = &file.posterior.networks;
    let spoken = |n: usize| {
        let mut audiences =
            tests.iter().filter(|test| !test.reported).flat_map(|test| &test.audiences);
        audiences.any(|own| file.posterior.segments[own.segment].network == n)
    };
    let of = |n: usize| -> Vec<f64> {
        let own = |point: &Point| share(point.normals[point.normals.len() - networks.len() + n]);
        points.iter().map(own).collect()
    };
    let told = (0..networks.len()).filter(|n| spoken(*n));
    told.map(|n| IncrementalShare { network: networks[n].name.clone(), share: expected(&of(n)) })
        .collect()
}

//! Random problems that both sides are given.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One curve, value against money.
#[derive(Debug, Clone)]
pub enum Curve {
    Exponential {
        ceiling: f64,
        scale: f64,
    },
    /// Exposure of shape 1: `V s / (κ + s)`.
    Exposure {
        ceiling: f64,
        scale: f64,
    },
    Power {
        coefficient: f64,
        exponent: f64,
    },
    /// Corners of a piecewise-linear curve, the first at 0.
    Points(Vec<(f64, f64)>),
}

#[derive(Debug, Clone)]
pub struct Segment {
    pub curve: Curve,
    pub min: f64,
    pub max: f64,
    pub min_if_funded: f64,
    pub fixed_cost: f64,
}

/// A rule on the money of a group.
#[derive(Debug, Clone)]
pub struct Group {
    pub members: Vec<usize>,
    pub min: f64,
    pub max: f64,
}

#[derive(Debug, Clone)]
pub struct Problem {
    pub segments: Vec<Segment>,
    pub budget: f64,
    pub groups: Vec<Group>,
    pub funded_at_most: Option<usize>,
}

impl Problem {
    /// By how much a plan breaks its worst rule, in shares of the budget.
    pub fn broken(&self, spend: &[f64]) -> f64 {
        let sum: f64 = spend.iter().sum();
        let mut worst = (sum - self.budget).abs();
        for (segment, s) in self.segments.iter().zip(spend) {
            let least = segment.min.max(segment.min_if_funded).max(segment.fixed_cost);
            let off = *s == 0.0 && segment.min <= 0.0;
            worst = worst.max(s - segment.max - segment.fixed_cost).max(if off {
                0.0
            } else {
                least - s
            });
        }
        for group in &self.groups {
            let used: f64 = group.members.iter().map(|&i| spend[i]).sum();
            worst = worst.max(used - group.max).max(group.min - used);
        }
        let funded = spend.iter().filter(|s| **s > 0.0).count();
        if self.funded_at_most.is_some_and(|most| funded > most) {
            worst = f64::INFINITY;
        }
        worst / self.budget
    }
}

/// Random numbers of one problem.
pub struct Draw(ChaCha8Rng);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0.random_range(low..high)
    }

    /// Whole units, so that no rule lies between two cents.
    fn whole(&mut self, low: f64, high: f64) -> f64 {
        self.between(low, high).round()
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.0.next_u32() % n == 0
    }
}

/// Overlapping groups: by network, by territory, and one that crosses both.
fn groups(draw: &mut Draw, n: usize, budget: f64) -> Vec<Group> {
    let (networks, territories) = (3 + n % 3, 4 + n % 5);
    let every = |of: usize, shift: usize, k: usize| -> Vec<usize> {
        (0..n).filter(|i| (i / shift) % of == k).collect()
    };
    let mut groups = Vec::new();
    for k in 0..networks {
        let max = (budget * draw.between(1.1, 1.8) / networks as f64).round();
        groups.push(Group { members: every(networks, 1, k), min: 0.0, max });
    }
    for k in 0..territories {
        let min = (budget * draw.between(0.2, 0.7) / territories as f64).round();
        groups.push(Group { members: every(territories, 2, k), min, max: f64::INFINITY });
    }
    let members: Vec<usize> = (0..n).filter(|i| i * 7 % 5 < 2).collect();
    groups.push(Group { members, min: (0.35 * budget).round(), max: (0.75 * budget).round() });
    groups.retain(|group| !group.members.is_empty());
    groups
}

pub fn concave(draw: &mut Draw) -> Problem {
    let n = draw.whole(30.0, 80.0) as usize;
    let budget = 200.0 * n as f64;
    let segments = (0..n)
        .map(|_| {
            let (ceiling, scale) = (draw.between(50.0, 900.0), draw.between(60.0, 700.0));
            let curve = match draw.0.next_u32() % 3 {
                0 => Curve::Exponential { ceiling, scale },
                1 => Curve::Exposure { ceiling, scale },
                _ => Curve::Power {
                    coefficient: draw.between(1.0, 12.0),
                    exponent: draw.between(0.3, 0.8),
                },
            };
            let min = if draw.one_in(4) { draw.whole(5.0, 60.0) } else { 0.0 };
            Segment {
                curve,
                min,
                max: draw.whole(300.0, 1500.0),
                min_if_funded: 0.0,
                fixed_cost: 0.0,
            }
        })
        .collect();
    Problem { segments, budget, groups: groups(draw, n, budget), funded_at_most: None }
}

pub fn on_off(draw: &mut Draw) -> Problem {
    let n = draw.whole(12.0, 30.0) as usize;
    let budget = 200.0 * n as f64;
    let segments = (0..n)
        .map(|_| {
            let corners = 3 + draw.0.next_u32() % 4;
            let mut at = (0.0, 0.0);
            let mut points = vec![at];
            for _ in 0..corners {
                at = (at.0 + draw.whole(60.0, 300.0), at.1 + draw.between(2.0, 250.0));
                points.push(at);
            }
            let switched = draw.one_in(2);
            Segment {
                max: at.0,
                curve: Curve::Points(points),
                min: 0.0,
                min_if_funded: if switched { draw.whole(40.0, 250.0) } else { 0.0 },
                fixed_cost: if draw.one_in(3) { draw.whole(10.0, 60.0) } else { 0.0 },
            }
        })
        .collect();
    let funded_at_most = draw.one_in(2).then_some(2 * n / 3);
    Problem { segments, budget, groups: groups(draw, n, budget), funded_at_most }
}

//! Learning as the flight goes: each week divides the money that is left by what is now believed.

use rand_chacha::ChaCha8Rng;

use super::horizon::{Horizon, NODES, nodes};
use super::particles::{ParticleFilter, Standing};
use super::player::{Player, Policy};
use super::remaining::RemainingBudget;
use crate::allocate::rules::policy::PolicyName;
use crate::random::Purpose;
use crate::response::flights::LANES;
use crate::simulate::future::context::SimulationContext;
use crate::simulate::future::drawn::Future;

/// Draws that stand for a segment's belief when the greedy twin averages.
const STANDING: usize = 16;

/// Which curve a segment is taken to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// One draw from the belief: what might be good is tried (Thompson sampling).
    Sampled,
    /// The mean of the belief: what looks best is taken.
    Greedy,
}

/// Re-allocates every week: from one sampled curve per segment (Agrawal and Goyal 2013), or by
/// the expected curves, its greedy twin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Adaptive(pub(super) Choice);

impl Policy for Adaptive {
    fn name(&self) -> PolicyName {
        match self.0 {
            Choice::Sampled => PolicyName::Adaptive,
            Choice::Greedy => PolicyName::Greedy,
        }
    }

    fn begin<'a>(
        &'a self,
        context: &'a SimulationContext<'a>,
        future: &'a Future,
    ) -> Option<Box<dyn Player + 'a>> {
        Some(Box::new(Learning::new(context, future, self.0)))
    }

    fn replicates_at_most(&self) -> u64 {
        200
    }
}

pub(super) struct Learning<'a> {
    context: &'a SimulationContext<'a>,
    choice: Choice,
    particles: ParticleFilter,
    remaining: RemainingBudget,
    rng: ChaCha8Rng,
}

impl<'a> Learning<'a> {
    pub(super) fn new(context: &'a SimulationContext<'a>, future: &Future, choice: Choice) -> Self {
        Self {
            context,
            choice,
            particles: ParticleFilter::new(context, future.draw),
            remaining: RemainingBudget::new(context),
            rng: future.seed.stream(Purpose::Policy, future.replicate),
        }
    }

    /// A segment's rest of the flight as it is now believed to be: nodes of its curve.
    fn curve(&mut self, week: usize, i: usize) -> Vec<(f64, f64, f64)> {
        let shares = self.shares(week, i);
        let most = self.remaining.most(self.context, i, &shares);
        if most <= 0.0 || shares.is_empty() {
            return Vec::new();
        }
        let standing = match self.choice {
            Choice::Sampled => {
                let start = rand::RngExt::random::<f64>(&mut self.rng);
                self.particles.stand_for(i, 1, start)
            }
            Choice::Greedy => self.particles.stand_for(i, STANDING, 0.5),
        };
        let ones = vec![1.0; shares.len()];
        let spends = nodes(most);
        let (mut values, mut slopes) = ([0.0; LANES], [0.0; LANES]);
        for Standing { draw, share, before } in standing {
            let weights = self.weights(week, i, draw);
            let response = self.context.draws.response(i, draw);
            let horizon =
                Horizon { response, before, shares: &shares, delivery: &ones, weights: &weights };
            let own = horizon.values(self.context.arch, &spends);
            for l in 0..LANES {
                values[l] += share * own.0[l];
                slopes[l] += share * own.1[l];
            }
        }
        (0..NODES).map(|j| (spends[j], values[j], slopes[j])).collect()
    }

    /// How money given now spreads over the weeks left; empty when none of them may have any.
    fn shares(&self, week: usize, i: usize) -> Vec<f64> {
        let n = self.context.segments;
        let left = (week..self.context.weeks).map(|week| self.context.pacing[week * n + i]);
        let total: f64 = left.clone().sum();
        if total > 0.0 { left.map(|share| share / total).collect() } else { Vec::new() }
    }

    /// Points of an action in each week left, season included.
    fn weights(&self, week: usize, i: usize, draw: usize) -> Vec<f64> {
        let points = self.context.draws.points(i, draw, &self.context.campaign.points);
        let network = self.context.draws.segments[i].network;
        let season = self.context.season(draw, network);
        let last = season.len() - 1;
        (week..self.context.weeks).map(|week| points * season[week.min(last)]).collect()
    }
}

impl Player for Learning<'_> {
    fn money(&mut self, week: usize, out: &mut [f64]) {
        let curves: Vec<_> = (0..self.context.segments).map(|i| self.curve(week, i)).collect();
        let n = self.context.segments;
        match self.remaining.divide(self.context, &curves) {
            Some(media) => {
                for (i, out) in out.iter_mut().enumerate() {
                    *out = media[i] * self.shares(week, i).first().copied().unwrap_or(0.0);
                }
            }
            // What was spent by chance leaves the rules no way: go on as planned.
            None => out.copy_from_slice(&self.context.plan_cells[week * n..(week + 1) * n]),
        }
    }

    fn learn(&mut self, week: usize, spent: &[f64], counts: &[f64]) {
        for (i, media) in spent.iter().enumerate() {
            self.remaining.spend(self.context, i, *media);
        }
        // Nobody asks what is believed after the last week.
        if week + 1 < self.context.weeks {
            self.particles.learn(self.context, week, spent, counts);
        }
    }
}

//! What a model promises of a split draw by draw, and what it says that knowing more would add.
//!
//! In posterior draw `d` the plan `s*` is worth `F_d(s*)` and the best split for that draw
//! `max F_d`. When the posterior is right, the truth is one more draw of it, so the mean of
//! `F_d(s*) / max F_d` is the share of the oracle's engagement that this history lets *anybody*
//! expect: the plan maximises the mean of `F_d`, and what is missing to 1 is information that the
//! history does not hold. A share found in the worlds near this figure is the best there is; a
//! share below it means that the posterior is wrong somewhere.

use std::sync::Arc;

use pulp::Arch;
use rayon::prelude::*;

use super::lines::mean_and_deviation;
use crate::allocate;
use crate::allocate::maximise;
use crate::allocate::problem::Problem;
use crate::campaign::Campaign;
use crate::numeric::summary::quantile;
use crate::response::curve::Curve;
use crate::response::flights::{LANES, Lane};
use crate::response::memory::WEEKS;
use crate::response::table::Table;
use crate::simulate::policy::horizon::{Horizon, NODES, nodes};
use crate::train::posterior::draws::Draws;

/// Draws whose own best split is looked for: their ratios differ by a few points, so this many
/// give one world's mean to about half a point.
const JUDGED: usize = 24;
/// Gap to which those splits are solved: far below the half point.
const GAP: f64 = 1e-4;

/// A model's draws over the weeks of a decision, money spread evenly.
pub(super) struct Knowledge<'a> {
    draws: &'a Draws,
    campaign: &'a Campaign,
    shares: Vec<f64>,
    ones: Vec<f64>,
    arch: Arch,
}

impl<'a> Knowledge<'a> {
    pub(super) fn new(draws: &'a Draws, campaign: &'a Campaign) -> Self {
        let weeks = campaign.weeks().len();
        let (shares, ones) = (vec![1.0 / weeks as f64; weeks], vec![1.0; weeks]);
        Self { draws, campaign, shares, ones, arch: Arch::new() }
    }

    /// Points, and their slope, of a segment's money at several spends in one draw.
    fn flight(&self, segment: usize, draw: usize, spends: &Lane) -> (Lane, Lane) {
        let points = self.draws.points(segment, draw, &self.campaign.points);
        let season: Vec<f64> =
            self.draws.season(draw, self.draws.segments[segment].network).collect();
        let last = season.len() - 1;
        let weights: Vec<f64> =
            (0..self.shares.len()).map(|week| points * season[week.min(last)]).collect();
        let horizon = Horizon {
            response: self.draws.response(segment, draw),
            before: [0.0; WEEKS],
            shares: &self.shares,
            delivery: &self.ones,
            weights: &weights,
        };
        horizon.values(self.arch, spends)
    }

    /// Points of a segment's money in one draw.
    fn points(&self, segment: usize, draw: usize, budget: f64) -> f64 {
        self.flight(segment, draw, &[budget; LANES]).0[0]
    }

    /// What a split is expected to bring, `networks × draws`.
    pub(super) fn by_network(&self, budgets: &[f64]) -> Vec<Vec<f64>> {
        let mut sums = vec![vec![0.0; self.draws.len()]; self.draws.networks.len()];
        let funded = budgets.iter().enumerate().filter(|(_, budget)| **budget > 0.0);
        for (i, budget) in funded {
            let network = self.draws.segments[i].network;
            for (draw, sum) in sums[network].iter_mut().enumerate() {
                *sum += self.points(i, draw, *budget);
            }
        }
        sums
    }

    /// Central 80 % interval of what one segment is expected to bring for a budget.
    pub(super) fn interval80(&self, i: usize, budget: f64) -> [f64; 2] {
        let mut values: Vec<f64> =
            (0..self.draws.len()).map(|draw| self.points(i, draw, budget)).collect();
        values.sort_by(f64::total_cmp);
        [0.1, 0.9].map(|p| quantile(&values, p))
    }

    /// What the model thinks of one segment: mean and deviation at each of these budgets, of its
    /// log scale and of its log efficiency.
    pub(super) fn of_segment(&self, i: usize, budgets: &[f64]) -> Vec<(f64, f64)> {
        let draws = 0..self.draws.len();
        let of = |value: &dyn Fn(usize) -> f64| {
            mean_and_deviation(&draws.clone().map(value).collect::<Vec<f64>>())
        };
        let own = &self.draws.segments[i].draws;
        let at = budgets.iter().map(|budget| of(&|d| self.points(i, d, *budget)));
        let scale = of(&|d| own[d].scale.abs().ln());
        let efficiency = of(&|d| (own[d].ceiling / own[d].scale).ln());
        at.chain([scale, efficiency]).collect()
    }

    /// Mean over draws of what the split brings ÷ what the best split for that draw would.
    pub(super) fn expected_share(&self, budgets: &[f64], rules: &Problem) -> f64 {
        let judged = JUDGED.min(self.draws.len());
        let shares: Vec<Option<f64>> = (0..judged)
            .into_par_iter()
            .map(|j| self.share_in(j * self.draws.len() / judged, budgets, rules))
            .collect();
        let shares: Vec<f64> = shares.into_iter().flatten().collect();
        shares.iter().sum::<f64>() / shares.len().max(1) as f64
    }

    fn share_in(&self, draw: usize, budgets: &[f64], rules: &Problem) -> Option<f64> {
        let mut problem = rules.clone();
        let mut value = 0.0;
        for (i, variable) in problem.variables.iter_mut().enumerate() {
            if variable.max > 0.0 {
                let spends = nodes(variable.max);
                let (values, slopes) = self.flight(i, draw, &spends);
                let of = |j: usize| (spends[j], values[j], slopes[j]);
                let table = Table::new(&(0..NODES).map(of).collect::<Vec<_>>());
                value += table.value(budgets[i]);
                variable.curve = Curve::Table(Arc::new(table));
                variable.actions = None;
            }
        }
        let settings =
            allocate::Settings { gap: Some(GAP), nodes: Some(30), without_plan: Some(300) };
        let best = maximise(&problem, &settings).ok()?.objective;
        (best > 0.0).then(|| value / best)
    }
}

//! What a test is worth, before it: what it costs, and what one would do better knowing its result.
//!
//! The knowledge gradient (Frazier, Powell and Dayanik 2009) on the posterior's own draws. A draw is
//! taken as the truth; the contrast between an audience's weeks of more and of less money comes out
//! by it and by chance; every draw is weighed by how well it foretells that contrast; the budget is
//! divided anew over the curves so weighed, and judged by the truth. The gain over the division that
//! knows nothing new, on average over truths, is what a flight gains.
//!
//! Where a curve was not learnt, its form is in doubt beyond what the draws say: each is multiplied by
//! `(s/m)^δ`, δ one number per network and draw, as the odds of plans are (`allocate::judge::odds`).
//! Without that doubt a history that followed demand, sure of curves that are not so, would see nothing
//! to learn. A contrast therefore tells of others: an audience's draws are weighed by its own contrast,
//! by the precision-weighted mean of the others' of its network, and by that of all other networks'.
//!
//! Left out, to the test's disadvantage: that a learnt curve widens the default limits.

use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use crate::allocate::judge::odds;
use crate::numeric::summary::mean;
use crate::random::{Purpose, Seed};
use crate::response::flights::Lane;
use crate::simulate::future::context::SimulationContext;
use crate::simulate::future::expected::expected_points;
use crate::simulate::policy::horizon::{Horizon, NODES, nodes};
use crate::simulate::policy::remaining::RemainingBudget;
use crate::train::posterior::draws::SegmentDraws;

/// Truths that a gain is averaged over. Between 32 and 400 it moves by a tenth.
const TRUTHS: usize = 32;

/// Two levels of money at which a test looks at an audience, and how well it tells them apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Contrast {
    /// Money per week in weeks of less and of more.
    pub money: [f64; 2],
    /// Standard deviation of the log of what more money brings over what less does, by chance.
    pub sd: f64,
}

/// One who knows the draws and divides over any weights of them.
pub(crate) struct Judge<'a> {
    context: &'a SimulationContext<'a>,
    remaining: RemainingBudget,
    audiences: Vec<Audience>,
    /// Media money by audience when nothing new is known.
    today: Vec<f64>,
    /// Normals behind the doubt about forms, by draw and network.
    forms: Vec<Vec<f64>>,
    /// Points of the plan, expected.
    planned: f64,
}

/// An audience's flight in every draw.
struct Audience {
    shares: Vec<f64>,
    spends: Lane,
    /// Values and slopes at `spends`, by draw.
    curves: Vec<(Lane, Lane)>,
}

impl<'a> Judge<'a> {
    /// `None` when no division keeps the rules.
    pub(crate) fn new(context: &'a SimulationContext<'a>, seed: Seed) -> Option<Self> {
        let networks = context.draws.networks.len();
        let forms: Vec<Vec<f64>> =
            (0..context.draws.len()).map(|d| odds::forms(seed, d as u64, networks)).collect();
        let mut remaining = RemainingBudget::new(context);
        let audiences: Vec<Audience> = (0..context.segments)
            .into_par_iter()
            .map(|i| Audience::of(context, &remaining, i, &forms))
            .collect();
        let alike = vec![1.0; context.draws.len()];
        let curves: Vec<_> = audiences.iter().map(|own| own.weighed(&alike)).collect();
        let today = remaining.divide(context, &curves)?;
        let planned = expected_points(context, &context.plan_cells);
        Some(Self { context, remaining, audiences, today, forms, planned })
    }

    /// Points that a schedule (media money, `weeks × segments`) gives up against the plan, expected.
    pub(crate) fn price(&self, scheduled: &[f64]) -> f64 {
        self.planned - expected_points(self.context, scheduled)
    }

    /// Points of the plan, expected.
    pub(crate) fn planned(&self) -> f64 {
        self.planned
    }

    /// The exponent that the draws expect between the contrasts' two levels of money, on average over
    /// audiences.
    pub(crate) fn exponent(&self, seen: &[Option<Contrast>]) -> f64 {
        let of = |(i, own): (usize, &Option<Contrast>)| {
            let own = (*own)?;
            Some(mean(&self.foretold(i, own)) / (own.money[1] / own.money[0]).ln())
        };
        let all: Vec<f64> = seen.iter().enumerate().filter_map(of).collect();
        if all.is_empty() { 1.0 } else { mean(&all) }
    }

    /// Points that a flight gains when contrasts have been seen, and when everything were known.
    pub(crate) fn gain(&self, seen: &[Option<Contrast>], seed: Seed) -> (f64, f64) {
        let n = self.context.draws.len();
        let truths = n.min(TRUTHS);
        let told: Vec<Option<Told>> = seen
            .iter()
            .enumerate()
            .map(|(i, own)| own.map(|own| Told { foretold: self.foretold(i, own), sd: own.sd }))
            .collect();
        // Evenly spaced: the draws are exchangeable.
        let gains: Vec<(f64, f64)> = (0..truths)
            .into_par_iter()
            .map(|at| {
                let truth = at * n / truths;
                let mut rng = seed.stream(Purpose::Experiment, 100 + at as u64);
                let noise: Vec<f64> =
                    seen.iter().map(|_| StandardNormal.sample(&mut rng)).collect();
                let weights = |i: usize| {
                    let mut weights = self.weights(i, &told, truth, &noise);
                    // The truth is none of those that are asked.
                    weights[truth] = 0.0;
                    weights
                };
                let knowing = |_: usize| {
                    let mut only = vec![0.0; n];
                    only[truth] = 1.0;
                    only
                };
                let today = self.value(truth, &self.today);
                let better = |weights: &dyn Fn(usize) -> Vec<f64>| {
                    self.divided(weights).map_or(0.0, |own| self.value(truth, &own) - today)
                };
                (better(&weights), better(&knowing))
            })
            .collect();
        let of = |part: fn(&(f64, f64)) -> f64| mean(&gains.iter().map(part).collect::<Vec<_>>());
        (of(|own| own.0), of(|own| own.1))
    }

    /// The contrast that each draw foretells of what is counted: actions that come without money too.
    fn foretold(&self, i: usize, own: Contrast) -> Vec<f64> {
        let segment = &self.context.draws.segments[i];
        let log = |draw: usize, money: f64| {
            let steady = self.context.draws.response(i, draw).steady(money);
            let doubt = odds::factor(segment, money, &self.forms[draw]);
            (segment.draws[draw].baseline + steady * doubt).max(f64::MIN_POSITIVE).ln()
        };
        let [less, more] = own.money;
        (0..self.context.draws.len()).map(|draw| log(draw, more) - log(draw, less)).collect()
    }

    /// What an audience's draws weigh when contrasts came out as a truth and chance have them.
    fn weights(&self, i: usize, told: &[Option<Told>], truth: usize, noise: &[f64]) -> Vec<f64> {
        let n = self.context.draws.len();
        let network = |j: usize| self.context.draws.segments[j].network;
        let relations: [&dyn Fn(usize) -> bool; 3] =
            [&|j| j == i, &|j| j != i && network(j) == network(i), &|j| network(j) != network(i)];
        let mut logs = vec![0.0; n];
        for is_of in relations {
            let own = told.iter().enumerate().filter(|(j, _)| is_of(*j));
            let own: Vec<(usize, &Told)> =
                own.filter_map(|(j, told)| Some((j, told.as_ref()?))).collect();
            let precision: f64 = own.iter().map(|(_, told)| told.sd.powi(-2)).sum();
            if precision == 0.0 {
                continue;
            }
            let mean = |of: &dyn Fn(usize, &Told) -> f64| {
                own.iter().map(|(j, told)| of(*j, told) / told.sd.powi(2)).sum::<f64>() / precision
            };
            let came = mean(&|j, told| told.foretold[truth] + told.sd * noise[j]);
            for (draw, log) in logs.iter_mut().enumerate() {
                let foretold = mean(&|_, told| told.foretold[draw]);
                *log -= 0.5 * precision * (came - foretold).powi(2);
            }
        }
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        logs.into_iter().map(|log| (log - most).exp()).collect()
    }

    fn divided(&self, weights: &dyn Fn(usize) -> Vec<f64>) -> Option<Vec<f64>> {
        let curves: Vec<_> =
            self.audiences.iter().enumerate().map(|(i, own)| own.weighed(&weights(i))).collect();
        self.remaining.clone().divide(self.context, &curves)
    }

    /// Points of media money by audience, were a draw the truth.
    fn value(&self, truth: usize, media: &[f64]) -> f64 {
        let of = |(i, own): (usize, &Audience)| {
            if media[i] > 0.0 {
                let bare = own.horizon(self.context, i, truth, |own| {
                    own.values(self.context.arch, &[media[i]; 16]).0[0]
                });
                let weekly = media[i] / own.weeks();
                bare * odds::factor(&self.context.draws.segments[i], weekly, &self.forms[truth])
            } else {
                0.0
            }
        };
        self.audiences.iter().enumerate().map(of).sum()
    }
}

/// What every draw foretells of an audience's contrast, and by how much chance moves it.
struct Told {
    foretold: Vec<f64>,
    sd: f64,
}

impl Audience {
    fn of(
        context: &SimulationContext<'_>,
        remaining: &RemainingBudget,
        i: usize,
        forms: &[Vec<f64>],
    ) -> Self {
        let n = context.segments;
        let shares: Vec<f64> =
            (0..context.weeks).map(|week| context.pacing[week * n + i]).collect();
        let most = remaining.most(context, i, &shares).max(0.0);
        let spends = nodes(most);
        let mut own = Self { shares, spends, curves: Vec::new() };
        if most > 0.0 && own.shares.iter().sum::<f64>() > 0.0 {
            let curve = |draw: usize| {
                let bare = own.horizon(context, i, draw, |own| own.values(context.arch, &spends));
                own.doubted(bare, &context.draws.segments[i], &forms[draw])
            };
            own.curves = (0..context.draws.len()).map(curve).collect();
        }
        own
    }

    /// Weeks with money.
    fn weeks(&self) -> f64 {
        self.shares.iter().filter(|share| **share > 0.0).count().max(1) as f64
    }

    /// Values and slopes at `spends` with the doubt about the form inside.
    fn doubted(&self, bare: (Lane, Lane), segment: &SegmentDraws, forms: &[f64]) -> (Lane, Lane) {
        let (mut values, mut slopes) = bare;
        let exponent = segment.form_sd * forms[segment.network];
        for (j, spend) in self.spends.iter().enumerate().filter(|(_, spend)| **spend > 0.0) {
            let factor = odds::factor(segment, spend / self.weeks(), forms);
            slopes[j] = factor * (slopes[j] + exponent * values[j] / spend);
            values[j] *= factor;
        }
        (values, slopes)
    }

    /// The rest of the flight in one draw, season inside.
    fn horizon<T>(
        &self,
        context: &SimulationContext<'_>,
        i: usize,
        draw: usize,
        of: impl Fn(Horizon<'_>) -> T,
    ) -> T {
        let response = context.draws.response(i, draw);
        let points = context.draws.points(i, draw, &context.campaign.points);
        let season = context.season(draw, context.draws.segments[i].network);
        let last = season.len() - 1;
        let weights: Vec<f64> =
            (0..context.weeks).map(|week| points * season[week.min(last)]).collect();
        of(Horizon {
            response,
            before: response.memory_of(context.past_of(i)).sums(),
            shares: &self.shares,
            delivery: &vec![1.0; self.shares.len()],
            weights: &weights,
        })
    }

    /// Nodes of the curve that draws of these weights expect.
    fn weighed(&self, weights: &[f64]) -> Vec<(f64, f64, f64)> {
        if self.curves.is_empty() {
            return Vec::new();
        }
        let total: f64 = weights.iter().sum();
        let mut nodes: Vec<(f64, f64, f64)> =
            self.spends.iter().take(NODES).map(|spend| (*spend, 0.0, 0.0)).collect();
        for ((values, slopes), weight) in self.curves.iter().zip(weights).filter(|own| *own.1 > 0.0)
        {
            for (j, node) in nodes.iter_mut().enumerate() {
                node.1 += weight / total * values[j];
                node.2 += weight / total * slopes[j];
            }
        }
        nodes
    }
}

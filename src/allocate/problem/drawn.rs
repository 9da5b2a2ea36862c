//! Flight curves under posterior draws: their mean as a table, their spread draw by draw.

use pulp::Arch;
use rayon::prelude::*;

use crate::action::{Action, Points};
use crate::allocate::judge::odds;
use crate::allocate::plan::row::Range;
use crate::allocate::rules::pacing;
use crate::allocate::rules::shocks::World;
use crate::campaign::{Campaign, Objective};
use crate::response::flight::WeeklyResponse;
use crate::response::flights::{Flights, LANES};
use crate::response::memory::{Remembered, WEEKS};
use crate::response::table::Table;
use crate::train::posterior::draws::Draws;

/// Draws seen through a campaign: what media money over the flight brings, draw by draw.
#[derive(Debug, Clone)]
pub(crate) struct Drawn<'a> {
    pub(crate) draws: &'a Draws,
    /// Shares of the weeks, by network.
    pub(crate) pacing: Vec<Vec<f64>>,
    /// Season by draw and network, one per week of the flight.
    season: Vec<Vec<Vec<f64>>>,
    /// Points of one average action, `segments × draws`.
    points: Vec<Vec<f64>>,
    /// Carry-over that replaces that of the draws.
    carryover: Option<f64>,
    /// What each segment spent in the weeks just before, the oldest first; empty: nothing.
    past: Vec<Vec<f64>>,
    /// What people remember from there, `segments × draws`; empty: nothing.
    memory: Vec<Vec<Remembered>>,
    /// How the shocks of each segment may turn out; empty where none is felt.
    worlds: Vec<Vec<World>>,
}

/// Nodes of each segment's mean curve.
pub(crate) type Nodes = Vec<Vec<(f64, f64, f64)>>;

/// Steps between the first nodes of a curve.
const NODES: i32 = 18;

/// The cube of an even grid up to a spend.
fn grid(most: f64, count: i32) -> Vec<f64> {
    let top = most.max(1e-6);
    (0..=count).map(|j| top * (f64::from(j) / f64::from(count)).powi(3)).collect()
}

/// What a flight brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gain {
    /// Points.
    Value,
    /// Active actions, unweighted.
    Actions,
    /// What the campaign maximises.
    Objective(Objective),
}

impl<'a> Drawn<'a> {
    pub(crate) fn new(draws: &'a Draws, campaign: &Campaign, points: &Points) -> Self {
        let weeks = campaign.weeks().len();
        let columns = draws.season_len();
        let season: Vec<Vec<Vec<f64>>> = (0..draws.len())
            .map(|d| {
                (0..draws.networks.len())
                    .map(|network| {
                        let learnt: Vec<f64> = draws.season(d, network).collect();
                        (0..weeks).map(|t| learnt[t.min(columns - 1)]).collect()
                    })
                    .collect()
            })
            .collect();
        let pacing = (0..draws.networks.len())
            .map(|network| {
                let mean = |t: usize| -> f64 {
                    season.iter().map(|draw| draw[network][t]).sum::<f64>()
                        / season.len().max(1) as f64
                };
                let mean: Vec<f64> = (0..weeks).map(mean).collect();
                pacing::shares(campaign, Some(&mean))
            })
            .collect();
        let points = (0..draws.segments.len())
            .map(|i| (0..draws.len()).map(|d| draws.points(i, d, points)).collect())
            .collect();
        let (past, memory, worlds) = (Vec::new(), Vec::new(), Vec::new());
        Self { draws, pacing, season, points, carryover: None, past, memory, worlds }
    }

    /// The same in a flight in which shocks may happen: what it brings is its expectation over
    /// the worlds of each segment.
    pub(crate) fn amid(self, worlds: Vec<Vec<World>>) -> Self {
        Self { worlds, ..self }
    }

    /// The same draws in the same flight under other points per action.
    pub(crate) fn worth(&self, campaign: &Campaign, points: &Points) -> Self {
        Self { carryover: self.carryover, ..Self::new(self.draws, campaign, points) }
            .amid(self.worlds.clone())
            .after(self.past.clone())
    }

    /// The same with one carry-over for all draws.
    pub(crate) fn with_carryover(&self, carryover: f64) -> Self {
        let past = self.past.clone();
        Self { carryover: Some(carryover), ..self.clone() }.after(past)
    }

    /// The same for people who remember what was spent on them in the weeks just before.
    pub(crate) fn after(self, past: Vec<Vec<f64>>) -> Self {
        let of = |i: usize, past: &[f64]| -> Vec<Remembered> {
            (0..self.draws.len()).map(|d| self.response(i, d).memory_of(past)).collect()
        };
        let memory = past.iter().enumerate().map(|(i, past)| of(i, past)).collect();
        Self { past, memory, ..self }
    }

    fn response(&self, i: usize, d: usize) -> WeeklyResponse {
        let response = self.draws.response(i, d);
        match self.carryover {
            Some(carryover) => WeeklyResponse { carryover, ..response },
            None => response,
        }
    }

    pub(crate) fn pacing_of(&self, i: usize) -> &[f64] {
        &self.pacing[self.draws.segments[i].network]
    }

    /// Points of one average action of a segment, by draw.
    pub(crate) fn points_of(&self, i: usize) -> &[f64] {
        &self.points[i]
    }

    /// Gain and its slope of one segment's media money in these draws.
    fn flights(&self, i: usize, draws: &[usize], gain: Gain, media: f64) -> Vec<(f64, f64)> {
        if let Gain::Objective(of @ (Objective::Follows | Objective::Reach)) = gain {
            return draws.iter().map(|d| self.aside(i, *d, of, media)).collect();
        }
        let mut flights = self.actions(i, draws, media);
        for (flight, d) in flights.iter_mut().zip(draws) {
            let factor = self.per_action(i, *d, gain);
            *flight = (factor * flight.0, factor * flight.1);
        }
        flights
    }

    /// What does not count actions: follows or people reached, in one draw.
    fn aside(&self, i: usize, d: usize, objective: Objective, media: f64) -> (f64, f64) {
        let segment = &self.draws.segments[i];
        let draw = &segment.draws[d];
        let pacing = &self.pacing[segment.network];
        let response = self.response(i, d);
        if objective == Objective::Follows {
            let rate = draw.follows_rate * self.shown(i);
            return (rate * media, rate);
        }
        if !(draw.audience > 0.0 && draw.cpm > 0.0) {
            return (0.0, 0.0);
        }
        // Distinct people of the whole flight: one audience, reached once.
        let reach = WeeklyResponse {
            ceiling: draw.audience,
            scale: draw.audience * draw.cpm / 1000.0,
            shape: draw.reach_shape,
            ..response
        };
        let before = self.past.get(i).map_or(&[][..], Vec::as_slice);
        match self.worlds_of(i) {
            [] => reach.once(before, media, pacing),
            worlds => expectation(worlds, |world| {
                reach.once_delivered(before, media, pacing, |week| world.delivery[week])
            }),
        }
    }

    /// Actions and their slope of one segment's media money in these draws, side by side.
    fn actions(&self, i: usize, draws: &[usize], media: f64) -> Vec<(f64, f64)> {
        let (arch, network) = (Arch::new(), self.draws.segments[i].network);
        let pacing = &self.pacing[network];
        let mut weights = vec![[0.0; LANES]; pacing.len()];
        let mut lifted = weights.clone();
        let mut all = Vec::with_capacity(draws.len());
        for several in draws.chunks(LANES) {
            let mut flights = Flights::default();
            for (l, &d) in several.iter().enumerate() {
                let before = self.memory.get(i).map_or([0.0; WEEKS], |own| own[d].sums());
                flights.put(l, &self.response(i, d), &before, media);
                for (weight, season) in weights.iter_mut().zip(&self.season[d][network]) {
                    weight[l] = *season;
                }
            }
            let (mut value, mut slope) = ([0.0; LANES], [0.0; LANES]);
            let worlds = self.worlds_of(i);
            if worlds.is_empty() {
                (value, slope) = flights.usual(arch, pacing, &weights);
            }
            for world in worlds {
                for ((lifted, weight), lift) in lifted.iter_mut().zip(&weights).zip(&world.lift) {
                    *lifted = weight.map(|weight| weight * lift);
                }
                let own = flights.delivered(arch, pacing, &world.delivery, &lifted);
                for l in 0..LANES {
                    value[l] += world.probability * own.0[l];
                    slope[l] += world.probability * own.1[l];
                }
            }
            all.extend(value.into_iter().zip(slope).take(several.len()));
        }
        all
    }

    /// Every draw.
    fn every(&self) -> Vec<usize> {
        (0..self.draws.len()).collect()
    }

    fn worlds_of(&self, i: usize) -> &[World] {
        self.worlds.get(i).map_or(&[], Vec::as_slice)
    }

    /// Share of a segment's media money that is expected to be shown at all.
    fn shown(&self, i: usize) -> f64 {
        let worlds = self.worlds_of(i);
        if worlds.is_empty() {
            return 1.0;
        }
        let shown = |world: &World| -> f64 {
            let weeks = self.pacing_of(i).iter().zip(&world.delivery);
            weeks.filter(|(_, delivery)| **delivery > 0.0).map(|(share, _)| share).sum()
        };
        worlds.iter().map(|world| world.probability * shown(world)).sum()
    }

    /// Expected share of the usual impressions, by week.
    fn delivered(&self, i: usize) -> Vec<f64> {
        let weeks = self.pacing_of(i).len();
        match self.worlds_of(i) {
            [] => vec![1.0; weeks],
            worlds => (0..weeks)
                .map(|t| worlds.iter().map(|world| world.probability * world.delivery[t]).sum())
                .collect(),
        }
    }

    /// Mean over draws, with draw weights summing to 1 or none for equal ones.
    pub(crate) fn mean(
        &self,
        i: usize,
        gain: Gain,
        media: f64,
        weights: Option<&[f64]>,
    ) -> (f64, f64) {
        let weight = |d: usize| weights.map_or(1.0 / self.draws.len() as f64, |own| own[d]);
        let draws: Vec<usize> = (0..self.draws.len()).filter(|d| weight(*d) != 0.0).collect();
        let mut sum = (0.0, 0.0);
        for (d, (value, slope)) in draws.iter().zip(self.flights(i, &draws, gain, media)) {
            sum.0 += weight(*d) * value;
            sum.1 += weight(*d) * slope;
        }
        sum
    }

    /// Gain by draw of one row's media money.
    pub(crate) fn by_draw(&self, i: usize, gain: Gain, media: f64) -> Vec<f64> {
        if media <= 0.0 {
            return vec![0.0; self.draws.len()];
        }
        self.flights(i, &self.every(), gain, media).into_iter().map(|(value, _)| value).collect()
    }

    /// Gain by draw of a whole plan, rows added in order.
    pub(crate) fn total_by_draw(&self, gain: Gain, media: &[f64]) -> Vec<f64> {
        let rows: Vec<Vec<f64>> = (0..media.len())
            .into_par_iter()
            .filter(|&i| media[i] > 0.0)
            .map(|i| self.by_draw(i, gain, media[i]))
            .collect();
        let mut total = vec![0.0; self.draws.len()];
        for row in rows {
            for (sum, value) in total.iter_mut().zip(row) {
                *sum += value;
            }
        }
        total
    }

    /// Gain by draw of a whole plan were the form of each segment's curve off as `forms` (draws ×
    /// networks) say.
    pub(crate) fn doubted_by_draw(
        &self,
        gain: Gain,
        media: &[f64],
        forms: &[Vec<f64>],
    ) -> Vec<f64> {
        let weeks = self.pacing.first().map_or(1, Vec::len) as f64;
        let rows: Vec<Vec<f64>> = (0..media.len())
            .into_par_iter()
            .filter(|&i| media[i] > 0.0)
            .map(|i| {
                let segment = &self.draws.segments[i];
                let values = self.by_draw(i, gain, media[i]).into_iter();
                let factor = |forms| odds::factor(segment, media[i] / weeks, forms);
                values.zip(forms).map(|(value, forms)| value * factor(forms)).collect()
            })
            .collect();
        let mut total = vec![0.0; self.draws.len()];
        for row in rows {
            total.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        total
    }

    /// Nodes `(spend, mean, slope)` of the mean gain up to each segment's greatest media money.
    ///
    /// The cube of an even grid is dense where curves bend; where there is much work it has fewer
    /// nodes, and [`Self::refine`] adds some where it matters.
    pub(crate) fn nodes(&self, gain: Gain, most: &[f64], weights: Option<&[f64]>) -> Nodes {
        let work = self.draws.len() * most.len();
        let count = if work > 500_000 { 9 } else { NODES };
        (0..most.len())
            .into_par_iter()
            .map(|i| self.evaluate(i, gain, &grid(most[i], count), weights))
            .collect()
    }

    /// Nodes of the mean gain at given spends of each segment.
    pub(crate) fn means_at(&self, gain: Gain, spends: &[Vec<f64>]) -> Nodes {
        let nodes = spends.par_iter().enumerate();
        nodes.map(|(i, spends)| self.evaluate(i, gain, spends, None)).collect()
    }

    /// Spends of a curve's first nodes.
    pub(crate) fn grid(most: f64) -> Vec<f64> {
        grid(most, NODES)
    }

    /// Gain of one row's media money and its slope, draw by draw.
    pub(crate) fn at(&self, i: usize, gain: Gain, media: f64) -> Box<[(f64, f64)]> {
        self.flights(i, &self.every(), gain, media).into()
    }

    /// What one action of a segment counts for a gain in one draw; 0 for gains that do not count
    /// actions.
    pub(crate) fn per_action(&self, i: usize, d: usize, gain: Gain) -> f64 {
        match gain {
            Gain::Actions => 1.0,
            Gain::Value | Gain::Objective(Objective::Engagement) => self.points[i][d],
            Gain::Objective(Objective::Incremental) => {
                let own = &self.draws.segments[i];
                self.points[i][d] * self.draws.shared[d].incremental[own.network]
            }
            Gain::Objective(Objective::Clicks) => {
                let mix = &self.draws.segments[i].draws[d].mix;
                mix[Action::LinkClicks.index()] + mix[Action::Clicks.index()]
            }
            Gain::Objective(Objective::Reach | Objective::Follows) => 0.0,
        }
    }

    /// Adds nodes at the given spends.
    pub(crate) fn refine(
        &self,
        nodes: &mut Nodes,
        gain: Gain,
        near: &[Vec<f64>],
        weights: Option<&[f64]>,
    ) {
        nodes.par_iter_mut().enumerate().for_each(|(i, nodes)| {
            let top = nodes.last().map_or(0.0, |node| node.0);
            let inside: Vec<f64> =
                near[i].iter().copied().filter(|s| *s > 0.0 && *s < top).collect();
            nodes.extend(self.evaluate(i, gain, &inside, weights));
            nodes.sort_by(|a, b| a.0.total_cmp(&b.0));
            nodes.dedup_by(|b, a| b.0 - a.0 <= 1e-6 * b.0 + 1e-9 * top);
        });
    }

    fn evaluate(
        &self,
        i: usize,
        gain: Gain,
        spends: &[f64],
        weights: Option<&[f64]>,
    ) -> Vec<(f64, f64, f64)> {
        let at = |s: &f64| {
            let (value, slope) = self.mean(i, gain, *s, weights);
            (*s, value, slope)
        };
        spends.iter().map(at).collect()
    }

    /// Expected impressions, reach and follows of one row; `None` where CPM or audience is not
    /// known.
    pub(crate) fn figures(&self, i: usize, media: f64) -> (Option<f64>, Option<f64>, f64) {
        let draws = &self.draws.segments[i].draws;
        let shown = self.shown(i);
        let follows: f64 = draws.iter().map(|draw| draw.follows_rate * media * shown).sum();
        let reach_known = draws.iter().all(|d| d.audience > 0.0 && d.cpm > 0.0);
        let reach =
            reach_known.then(|| self.mean(i, Gain::Objective(Objective::Reach), media, None).0);
        let impressions = self.impressions(i, media).map(|(impressions, _)| impressions);
        (impressions, reach, follows / draws.len() as f64)
    }

    /// Expected impressions of one segment's media money over the flight, and their slope, mean
    /// over draws; `None` where a CPM is not known.
    pub(crate) fn impressions(&self, i: usize, media: f64) -> Option<(f64, f64)> {
        let draws = &self.draws.segments[i].draws;
        if !draws.iter().all(|draw| draw.cpm > 0.0) {
            return None;
        }
        let delivered = self.delivered(i);
        let mut sum = (0.0, 0.0);
        for (d, draw) in draws.iter().enumerate() {
            let response = self.draws.response(i, d);
            for (share, part) in self.pacing_of(i).iter().zip(&delivered) {
                let (spend, each) = (share * media, part * 1000.0 / draw.cpm);
                sum.0 += each * response.effective_spend(spend);
                sum.1 += each * share * response.effective_spend_slope(spend);
            }
        }
        let n = draws.len() as f64;
        Some((sum.0 / n, sum.1 / n))
    }

    /// Impressions of money spent week by week, mean over draws.
    pub(crate) fn impressions_of_weeks(&self, i: usize, weeks: &[f64]) -> Option<f64> {
        let draws = &self.draws.segments[i].draws;
        if !draws.iter().all(|draw| draw.cpm > 0.0) {
            return None;
        }
        let of = |(d, draw): (usize, &crate::train::posterior::draws::ResponseDraw)| {
            let response = self.draws.response(i, d);
            let bought: f64 = weeks.iter().map(|spend| response.effective_spend(*spend)).sum();
            1000.0 * bought / draw.cpm
        };
        Some(draws.iter().enumerate().map(of).sum::<f64>() / draws.len() as f64)
    }
}

/// Mean over worlds of a value and its slope.
fn expectation(worlds: &[World], of: impl Fn(&World) -> (f64, f64)) -> (f64, f64) {
    worlds.iter().fold((0.0, 0.0), |sum, world| {
        let (value, slope) = of(world);
        (sum.0 + world.probability * value, sum.1 + world.probability * slope)
    })
}

/// By how much a concave curve known at a table's nodes may lie above the table, at a price: the
/// tangents at the nodes bound the curve, and their best crossing bounds its answer.
pub(crate) fn above_table(table: &Table, price: f64, low: f64, high: f64) -> f64 {
    if !table.is_concave() || high <= low {
        return 0.0;
    }
    let nodes: Vec<_> = table.nodes().collect();
    let after = nodes.partition_point(|node| node.2 > price);
    let worth = |spend: f64| table.value(spend) - price * spend;
    let own = worth(table.respond(price, low, high).0);
    let tangent = |k: usize, s: f64| nodes[k].1 + nodes[k].2 * (s - nodes[k].0) - price * s;
    let crossing = if after == 0 {
        nodes[0].0
    } else if after == nodes.len() {
        high
    } else {
        let (a, b) = (nodes[after - 1], nodes[after]);
        let fall = a.2 - b.2;
        let meet = if fall > 0.0 { ((b.1 - b.2 * b.0) - (a.1 - a.2 * a.0)) / fall } else { b.0 };
        meet.clamp(a.0, b.0)
    };
    // Where a bound moves the answer away from the crossing, another node's tangent is tighter.
    let at = crossing.clamp(low, high);
    let bound = (0..nodes.len()).map(|k| tangent(k, at)).fold(f64::INFINITY, f64::min).max(own);
    (bound - own).max(0.0)
}

/// Mean and quantiles.
pub(crate) fn range(values: &[f64]) -> Range {
    Range::of(values)
}

/// The gain that a campaign maximises.
pub(crate) fn objective(campaign: &Campaign) -> Gain {
    Gain::Objective(campaign.objective)
}

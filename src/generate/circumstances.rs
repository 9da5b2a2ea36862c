//! What a world's weeks are like beside season, drift and shocks, where its specification asks for
//! [trouble](super::spec::trouble): demand, viral weeks, a break of delivery, segments with next to no
//! history. Each has random streams of its own, so that it changes nothing else of a world.

use rand::Rng;
use rand::seq::SliceRandom;

use super::draw;
use super::spec::WorldSpec;
use super::spec::range::{Range, Scatter};
use super::spec::trouble::{Thin, Whose};
use crate::random::{Purpose, Seed};

/// Streams, beyond those of the world and of its exports.
const DEMAND: u64 = 4 << 32;
const VIRAL: u64 = 5 << 32;
const THIN: u64 = 6 << 32;
const BREAK: u64 = 7 << 32;

/// What was drawn for one world.
#[derive(Debug, Clone, Default)]
pub(super) struct Circumstances {
    /// Log of demand by segment (or network) and week of history; empty without demand.
    demand: Vec<Vec<f64>>,
    whose: Option<Whose>,
    /// Factor by segment and week of history; empty without viral weeks.
    viral: Vec<Vec<f64>>,
    /// Mean factor of a week to come.
    viral_mean: Option<f64>,
    broken: Option<Broken>,
    /// Segments with next to no history: which weeks they have, and their money if it is cents.
    thin: Vec<Option<Remnant>>,
}

/// The network whose delivery broke.
#[derive(Debug, Clone, Copy)]
struct Broken {
    network: usize,
    week: usize,
    log_response: f64,
    price: f64,
}

/// What is left of a thin segment's history.
#[derive(Debug, Clone)]
struct Remnant {
    /// Weeks in the order in which they would be kept.
    order: Vec<usize>,
    weeks: usize,
    /// Money of those weeks, when it is next to nothing.
    cents: Option<Vec<f64>>,
}

impl Circumstances {
    /// `weeks`: of the history, and of what comes after it.
    pub(super) fn draw(spec: &WorldSpec, weeks: usize, segments: usize, seed: Seed) -> Self {
        let stream = |id: u64| seed.stream(Purpose::Generate, id);
        let mut drawn = Self::default();
        if let Some(demand) = spec.demand {
            let series = match demand.of {
                Whose::Segment => segments,
                Whose::Network => spec.networks.len(),
            };
            drawn.whose = Some(demand.of);
            drawn.demand = (0..series)
                .map(|i| {
                    let rng = &mut stream(DEMAND + i as u64);
                    walk(weeks, demand.sd, demand.persistence, rng)
                })
                .collect();
        }
        if let Some(viral) = spec.viral {
            drawn.viral_mean = Some(viral.mean());
            drawn.viral = (0..segments)
                .map(|i| {
                    let rng = &mut stream(VIRAL + i as u64);
                    (0..weeks).map(|_| rare(viral.chance, viral.factor, rng)).collect()
                })
                .collect();
        }
        if let Some(thin) = spec.thin {
            drawn.thin = (0..segments)
                .map(|i| remnant(&thin, spec.weeks, &mut stream(THIN + i as u64)))
                .collect();
        }
        drawn.broken = broken(spec, &mut stream(BREAK));
        drawn
    }

    /// Log of demand for a segment of a network in a week of history.
    pub(super) fn demand(&self, segment: usize, network: usize, week: usize) -> f64 {
        let series = match self.whose {
            None => return 0.0,
            Some(Whose::Segment) => segment,
            Some(Whose::Network) => network,
        };
        self.demand[series][week]
    }

    /// What a week of history brings for reasons of its own, as a factor.
    pub(super) fn factor(&self, segment: usize, network: usize, week: usize) -> f64 {
        let viral = self.viral.get(segment).map_or(1.0, |weeks| weeks[week]);
        viral * self.demand(segment, network, week).exp()
    }

    /// The mean of that factor after the history.
    pub(super) fn mean_factor(&self) -> f64 {
        self.viral_mean.unwrap_or(1.0)
    }

    /// Log of what a break did to a network's response, by week.
    pub(super) fn step(&self, network: usize, week: usize) -> f64 {
        let after = |broken: &Broken| broken.network == network && week >= broken.week;
        self.broken.filter(after).map_or(0.0, |broken| broken.log_response)
    }

    /// What a break did to a network's CPM, as a factor; weeks after the history are as its last.
    pub(super) fn price(&self, network: usize, week: usize) -> f64 {
        let after = |broken: &Broken| broken.network == network && week >= broken.week;
        self.broken.filter(after).map_or(1.0, |broken| broken.price)
    }

    /// Leaves of a segment's weekly money what its history holds.
    pub(super) fn thin(&self, segment: usize, spends: &mut [f64]) {
        let Some(Some(remnant)) = self.thin.get(segment) else { return };
        let paid = remnant.order.iter().filter(|week| spends[**week] > 0.0);
        let kept: Vec<usize> = paid.take(remnant.weeks).copied().collect();
        let before = spends.to_vec();
        spends.fill(0.0);
        for (nth, week) in kept.into_iter().enumerate() {
            spends[week] = match &remnant.cents {
                Some(cents) => cents[nth],
                None => before[week],
            };
        }
    }

    /// Whether history holds next to nothing of a segment.
    pub(super) fn is_thin(&self, segment: usize) -> bool {
        matches!(self.thin.get(segment), Some(Some(_)))
    }
}

/// A stationary autoregressive log whose exponent has mean 1.
fn walk(weeks: usize, sd: f64, persistence: f64, rng: &mut impl Rng) -> Vec<f64> {
    let fresh = (1.0 - persistence * persistence).sqrt();
    let mut level = draw::normal(rng);
    (0..weeks)
        .map(|_| {
            level = persistence * level + fresh * draw::normal(rng);
            sd * level - 0.5 * sd * sd
        })
        .collect()
}

/// 1, and now and then a factor.
fn rare(chance: f64, factor: Scatter, rng: &mut impl Rng) -> f64 {
    let (luck, z) = (draw::uniform(rng, 0.0, 1.0), draw::normal(rng));
    if luck < chance { factor.median * (factor.sd * z).exp() } else { 1.0 }
}

fn remnant(thin: &Thin, weeks: usize, rng: &mut impl Rng) -> Option<Remnant> {
    let luck = draw::uniform(rng, 0.0, 1.0);
    if luck >= thin.few_weeks + thin.few_cents {
        return None;
    }
    let Range { from, to } = thin.weeks;
    let kept = draw::uniform(rng, from, to + 1.0).floor().clamp(from, to) as usize;
    let mut order: Vec<usize> = (0..weeks).collect();
    order.shuffle(rng);
    let cents = (luck >= thin.few_weeks).then(|| {
        let Scatter { median, sd } = thin.spend;
        let amount = |_| median * (sd * draw::normal(rng)).exp();
        // Whole cents, and at least one.
        (0..kept).map(amount).map(|money| (money * 100.0).round().max(1.0) / 100.0).collect()
    });
    Some(Remnant { order, weeks: kept, cents })
}

fn broken(spec: &WorldSpec, rng: &mut impl Rng) -> Option<Broken> {
    let rule = spec.broken?;
    let pick = draw::uniform(rng, 0.0, spec.networks.len() as f64) as usize;
    let ago = draw::uniform(rng, rule.weeks_ago.from, rule.weeks_ago.to).round() as usize;
    let coin = |rng: &mut _| if draw::uniform(rng, 0.0, 1.0) < 0.5 { -1.0 } else { 1.0 };
    Some(Broken {
        network: pick.min(spec.networks.len() - 1),
        week: spec.weeks.saturating_sub(ago),
        log_response: coin(rng) * rule.response.ln(),
        price: rule.price.powf(coin(rng)),
    })
}

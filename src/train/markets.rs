//! Histories whose planners are known: who designs spends, who repeats them, who follows demand.

#![cfg(test)]

use std::collections::BTreeMap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};

use crate::action::{Action, Counts};
use crate::panel::{Cell, Panel, Period};
use crate::random::{Purpose, Seed};
use crate::segment::Segment;
use crate::units::Week;

/// How a market's money came about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Planner {
    /// It wanders around each audience's usual.
    Wanders,
    /// Half, once or one and a half times the usual, drawn beforehand.
    Designs,
    /// The usual every week, to the percent.
    Repeats,
    /// In proportion to demand to this power, and a little of its own.
    Follows(f64),
}

/// The form of the response, in money over the scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form {
    /// `u / (1 + u)`.
    Saturating,
    /// `1 − e^{−u}`.
    Exponential,
    /// `u^0.7`.
    Power,
    /// `u^0.7 / (1 + u^0.7)`.
    SlowHill,
    /// `u² / (1 + u²)`: too little money brings next to nothing.
    Threshold,
    /// `u / 2`.
    Straight,
}

impl Form {
    pub(crate) fn at(self, u: f64) -> f64 {
        match self {
            Self::Saturating => u / (1.0 + u),
            Self::Exponential => -(-u).exp_m1(),
            Self::Power => u.powf(0.7),
            Self::SlowHill => u.powf(0.7) / (1.0 + u.powf(0.7)),
            Self::Threshold => u * u / (1.0 + u * u),
            Self::Straight => 0.5 * u,
        }
    }
}

/// What a market is like.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub segments: usize,
    pub networks: usize,
    pub weeks: usize,
    pub planner: Planner,
    pub form: Form,
    /// Typical ceiling, actions per week.
    pub size: f64,
    /// Standard deviation of log demand, and how much of it lasts a week.
    pub demand: f64,
    pub lasting: f64,
    /// Standard deviation of the planner's own movement.
    pub own: f64,
    /// Share of weeks without money.
    pub idle: f64,
    /// Share of weeks with a cent and its stray actions.
    pub dust: f64,
    /// Weeks whose actions are multiplied by a heavy tail.
    pub heavy: bool,
    /// The last so many weeks are designed, at a third, once or three times the usual, and marked.
    pub tested: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            segments: 24,
            networks: 4,
            weeks: 60,
            planner: Planner::Wanders,
            form: Form::Saturating,
            size: 60.0,
            demand: 0.3,
            lasting: 0.6,
            own: 0.3,
            idle: 0.1,
            dust: 0.0,
            heavy: false,
            tested: 0,
        }
    }
}

/// A panel with its truth.
pub(crate) struct Market {
    pub(crate) panel: Panel,
    form: Form,
    ceiling: Vec<f64>,
    scale: Vec<f64>,
}

/// Dispersion of counts, spread of shocks of a network's week.
const DISPERSION: f64 = 10.0;
const SHOCK: f64 = 0.15;

impl Market {
    /// True expected actions of a week of usual demand.
    pub(crate) fn response(&self, segment: usize, spend: f64) -> f64 {
        self.ceiling[segment] * self.form.at(spend / self.scale[segment])
    }

    pub(crate) fn make(settings: &Settings, seed: Seed) -> Self {
        let mut rng = seed.stream(Purpose::Generate, 40);
        let first: Week = "2025-W01".parse().expect("a week");
        let mut market = Self {
            panel: Panel {
                attributes: vec!["network".into()],
                actions: vec![Action::Clicks],
                ..Panel::default()
            },
            form: settings.form,
            ceiling: Vec::new(),
            scale: Vec::new(),
        };
        let shocks: Vec<Vec<f64>> = (0..settings.networks)
            .map(|_| (0..settings.weeks).map(|_| SHOCK * normal(&mut rng)).collect())
            .collect();
        for i in 0..settings.segments {
            // Ids sort as networks do, so that segments stay in order.
            let network = i * settings.networks / settings.segments;
            market.panel.segments.push(Segment {
                id: format!("n{network}|s{i:03}"),
                attributes: BTreeMap::from([("network".to_owned(), format!("n{network}"))]),
            });
            let ceiling = settings.size * (0.5 * normal(&mut rng)).exp();
            let scale = 100.0 * (0.4 * normal(&mut rng)).exp();
            let usual = scale * rng.random_range(0.25_f64.ln()..1.5_f64.ln()).exp();
            let mut demand = Walk::new(settings.demand, settings.lasting, &mut rng);
            let mut own = Walk::new(settings.own, 0.6, &mut rng);
            market.ceiling.push(ceiling);
            market.scale.push(scale);
            for (t, shock) in shocks[network].iter().enumerate() {
                let (wanted, moved) = (demand.step(&mut rng), own.step(&mut rng));
                let designed = t + settings.tested >= settings.weeks;
                let log = match settings.planner {
                    _ if designed => [-1.0, 0.0, 1.0][rng.random_range(0..3)] * 3.0_f64.ln(),
                    Planner::Wanders => moved,
                    Planner::Designs => [0.5_f64, 1.0, 1.5][rng.random_range(0..3)].ln(),
                    Planner::Repeats => 0.01 * normal(&mut rng),
                    Planner::Follows(power) => power * wanted + 0.3 * moved,
                };
                let mut spend = (100.0 * usual * log.exp()).round() / 100.0;
                let mut mu = market.response(i, spend) * (wanted + shock).exp();
                if settings.heavy {
                    mu *= (0.4 * normal(&mut rng) / rng.random::<f64>().max(0.05).sqrt()).exp();
                }
                if rng.random::<f64>() < settings.idle {
                    continue;
                }
                let mut count = count(mu, &mut rng);
                if rng.random::<f64>() < settings.dust {
                    (spend, count) = (0.01, f64::from(rng.random_range(0..3)));
                }
                let cell = cell(i, first.plus(t as i64), spend, count);
                market.panel.cells.push(Cell { designed, ..cell });
            }
        }
        market
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn count(mu: f64, rng: &mut ChaCha8Rng) -> f64 {
    let rate: f64 = Gamma::new(DISPERSION, mu / DISPERSION).expect("positive").sample(rng);
    if rate <= 1e-12 { 0.0 } else { Poisson::new(rate).expect("positive").sample(rng) }
}

/// A movement that returns to 0.
struct Walk {
    sd: f64,
    lasting: f64,
    at: f64,
}

impl Walk {
    fn new(sd: f64, lasting: f64, rng: &mut ChaCha8Rng) -> Self {
        Self { sd, lasting, at: normal(rng) }
    }

    fn step(&mut self, rng: &mut ChaCha8Rng) -> f64 {
        let fresh = (1.0 - self.lasting * self.lasting).sqrt();
        self.at = self.lasting * self.at + fresh * normal(rng);
        self.sd * self.at
    }
}

fn cell(segment: usize, week: Week, spend: f64, clicks: f64) -> Cell {
    let mut actions = Counts::default();
    actions.set(Action::Clicks, Some(clicks));
    Cell {
        segment,
        period: Some(Period { start: week.monday(), end: week.sunday() }),
        spend,
        impressions: None,
        reach: None,
        actions,
        censored: Vec::new(),
        at_least: crate::action::Counts::default(),
        from_breakdown: false,
        new_creative: false,
        designed: false,
    }
}

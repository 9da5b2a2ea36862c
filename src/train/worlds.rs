//! Small worlds whose truth is known: what tests and benches of this room learn from.

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

/// The true form of the response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// `a x / (x + k)`.
    Saturating,
    /// `a (1 − e^{−x/k})`.
    Exponential,
    /// `a x^h / (x^h + k^h)` with `h = 0.7`.
    SlowHill,
    /// `a (x/k)^0.7`.
    Power,
}

impl Form {
    pub(super) fn at(self, a: f64, k: f64, x: f64) -> f64 {
        match self {
            Self::Saturating => a * x / (x + k),
            Self::Exponential => -a * (-x / k).exp_m1(),
            Self::SlowHill => a * x.powf(0.7) / (x.powf(0.7) + k.powf(0.7)),
            Self::Power => a * (x / k).powf(0.7),
        }
    }
}

/// What a panel reports beside money and actions.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Columns {
    /// Nothing.
    Money,
    /// Impressions; reach is missing.
    Impressions,
    /// Impressions and reach.
    Reach,
}

/// Money for a thousand impressions, and the share of interest lost with each exposure, where a
/// world reports impressions.
const CPM: f64 = 8.0;
const WEAR_OUT: f64 = 0.18;

/// How a world is made.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub networks: usize,
    pub ages: usize,
    pub territories: usize,
    pub weeks: usize,
    pub idle: f64,
    pub form: Form,
    pub dispersion: f64,
    pub dated: bool,
    pub baseline: bool,
    /// Share of money still at work a week later.
    pub delay: f64,
    /// Spread of the season's sine and of its cosine, in logs: each world has its own.
    pub season: f64,
    /// Log of the ceiling's typical size.
    pub size: f64,
    /// What the panel reports.
    pub columns: Columns,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            networks: 2,
            ages: 5,
            territories: 4,
            weeks: 30,
            idle: 0.2,
            form: Form::Saturating,
            dispersion: 12.0,
            dated: true,
            baseline: false,
            delay: 0.0,
            season: 0.15,
            size: 5.0,
            columns: Columns::Money,
        }
    }
}

/// A panel with its truth.
pub(super) struct World {
    pub panel: Panel,
    pub ceiling: Vec<f64>,
    pub scale: Vec<f64>,
    pub usual: Vec<f64>,
    pub form: Form,
    /// Mean of the true season over a year.
    pub average: f64,
}

impl World {
    /// True expected actions of an average week.
    pub(super) fn response(&self, segment: usize, spend: f64) -> f64 {
        self.average * self.form.at(self.ceiling[segment], self.scale[segment], spend)
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// A count of mean `mu` and dispersion `phi`.
fn count(mu: f64, phi: f64, rng: &mut ChaCha8Rng) -> f64 {
    let rate: f64 = Gamma::new(phi, mu / phi).expect("positive").sample(rng);
    if rate <= 1e-12 { 0.0 } else { Poisson::new(rate).expect("positive").sample(rng) }
}

/// Impressions and reach of a week, as far as they are reported: the audience is the one whose
/// exposures saturate at the scale `k`, unequal as `k = 1` makes them.
fn delivered(
    columns: Columns,
    spend: f64,
    scale: f64,
    rng: &mut ChaCha8Rng,
) -> (Option<f64>, Option<f64>) {
    if columns == Columns::Money {
        return (None, None);
    }
    let impressions = (1000.0 * spend / CPM * (0.1 * normal(rng)).exp()).round();
    let audience = 1000.0 * WEAR_OUT * scale / CPM;
    let reached = audience * impressions / (audience + impressions) * (0.05 * normal(rng)).exp();
    let reach = (columns == Columns::Reach).then(|| reached.round().min(impressions));
    (Some(impressions), reach)
}

/// Makes a world.
pub(super) fn world(settings: &Settings, seed: Seed) -> World {
    let mut rng = seed.stream(Purpose::Generate, 0);
    let mut effects =
        |n: usize, sd: f64| -> Vec<f64> { (0..n).map(|_| sd * normal(&mut rng)).collect() };
    let (net_a, age_a, terr_a) = (
        effects(settings.networks, 0.35),
        effects(settings.ages, 0.35),
        effects(settings.territories, 0.35),
    );
    let (net_k, age_k, terr_k) = (
        effects(settings.networks, 0.3),
        effects(settings.ages, 0.3),
        effects(settings.territories, 0.3),
    );
    let mut world = World {
        panel: Panel {
            attributes: vec!["age".into(), "network".into(), "territory".into()],
            actions: vec![Action::Clicks],
            ..Panel::default()
        },
        ceiling: Vec::new(),
        scale: Vec::new(),
        usual: Vec::new(),
        form: settings.form,
        average: 1.0,
    };
    let mut of_season = seed.stream(Purpose::Generate, 1);
    let sine = settings.season * normal(&mut of_season);
    let cosine = settings.season * normal(&mut of_season);
    let season = |t: f64| {
        let (sin, cos) = (std::f64::consts::TAU * t / 52.0).sin_cos();
        sine * sin + cosine * cos
    };
    if settings.dated {
        world.average = (0..52).map(|t| season(f64::from(t)).exp()).sum::<f64>() / 52.0;
    }
    let mut of_delivery = seed.stream(Purpose::Generate, 2);
    let first: Week = "2024-W01".parse().expect("a week");
    for n in 0..settings.networks {
        for g in 0..settings.ages {
            for r in 0..settings.territories {
                let a = (settings.size + net_a[n] + age_a[g] + terr_a[r] + 0.25 * normal(&mut rng))
                    .exp();
                let k = (5.0 + net_k[n] + age_k[g] + terr_k[r] + 0.25 * normal(&mut rng)).exp();
                let base = k * (rng.random_range(0.25_f64.ln()..2.0_f64.ln())).exp();
                let organic = if settings.baseline { a * 0.05 } else { 0.0 };
                let segment = world.panel.segments.len();
                world.panel.segments.push(Segment {
                    id: format!("N{n}_A{g}_T{r:02}"),
                    attributes: BTreeMap::from([
                        ("network".to_owned(), format!("n{n}")),
                        ("age".to_owned(), format!("a{g}")),
                        ("territory".to_owned(), format!("t{r:02}")),
                    ]),
                });
                let (mut z, mut spent, mut active) = (0.6 * normal(&mut rng), 0.0, 0.0);
                let mut worked = base;
                for t in 0..settings.weeks {
                    z = 0.6 * z + 0.48 * normal(&mut rng);
                    let idle = rng.random::<f64>() < settings.idle;
                    let spend = if idle { 0.0 } else { (100.0 * base * z.exp()).round() / 100.0 };
                    let factor = if settings.dated { season(t as f64).exp() } else { 1.0 };
                    let told = delivered(settings.columns, spend, k, &mut of_delivery);
                    let at_work = told.0.map_or(spend, |impressions| impressions * CPM / 1000.0);
                    worked = settings.delay * worked + (1.0 - settings.delay) * at_work;
                    let at_work = worked;
                    let mu = organic + factor * settings.form.at(a, k, at_work);
                    let y = if mu > 0.0 { count(mu, settings.dispersion, &mut rng) } else { 0.0 };
                    spent += spend;
                    active += if spend > 0.0 { 1.0 } else { 0.0 };
                    let week = first.plus(t as i64);
                    let mut actions = Counts::default();
                    actions.set(Action::Clicks, Some(y));
                    world.panel.cells.push(Cell {
                        segment,
                        period: settings
                            .dated
                            .then(|| Period { start: week.monday(), end: week.sunday() }),
                        spend,
                        impressions: told.0,
                        reach: told.1,
                        actions,
                        censored: Vec::new(),
                        at_least: Counts::default(),
                        from_breakdown: false,
                        new_creative: false,
                        designed: false,
                    });
                }
                world.ceiling.push(a);
                world.scale.push(k);
                world.usual.push(if active > 0.0 { spent / active } else { base });
            }
        }
    }
    world
}

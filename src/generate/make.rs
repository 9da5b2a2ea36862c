//! How a world is drawn from its specification and its seed.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand::seq::SliceRandom;

use super::audience::{SEGMENT_BY, SegmentTruth};
use super::circumstances::Circumstances;
use super::overlap::Overlap;
use super::response::{Family, TrueResponse};
use super::spec::range::Range;
use super::spec::{Form, Level, NetworkSpec, WorldSpec};
use super::world::{NetworkTruth, World};
use super::{draw, history};
use crate::action::Action;
use crate::random::{Purpose, Seed};
use crate::segment::{Attribute, JOINT, Segment};
use crate::units::Week;

/// Streams of a world: one for what is shared, then one per network and per segment.
pub(super) const SHARED: u64 = 0;

pub(super) const NETWORKS: u64 = 1 << 32;

pub(super) const SEGMENTS: u64 = 2 << 32;

/// What networks do after the history.
const LATER: u64 = 8 << 32;

/// Money given after a history, by segment and week.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    /// Money of each segment in each week that it has any.
    pub money: BTreeMap<String, BTreeMap<Week, f64>>,
}

impl Given {
    /// Weeks from a world's first to the last with money.
    fn weeks_from(&self, first: Week) -> usize {
        let last = self.money.values().filter_map(|own| own.keys().next_back()).max();
        last.map_or(0, |last| (last.index() - first.index() + 1).max(0) as usize)
    }

    /// Puts a segment's money behind its history's; weeks within that stay what they were.
    fn add_to(&self, spends: &mut Vec<f64>, id: &str, first: Week, weeks: usize) {
        let own = self.money.get(id);
        for week in spends.len()..weeks {
            let money = own.and_then(|own| own.get(&first.plus(week as i64)));
            spends.push(money.copied().unwrap_or(0.0));
        }
    }
}

/// Drift and shocks of a network after its history.
fn go_on(network: &mut NetworkTruth, weeks: usize, spec: &WorldSpec, rng: &mut impl Rng) {
    let mut level = network.drift.last().copied().unwrap_or(0.0);
    for _ in network.drift.len()..weeks {
        level += spec.noise.drift * draw::normal(rng);
        network.drift.push(level);
        network.shock.push(draw::mean_one(rng, spec.noise.shock).ln());
    }
}

impl World {
    /// Draws a world.
    #[must_use]
    ///
    /// ```
    /// use relais::generate::export::exports;
    /// use relais::generate::spec::WorldSpec;
    /// use relais::generate::world::World;
    /// use relais::random::Seed;
    ///
    /// # let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/demo/world.toml"));
    /// let spec = WorldSpec { segments: 12, weeks: 8, ..WorldSpec::read(text)? };
    /// let world = World::make(&spec, Seed(1));
    /// assert_eq!(world.panel().segments.len(), 12);
    /// assert!(!exports(&world, 500)?.files.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn make(spec: &WorldSpec, seed: Seed) -> Self {
        Self::made(spec, seed, &Given::default())
    }

    /// The same world run on: after its history, segments have the money that somebody gives them.
    /// Its history is the same, number by number.
    ///
    /// # Errors
    ///
    /// The first name that none of its segments has.
    pub fn run_on(spec: &WorldSpec, seed: Seed, given: &Given) -> Result<Self, String> {
        let world = Self::made(spec, seed, given);
        let known = |name: &&String| world.segments.iter().any(|own| own.id == **name);
        match given.money.keys().find(|name| !known(name)) {
            Some(unknown) => Err(unknown.clone()),
            None => Ok(world),
        }
    }

    fn made(spec: &WorldSpec, seed: Seed, given: &Given) -> Self {
        let mut rng = seed.stream(Purpose::Generate, SHARED);
        let segments = pick_segments(spec, &mut rng);
        let outside = draw::uniform(&mut rng, 0.0, 1.0) < spec.families.worlds_outside;
        let carryover = draw::uniform(&mut rng, spec.carryover.from, spec.carryover.to);
        let effects = Effects::draw(spec, &segments, &mut rng);
        let first_week = spec.last_week.plus(1 - spec.weeks as i64);
        let weeks = spec.weeks.max(given.weeks_from(first_week));
        let circumstances = Circumstances::draw(spec, weeks, segments.len(), seed);
        let mut networks: Vec<NetworkTruth> = (0..spec.networks.len())
            .map(|n| network(spec, n, &mut seed.stream(Purpose::Generate, NETWORKS + n as u64)))
            .collect();
        for (n, network) in networks.iter_mut().enumerate() {
            let mut rng = seed.stream(Purpose::Generate, LATER + n as u64);
            go_on(network, weeks, spec, &mut rng);
        }
        for (n, network) in networks.iter_mut().enumerate() {
            for (week, drift) in network.drift.iter_mut().enumerate() {
                *drift += circumstances.step(n, week);
            }
        }
        let forms: Vec<Option<Form>> =
            spec.networks.iter().map(|_| outside.then(|| form(spec, &mut rng))).collect();
        let mut world = Self {
            spec: spec.clone(),
            seed,
            segments,
            truths: Vec::new(),
            networks,
            carryover,
            outside,
            first_week,
            cells: Vec::new(),
            circumstances,
            overlap: Overlap::default(),
            spends: Vec::new(),
        };
        let mut streams = Vec::new();
        for i in 0..world.segments.len() {
            let mut rng = seed.stream(Purpose::Generate, SEGMENTS + i as u64);
            let truth = world.segment_truth(i, &effects, &forms, &mut rng);
            world.truths.push(truth);
            let mut spends = history::spends(&world, i, &mut rng);
            given.add_to(&mut spends, &world.segments[i].id, first_week, weeks);
            world.spends.push(spends);
            streams.push(rng);
        }
        world.overlap = Overlap::new(spec, &world.segments, &mut world.truths);
        for (i, rng) in streams.iter_mut().enumerate() {
            let cells = history::observe(&world, i, rng);
            world.cells.extend(cells);
        }
        // From here on what was given is history too.
        world.spec.weeks = weeks;
        world.spec.last_week = first_week.plus(weeks as i64 - 1);
        world
    }

    fn segment_truth(
        &self,
        i: usize,
        effects: &Effects,
        forms: &[Option<Form>],
        rng: &mut impl Rng,
    ) -> SegmentTruth {
        let segment = &self.segments[i];
        let network = self.network_of(segment);
        let spec = &self.spec;
        let mut log = |level: &Level, which: usize| {
            effects.sum(which, segment) + level.segment * draw::normal(rng)
        };
        let audience = spec.audience.median * log(&spec.audience, 0).exp();
        let cpm = spec.cpm.median * log(&spec.cpm, 1).exp();
        let rate = (spec.rate.median * log(&spec.rate, 2).exp()).min(1.0);
        let wear_out = logistic(logit(spec.wear_out.median) + log(&spec.wear_out, 3));
        let shape = spec.shape.median * log(&spec.shape, 4).exp();
        let family = family(spec, forms[network], shape, rng);
        // Outside our family, the curve meets ours where `s = κ`: same order of magnitude,
        // another bend.
        let meet = Family::Exposure { shape }.cumulated(1.0) / family.cumulated(1.0);
        let response = TrueResponse {
            family,
            ceiling: audience * rate / wear_out * meet,
            scale: audience * cpm / (1000.0 * wear_out),
            cpm_rise: self.networks[network].cpm_rise,
            reference_spend: spec.spend.weekly,
            carryover: self.carryover,
            delivery_sd: spec.noise.delivery,
        };
        let mix = draw::dirichlet(rng, &mix_of(&spec.networks[network]), spec.mix_concentration);
        let baseline = spec.baseline;
        SegmentTruth { network, audience, cpm, rate, wear_out, shape, response, mix, baseline }
    }
}

/// Picks the world's audiences among all that the blocks hold, sorted by id.
pub(super) fn pick_segments(spec: &WorldSpec, rng: &mut impl Rng) -> Vec<Segment> {
    let mut all: Vec<Segment> = spec
        .blocks
        .iter()
        .flat_map(|block| combinations(&block.lists()).into_iter().map(segment))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    all.shuffle(rng);
    all.truncate(spec.segments);
    all.sort();
    all
}

pub(super) fn combinations(lists: &[&Vec<String>]) -> Vec<Vec<String>> {
    lists.iter().fold(vec![Vec::new()], |rows, list| {
        rows.iter()
            .flat_map(|row| {
                list.iter().map(|value| row.iter().chain([value]).cloned().collect::<Vec<_>>())
            })
            .collect()
    })
}

pub(super) fn segment(values: Vec<String>) -> Segment {
    let id = values.join(JOINT);
    let columns = SEGMENT_BY.iter().map(|attribute| attribute.column().to_owned());
    Segment { id, attributes: columns.zip(values).collect() }
}

/// Effects of attribute values on the five levels, one draw each.
pub(super) struct Effects(Vec<BTreeMap<(Attribute, String), f64>>);

impl Effects {
    fn draw(spec: &WorldSpec, segments: &[Segment], rng: &mut impl Rng) -> Self {
        let values: BTreeSet<(Attribute, String)> = segments
            .iter()
            .flat_map(|segment| {
                SEGMENT_BY.iter().filter_map(|a| Some((*a, segment.get(*a)?.to_owned())))
            })
            .collect();
        let levels = [&spec.audience, &spec.cpm, &spec.rate, &spec.wear_out, &spec.shape];
        let effects = levels.map(|level| {
            values
                .iter()
                .map(|(attribute, value)| {
                    let known = level.of.get(value).map_or(0.0, |factor| factor.ln());
                    let effect = known + spread(level, *attribute) * draw::normal(rng);
                    ((*attribute, value.clone()), effect)
                })
                .collect()
        });
        Self(effects.into())
    }

    fn sum(&self, which: usize, segment: &Segment) -> f64 {
        SEGMENT_BY
            .iter()
            .filter_map(|a| self.0[which].get(&(*a, segment.get(*a)?.to_owned())))
            .sum()
    }
}

pub(super) fn spread(level: &Level, attribute: Attribute) -> f64 {
    match attribute {
        Attribute::Network => level.network,
        Attribute::Age => level.age,
        Attribute::Territory => level.territory,
        _ => level.format,
    }
}

pub(super) fn network(spec: &WorldSpec, n: usize, rng: &mut impl Rng) -> NetworkTruth {
    let noise = spec.noise;
    let mut wave = |sd: f64| {
        let (amplitude, phase) =
            (sd * draw::normal(rng).abs(), draw::uniform(rng, 0.0, std::f64::consts::TAU));
        [amplitude * phase.cos(), amplitude * phase.sin()]
    };
    let ([s1, c1], [s2, c2]) = (wave(noise.season), wave(0.5 * noise.season));
    let mut level = 0.0;
    let drift = (0..spec.weeks)
        .map(|_| {
            level += noise.drift * draw::normal(rng);
            level
        })
        .collect();
    let shock = (0..spec.weeks).map(|_| draw::mean_one(rng, noise.shock).ln()).collect();
    NetworkTruth {
        name: spec.networks[n].name.clone(),
        dispersion: spec.dispersion.median * (spec.dispersion.sd * draw::normal(rng)).exp(),
        cpm_rise: draw::uniform(rng, spec.cpm_rise.from, spec.cpm_rise.to),
        season: [s1, c1, s2, c2],
        drift,
        shock,
    }
}

pub(super) fn form(spec: &WorldSpec, rng: &mut impl Rng) -> Form {
    let forms = &spec.families.outside;
    let pick = draw::uniform(rng, 0.0, forms.len() as f64) as usize;
    forms[pick.min(forms.len() - 1)]
}

pub(super) fn family(
    spec: &WorldSpec,
    form: Option<Form>,
    shape: f64,
    rng: &mut impl Rng,
) -> Family {
    let (slope, exponent) = (spec.families.hill_slope, spec.families.power_exponent);
    match form {
        None => Family::Exposure { shape },
        Some(Form::Exponential) => Family::Exponential,
        Some(Form::Logarithm) => Family::Logarithm,
        Some(Form::Hill) => Family::Hill { slope: draw::uniform(rng, slope.from, slope.to) },
        Some(Form::Power) => {
            Family::Power { exponent: draw::uniform(rng, exponent.from, exponent.to) }
        }
        Some(Form::Threshold) => {
            let Range { from, to } = spec.families.threshold_slope;
            Family::Threshold { slope: draw::uniform(rng, from, to) }
        }
    }
}

pub(super) fn mix_of(network: &NetworkSpec) -> [f64; Action::COUNT] {
    let total: f64 = network.mix.values().sum();
    Action::ALL.map(|kind| network.mix.get(&kind).map_or(0.0, |share| share / total))
}

pub(super) fn logit(p: f64) -> f64 {
    // A wear-out of exactly 1 (pure reach) stays within what a float can invert.
    let p = p.min(1.0 - 1e-9);
    (p / (1.0 - p)).ln()
}

pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

//! The panel as the likelihood sees it: cells by segment, weeks by network, pooling indices.

use super::calendar::{fourier, network_of, weeks_of};

use std::collections::{BTreeMap, BTreeSet};

use super::followed::Followed;
use super::specification::{Baseline, Specification};
use crate::action::Action;
use crate::numeric::summary::mean;
use crate::panel::{Cell, Panel};
use crate::response::memory::{Remembered, WEEKS};
use crate::segment::{Attribute, Segment};
use crate::train::effects::delay::{Delays, Stock};
use crate::train::effects::delivery::Delivery;
use crate::train::effects::organic::Evidence;
use crate::train::effects::reach::Reach;
use crate::train::effects::{delay, delivery, reach};
use crate::train::error::TrainError;
use crate::train::fitted::note::TrainNote;
use crate::units::Week;

/// A count is known to lie in `low..=high`; the same number twice when it was not suppressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count {
    pub low: f64,
    pub high: f64,
}

/// One cell that speaks.
#[derive(Debug, Clone)]
pub(crate) struct Observation {
    pub count: Count,
    /// Money per week.
    pub spend: f64,
    /// Length in weeks.
    pub weeks: f64,
    /// First and one-past-last week, as positions in the network's weeks; equal when undated.
    pub from: u32,
    pub to: u32,
    /// What its money brings follows this power of it, whatever the curve: money that the platform
    /// divided (1), and money that followed demand where designed weeks say so. Evidence of the
    /// level and of no bend.
    pub power: Option<f64>,
    /// A schedule drawn beforehand set this money.
    pub designed: bool,
    /// Weeks since the segment's previous cell ended; `None`: the past is unknown, taken to be
    /// like the present. 0 is the week right before.
    pub gap: Option<u32>,
    /// Memory starts again.
    pub fresh: bool,
    /// Log of the segment's own level then against now (see `local_level`).
    pub offset: f64,
    /// Its money, and what is remembered of the weeks before.
    pub exposure: Exposure,
}

impl Observation {
    /// A row of several weeks, or without dates: mostly a steady stretch.
    fn is_long(&self) -> bool {
        self.weeks > 1.5 || self.to == self.from
    }
}

/// One segment's cells and where it hangs in the pooling.
#[derive(Debug, Clone)]
pub(crate) struct SegmentData {
    pub network: usize,
    /// Mean weekly spend of the weeks with spend: where its response is anchored.
    pub reference: f64,
    /// The same in effective money (less, where CPM rises with spend).
    pub usual: f64,
    /// Log of `usual` against the panel's mean of that log.
    pub log_usual: f64,
    /// Level of each pooled attribute, `None` where the segment has no value.
    pub levels: Vec<Option<usize>>,
    /// External evidence on log half-saturation over usual spend (from the reach layer).
    pub reach_hint: Option<f64>,
    pub cells: Vec<Observation>,
    /// What the segment's own movement adds to the variance of its level now.
    pub level_variance: f64,
}

/// One network's stretch of weeks.
#[derive(Debug, Clone)]
pub(crate) struct NetworkData {
    pub name: String,
    /// ISO week index of the first week, and how many there are (0 when undated).
    pub first_week: i64,
    pub n_weeks: usize,
    /// Segments of this network, ascending.
    pub segments: Vec<usize>,
}

/// A pooled attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pooled {
    pub name: String,
    pub levels: Vec<String>,
}

/// Everything the likelihood needs, and the fixed offsets that centre the priors.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    pub segments: Vec<SegmentData>,
    pub networks: Vec<NetworkData>,
    pub pooled: Vec<Pooled>,
    /// Log of actions per unit of money over the whole history.
    pub log_rate: f64,
    /// Log of mean count per week.
    pub log_count: f64,
    /// Mean and spread of log usual spend.
    pub mean_log_usual: f64,
    pub sd_log_usual: f64,
    /// Share of the money still to bring its actions a week later, by network (see `delay`).
    pub delays: Delays,
    /// What weeks without money say of organic actions, where that was asked.
    pub organic: Option<Evidence>,
    pub baseline: bool,
    pub harmonics: usize,
    pub drift_weeks: u32,
    /// Movement of each segment by itself, in logs per square root of a week.
    pub local_level: f64,
    pub dated: bool,
    pub has_reach: bool,
    /// Cells that speak.
    pub n_cells: usize,
    /// Message keys of what was left out and why.
    pub notes: Vec<TrainNote>,
    /// Rows set aside as outliers.
    pub left_out: usize,
    /// Segments with nothing behind them.
    pub bare: BTreeSet<usize>,
    /// Whether money followed demand, by network.
    pub followed: Vec<Followed>,
}

impl Design {
    /// Number of parameters per segment: efficiency and saturation, and the organic baseline.
    pub(crate) fn p(&self) -> usize {
        if self.baseline { 3 } else { 2 }
    }

    /// Reads the panel, and looks for a delay.
    pub(crate) fn new(
        panel: &Panel,
        specification: &Specification,
        layers: &Layers,
    ) -> Result<Self, TrainError> {
        Self::delayed(panel, specification, layers, delay::find(panel, specification))
    }

    /// The same with the delays that an earlier fit found.
    pub(crate) fn delayed(
        panel: &Panel,
        specification: &Specification,
        layers: &Layers,
        delays: Delays,
    ) -> Result<Self, TrainError> {
        let rise = layers.rise();
        let mut notes = Vec::new();
        let pooled = pooled_attributes(panel, specification, &mut notes);
        let mut networks = networks(panel);
        let dated = panel.cells.iter().any(|cell| cell.period.is_some());
        let Usual { spends, mean_log: mean_log_usual, sd_log: sd_log_usual } =
            Usual::of(panel).ok_or(TrainError::NoSpend)?;
        let mut segments: Vec<SegmentData> = panel
            .segments
            .iter()
            .enumerate()
            .map(|(i, segment)| {
                let reference = spends[i];
                SegmentData {
                    network: networks
                        .iter()
                        .position(|network| network.name == network_of(segment))
                        .expect("networks come from the same segments"),
                    reference,
                    usual: effective(reference, reference, rise),
                    log_usual: reference.ln() - mean_log_usual,
                    levels: levels_of(segment, &pooled),
                    reach_hint: layers.hints.get(i).copied().flatten(),
                    cells: Vec::new(),
                    level_variance: 0.0,
                }
            })
            .collect();
        set_weeks(panel, &mut networks, &segments);
        let organic = if specification.baseline == Baseline::Auto {
            Evidence::of(panel, &delays)
        } else {
            None
        };
        let baseline = match specification.baseline {
            Baseline::Auto => organic.is_some_and(|organic| organic.organic),
            Baseline::On => true,
            Baseline::Off => false,
        };
        let left_out = fill_cells(panel, &networks, &mut segments, &delays, baseline, rise);
        if left_out > 0 {
            notes.push(TrainNote::ActionsWithoutSpend);
        }
        if !delays.is_empty() {
            notes.push(TrainNote::Delay);
            if organic.is_none() && !baseline && specification.baseline == Baseline::Auto {
                notes.push(TrainNote::OrganicUnknown);
            }
        }
        if organic.is_some_and(|organic| organic.organic) {
            notes.push(TrainNote::OrganicFound);
        } else if organic.is_some() && left_out > 0 {
            notes.push(TrainNote::OrganicNotFound);
        }
        for (i, segment) in segments.iter().enumerate() {
            networks[segment.network].segments.push(i);
        }
        let (mut counts, mut spend, mut weeks, mut n_cells) = (0.0, 0.0, 0.0, 0);
        for cell in segments.iter().flat_map(|segment| &segment.cells) {
            counts += 0.5 * (cell.count.low + cell.count.high);
            spend += cell.spend * cell.weeks;
            weeks += cell.weeks;
            n_cells += 1;
        }
        if n_cells == 0 {
            return Err(TrainError::NothingToLearn);
        }
        if counts <= 0.0 {
            notes.push(TrainNote::NoActionAtAll);
        }
        // Half an action stands for none, so that a panel of zeros has a level too.
        let counts = f64::max(counts, 0.5);
        Ok(Self {
            log_rate: (counts / spend.max(f64::MIN_POSITIVE)).ln(),
            log_count: (counts / weeks).ln(),
            has_reach: segments.iter().any(|segment| segment.reach_hint.is_some()),
            segments,
            networks,
            pooled,
            mean_log_usual,
            sd_log_usual,
            delays,
            organic,
            baseline,
            harmonics: if dated { specification.harmonics } else { 0 },
            drift_weeks: specification.drift_weeks,
            local_level: 0.0,
            dated,
            n_cells,
            notes,
            left_out: 0,
            bare: BTreeSet::new(),
            followed: Vec::new(),
        })
    }

    /// Sines and cosines of the season in a week.
    pub(crate) fn fourier(&self, week_index: i64) -> Vec<f64> {
        fourier(self.harmonics, week_index)
    }

    /// Takes what the panel says of money that followed demand: where designed weeks contradict the
    /// rest, the rest's rows follow a power of money and tell of no bend.
    pub(crate) fn believe(&mut self, followed: Vec<Followed>) {
        for segment in &mut self.segments {
            let name = &self.networks[segment.network].name;
            let own = followed.iter().find(|own| own.network == *name);
            let Some(power) = own.and_then(Followed::rest) else { continue };
            let rest = segment.cells.iter_mut().filter(|cell| !cell.designed);
            rest.for_each(|cell| cell.power = cell.power.or(Some(power)));
        }
        self.followed = followed;
    }

    /// Number of free knots of a network's drift (the last knot is fixed at 0: now).
    pub(crate) fn n_knots(&self, network: usize) -> usize {
        let weeks = self.networks[network].n_weeks;
        if weeks < 2 { 0 } else { (weeks - 1).div_ceil(self.drift_weeks as usize) }
    }

    /// Weights of the drift knots in week `t` of a network: linear between knots, counted back
    /// from the last week, where the drift is 0.
    pub(crate) fn drift(&self, network: usize, t: usize) -> [(usize, f64); 2] {
        let back = self.networks[network].n_weeks - 1 - t;
        drift_weights(self.n_knots(network), back as f64 / f64::from(self.drift_weeks))
    }
}

/// Weights of a network's drift knots so many knots before its last week; beyond the first knot, where
/// the history begins, the drift stays.
pub(crate) fn drift_weights(knots: usize, back: f64) -> [(usize, f64); 2] {
    if knots == 0 {
        return [(0, 0.0); 2];
    }
    let (whole, part) = (back.floor(), back - back.floor());
    // Knot j (from 0) lies (j + 1) drift steps before the last week.
    let near = if whole >= 1.0 { (whole as usize - 1, 1.0 - part) } else { (0, 0.0) };
    let far = (whole as usize).min(knots - 1);
    if part > 0.0 { [near, (far, part)] } else { [near, (far, 0.0)] }
}

/// Twenty years: beyond, a date is wrong (and every week of a network is a number to learn).
const MOST_WEEKS: f64 = 1044.0;

/// Refuses what a panel built by hand or read from a file must not hold.
pub(crate) fn check(panel: &Panel) -> Result<(), TrainError> {
    if panel.segments.is_empty() || panel.cells.is_empty() {
        return Err(TrainError::EmptyPanel);
    }
    for (row, cell) in panel.cells.iter().enumerate() {
        let refuse = |column: &str, found: f64| {
            Err(TrainError::BadCell { row: row + 1, column: column.to_owned(), found })
        };
        if cell.segment >= panel.segments.len() {
            return refuse("segment", cell.segment as f64);
        }
        if !(0.0..1e15).contains(&cell.spend) {
            return refuse("spend", cell.spend);
        }
        let others = [("impressions", cell.impressions), ("reach", cell.reach)];
        for (column, value) in others {
            if value.is_some_and(|value| !(0.0..1e18).contains(&value)) {
                return refuse(column, value.unwrap_or(f64::NAN));
            }
        }
        for action in Action::ALL {
            let count = cell.actions.get(action);
            if count.is_some_and(|count| !(0.0..1e15).contains(&count)) {
                return refuse(action.column(), count.unwrap_or(f64::NAN));
            }
        }
        if cell.period.is_some_and(|period| period.end < period.start) {
            return refuse("end", f64::NAN);
        }
    }
    if let Some(span) = panel.span()
        && span.weeks() > MOST_WEEKS
    {
        return Err(TrainError::DatesTooFar { from: span.start, to: span.end });
    }
    Ok(())
}

/// Money that would buy the same impressions at the base CPM: `s (1 + s/m)^(−γ)`.
pub(crate) fn effective(spend: f64, reference: f64, rise: f64) -> f64 {
    if rise == 0.0 { spend } else { spend * (-rise * (spend / reference).ln_1p()).exp() }
}

/// What the other layers pass on to the engagement layer.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    pub delivery: Option<Delivery>,
    pub reach: Option<Reach>,
    /// Per segment: log of half-saturation over usual spend as audience and CPM have it.
    pub hints: Vec<Option<f64>>,
}

impl Layers {
    /// Learns delivery and reach.
    pub(crate) fn new(panel: &Panel, specification: &Specification) -> Result<Self, TrainError> {
        check(panel)?;
        let usual = Usual::of(panel).ok_or(TrainError::NoSpend)?.spends;
        let delivery = delivery::fit(panel, specification, &usual);
        let reach = reach::fit(panel, specification);
        let hints = match (&delivery, &reach) {
            (Some(delivery), Some(reach)) => hints(panel, specification, &usual, delivery, reach),
            _ => vec![None; panel.segments.len()],
        };
        Ok(Self { delivery, reach, hints })
    }

    fn rise(&self) -> f64 {
        self.delivery.as_ref().map_or(0.0, |delivery| delivery.rise.0)
    }
}

/// `κ = A · CPM₀ / (1000 p)` over the usual spend, in logs and against the prior's centre, with
/// wear-out `p` at its prior's centre.
///
/// A network that reports no reach has the audiences that its segments' attributes let expect:
/// without them its saturation would hang on the usual spend as that of its neighbours does, once
/// their audiences have taken that dependence away.
fn hints(
    panel: &Panel,
    specification: &Specification,
    usual: &[f64],
    delivery: &Delivery,
    reach: &Reach,
) -> Vec<Option<f64>> {
    let wear_out = 1.0 / (1.0 + (-specification.prior("wear_out").mean).exp());
    let k = reach.log_shape.0.exp();
    usual
        .iter()
        .zip(&delivery.segments)
        .zip(audiences(panel, reach))
        .map(|((usual, (cpm, _)), audience)| {
            let scale = audience + cpm - 1000.0_f64.ln() - wear_out.ln();
            let saturation = scale + (2.0 * k / (k + 1.0)).ln() - usual.ln();
            // Far beyond what money can reach, one more log says nothing.
            Some((saturation - specification.prior("saturation").mean).clamp(-4.0, 4.0))
        })
        .collect()
}

/// Log audience of every segment: what reach says, or the mean of those that have it with the
/// effects of the attributes that they share (each value's effect shrunk as by one more segment
/// without it; the network's own reach is not known, so it has none).
fn audiences(panel: &Panel, reach: &Reach) -> Vec<f64> {
    /// Rounds of fitting one attribute's effects to what the others leave.
    const ROUNDS: usize = 20;
    let known: Vec<(usize, f64)> = reach
        .segments
        .iter()
        .enumerate()
        .filter_map(|(i, law)| law.map(|(mean, _)| (i, mean)))
        .collect();
    let centre = mean(&known.iter().map(|(_, log)| *log).collect::<Vec<f64>>());
    let mut effects: BTreeMap<&str, BTreeMap<&str, f64>> = BTreeMap::new();
    for (name, value) in panel.segments.iter().flat_map(|segment| &segment.attributes) {
        if name != Attribute::Network.column() {
            effects.entry(name).or_default().insert(value, 0.0);
        }
    }
    let expected = |effects: &BTreeMap<&str, BTreeMap<&str, f64>>, i: usize| -> f64 {
        let own = &panel.segments[i].attributes;
        let effect = |(name, of): (&&str, &BTreeMap<&str, f64>)| {
            own.get(*name).and_then(|value| of.get(value.as_str())).copied()
        };
        centre + effects.iter().filter_map(effect).sum::<f64>()
    };
    if known.len() < panel.segments.len() {
        let names: Vec<&str> = effects.keys().copied().collect();
        for name in names.iter().cycle().take(ROUNDS * names.len()) {
            let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
            for (i, log) in &known {
                let Some(value) = panel.segments[*i].attributes.get(*name) else { continue };
                let left = log - expected(&effects, *i) + effects[name][value.as_str()];
                let sum = sums.entry(value).or_default();
                *sum = (sum.0 + left, sum.1 + 1.0);
            }
            for (value, (sum, count)) in sums {
                effects.entry(name).or_default().insert(value, sum / (count + 1.0));
            }
        }
    }
    (0..panel.segments.len())
        .map(|i| reach.segments[i].map_or_else(|| expected(&effects, i), |(mean, _)| mean))
        .collect()
}

/// Usual weekly spends of a panel, and their centre and spread in logs.
pub(crate) struct Usual {
    pub spends: Vec<f64>,
    pub mean_log: f64,
    pub sd_log: f64,
}

impl Usual {
    /// `None` when nothing was ever spent. A segment without spend has the typical one.
    pub(crate) fn of(panel: &Panel) -> Option<Self> {
        let mut spends = usual_spends(panel);
        let known: Vec<f64> = spends.iter().copied().filter(|m| *m > 0.0).map(f64::ln).collect();
        if known.is_empty() {
            return None;
        }
        let mean_log = mean(&known);
        let square = known.iter().map(|x| (x - mean_log).powi(2)).sum::<f64>();
        for spend in spends.iter_mut().filter(|spend| **spend == 0.0) {
            *spend = mean_log.exp();
        }
        Some(Self { spends, mean_log, sd_log: (square / known.len() as f64).sqrt() })
    }
}

/// Mean weekly spend over the weeks with spend, per segment; 0 where nothing was spent.
fn usual_spends(panel: &Panel) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); panel.segments.len()];
    for cell in panel.cells.iter().filter(|cell| cell.spend > 0.0) {
        let sum = &mut sums[cell.segment];
        sum.0 += cell.spend;
        sum.1 += weeks_of(cell);
    }
    sums.iter().map(|(spend, weeks)| if *weeks > 0.0 { spend / weeks } else { 0.0 }).collect()
}

fn networks(panel: &Panel) -> Vec<NetworkData> {
    let names: BTreeSet<&str> = panel.segments.iter().map(network_of).collect();
    names
        .into_iter()
        .map(|name| NetworkData {
            name: name.to_owned(),
            first_week: 0,
            n_weeks: 0,
            segments: Vec::new(),
        })
        .collect()
}

fn pooled_attributes(
    panel: &Panel,
    specification: &Specification,
    notes: &mut Vec<TrainNote>,
) -> Vec<Pooled> {
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in panel.segments.iter().flat_map(|segment| &segment.attributes) {
        values.entry(name).or_default().insert(value);
    }
    let asked = |name: &str| {
        specification.pool.is_empty() || specification.pool.iter().any(|own| own == name)
    };
    let mut pooled = Vec::new();
    for (name, levels) in values {
        // The network has effects of its own; one level, or one per segment, separates nothing.
        let repeats = levels.len() > 1 && 2 * levels.len() <= panel.segments.len() + 2;
        if name == Attribute::Network.column() || !asked(name) || !repeats {
            continue;
        }
        if levels.len() > specification.most_levels {
            notes.push(TrainNote::TooManyLevels);
            continue;
        }
        let levels = levels.into_iter().map(str::to_owned).collect();
        pooled.push(Pooled { name: name.to_owned(), levels });
    }
    pooled
}

pub(crate) fn levels_of(segment: &Segment, pooled: &[Pooled]) -> Vec<Option<usize>> {
    pooled
        .iter()
        .map(|attribute| {
            let value = segment.attributes.get(&attribute.name)?;
            attribute.levels.binary_search(value).ok()
        })
        .collect()
}

/// First and last week of each network.
fn set_weeks(panel: &Panel, networks: &mut [NetworkData], segments: &[SegmentData]) {
    let mut spans: Vec<Option<(i64, i64)>> = vec![None; networks.len()];
    for cell in &panel.cells {
        let Some(period) = cell.period else { continue };
        let (from, to) = (Week::of(period.start).index(), Week::of(period.end).index());
        let span = &mut spans[segments[cell.segment].network];
        *span = Some(span.map_or((from, to), |(a, b)| (a.min(from), b.max(to))));
    }
    for (network, span) in networks.iter_mut().zip(spans) {
        if let Some((from, to)) = span {
            network.first_week = from;
            network.n_weeks = (to - from + 1) as usize;
        }
    }
}

/// Money at work below this share of the usual is none.
const IDLE: f64 = 0.01;

/// Money at work in each segment whose network has a delay, before its first cell.
fn stocks(
    panel: &Panel,
    networks: &[NetworkData],
    segments: &[SegmentData],
    delays: &Delays,
    rise: f64,
) -> Vec<Option<Stock>> {
    if delays.is_empty() {
        return vec![None; segments.len()];
    }
    let history = panel.cells.iter().filter_map(delay::week_of).min().unwrap_or(0);
    let mut sums: Vec<(i64, f64, f64)> = vec![(i64::MAX, 0.0, 0.0); segments.len()];
    for cell in &panel.cells {
        let (Some(week), sum) = (delay::week_of(cell), &mut sums[cell.segment]) else { continue };
        let spend = effective(cell.spend, segments[cell.segment].reference, rise);
        *sum = (sum.0.min(week), sum.1 + spend, sum.2 + 1.0);
    }
    let stock = |(segment, (first, sum, n)): (&SegmentData, (i64, f64, f64))| {
        let share = delays.get(&networks[segment.network].name)?;
        (n > 0.0).then(|| Stock::new(*share, delay::past(first, history, sum / n)))
    };
    segments.iter().zip(sums).map(stock).collect()
}

/// Puts the cells that speak into their segments; returns how many had actions but no money.
fn fill_cells(
    panel: &Panel,
    networks: &[NetworkData],
    segments: &mut [SegmentData],
    delays: &Delays,
    baseline: bool,
    rise: f64,
) -> usize {
    let mut left_out = 0;
    let mut ended: Vec<Option<i64>> = vec![None; segments.len()];
    let mut stocks = stocks(panel, networks, segments, delays, rise);
    for cell in &panel.cells {
        let first = networks[segments[cell.segment].network].first_week;
        let span = cell.period.map(|period| {
            (Week::of(period.start).index() - first, Week::of(period.end).index() - first)
        });
        let before = ended[cell.segment];
        let gap = span.zip(before).map(|((from, _), end)| (from - end - 1).max(0) as u32);
        if let Some((_, to)) = span {
            ended[cell.segment] = Some(before.map_or(to, |end| end.max(to)));
        }
        let Some(count) = count_of(cell) else { continue };
        let weeks = weeks_of(cell);
        let mut spend = effective(cell.spend / weeks, segments[cell.segment].reference, rise);
        if let (Some(stock), Some(week)) = (&mut stocks[cell.segment], delay::week_of(cell)) {
            spend = stock.at(week, spend);
        }
        let idle = cell.spend == 0.0 && spend <= IDLE * segments[cell.segment].usual;
        let silent = idle && !baseline;
        if silent && count.low > 0.0 {
            left_out += 1;
        }
        segments[cell.segment].cells.push(Observation {
            // Kept as a silent cell: the memory of past exposure fades through it.
            count: if silent { Count { low: 0.0, high: f64::INFINITY } } else { count },
            spend,
            weeks,
            from: span.map_or(0, |(from, _)| from as u32),
            to: span.map_or(0, |(_, to)| to as u32 + 1),
            power: cell.from_breakdown.then_some(1.0),
            designed: cell.designed,
            gap,
            fresh: cell.new_creative,
            offset: 0.0,
            exposure: Exposure::steady(spend),
        });
    }
    for segment in segments {
        compact_silence(&mut segment.cells);
        expose(segment);
    }
    left_out
}

/// Works out what is remembered in each cell of a segment, over its usual spend.
fn expose(segment: &mut SegmentData) {
    let mut remembered = Remembered::NOTHING;
    for cell in &mut segment.cells {
        let spend = cell.spend / segment.usual;
        match cell.gap {
            _ if cell.fresh => remembered = Remembered::NOTHING,
            Some(gap) => (0..gap.min(WEEKS as u32)).for_each(|_| remembered.pass(0.0)),
            // The past is unknown, taken to be like the present.
            None => remembered = Remembered::steady(spend),
        }
        if cell.is_long() {
            cell.exposure = Exposure::steady(spend);
            let weeks = (cell.weeks.round() as usize).clamp(1, WEEKS);
            (0..weeks).for_each(|_| remembered.pass(spend));
        } else {
            cell.exposure = Exposure { now: spend, before: remembered.sums() };
            remembered.pass(spend);
        }
    }
}

/// Drops silent cells and turns them into gaps: a week without money is a week of forgetting.
fn compact_silence(cells: &mut Vec<Observation>) {
    let mut silent_weeks = 0;
    let mut seen_money = false;
    cells.retain_mut(|cell| {
        if cell.count.high == f64::INFINITY {
            silent_weeks += cell.weeks.round() as u32 + cell.gap.unwrap_or(0);
            return false;
        }
        cell.gap = match cell.gap {
            // The past before the first money is known to be empty when silent weeks were seen.
            Some(gap) if seen_money => Some(gap + silent_weeks),
            _ if silent_weeks > 0 => {
                cell.fresh = true;
                Some(silent_weeks)
            }
            _ => None,
        };
        silent_weeks = 0;
        seen_money = true;
        true
    });
}

/// The active count of a cell as an interval; `None` where no active kind is reported.
fn count_of(cell: &Cell) -> Option<Count> {
    cell.active_range().map(|(low, high)| Count { low, high })
}

/// Layers that a panel's columns can teach.
pub(crate) fn layers(panel: &Panel) -> Vec<String> {
    let impressions = panel.cells.iter().any(|cell| cell.impressions.is_some());
    let reach = panel.cells.iter().any(|cell| cell.reach.is_some() && cell.impressions.is_some());
    let mut layers = Vec::new();
    for (name, speaks) in [("delivery", impressions), ("reach", reach), ("engagement", true)] {
        if speaks {
            layers.push(name.to_owned());
        }
    }
    layers
}

/// Money of a week and what is remembered of the weeks before it, by the number of weeks remembered;
/// all over the usual spend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exposure {
    pub now: f64,
    pub before: [f64; WEEKS],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;
    use crate::train::worlds::{Settings, world};

    #[test]
    fn an_audience_without_reach_is_the_one_its_attributes_let_expect() {
        let panel = world(&Settings { networks: 3, ..Settings::default() }, Seed(3)).panel;
        let known = |i: usize| !i.is_multiple_of(3);
        let size = |i: usize| {
            let own = &panel.segments[i].attributes;
            let last = |name: &str| f64::from(own[name].bytes().last().unwrap() % 8);
            8.0 + 0.2 * last("age") - 0.3 * last("territory")
        };
        let segments = (0..panel.segments.len()).map(|i| known(i).then(|| (size(i), 0.05)));
        let reach = Reach {
            log_shape: (0.0, 0.1),
            noise: 0.05,
            overall: (8.0, 0.5),
            segments: segments.collect(),
            shape_lean: 0.0,
            leans: Vec::new(),
        };
        let found = audiences(&panel, &reach);
        for (i, found) in found.iter().enumerate() {
            // Effects are shrunk by one part in as many segments as share the value, and one.
            let close = if known(i) { 1e-12 } else { 0.25 };
            assert!((found - size(i)).abs() < close, "{i}: {found} for {}", size(i));
        }
        let spread = |of: &dyn Fn(usize) -> f64| {
            let all: Vec<f64> = (0..found.len()).filter(|i| !known(*i)).map(of).collect();
            let centre = mean(&all);
            all.iter().map(|x| (x - centre).powi(2)).sum::<f64>()
        };
        assert!(spread(&|i| found[i] - size(i)) < 0.1 * spread(&size));
    }
}

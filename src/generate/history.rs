//! What was observed in a world: the past planner's spending and what it brought.

use rand::Rng;

use super::audience::SEGMENT_BY;
use super::draw;
use super::spec::SpendSpec;
use super::world::{WeekCell, World};
use crate::action::{Action, Counts};
use crate::panel::{Cell, Panel, Period};
use crate::response::exposure::saturation;
use crate::response::memory::Remembered;
use crate::units::Currency;

/// The history of one segment, week after week; weeks without spend only where there is an
/// organic baseline.
pub(super) fn observe(world: &World, segment: usize, rng: &mut impl Rng) -> Vec<WeekCell> {
    let spends = world.weekly_spends(segment);
    let beside = Beside::of(world, segment, spends);
    let mut remembered = Remembered::NOTHING;
    let mut spent_before = false;
    let mut cells = Vec::new();
    for (week, spend) in spends.iter().copied().enumerate() {
        let new_creative = spend > 0.0 && !spent_before;
        spent_before = spend > 0.0;
        if new_creative {
            remembered = Remembered::NOTHING;
        }
        let cell = observe_week(world, segment, week, spend, &beside, &mut remembered, rng);
        if spend > 0.0 || world.truth(segment).baseline > 0.0 {
            cells.push(WeekCell { new_creative, ..cell });
        }
    }
    cells
}

fn observe_week(
    world: &World,
    segment: usize,
    week: usize,
    spend: f64,
    beside: &Beside,
    remembered: &mut Remembered,
    rng: &mut impl Rng,
) -> WeekCell {
    let truth = world.truth(segment);
    let (response, noise) = (&truth.response, world.spec().noise);
    let luck = draw::mean_one(rng, noise.delivery);
    let effective = response.effective_spend(beside.bought[week]) * luck;
    let impressions = (1000.0 * effective / truth.cpm).round();
    let exposure = impressions / truth.audience;
    let reach = truth.audience * saturation(exposure, truth.shape);
    let reach = (reach * draw::mean_one(rng, noise.reach)).round().min(impressions);
    let effective = response.effective_spend(beside.at_work[week]) * luck;

    let gain = response.gain(effective, remembered);
    remembered.pass(effective / response.scale);
    let network = &world.networks()[truth.network];
    let season = world.season(segment, world.first_week().plus(week as i64)) * beside.factor[week];
    let mean = truth.baseline + gain * season * network.shock[week].exp();
    let active = draw::negative_binomial(rng, mean, network.dispersion);
    let reports = &world.spec().networks[truth.network];
    let mix = draw::dirichlet(rng, &truth.mix, world.spec().mix_concentration);
    let mut actions = [0.0; Action::COUNT];
    actions.copy_from_slice(&draw::multinomial(rng, active, &mix));
    actions[Action::Reactions.index()] = draw::poisson(rng, reports.reactions * mean);
    actions[Action::Follows.index()] = draw::poisson(rng, reports.follows * impressions / 1000.0);
    WeekCell { segment, week, spend, impressions, reach, actions, new_creative: false }
}

/// What else moves a segment's weeks, by week of history.
struct Beside {
    /// Money at the prices of the history's beginning.
    bought: Vec<f64>,
    /// Of it and of earlier weeks', what is at work.
    at_work: Vec<f64>,
    /// Demand, viral weeks, freshness, and people whom another network reached, as one factor.
    factor: Vec<f64>,
}

impl Beside {
    fn of(world: &World, segment: usize, spends: &[f64]) -> Self {
        let bought: Vec<f64> = spends
            .iter()
            .enumerate()
            .map(|(week, spend)| world.bought(segment, *spend, week))
            .collect();
        let at_work = world.at_work(&bought);
        let mut factor = world.freshness(segment, &bought, true);
        for (week, factor) in factor.iter_mut().enumerate() {
            *factor *= world.factor(segment, week);
            if !world.relatives(segment).is_empty() {
                let of = |i: usize| world.weekly_spends(i)[week];
                let all: Vec<f64> = (0..world.segments().len()).map(of).collect();
                *factor *= world.reported(segment, &all);
            }
        }
        Self { bought, at_work, factor }
    }
}

/// Weeks of a design: half, once and one and a half times the base level.
const DESIGNED: [f64; 3] = [0.5, 1.0, 1.5];

/// Money by week: runs of weeks around a base level that has more to do with habit than reason,
/// unless the specification gives the planner reasons.
pub(super) fn spends(world: &World, segment: usize, rng: &mut impl Rng) -> Vec<f64> {
    let mut spends = habitual(world, segment, rng);
    world.thin(segment, &mut spends);
    while_fresh(world, segment, &mut spends);
    spends
}

/// Money follows the freshness of creatives, where they wear out.
fn while_fresh(world: &World, segment: usize, spends: &mut [f64]) {
    let Some(fatigue) = world.spec().fatigue else { return };
    let scale = world.truth(segment).response.scale;
    let mut behind = 0.0;
    for spend in spends {
        if *spend > 0.0 {
            let amount = *spend * fatigue.freshness(behind / scale).powf(fatigue.money);
            *spend = (amount * 100.0).round().max(1.0) / 100.0;
        }
        behind = if *spend == 0.0 { 0.0 } else { behind + *spend };
    }
}

fn habitual(world: &World, segment: usize, rng: &mut impl Rng) -> Vec<f64> {
    let spec = world.spec();
    let habits = spec.spend;
    let truth = world.truth(segment);
    let median_scale = spec.audience.median * spec.cpm.median / (1000.0 * spec.wear_out.median);
    let scale = truth.response.scale / median_scale;
    let median_rate = 1000.0 * spec.rate.median / spec.cpm.median;
    let rate = 1000.0 * truth.rate / truth.cpm / median_rate;
    let base = habits.weekly.ln()
        + habits.follows_scale * scale.ln()
        + habits.follows_rate * rate.ln()
        + habits.habit * draw::normal(rng);
    let follows = spec.demand.map_or(0.0, |demand| demand.money);
    let mut run = habits.run * draw::normal(rng);
    let mut wobble = draw::normal(rng);
    let mut on = draw::uniform(rng, 0.0, 1.0) >= habits.share_without;
    let first = world.first_week_of(segment);
    (0..spec.weeks)
        .map(|week| {
            let was_on = on;
            on = stays_on(&habits, on, rng);
            if on && !was_on {
                run = habits.run * draw::normal(rng);
            }
            let fresh = (1.0 - habits.persistence * habits.persistence).sqrt();
            wobble = habits.persistence * wobble + fresh * draw::normal(rng);
            let mut amount = (base + run + habits.week * wobble).exp();
            if habits.designed {
                let pick = draw::uniform(rng, 0.0, DESIGNED.len() as f64) as usize;
                amount = base.exp() * DESIGNED[pick.min(DESIGNED.len() - 1)];
            }
            let test = habits.test_in(spec.weeks, week);
            if let Some(test) = test {
                let power = draw::uniform(rng, -1.0, 2.0).floor();
                amount = base.exp() * test.factor.powf(power);
            } else if follows != 0.0 {
                amount *= (follows * world.demand(segment, week)).exp();
            }
            // A new audience is bought from its first week on, and not before it.
            let on = if first > 0 { week >= first } else { on };
            let on = test.map_or(on && !habits.test.is_some_and(|test| test.alone), |_| true);
            // Whole cents, and never a week with spend of nothing.
            if on { (amount * 100.0).round().max(100.0) / 100.0 } else { 0.0 }
        })
        .collect()
}

/// A two-state chain whose stationary share of weeks without spend is the one asked for.
fn stays_on(habits: &SpendSpec, on: bool, rng: &mut impl Rng) -> bool {
    let stop = 1.0 / habits.run_weeks;
    let start = stop * (1.0 - habits.share_without) / habits.share_without.max(1e-9);
    let chance = draw::uniform(rng, 0.0, 1.0);
    if habits.share_without == 0.0 {
        true
    } else if on {
        chance >= stop
    } else {
        chance < start
    }
}

impl World {
    /// The observed history as a panel of weeks; weeks without spend are there only where there
    /// is an organic baseline to see in them.
    #[must_use]
    pub fn panel(&self) -> Panel {
        panel(self)
    }
}

fn panel(world: &World) -> Panel {
    let spec = world.spec();
    let mut reported: Vec<Action> =
        spec.networks.iter().flat_map(|network| network.mix.keys().copied()).collect();
    reported.extend([Action::Reactions, Action::Follows]);
    reported.sort();
    reported.dedup();
    Panel {
        segments: world.segments().to_vec(),
        cells: world.cells().iter().map(|cell| panel_cell(world, cell)).collect(),
        attributes: SEGMENT_BY.iter().map(|attribute| attribute.column().to_owned()).collect(),
        actions: reported,
        currency: Some(Currency::EUR),
        notes: Vec::new(),
    }
}

fn panel_cell(world: &World, cell: &WeekCell) -> Cell {
    let spec = world.spec();
    let week = world.first_week().plus(cell.week as i64);
    let network = &spec.networks[world.truth(cell.segment).network];
    let dated = !spec.undated;
    let mut actions = Counts::default();
    let passive = [Action::Reactions, Action::Follows];
    for kind in network.mix.keys().chain(&passive) {
        actions.set(*kind, Some(cell.actions[kind.index()]));
    }
    Cell {
        segment: cell.segment,
        period: dated.then(|| Period { start: week.monday(), end: week.sunday() }),
        spend: cell.spend,
        impressions: Some(cell.impressions),
        reach: network.reach.then_some(cell.reach),
        actions,
        censored: Vec::new(),
        at_least: Counts::default(),
        from_breakdown: false,
        new_creative: dated && cell.new_creative,
        designed: dated
            && spec.spend.test_in(spec.weeks, cell.week).is_some_and(|test| test.marked),
    }
}

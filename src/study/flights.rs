//! Consecutive flights: what a split earns that also learns.
//!
//! In each world three planners begin with the same history. Before every flight each learns all
//! that has happened to it and plans as the product does; then the world runs on through the money
//! that it gave, and what that brought is history:
//!
//! * the first spends what the plan says;
//! * the second spends a schedule drawn by lot in its place whenever `experiment` finds that a test
//!   pays, and marks the weeks that the lot decided;
//! * the third plans on a single draw of its posterior (Thompson 1933): it tries by believing.
//!
//! They are compared by the expected actions of all flights together under the truth, so that the
//! price of testing is inside. (One flight with a test in it, divided anew after its weeks by what they
//! taught, is `relais simulate --test`.) Worlds are the same for all three, and so is their luck as far as
//! their money is.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::decision::{Trouble, campaign, lifted};
use super::settings::{Settings, StudyError};
use super::{mean_and_deviation, seed_of};
use crate::allocate::{self, Audience, PlanRequest};
use crate::campaign::Campaign;
use crate::experiment::{Asked, Protocol, propose};
use crate::generate::Given;
use crate::generate::population::WorldFamily;
use crate::generate::world::World;
use crate::language::Language;
use crate::panel::{DesignedWeek, Period};
use crate::random::Seed;
use crate::rules::Tables;
use crate::simulate::future::context::SimulationContext;
use crate::simulate::{Inputs, Settings as HowSimulated};
use crate::train::posterior::draws::Draws;
use crate::train::{Model, fit};

/// Who plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Planner {
    Plan,
    Tests,
    Thompson,
}

/// Consecutive flights in worlds of one family.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlightsLine {
    /// The family.
    pub name: String,
    /// Worlds.
    pub worlds: u64,
    /// Flights that the testing planner tested in, of all.
    pub tested: f64,
    /// What the schedules gave up against the plans they were made from, of what all flights brought.
    pub price: f64,
    /// What testing brought beside planning alone over all flights, as a share.
    pub tests: Gain,
    /// What planning on single draws brought.
    pub thompson: Gain,
    /// What testing brought flight by flight, each beside planning alone.
    pub by_flight: Vec<Gain>,
}

/// A mean over worlds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gain {
    /// Mean share.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
}

impl Gain {
    fn of(values: &[f64]) -> Self {
        let (mean, sd) = mean_and_deviation(values);
        Self { mean, error: sd / (values.len() as f64).sqrt() }
    }
}

/// What one planner's flights brought in a world.
struct Story {
    /// Expected actions by flight.
    values: Vec<f64>,
    /// Of the schedule against its plan, by flight; `None` where nothing was tested.
    prices: Vec<Option<f64>>,
}

/// Studies so many worlds of every family.
///
/// # Errors
///
/// [`StudyError`] names the first world that could not be studied.
pub fn flights(
    families: &[WorldFamily],
    number: usize,
    settings: &Settings,
    tables: &Tables,
    seed: Seed,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<FlightsLine>, StudyError> {
    if settings.worlds == 0 || families.is_empty() || number == 0 {
        return Err(StudyError::NoWorlds);
    }
    let line = |family: &WorldFamily| {
        let world = |world: u64| {
            let own = seed_of(family, seed).child(world);
            let told = [Planner::Plan, Planner::Tests, Planner::Thompson]
                .map(|planner| story(family, planner, number, settings, tables, own));
            progress();
            let [plan, tests, thompson] = told;
            let told = plan.and_then(|plan| Ok([plan, tests?, thompson?]));
            told.map_err(|trouble| trouble.of_world(world))
        };
        let stories: Result<Vec<[Story; 3]>, StudyError> =
            (0..settings.worlds).into_par_iter().map(world).collect();
        Ok(summary(family, number, &stories?))
    };
    families.iter().map(line).collect()
}

fn summary(family: &WorldFamily, number: usize, stories: &[[Story; 3]]) -> FlightsLine {
    let total = |story: &Story| story.values.iter().sum::<f64>();
    let beside = |of: &dyn Fn(&[Story; 3]) -> (f64, f64)| -> Vec<f64> {
        stories.iter().map(of).map(|(own, plan)| own / plan - 1.0).collect()
    };
    let prices = stories.iter().flat_map(|[_, tests, _]| &tests.prices);
    let tested = prices.clone().filter(|price| price.is_some()).count();
    let all: f64 = stories.iter().map(|[plan, ..]| total(plan)).sum();
    FlightsLine {
        name: family.name.clone(),
        worlds: stories.len() as u64,
        tested: tested as f64 / (stories.len() * number) as f64,
        price: prices.flatten().sum::<f64>() / all,
        tests: Gain::of(&beside(&|[plan, tests, _]| (total(tests), total(plan)))),
        thompson: Gain::of(&beside(&|[plan, _, thompson]| (total(thompson), total(plan)))),
        by_flight: (0..number)
            .map(|f| Gain::of(&beside(&|[plan, tests, _]| (tests.values[f], plan.values[f]))))
            .collect(),
    }
}

/// One planner's flights in one world.
fn story(
    family: &WorldFamily,
    planner: Planner,
    number: usize,
    settings: &Settings,
    tables: &Tables,
    seed: Seed,
) -> Result<Story, Trouble> {
    let mut world = World::make(&family.world, seed);
    // Budget and limits stay those of the first flight.
    let asked = campaign(&world, &family.decision);
    let asked = if settings.trust_region { asked } else { lifted(&asked) };
    let weeks = asked.weeks().len() as i64;
    let mut given = Given::default();
    let mut marked: Vec<DesignedWeek> = Vec::new();
    let mut story = Story { values: Vec::new(), prices: Vec::new() };
    for flight in 0..number as i64 {
        let start = world.flight_start();
        let flight_days = Period { start: start.monday(), end: start.plus(weeks - 1).sunday() };
        let asked = Campaign { flight: flight_days, ..asked.clone() };
        let mut panel = world.panel();
        panel.mark_designed(&marked);
        let model = fit(&panel, &settings.specification, seed).map_err(Trouble::Train)?;
        let own = seed.child(flight as u64);
        let spent = decide(&model, planner, &asked, settings, tables, own)?;
        let worth = |money: &BTreeMap<String, Vec<f64>>| expected(&world, money);
        story.values.push(worth(&spent.money));
        story.prices.push(spent.planned.as_ref().map(|plan| worth(plan) - worth(&spent.money)));
        marked.extend(spent.designed);
        for (id, money) in spent.money {
            let own = given.money.entry(id).or_default();
            for (t, money) in money.into_iter().enumerate().filter(|(_, money)| *money > 0.0) {
                own.insert(start.plus(t as i64), money);
            }
        }
        if flight + 1 < number as i64 {
            world = World::run_on(&family.world, seed, &given).unwrap_or(world);
        }
    }
    Ok(story)
}

/// Expected actions of money by segment and week, every person counted once.
fn expected(world: &World, money: &BTreeMap<String, Vec<f64>>) -> f64 {
    let segments = world.segments();
    let weekly: Vec<f64> = segments
        .iter()
        .map(|own| money.get(&own.id).map_or(0.0, |own| own.iter().sum::<f64>() / own.len() as f64))
        .collect();
    let start = world.flight_start();
    let own = segments.iter().enumerate().filter_map(|(i, own)| Some((i, money.get(&own.id)?)));
    own.map(|(i, spends)| world.expected_actions(i, spends, start) * world.counted_once(i, &weekly))
        .sum()
}

/// What a planner spends in a flight.
struct Spent {
    /// By segment, week by week.
    money: BTreeMap<String, Vec<f64>>,
    /// What was planned, where a schedule took its place.
    planned: Option<BTreeMap<String, Vec<f64>>>,
    designed: Vec<DesignedWeek>,
}

fn decide(
    model: &Model,
    planner: Planner,
    asked: &Campaign,
    settings: &Settings,
    tables: &Tables,
    seed: Seed,
) -> Result<Spent, Trouble> {
    let audience = Audience::new(model, asked, tables, settings.draws, seed);
    let audience = audience.map_err(Trouble::Allocate)?;
    let request = audience.request(asked, tables, Language::En, allocate::Settings::default());
    let single = alone(&audience.choose, seed);
    let request = match planner {
        Planner::Thompson => PlanRequest { choose: &single, promise: &single, ..request },
        Planner::Plan | Planner::Tests => request,
    };
    let plan = allocate::plan(&request).map_err(Trouble::Allocate)?;
    let draws = request.promise;
    let inputs = Inputs { draws, plan: &plan, campaign: asked, tables };
    let context = SimulationContext::new(&inputs, &HowSimulated::default());
    let context = context.map_err(Trouble::Simulate)?;
    let cells = |of: &dyn Fn(usize, usize) -> f64| -> BTreeMap<String, Vec<f64>> {
        let row = |i: usize| (0..context.weeks).map(|week| of(i, week)).collect();
        plan.rows.iter().enumerate().map(|(i, own)| (own.segment.clone(), row(i))).collect()
    };
    let planned = cells(&|i, week| context.plan_cells[week * context.segments + i]);
    let test = (planner == Planner::Tests)
        .then(|| propose(&context, tables, &Asked::default(), seed))
        .and_then(Result::ok)
        .filter(|proposal| proposal.worth.pays());
    let Some(test) = test else {
        return Ok(Spent { money: planned, planned: None, designed: Vec::new() });
    };
    let protocol = Protocol::of(&test, &plan, &context, model.specification());
    let unit = asked.budget.currency().minor_per_unit() as f64;
    let scheduled = &protocol.experiment.schedule().money;
    let money = cells(&|i, week| scheduled[i][week] as f64 / unit);
    Ok(Spent { money, planned: Some(planned), designed: protocol.drawn() })
}

/// One of many draws, chosen by chance.
fn alone(draws: &Draws, seed: Seed) -> Draws {
    use rand::RngExt as _;
    let chosen = seed.stream(crate::random::Purpose::Policy, 0).random_range(0..draws.len());
    let mut one = draws.clone();
    one.shared = vec![one.shared[chosen].clone()];
    one.segments.iter_mut().for_each(|own| own.draws = vec![own.draws[chosen]]);
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::population::Population;
    use crate::reference::Reference;
    use crate::study::Limit;
    use crate::train::Specification;

    fn studied(worlds: u64, threads: usize) -> FlightsLine {
        let reference = Reference::default();
        let population = Population::read(&reference.text("study.toml").unwrap()).unwrap();
        let mut family = population.family("flights-habit").unwrap().clone();
        family.world.segments = 8;
        family.world.weeks = 20;
        family.world.flight_weeks = 8;
        let settings = Settings {
            worlds,
            specification: Specification::default(),
            draws: 40,
            trust_region: true,
            closely: false,
            limit: Limit::LeftOut,
        };
        let tables = Tables::load(&reference).unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let told =
            pool.install(|| flights(&[family], 2, &settings, &tables, Seed(3), &|| {}).unwrap());
        told.into_iter().next().unwrap()
    }

    #[test]
    fn flights_are_the_same_with_any_number_of_threads_and_a_test_costs_what_it_gives_up() {
        let line = studied(2, 1);
        assert_eq!(line, studied(2, 3));
        assert_eq!(line.by_flight.len(), 2);
        // Until anything is learnt a test only costs.
        assert!(line.tested > 0.0, "{line:?}");
        assert!(line.price > 0.0 && line.by_flight[0].mean < 0.0, "{line:?}");
    }
}

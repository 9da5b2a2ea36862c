//! One world's decision, made the way the product makes it.

use std::collections::BTreeSet;

use super::knowledge::Knowledge;
use super::settings::{Settings, StudyError};
use crate::allocate;
use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Range;
use crate::allocate::problem::Problem;
use crate::allocate::{AllocateError, Audience, rules};
use crate::campaign::{Amount, Campaign, SegmentRule};
use crate::generate::population;
use crate::generate::world::World;
use crate::language::Language;
use crate::numeric::summary::mean;
use crate::panel::Period;
use crate::random::{Purpose, Seed};
use crate::rules::Tables;
use crate::segment::Segment;
use crate::simulate::Inputs;
use crate::simulate::{SimulateError, beats_last, fixture};
use crate::train::fitted::note::TrainNote;
use crate::train::posterior::draws::Draws;
use crate::train::{Model, Specification, TrainError, fit};
use crate::units::{Currency, Money};

/// What was decided, by segment of the world.
pub(super) struct Decision {
    /// Row budgets.
    pub(super) budgets: Vec<f64>,
    /// The last split scaled to the budget.
    pub(super) last: Vec<f64>,
    /// The promise: expected value, spread over posterior draws.
    pub(super) promised: Range,
    /// By how much the plan breaks its worst rule, relative to the rule.
    pub(super) violation: f64,
    /// Value on the draws it was chosen on ÷ on fresh ones.
    pub(super) chosen_over_promised: f64,
    /// Share of the oracle's engagement that the model itself expects.
    pub(super) expected_share: f64,
    /// The draws it is promised on.
    pub(super) promise: Draws,
    /// What is promised, `networks × draws`.
    pub(super) promised_by_network: Vec<Vec<f64>>,
    /// The rules that the planner wrote, for the oracle.
    pub(super) problem: Problem,
    /// Said probability that the plan beats the last split; `None` without a last split.
    pub(super) odds: Option<f64>,
    /// Codes of findings that need a person.
    pub(super) findings: Vec<String>,
}

/// Why a world's decision could not be made.
pub(super) enum Trouble {
    Train(TrainError),
    Allocate(AllocateError),
    Simulate(SimulateError),
}

impl Trouble {
    pub(super) fn of_world(self, world: u64) -> StudyError {
        match self {
            Self::Train(source) => StudyError::Train { world, source },
            Self::Allocate(source) => StudyError::Allocate { world, source },
            Self::Simulate(source) => StudyError::Simulate { world, source },
        }
    }
}

/// Warnings of the platforms' rules, which say nothing of what was learnt: the planner has answered
/// them, so that what is left open is about the history.
const ANSWERED: [&str; 7] = [
    "age-not-sold",
    "learning-alone",
    "learning-merge",
    "learning-short",
    "minimum-audience",
    "minimum-budget",
    "minimum-campaign",
];
const ANSWER: &str = "a generated world has no platforms";

/// The study's question: the history's mean weekly spend, over the weeks after it.
pub(super) fn campaign(world: &World, asked: &population::Decision) -> Campaign {
    let weeks = world.spec().flight_weeks;
    let start = world.flight_start();
    let mut campaign = fixture::campaign(weeks);
    campaign.flight = Period { start: start.monday(), end: start.plus(weeks as i64 - 1).sunday() };
    let cents = (world.budget() * 100.0).round() as i64;
    campaign.budget = Money::of_minor(cents, Currency::EUR);
    campaign.gross = campaign.budget;
    let answered = |code: &&str| ((*code).to_owned(), ANSWER.to_owned());
    campaign.overrides = ANSWERED.iter().map(answered).collect();
    campaign.limits.per_segment.max = asked.max_share.map(Amount::Share);
    let times = asked.max_over_usual.filter(|times| times.is_finite());
    if let Some(times) = times {
        campaign.limits.segment = (0..world.segments().len())
            .map(|i| at_most(world, i, times * usual(world, i) * weeks as f64))
            .collect();
    }
    campaign
}

/// A campaign without the product's own bounds: what the planner wrote alone.
pub(super) fn lifted(campaign: &Campaign) -> Campaign {
    let mut written = campaign.clone();
    written.limits.trust_region = Some(false);
    written
}

/// A rule for one segment: at most so much money.
fn at_most(
    world: &World,
    segment: usize,
    most: f64,
) -> (std::collections::BTreeMap<String, Vec<String>>, SegmentRule) {
    let attributes = world.segments()[segment].attributes.iter();
    let conditions = attributes.map(|(name, value)| (name.clone(), vec![value.clone()])).collect();
    (conditions, SegmentRule { max: Some(Amount::Money(most)), ..SegmentRule::default() })
}

/// A segment's usual week: the mean of its weeks with money; of all others' where its own history
/// holds next to nothing.
pub(super) fn usual(world: &World, segment: usize) -> f64 {
    let own = |i: usize| {
        let paid: Vec<f64> =
            world.weekly_spends(i).iter().copied().filter(|spend| *spend > 0.0).collect();
        (!paid.is_empty() && !world.is_thin(i)).then(|| mean(&paid))
    };
    own(segment).unwrap_or_else(|| {
        let others: Vec<f64> = (0..world.segments().len()).filter_map(own).collect();
        if others.is_empty() { world.spec().spend.weekly } else { mean(&others) }
    })
}

/// Learns the world's history and plans.
pub(super) fn decide(
    world: &World,
    campaign: &Campaign,
    specification: &Specification,
    settings: &Settings,
    tables: &Tables,
    seed: Seed,
) -> Result<Decision, Trouble> {
    let written = lifted(campaign);
    let campaign = if settings.trust_region { campaign } else { &written };
    let model = fit(&world.panel(), specification, seed).map_err(Trouble::Train)?;
    let audience = Audience::new(&model, campaign, tables, settings.draws, seed);
    let audience = audience.map_err(Trouble::Allocate)?;
    let request = audience.request(campaign, tables, Language::En, allocate::Settings::default());
    let plan = allocate::plan(&request).map_err(Trouble::Allocate)?;
    let odds = odds(&model, &plan, campaign, settings, tables, seed).map_err(Trouble::Simulate)?;
    judged(world, &model, &plan, odds, audience, &written, tables, settings, seed)
        .map_err(Trouble::Allocate)
}

/// Child of the seed that draws parameters for the odds, as a simulation's are drawn.
const ODDS: u64 = 0x6472_6177;

/// Said probability that the plan beats the last split.
fn odds(
    model: &Model,
    plan: &Plan,
    campaign: &Campaign,
    settings: &Settings,
    tables: &Tables,
    seed: Seed,
) -> Result<Option<f64>, SimulateError> {
    let rows = plan.rows.iter();
    let segments: Vec<Segment> = rows
        .map(|row| Segment { id: row.segment.clone(), attributes: row.attributes.clone() })
        .collect();
    let seed = seed.child(ODDS);
    let weeks = campaign.weeks();
    let draws = model.draws(&segments, &weeks, settings.draws, seed, Purpose::Simulate);
    let inputs = Inputs { draws: &draws, plan, campaign, tables };
    beats_last(&inputs, settings.draws as u64, seed)
}

#[allow(clippy::too_many_arguments, reason = "what a decision was made of, judged once")]
fn judged(
    world: &World,
    model: &Model,
    plan: &Plan,
    odds: Option<f64>,
    audience: Audience,
    campaign: &Campaign,
    tables: &Tables,
    settings: &Settings,
    seed: Seed,
) -> Result<Decision, AllocateError> {
    let segments = world.segments();
    let weeks = campaign.weeks();
    let same = audience.promise.segments.len() == segments.len()
        && audience.promise.segments.iter().zip(segments).all(|(own, of)| own.segment == *of);
    // A model may leave segments out that the world has.
    let promise = if same {
        audience.promise
    } else {
        model.draws(segments, &weeks, settings.draws, seed, Purpose::Promise)
    };
    let budgets = segments
        .iter()
        .map(|segment| {
            let mut rows = plan.rows.iter();
            rows.find(|row| row.segment == segment.id).map_or(0.0, |row| row.budget)
        })
        .collect::<Vec<f64>>();
    let split = world.last_split(weeks.len());
    let problem = rules(campaign, &promise, &BTreeSet::new(), Some(&split), tables)?;
    let total: f64 = split.iter().sum();
    let scale = if total > 0.0 { problem.budget() / total } else { 0.0 };
    let knowledge = Knowledge::new(&promise, campaign);
    let expected_share = knowledge.expected_share(&budgets, &problem);
    let promised_by_network = knowledge.by_network(&budgets);
    Ok(Decision {
        violation: problem.violation(&budgets),
        expected_share,
        promised_by_network,
        last: split.iter().map(|money| money * scale).collect(),
        budgets,
        promised: plan.value,
        promise,
        chosen_over_promised: plan.chosen_over_promised,
        problem,
        odds,
        findings: findings(model, plan),
    })
}

/// What needs a person, by code: the plan's findings, and the model's own verdict.
fn findings(model: &Model, plan: &Plan) -> Vec<String> {
    let notes = &model.card().notes;
    let key = |note: &TrainNote| note.key().to_owned();
    let codes: BTreeSet<String> = plan
        .open_findings()
        .map(|finding| finding.code.clone())
        .chain(notes.iter().filter(|note| **note == TrainNote::NotConfirmed).map(key))
        .collect();
    codes.into_iter().collect()
}

/// The rules of the standard study.
#[cfg(test)]
pub(super) fn standard() -> population::Decision {
    population::Decision { max_share: Some(0.35), ..population::Decision::default() }
}

//! One world's decision, made the way the product makes it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::knowledge::Knowledge;
use super::{Settings, StudyError};
use crate::allocate::plan::Range;
use crate::allocate::problem::Problem;
use crate::allocate::{self, AllocateError, Occasion, rules};
use crate::campaign::{Amount, Campaign};
use crate::generate::world::World;
use crate::language::Language;
use crate::panel::Period;
use crate::random::{Purpose, Seed};
use crate::rules::Tables;
use crate::simulate::fixture;
use crate::train::draws::Draws;
use crate::train::{Specification, TrainError, fit};
use crate::units::{Currency, Money};

/// Most that one segment may get: a rule that planners set, and that binds here and there.
const MAX_SHARE: f64 = 0.35;

/// What was decided.
pub(super) struct Decision {
    /// Row budgets by segment of the world.
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
    /// The rules, for the oracle.
    pub(super) problem: Problem,
}

/// Why a world's decision could not be made.
pub(super) enum Trouble {
    Train(TrainError),
    Allocate(AllocateError),
}

impl Trouble {
    pub(super) fn of_world(self, world: u64) -> StudyError {
        match self {
            Self::Train(source) => StudyError::Train { world, source },
            Self::Allocate(source) => StudyError::Allocate { world, source },
        }
    }
}

/// The study's question: the history's mean weekly spend, over the weeks after it.
pub(super) fn campaign(world: &World) -> Campaign {
    let weeks = world.spec().flight_weeks;
    let start = world.flight_start();
    let mut campaign = fixture::campaign(weeks);
    campaign.flight = Period { start: start.monday(), end: start.plus(weeks as i64 - 1).sunday() };
    let cents = (world.budget() * 100.0).round() as i64;
    let amount = Decimal::from_i64(cents).unwrap_or_default() / Decimal::ONE_HUNDRED;
    campaign.budget = Money::new(amount, Currency::EUR);
    campaign.gross = campaign.budget;
    campaign.limits.per_segment.max = Some(Amount::Share(MAX_SHARE));
    campaign
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
    let model = fit(&world.panel(), specification, seed).map_err(Trouble::Train)?;
    let segments = world.segments();
    let weeks = campaign.weeks();
    let n = settings.draws;
    let choose = model.draws(segments, &weeks, n, seed, Purpose::Choose);
    let promise = model.draws(segments, &weeks, n, seed, Purpose::Promise);
    let split = world.last_split(weeks.len());
    let occasion = Occasion {
        campaign,
        choose: &choose,
        promise: &promise,
        last: Some(&split),
        tables,
        language: Language::En,
        seed,
        fingerprint: "",
        earlier: None,
        country: "FR",
        doubts: &[],
        settings: allocate::Settings::default(),
    };
    let plan = allocate::plan(&occasion).map_err(Trouble::Allocate)?;
    let budgets: Vec<f64> = plan.rows.iter().map(|row| row.budget).collect();
    let problem = rules(campaign, &choose, &BTreeSet::new(), Some(&split), tables)
        .map_err(Trouble::Allocate)?;
    let total: f64 = split.iter().sum();
    let knowledge = Knowledge::new(&promise, campaign);
    let expected_share = knowledge.expected_share(&budgets, &problem);
    let promised_by_network = knowledge.by_network(&budgets);
    Ok(Decision {
        violation: problem.violation(&budgets),
        expected_share,
        promised_by_network,
        last: split.iter().map(|money| money / total * problem.budget()).collect(),
        budgets,
        promised: plan.value,
        promise,
        chosen_over_promised: plan.chosen_over_promised,
        problem,
    })
}

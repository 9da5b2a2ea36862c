//! A plan over a model with its promise: what `relais plan --model` and the local page make.

use jiff::civil::Date;
use thiserror::Error;

use super::error::SimulateError;
use super::future::context::SimulationContext;
use super::future::expected::bought;
use super::inputs::Inputs;
use super::promise::{How, keep};
use crate::allocate::plan::{ByDraw, Plan, Totals};
use crate::allocate::{AllocateError, Audience, PlanRequest, Settings, plan, tell_notes};
use crate::campaign::Campaign;
use crate::language::{Explain, Language};
use crate::random::Seed;
use crate::rules::Tables;
use crate::rules::finding::Reader;
use crate::train::Model;
use crate::train::posterior::draws::Draws;

/// What is asked of a model.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The campaign.
    pub campaign: &'a Campaign,
    /// The dated tables.
    pub tables: &'a Tables,
    /// Draws to choose on, and as many fresh ones to promise on.
    pub draws: usize,
    /// When the search stops.
    pub settings: Settings,
    /// Language of reasons and findings.
    pub language: Language,
    /// The seed.
    pub seed: Seed,
    /// The day on which it is asked.
    pub today: Date,
    /// The division alone, as [`PlanRequest::bare`].
    pub bare: bool,
}

/// Why there is no plan with a promise.
#[derive(Debug, Error)]
pub enum PromisedError {
    /// The budget cannot be divided.
    #[error(transparent)]
    Divide(#[from] AllocateError),
    /// What it promises cannot be simulated.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
}

impl Explain for PromisedError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Divide(error) => error.explain(language),
            Self::Simulate(error) => error.explain(language),
        }
    }
}

/// A plan over a model's curves, and who it divides among; its promise is that of its draws alone.
///
/// # Errors
///
/// [`AllocateError`].
pub fn divided(model: &Model, asked: &Asked<'_>) -> Result<(Plan, Audience), AllocateError> {
    let Asked { campaign, tables, draws, settings, language, seed, today, bare } = *asked;
    let audience = Audience::new(model, campaign, tables, draws, seed)?;
    let request = PlanRequest {
        today: Some(today),
        bare,
        ..audience.request(campaign, tables, language, settings)
    };
    let mut plan = plan(&request)?;
    tell_notes(&mut plan, model.card(), language);
    Ok((plan, audience))
}

/// The same with its promise simulated.
///
/// # Errors
///
/// [`PromisedError`].
pub fn promised(model: &Model, asked: &Asked<'_>) -> Result<(Plan, Audience), PromisedError> {
    let (mut plan, audience) = divided(model, asked)?;
    let of = (asked.campaign, asked.tables);
    promise(&mut plan, &audience.promise, of, audience.tail, (asked.language, asked.seed))?;
    Ok((plan, audience))
}

/// Simulates what a plan promises, and keeps it there.
///
/// # Errors
///
/// [`SimulateError`].
pub fn promise(
    plan: &mut Plan,
    draws: &Draws,
    (campaign, tables): (&Campaign, &Tables),
    tail: f64,
    (language, seed): (Language, Seed),
) -> Result<(), SimulateError> {
    let before = plan.clone();
    let inputs = Inputs { draws, plan: &before, campaign, tables };
    let how = How { tail, ..How::default() };
    let reader = Reader { language, currency: plan.currency, overrides: &campaign.overrides };
    keep(plan, &inputs, &how, seed, &reader)
}

/// Promises a plan anew whose weeks were moved since it was made, `before`: what is expected of each
/// row changes as its draws say, and the whole with them.
///
/// What was proven of the division among audiences stands; how it compares with other splits is told
/// of the plan as it was.
///
/// # Errors
///
/// [`SimulateError`].
pub fn promise_moved(
    plan: &mut Plan,
    before: &Plan,
    draws: &Draws,
    of: (&Campaign, &Tables),
    tail: f64,
    told: (Language, Seed),
) -> Result<(), SimulateError> {
    let settings = super::inputs::Settings::default();
    let laid_out = |plan: &Plan| {
        let inputs = Inputs { draws, plan, campaign: of.0, tables: of.1 };
        let context = SimulationContext::new(&inputs, &settings)?;
        Ok::<_, SimulateError>(bought(&context, &context.plan_cells))
    };
    let (was, is) = (laid_out(before)?, laid_out(plan)?);
    retell(plan, &was, &is);
    promise(plan, draws, of, tail, told)
}

/// Actions and points by draw and row.
type Brought = [Vec<(f64, f64)>];

fn sum<'a>(all: impl Iterator<Item = &'a (f64, f64)>) -> (f64, f64) {
    all.fold((0.0, 0.0), |sum, own| (sum.0 + own.0, sum.1 + own.1))
}

/// How many times as many actions and points.
fn ratio(after: (f64, f64), before: (f64, f64)) -> (f64, f64) {
    let of = |after: f64, before: f64| if before > 0.0 { after / before } else { 1.0 };
    (of(after.0, before.0), of(after.1, before.1))
}

/// Takes what is expected from what was brought to what is.
fn retell(plan: &mut Plan, was: &Brought, is: &Brought) {
    let means = |plan: &Plan| {
        let rows = plan.rows.iter().map(|row| (row.actions.mean, row.value.mean));
        sum(rows.collect::<Vec<_>>().iter())
    };
    let before = means(plan);
    for (i, row) in plan.rows.iter_mut().enumerate() {
        let all = |of: &Brought| sum(of.iter().map(|draw| &draw[i]));
        let (actions, value) = ratio(all(is), all(was));
        (row.actions, row.value) = (row.actions.times(actions), row.value.times(value));
    }
    let (actions, value) = ratio(means(plan), before);
    let times =
        |own: Totals| Totals { actions: own.actions.times(actions), value: own.value.times(value) };
    let expected = plan.expected.unwrap_or(Totals { actions: plan.actions, value: plan.value });
    Totals { actions: plan.actions, value: plan.value } = times(expected);
    plan.without_shocks = plan.without_shocks.map(times);
    if let Some(by_draw) = plan.by_draw.as_mut().filter(|own| own.value.len() == was.len()) {
        retell_draws(by_draw, was, is);
    }
}

fn retell_draws(by_draw: &mut ByDraw, was: &Brought, is: &Brought) {
    for (d, (was, is)) in was.iter().zip(is).enumerate() {
        let (actions, value) = ratio(sum(is.iter()), sum(was.iter()));
        by_draw.actions[d] *= actions;
        by_draw.value[d] *= value;
        if let Some(doubted) = &mut by_draw.doubted {
            doubted.actions[d] *= actions;
            doubted.value[d] *= value;
        }
    }
}

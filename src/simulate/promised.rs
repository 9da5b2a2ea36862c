//! A plan over a model with its promise: what `relais plan --model` and the local page make.

use jiff::civil::Date;
use thiserror::Error;

use super::error::SimulateError;
use super::inputs::Inputs;
use super::promise::{How, keep};
use crate::allocate::plan::Plan;
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
    let Asked { campaign, tables, draws, settings, language, seed, today } = *asked;
    let audience = Audience::new(model, campaign, tables, draws, seed)?;
    let request = PlanRequest {
        today: Some(today),
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

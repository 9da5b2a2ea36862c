//! A plan without a history: by the shipped priors alone, which says so in a finding.

use jiff::civil::Date;

use super::assemble::{Occasion, plan};
use super::plan::Plan;
use super::policy::PolicyName;
use super::{AllocateError, Priors, Settings};
use crate::campaign::Campaign;
use crate::language::Language;
use crate::random::{Purpose, Seed};
use crate::rules::Tables;
use crate::rules::finding::Reader;
use crate::train::draws::Draws;

/// What a plan by priors is made from, beside them.
#[derive(Debug, Clone, Copy)]
pub struct PriorOnly<'a> {
    /// What is asked for.
    pub campaign: &'a Campaign,
    /// The dated tables.
    pub tables: &'a Tables,
    /// Language of reasons and findings.
    pub language: Language,
    /// The seed of the run.
    pub seed: Seed,
    /// Draws to choose on, and as many fresh ones to promise on.
    pub draws: usize,
    /// The day on which the plan is made, where somebody says so.
    pub today: Option<Date>,
    /// When the search stops.
    pub settings: Settings,
}

/// Divides by priors; with the plan, the draws to promise it on.
///
/// # Errors
///
/// [`AllocateError`] when the campaign does not spell out its segments, or its rules leave no plan.
pub fn plan_by_priors(
    priors: &Priors,
    asked: &PriorOnly<'_>,
) -> Result<(Plan, Draws), AllocateError> {
    let campaign = asked.campaign;
    let segments = priors.segments(campaign)?;
    let draws =
        |purpose| priors.draws(&segments, campaign, asked.draws.max(2), asked.seed, purpose);
    let (choose, promise) = (draws(Purpose::Choose), draws(Purpose::Promise));
    let occasion = Occasion {
        campaign,
        choose: &choose,
        promise: &promise,
        last: None,
        tables: asked.tables,
        language: asked.language,
        seed: asked.seed,
        fingerprint: priors.fingerprint(),
        earlier: None,
        history: None,
        asked: None,
        today: asked.today,
        country: "FR",
        doubts: &[],
        money_in: Some(campaign.budget.currency()),
        settings: asked.settings,
    };
    let mut plan = plan(&occasion)?;
    let reader = Reader {
        language: asked.language,
        currency: plan.currency,
        overrides: &campaign.overrides,
    };
    plan.findings.insert(0, priors.finding(&segments, &reader));
    // There is no past efficiency to divide by.
    plan.baselines.retain(|baseline| baseline.name != PolicyName::Proportional);
    Ok((plan, promise))
}

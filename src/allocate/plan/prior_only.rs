//! A plan without a history: by the shipped priors alone, which says so in a finding.

use jiff::civil::Date;

use super::Plan;
use super::assemble::plan;
use super::request::PlanRequest;
use crate::allocate::rules::policy::PolicyName;
use crate::allocate::{AllocateError, Priors, Settings};
use crate::campaign::Campaign;
use crate::language::Language;
use crate::random::{Purpose, Seed};
use crate::rules::Tables;
use crate::rules::finding::Reader;
use crate::train::posterior::draws::Draws;

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

impl<'a> PriorOnly<'a> {
    /// Draws to choose on, and fresh ones to promise on.
    ///
    /// # Errors
    ///
    /// [`AllocateError`] when the campaign does not spell out its segments.
    pub fn draws(&self, priors: &Priors) -> Result<[Draws; 2], AllocateError> {
        let segments = priors.segments(self.campaign)?;
        let n = self.draws.max(2);
        let of = |purpose| priors.draws(&segments, self.campaign, n, self.seed, purpose);
        Ok([Purpose::Choose, Purpose::Promise].map(of))
    }

    /// The request to divide by such draws.
    #[must_use]
    pub fn request(
        &self,
        priors: &'a Priors,
        [choose, promise]: [&'a Draws; 2],
    ) -> PlanRequest<'a> {
        PlanRequest {
            campaign: self.campaign,
            choose,
            promise,
            last: None,
            tables: self.tables,
            language: self.language,
            seed: self.seed,
            fingerprint: priors.fingerprint(),
            earlier: None,
            history: None,
            asked: None,
            today: self.today,
            country: "FR",
            doubts: &[],
            money_in: Some(self.campaign.budget.currency()),
            settings: self.settings,
            bare: false,
        }
    }
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
    let [choose, promise] = asked.draws(priors)?;
    let mut plan = plan(&asked.request(priors, [&choose, &promise]))?;
    let segments = priors.segments(asked.campaign)?;
    let reader = Reader {
        language: asked.language,
        currency: plan.currency,
        overrides: &asked.campaign.overrides,
    };
    plan.findings.insert(0, priors.finding(&segments, &reader));
    // There is no past efficiency to divide by.
    plan.baselines.retain(|baseline| baseline.name != PolicyName::Proportional);
    Ok((plan, promise))
}

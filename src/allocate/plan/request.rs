//! Everything that a plan is made from.

use jiff::civil::Date;

use super::Plan;
use crate::allocate::candidates::asked::Asked;
use crate::allocate::candidates::known::KnownCurve;
use crate::allocate::judge::account;
use crate::allocate::solver::search::Settings;
use crate::campaign::Campaign;
use crate::language::Language;
use crate::panel::Period;
use crate::random::Seed;
use crate::rules::finding::{Finding, Reader};
use crate::rules::{EarlierYear, Inquiry, RowFigures, Tables};
use crate::segment::Segment;
use crate::train::fitted::verdict::Doubt;
use crate::train::posterior::draws::Draws;
use crate::units::Currency;

/// Everything a plan over a model is made from.
#[derive(Debug, Clone, Copy)]
pub struct PlanRequest<'a> {
    /// What is asked for.
    pub campaign: &'a Campaign,
    /// Draws on which the plan is chosen; its segments are those that may be funded.
    pub choose: &'a Draws,
    /// Fresh draws of the same segments, on which it is promised.
    pub promise: &'a Draws,
    /// Money of the last split by segment, in any scale.
    pub last: Option<&'a [f64]>,
    /// The dated tables.
    pub tables: &'a Tables,
    /// Language of reasons and findings.
    pub language: Language,
    /// The seed of the run.
    pub seed: Seed,
    /// Fingerprint of the model.
    pub fingerprint: &'a str,
    /// What earlier years spent in the same weeks, for pre-election windows.
    pub earlier: Option<&'a [EarlierYear]>,
    /// First and last day of the history that was learnt from, when known.
    pub history: Option<Period>,
    /// What the history has little or nothing of; `None` without one.
    pub asked: Option<&'a Asked>,
    /// The day on which the plan is made, where somebody says so: nothing but a finding on a flight
    /// that is over depends on it.
    pub today: Option<Date>,
    /// Country where a segment names none.
    pub country: &'a str,
    /// What the model has against itself.
    pub doubts: &'a [Doubt],
    /// The currency of what was learnt from; `None` where nothing names one.
    pub money_in: Option<Currency>,
    /// When the search stops.
    pub settings: Settings,
    /// The division alone, without what is asked around it: other splits, other budgets, what rules
    /// cost, what carbon would take. For answers that are thrown away at once.
    pub bare: bool,
}

impl PlanRequest<'_> {
    /// Adds to a plan's findings what its own figures and its model say against it; `chosen` and
    /// `promised` are its value by draw.
    pub(crate) fn account(&self, plan: &mut Plan, chosen: &[f64], promised: &[f64]) {
        let reader = Reader {
            language: self.language,
            currency: plan.currency,
            overrides: &self.campaign.overrides,
        };
        let mut found = account::doubtful(self.doubts, plan, &reader);
        found.extend(account::flattered(chosen, promised, &reader));
        found.extend(account::more_than_shown(plan, &reader));
        found.extend(account::assumed(&self.campaign.history_money, self.money_in, &reader));
        found.append(&mut plan.findings);
        plan.findings = found;
        account::judge_tails(plan, &reader);
    }

    pub(crate) fn findings(
        &self,
        segments: &[Segment],
        rows: Option<&[RowFigures]>,
    ) -> Vec<Finding> {
        let inquiry = Inquiry {
            campaign: self.campaign,
            segments,
            rows,
            earlier: self.earlier,
            history: self.history,
            country: self.country,
        };
        self.tables.findings(&inquiry, self.language)
    }
}

/// Everything a plan over known curves is made from.
#[derive(Debug, Clone, Copy)]
pub struct KnownPlanRequest<'a> {
    /// What is asked for.
    pub campaign: &'a Campaign,
    /// The curves.
    pub curves: &'a [KnownCurve],
    /// The dated tables.
    pub tables: &'a Tables,
    /// Language of reasons.
    pub language: Language,
    /// The seed of the run: known curves need none, the plan repeats it.
    pub seed: Seed,
    /// Fingerprint of the curves file.
    pub fingerprint: &'a str,
    /// When the search stops.
    pub settings: Settings,
}

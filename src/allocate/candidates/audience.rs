//! The segments that a campaign may fund, and what a model draws for them.

use super::asked::Asked;
use super::nobody::nobody;
use crate::allocate::plan::assemble::eligible;
use crate::allocate::plan::request::PlanRequest;
use crate::allocate::{AllocateError, Settings};
use crate::campaign::Campaign;
use crate::language::Language;
use crate::panel::{Panel, Period, told_apart};
use crate::random::{Purpose, Seed};
use crate::rules::{EarlierYear, Tables};
use crate::segment::Segment;
use crate::train::Model;
use crate::train::fitted::verdict::{Doubt, doubts};
use crate::train::posterior::draws::Draws;
use crate::units::Currency;

/// Everything of a [`PlanRequest`] that comes from a model.
#[derive(Debug)]
pub struct Audience {
    /// Draws to choose on.
    pub choose: Draws,
    /// Fresh draws of the same segments to promise on.
    pub promise: Draws,
    /// What one unit of the model's money is in the budget's.
    pub rate: f64,
    /// Share of futures on either side of an interval meant to hold eight cases of ten.
    pub tail: f64,
    last: Vec<f64>,
    earlier: Vec<EarlierYear>,
    doubts: Vec<Doubt>,
    history: Option<Period>,
    asked: Asked,
    fingerprint: String,
    money_in: Option<Currency>,
    seed: Seed,
}

impl Audience {
    /// Selects the segments of a campaign and draws their responses, `n` draws twice.
    ///
    /// # Errors
    ///
    /// [`AllocateError`] with the condition at fault when no segment may be funded, and for a model
    /// of another currency than the budget's.
    pub fn new(
        model: &Model,
        campaign: &Campaign,
        tables: &Tables,
        n: usize,
        seed: Seed,
    ) -> Result<Self, AllocateError> {
        let rate = campaign.history_money.rate(model.currency(), campaign.budget.currency())?;
        let positions = eligible(model.segments(), |i| model.bought(i), campaign, tables);
        if positions.is_empty() {
            let apart = told_apart(&model.card().panel_notes);
            return Err(nobody(model.segments(), campaign, tables, apart));
        }
        let segments: Vec<Segment> =
            positions.iter().map(|&i| model.segments()[i].clone()).collect();
        let weeks = campaign.weeks();
        let draws = |purpose| model.draws(&segments, &weeks, n, seed, purpose).at_rate(rate);
        let last = model.last_split(campaign.flight.days());
        let earlier = model.earlier_spend(&weeks).into_iter();
        Ok(Self {
            choose: draws(Purpose::Choose),
            promise: draws(Purpose::Promise),
            tail: model.card().tail(),
            last: positions.iter().map(|&i| rate * last[i]).collect(),
            earlier: earlier
                .map(|(year, spend)| EarlierYear { year, spend: rate * spend, posts: None })
                .collect(),
            doubts: doubts(model.card()),
            history: span(model),
            asked: Asked::of(model, campaign, tables, (&segments, rate)),
            fingerprint: model.fingerprint(),
            rate,
            money_in: model.currency(),
            seed,
        })
    }

    /// The request to divide the campaign's budget.
    #[must_use]
    pub fn request<'a>(
        &'a self,
        campaign: &'a Campaign,
        tables: &'a Tables,
        language: Language,
        settings: Settings,
    ) -> PlanRequest<'a> {
        PlanRequest {
            campaign,
            choose: &self.choose,
            promise: &self.promise,
            last: Some(&self.last),
            tables,
            language,
            seed: self.seed,
            fingerprint: &self.fingerprint,
            earlier: Some(&self.earlier),
            history: self.history,
            asked: Some(&self.asked),
            today: None,
            country: "FR",
            doubts: &self.doubts,
            money_in: self.money_in,
            settings,
            bare: false,
        }
    }
}

/// Whether a campaign may fund anything of a panel, asked before anything is learnt from it.
///
/// # Errors
///
/// As [`Audience::new`] where no segment may be funded.
pub fn check_selection(
    panel: &Panel,
    campaign: &Campaign,
    tables: &Tables,
) -> Result<(), AllocateError> {
    let bought = panel.bought();
    if eligible(&panel.segments, |i| bought[i], campaign, tables).is_empty() {
        return Err(nobody(&panel.segments, campaign, tables, told_apart(&panel.notes)));
    }
    Ok(())
}

/// First and last day of the history that a model has learnt from.
fn span(model: &Model) -> Option<Period> {
    let (start, end) = model.card().span.as_ref()?;
    Some(Period { start: start.parse().ok()?, end: end.parse().ok()? })
}

//! What a plan over draws has to keep, and what its money brings: for those who check one without
//! the solver.

use crate::allocate::error::AllocateError;
use crate::allocate::plan::assemble::{candidates, scaled};
use crate::allocate::plan::request::PlanRequest;
use crate::allocate::problem::Problem;
use crate::allocate::problem::bound::RuleName;
use crate::allocate::problem::drawn::{Drawn, Gain, objective};
use crate::allocate::rules::resolve::resolve;
use crate::allocate::rules::resolved::{RuleKind, Trust};
use crate::allocate::rules::shocks;
use crate::rules::{Tables, forced_to_zero};
use crate::segment::{Attribute, Segment};

/// The rules of a request in numbers, its curves left out.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Ids of the rows.
    pub segments: Vec<String>,
    /// Bounds of rows, and the rules between them.
    pub problem: Problem,
    /// Names of the rules, in the problem's order.
    pub names: Vec<RuleName>,
    /// The cap on emissions, kg, and its place among the rules: it has no terms there.
    pub carbon: Option<(usize, f64)>,
}

/// What media money brings by a request's draws.
#[derive(Debug)]
pub struct Returns<'a> {
    choose: Drawn<'a>,
    promise: Drawn<'a>,
    gain: Gain,
    /// Kilograms of CO2e of an impression, by segment.
    each: Vec<f64>,
}

impl<'a> Returns<'a> {
    /// The returns of an occasion.
    #[must_use]
    pub fn new(request: &PlanRequest<'a>) -> Self {
        let campaign = request.campaign;
        let felt: Vec<&Segment> = request.choose.segments.iter().map(|own| &own.segment).collect();
        let worlds = shocks::worlds(campaign, &felt, request.tables);
        let drawn = |draws| Drawn::new(draws, campaign, &campaign.points).amid(worlds.clone());
        Self {
            choose: drawn(request.choose),
            promise: drawn(request.promise),
            gain: objective(campaign),
            each: felt.iter().map(|own| grams(own, request.tables) / 1000.0).collect(),
        }
    }

    /// The rules of the request; `opened` is how far its default limits are opened further, none
    /// at all where it is `None`.
    ///
    /// # Errors
    ///
    /// [`AllocateError`] when a rule needs what is not there.
    pub fn limits(
        &self,
        request: &PlanRequest<'_>,
        opened: Option<f64>,
    ) -> Result<Limits, AllocateError> {
        let campaign = request.campaign;
        let segments: Vec<Segment> =
            request.choose.segments.iter().map(|own| own.segment.clone()).collect();
        let forbidden = forced_to_zero(&request.findings(&segments, None));
        let candidates = candidates(request.choose, &self.choose, &forbidden);
        let reference = scaled(request.last, campaign.budget.as_f64());
        let mut resolved = resolve(campaign, &candidates, request.tables, reference.as_deref())?;
        let place = resolved.kinds.iter().position(|kind| *kind == RuleKind::Carbon);
        let carbon = place.zip(campaign.limits.carbon_kg);
        let trust =
            Trust::of(campaign, &candidates, &resolved, reference.as_deref(), &request.settings);
        if let (Some(trust), Some(times)) = (trust, opened) {
            trust.wider(times).apply(&mut resolved);
        }
        let names = resolved.kinds.iter().map(RuleKind::name).collect();
        let segments = segments.into_iter().map(|own| own.id).collect();
        Ok(Limits { segments, problem: resolved.problem, names, carbon })
    }

    /// What the campaign maximises of one row's media money, and its slope, mean over draws of
    /// these weights.
    #[must_use]
    pub fn value(&self, row: usize, media: f64, weights: Option<&[f64]>) -> (f64, f64) {
        self.choose.mean(row, self.gain, media, weights)
    }

    /// The same draw by draw.
    #[must_use]
    pub fn by_draw(&self, row: usize, media: f64) -> Vec<(f64, f64)> {
        self.choose.at(row, self.gain, media).into_vec()
    }

    /// Expected actions of one row's media money, and their slope.
    #[must_use]
    pub fn actions(&self, row: usize, media: f64) -> (f64, f64) {
        self.choose.mean(row, Gain::Actions, media, None)
    }

    /// Kilograms of CO2e of one row's media money; 0 where its impressions are not known.
    #[must_use]
    pub fn kilograms(&self, row: usize, media: f64) -> f64 {
        let shown = self.promise.impressions(row, media).map_or(0.0, |(shown, _)| shown);
        shown * self.each[row]
    }
}

fn grams(segment: &Segment, tables: &Tables) -> f64 {
    let network = segment.get(Attribute::Network).unwrap_or_default();
    tables.carbon().grams_per_impression(network, segment.get(Attribute::Format)).grams
}

/// How far default limits are opened further, time after time, where no whole segments fit within
/// them.
pub const OPENED: [f64; 4] = crate::allocate::plan::assemble::OPENED;

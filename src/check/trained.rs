//! The terms of a plan over posterior draws.
//!
//! What the campaign and the history ask of each row (platform minimums, default limits, what is
//! not allowed) is read as planning reads it; returns are the draws' own curves, asked one by one,
//! where planning works on tables of them.

use rayon::prelude::*;

use super::branch::prove;
use super::tail::Free;
use super::terms::{Bend, Part, Returns, RowTerms, RuleTerms, Terms};
use super::verdict::{Verdict, budget_price, judge, judge_worth};
use super::{kept, tail};
use crate::allocate::judge::returns;
use crate::allocate::judge::returns::{Limits, OPENED};
use crate::allocate::plan::Plan;
use crate::allocate::{AllocateError, PlanRequest};
use crate::campaign::Campaign;
use crate::language::message::{Message, Value};

/// Returns by draws, each with its weight.
struct Weighted<'a> {
    returns: &'a returns::Returns<'a>,
    weights: Option<Vec<f64>>,
    /// Points that a kilogram costs by the campaign's own price.
    price: f64,
    /// Whether emissions matter at all.
    emits: bool,
}

impl Returns for Weighted<'_> {
    fn value(&self, row: usize, media: f64) -> (f64, f64) {
        let (value, slope) = self.returns.value(row, media, self.weights.as_deref());
        // Nothing brings nothing, whatever its curve says of its slope.
        (if media > 0.0 { value } else { 0.0 }, slope)
    }

    fn actions(&self, row: usize, media: f64) -> (f64, f64) {
        self.returns.actions(row, media)
    }

    fn kilograms(&self, row: usize, media: f64) -> f64 {
        if self.emits && media > 0.0 { self.returns.kilograms(row, media) } else { 0.0 }
    }

    fn kilogram_price(&self) -> f64 {
        self.price
    }

    // A flight brings a mean of increasing concave functions of its money.
    fn bends(&self, _: usize) -> Vec<(f64, Bend)> {
        vec![(0.0, Bend::Concave)]
    }
}

/// Judges a plan by the request that it was made on.
///
/// # Errors
///
/// [`AllocateError`] when a rule needs what is not there.
pub(super) fn over_draws(plan: &Plan, request: &PlanRequest<'_>) -> Result<Verdict, AllocateError> {
    let campaign = request.campaign;
    let ids: Vec<&str> =
        request.choose.segments.iter().map(|own| own.segment.id.as_str()).collect();
    let rows: Vec<&str> = plan.rows.iter().map(|row| row.segment.as_str()).collect();
    if ids != rows {
        let apart = ids.iter().zip(&rows).find(|(id, row)| id != row).map(|(id, _)| *id);
        let segment =
            apart.or(ids.get(rows.len()).copied()).unwrap_or(rows[ids.len().min(rows.len() - 1)]);
        let segment = Value::Segment(segment.to_owned());
        return Ok(Verdict::apart(plan, Message::new("check-other-rows", [("segment", segment)])));
    }
    let returns = returns::Returns::new(request);
    let budgets: Vec<f64> = plan.rows.iter().map(|row| row.budget).collect();
    let weighted = |weights| Weighted {
        returns: &returns,
        weights,
        price: campaign.limits.carbon_price.unwrap_or(0.0),
        emits: campaign.limits.carbon_kg.is_some() || campaign.limits.carbon_price.is_some(),
    };
    let even = weighted(None);
    let limits = limits(&returns, request, &budgets, &even)?;
    let own = terms(&limits, campaign, &even);
    let mut verdict = if campaign.prudence > 0.0 {
        prudent(plan, campaign, &limits, &even)
    } else {
        judge(plan, &own)
    };
    if plan.fingerprint != request.fingerprint {
        verdict.differences.insert(0, Message::new("check-other-model", []));
    }
    Ok(verdict)
}

/// Judges a plan that weighs its worst draws.
fn prudent(plan: &Plan, campaign: &Campaign, limits: &Limits, even: &Weighted<'_>) -> Verdict {
    let own = terms(limits, campaign, even);
    let budgets: Vec<f64> = plan.rows.iter().map(|row| row.budget).collect();
    let by_draw: Vec<Vec<(f64, f64)>> = own
        .rows
        .par_iter()
        .zip(&budgets)
        .enumerate()
        .map(|(i, (row, budget))| even.returns.by_draw(i, row.media(*budget)))
        .collect();
    let draws = by_draw.first().map_or(0, Vec::len);
    let mut totals = vec![0.0; draws];
    for (row, _) in by_draw.iter().zip(&budgets).filter(|(_, budget)| **budget > 0.0) {
        totals.iter_mut().zip(row).for_each(|(sum, (value, _))| *sum += value);
    }
    let tail = tail::Limits::new(campaign.prudence, campaign.tail, draws);
    let (worth, worst) = tail.worst(&totals);
    let worth = worth - even.price * own.kilograms(&budgets);
    let free = |i: usize| -> Option<Free> {
        let (row, budget) = (&own.rows[i], budgets[i]);
        let step = (0.02 * row.media(budget)).max(own.unit);
        let is_free = budget > row.least + own.unit && budget < row.most - own.unit;
        let slope = |media: f64| even.value(i, media.max(0.0)).1;
        let media = row.media(budget);
        let fall = (slope(media - step) - slope(media + step)) / (2.0 * step);
        let slopes = by_draw[i].iter().map(|(_, slope)| *slope).collect();
        (is_free && fall > 0.0 && fall.is_finite()).then_some(Free { slopes, fall })
    };
    let free: Vec<Free> = (0..budgets.len()).filter_map(free).collect();
    let read = tail.read_off(&totals, &free);
    let told = budget_price(plan);
    let proof = |enough: f64| {
        let of = |weights: &Vec<f64>| {
            let weighted = Weighted { weights: Some(weights.clone()), ..*even };
            prove(&terms(limits, campaign, &weighted), &budgets, told, enough)
        };
        let found = of(&read)?;
        if found.bound <= enough {
            return Some(found);
        }
        let other = of(&worst)?;
        Some(if other.bound < found.bound { other } else { found })
    };
    judge_worth(plan, &own, worth, false, &proof)
}

/// The limits as far open as the plan needs them: defaults give way where no whole segments fit.
fn limits(
    returns: &returns::Returns<'_>,
    request: &PlanRequest<'_>,
    budgets: &[f64],
    even: &Weighted<'_>,
) -> Result<Limits, AllocateError> {
    let first = returns.limits(request, Some(OPENED[0]))?;
    for opened in OPENED.map(Some).into_iter().chain([None]) {
        let limits = returns.limits(request, opened)?;
        let terms = terms(&limits, request.campaign, even);
        let is_kept = kept::rows(&terms, budgets).is_empty()
            && kept::coupling(&terms, budgets).iter().all(|rule| rule.is_kept);
        if is_kept {
            return Ok(limits);
        }
    }
    Ok(first)
}

fn terms<'a>(limits: &Limits, campaign: &Campaign, returns: &'a dyn Returns) -> Terms<'a> {
    let problem = &limits.problem;
    let row = |(row, segment): (&crate::allocate::problem::Variable, &String)| RowTerms {
        segment: segment.clone(),
        least: row.min.max(row.min_if_funded).max(row.fixed_cost),
        most: row.max,
        may_be_off: row.min <= 0.0,
        fixed: row.fixed_cost,
    };
    let rules = problem.rules.iter().zip(&limits.names).enumerate();
    let linear = rules.filter(|(j, _)| limits.carbon.is_none_or(|(carbon, _)| carbon != *j));
    let rule = |(_, (rule, name)): (usize, (&crate::allocate::problem::Rule, _))| {
        let part = |term: &crate::allocate::problem::Term| Part {
            row: term.variable as usize,
            per_money: term.per_money,
            when_funded: term.when_funded,
        };
        let parts = rule.terms.iter().map(part).collect();
        RuleTerms { name: Clone::clone(name), low: rule.low, high: rule.high, parts }
    };
    Terms {
        rows: problem.variables.iter().zip(&limits.segments).map(row).collect(),
        budget: campaign.budget.as_f64(),
        must_spend: problem.spend_all,
        rules: linear.map(rule).collect(),
        change: problem.change.as_ref().map(|own| (own.reference.clone(), own.at_most)),
        cost_per_action: problem.cost_per_action,
        carbon: limits.carbon.map(|(_, cap)| cap),
        unit: 1.0 / problem.minor_per_unit as f64,
        returns,
    }
}

//! Other splits of the same budget on the same draws.

use super::Baseline;
use super::context::PlanContext;
use crate::allocate::candidates::evidence::Evidence;
use crate::allocate::judge::odds;
use crate::allocate::problem::Problem;
use crate::allocate::problem::drawn::{Gain, range};
use crate::allocate::rules::pacing::split_minor;
use crate::allocate::rules::policy::{BestFirst, Policy, PolicyName, Proportional, equal};
use crate::random::Seed;

/// Last split, equal, proportional to past efficiency, cheapest first, most followers.
pub(crate) fn baselines(
    context: &PlanContext<'_>,
    plan_by_draw: &[f64],
    media: &[f64],
    seed: Seed,
) -> Vec<Baseline> {
    let odds = Odds::new(context, plan_by_draw, media, seed);
    policies(context).iter().map(|policy| judge(context, policy.as_ref(), &odds)).collect()
}

/// The plan, ready to be compared with other splits on its promise's draws.
struct Odds<'a> {
    media: &'a [f64],
    by_draw: Vec<f64>,
    /// Forms by draw; empty where every curve was learnt.
    forms: Vec<Vec<f64>>,
}

impl<'a> Odds<'a> {
    fn new(context: &PlanContext<'_>, by_draw: &[f64], media: &'a [f64], seed: Seed) -> Self {
        let known = Self { media, by_draw: by_draw.to_vec(), forms: Vec::new() };
        let Evidence::Drawn { promise, .. } = context.evidence else { return known };
        if !odds::is_open(promise.draws) {
            return known;
        }
        let networks = promise.draws.networks.len();
        let forms: Vec<Vec<f64>> =
            (0..by_draw.len()).map(|d| odds::forms(seed, d as u64, networks)).collect();
        Self { media, by_draw: promise.doubted_by_draw(Gain::Value, media, &forms), forms }
    }

    /// The probability that the plan brings more than a split whose value by draw is given.
    fn plan_better(&self, context: &PlanContext<'_>, media: &[f64], by_draw: &[f64]) -> f64 {
        let ahead = |other: &[f64]| {
            let better = self.by_draw.iter().zip(other).filter(|(plan, other)| plan > other);
            better.count() as f64 / other.len().max(1) as f64
        };
        match context.evidence {
            Evidence::Drawn { promise, .. } if !self.forms.is_empty() => odds::discounted(
                ahead(&promise.doubted_by_draw(Gain::Value, media, &self.forms)),
                odds::unlearnt(promise.draws, self.media, media),
            ),
            _ => ahead(by_draw),
        }
    }
}

fn policies(context: &PlanContext<'_>) -> Vec<Box<dyn Policy>> {
    let n = context.candidates.len();
    let allowed = |i: usize| context.resolved.problem.variables[i].max > 0.0;
    let only_allowed = |mut weights: Vec<f64>| {
        weights.iter_mut().enumerate().for_each(|(i, w)| *w *= f64::from(u8::from(allowed(i))));
        weights
    };
    let efficiency = only_allowed((0..n).map(|i| efficiency(context, i)).collect());
    let mut policies: Vec<Box<dyn Policy>> = Vec::new();
    if let Some(last) = context.reference {
        policies.push(Box::new(Proportional { name: PolicyName::Last, weights: last.to_vec() }));
    }
    policies.push(Box::new(Proportional { weights: only_allowed(vec![1.0; n]), ..equal(n) }));
    policies.push(Box::new(Proportional {
        name: PolicyName::Proportional,
        weights: efficiency.clone(),
    }));
    policies.push(Box::new(BestFirst { name: PolicyName::Cheapest, scores: efficiency }));
    if let Evidence::Drawn { promise, .. } = context.evidence {
        let follows: Vec<f64> = (0..n).map(|i| promise.figures(i, 1.0).2).collect();
        if follows.iter().any(|rate| *rate > 0.0) {
            policies.push(Box::new(BestFirst {
                name: PolicyName::Followers,
                scores: only_allowed(follows),
            }));
        }
    }
    policies
}

/// Value per unit of money where a planner has seen it: at the last split, else at an equal share.
fn efficiency(context: &PlanContext<'_>, i: usize) -> f64 {
    let equal = context.resolved.problem.budget() / context.candidates.len() as f64;
    let seen = context.reference.map(|reference| reference[i]).filter(|last| *last > 0.0);
    let media = seen.unwrap_or(equal);
    context.evidence.row(i, media).0.mean / media
}

fn judge(context: &PlanContext<'_>, policy: &dyn Policy, odds: &Odds<'_>) -> Baseline {
    // A planner's own rules judge other splits, not what bounds this one by default.
    let problem = &context.resolved.written();
    let budgets = to_minor(problem, &policy.split(problem));
    let media = context.media(&budgets);
    let by_draw = context.evidence.value_by_draw(&media);
    let follows = match context.evidence {
        Evidence::Known(_) => None,
        Evidence::Drawn { promise, .. } => {
            let sum: f64 = (0..media.len()).map(|i| promise.figures(i, media[i]).2).sum();
            (sum > 0.0).then_some(sum)
        }
    };
    let keeps = |problem: &Problem| problem.violation(&budgets) <= 1e-6;
    let allowed = keeps(problem);
    Baseline {
        name: policy.name(),
        value: range(&by_draw),
        p_plan_better: odds.plan_better(context, &media, &by_draw),
        allowed,
        beyond_default: allowed && !keeps(&context.resolved.problem),
        follows,
        budgets,
    }
}

/// Whole minor units that add up to the sum's.
fn to_minor(problem: &Problem, split: &[f64]) -> Vec<f64> {
    let units = problem.minor_per_unit as f64;
    let sum: f64 = split.iter().sum();
    if sum <= 0.0 {
        return split.to_vec();
    }
    let total = ((sum * units).round() as i64).min(problem.budget_minor);
    let shares: Vec<f64> = split.iter().map(|b| b / sum).collect();
    split_minor(total, &shares).into_iter().map(|part| part as f64 / units).collect()
}

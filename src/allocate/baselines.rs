//! Other splits of the same budget on the same draws.

use super::assemble::Maker;
use super::drawn::range;
use super::evidence::Evidence;
use super::pacing::split_minor;
use super::plan::Baseline;
use super::policy::{BestFirst, Policy, Proportional, equal};

/// Last split, equal, proportional to past efficiency, cheapest first, most followers.
pub(super) fn baselines(maker: &Maker<'_>, plan_by_draw: &[f64]) -> Vec<Baseline> {
    policies(maker).iter().map(|policy| judge(maker, policy.as_ref(), plan_by_draw)).collect()
}

fn policies(maker: &Maker<'_>) -> Vec<Box<dyn Policy>> {
    let n = maker.candidates.len();
    let allowed = |i: usize| maker.resolved.problem.seats[i].max > 0.0;
    let only_allowed = |mut weights: Vec<f64>| {
        weights.iter_mut().enumerate().for_each(|(i, w)| *w *= f64::from(u8::from(allowed(i))));
        weights
    };
    let efficiency = only_allowed((0..n).map(|i| efficiency(maker, i)).collect());
    let mut policies: Vec<Box<dyn Policy>> = Vec::new();
    if let Some(last) = maker.reference {
        policies.push(Box::new(Proportional { name: "last", weights: last.to_vec() }));
    }
    policies.push(Box::new(Proportional { weights: only_allowed(vec![1.0; n]), ..equal(n) }));
    policies.push(Box::new(Proportional { name: "proportional", weights: efficiency.clone() }));
    policies.push(Box::new(BestFirst { name: "cheapest", scores: efficiency }));
    if let Evidence::Drawn { promise, .. } = maker.evidence {
        let follows: Vec<f64> = (0..n).map(|i| promise.figures(i, 1.0).2).collect();
        if follows.iter().any(|rate| *rate > 0.0) {
            policies.push(Box::new(BestFirst { name: "followers", scores: only_allowed(follows) }));
        }
    }
    policies
}

/// Value per unit of money where a planner has seen it: at the last split, else at an equal share.
fn efficiency(maker: &Maker<'_>, i: usize) -> f64 {
    let equal = maker.resolved.problem.budget() / maker.candidates.len() as f64;
    let seen = maker.reference.map(|reference| reference[i]).filter(|last| *last > 0.0);
    let media = seen.unwrap_or(equal);
    maker.evidence.row(i, media).0.mean / media
}

fn judge(maker: &Maker<'_>, policy: &dyn Policy, plan_by_draw: &[f64]) -> Baseline {
    // A planner's own rules judge other splits, not what bounds this one by default.
    let problem = &maker.resolved.written();
    let budgets = to_minor(problem, &policy.split(problem));
    let media = maker.media(&budgets);
    let by_draw = maker.evidence.value_by_draw(&media);
    let better = plan_by_draw.iter().zip(&by_draw).filter(|(plan, other)| plan > other).count();
    let follows = match maker.evidence {
        Evidence::Known(_) => None,
        Evidence::Drawn { promise, .. } => {
            let sum: f64 = (0..media.len()).map(|i| promise.figures(i, media[i]).2).sum();
            (sum > 0.0).then_some(sum)
        }
    };
    Baseline {
        name: policy.name().to_owned(),
        value: range(&by_draw),
        p_plan_better: better as f64 / by_draw.len().max(1) as f64,
        allowed: problem.violation(&budgets) <= 1e-6,
        follows,
        budgets,
    }
}

/// Whole minor units that add up to the sum's.
fn to_minor(problem: &super::problem::Problem, split: &[f64]) -> Vec<f64> {
    let units = problem.minor_per_unit as f64;
    let sum: f64 = split.iter().sum();
    if sum <= 0.0 {
        return split.to_vec();
    }
    let total = ((sum * units).round() as i64).min(problem.budget_minor);
    let shares: Vec<f64> = split.iter().map(|b| b / sum).collect();
    split_minor(total, &shares).into_iter().map(|part| part as f64 / units).collect()
}

//! Cheapest first: fill the most efficient segment to what it has ever taken, then the next.

use super::player::Policy;
use super::proportional::efficiency;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::context::SimulationContext;

/// Segments in order of past efficiency, each up to its highest observed spend or its limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cheapest;

impl Policy for Cheapest {
    fn name(&self) -> PolicyName {
        PolicyName::Cheapest
    }

    fn cells(&self, context: &SimulationContext<'_>) -> Option<Vec<f64>> {
        let budgets = context.baseline(PolicyName::Cheapest).unwrap_or_else(|| {
            let score: Vec<f64> = (0..context.segments).map(|i| efficiency(context, i)).collect();
            fill(context, &score)
        });
        Some(context.cells(&budgets))
    }
}

/// Money to the best first, each up to what it has taken before; what is left is shared in
/// proportion, for the budget is spent either way.
pub(super) fn fill(context: &SimulationContext<'_>, score: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..context.segments).filter(|i| context.is_open(*i)).collect();
    order.sort_by(|a, b| score[*b].total_cmp(&score[*a]).then(a.cmp(b)));
    let mut budgets = vec![0.0; context.segments];
    let mut left = context.budget;
    for i in order {
        let seen = context.draws.segments[i].observed_spend * context.weeks as f64;
        let most = if seen > 0.0 { seen } else { context.budget };
        budgets[i] = most.min(context.problem.variables[i].max).min(left);
        left -= budgets[i];
    }
    let used = context.budget - left;
    if used > 0.0 {
        for budget in &mut budgets {
            *budget *= context.budget / used;
        }
    }
    budgets
}

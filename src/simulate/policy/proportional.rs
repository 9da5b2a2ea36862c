//! Money in proportion to past efficiency: what a careful planner does in a spreadsheet.

use super::player::Policy;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::context::SimulationContext;

/// Shares in proportion to points per unit of money at the spend seen in history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proportional;

impl Policy for Proportional {
    fn name(&self) -> PolicyName {
        PolicyName::Proportional
    }

    fn cells(&self, context: &SimulationContext<'_>) -> Option<Vec<f64>> {
        let budgets = context.baseline(PolicyName::Proportional).unwrap_or_else(|| {
            context.in_proportion((0..context.segments).map(|i| efficiency(context, i)))
        });
        Some(context.cells(&budgets))
    }
}

/// Points per unit of money of a segment at its usual weekly spend, mean over draws.
pub(super) fn efficiency(context: &SimulationContext<'_>, segment: usize) -> f64 {
    let mine = &context.draws.segments[segment];
    let even = context.budget / (context.segments * context.weeks) as f64;
    // Half of the highest week stands for the usual one; without history, an equal split's.
    let usual = if mine.observed_spend > 0.0 { 0.5 * mine.observed_spend } else { even };
    let per_money = |draw: usize| {
        let points = context.draws.points(segment, draw, &context.campaign.points);
        points * context.draws.response(segment, draw).week(usual) / usual
    };
    (0..context.draws.len()).map(per_money).sum::<f64>() / context.draws.len() as f64
}

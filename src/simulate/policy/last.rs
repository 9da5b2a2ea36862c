//! What was done last time, scaled to this budget.

use super::player::Policy;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::context::SimulationContext;

/// The last split; absent when the model knows none.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastSplit;

impl Policy for LastSplit {
    fn name(&self) -> PolicyName {
        PolicyName::Last
    }

    fn cells(&self, context: &SimulationContext<'_>) -> Option<Vec<f64>> {
        let budgets = context.baseline(PolicyName::Last).or_else(|| {
            let last = context.last.as_ref()?;
            Some(context.in_proportion(last.iter().copied()))
        })?;
        Some(context.cells(&budgets))
    }
}

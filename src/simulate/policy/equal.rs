//! The same for everybody.

use super::player::Policy;
use crate::allocate::rules::policy::PolicyName;
use crate::simulate::future::context::SimulationContext;

/// Equal shares for all segments that may be funded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Equal;

impl Policy for Equal {
    fn name(&self) -> PolicyName {
        PolicyName::Equal
    }

    fn cells(&self, context: &SimulationContext<'_>) -> Option<Vec<f64>> {
        let budgets = context
            .baseline(PolicyName::Equal)
            .unwrap_or_else(|| context.in_proportion((0..context.segments).map(|_| 1.0)));
        Some(context.cells(&budgets))
    }
}
